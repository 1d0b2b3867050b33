/* http, its parts: a call's life is in http.c, what a request says in http_setup.c, a response's
 * head in http_head.c. */
#ifndef FEDNS_NET_HTTP_INTERNAL_H
#define FEDNS_NET_HTTP_INTERNAL_H

#include "fedns/http.h"
#include "multi.h"

enum call_state {
	CALL_NEW,       /* waits for libcurl to be off the stack */
	CALL_RUNNING,   /* libcurl has it; the only state in which head and body are told */
	CALL_ENDED,     /* `err` and `why` are known, `done` is to be told */
	CALL_CANCELLED, /* nobody wants to know */
	CALL_TOLD,      /* `done` was or is being told */
};

struct http_call {
	struct http *http;
	struct http_call *previous, *next; /* among all of the client */
	struct http_call *todo_next;
	bool todo; /* in the client's todo list */
	enum call_state state;
	struct http_handlers handlers;

	CURL *easy;
	bool added;                    /* to the multi handle */
	struct curl_slist *headers;    /* libcurl keeps a pointer to these two */
	struct curl_slist *connect_to; /* NULL but with a server name */
	char error[CURL_ERROR_SIZE];   /* libcurl's own words */

	struct buf head;      /* lines of the head that is coming or has come */
	size_t head_size;     /* octets of all heads and trailers so far */
	bool head_told;       /* what comes by the header callback now is a trailer */
	unsigned status;      /* of the head told */
	struct buf body;      /* where it is gathered */
	size_t body_size;     /* octets so far */
	size_t body_size_max; /* 0: none */

	uv_timer_t idle;
	uint32_t idle_timeout_ms; /* 0: none */
	uint64_t heard_ms;        /* loop time of the last octet */

	enum err err; /* once ended */
	struct why why;
};

struct http {
	struct multi multi;
	uv_timer_t turn;         /* of zero: takes what was put into `todo` outside of it */
	struct http_call *calls; /* all that are not told or released */
	size_t call_count;
	struct http_call *todo_first, *todo_last;
	size_t handle_count; /* of turn and calls on the loop, closing ones included */
	bool freeing;
	bool multi_closed;
};

/** Check `request` and make `call->easy`, `headers` and `connect_to` of it; what is made when an
 * error comes is the caller's to free. ERR_INVALID, ERR_LIMIT, ERR_NOMEM as http_start(). */
MUST_CHECK enum err call_setup(struct http_call *call, const struct http_request *request,
                               struct why *why);

/** Callbacks of libcurl; the end of the call when one returns less than it got. */
size_t call_head_line(char *data, size_t size, size_t count, void *arg);
size_t call_body_run(char *data, size_t size, size_t count, void *arg);

/** `call` ends with this, told once libcurl is off the stack. Nothing when it has ended. */
void call_fail(struct http_call *call, enum err err, const char *fmt, ...) PRINTF(3, 4);

/** An octet of the response came. False: the call isn't to be bothered any more. */
bool call_heard(struct http_call *call);

/** What `done` and `head` are given. */
struct http_response call_response(const struct http_call *call);

#endif

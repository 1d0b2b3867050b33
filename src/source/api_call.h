/* api_call: one request to an API server at a time, with credentials, and in time.
 *
 *     lease.c, kube_apply.c --> [api_call.h] --http.h, kube_auth.h--> API server
 */
#ifndef FEDNS_SOURCE_API_CALL_H
#define FEDNS_SOURCE_API_CALL_H

#include "fedns/http.h"
#include "fedns/kube_auth.h"

/** Octets of an object, either way: an API server takes requests of 3 MiB. */
#define API_OBJECT_SIZE_MAX ((size_t)4 << 20)

/** The end of a call, on the loop, never from within api_call_start(). ERR_OK: the server said
 * `status`, and `body`, borrowed; else `why` says what was in the way. */
typedef void api_call_done(void *arg, enum err err, unsigned status, struct bytes body,
                           const struct why *why);

/** The caller's memory; zeroed, then set up by api_call_init(). */
struct api_call {
	uv_loop_t *loop;
	struct http *http;
	struct kube_auth *auth;
	const struct kube_access *access;
	api_call_done *done;
	/** Before `done`: a Warning header of the answer, its text clean. NULL: they are passed over.
	 */
	void (*warned)(void *arg, const char *text);
	void *arg;
	const char *content_type; /* of what is sent; NULL: application/json */
	uv_timer_t timer;         /* while credentials are waited for, and to say what failed at once */
	struct kube_wait wait;
	struct http_call *call;
	const char *method;
	char *url;
	struct buf body;      /* of the request */
	uint64_t deadline_ms; /* of the loop's clock */
	uint64_t generation;  /* of the credentials that were sent */
	bool again;           /* the server has refused those once */
	enum err failed;      /* to be said by the timer */
	struct why why;
};

/** All borrowed for life. Nothing is asked yet. Its end: api_call_cancel(), and `timer` closed by
 * the caller. */
void api_call_init(struct api_call *call);
/** Ask: `url` and `body` are copied, `body` empty for GET; over within `timeout_ms`, the wait for
 * credentials included. None may be out. A 401 makes the credentials be read anew and the call be
 * made once more. */
void api_call_start(struct api_call *call, const char *method, const char *url, struct bytes body,
                    uint32_t timeout_ms);
/** Forget the call that is out, if there is one. */
void api_call_cancel(struct api_call *call);

#endif

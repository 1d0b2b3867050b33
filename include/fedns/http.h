/* http: an HTTP/1.1 client on a libuv loop, by libcurl; nothing of it blocks the loop.
 *
 * base.h --> [http.h] --> source (Kubernetes), provider (Alibaba Cloud DNS)
 *
 * A call is one request and its response. Redirects are not followed, no credentials are looked up,
 * no cookies kept; what is sent is what the request says, and Host, Accept, User-Agent,
 * Content-Length where it says nothing. Names are looked up by the system's resolver, in threads;
 * what it says holds for 60 s. Connections are kept for the next call of the same host, proxy and
 * TLS settings, up to two minutes. */
#ifndef FEDNS_HTTP_H
#define FEDNS_HTTP_H

#include "fedns/base.h"

#include <uv.h>

#define HTTP_CALLS_MAX             2048        /* 100 clusters of 7 watches and as many lists */
#define HTTP_URL_SIZE_MAX          16384       /* a signed GET, or a list's continue token */
#define HTTP_HEADERS_MAX           64          /* of a request */
#define HTTP_HEADERS_SIZE_MAX      (96 * 1024) /* in all: a token of 16 KiB, 62 of 1 KiB, spare */
#define HTTP_HEADER_NAME_SIZE_MAX  128         /* of a request: octets of one name */
#define HTTP_REQUEST_BODY_SIZE_MAX (4 << 20)   /* an API server takes 3 MiB */
#define HTTP_PEM_SIZE_MAX          (1 << 20) /* each of CA, certificate, key; all roots: 220 KiB */
#define HTTP_HEAD_SIZE_MAX         (64 * 1024) /* of a response, 1xx heads and trailers included */
#define HTTP_CONNECT_TIMEOUT_MS    30000       /* where a request names none */

struct http;      /* the client: connections kept alive, and the calls under way */
struct http_call; /* lives from http_start() until its `done` has returned, or http_cancel() */

/** All borrowed. */
struct http_tls {
	struct bytes ca;          /* PEM; these roots alone. Empty: the system's */
	struct bytes certificate; /* PEM, leaf first; empty: none */
	struct bytes key;         /* PEM without a passphrase, the certificate's */
	const char *server_name;  /* what the peer must prove to be, and SNI; NULL: the URL's host */
	bool insecure;            /* any peer is believed */
};

/** A request; zeroed it needs `url` only. All is borrowed, and copied by http_start(). */
struct http_request {
	const char *method;         /* NULL: GET */
	const char *url;            /* http or https, without user and password; sent as it is */
	const char *const *headers; /* "Name: value" each */
	size_t header_count;
	struct bytes body; /* empty: none, but POST, PUT and PATCH say "Content-Length: 0" */
	struct http_tls tls;
	/** "http://", "https://" (trusted by the system's roots) or "socks5://" (names are resolved
	 * there) of a proxy, which may hold user and password. "": none. NULL: what libcurl finds in
	 * the environment: https_proxy, HTTPS_PROXY, http_proxy, all_proxy, ALL_PROXY, but for the
	 * hosts in no_proxy or NO_PROXY. */
	const char *proxy;
	const char *user_agent; /* NULL: "fedns/VERSION (linux/amd64)", as the machine is */
	/** Ask for gzip, and give the body unpacked. Never for a watch: libcurl takes one gzip member
	 * only, and newer API servers write one a flush; the second ends the call by ERR_IO. */
	bool gzip;
	/** A new connection, for this call alone. Watches want it. So does what must not reach the
	 * server twice: where a kept connection turns out to be closed before any octet of the
	 * response, libcurl sends the request once more, POST or not. */
	bool own_connection;
	uint32_t connect_timeout_ms; /* name, TCP and TLS together; 0: HTTP_CONNECT_TIMEOUT_MS */
	uint32_t total_timeout_ms;   /* from start to end; 0: none */
	uint32_t idle_timeout_ms; /* no octet of the response for so long, from the start on; 0: none */
	size_t body_size_max;     /* of the response, unpacked; 0: none */
};

/** Borrowed for the callback it is given to. */
struct http_response {
	unsigned status;   /* 200 and so on, never 1xx but 101; 0: no head came */
	struct bytes head; /* its lines as they came; http_header() reads them */
	struct bytes body; /* what was gathered; empty where the caller has a `body` callback */
};

/** The value of the `nth` (from 0) header called `name` in any case, without the space around;
 * data is NULL where there is none. Borrowed from the response. */
struct bytes http_header(const struct http_response *response, const char *name, size_t nth);

/** The head is complete. Not for 1xx, nor for a proxy's answer to CONNECT. */
typedef void http_head(void *arg, const struct http_response *response);
/** More octets of the body, borrowed, at least one. False: enough; the call ends, and `done` is
 * told ERR_INVALID. */
typedef bool http_body(void *arg, struct bytes more);
/** The end, once a call. ERR_OK: the response came to its proper end, whatever its status. Else
 * `why` says what happened, and `response` is as far as it got: ERR_IO (name, connection, TLS,
 * proxy, time, or the peer left in mid-response), ERR_LIMIT (head or body too large), ERR_INVALID
 * (the reader said enough), ERR_NOMEM. `why` never holds the request's headers, body or keys, nor
 * its URL beyond host and port. */
typedef void http_done(void *arg, enum err err, const struct http_response *response,
                       const struct why *why);

/** What a caller hears: on the loop, never from within http_start(), http_cancel() or http_free().
 * Each may start calls, cancel its own or another, and free the client. */
struct http_handlers {
	http_head *head; /* NULL: status and headers are looked at in `done` */
	http_body *body; /* NULL: the body is gathered for `done`; body_size_max must be set */
	http_done *done;
	void *arg;
};

/** ERR_NOMEM; ERR_IO: this libcurl can't do it. Nothing is left on the loop. */
MUST_CHECK enum err http_new(uv_loop_t *loop, struct http **out, struct why *why);

/** End: all calls are cancelled, untold. Handles close on the loop, which must run until they have.
 * NULL is fine. */
void http_free(struct http *http);

/** Begin a call. ERR_INVALID (method, URL, header, proxy or server name is malformed), ERR_LIMIT (a
 * maximum above), ERR_CONFLICT (http_free() was called), ERR_NOMEM: nothing will be told, and `out`
 * is NULL. What is wrong with PEM texts shows when the connection is made. */
MUST_CHECK enum err http_start(struct http *http, const struct http_request *request,
                               const struct http_handlers *handlers, struct http_call **out,
                               struct why *why);

/** End a call: it is not told anything any more, and `call` is gone. Its connection closes on the
 * loop. Within its own `done` this does nothing. */
void http_cancel(struct http_call *call);

#endif

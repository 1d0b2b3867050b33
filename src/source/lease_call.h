/* lease_call: one request to the API server of a Lease at a time, with credentials, and in time.
 *
 *     lease.c --> [lease_call.h] --http.h, kube_auth.h--> API server
 */
#ifndef FEDNS_SOURCE_LEASE_CALL_H
#define FEDNS_SOURCE_LEASE_CALL_H

#include "fedns/http.h"
#include "fedns/kube_auth.h"

/** The end of a call, on the loop, never from within lease_call_start(). ERR_OK: the server said
 * `status`, and `body`, borrowed; else `why` says what was in the way. */
typedef void lease_call_done(void *arg, enum err err, unsigned status, struct bytes body,
                             const struct why *why);

/** The caller's memory; zeroed, then set up by lease_call_init(). */
struct lease_call {
	uv_loop_t *loop;
	struct http *http;
	struct kube_auth *auth;
	const struct kube_access *access;
	lease_call_done *done;
	void *arg;
	uv_timer_t timer; /* while credentials are waited for, and to say what failed at once */
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

/** All borrowed for life. Nothing is asked yet. Its end: lease_call_cancel(), and `timer` closed by
 * the caller. */
void lease_call_init(struct lease_call *call);
/** Ask: `url` and `body` are copied, `body` empty for GET; over within `timeout_ms`, the wait for
 * credentials included. None may be out. A 401 makes the credentials be read anew and the call be
 * made once more. */
void lease_call_start(struct lease_call *call, const char *method, const char *url,
                      struct bytes body, uint32_t timeout_ms);
/** Forget the call that is out, if there is one. */
void lease_call_cancel(struct lease_call *call);

#endif

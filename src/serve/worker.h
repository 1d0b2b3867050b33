/* worker: one thread's loop with its sockets: TCP, and UDP if that has no lanes. */
#ifndef FEDNS_SERVE_WORKER_H
#define FEDNS_SERVE_WORKER_H

#include "responder.h"
#include "serve_limits.h"

#include <pthread.h>
#include <uv.h>

struct worker {
	struct responder responder;
	uv_loop_t loop;
	uv_async_t stop;
	uv_check_t turned;
	struct udp *udp; /* NULL: lanes do that */
	struct tcp *tcp;
	pthread_t thread;
};

/** What a worker serves, and as which of how many. */
struct worker_plan {
	struct zone *zone;
	unsigned slot; /* of a reader of `zone` */
	const struct listeners *listeners;
	unsigned index, count;
	bool udp; /* not by lanes, but in the worker's loop */
	const struct limits *limits;
};

/**
 * Set up worker `index` of `count`: it serves every socket pair whose number leaves `index` when
 * divided by `count`, their UDP sockets only if `udp`. ERR_IO, ERR_NOMEM: nothing is left.
 */
MUST_CHECK enum err worker_init(struct worker *worker, const struct worker_plan *plan,
                                struct why *why);

/** Serve until stopped; releases everything but the counters. */
void worker_run(struct worker *worker);

/** Make worker_run() end. Any thread; before its start too. */
void worker_stop(struct worker *worker);

#endif

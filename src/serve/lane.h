/* lane: a thread that waits at one UDP socket and answers: two system calls a batch, none else.
 *
 * crew.c --> [lane.h] --> batch.c
 */
#ifndef FEDNS_SERVE_LANE_H
#define FEDNS_SERVE_LANE_H

#include "batch.h"

#include <pthread.h>

struct lane {
	struct responder responder;
	struct batch *batch;
	int fd;
	unsigned unshown; /* batches since counts were shown */
	bool over;        /* set by another thread */
	pthread_t thread;
};

/** Set up for the bound socket `fd`; borrowed. ERR_NOMEM. */
MUST_CHECK enum err lane_init(struct lane *lane, struct zone *zone, unsigned slot, int fd,
                              struct why *why);

/** Serve until stopped, and then what has arrived. */
void lane_run(struct lane *lane);

/** Make lane_run() end, within UDP_PATIENCE_MS if nothing arrives. Any thread. */
void lane_stop(struct lane *lane);

void lane_clear(struct lane *lane);

#endif

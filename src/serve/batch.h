/* batch: datagrams of one socket in, answers out, by two system calls.
 *
 * lane.c (a thread a socket), udp.c (a loop for many) --> [batch.h]
 */
#ifndef FEDNS_SERVE_BATCH_H
#define FEDNS_SERVE_BATCH_H

#include "responder.h"

/* Batches in one go, where others wait for their turn. */
#define BATCHES_MAX 8

struct batch;

enum batch_state {
	BATCH_EMPTY, /* nothing was there */
	BATCH_PART,  /* answered, and the socket was empty then */
	BATCH_FULL,  /* answered, and there may be more */
	BATCH_ERROR, /* the system said no: asking again at once may give the same */
};

/** Buffers for one thread. NULL: no memory. */
MUST_CHECK struct batch *batch_new(void);
void batch_free(struct batch *batch);

/**
 * Answer what has arrived at the UDP socket `fd`, at most a batch. `wait`: for the first datagram,
 * as long as the socket's own patience lasts (UDP_PATIENCE_MS).
 */
enum batch_state batch_serve(struct batch *batch, int fd, bool wait, struct responder *responder);

#endif

/* responder: what a worker needs to answer: the zone, its place as a reader, its counters. */
#ifndef FEDNS_SERVE_RESPONDER_H
#define FEDNS_SERVE_RESPONDER_H

#include "fedns/serve.h"
#include "note_ring.h"

#include <stdalign.h>
#include <time.h>

#define CACHE_LINE_SIZE 64

/* Two sets of counters, on cache lines apart: respond() increments the worker's own with plain
 * instructions, and once a turn of the loop the worker copies them to the set that other threads
 * read. So nothing is shared on the answer path. */
struct responder {
	struct zone *zone;
	unsigned slot;
	struct note_ring *notes; /* NULL: questions aren't noted. Set by the control thread */
	struct note_ring *ring;  /* the control thread's: it stays when noting ends */
	alignas(CACHE_LINE_SIZE) struct serve_counters own;
	alignas(CACHE_LINE_SIZE) struct serve_counters shown;
};

/** Show others what was counted so far. The worker's thread only. */
void responder_show(struct responder *responder);

/** Add what is shown to `sum`. Any thread. */
void responder_add(const struct responder *responder, struct serve_counters *sum);

/** A clock that nobody sets; no system call either. */
static inline uint64_t clock_now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/** Note the answered question, if that is wanted. The worker's thread only. */
static inline void responder_note(const struct responder *responder, const struct query *query,
                                  const uint8_t *reply, size_t size)
{
	struct note_ring *notes = __atomic_load_n(&responder->notes, __ATOMIC_ACQUIRE);
	if (notes != NULL)
		note_ring_put(notes, query, reply, size);
}

/** Note one in `every` questions from now on; 0: none. ERR_NOMEM. The control thread only. */
MUST_CHECK enum err responder_note_every(struct responder *responder, unsigned every);

/** Seconds since 1970, modulo 2^32; no system call (vdso(7)). */
static inline uint32_t clock_now_s(void)
{
	return (uint32_t)time(NULL);
}

#endif

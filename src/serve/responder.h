/* responder: what a worker needs to answer: the zone, its place as a reader, its counters. */
#ifndef FEDNS_SERVE_RESPONDER_H
#define FEDNS_SERVE_RESPONDER_H

#include "fedns/serve.h"

#include <stdalign.h>
#include <time.h>

#define CACHE_LINE_SIZE 64

/* Two sets of counters, on cache lines apart: respond() increments the worker's own with plain
 * instructions, and once a turn of the loop the worker copies them to the set that other threads
 * read. So nothing is shared on the answer path. */
struct responder {
	struct zone *zone;
	unsigned slot;
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

/** Seconds since 1970, modulo 2^32; no system call (vdso(7)). */
static inline uint32_t clock_now_s(void)
{
	return (uint32_t)time(NULL);
}

#endif

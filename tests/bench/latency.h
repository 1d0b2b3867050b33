/* latency: how long answers took, by microseconds. */
#ifndef FEDNS_BENCH_LATENCY_H
#define FEDNS_BENCH_LATENCY_H

#include <stdint.h>

#define LATENCY_US_MAX 100000 /* longer counts as this */

struct latency {
	uint64_t count, by_us[LATENCY_US_MAX + 1];
};

void latency_add(struct latency *latency, uint64_t ns);

/** Microseconds that `per_mille` of 1,000 answers did not exceed. */
unsigned latency_percentile(const struct latency *latency, unsigned per_mille);

/** The clock that latencies are taken by. */
uint64_t latency_now_ns(void);

#endif

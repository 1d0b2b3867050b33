/* histogram: how often something took how long, in buckets whose bounds the owner gives.
 *
 * base.h --> [histogram.h] --> serve (latencies), admin (metrics, history), daemon
 */
#ifndef FEDNS_HISTOGRAM_H
#define FEDNS_HISTOGRAM_H

#include "fedns/base.h"

#define HISTOGRAM_BUCKETS_MAX 24

/** `bounds` are upper ones, in nanoseconds, rising, each within its bucket, without +Inf; `counts`
 * has one more. */
struct histogram {
	const uint64_t *bounds;
	size_t bound_count; /* at most HISTOGRAM_BUCKETS_MAX */
	uint64_t counts[HISTOGRAM_BUCKETS_MAX + 1];
	uint64_t sum_ns;
};

/** The bucket for `ns`: 0..bound_count, the last for what is above all bounds. */
size_t histogram_bucket(const uint64_t *bounds, size_t bound_count, uint64_t ns);
/** It took `ns`, so many times. */
void histogram_add(struct histogram *histogram, uint64_t ns, uint64_t times);
uint64_t histogram_count(const struct histogram *histogram);
/** What `permille` (1..1000) of all took at most: taken as evenly spread within its bucket, and as
 * the highest bound where it is above that. False: it holds nothing. */
bool histogram_quantile(const struct histogram *histogram, unsigned permille, uint64_t *ns);

#endif

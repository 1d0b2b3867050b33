#include "latency.h"

#include <time.h>

void latency_add(struct latency *latency, uint64_t ns)
{
	uint64_t us = ns / 1000;
	latency->by_us[us < LATENCY_US_MAX ? us : LATENCY_US_MAX]++;
	latency->count++;
}

unsigned latency_percentile(const struct latency *latency, unsigned per_mille)
{
	uint64_t seen = 0;
	for (unsigned us = 0; us < LATENCY_US_MAX; us++) {
		seen += latency->by_us[us];
		if (seen * 1000 >= latency->count * per_mille)
			return us;
	}
	return LATENCY_US_MAX;
}

uint64_t latency_now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

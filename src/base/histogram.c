#include "fedns/histogram.h"

#include <assert.h>

#define PERMILLE 1000

size_t histogram_bucket(const uint64_t *bounds, size_t bound_count, uint64_t ns)
{
	size_t i = 0;
	while (i < bound_count && ns > bounds[i])
		i++;
	return i;
}

void histogram_add(struct histogram *histogram, uint64_t ns, uint64_t times)
{
	assert(histogram->bound_count <= HISTOGRAM_BUCKETS_MAX);
	histogram->counts[histogram_bucket(histogram->bounds, histogram->bound_count, ns)] += times;
	histogram->sum_ns += ns * times;
}

uint64_t histogram_count(const struct histogram *histogram)
{
	uint64_t count = 0;
	for (size_t i = 0; i <= histogram->bound_count; i++)
		count += histogram->counts[i];
	return count;
}

/* Where in bucket `i` the one with `rank` of its `counts[i]` is. */
static uint64_t within(const struct histogram *histogram, size_t i, double rank)
{
	uint64_t low = i == 0 ? 0 : histogram->bounds[i - 1];
	if (i == histogram->bound_count)
		return low;
	double share = rank / (double)histogram->counts[i];
	return low + (uint64_t)(share * (double)(histogram->bounds[i] - low));
}

bool histogram_quantile(const struct histogram *histogram, unsigned permille, uint64_t *ns)
{
	assert(permille >= 1 && permille <= PERMILLE);
	double rank = (double)histogram_count(histogram) * permille / PERMILLE, below = 0;
	*ns = 0;
	for (size_t i = 0; i <= histogram->bound_count; i++) {
		double count = (double)histogram->counts[i];
		if (count > 0 && below + count >= rank) {
			*ns = within(histogram, i, rank - below);
			return true;
		}
		below += count;
	}
	return false;
}

#include "probe_late.h"

#include <stddef.h>

static const struct late_span *told(const struct probe_late *late)
{
	const struct late_span *whole = &late->spans[1 - late->running];
	return whole->count != 0 ? whole : &late->spans[late->running];
}

void late_note(struct probe_late *late, int64_t late_us, int64_t now_ms, int64_t span_ms)
{
	if (now_ms >= late->end_ms) {
		late->running = 1 - late->running;
		late->spans[late->running] = (struct late_span){0};
		late->end_ms = now_ms + span_ms;
	}
	struct late_span *span = &late->spans[late->running];
	size_t bucket = late_us <= 0 ? 0 : (size_t)(late_us / 1000);
	span->buckets[bucket < LATE_BUCKETS ? bucket : LATE_BUCKETS - 1]++;
	span->count++;
	if (late_us > span->us_max)
		span->us_max = late_us;
}

int64_t late_us_max(const struct probe_late *late)
{
	return told(late)->us_max;
}

int64_t late_us_p99(const struct probe_late *late)
{
	const struct late_span *span = told(late);
	uint32_t beyond = span->count / 100, seen = 0;
	if (span->count == 0)
		return 0;
	for (size_t i = LATE_BUCKETS - 1; i > 0; i--) {
		seen += span->buckets[i];
		if (seen > beyond)
			return i == LATE_BUCKETS - 1 ? span->us_max : (int64_t)(i + 1) * 1000;
	}
	return 1000;
}

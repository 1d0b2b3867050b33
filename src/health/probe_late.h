/* probe_late: how late probes begin. Pure. */
#ifndef FEDNS_HEALTH_PROBE_LATE_H
#define FEDNS_HEALTH_PROBE_LATE_H

#include <stdint.h>

#define LATE_BUCKETS 256 /* of 1 ms; the last holds all that is later */

struct late_span {
	int64_t us_max;
	uint32_t count;
	uint32_t buckets[LATE_BUCKETS];
};

/** Two spans of time: the last whole one, and the one that runs. Zeroed it is empty. */
struct probe_late {
	struct late_span spans[2];
	int64_t end_ms; /* of the one that runs */
	uint8_t running;
};

/** One probe began at `now_ms`, `late_us` after its moment; spans last `span_ms`. */
void late_note(struct probe_late *late, int64_t late_us, int64_t now_ms, int64_t span_ms);
/** Of the last whole span; before there is one, of the first so far. */
int64_t late_us_max(const struct probe_late *late);
/** 99 of 100 were not later; to the ms, rounded up; of those over LATE_BUCKETS ms the longest. */
int64_t late_us_p99(const struct probe_late *late);

#endif

/* history: the last minutes of answering, in samples, for those who look at a page.
 *
 * histogram.h --> [history.h] --> daemon
 *
 * Pure, in fixed memory: what was counted in all is handed in at each step, differences are kept.
 */
#ifndef FEDNS_HISTORY_H
#define FEDNS_HISTORY_H

#include "fedns/base.h"
#include "fedns/histogram.h"

#define HISTORY_STEP_S  5
#define HISTORY_SAMPLES 120 /* ten minutes */

enum history_rate {
	HISTORY_QUERIES,
	HISTORY_NOERROR,
	HISTORY_NXDOMAIN,
	HISTORY_SERVFAIL,
	HISTORY_REFUSED,
	HISTORY_OTHER, /* other response codes */
	HISTORY_RATES  /* how many */
};

/** What was counted since the start. */
struct history_seen {
	uint64_t counts[HISTORY_RATES];
	struct histogram latency;
};

struct history_sample {
	double rates[HISTORY_RATES]; /* a second */
	bool answered;               /* anything at all: else there are no latencies */
	uint64_t p50_ns, p99_ns;
};

struct history {
	uint64_t at_ns; /* of `last` */
	struct history_seen last;
	size_t count, next; /* samples, and where the next one goes */
	struct history_sample samples[HISTORY_SAMPLES];
};

/** Nothing was counted at `now_ns`, of a clock that only goes forward. */
void history_init(struct history *history, uint64_t now_ns);
/** A step is over: take what happened since the last one. `seen`'s histogram has the same bounds
 * each time. The oldest sample goes where HISTORY_SAMPLES are there. */
void history_add(struct history *history, uint64_t now_ns, const struct history_seen *seen);
/** How many samples there are. */
size_t history_count(const struct history *history);
/** The `i`-th, the oldest first; borrowed until the next history_add(). */
const struct history_sample *history_at(const struct history *history, size_t i);

#endif

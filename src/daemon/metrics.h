/* metrics: what the daemon measures of itself, and the resource that tells it.
 *
 * history.h, serve.h --> [metrics.h] --> daemon.c, control_history.c
 */
#ifndef FEDNS_DAEMON_METRICS_H
#define FEDNS_DAEMON_METRICS_H

#include "fedns/history.h"
#include "fedns/serve.h"

#include <uv.h>

struct daemon;

/** What is measured on the control thread. */
struct daemon_metrics {
	uv_timer_t step; /* of the history */
	struct history history;
};

/** Begin to measure; a handle on the loop. */
void daemon_metrics_init(struct daemon *daemon);
/** Closes its handle. */
void daemon_metrics_stop(struct daemon *daemon);

/** All that was answered and dropped since the start, by crews that are no more, too. */
void daemon_counters(const struct daemon *daemon, struct serve_counters *out);
/** Of those, what was dropped, for whatever reason. */
uint64_t daemon_dropped(const struct serve_counters *counters);

#endif

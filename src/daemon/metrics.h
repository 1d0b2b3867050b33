/* metrics: what the daemon measures of itself, and the resource that tells it.
 *
 * history.h, admin.h, serve.h --> [metrics.h] --> daemon.c, admin.c (its row), control_*.c
 */
#ifndef FEDNS_DAEMON_METRICS_H
#define FEDNS_DAEMON_METRICS_H

#include "fedns/admin.h"
#include "fedns/histogram.h"
#include "fedns/history.h"
#include "fedns/model.h"
#include "fedns/provider.h"
#include "fedns/serve.h"

#include <uv.h>

struct daemon;

/** Samples of fedns_address_healthy: some 100 octets each, so 10 MB in all. Addresses above it are
 * left out, and fedns_address_healthy_left_out says how many. */
#define METRICS_ADDRESSES_MAX 100000
/* Cluster ids: the names that there may be, and those that the federation has beside. */
#define METRICS_CLUSTERS_MAX (CLUSTER_NAMES_MAX + CLUSTERS_MAX)
/* Rows of calls by action and Code of earlier providers; of Codes beyond that nothing is kept. */
#define METRICS_CALLS_MAX     256
#define METRICS_CODE_SIZE_MAX 64

/** Results of probes in a cluster; an id may come to mean another one. */
struct cluster_probes {
	uint64_t name_hash; /* 0: none yet */
	uint64_t good, bad;
};

/** What providers counted that are no more: each reload makes another one. */
struct provider_past {
	struct {
		const char *action;
		char code[METRICS_CODE_SIZE_MAX];
		uint64_t count;
	} calls[METRICS_CALLS_MAX];
	size_t call_count;
	uint64_t changes[STEP_KINDS];
	int64_t last_success_ms;
};

/** What is measured on the control thread. */
struct daemon_metrics {
	uv_timer_t step; /* of the history */
	struct history history;
	int64_t started_ms;       /* since 1970 */
	uint64_t file_errors;     /* readings of the state file that were refused */
	uint64_t event_ns;        /* the first event that isn't in the answers yet; 0: none */
	struct histogram publish; /* from an event to the answers */
	struct cluster_probes probes[METRICS_CLUSTERS_MAX];
	struct provider_past past;
};

/** Begin to measure; a handle on the loop. */
void daemon_metrics_init(struct daemon *daemon);
/** Closes its handle. */
void daemon_metrics_stop(struct daemon *daemon);

/** Something has happened at `at_ns` (uv_hrtime()) that may change the answers. */
void daemon_event(struct daemon *daemon, uint64_t at_ns);
/** What has happened is in the answers; or it was nothing to them. */
void daemon_event_published(struct daemon *daemon, bool changed);
/** Target `id` was probed. */
void daemon_probe_counted(struct daemon *daemon, uint32_t id, bool good);
/** The provider is about to go: what it has counted stays. */
void daemon_provider_kept(struct daemon *daemon);

/** All that was answered and dropped since the start, by crews that are no more, too. */
void daemon_counters(const struct daemon *daemon, struct serve_counters *out);
/** Of those, what was dropped, for whatever reason. */
uint64_t daemon_dropped(const struct serve_counters *counters);

/** "/metrics", of struct admin_resource: one family after the other. */
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
enum err metrics_begin(void *daemon, json_t *query, void **job, unsigned *status, struct why *why);
enum admin_step metrics_step(void *job, struct buf *out, struct why *why);
void metrics_end(void *job);

#endif

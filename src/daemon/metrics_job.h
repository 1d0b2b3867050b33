/* metrics_job: one scrape, made in parts: families of metrics, each by a function of its own.
 *
 * daemon_internal.h, metrics.h (fedns) --> [metrics_job.h] --> metrics_resource.c (the table),
 * metrics_*.c
 *
 * A part writes one family, or a few that are small; one whose samples are many writes some of them
 * each time, far below a millisecond, and keeps its place in the job. Between two steps anything
 * may have changed.
 */
#ifndef FEDNS_DAEMON_METRICS_JOB_H
#define FEDNS_DAEMON_METRICS_JOB_H

#include "control_commands.h"
#include "fedns/metrics.h"

#include <dirent.h>

/** What the parts say. */
struct metrics_job {
	struct daemon *daemon;
	size_t part; /* of the table */
	size_t at;   /* the part's own place; 0 when it begins */
	size_t sub;  /* likewise */
	size_t told, left_out;
	size_t clusters[CLUSTER_STATUSES]; /* by enum cluster_status */
	size_t targets[HEALTH_STATES];     /* addresses of services, by state */
	DIR *descriptors;                  /* /proc/self/fd; NULL: not open */
};

/** Write; `*more`: there is more of this part, in the next step. ERR_NOMEM, ERR_LIMIT. */
typedef enum err metrics_part(struct metrics_job *job, struct buf *out, bool *more);

/* metrics_dns.c */
metrics_part metrics_queries, metrics_responses, metrics_drops, metrics_latency, metrics_tcp;
/* metrics_state.c */
metrics_part metrics_build, metrics_records, metrics_publish, metrics_clusters, metrics_rejected;
/* metrics_source.c */
metrics_part metrics_source_up, metrics_source_age, metrics_source_errors;
/* metrics_health.c */
metrics_part metrics_probes, metrics_addresses, metrics_failovers, metrics_held;
/* metrics_provider.c */
metrics_part metrics_calls, metrics_changes, metrics_push;
/* metrics_process.c */
metrics_part metrics_log, metrics_process, metrics_descriptors;

/* metrics_resource.c */

/** A family of one sample without labels. */
MUST_CHECK enum err metric_one(struct buf *out, const char *name, enum metric_kind kind,
                               const char *help, double value);
/** A sample of a counter with one label. */
MUST_CHECK enum err metric_count_by(struct buf *out, const char *name, const char *label,
                                    const char *value, uint64_t count);
/** A cluster's name as struct cluster_probes has it; never 0. */
uint64_t metrics_cluster_hash(struct bytes name);

#endif

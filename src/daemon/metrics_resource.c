/* "/metrics": the parts of a scrape, one after the other. */
#include "metrics_job.h"

#include <stdlib.h>

static metrics_part *const PARTS[] = {
	metrics_build,         metrics_queries,  metrics_responses,   metrics_drops,
	metrics_latency,       metrics_tcp,      metrics_records,     metrics_publish,
	metrics_clusters,      metrics_rejected, metrics_source_up,   metrics_source_age,
	metrics_source_errors, metrics_probes,   metrics_addresses,   metrics_failovers,
	metrics_held,          metrics_calls,    metrics_changes,     metrics_push,
	metrics_log,           metrics_process,  metrics_descriptors,
};
#define PART_COUNT (sizeof PARTS / sizeof PARTS[0])

enum err metric_one(struct buf *out, const char *name, enum metric_kind kind, const char *help,
                    double value)
{
	enum err err = metric_family(out, name, kind, help);
	return err == ERR_OK ? metric_sample(out, name, NULL, 0, value) : err;
}

enum err metric_count_by(struct buf *out, const char *name, const char *label, const char *value,
                         uint64_t count)
{
	const struct metric_label labels[] = {{label, bytes_of(value)}};
	return metric_count(out, name, labels, 1, count);
}

uint64_t metrics_cluster_hash(struct bytes name)
{
	uint64_t hash = hash_bytes(name, 0);
	return hash == 0 ? 1 : hash;
}

enum err metrics_begin(void *daemon, json_t *query, void **out, unsigned *status, struct why *why)
{
	/* Prometheus may send what its configuration says: nothing of it is for us. */
	(void)query;
	(void)status;
	struct metrics_job *job = calloc(1, sizeof *job);
	*out = job;
	if (job == NULL) {
		why_set(why, "no memory for the metrics");
		return ERR_NOMEM;
	}
	job->daemon = daemon;
	return ERR_OK;
}

enum admin_step metrics_step(void *arg, struct buf *out, struct why *why)
{
	struct metrics_job *job = arg;
	bool more = false;
	if (job->part == PART_COUNT)
		return ADMIN_END;
	enum err err = PARTS[job->part](job, out, &more);
	if (err != ERR_OK) {
		why_set(why, err == ERR_NOMEM ? "no memory for the metrics" : "too many metrics");
		return ADMIN_FAILED;
	}
	if (!more) {
		job->part++;
		job->at = job->sub = 0;
	}
	return ADMIN_MORE;
}

void metrics_end(void *arg)
{
	struct metrics_job *job = arg;
	if (job->descriptors != NULL)
		(void)closedir(job->descriptors);
	free(job);
}

/* Of a scrape: what is served, and what it is made of. */
#include "metrics_job.h"

static const char BUILD[] = "fedns_build_info", RECORDS[] = "fedns_records",
				  PUBLISH[] = "fedns_publish_seconds", CLUSTERS[] = "fedns_clusters",
				  REJECTED[] = "fedns_rejected_total";

/* Clusters that are looked at in a step: each may ask a hundred API servers for their state. */
#define CLUSTERS_STEP 32

enum err metrics_build(struct metrics_job *job, struct buf *out, bool *more)
{
	const struct metric_label labels[] = {{"version", bytes_of(FEDNS_VERSION)},
	                                      {"compiler", bytes_of(__VERSION__)},
	                                      {"libuv", bytes_of(uv_version_string())}};
	(void)job;
	(void)more;
	enum err err = metric_family(out, BUILD, METRIC_GAUGE, "Which fedns this is; always 1.");
	return err == ERR_OK ? metric_sample(out, BUILD, labels, 3, 1) : err;
}

static enum err records_add(struct buf *out, const char *type, size_t count)
{
	const struct metric_label labels[] = {{"type", bytes_of(type)}};
	return metric_sample(out, RECORDS, labels, 1, (double)count);
}

enum err metrics_records(struct metrics_job *job, struct buf *out, bool *more)
{
	struct zone_stats stats;
	struct zone_records records;
	(void)more;
	zone_stats(job->daemon->zone, &stats);
	zone_records(job->daemon->zone, &records);
	const struct {
		const char *type;
		size_t count;
	} rows[] = {
		{"A", records.services.a + records.a},
		{"AAAA", records.services.aaaa + records.aaaa},
		{"CNAME", records.services.cname},
		{"SRV", records.services.srv},
		{"NS", records.ns},
		{"SOA", records.soa},
	};
	enum err err = metric_family(out, RECORDS, METRIC_GAUGE, "Records that are served.");
	for (size_t i = 0; err == ERR_OK && i < sizeof rows / sizeof rows[0]; i++)
		err = records_add(out, rows[i].type, rows[i].count);
	if (err == ERR_OK)
		err = metric_one(out, "fedns_services", METRIC_GAUGE, "Services that have names.",
		                 (double)stats.services);
	return err == ERR_OK
	           ? metric_one(out, "fedns_serial", METRIC_GAUGE, "The SOA's serial.", stats.serial)
	           : err;
}

enum err metrics_publish(struct metrics_job *job, struct buf *out, bool *more)
{
	(void)more;
	enum err err = metric_family(out, PUBLISH, METRIC_HISTOGRAM,
	                             "From an event (of the source, a probe, an operator) to the "
	                             "answers that it changes.");
	return err == ERR_OK ? metric_histogram(out, PUBLISH, NULL, 0, &job->daemon->metrics.publish)
	                     : err;
}

static const char *const STATES[CLUSTER_STATUSES] = {
	[CLUSTER_READY] = "ready",
	[CLUSTER_NOT_READY] = "not_ready",
	[CLUSTER_UNKNOWN] = "unknown",
	[CLUSTER_UNSEEN] = "unseen",
	[CLUSTER_UNREGISTERED] = "unregistered",
};

static enum err clusters_tell(const struct metrics_job *job, struct buf *out)
{
	enum err err = metric_family(out, CLUSTERS, METRIC_GAUGE, "Clusters by what is known of them.");
	for (size_t i = 0; err == ERR_OK && i < CLUSTER_STATUSES; i++) {
		const struct metric_label labels[] = {{"state", bytes_of(STATES[i])}};
		err = metric_sample(out, CLUSTERS, labels, 1, (double)job->clusters[i]);
	}
	return err;
}

enum err metrics_clusters(struct metrics_job *job, struct buf *out, bool *more)
{
	const struct daemon *daemon = job->daemon;
	size_t limit = model_cluster_limit(daemon->model);
	for (size_t i = 0; i < CLUSTERS_STEP && job->at < limit; i++, job->at++) {
		struct cluster_view view;
		if (model_cluster(daemon->model, (uint16_t)job->at, &view))
			job->clusters[control_cluster_status(daemon, &view)]++;
	}
	*more = job->at < limit;
	return *more ? ERR_OK : clusters_tell(job, out);
}

enum err metrics_rejected(struct metrics_job *job, struct buf *out, bool *more)
{
	const struct daemon *daemon = job->daemon;
	(void)more;
	enum err err = metric_family(out, REJECTED, METRIC_COUNTER,
	                             "What was wrong with the input and left out or odd, each counted "
	                             "once for as long as it stays.");
	for (unsigned i = 0; err == ERR_OK && i < FINDING_REASONS; i++)
		err =
			metric_count_by(out, REJECTED, "reason", finding_reason_text((enum finding_reason)i),
		                    daemon->config_findings.found[i] + daemon->state_findings.found[i] +
		                        daemon->publish_findings.found[i] + daemon->host_findings.found[i]);
	return err;
}

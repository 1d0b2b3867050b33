/* Of a scrape: how the source is. A file counts as one cluster, "file"; a federation's API server
 * as "federation". */
#include "clock.h"
#include "metrics_job.h"

static const char UP[] = "fedns_source_up", AGE[] = "fedns_source_age_seconds",
				  ERRORS[] = "fedns_source_errors_total";

#define FILE_CLUSTER "file"
#define MS_A_SECOND  1000.0

static enum err sample_of(struct buf *out, const char *name, const char *cluster, double value)
{
	const struct metric_label labels[] = {{"cluster", bytes_of(cluster)}};
	return metric_sample(out, name, labels, 1, value);
}

enum err metrics_source_up(struct metrics_job *job, struct buf *out, bool *more)
{
	const struct daemon *daemon = job->daemon;
	(void)more;
	enum err err = metric_family(out, UP, METRIC_GAUGE,
	                             "Is what is served of this cluster what its source says now?");
	if (err == ERR_OK && daemon->kube == NULL)
		return sample_of(out, UP, FILE_CLUSTER,
		                 daemon->have_state && !daemon->look.stale && daemon->spoken);
	for (size_t i = 0; err == ERR_OK && daemon->kube != NULL && i < kube_count(daemon->kube); i++) {
		struct kube_state state;
		kube_state(daemon->kube, i, &state);
		err = sample_of(out, UP, state.name, state.in_sight);
	}
	return err;
}

/* A file is watched: what was read from it holds until it can't be read. */
static enum err file_age(const struct daemon *daemon, struct buf *out)
{
	const struct source_look *look = &daemon->look;
	int64_t age_ms = look->stale ? clock_now_ms() - look->read_ms : 0;
	if (look->read_ms == 0)
		return ERR_OK; /* never */
	return sample_of(out, AGE, FILE_CLUSTER, age_ms > 0 ? (double)age_ms / MS_A_SECOND : 0);
}

enum err metrics_source_age(struct metrics_job *job, struct buf *out, bool *more)
{
	const struct daemon *daemon = job->daemon;
	(void)more;
	enum err err = metric_family(
		out, AGE, METRIC_GAUGE,
		"How long ago the source was last heard; of a file 0 as long as it can be read.");
	if (err == ERR_OK && daemon->kube == NULL)
		return file_age(daemon, out);
	for (size_t i = 0; err == ERR_OK && daemon->kube != NULL && i < kube_count(daemon->kube); i++) {
		struct kube_state state;
		kube_state(daemon->kube, i, &state);
		if (state.heard_ago_ms >= 0)
			err = sample_of(out, AGE, state.name, (double)state.heard_ago_ms / MS_A_SECOND);
	}
	return err;
}

static enum err errors_add(struct buf *out, const char *cluster, const char *reason, uint64_t count)
{
	const struct metric_label labels[] = {{"cluster", bytes_of(cluster)},
	                                      {"reason", bytes_of(reason)}};
	return metric_count(out, ERRORS, labels, 2, count);
}

/* All reasons of one API server. */
static enum err server_errors(const struct kube *kube, size_t i, struct buf *out)
{
	struct kube_state state;
	const char *word;
	uint64_t count;
	enum err err = ERR_OK;
	kube_state(kube, i, &state);
	for (size_t reason = 0; err == ERR_OK && kube_errors(kube, i, reason, &word, &count); reason++)
		err = errors_add(out, state.name, word, count);
	return err;
}

/* A server a step. */
enum err metrics_source_errors(struct metrics_job *job, struct buf *out, bool *more)
{
	const struct daemon *daemon = job->daemon;
	enum err err = ERR_OK;
	if (job->at == 0)
		err = metric_family(out, ERRORS, METRIC_COUNTER,
		                    "Failed readings of the source, by what went wrong.");
	if (err == ERR_OK && daemon->kube == NULL)
		return errors_add(out, FILE_CLUSTER, "content", daemon->metrics.file_errors);
	if (err == ERR_OK && job->at < kube_count(daemon->kube))
		err = server_errors(daemon->kube, job->at++, out);
	*more = job->at < kube_count(daemon->kube);
	return err;
}

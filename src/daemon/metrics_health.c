/* Of a scrape: probes, addresses, and what came of them. */
#include "metrics_job.h"

#include <stdio.h>

static const char PROBES[] = "fedns_probe_results_total", ADDRESSES[] = "fedns_address_healthy",
				  FAILOVERS[] = "fedns_failovers_total", FAILBACKS[] = "fedns_failbacks_total";

/* Of a step: each sample takes a microsecond or so, a service without any far less. */
#define SAMPLES_STEP  64
#define SERVICES_STEP 256

/* --- probes ------------------------------------------------------------------------------- */

static enum err results_add(struct buf *out, struct bytes cluster, const char *result,
                            uint64_t count)
{
	const struct metric_label labels[] = {{"cluster", cluster}, {"result", bytes_of(result)}};
	return metric_count(out, PROBES, labels, 2, count);
}

static enum err cluster_results(const struct daemon *daemon, uint16_t id, struct buf *out)
{
	struct cluster_view view;
	const struct cluster_probes *probes = &daemon->metrics.probes[id];
	if (!model_cluster(daemon->model, id, &view) ||
	    probes->name_hash != metrics_cluster_hash(view.name))
		return ERR_OK; /* it was never probed */
	enum err err = results_add(out, view.name, "good", probes->good);
	return err == ERR_OK ? results_add(out, view.name, "bad", probes->bad) : err;
}

enum err metrics_probes(struct metrics_job *job, struct buf *out, bool *more)
{
	size_t limit = model_cluster_limit(job->daemon->model);
	enum err err = ERR_OK;
	if (limit > METRICS_CLUSTERS_MAX)
		limit = METRICS_CLUSTERS_MAX;
	if (job->at == 0)
		err = metric_family(out, PROBES, METRIC_COUNTER, "Results of probes.");
	for (size_t i = 0; err == ERR_OK && i < SAMPLES_STEP && job->at < limit; i++, job->at++)
		err = cluster_results(job->daemon, (uint16_t)job->at, out);
	*more = job->at < limit;
	return err;
}

/* --- addresses ---------------------------------------------------------------------------- */

/* What a service is called: two labels and a slash. */
#define SERVICE_TEXT_SIZE (2 * LABEL_SIZE_MAX + 2)

static enum err address_add(const struct daemon *daemon, struct buf *out,
                            const struct service_view *service, uint16_t cluster,
                            const struct address *address, bool healthy)
{
	struct cluster_view where;
	char name[SERVICE_TEXT_SIZE], text[ADDRESS_TEXT_SIZE];
	if (!model_cluster(daemon->model, cluster, &where))
		return ERR_OK;
	(void)snprintf(name, sizeof name, "%.*s/%.*s", BYTES_ARG(service->namespace),
	               BYTES_ARG(service->name));
	address_text(address, text);
	const struct metric_label labels[] = {
		{"cluster", where.name}, {"service", bytes_of(name)}, {"address", bytes_of(text)}};
	return metric_sample(out, ADDRESSES, labels, 3, healthy);
}

/* The next address of the service at hand. False: there is none. */
static bool address_next(struct metrics_job *job, const struct service_view *service,
                         struct buf *out, enum err *err)
{
	const struct health *health = job->daemon->health.health;
	uint32_t id = (uint32_t)job->at;
	enum health_state state;
	uint16_t cluster;
	if (!health_probed(health, id, job->sub, &cluster, &state))
		return false;
	const struct address *address = health_address(health, id, job->sub++);
	job->targets[state]++;
	if (state == HEALTH_UNKNOWN)
		return true; /* nobody has asked yet */
	if (job->told == METRICS_ADDRESSES_MAX) {
		job->left_out++;
		return true;
	}
	job->told++;
	/* it counts as good while it fails, and not yet while it recovers */
	bool healthy = state == HEALTH_HEALTHY || state == HEALTH_FAILING;
	*err = address_add(job->daemon, out, service, cluster, address, healthy);
	return true;
}

static enum err addresses_end(const struct metrics_job *job, struct buf *out)
{
	static const char NAME[] = "fedns_health_addresses";
	enum err err =
		metric_one(out, "fedns_address_healthy_left_out", METRIC_GAUGE,
	               "Addresses that fedns_address_healthy has no room for.", (double)job->left_out);
	if (err == ERR_OK)
		err = metric_family(out, NAME, METRIC_GAUGE, "Addresses of services, by health's state.");
	for (unsigned i = 0; err == ERR_OK && i < HEALTH_STATES; i++) {
		const struct metric_label labels[] = {
			{"state", bytes_of(health_state_text((enum health_state)i))}};
		err = metric_sample(out, NAME, labels, 1, (double)job->targets[i]);
	}
	return err;
}

/* Between two steps a service may have moved to another id: then it is told twice, or not at all,
 * in this scrape. */
enum err metrics_addresses(struct metrics_job *job, struct buf *out, bool *more)
{
	const struct model *model = job->daemon->model;
	size_t limit = model_service_limit(model), samples = 0;
	enum err err = ERR_OK;
	if (job->at == 0 && job->sub == 0)
		err = metric_family(out, ADDRESSES, METRIC_GAUGE,
		                    "Does this probed address serve (1), or is it out (0)?");
	for (size_t i = 0; i < SERVICES_STEP && job->at < limit; i++, job->at++, job->sub = 0) {
		struct service_view service;
		if (!model_service(model, (uint32_t)job->at, &service))
			continue;
		while (err == ERR_OK && samples < SAMPLES_STEP && address_next(job, &service, out, &err))
			samples++;
		if (err != ERR_OK || samples == SAMPLES_STEP)
			break;
	}
	*more = job->at < limit;
	return err == ERR_OK && !*more ? addresses_end(job, out) : err;
}

/* --- what came of it ---------------------------------------------------------------------- */

static enum err levels_add(struct buf *out, const char *name, const char *help,
                           const uint64_t counts[LEVEL_COUNT])
{
	enum err err = metric_family(out, name, METRIC_COUNTER, help);
	for (unsigned level = 0; err == ERR_OK && level < LEVEL_COUNT; level++)
		err = metric_count_by(out, name, "level", level_text((enum level)level), counts[level]);
	return err;
}

enum err metrics_failovers(struct metrics_job *job, struct buf *out, bool *more)
{
	struct zone_counters counters;
	uint64_t failovers[LEVEL_COUNT] = {0};
	(void)more;
	zone_counters(job->daemon->zone, &counters);
	for (size_t level = 0; level < LEVEL_COUNT; level++) {
		for (size_t reason = 0; reason < REASONS; reason++)
			failovers[level] += counters.failovers[level][reason];
	}
	enum err err = levels_add(out, FAILOVERS,
	                          "Names that had addresses of their own, and climbed to the next "
	                          "level; of the global level: nothing serves any more.",
	                          failovers);
	return err == ERR_OK ? levels_add(out, FAILBACKS, "Names that answer with their own again.",
	                                  counters.failbacks)
	                     : err;
}

static size_t provider_held(const struct daemon *daemon)
{
	struct provider_state state;
	if (daemon->push.provider == NULL)
		return 0;
	provider_state(daemon->push.provider, &state);
	return state.held;
}

enum err metrics_held(struct metrics_job *job, struct buf *out, bool *more)
{
	const struct daemon *daemon = job->daemon;
	size_t source = daemon->kube == NULL ? 0 : kube_held(daemon->kube);
	(void)more;
	return metric_one(
		out, "fedns_held_changes", METRIC_GAUGE,
		"Services, probed targets and deletions at the provider that wait for `fedns "
		"approve`.",
		(double)(source + health_held(daemon->health.health) + provider_held(daemon)));
}

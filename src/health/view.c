/* What health tells of itself. */
#include "health_internal.h"

static const char *const STATES[HEALTH_STATES] = {
	[HEALTH_UNKNOWN] = "unknown",       [HEALTH_HEALTHY] = "healthy",
	[HEALTH_FAILING] = "failing",       [HEALTH_UNHEALTHY] = "unhealthy",
	[HEALTH_RECOVERING] = "recovering",
};

const char *health_state_text(enum health_state state)
{
	return state < HEALTH_STATES ? STATES[state] : STATES[HEALTH_UNKNOWN];
}

void health_totals(const struct health *health, struct health_totals *out)
{
	*out = (struct health_totals){.targets = health->targets.count,
	                              .orders = health->order_count,
	                              .suspected = health->suspected_said};
	for (uint32_t id = 0; id < health->targets.limit; id++) {
		const struct target *target = health->targets.at[id];
		if (target == NULL)
			continue;
		out->by_state[target->machine.state]++;
		out->held += target->wait == WAIT_APPROVAL ? target->use_count : 0;
	}
}

void health_counters(const struct health *health, struct health_counters *out)
{
	*out = health->counters;
}

/* What the model was told of it: a drained or waiting one may be in, for want of a better one. */
static bool told_out(const struct health *health, uint32_t service, uint16_t cluster,
                     const struct address *address)
{
	const struct verdict *verdicts;
	size_t count = model_verdicts(health->setup.model, service, &verdicts);
	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].cluster == cluster && address_compare(&verdicts[i].address, address) == 0)
			return verdicts[i].out;
	}
	return false;
}

void health_view(const struct health *health, uint32_t service, uint16_t cluster,
                 const struct address *address, struct health_view *out)
{
	struct service_view seen;
	struct cluster_view where;
	const struct link *link = link_find(links_of(health, service), cluster, address);
	const struct link bare = {.address = *address, .cluster = cluster, .target = TARGET_NONE};
	*out = (struct health_view){.why = ""};
	if (!model_service(health->setup.model, service, &seen) ||
	    !model_cluster(health->setup.model, cluster, &where))
		return;
	out->reason = link_judge(health, &seen, where.name, link != NULL ? link : &bare).reason;
	out->out = told_out(health, service, cluster, address);
	if (link == NULL)
		return;
	const struct target *target = target_at(&health->targets, link->target);
	if (target->spec.kind == PROBE_NONE)
		return;
	int64_t next_ms = verdict_next(&target->machine, &health->rule);
	out->probed = true;
	out->target = &target->spec;
	out->state = target->machine.state;
	out->good = target->machine.good;
	out->bad = target->machine.bad;
	out->since_ms = target->machine.since_ms;
	out->result_ms = target->machine.result_ms;
	out->next_ms = next_ms == INT64_MAX ? 0 : next_ms;
	out->why = target->why;
}

bool health_probed(const struct health *health, uint32_t service, size_t i, uint16_t *cluster,
                   enum health_state *state)
{
	const struct watched *watched = links_of(health, service);
	if (watched == NULL || i >= watched->count)
		return false;
	const struct target *target = target_at(&health->targets, watched->links[i].target);
	*cluster = watched->links[i].cluster;
	*state = target->machine.state;
	return true;
}

const struct address *health_address(const struct health *health, uint32_t service, size_t i)
{
	const struct watched *watched = links_of(health, service);
	return watched == NULL || i >= watched->count ? NULL : &watched->links[i].address;
}

size_t health_target_clusters(const struct health *health, uint32_t id,
                              uint16_t out[HEALTH_USES_TOLD])
{
	size_t count = 0;
	const struct target *target = target_at(&health->targets, id);
	for (uint32_t i = 0; target != NULL && i < target->use_count && i < HEALTH_USES_TOLD; i++) {
		const struct watched *watched = links_of(health, target->uses[i].service);
		uint16_t cluster = watched->links[target->uses[i].link].cluster;
		size_t at = 0;
		while (at < count && out[at] != cluster)
			at++;
		if (at == count)
			out[count++] = cluster;
	}
	return count;
}

size_t health_held(const struct health *health)
{
	return health->targets.queues[WAIT_APPROVAL].count;
}

/* What health tells of itself. */
#include "health_internal.h"

static const char *const STATES[HEALTH_STATES] = {
	[HEALTH_UNKNOWN] = "unknown",       [HEALTH_HEALTHY] = "healthy",
	[HEALTH_FAILING] = "failing",       [HEALTH_UNHEALTHY] = "unhealthy",
	[HEALTH_RECOVERING] = "recovering",
};

static const char *const REASON_WORDS[REASONS] = {
	[REASON_NONE] = "none",           [REASON_PROBE_GOOD] = "probe-good",
	[REASON_PROBE_BAD] = "probe-bad", [REASON_RISING] = "rising",
	[REASON_HOLD] = "hold",           [REASON_DRAINED] = "drained",
	[REASON_FORCED_UP] = "forced-up", [REASON_FORCED_DOWN] = "forced-down",
	[REASON_SUSPECTED] = "suspected", [REASON_HELD] = "held",
	[REASON_ALL_DOWN] = "all-down",   [REASON_MIN_HEALTHY] = "min-healthy",
};

const char *health_state_text(enum health_state state)
{
	return state < HEALTH_STATES ? STATES[state] : STATES[HEALTH_UNKNOWN];
}

const char *health_reason_text(uint8_t reason)
{
	return reason < REASONS ? REASON_WORDS[reason] : REASON_WORDS[REASON_NONE];
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
		out->held += target->held ? target->use_count : 0;
	}
}

static const struct target *target_of(const struct health *health, uint32_t service,
                                      uint16_t cluster, const struct address *address)
{
	const struct watched *watched = links_of(health, service);
	for (uint32_t i = 0; watched != NULL && i < watched->count; i++) {
		const struct link *link = &watched->links[i];
		if (link->cluster == cluster && address_compare(&link->address, address) == 0)
			return target_at(&health->targets, link->target);
	}
	return NULL;
}

void health_view(const struct health *health, uint32_t service, uint16_t cluster,
                 const struct address *address, struct health_view *out)
{
	struct service_view seen;
	struct cluster_view where;
	const struct target *target = target_of(health, service, cluster, address);
	*out = (struct health_view){.why = ""};
	if (!model_service(health->setup.model, service, &seen) ||
	    !model_cluster(health->setup.model, cluster, &where))
		return;
	int64_t now_ms = target == NULL ? 0 : target->machine.result_ms;
	struct verdict verdict = address_judge(health, &seen, &where, target, now_ms);
	out->out = verdict.out;
	out->reason = verdict.reason;
	if (target == NULL)
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

/* What targets and orders give for one service: its verdicts in the model. */
#include "health_internal.h"

#include <stdlib.h>

/* --- one address -------------------------------------------------------------------------- */

static uint8_t target_reason(const struct target *target)
{
	switch (target->machine.state) {
	case HEALTH_HEALTHY:
		return REASON_PROBE_GOOD;
	case HEALTH_RECOVERING:
		return target->machine.risen ? REASON_HOLD : REASON_RISING;
	case HEALTH_UNKNOWN:
		return target->out ? REASON_PROBE_BAD : REASON_NONE;
	default:
		return target->wait == WAIT_PROOF      ? REASON_SUSPECTED
		       : target->wait == WAIT_APPROVAL ? REASON_HELD
		       : target->out                   ? REASON_PROBE_BAD
		       : target->machine.bad == 0      ? REASON_NONE
		                                       : REASON_PROBE_BAD;
	}
}

/* One that waits for somebody's word may wait for ever: TTLs are not short as long. */
static bool target_unsteady(const struct health *health, const struct target *target)
{
	switch (target->machine.state) {
	case HEALTH_FAILING:
		return true;
	case HEALTH_RECOVERING:
		return !target->machine.risen || health->rule.failback != FAILBACK_MANUAL;
	case HEALTH_UNHEALTHY:
		return target->wait == WAIT_PROOF;
	default:
		return false;
	}
}

static void target_apply(const struct health *health, const struct link *link,
                         struct verdict *verdict)
{
	const struct target *target = target_at(&health->targets, link->target);
	bool wanted = link->wanted && target->machine.risen;
	verdict->out = target->out && !wanted;
	verdict->since_ms = verdict->out ? target->out_ms : 0;
	verdict->unsteady = !wanted && target_unsteady(health, target);
	verdict->reason = target_reason(target);
}

static void order_apply(const struct order *order, struct verdict *verdict)
{
	verdict->out = order->kind != ORDER_UP;
	verdict->since_ms = verdict->out ? order->since_ms : 0;
	verdict->unsteady = order->draining;
	verdict->forced = order->kind == ORDER_UP;
	verdict->reason = order->kind == ORDER_DRAIN ? REASON_DRAINED
	                  : order->kind == ORDER_UP  ? REASON_FORCED_UP
	                                             : REASON_FORCED_DOWN;
}

struct verdict link_judge(const struct health *health, const struct service_view *service,
                          struct bytes cluster, const struct link *link)
{
	struct verdict verdict = {
		.cluster = link->cluster, .address = link->address, .reason = REASON_NONE};
	const struct order *order = order_for(health, cluster, service->namespace, service->name);
	if (link->target != TARGET_NONE)
		target_apply(health, link, &verdict);
	if (order != NULL)
		order_apply(order, &verdict);
	return verdict;
}

/* --- one service -------------------------------------------------------------------------- */

struct teller {
	const struct health *health;
	const struct service_view *service;
	struct watched *watched;
	struct verdict *verdicts; /* one a link */
	bool *withdrawn;          /* likewise: its cluster is, by its API */
	bool serving;             /* some address is in, of a cluster that serves */
};

static void links_judge(struct teller *teller)
{
	const struct model *model = teller->health->setup.model;
	struct cluster_view cluster;
	uint16_t last = 0;
	bool known = false;
	for (uint32_t i = 0; i < teller->watched->count; i++) {
		struct link *link = &teller->watched->links[i];
		const struct target *target = target_at(&teller->health->targets, link->target);
		if (i == 0 || link->cluster != last)
			known = model_cluster(model, link->cluster, &cluster);
		last = link->cluster;
		if (!known) { /* it is gone since the last look: the model takes no verdict of it */
			teller->withdrawn[i] = true;
			continue;
		}
		link->wanted &= target != NULL && target->machine.risen;
		teller->verdicts[i] = link_judge(teller->health, teller->service, cluster.name, link);
		teller->withdrawn[i] = cluster.withdrawn_at_ms != 0 && !teller->verdicts[i].forced;
		teller->serving |= !teller->verdicts[i].out && !teller->withdrawn[i];
	}
}

/* Good again, and kept out only by failback: better than anything that is dead. Once in it stays:
 * the one that comes back next has to wait for its own failback. */
static void waiting_take_in(struct teller *teller)
{
	for (uint32_t i = 0; i < teller->watched->count; i++) {
		struct verdict *verdict = &teller->verdicts[i];
		if (verdict->reason != REASON_HOLD || teller->withdrawn[i])
			continue;
		teller->watched->links[i].wanted = true;
		target_apply(teller->health, &teller->watched->links[i], verdict);
		teller->serving = true;
	}
}

/* Drained, but it serves, and of the rest something is dead: nobody meant to drain the last good
 * one. Where all is drained somebody did. */
static void drained_take_in(struct teller *teller)
{
	bool dead = false;
	for (uint32_t i = 0; i < teller->watched->count; i++)
		dead |= teller->verdicts[i].reason != REASON_DRAINED;
	for (uint32_t i = 0; dead && i < teller->watched->count; i++) {
		const struct target *target =
			target_at(&teller->health->targets, teller->watched->links[i].target);
		struct verdict *verdict = &teller->verdicts[i];
		if (verdict->reason != REASON_DRAINED || teller->withdrawn[i] || target == NULL ||
		    target->out || !target->machine.served)
			continue;
		verdict->out = false;
		verdict->since_ms = 0;
		verdict->unsteady = true;
	}
}

/* The model wants to know of those against which something is known. Returns how many are left. */
static size_t verdicts_thin(struct verdict *verdicts, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].out || verdicts[i].unsteady || verdicts[i].forced)
			verdicts[kept++] = verdicts[i];
	}
	return kept;
}

/* Returns whether there was memory for it. */
static bool watched_tell(struct health *health, uint32_t id, const struct service_view *service,
                         struct watched *watched)
{
	struct teller teller = {.health = health, .service = service, .watched = watched};
	const struct verdict *before, *after;
	struct why why;
	size_t count = watched == NULL ? 0 : watched->count;
	size_t had = model_verdicts(health->setup.model, id, &before);
	teller.verdicts = calloc(count + 1, sizeof teller.verdicts[0] + sizeof teller.withdrawn[0]);
	if (teller.verdicts == NULL)
		return false;
	teller.withdrawn = (bool *)(teller.verdicts + count + 1);
	if (count != 0) {
		links_judge(&teller);
		if (!teller.serving)
			waiting_take_in(&teller);
		if (!teller.serving)
			drained_take_in(&teller);
	}
	count = verdicts_thin(teller.verdicts, count);
	enum err err = had + count == 0
	                   ? ERR_OK
	                   : model_set_verdicts(health->setup.model, id, teller.verdicts, count, &why);
	free(teller.verdicts);
	/* equal ones are not replaced */
	health->changed |= model_verdicts(health->setup.model, id, &after) != had || before != after;
	return err == ERR_OK;
}

void service_tell(struct health *health, uint32_t id, int64_t now_ms)
{
	struct service_view service;
	const struct verdict *verdicts;
	struct watched *watched = links_of(health, id), *listed = NULL;
	if (!model_service(health->setup.model, id, &service))
		return;
	size_t had = model_verdicts(health->setup.model, id, &verdicts);
	if (watched == NULL && health->order_count == 0 && had == 0)
		return;
	/* of a service that is not probed there are orders at most */
	bool enough = watched != NULL || health->order_count == 0 ||
	              links_list(health, &service, &listed) == ERR_OK;
	enough = enough && watched_tell(health, id, &service, watched != NULL ? watched : listed);
	free(listed);
	if (!enough)
		health->retry_ms = now_ms + RETRY_MS;
}

void all_tell(struct health *health, int64_t now_ms)
{
	size_t limit = model_service_limit(health->setup.model);
	for (size_t id = 0; id < limit; id++)
		service_tell(health, (uint32_t)id, now_ms);
}

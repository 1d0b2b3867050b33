/* What targets and orders give for one service: its verdicts in the model. */
#include "health_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint8_t target_reason(const struct target *target)
{
	switch (target->machine.state) {
	case HEALTH_HEALTHY:
		return REASON_PROBE_GOOD;
	case HEALTH_RECOVERING:
		return target->machine.risen ? REASON_HOLD : REASON_RISING;
	case HEALTH_UNKNOWN:
		return REASON_NONE;
	default:
		return target->suspected ? REASON_SUSPECTED : target->held ? REASON_HELD : REASON_PROBE_BAD;
	}
}

static void target_apply(const struct target *target, struct verdict *verdict)
{
	uint8_t state = target->machine.state;
	verdict->out = target->out;
	verdict->since_ms = target->out ? target->out_ms : 0;
	verdict->unsteady = state == HEALTH_FAILING || state == HEALTH_RECOVERING;
	verdict->reason = target_reason(target);
}

static void order_apply(const struct order *order, int64_t now_ms, struct verdict *verdict)
{
	verdict->out = order->kind != ORDER_UP;
	verdict->since_ms = verdict->out ? order->since_ms : 0;
	verdict->unsteady = order->kind == ORDER_DRAIN && now_ms < order->since_ms + DRAINING_MS;
	verdict->reason = order->kind == ORDER_DRAIN ? REASON_DRAINED
	                  : order->kind == ORDER_UP  ? REASON_FORCED_UP
	                                             : REASON_FORCED_DOWN;
}

struct verdict address_judge(const struct health *health, const struct service_view *service,
                             const struct cluster_view *cluster, const struct target *target,
                             int64_t now_ms)
{
	struct verdict verdict = {.reason = REASON_NONE};
	const struct order *order = order_for(health, cluster->name, service->namespace, service->name);
	if (target != NULL)
		target_apply(target, &verdict);
	if (order != NULL)
		order_apply(order, now_ms, &verdict);
	return verdict;
}

/* --- one service -------------------------------------------------------------------------- */

struct teller {
	struct health *health;
	const struct service_view *service;
	int64_t now_ms;
	struct verdict *list;
	size_t count, room;
	bool serving; /* some address is in, of a cluster that serves */
	bool short_of_memory;
};

static void verdict_add(struct teller *teller, const struct verdict *verdict)
{
	if (!verdict->out && !verdict->unsteady)
		return;
	if (teller->count == teller->room) {
		size_t room = teller->room == 0 ? 8 : 2 * teller->room;
		struct verdict *list = realloc(teller->list, room * sizeof *list);
		if (list == NULL) {
			teller->short_of_memory = true;
			return;
		}
		teller->list = list;
		teller->room = room;
	}
	teller->list[teller->count++] = *verdict;
}

static void address_tell(struct teller *teller, uint16_t id, const struct cluster_view *cluster,
                         const struct address *address, const struct target *target)
{
	struct verdict verdict =
		address_judge(teller->health, teller->service, cluster, target, teller->now_ms);
	verdict.cluster = id;
	verdict.address = *address;
	teller->serving |= !verdict.out && cluster->withdrawn_at_ms == 0;
	verdict_add(teller, &verdict);
}

static void links_tell(struct teller *teller, const struct watched *watched)
{
	const struct model *model = teller->health->setup.model;
	for (uint32_t i = 0; i < watched->count; i++) {
		const struct link *link = &watched->links[i];
		struct cluster_view cluster;
		if (model_cluster(model, link->cluster, &cluster))
			address_tell(teller, link->cluster, &cluster, &link->address,
			             target_at(&teller->health->targets, link->target));
	}
}

static void set_tell(struct teller *teller, uint16_t id, const struct cluster_view *cluster,
                     const struct address_set *set)
{
	for (uint16_t i = 0; i < set->v4_count; i++) {
		struct address address = {.family = 4};
		memcpy(address.octets, set->v4 + (size_t)i * V4_SIZE, V4_SIZE);
		address_tell(teller, id, cluster, &address, NULL);
	}
	for (uint16_t i = 0; i < set->v6_count; i++) {
		struct address address = {.family = 6};
		memcpy(address.octets, set->v6 + (size_t)i * V6_SIZE, V6_SIZE);
		address_tell(teller, id, cluster, &address, NULL);
	}
}

/* Of a service that is not probed there are orders at most. */
static void ingresses_tell(struct teller *teller)
{
	const struct model *model = teller->health->setup.model;
	struct service_view walk = *teller->service;
	struct ingress_view ingress;
	struct cluster_view cluster;
	while (model_ingress_next(&walk, &ingress)) {
		if (!model_cluster(model, ingress.cluster, &cluster))
			continue;
		set_tell(teller, ingress.cluster, &cluster, &ingress.direct);
		for (uint16_t i = 0; i < ingress.host_count; i++) {
			struct host_view host;
			if (model_host(model, ingress.hosts[i], &host))
				set_tell(teller, ingress.cluster, &cluster, &host.addresses);
		}
	}
}

/* Good again, and kept out only by failback: better than anything that is dead. */
static void waiting_take_in(struct teller *teller, const struct watched *watched)
{
	for (size_t i = 0; i < teller->count; i++) {
		struct verdict *verdict = &teller->list[i];
		for (uint32_t j = 0; verdict->reason == REASON_HOLD && j < watched->count; j++) {
			const struct link *link = &watched->links[j];
			const struct target *target = target_at(&teller->health->targets, link->target);
			if (link->cluster == verdict->cluster && target->machine.risen &&
			    address_compare(&link->address, &verdict->address) == 0)
				verdict->out = false;
		}
	}
}

void service_tell(struct health *health, uint32_t id, int64_t now_ms)
{
	struct service_view service;
	struct why why = {{0}};
	const struct verdict *before;
	const struct watched *watched = links_of(health, id);
	if (!model_service(health->setup.model, id, &service))
		return;
	size_t had = model_verdicts(health->setup.model, id, &before);
	if (watched == NULL && health->order_count == 0 && had == 0)
		return;
	struct teller teller = {.health = health, .service = &service, .now_ms = now_ms};
	if (watched != NULL)
		links_tell(&teller, watched);
	else if (health->order_count != 0)
		ingresses_tell(&teller);
	if (watched != NULL && !teller.serving)
		waiting_take_in(&teller, watched);
	/* short of memory: what was told before stands, and the next result tries again */
	if (!teller.short_of_memory &&
	    model_set_verdicts(health->setup.model, id, teller.list, teller.count, &why) == ERR_OK)
		health->changed = true;
	free(teller.list);
}

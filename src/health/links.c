/* The links of each service to its targets, renewed when the model changes. */
#include "health_internal.h"

#include <stdlib.h>
#include <string.h>

/* --- targets of a list -------------------------------------------------------------------- */

/* What the old list knew of an address holds for the new one. Of another check of the same address,
 * until its first result: who was out stays out. Where that takes more than good results to end, a
 * first one doesn't end it either. Who waits and is answered all the same stays in. */
static void link_inherit(struct health *health, struct link *link, const struct link *old,
                         bool fresh)
{
	struct target *target = target_at(&health->targets, link->target);
	const struct target *before = target_at(&health->targets, old->target);
	if (old->target == link->target)
		link->wanted = old->wanted;
	if (!fresh || before == NULL || target->spec.kind == PROBE_NONE)
		return; /* of one that is never asked no result would take it in */
	target->machine.served = before->machine.served;
	if (!before->out || (old->wanted && before->machine.risen))
		return;
	target->out = true;
	target->out_ms = before->out_ms;
	if (health->rule.failback == FAILBACK_PREEMPT)
		return;
	target->machine.state = HEALTH_UNHEALTHY;
	target->machine.since_ms = before->out_ms;
}

static bool is_never_asked(const struct health_policy *policy, const struct address *address)
{
	bool never = false;
	for (size_t i = 0; i < policy->never_count && !never; i++)
		never = prefix_holds(&policy->never[i], address);
	return never;
}

static struct health_target spec_of(const struct health *health, const struct check *check,
                                    const struct address *address)
{
	if (is_never_asked(&health->policy, address))
		return (struct health_target){
			.address = *address, .kind = PROBE_NONE, .path = "", .host = ""};
	return (struct health_target){.address = *address,
	                              .port = check->port,
	                              .kind = check->kind,
	                              .path = check->path,
	                              .host = check->host};
}

static enum err link_aim(struct health *health, const struct check *check, struct link *link,
                         struct watched *olds)
{
	const struct health_target spec = spec_of(health, check, &link->address);
	const struct link *old = link_find(olds, link->cluster, &link->address);
	struct tenant *tenant = tenant_at(&health->tenants, link->tenant);
	bool fresh, few = tenant->targets < HEALTH_TARGETS_FEW(health->targets_max);
	health->targets.count_max =
		few ? health->targets_max : HEALTH_TARGETS_SHARED(health->targets_max);
	enum err err = target_get(&health->targets, &spec, &link->target, &fresh);
	if (err == ERR_OK && fresh) {
		target_at(&health->targets, link->target)->maker = link->tenant;
		tenant->targets++;
	}
	if (err == ERR_OK && old != NULL)
		link_inherit(health, link, old, fresh);
	return err;
}

/* The targets of `list`. Returns the first error; the links from there on have none. */
static enum err list_aim(struct health *health, const struct check *check, uint32_t tenant,
                         struct watched *list, struct watched *olds)
{
	enum err err = ERR_OK;
	if (olds != NULL && list != NULL && olds->owner != list->owner)
		olds = NULL; /* of another service, that had the same id */
	for (uint32_t i = 0; list != NULL && i < list->count && err == ERR_OK; i++) {
		list->links[i].tenant = tenant;
		err = link_aim(health, check, &list->links[i], olds);
	}
	return err;
}

/* Drop those that this list alone made. */
static void orphans_drop(struct health *health, const struct link *links, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct target *target = target_at(&health->targets, links[i].target);
		if (target != NULL && target->use_count == 0)
			target_forget(health, links[i].target);
	}
}

/* --- uses: each link knows its place among its target's uses, each use its link ----------- */

static enum err use_add(struct health *health, uint32_t id, uint32_t i)
{
	struct link *link = &health->services[id]->links[i];
	struct target *target = target_at(&health->targets, link->target);
	uint32_t use = target_use(target, (struct use){id, i});
	if (use == TARGET_NONE)
		return ERR_NOMEM;
	link->use = use;
	withdraw_resize(health, link->tenant, true);
	if (health->link_count++ == 0) /* nothing was asked for a while: silence was no sign */
		health->began_ms = health->proof_ms = 0;
	return ERR_OK;
}

static void use_end(struct health *health, uint32_t id, uint32_t i)
{
	const struct link *link = &health->services[id]->links[i];
	struct target *target = target_at(&health->targets, link->target);
	const struct use *moved = target_unuse(target, link->use);
	health->link_count--;
	withdraw_resize(health, link->tenant, false);
	if (moved != NULL)
		health->services[moved->service]->links[moved->link].use = link->use;
}

/* Links `from`.. stand at `to`.. now. */
static void links_move(struct health *health, struct watched *watched, uint32_t to, uint32_t from,
                       uint32_t count)
{
	memmove(watched->links + to, watched->links + from, count * sizeof watched->links[0]);
	for (uint32_t i = to; i < to + count; i++) {
		const struct link *link = &watched->links[i];
		target_at(&health->targets, link->target)->uses[link->use].link = i;
	}
}

static void links_set(struct health *health, uint32_t id, struct watched *watched, uint32_t count)
{
	health->services[id] = watched;
	if (watched != NULL)
		watched->count = count;
	if (count != 0)
		return;
	free(watched);
	health->services[id] = NULL;
}

/* The old ones behind the new ones: a target of both is never without a use. NULL: no memory. */
static struct watched *links_join(struct health *health, struct watched *list, struct watched *old)
{
	uint32_t count = list->count;
	struct watched *joined =
		realloc(list, sizeof *list + ((size_t)count + old->count) * sizeof list->links[0]);
	if (joined == NULL)
		return NULL;
	memcpy(joined->links + count, old->links, old->count * sizeof old->links[0]);
	links_move(health, joined, count, count, old->count);
	free(old);
	return joined;
}

static void target_ask(struct health *health, uint32_t id, int64_t now_ms)
{
	struct target *target = target_at(&health->targets, id);
	if (target == NULL || target->probed || target->spec.kind == PROBE_NONE)
		return;
	target->probed = health->setup.probe(health->setup.arg, id, &target->spec);
	if (!target->probed && health->ask_ms == 0)
		health->ask_ms = now_ms + HEALTH_ASK_AGAIN_MS;
}

void links_ask(struct health *health, int64_t now_ms)
{
	if (health->ask_ms == 0 || now_ms < health->ask_ms)
		return;
	health->ask_ms = 0;
	for (uint32_t id = 0; id < health->targets.limit; id++)
		target_ask(health, id, now_ms);
}

/* Of `fresh` new links and `old` old ones behind them the new ones stay, or, where there is no
 * memory for that, the old ones. */
static enum err links_turn(struct health *health, uint32_t id, uint32_t fresh, uint32_t old)
{
	struct watched *watched = health->services[id];
	uint32_t added = 0;
	while (added < fresh && use_add(health, id, added) == ERR_OK)
		added++;
	if (added < fresh) {
		while (added-- > 0)
			use_end(health, id, added);
		orphans_drop(health, watched->links, fresh);
		links_move(health, watched, 0, fresh, old);
		links_set(health, id, watched, old);
		return ERR_NOMEM;
	}
	for (uint32_t i = 0; i < fresh; i++)
		target_ask(health, watched->links[i].target, health->seen_ms);
	for (uint32_t i = fresh; i < fresh + old; i++) {
		uint32_t target = watched->links[i].target;
		use_end(health, id, i);
		if (target_at(&health->targets, target)->use_count == 0)
			target_forget(health, target);
	}
	links_set(health, id, watched, fresh);
	return ERR_OK;
}

static bool links_equal(const struct watched *a, const struct watched *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	bool equal = a->count == b->count;
	for (uint32_t i = 0; equal && i < a->count; i++)
		equal = a->links[i].target == b->links[i].target &&
		        link_compare(&a->links[i], &b->links[i]) == 0;
	return equal;
}

/* `list` is taken. */
static enum err links_replace(struct health *health, uint32_t id, struct watched *list)
{
	struct watched *old = health->services[id], *both = list;
	uint32_t fresh = list == NULL ? 0 : list->count, left = old == NULL ? 0 : old->count;
	uint64_t owner = old == NULL ? 0 : old->owner;
	if (links_equal(list, old)) {
		if (old != NULL)
			old->owner = list->owner;
		free(list);
		return ERR_OK;
	}
	if (list == NULL)
		both = old;
	else if (old != NULL)
		both = links_join(health, list, old);
	if (both == NULL) {
		orphans_drop(health, list->links, fresh);
		free(list);
		return ERR_NOMEM;
	}
	health->services[id] = both;
	both->count = fresh + left;
	enum err err = links_turn(health, id, fresh, left);
	if (err != ERR_OK && old != NULL)
		health->services[id]->owner = owner;
	return err;
}

/* --- services ----------------------------------------------------------------------------- */

static enum err services_reserve(struct health *health, uint32_t id)
{
	if (id < health->service_room)
		return ERR_OK;
	size_t room = health->service_room == 0 ? 64 : health->service_room;
	while (room <= id)
		room *= 2;
	struct watched **services = realloc(health->services, room * sizeof(struct watched *));
	if (services == NULL)
		return ERR_NOMEM;
	for (size_t i = health->service_room; i < room; i++)
		services[i] = NULL;
	health->services = services;
	health->service_room = room;
	return ERR_OK;
}

struct watched *links_of(const struct health *health, uint32_t id)
{
	return id < health->service_room ? health->services[id] : NULL;
}

/* What is to be watched of service `id`, with its targets. */
static enum err links_want(struct health *health, uint32_t id, int64_t now_ms, struct watched **out)
{
	struct service_view service;
	struct check check;
	uint32_t tenant = TENANT_NONE;
	*out = NULL;
	if (!model_service(health->setup.model, id, &service))
		return ERR_OK;
	check_make(health, &service, &check);
	if (check.kind == PROBE_NONE)
		return ERR_OK;
	enum err err = links_list(health, &service, out);
	if (err == ERR_OK)
		err = tenant_get(&health->tenants, service.namespace, now_ms, &tenant);
	if (err == ERR_OK)
		err = list_aim(health, &check, tenant, *out, health->services[id]);
	if (err != ERR_OK && *out != NULL) {
		orphans_drop(health, (*out)->links, (*out)->count);
		free(*out);
		*out = NULL;
	}
	return err;
}

/* Who has the most, and who is without. */
static void limit_explain(const struct health *health, uint32_t id, struct why *why)
{
	struct service_view service;
	const struct tenant *most = tenant_at(&health->tenants, tenant_largest(&health->tenants));
	if (!model_service(health->setup.model, id, &service))
		return;
	why_set(why,
	        "service %.*s/%.*s is not probed, nor are others maybe: of %u different addresses and "
	        "ports to probe namespace %.*s alone has %u",
	        BYTES_ARG(service.namespace), BYTES_ARG(service.name), health->targets_max,
	        BYTES_ARG(tenant_label(most)), most->targets);
}

static void renew_failed(struct health *health, uint32_t id, enum err err, int64_t now_ms,
                         struct why *why)
{
	if (err == ERR_NOMEM)
		health->retry_ms = now_ms + RETRY_MS;
	else if (health->refused_count == 0)
		health->refused_count = health->targets.count;
	if (why == NULL)
		return;
	why_set(why, "no memory for the addresses to probe");
	if (err == ERR_LIMIT)
		limit_explain(health, id, why);
}

enum err links_renew(struct health *health, uint32_t id, int64_t now_ms, struct why *why)
{
	struct watched *list;
	enum err err = services_reserve(health, id);
	if (err == ERR_OK) {
		err = links_want(health, id, now_ms, &list);
		if (err != ERR_NOMEM) { /* without room for its targets nothing is watched of it */
			enum err replaced = links_replace(health, id, list);
			err = err == ERR_OK ? replaced : err;
		}
	}
	if (err != ERR_OK)
		renew_failed(health, id, err, now_ms, why);
	service_tell(health, id, now_ms);
	return err;
}

enum err links_renew_all(struct health *health, int64_t now_ms, struct why *why)
{
	size_t limit = model_service_limit(health->setup.model);
	enum err first = ERR_OK;
	if (limit < health->service_room)
		limit = health->service_room; /* those that are gone, too */
	health->refused_count = 0;
	for (size_t id = 0; id < limit; id++) {
		enum err err = links_renew(health, (uint32_t)id, now_ms, first == ERR_OK ? why : NULL);
		first = first == ERR_OK ? err : first;
	}
	return first;
}

void links_refused_retry(struct health *health, int64_t now_ms)
{
	if (health->targets.count < health->refused_count && health->retry_ms == 0)
		health->retry_ms = now_ms + REFUSED_RETRY_MS;
}

void links_free(struct health *health)
{
	for (size_t id = 0; id < health->service_room; id++)
		free(health->services[id]);
	free(health->services);
}

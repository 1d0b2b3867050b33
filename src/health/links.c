/* Which addresses a service has, each once a cluster, and the target of each, by the service's own
 * wish or the configuration's. */
#include "health_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Octets of a path or host with its NUL. */
#define TEXT_SIZE 512
/* Of one service: what the model takes of it. Above that, host names with many addresses in many
 * clusters, the rest is not probed. */
#define LINKS_MAX VERDICTS_MAX

/* What is asked of each address of one service. */
struct check {
	enum probe_kind kind; /* NONE: nothing */
	uint16_t port;
	char path[TEXT_SIZE], host[TEXT_SIZE];
};

static void text_put(char *out, struct bytes text)
{
	size_t size = text.size < TEXT_SIZE ? text.size : TEXT_SIZE - 1;
	if (size != 0)
		memcpy(out, text.data, size);
	out[size] = '\0';
}

static struct bytes first_of(struct bytes wish, const char *configured)
{
	return wish.size != 0 ? wish : bytes_of(configured);
}

/* The configured host, or the global name. */
static void host_put(const struct health *health, const struct service_view *service, char *out)
{
	const struct health_policy *policy = &health->policy;
	text_put(out, bytes_of(policy->host));
	if (out[0] != '\0' || policy->global[0] == '\0')
		return;
	int size = snprintf(out, TEXT_SIZE, "%.*s.%.*s.%s", BYTES_ARG(service->name),
	                    BYTES_ARG(service->namespace), policy->global);
	if (size < 0 || size > HEALTH_HOST_SIZE_MAX)
		out[0] = '\0';
}

/* Path and host count for HTTP alone: of two TCP checks that differ in them one would be probed
 * twice. */
static void check_make(const struct health *health, const struct service_view *service,
                       struct check *out)
{
	const struct probe_wish *wish = &service->probe;
	const struct health_policy *policy = &health->policy;
	bool own = wish->kind != PROBE_DEFAULT;
	*out = (struct check){.kind = own ? wish->kind : policy->probe};
	out->port = own && wish->port != 0 ? wish->port
	            : policy->port != 0    ? policy->port
	                                   : service->tcp_port;
	if (out->port == 0)
		out->kind = PROBE_NONE;
	if (out->kind != PROBE_HTTP && out->kind != PROBE_HTTPS)
		return;
	text_put(out->path, first_of(own ? wish->path : (struct bytes){NULL, 0}, policy->path));
	host_put(health, service, out->host);
}

/* --- collecting --------------------------------------------------------------------------- */

struct list {
	struct watched *watched;
	uint32_t room;
	bool short_of_memory;
};

static struct link *list_add(struct list *list)
{
	struct watched *watched = list->watched;
	if (watched == NULL || watched->count == list->room) {
		uint32_t room = list->room == 0 ? 4 : 2 * list->room;
		watched = realloc(watched, sizeof *watched + room * sizeof watched->links[0]);
		if (watched == NULL) {
			list->short_of_memory = true;
			return NULL;
		}
		watched->count = list->watched == NULL ? 0 : watched->count;
		list->watched = watched;
		list->room = room;
	}
	return &watched->links[watched->count++];
}

static void address_add(struct list *list, uint16_t cluster, uint8_t family, const uint8_t *octets)
{
	bool full = list->watched != NULL && list->watched->count == LINKS_MAX;
	struct link *link = full || list->short_of_memory ? NULL : list_add(list);
	if (link == NULL)
		return;
	*link = (struct link){.address = {.family = family}, .cluster = cluster, .target = TARGET_NONE};
	memcpy(link->address.octets, octets, family == 4 ? V4_SIZE : V6_SIZE);
}

static void set_add(struct list *list, uint16_t cluster, const struct address_set *set)
{
	for (size_t i = 0; i < set->v4_count; i++)
		address_add(list, cluster, 4, set->v4 + i * V4_SIZE);
	for (size_t i = 0; i < set->v6_count; i++)
		address_add(list, cluster, 6, set->v6 + i * V6_SIZE);
}

static int link_compare(const void *left, const void *right)
{
	const struct link *a = left, *b = right;
	if (a->cluster != b->cluster)
		return a->cluster < b->cluster ? -1 : 1;
	return address_compare(&a->address, &b->address);
}

/* Sorted; an address that a cluster lists directly and by host names counts once. */
static void list_settle(struct watched *watched)
{
	uint32_t kept = 1;
	qsort(watched->links, watched->count, sizeof watched->links[0], link_compare);
	for (uint32_t i = 1; i < watched->count; i++) {
		if (link_compare(&watched->links[kept - 1], &watched->links[i]) != 0)
			watched->links[kept++] = watched->links[i];
	}
	watched->count = kept;
}

enum err links_list(const struct health *health, const struct service_view *service,
                    struct watched **out)
{
	const struct model *model = health->setup.model;
	struct service_view walk = *service;
	struct list list = {.watched = NULL};
	struct ingress_view ingress;
	while (model_ingress_next(&walk, &ingress)) {
		set_add(&list, ingress.cluster, &ingress.direct);
		for (uint16_t i = 0; i < ingress.host_count; i++) {
			struct host_view host;
			if (model_host(model, ingress.hosts[i], &host))
				set_add(&list, ingress.cluster, &host.addresses);
		}
	}
	*out = NULL;
	if (list.short_of_memory) {
		free(list.watched);
		return ERR_NOMEM;
	}
	if (list.watched != NULL)
		list_settle(list.watched);
	*out = list.watched;
	return ERR_OK;
}

struct link *link_find(struct watched *watched, uint16_t cluster, const struct address *address)
{
	const struct link wanted = {.cluster = cluster, .address = *address};
	return watched == NULL ? NULL
	                       : bsearch(&wanted, watched->links, watched->count,
	                                 sizeof watched->links[0], link_compare);
}

/* --- targets of a list -------------------------------------------------------------------- */

/* What the old list knew of an address holds for the new one. Of another check of the same address,
 * until its first result: who was out stays out. */
static void link_inherit(struct health *health, struct link *link, const struct link *old,
                         bool fresh)
{
	struct target *target = target_at(&health->targets, link->target);
	const struct target *before = target_at(&health->targets, old->target);
	if (old->target == link->target)
		link->wanted = old->wanted;
	if (!fresh || before == NULL)
		return;
	target->out = before->out;
	target->out_ms = before->out_ms;
	target->machine.served = before->machine.served;
}

static enum err link_aim(struct health *health, const struct check *check, struct link *link,
                         struct watched *olds)
{
	const struct health_target spec = {.address = link->address,
	                                   .port = check->port,
	                                   .kind = check->kind,
	                                   .path = check->path,
	                                   .host = check->host};
	const struct link *old = link_find(olds, link->cluster, &link->address);
	bool fresh;
	enum err err = target_get(&health->targets, &spec, &link->target, &fresh);
	if (err == ERR_OK && old != NULL)
		link_inherit(health, link, old, fresh);
	return err;
}

/* The targets of `list`. Returns the first error; the links from there on have none. */
static enum err list_aim(struct health *health, const struct check *check, struct watched *list,
                         struct watched *olds)
{
	enum err err = ERR_OK;
	for (uint32_t i = 0; list != NULL && i < list->count && err == ERR_OK; i++)
		err = link_aim(health, check, &list->links[i], olds);
	return err;
}

/* Drop those that this list alone made. */
static void orphans_drop(struct health *health, const struct link *links, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct target *target = target_at(&health->targets, links[i].target);
		if (target != NULL && target->use_count == 0)
			target_drop(&health->targets, links[i].target);
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
	health->link_count++;
	return ERR_OK;
}

static void use_end(struct health *health, uint32_t id, uint32_t i)
{
	const struct link *link = &health->services[id]->links[i];
	struct target *target = target_at(&health->targets, link->target);
	const struct use *moved = target_unuse(target, link->use);
	health->link_count--;
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
	for (uint32_t i = 0; i < fresh; i++) {
		struct target *target = target_at(&health->targets, watched->links[i].target);
		if (!target->probed)
			health->setup.probe(health->setup.arg, watched->links[i].target, &target->spec);
		target->probed = true;
	}
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
	if (links_equal(list, old)) {
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
	return links_turn(health, id, fresh, left);
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
static enum err links_want(struct health *health, uint32_t id, struct watched **out)
{
	struct service_view service;
	struct check check;
	*out = NULL;
	if (!model_service(health->setup.model, id, &service))
		return ERR_OK;
	check_make(health, &service, &check);
	if (check.kind == PROBE_NONE)
		return ERR_OK;
	enum err err = links_list(health, &service, out);
	if (err == ERR_OK)
		err = list_aim(health, &check, *out, health->services[id]);
	if (err != ERR_OK && *out != NULL) {
		orphans_drop(health, (*out)->links, (*out)->count);
		free(*out);
		*out = NULL;
	}
	return err;
}

enum err links_renew(struct health *health, uint32_t id, int64_t now_ms, struct why *why)
{
	struct watched *list;
	enum err err = services_reserve(health, id);
	if (err == ERR_OK) {
		err = links_want(health, id, &list);
		if (err != ERR_NOMEM) { /* without room for its targets nothing is watched of it */
			enum err replaced = links_replace(health, id, list);
			err = err == ERR_OK ? replaced : err;
		}
	}
	if (err == ERR_NOMEM)
		health->retry_ms = now_ms + RETRY_MS;
	if (err != ERR_OK)
		why_set(why, "%s",
		        err == ERR_LIMIT ? "more than 200000 different addresses and ports to probe: some "
		                           "services are not probed"
		                         : "no memory for the addresses to probe");
	service_tell(health, id, now_ms);
	return err;
}

enum err links_renew_all(struct health *health, int64_t now_ms, struct why *why)
{
	size_t limit = model_service_limit(health->setup.model);
	enum err first = ERR_OK;
	if (limit < health->service_room)
		limit = health->service_room; /* those that are gone, too */
	for (size_t id = 0; id < limit; id++) {
		enum err err = links_renew(health, (uint32_t)id, now_ms, why);
		first = first == ERR_OK ? err : first;
	}
	return first;
}

void links_free(struct health *health)
{
	for (size_t id = 0; id < health->service_room; id++)
		free(health->services[id]);
	free(health->services);
}

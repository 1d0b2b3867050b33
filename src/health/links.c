/* Which targets a service has: one a listed address, by its own wish or the configuration's. */
#include "health_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Octets of a path or host with its NUL. */
#define TEXT_SIZE 512

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

struct links {
	struct watched *watched;
	uint32_t room;
	enum err err;
};

static void link_add(struct health *health, struct links *links, const struct check *check,
                     uint16_t cluster, const struct address *address)
{
	bool made;
	uint32_t target = TARGET_NONE;
	if (links->err != ERR_OK)
		return;
	if (links->watched == NULL || links->watched->count == links->room) {
		uint32_t room = links->room == 0 ? 4 : 2 * links->room;
		struct watched *grown =
			realloc(links->watched, sizeof *grown + room * sizeof grown->links[0]);
		if (grown == NULL) {
			links->err = ERR_NOMEM;
			return;
		}
		grown->count = links->watched == NULL ? 0 : grown->count;
		links->watched = grown;
		links->room = room;
	}
	const struct health_target spec = {.address = *address,
	                                   .port = check->port,
	                                   .kind = check->kind,
	                                   .path = check->path,
	                                   .host = check->host};
	links->err = target_get(&health->targets, &spec, &target, &made);
	if (links->err != ERR_OK)
		return;
	links->watched->links[links->watched->count++] = (struct link){*address, cluster, target};
}

static void set_add(struct health *health, struct links *links, const struct check *check,
                    uint16_t cluster, const struct address_set *set)
{
	for (uint16_t i = 0; i < set->v4_count; i++) {
		struct address address = {.family = 4};
		memcpy(address.octets, set->v4 + (size_t)i * V4_SIZE, V4_SIZE);
		link_add(health, links, check, cluster, &address);
	}
	for (uint16_t i = 0; i < set->v6_count; i++) {
		struct address address = {.family = 6};
		memcpy(address.octets, set->v6 + (size_t)i * V6_SIZE, V6_SIZE);
		link_add(health, links, check, cluster, &address);
	}
}

static void links_collect(struct health *health, struct service_view *service,
                          const struct check *check, struct links *links)
{
	const struct model *model = health->setup.model;
	struct ingress_view ingress;
	while (model_ingress_next(service, &ingress)) {
		set_add(health, links, check, ingress.cluster, &ingress.direct);
		for (uint16_t i = 0; i < ingress.host_count; i++) {
			struct host_view host;
			if (model_host(model, ingress.hosts[i], &host))
				set_add(health, links, check, ingress.cluster, &host.addresses);
		}
	}
}

/* --- changing ----------------------------------------------------------------------------- */

static enum err services_reserve(struct health *health, uint32_t id)
{
	if (id < health->service_room)
		return ERR_OK;
	size_t room = health->service_room == 0 ? 64 : health->service_room;
	while (room <= id)
		room *= 2;
	struct watched **services = realloc(health->services, room * sizeof *services);
	if (services == NULL)
		return ERR_NOMEM;
	memset(services + health->service_room, 0, (room - health->service_room) * sizeof *services);
	health->services = services;
	health->service_room = room;
	return ERR_OK;
}

/* Ones that only this try made. */
static void orphans_drop(struct health *health, const struct watched *watched)
{
	for (uint32_t i = 0; watched != NULL && i < watched->count; i++) {
		uint32_t id = watched->links[i].target;
		const struct target *target = target_at(&health->targets, id);
		if (target != NULL && target->use_count == 0)
			target_drop(&health->targets, id);
	}
}

static enum err uses_add(struct health *health, uint32_t id, const struct watched *watched)
{
	for (uint32_t i = 0; watched != NULL && i < watched->count; i++) {
		struct target *target = target_at(&health->targets, watched->links[i].target);
		bool fresh = target->use_count == 0;
		if (target_use(target, id) != ERR_OK) {
			while (i-- > 0) {
				target = target_at(&health->targets, watched->links[i].target);
				(void)target_unuse(target, id);
			}
			return ERR_NOMEM;
		}
		health->link_count++;
		if (fresh)
			health->setup.probe(health->setup.arg, watched->links[i].target, &target->spec);
	}
	return ERR_OK;
}

static void uses_end(struct health *health, uint32_t id, struct watched *watched)
{
	for (uint32_t i = 0; watched != NULL && i < watched->count; i++) {
		uint32_t target = watched->links[i].target;
		health->link_count--;
		if (target_unuse(target_at(&health->targets, target), id))
			target_forget(health, target);
	}
	free(watched);
}

const struct watched *links_of(const struct health *health, uint32_t id)
{
	return id < health->service_room ? health->services[id] : NULL;
}

enum err links_renew(struct health *health, uint32_t id, int64_t now_ms, struct why *why)
{
	struct service_view service;
	struct links links = {.watched = NULL};
	if (services_reserve(health, id) != ERR_OK) {
		why_set(why, "no memory for the services to be probed");
		return ERR_NOMEM;
	}
	if (model_service(health->setup.model, id, &service)) {
		struct check check;
		check_make(health, &service, &check);
		if (check.kind != PROBE_NONE)
			links_collect(health, &service, &check, &links);
	}
	if (links.err == ERR_OK)
		links.err = uses_add(health, id, links.watched);
	if (links.err != ERR_OK) {
		orphans_drop(health, links.watched);
		free(links.watched);
		why_set(why, "%s",
		        links.err == ERR_LIMIT ? "more than 200000 addresses to probe"
		                               : "no memory for the addresses to probe");
		return links.err;
	}
	/* the new ones first, so that a target of both is not forgotten in between */
	struct watched *old = health->services[id];
	health->services[id] = links.watched;
	uses_end(health, id, old);
	service_tell(health, id, now_ms);
	return ERR_OK;
}

void links_free(struct health *health)
{
	for (size_t id = 0; id < health->service_room; id++)
		free(health->services[id]);
	free(health->services);
}

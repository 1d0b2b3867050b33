/* What is listed: the addresses of a service, each once a cluster, and what is asked of them, by
 * the service's own wish or the configuration's. */
#include "health_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of one service: what the model takes of it. Above that, host names with many addresses in many
 * clusters, the rest is not probed. */
#define LINKS_MAX VERDICTS_MAX

static void text_put(char *out, struct bytes text)
{
	size_t size = text.size < CHECK_TEXT_SIZE ? text.size : CHECK_TEXT_SIZE - 1;
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
	int size = snprintf(out, CHECK_TEXT_SIZE, "%.*s.%.*s.%s", BYTES_ARG(service->name),
	                    BYTES_ARG(service->namespace), policy->global);
	if (size < 0 || size > HEALTH_HOST_SIZE_MAX)
		out[0] = '\0';
}

/* Path and host count for HTTP alone: of two TCP checks that differ in them one would be probed
 * twice. */
void check_make(const struct health *health, const struct service_view *service, struct check *out)
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

static void address_add(struct list *list, uint16_t cluster, const struct address *address)
{
	bool full = list->watched != NULL && list->watched->count == LINKS_MAX;
	struct link *link = full || list->short_of_memory ? NULL : list_add(list);
	if (link != NULL)
		*link = (struct link){.address = *address, .cluster = cluster, .target = TARGET_NONE};
}

static void set_add(struct list *list, uint16_t cluster, const struct address_set *set)
{
	for (size_t i = 0; i < address_set_count(set); i++) {
		struct address address = address_set_at(set, i);
		address_add(list, cluster, &address);
	}
}

int link_compare(const void *left, const void *right)
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

static uint64_t owner_of(const struct health *health, const struct service_view *service)
{
	return hash_bytes(service->name, hash_bytes(service->namespace, health->targets.seed));
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
	if (list.watched != NULL) {
		list.watched->owner = owner_of(health, service);
		list_settle(list.watched);
	}
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

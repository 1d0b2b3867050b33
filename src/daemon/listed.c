#include "listed.h"

#include <stdlib.h>
#include <string.h>

struct walk {
	listed_taker *take;
	void *arg;
	uint16_t cluster;
	const struct name *host;
};

static bool set_walk(const struct walk *walk, const struct address_set *set)
{
	for (size_t i = 0; i < address_set_count(set); i++) {
		struct address address = address_set_at(set, i);
		if (!walk->take(walk->arg, walk->cluster, &address, walk->host))
			return false;
	}
	return true;
}

static bool ingress_walk(const struct model *model, struct walk *walk,
                         const struct ingress_view *ingress)
{
	walk->cluster = ingress->cluster;
	walk->host = NULL;
	if (!set_walk(walk, &ingress->direct))
		return false;
	for (uint16_t i = 0; i < ingress->host_count; i++) {
		struct host_view host;
		if (!model_host(model, ingress->hosts[i], &host))
			continue;
		walk->host = host.name;
		if (!set_walk(walk, &host.addresses))
			return false;
	}
	return true;
}

void listed_walk(const struct model *model, struct service_view service, listed_taker *take,
                 void *arg)
{
	struct ingress_view ingress;
	struct walk walk = {.take = take, .arg = arg};
	while (model_ingress_next(&service, &ingress) && ingress_walk(model, &walk, &ingress))
		;
}

static int v4_compare(const void *a, const void *b)
{
	return memcmp(a, b, V4_SIZE);
}

static int v6_compare(const void *a, const void *b)
{
	return memcmp(a, b, V6_SIZE);
}

size_t listed_count(const struct model *model, const struct ingress_view *ingress)
{
	size_t count = address_set_count(&ingress->direct);
	for (uint16_t i = 0; i < ingress->host_count; i++) {
		struct host_view host;
		if (model_host(model, ingress->hosts[i], &host))
			count += address_set_count(&host.addresses);
	}
	return count;
}

bool rung_holds(const struct rung *rung, const struct address *address)
{
	const struct address_set *set = &rung->addresses;
	if (address->family == 4)
		return set->v4_count != 0 &&
		       bsearch(address->octets, set->v4, set->v4_count, V4_SIZE, v4_compare) != NULL;
	return set->v6_count != 0 &&
	       bsearch(address->octets, set->v6, set->v6_count, V6_SIZE, v6_compare) != NULL;
}

bool ladder_holds(const struct ladder *ladder, const struct address *address)
{
	for (size_t i = 0; i < ladder->rung_count; i++) {
		if (rung_holds(&ladder->rungs[i], address))
			return true;
	}
	return false;
}

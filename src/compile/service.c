/* One service: which clusters serve, and what addresses that gives at each place. */
#include "compiler.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct compiler *compiler_new(void)
{
	return calloc(1, sizeof(struct compiler));
}

void compiler_free(struct compiler *compiler)
{
	if (compiler == NULL)
		return;
	free(compiler->octets);
	free(compiler->items);
	free(compiler);
}

static void part_measure(const struct model *model, struct part *part)
{
	part->v4_count = part->ingress.direct.v4_count;
	part->v6_count = part->ingress.direct.v6_count;
	for (uint16_t i = 0; i < part->ingress.host_count; i++) {
		struct host_view host;
		if (!model_host(model, part->ingress.hosts[i], &host))
			continue;
		part->v4_count += host.addresses.v4_count;
		part->v6_count += host.addresses.v6_count;
	}
}

/* The clusters with addresses. A listed cluster without any is listed and unhealthy (rule 1). */
static void parts_collect(struct compiler *compiler, const struct model *model,
                          struct service_view *service)
{
	compiler->part_count = 0;
	struct part *part = &compiler->parts[0];
	while (model_ingress_next(service, &part->ingress)) {
		assert(compiler->part_count < INGRESSES_MAX);
		struct cluster_view cluster;
		part_measure(model, part);
		if (part->v4_count + part->v6_count == 0 ||
		    !model_cluster(model, part->ingress.cluster, &cluster))
			continue;
		part->region = cluster.region;
		part->zones = cluster.zones;
		part->zone_count = cluster.zone_count;
		part->withdrawn_at_ms = cluster.withdrawn_at_ms;
		compiler->part_count++;
		if (compiler->part_count == INGRESSES_MAX)
			break;
		part = &compiler->parts[compiler->part_count];
	}
}

static int pair_compare(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return (a->part > b->part) - (a->part < b->part);
}

/* A cluster counts at the global level, in its region and in each of its zones (rule 2). */
static void pairs_collect(struct compiler *compiler)
{
	compiler->pair_count = 0;
	for (size_t i = 0; i < compiler->part_count; i++) {
		const struct part *part = &compiler->parts[i];
		struct pair *pairs = &compiler->pairs[compiler->pair_count];
		size_t count = 0;
		pairs[count++] = (struct pair){0, (uint16_t)i};
		if (part->region != 0)
			pairs[count++] = (struct pair){part->region, (uint16_t)i};
		for (size_t z = 0; z < part->zone_count; z++)
			pairs[count++] = (struct pair){part->zones[z], (uint16_t)i};
		compiler->pair_count += count;
		assert(compiler->pair_count <= PAIRS_MAX);
	}
	qsort(compiler->pairs, compiler->pair_count, sizeof compiler->pairs[0], pair_compare);
}

/* Room for the addresses of all rungs, so that what rungs point to never moves. */
static enum err octets_reserve(struct compiler *compiler, struct why *why)
{
	size_t size = 0;
	for (size_t i = 0; i < compiler->pair_count; i++) {
		const struct part *part = &compiler->parts[compiler->pairs[i].part];
		size += part->v4_count * V4_SIZE + part->v6_count * V6_SIZE;
	}
	compiler->octets_size = 0;
	if (size <= compiler->octets_room)
		return ERR_OK;
	uint8_t *octets = realloc(compiler->octets, size);
	if (octets == NULL) {
		why_set(why, "no memory for %zu octets of addresses", size);
		return ERR_NOMEM;
	}
	compiler->octets = octets;
	compiler->octets_room = size;
	return ERR_OK;
}

/* All addresses of one part and one family, as they come. */
static void octets_add_part(struct compiler *compiler, const struct model *model,
                            const struct part *part, size_t size)
{
	const struct address_set *direct = &part->ingress.direct;
	octets_add(compiler, size == V4_SIZE ? direct->v4 : direct->v6,
	           size * (size == V4_SIZE ? direct->v4_count : direct->v6_count));
	for (uint16_t i = 0; i < part->ingress.host_count; i++) {
		struct host_view host;
		if (!model_host(model, part->ingress.hosts[i], &host))
			continue;
		const struct address_set *set = &host.addresses;
		octets_add(compiler, size == V4_SIZE ? set->v4 : set->v6,
		           size * (size == V4_SIZE ? set->v4_count : set->v6_count));
	}
}

static int v4_compare(const void *a, const void *b)
{
	return memcmp(a, b, V4_SIZE);
}

static int v6_compare(const void *a, const void *b)
{
	return memcmp(a, b, V6_SIZE);
}

/* Sort, and drop duplicates (rule 3). Returns what is left. */
static size_t octets_unique(uint8_t *octets, size_t count, size_t size)
{
	if (count < 2)
		return count;
	qsort(octets, count, size, size == V4_SIZE ? v4_compare : v6_compare);
	size_t kept = 1;
	for (size_t i = 1; i < count; i++) {
		if (memcmp(octets + (kept - 1) * size, octets + i * size, size) != 0)
			memmove(octets + kept++ * size, octets + i * size, size);
	}
	return kept;
}

/* How many different ones of `size` octets were added behind `at`; the others go. */
static size_t octets_settle(struct compiler *compiler, size_t at, size_t size)
{
	size_t count = octets_unique(compiler->octets + at, (compiler->octets_size - at) / size, size);
	compiler->octets_size = at + count * size;
	return count;
}

/* One family of one rung: the union over the place's pairs. */
static const uint8_t *rung_family(struct compiler *compiler, const struct model *model,
                                  const struct standing *standing, size_t size, size_t *count)
{
	size_t at = compiler->octets_size;
	if (compiler->judged)
		items_put(compiler, standing, size, false);
	for (size_t i = standing->from; !compiler->judged && i < standing->to; i++)
		octets_add_part(compiler, model, &compiler->parts[compiler->pairs[i].part], size);
	*count = octets_settle(compiler, at, size);
	return compiler->octets + at;
}

static size_t listed_count(struct compiler *compiler, const struct standing *standing, size_t size)
{
	size_t at = compiler->octets_size;
	items_put(compiler, standing, size, true);
	size_t count = octets_settle(compiler, at, size);
	compiler->octets_size = at; /* the count alone was wanted */
	return count;
}

static uint16_t level_cap(size_t count, size_t count_max, const char *type,
                          const struct service_view *service, struct findings *findings)
{
	if (count <= count_max)
		return (uint16_t)count;
	findings_add(findings, SEVERITY_ERROR, FINDING_LIMIT,
	             "service %.*s/%.*s: %zu %s addresses at one level, a DNS message carries %zu; "
	             "the rest is left out",
	             BYTES_ARG(service->namespace), BYTES_ARG(service->name), count, type, count_max);
	return (uint16_t)count_max;
}

/* The next run of pairs, from `from` on. */
static struct standing standing_of(struct compiler *compiler, size_t from)
{
	struct standing standing = {compiler->pairs[from].place, from, from, 0, 0, false};
	while (standing.to < compiler->pair_count &&
	       compiler->pairs[standing.to].place == standing.place)
		standing.to++;
	if (compiler->judged) {
		standing.listed_v4 = listed_count(compiler, &standing, V4_SIZE);
		standing.listed_v6 = listed_count(compiler, &standing, V6_SIZE);
		standing.unsteady = items_unsteady(compiler, &standing);
	}
	return standing;
}

/* Is there something to stand on at a place? If not, and something is listed there, that is told.
 */
static bool rung_stands(struct compiler *compiler, const struct zone_policy *policy,
                        const struct standing *standing, const struct rung *rung,
                        const struct ladder *ladder)
{
	bool empty = rung->addresses.v4_count + rung->addresses.v6_count == 0;
	if (!compiler->judged)
		return !empty;
	bool global = standing->place == 0;
	enum reason weakness = rung_weakness(compiler, policy, standing, rung);
	bool stands = !empty && weakness == REASON_NONE;
	if (stands && !(global && compiler->all_down))
		return true;
	enum reason why = empty || global ? items_reason(compiler, standing) : weakness;
	compiler->climbs[compiler->climb_count++] =
		(struct climb){.place = standing->place,
	                   .reason = (uint8_t)why,
	                   .brief = !global && rung->ttl_s < ladder->ttl_s && !ladder->flatten};
	return stands;
}

static void rungs_build(struct compiler *compiler, const struct model *model,
                        const struct zone_policy *policy, const struct service_view *service,
                        const struct ladder *ladder, struct findings *findings)
{
	struct standing standing;
	compiler->rung_count = compiler->climb_count = 0;
	for (size_t from = 0; from < compiler->pair_count; from = standing.to) {
		size_t v4_count, v6_count;
		standing = standing_of(compiler, from);
		struct rung *rung = &compiler->rungs[compiler->rung_count];
		rung->place = standing.place;
		rung->ttl_s = standing.unsteady ? ladder->brief_ttl_s : ladder->ttl_s;
		rung->addresses.v4 = rung_family(compiler, model, &standing, V4_SIZE, &v4_count);
		rung->addresses.v6 = rung_family(compiler, model, &standing, V6_SIZE, &v6_count);
		rung->addresses.v4_count = level_cap(v4_count, LEVEL_V4_MAX, "IPv4", service, findings);
		rung->addresses.v6_count = level_cap(v6_count, LEVEL_V6_MAX, "IPv6", service, findings);
		compiler->rung_count += rung_stands(compiler, policy, &standing, rung, ladder) ? 1 : 0;
	}
}

static void ports_collect(struct compiler *compiler, struct service_view *service)
{
	compiler->port_count = 0;
	while (model_port_next(service, &compiler->ports[compiler->port_count])) {
		compiler->port_count++;
		if (compiler->port_count == PORTS_MAX)
			return;
	}
}

/* Is something known against an address? Mostly not, and no address has to be looked at. */
static enum err parts_judge(struct compiler *compiler, const struct model *model,
                            const struct zone_policy *policy, uint32_t id, enum all_down all_down,
                            struct why *why)
{
	const struct verdict *verdicts;
	size_t count = model_verdicts(model, id, &verdicts);
	compiler->judged = count > 0;
	for (size_t i = 0; i < compiler->part_count; i++)
		compiler->judged |= compiler->parts[i].withdrawn_at_ms != 0;
	if (!compiler->judged)
		return ERR_OK;
	return items_judge(compiler, model, policy,
	                   all_down != ALL_DOWN_DEFAULT ? all_down : policy->all_down, verdicts, count,
	                   why);
}

static void head_fill(const struct zone_policy *policy, const struct service_view *service,
                      struct ladder *out)
{
	size_t name_size = label_put(service->name, out->key);
	out->key_size = (uint8_t)(name_size + label_put(service->namespace, out->key + name_size));
	out->ttl_s = service->ttl_s != 0 ? service->ttl_s : policy->ttl_s;
	bool shortens = policy->ttl_min_s != 0 && policy->ttl_min_s < out->ttl_s;
	out->brief_ttl_s = shortens ? policy->ttl_min_s : out->ttl_s;
	enum fallback fallback =
		service->fallback != FALLBACK_DEFAULT ? service->fallback : policy->fallback;
	out->flatten = fallback == FALLBACK_FLATTEN;
}

enum err compile_service(struct compiler *compiler, const struct model *model,
                         const struct zone_policy *policy, uint32_t id, struct findings *findings,
                         struct ladder *out, struct why *why)
{
	struct service_view service;
	bool found = model_service(model, id, &service);
	assert(found);
	(void)found;

	*out = (struct ladder){0};
	struct service_view walk = service; /* reading ingresses and ports moves the view */
	parts_collect(compiler, model, &walk);
	ports_collect(compiler, &walk);
	enum err err = parts_judge(compiler, model, policy, id, service.all_down, why);
	if (err != ERR_OK)
		return err;
	pairs_collect(compiler);
	err = octets_reserve(compiler, why);
	if (err != ERR_OK)
		return err;

	head_fill(policy, &service, out);
	rungs_build(compiler, model, policy, &service, out, findings);
	out->rungs = compiler->rungs;
	out->rung_count = compiler->rung_count;
	out->climbs = compiler->climbs;
	out->climb_count = compiler->climb_count;
	out->all_down = compiler->judged && compiler->all_down;
	out->ports = compiler->ports;
	out->port_count = compiler->port_count;
	return ERR_OK;
}

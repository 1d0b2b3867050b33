/* What each level of a service answers, and what stands in the way of its clusters. */
#include "listed.h"
#include "services_row.h"

#include <string.h>

/* The levels at which its clusters stand, and the global one. */
struct levels {
	uint16_t places[ROW_LEVELS_MAX]; /* ascending: global, then regions and zones */
	size_t listed[ROW_LEVELS_MAX];   /* addresses */
	size_t count, left;
};

static void level_add(struct levels *levels, uint16_t place, size_t listed)
{
	size_t at = 0;
	while (at < levels->count && levels->places[at] < place)
		at++;
	if (at == levels->count || levels->places[at] != place) {
		if (levels->count == ROW_LEVELS_MAX) {
			levels->left++;
			return;
		}
		size_t behind = levels->count - at;
		memmove(&levels->places[at + 1], &levels->places[at], behind * sizeof levels->places[0]);
		memmove(&levels->listed[at + 1], &levels->listed[at], behind * sizeof levels->listed[0]);
		levels->places[at] = place;
		levels->listed[at] = 0;
		levels->count++;
	}
	levels->listed[at] += listed;
}

/* By value: the walk moves in it. */
static void levels_find(const struct model *model, struct service_view service,
                        struct levels *levels)
{
	struct ingress_view ingress;
	level_add(levels, 0, 0);
	while (model_ingress_next(&service, &ingress)) {
		struct cluster_view cluster;
		size_t listed = listed_count(model, &ingress);
		if (!model_cluster(model, ingress.cluster, &cluster))
			continue;
		level_add(levels, 0, listed);
		if (cluster.region != 0)
			level_add(levels, cluster.region, listed);
		for (size_t i = 0; i < cluster.zone_count; i++)
			level_add(levels, cluster.zones[i], listed);
	}
}

static json_t *level_json(const struct place *places, const struct ladder *ladder,
                          const struct levels *levels, size_t i)
{
	uint16_t at = levels->places[i];
	const struct place *place = &places[at];
	const struct rung *own = ladder_rung(ladder, at), *rung = own;
	while (rung == NULL && at != 0) {
		at = places[at].parent;
		rung = ladder_rung(ladder, at);
	}
	const char *answer = own != NULL       ? "addresses"
	                     : rung == NULL    ? "nothing"
	                     : ladder->flatten ? "flatten"
	                                       : "cname";
	const struct climb *climb = ladder_climb(ladder, levels->places[i]);
	uint8_t reason = climb != NULL ? climb->reason : REASON_NONE;
	bool weak = reason == REASON_MIN_HEALTHY || reason == REASON_ONE_FAMILY;
	return json_pack(
		"{s:s, s:o, s:o, s:s, s:o, s:I, s:I, s:b, s:s?, s:o}", "level", level_text(place->level),
		"region", place->level >= LEVEL_REGION ? control_bytes(place->region) : json_null(), "zone",
		place->level == LEVEL_ZONE ? control_bytes(place->zone) : json_null(), "answer", answer,
		"from", rung != NULL ? json_string(level_text(places[at].level)) : json_null(), "count",
		(json_int_t)(rung != NULL ? address_set_count(&rung->addresses) : 0), "listed",
		(json_int_t)levels->listed[i], "weak", weak ? 1 : 0, "reason",
		reason != REASON_NONE ? reason_text(reason) : NULL, "addresses",
		own != NULL ? services_addresses(&own->addresses, ROW_ADDRESSES_MAX) : json_array());
}

/* --- what stands in the way --------------------------------------------------------------- */

struct trouble {
	uint16_t cluster;
	const char *reason;
	size_t count, out; /* addresses; those that don't count as serving */
};

struct troubles {
	const struct daemon *daemon;
	uint32_t service;
	struct trouble at[ROW_TROUBLES_MAX];
	size_t count, left, looks;
};

static void trouble_add(struct troubles *troubles, uint16_t cluster, const char *reason,
                        size_t count, bool out)
{
	for (size_t i = 0; i < troubles->count; i++) {
		struct trouble *trouble = &troubles->at[i];
		if (trouble->cluster == cluster && strcmp(trouble->reason, reason) == 0) {
			trouble->count += count;
			trouble->out += out ? count : 0;
			return;
		}
	}
	if (troubles->count == ROW_TROUBLES_MAX)
		troubles->left++;
	else
		troubles->at[troubles->count++] = (struct trouble){cluster, reason, count, out ? count : 0};
}

/* A listed_taker. */
static bool address_ask(void *arg, uint16_t id, const struct address *address,
                        const struct name *host)
{
	struct troubles *troubles = arg;
	const struct daemon *daemon = troubles->daemon;
	struct cluster_view cluster;
	struct health_view health;
	(void)host;
	if (!model_cluster(daemon->model, id, &cluster))
		return true;
	bool withdrawn = cluster.withdrawn_at_ms != 0;
	if (daemon->health.health == NULL || troubles->looks++ >= ROW_LOOKS_MAX) {
		if (withdrawn)
			trouble_add(troubles, id, reason_text(REASON_NOT_READY), 1, true);
		return true;
	}
	health_view(daemon->health.health, troubles->service, id, address, &health);
	bool forced = health.reason == REASON_FORCED_UP, out = health.out || (withdrawn && !forced);
	bool waits = health.probed && health.state != HEALTH_HEALTHY && health.state != HEALTH_UNKNOWN;
	if (out || waits || forced)
		trouble_add(
			troubles, id,
			reason_text(withdrawn && !health.out && !forced ? REASON_NOT_READY : health.reason), 1,
			out);
	return true;
}

/* By value: the walk moves in it. */
static void troubles_find(struct troubles *troubles, struct service_view service)
{
	const struct model *model = troubles->daemon->model;
	struct ingress_view ingress;
	listed_walk(model, service, address_ask, troubles);
	while (model_ingress_next(&service, &ingress)) {
		if (listed_count(model, &ingress) == 0)
			trouble_add(troubles, ingress.cluster,
			            ingress.host_count != 0 ? "unresolved" : "no-address", 0, true);
	}
}

static json_t *trouble_json(const struct model *model, const struct trouble *trouble)
{
	struct cluster_view cluster;
	bool there = model_cluster(model, trouble->cluster, &cluster);
	return json_pack("{s:o, s:s, s:I, s:I}", "cluster",
	                 there ? control_bytes(cluster.name) : json_null(), "reason", trouble->reason,
	                 "addresses", (json_int_t)trouble->count, "out", (json_int_t)trouble->out);
}

bool services_row_levels(const struct daemon *daemon, uint32_t id,
                         const struct service_view *service, const struct ladder *ladder,
                         const char *key, json_t *row)
{
	size_t place_count;
	const struct place *places = model_places(daemon->model, &place_count);
	struct levels levels = {.count = 0};
	struct troubles troubles = {.daemon = daemon, .service = id};
	json_t *level_list = json_array(), *trouble_list = json_array();
	levels_find(daemon->model, *service, &levels);
	for (size_t i = 0; i < levels.count && levels.places[i] < place_count; i++)
		control_list_add(&level_list, level_json(places, ladder, &levels, i));
	troubles_find(&troubles, *service);
	for (size_t i = 0; i < troubles.count; i++)
		control_list_add(&trouble_list, trouble_json(daemon->model, &troubles.at[i]));
	json_t *more = json_pack(
		"{s:s, s:o, s:b, s:o, s:I, s:o, s:I}", "key", key, "global_name",
		control_ladder_name(daemon, service->namespace, service->name, &places[0]), "all_down",
		ladder->all_down ? 1 : 0, "levels", level_list, "levels_left", (json_int_t)levels.left,
		"troubles", trouble_list, "troubles_left", (json_int_t)troubles.left);
	bool good = more != NULL && json_object_update(row, more) == 0;
	json_decref(more);
	return good;
}

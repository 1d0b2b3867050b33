/* A Cluster of Federation v1, as its controller writes the status (facts: from scratch at every
 * probe). */
#include "decode.h"
#include "fedns/when.h"

/* What one condition says. */
struct condition {
	enum ready status; /* True, False, or anything else */
	bool given;
	struct bytes since;
	bool has_since;
};

static enum ready condition_status(const struct nodes *nodes, uint32_t condition)
{
	uint32_t status = node_member(nodes, condition, "status");
	if (node_is_text(nodes, status, "True"))
		return READY_TRUE;
	return node_is_text(nodes, status, "False") ? READY_FALSE : READY_UNKNOWN;
}

/* The last condition of that type. */
static struct condition find_condition(const struct nodes *nodes, uint32_t conditions,
                                       const char *type)
{
	struct condition found = {0};
	if (node_type(nodes, conditions) != NODE_ARRAY)
		return found;
	for (uint32_t i = conditions + 1; i < node_next(nodes, conditions); i = node_next(nodes, i)) {
		if (!node_is_text(nodes, node_member(nodes, i, "type"), type))
			continue;
		uint32_t since = node_member(nodes, i, "lastTransitionTime");
		found = (struct condition){.given = true,
		                           .status = condition_status(nodes, i),
		                           .since = node_text(nodes, since),
		                           .has_since = !node_is_void(nodes, since)};
	}
	return found;
}

/* Losing sight of a cluster is not its being down (rule 9 and "Lost sight"). */
static void take_ready(const struct decoder *decoder, const struct nodes *nodes, uint32_t status,
                       struct cluster_seen *seen)
{
	uint32_t conditions = node_member(nodes, status, "conditions");
	if (!node_is_void(nodes, conditions) && node_type(nodes, conditions) != NODE_ARRAY)
		findings_add(decoder->findings, SEVERITY_WARNING, FINDING_OBJECT,
		             "cluster %.*s: its conditions are no array; it counts as out of sight",
		             BYTES_SHOWN(seen->name));
	struct condition ready = find_condition(nodes, conditions, "Ready");
	struct condition offline = find_condition(nodes, conditions, "Offline");
	bool lost = ready.status != READY_FALSE && offline.given && offline.status == READY_TRUE;
	const struct condition *deciding = ready.given && !lost ? &ready : &offline;
	seen->ready = lost || !ready.given ? READY_UNKNOWN : ready.status;
	seen->ready_since_ms = when_parse(deciding->since);
	if (deciding->has_since && seen->ready_since_ms == 0 && seen->ready == READY_FALSE)
		findings_add(decoder->findings, SEVERITY_WARNING, FINDING_OBJECT,
		             "cluster %.*s: lastTransitionTime \"%.*s\" can't be read; the grace counts "
		             "from now",
		             BYTES_SHOWN(seen->name), BYTES_SHOWN(deciding->since));
}

static void take_region(const struct decoder *decoder, const struct nodes *nodes, uint32_t status,
                        struct cluster_seen *seen)
{
	uint32_t region = node_member(nodes, status, "region");
	if (node_type(nodes, region) == NODE_STRING)
		seen->region = node_text(nodes, region);
	else if (!node_is_void(nodes, region))
		findings_add(decoder->findings, SEVERITY_WARNING, FINDING_OBJECT,
		             "cluster %.*s: its region is no string; it has no place by it",
		             BYTES_SHOWN(seen->name));
}

static void take_zones(struct decoder *decoder, const struct nodes *nodes, uint32_t status,
                       struct cluster_seen *seen)
{
	uint32_t given = node_member(nodes, status, "zones");
	seen->zones = decoder->zones;
	if (node_is_void(nodes, given))
		return;
	if (node_type(nodes, given) != NODE_ARRAY) {
		findings_add(decoder->findings, SEVERITY_WARNING, FINDING_OBJECT,
		             "cluster %.*s: its zones are no array; it has none", BYTES_SHOWN(seen->name));
		return;
	}
	for (uint32_t i = given + 1; i < node_next(nodes, given); i = node_next(nodes, i)) {
		if (node_type(nodes, i) != NODE_STRING) {
			findings_add(decoder->findings, SEVERITY_WARNING, FINDING_OBJECT,
			             "cluster %.*s: a zone that is no string; it is left out",
			             BYTES_SHOWN(seen->name));
		} else if (seen->zone_count == ZONES_READ_MAX) {
			findings_add(decoder->findings, SEVERITY_WARNING, FINDING_LIMIT,
			             "cluster %.*s: more than %d zones; the rest is left out",
			             BYTES_SHOWN(seen->name), ZONES_READ_MAX);
			return;
		} else {
			decoder->zones[seen->zone_count++] = node_text(nodes, i);
		}
	}
}

void cluster_decode(struct decoder *decoder, const struct object *object, struct cluster_seen *out)
{
	const struct nodes *nodes = object->nodes;
	*out = (struct cluster_seen){.name = object_name(object, "Cluster", decoder->findings)};
	if (out->name.size == 0)
		return;
	uint32_t status = node_member(nodes, NODE_ROOT, "status");
	if (!node_is_void(nodes, status) && node_type(nodes, status) != NODE_OBJECT)
		findings_add(decoder->findings, SEVERITY_WARNING, FINDING_OBJECT,
		             "cluster %.*s: its status is no object; it counts as out of sight",
		             BYTES_SHOWN(out->name));
	take_ready(decoder, nodes, status, out);
	take_region(decoder, nodes, status, out);
	take_zones(decoder, nodes, status, out);
}

enum err cluster_take(struct decoder *decoder, const struct object *object, struct why *why)
{
	struct cluster_seen seen;
	cluster_decode(decoder, object, &seen);
	if (seen.name.size == 0)
		return ERR_OK;
	return model_stage_cluster(decoder->model, &seen, decoder->findings, why);
}

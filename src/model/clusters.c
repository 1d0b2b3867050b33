/* Clusters by name. Ids are shared by those that the federation knows and those that annotations
 * merely name. */
#include "model_internal.h"

#include <stdlib.h>
#include <string.h>

struct cluster *cluster_at(const struct model *model, uint32_t id)
{
	return id < model->clusters.pool.limit ? model->clusters.pool.at[id] : NULL;
}

static uint32_t kind_hash(const void *owner, uint32_t id)
{
	return cluster_at(owner, id)->hash;
}

static bool kind_equal(const void *owner, uint32_t id, const void *key)
{
	return bytes_equal(cluster_name(cluster_at(owner, id)), *(const struct bytes *)key);
}

void clusters_init(struct model *model)
{
	static const struct table_kind KIND = {kind_hash, kind_equal};
	table_init(&model->clusters.table, &KIND, model);
}

void clusters_clear(struct model *model)
{
	for (uint32_t id = 0; id < model->clusters.pool.limit; id++) {
		struct cluster *cluster = cluster_at(model, id);
		if (cluster == NULL)
			continue;
		cluster_staged_drop(cluster);
		free(cluster->source);
		free(cluster->override.labels);
		free(cluster);
	}
	pool_clear(&model->clusters.pool);
	table_clear(&model->clusters.table);
}

void cluster_staged_drop(struct cluster *cluster)
{
	if (cluster->staged == NULL)
		return;
	free(cluster->staged->labels);
	free(cluster->staged);
	cluster->staged = NULL;
}

/** Is there room for one more name? Counted afresh: new names are rare. */
static enum err names_check(const struct model *model, bool mere, struct why *why)
{
	size_t merely_named = 0;
	for (uint32_t id = 0; id < model->clusters.pool.limit; id++) {
		const struct cluster *cluster = cluster_at(model, id);
		if (cluster == NULL || cluster_known(cluster))
			continue;
		merely_named += cluster->staged == NULL || cluster->staged->gone;
	}
	if (mere && merely_named >= CLUSTER_NAMES_MERE_MAX) {
		why_set(why, "more than %d cluster names that the federation doesn't know",
		        CLUSTER_NAMES_MERE_MAX);
		return ERR_LIMIT;
	}
	if (pool_count(&model->clusters.pool) >= CLUSTER_NAMES_MAX) {
		why_set(why, "more than %d cluster names", CLUSTER_NAMES_MAX);
		return ERR_LIMIT;
	}
	return ERR_OK;
}

static enum err cluster_make(struct model *model, struct bytes name, uint32_t hash, uint32_t *out)
{
	if (pool_reserve(&model->clusters.pool) != ERR_OK ||
	    table_reserve(&model->clusters.table) != ERR_OK)
		return ERR_NOMEM;
	struct cluster *cluster = calloc(1, sizeof *cluster + name.size);
	if (cluster == NULL)
		return ERR_NOMEM;
	cluster->hash = hash;
	cluster->name_size = (uint8_t)name.size;
	memcpy(cluster->name, name.data, name.size);
	*out = pool_take(&model->clusters.pool, cluster);
	table_add(&model->clusters.table, hash, *out);
	return ERR_OK;
}

enum err cluster_intern(struct model *model, struct bytes name, bool mere, uint16_t *out,
                        struct why *why)
{
	*out = 0;
	assert(name.size > 0);
	if (name.size > CLUSTER_NAME_SIZE_MAX) {
		why_set(why, "a cluster name of %zu octets, more than %d", name.size,
		        CLUSTER_NAME_SIZE_MAX);
		return ERR_LIMIT;
	}
	uint32_t hash = table_hash(name, model->seed);
	uint32_t id = table_find(&model->clusters.table, hash, &name);
	if (id == TABLE_NONE) {
		enum err err = names_check(model, mere, why);
		if (err != ERR_OK) {
			model->stage.short_of_names = true;
			return err;
		}
		if (cluster_make(model, name, hash, &id) != ERR_OK) {
			why_set(why, "no memory for cluster %.*s", BYTES_ARG(name));
			return ERR_NOMEM;
		}
	}
	*out = (uint16_t)id;
	return ERR_OK;
}

struct cluster *cluster_find(const struct model *model, struct bytes name)
{
	uint32_t id = table_find(&model->clusters.table, table_hash(name, model->seed), &name);
	return id == TABLE_NONE ? NULL : cluster_at(model, id);
}

void clusters_sweep(struct model *model)
{
	for (uint32_t id = 0; id < model->clusters.pool.limit; id++) {
		struct cluster *cluster = cluster_at(model, id);
		if (cluster == NULL || cluster->refs > 0 || cluster_known(cluster) ||
		    cluster->staged != NULL)
			continue;
		assert(cluster->source == NULL && cluster->override.labels == NULL);
		table_remove(&model->clusters.table, cluster->hash, id);
		pool_give(&model->clusters.pool, id);
		free(cluster);
	}
}

struct outlook outlook_of(const struct labels *source, const struct override *override)
{
	const struct labels *region = override->has_region ? override->labels : source;
	const struct labels *zones = override->has_zones ? override->labels : source;
	if (region == NULL || region->region.size == 0)
		return (struct outlook){.zone_count = 0};
	struct outlook outlook = {.region = region->region};
	if (zones != NULL) {
		outlook.zones = zones->zones;
		outlook.zone_count = zones->zone_count;
	}
	return outlook;
}

static void lost_report(const struct cluster *cluster, struct findings *findings)
{
	findings_add(
		findings, SEVERITY_WARNING, FINDING_CLUSTER,
		"cluster %.*s is no longer known to the federation; %u service%s it, whose addresses there "
		"count at the global level only",
		BYTES_SHOWN(cluster_name(cluster)), cluster->named,
		cluster->named == 1 ? " names" : "s name");
}

void clusters_lost_report(struct model *model, struct findings *findings)
{
	for (uint32_t id = 0; id < model->clusters.pool.limit; id++) {
		struct cluster *cluster = cluster_at(model, id);
		if (cluster == NULL || !cluster->lost)
			continue;
		cluster->lost = false;
		if (cluster->named > 0)
			lost_report(cluster, findings);
	}
}

size_t model_cluster_limit(const struct model *model)
{
	return model->clusters.pool.limit;
}

bool model_cluster(const struct model *model, uint16_t id, struct cluster_view *out)
{
	*out = (struct cluster_view){.known = false};
	const struct cluster *cluster = cluster_at(model, id);
	if (cluster == NULL || (cluster->named == 0 && !cluster_known(cluster)))
		return false; /* nobody's, or merely staged */
	struct standing standing = atlas_standing(model->atlas, id);
	out->name = cluster_name(cluster);
	out->known = cluster_known(cluster);
	out->in_source = cluster->in_source;
	out->ready = cluster->ready;
	out->ready_since_ms = cluster->ready == READY_FALSE ? cluster->since_ms : 0;
	out->withdrawn_at_ms = cluster->withdrawn ? cluster->withdrawn_at_ms : 0;
	out->region = standing.region;
	out->zones = model->atlas->zones + standing.zones_at;
	out->zone_count = standing.zone_count;
	if (cluster->source != NULL) {
		out->source_region = cluster->source->region;
		out->source_zones = cluster->source->zones;
		out->source_zone_count = cluster->source->zone_count;
	}
	return true;
}

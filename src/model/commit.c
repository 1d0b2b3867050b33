/* Commit and rollback. Up to the first change everything may fail; from there on nothing can. */
#include "model_internal.h"

#include <stdlib.h>

/** What a cluster will be by its source. */
struct cluster_next {
	bool in_source;
	const struct labels *source;
};

static struct cluster_next next_of(const struct cluster *cluster, enum commit how)
{
	const struct cluster_staged *staged = cluster->staged;
	if (staged == NULL && how == COMMIT_CHANGES)
		return (struct cluster_next){cluster->in_source, cluster->source};
	if (staged == NULL || staged->gone)
		return (struct cluster_next){false, NULL};
	return (struct cluster_next){true, staged->keeps_place ? cluster->source : staged->labels};
}

/* --- what may fail ------------------------------------------------------------------------ */

static size_t services_after(const struct model *model, enum commit how)
{
	size_t count = how == COMMIT_CHANGES ? model->slots.count : 0;
	for (uint32_t i = 0; i < model->stage.count; i++) {
		const struct staged *entry = &model->stage.entries[i];
		if (entry->id == TABLE_NONE)
			continue;
		bool is_now = model->slots.at[entry->id].now != NULL;
		if (how == COMMIT_REPLACE)
			count += !entry->gone;
		else if (entry->gone)
			count -= is_now;
		else
			count += !is_now;
	}
	return count;
}

static size_t clusters_after(const struct model *model, enum commit how)
{
	size_t count = 0;
	for (uint32_t id = 0; id < model->clusters.pool.limit; id++) {
		const struct cluster *cluster = cluster_at(model, id);
		if (cluster != NULL)
			count += next_of(cluster, how).in_source || cluster->override.given;
	}
	return count;
}

static enum err limits_check(const struct model *model, enum commit how, struct why *why)
{
	size_t services = services_after(model, how), clusters = clusters_after(model, how);
	if (services > SERVICES_MAX) {
		why_set(why, "%zu services, more than %d", services, SERVICES_MAX);
		return ERR_LIMIT;
	}
	if (clusters > CLUSTERS_MAX) {
		why_set(why, "%zu clusters, more than %d", clusters, CLUSTERS_MAX);
		return ERR_LIMIT;
	}
	return ERR_OK;
}

static struct atlas *atlas_after(const struct model *model, enum commit how)
{
	size_t limit = model->clusters.pool.limit;
	struct outlook *outlooks = calloc(limit + 1, sizeof outlooks[0]);
	if (outlooks == NULL)
		return NULL;
	for (uint32_t id = 0; id < limit; id++) {
		const struct cluster *cluster = cluster_at(model, id);
		if (cluster != NULL)
			outlooks[id] = outlook_of(next_of(cluster, how).source, &cluster->override);
	}
	struct atlas *atlas = atlas_new(outlooks, limit);
	free(outlooks);
	return atlas;
}

/* --- clusters ----------------------------------------------------------------------------- */

static void readiness_apply(struct cluster *cluster, const struct cluster_staged *staged,
                            int64_t now_ms)
{
	bool same_spell = cluster->in_source && cluster->ready == READY_FALSE;
	cluster->ready = staged->ready;
	if (staged->ready != READY_FALSE)
		return;
	bool given = staged->ready_since_ms > 0 && staged->ready_since_ms <= now_ms;
	if (!same_spell)
		cluster->not_ready_seen_ms = given ? staged->ready_since_ms : now_ms;
	cluster->since_ms = given ? staged->ready_since_ms : cluster->not_ready_seen_ms;
}

static void cluster_apply(struct cluster *cluster, enum commit how, int64_t now_ms)
{
	struct cluster_next next = next_of(cluster, how);
	bool was_known = cluster_known(cluster);
	if (next.in_source && cluster->staged != NULL)
		readiness_apply(cluster, cluster->staged, now_ms);
	else if (!next.in_source)
		cluster->ready = READY_UNKNOWN;
	if (next.source != cluster->source) {
		free(cluster->source);
		cluster->source = next.source == NULL ? NULL : cluster->staged->labels;
		if (cluster->staged != NULL)
			cluster->staged->labels = NULL; /* taken, or was NULL */
	}
	cluster->in_source = next.in_source;
	cluster->lost = was_known && !cluster_known(cluster);
	cluster_staged_drop(cluster);
}

static void clusters_apply(struct model *model, enum commit how, int64_t now_ms)
{
	for (uint32_t id = 0; id < model->clusters.pool.limit; id++)
		if (cluster_at(model, id) != NULL)
			cluster_apply(cluster_at(model, id), how, now_ms);
}

/* --- services ----------------------------------------------------------------------------- */

static void service_name(struct model *model, const struct service *service)
{
	const struct ingress *at = service_first(service);
	for (unsigned left = service->ingress_count; left > 0; left--, at = ingress_after(at))
		cluster_at(model, at->cluster)->named++;
	hosts_name(model, service);
	namespace_name(model, service);
	model->slots.count++;
}

/** The service in force at `id`, if any, leaves. */
static void service_retire(struct model *model, uint32_t id)
{
	struct service *service = model->slots.at[id].now;
	if (service == NULL)
		return;
	const struct ingress *at = service_first(service);
	for (unsigned left = service->ingress_count; left > 0; left--, at = ingress_after(at))
		cluster_at(model, at->cluster)->named--;
	hosts_unname(model, service);
	namespace_unname(model, service);
	model->slots.count--;
	model->slots.at[id].now = NULL;
	service_release(model, service);
}

static void unknown_report(const struct model *model, const struct service *service,
                           struct findings *findings)
{
	struct bytes namespace = namespace_label(model, service->namespace);
	const struct bytes name = {service->name, service->name_size};
	const struct ingress *at = service_first(service);
	for (unsigned left = service->ingress_count; left > 0; left--, at = ingress_after(at)) {
		const struct cluster *cluster = cluster_at(model, at->cluster);
		if (cluster_known(cluster))
			continue;
		findings_add(
			findings, SEVERITY_WARNING, FINDING_CLUSTER,
			"service %.*s/%.*s: cluster %.*s is not known to the federation; its addresses "
			"count at the global level only",
			BYTES_SHOWN(namespace), BYTES_SHOWN(name), BYTES_SHOWN(cluster_name(cluster)));
	}
}

static void new_services_report(const struct model *model, struct findings *findings)
{
	const char *file = findings->file;
	unsigned line = findings->line;
	for (uint32_t i = 0; i < model->stage.count; i++) {
		const struct staged *entry = &model->stage.entries[i];
		if (entry->next == NULL)
			continue;
		findings->file = model->stage.files[entry->file];
		findings->line = entry->line;
		unknown_report(model, entry->next, findings);
	}
	findings->file = file;
	findings->line = line;
}

static void entry_apply(struct model *model, struct staged *entry)
{
	if (entry->id == TABLE_NONE)
		return;
	struct slot *slot = &model->slots.at[entry->id];
	slot->link = 0;
	if (entry->next == NULL && !entry->gone)
		return; /* as it was */
	model->gone_count += slot->now != NULL && entry->next == NULL;
	service_retire(model, entry->id);
	slot->now = entry->next;
	entry->next = NULL;
	changes_add(model, entry->id);
	if (slot->now == NULL)
		slot_free(model, entry->id);
}

static void services_apply(struct model *model, enum commit how)
{
	/* All that is new first, so that a host that moves from one service to another never seems gone
	 * in between. */
	for (uint32_t i = 0; i < model->stage.count; i++)
		if (model->stage.entries[i].next != NULL)
			service_name(model, model->stage.entries[i].next);
	for (uint32_t id = 0; how == COMMIT_REPLACE && id < model->slots.limit; id++) {
		const struct slot *slot = &model->slots.at[id];
		if (slot->now == NULL || slot->link != 0)
			continue;
		model->gone_count++;
		service_retire(model, id);
		changes_add(model, id);
		slot_free(model, id);
	}
	for (uint32_t i = 0; i < model->stage.count; i++)
		entry_apply(model, &model->stage.entries[i]);
}

/* --- the whole ---------------------------------------------------------------------------- */

/** Let the new places stand. True if anything moved. */
static void atlas_apply(struct model *model, struct atlas *atlas)
{
	if (atlas == NULL)
		return;
	if (atlas_equal(model->atlas, atlas)) {
		free(atlas);
		return;
	}
	free(model->atlas);
	model->atlas = atlas;
	changes_everything(model);
}

static void leftovers_clear(struct model *model)
{
	stage_clear(model);
	hosts_sweep(model);
	clusters_sweep(model);
}

enum err model_commit(struct model *model, enum commit how, int64_t now_ms,
                      struct findings *findings, struct why *why)
{
	bool clusters = model->stage.clusters || how == COMMIT_REPLACE;
	struct atlas *atlas = NULL;
	enum err err = limits_check(model, how, why);
	if (err == ERR_OK && clusters) {
		atlas = atlas_after(model, how);
		if (atlas == NULL) {
			why_set(why, "no memory for the places");
			err = ERR_NOMEM;
		}
	}
	if (err != ERR_OK) {
		model_rollback(model);
		return err;
	}
	if (clusters)
		clusters_apply(model, how, now_ms);
	atlas_apply(model, atlas);
	new_services_report(model, findings);
	services_apply(model, how);
	clusters_lost_report(model, findings);
	clusters_judge(model, now_ms);
	leftovers_clear(model);
	return ERR_OK;
}

void model_rollback(struct model *model)
{
	for (uint32_t i = 0; i < model->stage.count; i++) {
		struct staged *entry = &model->stage.entries[i];
		if (entry->id == TABLE_NONE)
			continue;
		model->slots.at[entry->id].link = 0;
		if (entry->next != NULL)
			service_release(model, entry->next);
		if (model->slots.at[entry->id].now == NULL)
			slot_free(model, entry->id);
	}
	for (uint32_t id = 0; id < model->clusters.pool.limit; id++)
		if (cluster_at(model, id) != NULL)
			cluster_staged_drop(cluster_at(model, id));
	leftovers_clear(model);
}

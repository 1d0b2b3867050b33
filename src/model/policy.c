/* The policy: `topology` and the grace. Prepared whole beside the old one, then swapped in. */
#include "model_internal.h"

#include <stdlib.h>

/** Overrides to be, by cluster id. */
struct overrides {
	struct override at[CLUSTER_NAMES_MAX];
};

static void overrides_free(struct overrides *overrides)
{
	for (size_t id = 0; overrides != NULL && id < CLUSTER_NAMES_MAX; id++)
		free(overrides->at[id].labels);
	free(overrides);
}

static enum err override_add(struct model *model, struct overrides *overrides,
                             const struct topology *topology, struct findings *findings,
                             struct why *why)
{
	uint16_t id;
	enum err err = cluster_intern(model, topology->cluster, false, &id, why);
	if (err != ERR_OK)
		return err;
	struct labels *labels;
	struct bytes region = topology->has_region ? topology->region : (struct bytes){NULL, 0};
	err = labels_new(topology->cluster, region, topology->zones,
	                 topology->has_zones ? topology->zone_count : 0, findings, &labels);
	if (err != ERR_OK) {
		why_set(why, "no memory");
		return err;
	}
	struct override *override = &overrides->at[id];
	if (override->given)
		findings_add(findings, SEVERITY_WARNING, FINDING_DUPLICATE,
		             "topology: cluster %.*s is there twice; the last one counts",
		             BYTES_SHOWN(topology->cluster));
	free(override->labels);
	*override = (struct override){true, topology->has_region, topology->has_zones, labels};
	return ERR_OK;
}

static enum err overrides_new(struct model *model, const struct model_policy *policy,
                              struct findings *findings, struct overrides **out, struct why *why)
{
	struct overrides *overrides = calloc(1, sizeof *overrides);
	*out = NULL;
	if (overrides == NULL) {
		why_set(why, "topology: no memory");
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < policy->topology_count; i++) {
		enum err err = override_add(model, overrides, &policy->topology[i], findings, why);
		if (err != ERR_OK) {
			why_wrap(why, "topology");
			overrides_free(overrides);
			return err;
		}
	}
	*out = overrides;
	return ERR_OK;
}

static enum err limits_check(const struct model *model, const struct overrides *overrides,
                             struct why *why)
{
	size_t known = 0;
	for (uint32_t id = 0; id < model->clusters.pool.limit; id++) {
		const struct cluster *cluster = cluster_at(model, id);
		if (cluster != NULL)
			known += cluster->in_source || overrides->at[id].given;
	}
	if (known <= CLUSTERS_MAX)
		return ERR_OK;
	why_set(why, "topology: %zu clusters with those of the source, more than %d", known,
	        CLUSTERS_MAX);
	return ERR_LIMIT;
}

static struct atlas *atlas_after(const struct model *model, const struct overrides *overrides)
{
	size_t limit = model->clusters.pool.limit;
	struct outlook *outlooks = calloc(limit + 1, sizeof outlooks[0]);
	if (outlooks == NULL)
		return NULL;
	for (uint32_t id = 0; id < limit; id++)
		if (cluster_at(model, id) != NULL)
			outlooks[id] = outlook_of(cluster_at(model, id)->source, &overrides->at[id]);
	struct atlas *atlas = atlas_new(outlooks, limit);
	free(outlooks);
	return atlas;
}

/** Swap: `overrides` holds the old ones afterwards. */
static void overrides_apply(struct model *model, struct overrides *overrides)
{
	for (uint32_t id = 0; id < model->clusters.pool.limit; id++) {
		struct cluster *cluster = cluster_at(model, id);
		if (cluster == NULL)
			continue;
		struct override old = cluster->override;
		bool was_known = cluster_known(cluster);
		cluster->override = overrides->at[id];
		overrides->at[id] = old;
		cluster->lost = was_known && !cluster_known(cluster);
	}
}

enum err model_set_policy(struct model *model, const struct model_policy *policy, int64_t now_ms,
                          struct findings *findings, struct why *why)
{
	assert(policy->offline_grace_ms >= 0);
	struct overrides *overrides;
	struct atlas *atlas = NULL;
	enum err err = overrides_new(model, policy, findings, &overrides, why);
	if (err == ERR_OK)
		err = limits_check(model, overrides, why);
	if (err == ERR_OK) {
		atlas = atlas_after(model, overrides);
		if (atlas == NULL) {
			why_set(why, "no memory for the places");
			err = ERR_NOMEM;
		}
	}
	if (err == ERR_OK) {
		overrides_apply(model, overrides);
		free(model->atlas);
		model->atlas = atlas;
		model->offline_grace_ms = policy->offline_grace_ms;
		changes_everything(model);
		clusters_lost_report(model, findings);
		clusters_judge(model, now_ms);
	}
	overrides_free(overrides);
	clusters_sweep(model);
	return err;
}

#include "model_internal.h"

#include <stdlib.h>

/** Where to stage `cluster`: cleared if it was staged before. NULL: no memory. */
static struct cluster_staged *staged_make(struct model *model, struct cluster *cluster)
{
	struct cluster_staged *staged = calloc(1, sizeof *staged);
	if (staged == NULL)
		return NULL;
	cluster_staged_drop(cluster);
	cluster->staged = staged;
	model->stage.clusters = true;
	return staged;
}

static enum err seen_stage(struct model *model, struct cluster *cluster,
                           const struct cluster_seen *seen, struct findings *findings)
{
	bool keeps_place = seen->region.size == 0 && seen->zone_count == 0;
	struct labels *labels = NULL;
	if (!keeps_place) {
		enum err err =
			labels_new(seen->name, seen->region, seen->zones, seen->zone_count, findings, &labels);
		if (err != ERR_OK)
			return err;
	}
	struct cluster_staged *staged = staged_make(model, cluster);
	if (staged == NULL) {
		free(labels);
		return ERR_NOMEM;
	}
	staged->keeps_place = keeps_place;
	staged->labels = labels;
	staged->ready = seen->ready;
	staged->ready_since_ms = seen->ready_since_ms;
	return ERR_OK;
}

enum err model_stage_cluster(struct model *model, const struct cluster_seen *seen,
                             struct findings *findings, struct why *why)
{
	if (seen->name.size == 0) {
		findings_add(findings, SEVERITY_WARNING, FINDING_OBJECT,
		             "a cluster without a name is left out");
		return ERR_OK;
	}
	uint16_t id;
	enum err err = cluster_intern(model, seen->name, false, &id, why);
	if (err == ERR_LIMIT) {
		findings_add(findings, SEVERITY_ERROR, FINDING_LIMIT, "cluster %.*s is left out: %s",
		             BYTES_SHOWN(seen->name), why->text);
		return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	struct cluster *cluster = cluster_at(model, id);
	if (cluster->staged != NULL && !cluster->staged->gone)
		findings_add(findings, SEVERITY_WARNING, FINDING_DUPLICATE,
		             "cluster %.*s is there twice; the last one counts", BYTES_SHOWN(seen->name));
	err = seen_stage(model, cluster, seen, findings);
	if (err != ERR_OK)
		why_set(why, "cluster %.*s: no memory", BYTES_ARG(seen->name));
	return err;
}

enum err model_stage_cluster_gone(struct model *model, struct bytes name, struct why *why)
{
	struct cluster *cluster = cluster_find(model, name);
	if (cluster == NULL)
		return ERR_OK;
	struct cluster_staged *staged = staged_make(model, cluster);
	if (staged == NULL) {
		why_set(why, "no memory to stage that cluster %.*s is gone", BYTES_ARG(name));
		return ERR_NOMEM;
	}
	staged->gone = true;
	return ERR_OK;
}

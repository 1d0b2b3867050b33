/* Rule 9: the passing of time. */
#include "model_internal.h"

static bool service_lists(const struct service *service, uint32_t cluster)
{
	const struct ingress *at = service_first(service);
	for (unsigned left = service->ingress_count; left > 0; left--, at = ingress_after(at))
		if (at->cluster == cluster)
			return true;
	return false;
}

/** Readiness turns rarely, so a walk over all services is cheaper than lists kept for it. */
static void listing_changed(struct model *model, uint32_t cluster)
{
	if (model->everything || cluster_at(model, cluster)->named == 0)
		return;
	for (uint32_t id = 0; id < model->slots.limit; id++)
		if (model->slots.at[id].now != NULL && service_lists(model->slots.at[id].now, cluster))
			changes_add(model, id);
}

static bool cluster_down(const struct cluster *cluster)
{
	return cluster->in_source && cluster->ready == READY_FALSE;
}

static int64_t due_of(int64_t since_ms, int64_t grace_ms)
{
	return since_ms > INT64_MAX - grace_ms ? INT64_MAX : since_ms + grace_ms;
}

static void judge(struct model *model, uint32_t id, int64_t now_ms)
{
	struct cluster *cluster = cluster_at(model, id);
	bool withdrawn = false;
	if (cluster_down(cluster)) {
		int64_t due_ms = due_of(cluster->since_ms, model->offline_grace_ms);
		/* A clock set back doesn't return a cluster: only news of it, or of the grace, may. */
		bool stays = cluster->withdrawn && due_ms == cluster->due_ms;
		withdrawn = stays || now_ms >= due_ms;
		cluster->due_ms = due_ms;
	}
	if (withdrawn == cluster->withdrawn)
		return;
	cluster->withdrawn = withdrawn;
	cluster->withdrawn_at_ms = now_ms;
	listing_changed(model, id);
}

void clusters_judge(struct model *model, int64_t now_ms)
{
	for (uint32_t id = 0; id < model->clusters.pool.limit; id++)
		if (cluster_at(model, id) != NULL)
			judge(model, id, now_ms);
}

int64_t model_tick(struct model *model, int64_t now_ms)
{
	clusters_judge(model, now_ms);
	int64_t next_ms = INT64_MAX;
	for (uint32_t id = 0; id < model->clusters.pool.limit; id++) {
		const struct cluster *cluster = cluster_at(model, id);
		if (cluster == NULL || !cluster_down(cluster) || cluster->withdrawn)
			continue;
		if (cluster->due_ms < next_ms)
			next_ms = cluster->due_ms;
	}
	return next_ms;
}

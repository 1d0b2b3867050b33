#include "model_internal.h"

#include <stdlib.h>

#define CHANGED_ROOM_MIN 16

struct model *model_new(uint64_t seed)
{
	struct model *model = calloc(1, sizeof *model);
	if (model == NULL)
		return NULL;
	model->atlas = atlas_new(NULL, 0);
	if (model->atlas == NULL) {
		free(model);
		return NULL;
	}
	model->seed = seed;
	model->offline_grace_ms = OFFLINE_GRACE_DEFAULT_MS;
	slots_init(model);
	clusters_init(model);
	hosts_init(model);
	namespaces_init(model);
	return model;
}

void model_free(struct model *model)
{
	if (model == NULL)
		return;
	model_rollback(model);
	slots_clear(model);
	clusters_clear(model);
	hosts_clear(model);
	namespaces_clear(model);
	free(model->atlas);
	free(model->changed);
	free(model);
}

uint64_t model_seed(const struct model *model)
{
	return model->seed;
}

static void changed_clear(struct model *model)
{
	for (size_t i = 0; i < model->changed_count; i++)
		model->slots.at[model->changed[i]].changed = 0;
	model->changed_count = 0;
	model->changed_room = 0;
	free(model->changed);
	model->changed = NULL;
}

void model_changes_taken(struct model *model)
{
	changed_clear(model);
	model->everything = false;
	model->gone_count = 0;
}

void changes_everything(struct model *model)
{
	changed_clear(model);
	model->everything = true;
}

void changes_add(struct model *model, uint32_t id)
{
	if (model->everything || model->slots.at[id].changed)
		return;
	if (model->changed_count == model->changed_room) {
		size_t room = model->changed_room == 0 ? CHANGED_ROOM_MIN : 2 * model->changed_room;
		uint32_t *changed = realloc(model->changed, room * sizeof changed[0]);
		if (changed == NULL) {
			changes_everything(model);
			return;
		}
		model->changed = changed;
		model->changed_room = room;
	}
	model->slots.at[id].changed = 1;
	model->changed[model->changed_count++] = id;
}

struct model_changes model_changes(const struct model *model)
{
	return (struct model_changes){model->everything, model->changed, model->changed_count,
	                              model->gone_count};
}

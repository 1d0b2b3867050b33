/* Verdicts of health: a sorted block a service, beside the slots, for most services have none.
 *
 * Each holds its cluster, so that an id in a verdict never comes to mean another cluster.
 */
#include "model_internal.h"

#include <stdlib.h>
#include <string.h>

struct verdicts {
	uint32_t count;
	struct verdict at[];
};

static int verdict_compare(const void *left, const void *right)
{
	const struct verdict *a = left, *b = right;
	if (a->cluster != b->cluster)
		return a->cluster < b->cluster ? -1 : 1;
	return address_compare(&a->address, &b->address);
}

/* Field by field: what lies between them is anything. */
static bool verdict_equal(const struct verdict *a, const struct verdict *b)
{
	return verdict_compare(a, b) == 0 && a->out == b->out && a->unsteady == b->unsteady &&
	       a->forced == b->forced && a->since_ms == b->since_ms && a->reason == b->reason;
}

static bool verdicts_equal(const struct verdicts *a, const struct verdicts *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!verdict_equal(&a->at[i], &b->at[i]))
			return false;
	return true;
}

static struct verdicts *verdicts_of(const struct model *model, uint32_t id)
{
	return id < model->slots.verdicts_room ? model->slots.verdicts[id] : NULL;
}

/** Sorted, once each. NULL: no memory. */
static struct verdicts *verdicts_new(const struct verdict *verdicts, size_t count)
{
	struct verdicts *made = malloc(sizeof *made + count * sizeof made->at[0]);
	if (made == NULL)
		return NULL;
	made->count = (uint32_t)count;
	memcpy(made->at, verdicts, count * sizeof made->at[0]);
	qsort(made->at, count, sizeof made->at[0], verdict_compare);
	for (size_t i = 1; i < count; i++)
		assert(verdict_compare(&made->at[i - 1], &made->at[i]) < 0);
	return made;
}

/** Room in the table for every slot there is. */
static enum err table_room(struct slots *slots)
{
	if (slots->limit <= slots->verdicts_room)
		return ERR_OK;
	struct verdicts **table = realloc(slots->verdicts, slots->room * sizeof(struct verdicts *));
	if (table == NULL)
		return ERR_NOMEM;
	for (uint32_t id = slots->verdicts_room; id < slots->room; id++)
		table[id] = NULL;
	slots->verdicts = table;
	slots->verdicts_room = slots->room;
	return ERR_OK;
}

static void clusters_count(struct model *model, const struct verdicts *verdicts, bool hold)
{
	for (uint32_t i = 0; i < verdicts->count; i++) {
		struct cluster *cluster = cluster_at(model, verdicts->at[i].cluster);
		assert(cluster != NULL && (hold || cluster->refs > 0));
		cluster->refs += hold ? 1u : -1u;
	}
}

enum err model_set_verdicts(struct model *model, uint32_t id, const struct verdict *verdicts,
                            size_t count, struct why *why)
{
	assert(id < model->slots.limit && model->slots.at[id].now != NULL);
	if (count > VERDICTS_MAX) {
		why_set(why, "%zu verdicts of one service, more than %d", count, VERDICTS_MAX);
		return ERR_LIMIT;
	}
	struct verdicts *old = verdicts_of(model, id), *made = NULL;
	if (count > 0) {
		made = table_room(&model->slots) == ERR_OK ? verdicts_new(verdicts, count) : NULL;
		if (made == NULL) {
			why_set(why, "no memory for the verdicts of a service");
			return ERR_NOMEM;
		}
	}
	if (verdicts_equal(old, made)) {
		free(made);
		return ERR_OK;
	}
	if (made != NULL)
		clusters_count(model, made, true);
	verdicts_release(model, id);
	if (made != NULL)
		model->slots.verdicts[id] = made;
	changes_add(model, id);
	return ERR_OK;
}

size_t model_verdicts(const struct model *model, uint32_t id, const struct verdict **out)
{
	const struct verdicts *verdicts = verdicts_of(model, id);
	*out = verdicts != NULL ? verdicts->at : NULL;
	return verdicts != NULL ? verdicts->count : 0;
}

void verdicts_release(struct model *model, uint32_t id)
{
	struct verdicts *verdicts = verdicts_of(model, id);
	if (verdicts == NULL)
		return;
	clusters_count(model, verdicts, false);
	free(verdicts);
	model->slots.verdicts[id] = NULL;
}

void verdicts_clear(struct model *model)
{
	for (uint32_t id = 0; id < model->slots.verdicts_room; id++)
		free(model->slots.verdicts[id]);
	free(model->slots.verdicts);
	model->slots.verdicts = NULL;
	model->slots.verdicts_room = 0;
}

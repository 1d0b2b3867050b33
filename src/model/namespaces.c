/* Namespaces, and how long the names in them are: what RFC 8020 asks of names in between. */
#include "model_internal.h"

#include <stdlib.h>
#include <string.h>

static struct namespace_counts *namespace_at(const struct model *model, uint32_t id)
{
	assert(id < model->namespaces.pool.limit);
	return model->namespaces.pool.at[id];
}

static uint32_t kind_hash(const void *owner, uint32_t id)
{
	return namespace_at(owner, id)->hash;
}

static bool kind_equal(const void *owner, uint32_t id, const void *key)
{
	return bytes_equal(namespace_label(owner, id), *(const struct bytes *)key);
}

void namespaces_init(struct model *model)
{
	static const struct table_kind KIND = {kind_hash, kind_equal};
	table_init(&model->namespaces.table, &KIND, model);
}

static void namespace_free(struct namespace_counts *namespace)
{
	free(namespace->lengths);
	free(namespace);
}

void namespaces_clear(struct model *model)
{
	for (uint32_t id = 0; id < model->namespaces.pool.limit; id++)
		if (model->namespaces.pool.at[id] != NULL)
			namespace_free(model->namespaces.pool.at[id]);
	pool_clear(&model->namespaces.pool);
	table_clear(&model->namespaces.table);
}

struct bytes namespace_label(const struct model *model, uint32_t id)
{
	const struct namespace_counts *namespace = namespace_at(model, id);
	return (struct bytes){namespace->label, namespace->size};
}

uint32_t namespace_find(const struct model *model, struct bytes label)
{
	return table_find(&model->namespaces.table, table_hash(label, model->seed), &label);
}

static enum err namespace_make(struct model *model, struct bytes label, uint32_t *out)
{
	struct namespaces *all = &model->namespaces;
	if (pool_reserve(&all->pool) != ERR_OK || table_reserve(&all->table) != ERR_OK)
		return ERR_NOMEM;
	struct namespace_counts *made = calloc(1, sizeof *made + label.size);
	if (made == NULL)
		return ERR_NOMEM;
	made->hash = table_hash(label, model->seed);
	made->size = (uint8_t)label.size;
	memcpy(made->label, label.data, label.size);
	*out = pool_take(&all->pool, made);
	table_add(&all->table, made->hash, *out);
	return ERR_OK;
}

static enum err length_reserve(struct namespace_counts *namespace, size_t size)
{
	size_t at = 0;
	while (at < namespace->length_count && namespace->lengths[at].size < size)
		at++;
	if (at < namespace->length_count && namespace->lengths[at].size == size)
		return ERR_OK;
	size_t count = namespace->length_count;
	struct length_count *lengths = realloc(namespace->lengths, (count + 1) * sizeof lengths[0]);
	if (lengths == NULL)
		return ERR_NOMEM;
	memmove(&lengths[at + 1], &lengths[at], (count - at) * sizeof lengths[0]);
	lengths[at] = (struct length_count){.size = (uint32_t)size};
	namespace->lengths = lengths;
	namespace->length_count = (uint8_t)(count + 1);
	return ERR_OK;
}

enum err namespace_intern(struct model *model, struct bytes label, size_t name_size, uint32_t *out)
{
	assert(label.size > 0 && label.size <= LABEL_SIZE_MAX);
	assert(name_size > 0 && name_size <= LABEL_SIZE_MAX);
	uint32_t id = namespace_find(model, label);
	*out = id;
	if (id == TABLE_NONE && namespace_make(model, label, &id) != ERR_OK)
		return ERR_NOMEM;
	if (length_reserve(namespace_at(model, id), name_size) != ERR_OK) {
		namespace_sweep(model, id);
		return ERR_NOMEM;
	}
	*out = id;
	return ERR_OK;
}

void namespace_sweep(struct model *model, uint32_t id)
{
	struct namespace_counts *namespace = namespace_at(model, id);
	if (namespace == NULL || namespace->refs > 0)
		return;
	table_remove(&model->namespaces.table, namespace->hash, id);
	pool_give(&model->namespaces.pool, id);
	namespace_free(namespace);
}

void namespace_hold(struct model *model, uint32_t id)
{
	namespace_at(model, id)->refs++;
}

void namespace_release(struct model *model, uint32_t id)
{
	assert(namespace_at(model, id)->refs > 0);
	namespace_at(model, id)->refs--;
	namespace_sweep(model, id);
}

static uint32_t *length_count_of(struct namespace_counts *namespace, uint8_t size)
{
	struct length_count *at = namespace->lengths;
	while (at->size != size) {
		at++;
		assert(at < namespace->lengths + namespace->length_count);
	}
	return &at->count;
}

static uint32_t *prefix_count_of(struct model *model, const struct service *service)
{
	return &model->namespaces
	            .by_prefix[2 + service->name_size + namespace_at(model, service->namespace)->size];
}

void namespace_name(struct model *model, const struct service *service)
{
	(*length_count_of(namespace_at(model, service->namespace), service->name_size))++;
	(*prefix_count_of(model, service))++;
}

void namespace_unname(struct model *model, const struct service *service)
{
	(*length_count_of(namespace_at(model, service->namespace), service->name_size))--;
	(*prefix_count_of(model, service))--;
}

uint8_t model_namespace_shortest(const struct model *model, struct bytes namespace)
{
	uint32_t id = namespace_find(model, namespace);
	if (id == TABLE_NONE)
		return 0;
	const struct namespace_counts *found = namespace_at(model, id);
	for (size_t i = 0; i < found->length_count; i++)
		if (found->lengths[i].count > 0)
			return (uint8_t)found->lengths[i].size;
	return 0;
}

uint16_t model_prefix_shortest(const struct model *model)
{
	for (size_t size = 0; size <= SERVICE_KEY_SIZE_MAX; size++)
		if (model->namespaces.by_prefix[size] > 0)
			return (uint16_t)size;
	return 0;
}

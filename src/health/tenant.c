#include "tenant.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 16

struct tenant *tenant_at(const struct tenants *tenants, uint32_t id)
{
	assert(id < tenants->room && tenants->at[id] != NULL);
	return tenants->at[id];
}

struct bytes tenant_label(const struct tenant *tenant)
{
	return (struct bytes){tenant->label, tenant->size};
}

uint32_t tenant_largest(const struct tenants *tenants)
{
	uint32_t largest = TENANT_NONE;
	for (uint32_t id = 0; id < tenants->room; id++) {
		if (tenants->at[id] != NULL &&
		    (largest == TENANT_NONE || tenants->at[id]->targets > tenants->at[largest]->targets))
			largest = id;
	}
	return largest;
}

void tenants_free(struct tenants *tenants)
{
	for (uint32_t id = 0; id < tenants->room; id++)
		free(tenants->at[id]);
	free(tenants->at);
	free(tenants->buckets);
	*tenants = (struct tenants){.seed = tenants->seed};
}

static uint32_t *bucket_of(const struct tenants *tenants, uint64_t hash)
{
	return &tenants->buckets[hash & (tenants->room - 1)];
}

static uint32_t find(const struct tenants *tenants, uint64_t hash, struct bytes label)
{
	uint32_t id = tenants->room == 0 ? TENANT_NONE : *bucket_of(tenants, hash);
	while (id != TENANT_NONE &&
	       (tenants->at[id]->hash != hash || !bytes_equal(tenant_label(tenants->at[id]), label)))
		id = tenants->at[id]->after;
	return id;
}

static void buckets_fill(struct tenants *tenants)
{
	for (uint32_t i = 0; i < tenants->room; i++)
		tenants->buckets[i] = TENANT_NONE;
	for (uint32_t id = 0; id < tenants->room; id++) {
		if (tenants->at[id] == NULL)
			continue;
		uint32_t *bucket = bucket_of(tenants, tenants->at[id]->hash);
		tenants->at[id]->after = *bucket;
		*bucket = id;
	}
}

/* Those that are gone, and have nothing to answer for any more. */
static void sweep(struct tenants *tenants, int64_t now_ms)
{
	for (uint32_t id = 0; id < tenants->room; id++) {
		struct tenant *tenant = tenants->at[id];
		if (tenant == NULL || tenant->links != 0 || tenant->targets != 0 ||
		    budget_lost(&tenant->budget, now_ms) != 0)
			continue;
		free(tenant);
		tenants->at[id] = NULL;
		tenants->count--;
	}
	tenants->free_first = 0;
	buckets_fill(tenants);
}

static enum err grow(struct tenants *tenants)
{
	uint32_t room = tenants->room == 0 ? ROOM_FIRST : 2 * tenants->room;
	struct tenant **at = realloc(tenants->at, room * sizeof(struct tenant *));
	if (at == NULL)
		return ERR_NOMEM;
	tenants->at = at;
	uint32_t *buckets = realloc(tenants->buckets, room * sizeof buckets[0]);
	if (buckets == NULL)
		return ERR_NOMEM;
	for (uint32_t id = tenants->room; id < room; id++)
		at[id] = NULL;
	tenants->buckets = buckets;
	tenants->room = room;
	buckets_fill(tenants);
	return ERR_OK;
}

/* Half of the room at least is free after a sweep, or there is twice as much. */
static enum err reserve(struct tenants *tenants, int64_t now_ms)
{
	if (tenants->count < tenants->room)
		return ERR_OK;
	sweep(tenants, now_ms);
	return tenants->count <= tenants->room / 2 && tenants->room != 0 ? ERR_OK : grow(tenants);
}

enum err tenant_get(struct tenants *tenants, struct bytes label, int64_t now_ms, uint32_t *out)
{
	uint64_t hash = hash_bytes(label, tenants->seed);
	*out = find(tenants, hash, label);
	if (*out != TENANT_NONE)
		return ERR_OK;
	assert(label.size <= UINT8_MAX);
	struct tenant *tenant = calloc(1, sizeof *tenant + label.size);
	if (tenant == NULL || reserve(tenants, now_ms) != ERR_OK) {
		free(tenant);
		return ERR_NOMEM;
	}
	uint32_t id = tenants->free_first;
	while (tenants->at[id] != NULL)
		id++;
	tenants->free_first = id + 1;
	uint32_t *bucket = bucket_of(tenants, hash);
	tenant->hash = hash;
	tenant->size = (uint8_t)label.size;
	if (label.size != 0)
		memcpy(tenant->label, label.data, label.size);
	tenant->after = *bucket;
	*bucket = id;
	tenants->at[id] = tenant;
	tenants->count++;
	*out = id;
	return ERR_OK;
}

/* Linear probing, growth at three quarters, deletion by shifting back: no tombstones, so lookups
 * stay short for ever. */
#include "table.h"

#include <assert.h>
#include <stdlib.h>

#define TABLE_ROOM_MIN 16

void table_init(struct table *table, const struct table_kind *kind, const void *owner)
{
	*table = (struct table){.kind = kind, .owner = owner};
}

void table_clear(struct table *table)
{
	free(table->ids);
	table_init(table, table->kind, table->owner);
}

uint32_t table_hash(struct bytes key, uint64_t seed)
{
	uint64_t hash = hash_bytes(key, seed);
	return (uint32_t)(hash ^ hash >> 32) & TABLE_HASH_MASK;
}

static void place(uint32_t *ids, uint32_t room, uint32_t hash, uint32_t id)
{
	uint32_t at = hash & (room - 1);
	while (ids[at] != TABLE_NONE)
		at = (at + 1) & (room - 1);
	ids[at] = id;
}

enum err table_reserve(struct table *table)
{
	if (table->room != 0 && table->count + 1 <= table->room / 4 * 3)
		return ERR_OK;
	uint32_t room = table->room == 0 ? TABLE_ROOM_MIN : 2 * table->room;
	uint32_t *ids = malloc(room * sizeof ids[0]);
	if (ids == NULL)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < room; i++)
		ids[i] = TABLE_NONE;
	for (uint32_t i = 0; i < table->room; i++)
		if (table->ids[i] != TABLE_NONE)
			place(ids, room, table->kind->hash(table->owner, table->ids[i]), table->ids[i]);
	free(table->ids);
	table->ids = ids;
	table->room = room;
	return ERR_OK;
}

uint32_t table_find(const struct table *table, uint32_t hash, const void *key)
{
	if (table->room == 0)
		return TABLE_NONE;
	for (uint32_t at = hash & (table->room - 1);; at = (at + 1) & (table->room - 1)) {
		uint32_t id = table->ids[at];
		if (id == TABLE_NONE)
			return TABLE_NONE;
		if (table->kind->hash(table->owner, id) == hash &&
		    table->kind->equal(table->owner, id, key))
			return id;
	}
}

void table_add(struct table *table, uint32_t hash, uint32_t id)
{
	assert(table->count < table->room);
	place(table->ids, table->room, hash, id);
	table->count++;
}

void table_remove(struct table *table, uint32_t hash, uint32_t id)
{
	assert(table->count > 0);
	uint32_t mask = table->room - 1;
	uint32_t hole = hash & mask;
	while (table->ids[hole] != id) {
		assert(table->ids[hole] != TABLE_NONE);
		hole = (hole + 1) & mask;
	}
	/* An id moves into the hole when its home does not lie behind the hole, so that its probe still
	 * meets it. */
	for (uint32_t at = (hole + 1) & mask; table->ids[at] != TABLE_NONE; at = (at + 1) & mask) {
		uint32_t home = table->kind->hash(table->owner, table->ids[at]) & mask;
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			table->ids[hole] = table->ids[at];
			hole = at;
		}
	}
	table->ids[hole] = TABLE_NONE;
	table->count--;
}

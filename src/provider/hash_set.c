#include "hash_set.h"

#include <stdlib.h>

#define FREE       0
#define REMOVED    1
#define ROOM_FIRST 64

static uint64_t slot_value(uint64_t hash)
{
	return hash <= REMOVED ? hash + 2 : hash;
}

/* The slot of `value`, or the one to put it in. */
static size_t slot_find(const struct hash_set *set, uint64_t value)
{
	size_t mask = set->room - 1, i = (size_t)value & mask;
	while (set->slots[i] != FREE && set->slots[i] != value)
		i = (i + 1) & mask;
	return i;
}

static enum err set_grow(struct hash_set *set)
{
	if (set->room != 0 && set->used < set->room / 2)
		return ERR_OK;
	struct hash_set grown = {.room = ROOM_FIRST};
	while (grown.room < 4 * (set->count + 1))
		grown.room *= 2;
	grown.slots = calloc(grown.room, sizeof *grown.slots);
	if (grown.slots == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < set->room; i++) {
		if (set->slots[i] > REMOVED)
			grown.slots[slot_find(&grown, set->slots[i])] = set->slots[i];
	}
	grown.count = grown.used = set->count;
	free(set->slots);
	*set = grown;
	return ERR_OK;
}

void hash_set_clear(struct hash_set *set)
{
	free(set->slots);
	*set = (struct hash_set){0};
}

enum err hash_set_add(struct hash_set *set, uint64_t hash)
{
	if (hash_set_has(set, hash))
		return ERR_OK;
	if (set->count == HASH_SET_MAX)
		return ERR_LIMIT;
	enum err err = set_grow(set);
	if (err != ERR_OK)
		return err;
	set->slots[slot_find(set, slot_value(hash))] = slot_value(hash);
	set->used++;
	set->count++;
	return ERR_OK;
}

bool hash_set_has(const struct hash_set *set, uint64_t hash)
{
	return set->room != 0 && set->slots[slot_find(set, slot_value(hash))] != FREE;
}

void hash_set_remove(struct hash_set *set, uint64_t hash)
{
	if (!hash_set_has(set, hash))
		return;
	set->slots[slot_find(set, slot_value(hash))] = REMOVED;
	set->count--;
}

uint64_t record_hash(const struct record *record, uint64_t seed)
{
	return hash_bytes(record->value, hash_bytes(record->rr, seed + record->type));
}

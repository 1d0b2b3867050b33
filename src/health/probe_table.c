#include "probe_table.h"

#include <assert.h>
#include <stdlib.h>

#define ROOM_MIN 64

void probe_table_free(struct probe_table *table)
{
	free(table->slots);
	*table = (struct probe_table){0};
}

/* Ids are our own, and mostly count up: spread by Fibonacci's multiplier. */
static size_t home(const struct probe_table *table, uint32_t id)
{
	return (size_t)((id * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (table->room - 1);
}

/* The slot of `id`, or the free one where it would be. */
static size_t find(const struct probe_table *table, uint32_t id)
{
	size_t i = home(table, id);
	while (table->slots[i].value != NULL && table->slots[i].id != id)
		i = (i + 1) & (table->room - 1);
	return i;
}

static enum err grow(struct probe_table *table)
{
	struct probe_table larger = {.room = table->room == 0 ? ROOM_MIN : 2 * table->room,
	                             .count = table->count};
	larger.slots = calloc(larger.room, sizeof *larger.slots);
	if (larger.slots == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < table->room; i++) {
		if (table->slots[i].value != NULL)
			larger.slots[find(&larger, table->slots[i].id)] = table->slots[i];
	}
	free(table->slots);
	*table = larger;
	return ERR_OK;
}

enum err probe_table_add(struct probe_table *table, uint32_t id, void *value)
{
	assert(value != NULL);
	if (2 * (table->count + 1) > table->room) {
		enum err err = grow(table);
		if (err != ERR_OK)
			return err;
	}
	struct probe_slot *slot = &table->slots[find(table, id)];
	assert(slot->value == NULL);
	*slot = (struct probe_slot){value, id};
	table->count++;
	return ERR_OK;
}

void *probe_table_get(const struct probe_table *table, uint32_t id)
{
	return table->room == 0 ? NULL : table->slots[find(table, id)].value;
}

void probe_table_remove(struct probe_table *table, uint32_t id)
{
	if (probe_table_get(table, id) == NULL)
		return;
	size_t mask = table->room - 1, hole = find(table, id);
	/* Those behind it that could not have their home move up, or they were not found any more. */
	for (size_t i = (hole + 1) & mask; table->slots[i].value != NULL; i = (i + 1) & mask) {
		size_t from_home = (i - home(table, table->slots[i].id)) & mask;
		if (from_home < ((i - hole) & mask))
			continue;
		table->slots[hole] = table->slots[i];
		hole = i;
	}
	table->slots[hole].value = NULL;
	table->count--;
}

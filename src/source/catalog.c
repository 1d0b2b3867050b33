#include "catalog.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 64

/* One key with its value: one heap block. */
struct item {
	uint32_t hash;
	uint16_t key_size;
	uint32_t value_size;
	uint8_t octets[]; /* key, value */
};

/* An open-addressing set of items. */
struct set {
	struct item **slots;
	size_t room, count; /* room: 0 or a power of two */
};

struct catalog {
	uint64_t seed;
	size_t keys_max;
	struct set now;
	struct set listed; /* of a list under way */
	bool listing;
};

static struct bytes item_key(const struct item *item)
{
	return (struct bytes){item->octets, item->key_size};
}

static struct bytes item_value(const struct item *item)
{
	return (struct bytes){item->octets + item->key_size, item->value_size};
}

static bool item_equal(const struct item *a, const struct item *b)
{
	return bytes_equal(item_key(a), item_key(b)) && bytes_equal(item_value(a), item_value(b));
}

static struct item *item_new(uint32_t hash, struct bytes key, struct bytes value)
{
	struct item *item = malloc(sizeof *item + key.size + value.size);
	if (item == NULL)
		return NULL;
	*item = (struct item){hash, (uint16_t)key.size, (uint32_t)value.size};
	memcpy(item->octets, key.data, key.size);
	memcpy(item->octets + key.size, value.data, value.size);
	return item;
}

/* --- sets --------------------------------------------------------------------------------- */

/* Where the key is, or belongs; the set has room. */
static size_t set_find(const struct set *set, uint32_t hash, struct bytes key)
{
	size_t at = hash & (set->room - 1);
	while (set->slots[at] != NULL &&
	       (set->slots[at]->hash != hash || !bytes_equal(item_key(set->slots[at]), key)))
		at = (at + 1) & (set->room - 1);
	return at;
}

static struct item *set_get(const struct set *set, uint32_t hash, struct bytes key)
{
	return set->room == 0 ? NULL : set->slots[set_find(set, hash, key)];
}

static enum err set_reserve(struct set *set)
{
	if (set->count * 4 < set->room * 3)
		return ERR_OK;
	struct set grown = {.room = set->room == 0 ? ROOM_MIN : set->room * 2, .count = set->count};
	grown.slots = calloc(grown.room, sizeof(struct item *));
	if (grown.slots == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < set->room; i++) {
		struct item *item = set->slots[i];
		if (item != NULL)
			grown.slots[set_find(&grown, item->hash, item_key(item))] = item;
	}
	free(set->slots);
	*set = grown;
	return ERR_OK;
}

/* Put `item` in; one of its key goes. Room was reserved. */
static void set_put(struct set *set, struct item *item)
{
	size_t at = set_find(set, item->hash, item_key(item));
	set->count += set->slots[at] == NULL;
	free(set->slots[at]);
	set->slots[at] = item;
}

/* Take the item at slot `at` out, and close the gap behind it. */
static void set_remove(struct set *set, size_t at)
{
	size_t mask = set->room - 1;
	free(set->slots[at]);
	set->slots[at] = NULL;
	set->count--;
	for (size_t next = (at + 1) & mask; set->slots[next] != NULL; next = (next + 1) & mask) {
		struct item *item = set->slots[next];
		set->slots[next] = NULL;
		set->slots[set_find(set, item->hash, item_key(item))] = item;
	}
}

static void set_clear(struct set *set)
{
	for (size_t i = 0; i < set->room; i++)
		free(set->slots[i]);
	free(set->slots);
	*set = (struct set){.room = 0};
}

/* --- the catalog -------------------------------------------------------------------------- */

struct catalog *catalog_new(uint64_t seed, size_t keys_max)
{
	struct catalog *catalog = calloc(1, sizeof *catalog);
	if (catalog != NULL)
		*catalog = (struct catalog){.seed = seed, .keys_max = keys_max};
	return catalog;
}

void catalog_free(struct catalog *catalog)
{
	if (catalog == NULL)
		return;
	set_clear(&catalog->now);
	set_clear(&catalog->listed);
	free(catalog);
}

static uint32_t hash_of(const struct catalog *catalog, struct bytes key)
{
	return (uint32_t)hash_bytes(key, catalog->seed);
}

struct bytes catalog_get(const struct catalog *catalog, struct bytes key)
{
	const struct item *item = set_get(&catalog->now, hash_of(catalog, key), key);
	return item == NULL ? (struct bytes){NULL, 0} : item_value(item);
}

size_t catalog_count(const struct catalog *catalog)
{
	return catalog->now.count;
}

void catalog_each(const struct catalog *catalog, catalog_told *each, void *arg)
{
	for (size_t i = 0; i < catalog->now.room; i++) {
		if (catalog->now.slots[i] != NULL)
			each(arg, item_key(catalog->now.slots[i]));
	}
}

static enum err put(const struct catalog *catalog, struct set *set, struct bytes key,
                    struct bytes value)
{
	assert(key.size >= 1 && key.size <= CATALOG_KEY_SIZE_MAX && value.size != 0);
	uint32_t hash = hash_of(catalog, key);
	if (set->count >= catalog->keys_max && set_get(set, hash, key) == NULL)
		return ERR_LIMIT;
	struct item *item = set_reserve(set) == ERR_OK ? item_new(hash, key, value) : NULL;
	if (item == NULL)
		return ERR_NOMEM;
	set_put(set, item);
	return ERR_OK;
}

enum err catalog_set(struct catalog *catalog, struct bytes key, struct bytes value, bool *moved)
{
	*moved = !bytes_equal(catalog_get(catalog, key), value);
	if (!*moved)
		return ERR_OK;
	if (value.size == 0) {
		catalog_remove(catalog, key);
		return ERR_OK;
	}
	return put(catalog, &catalog->now, key, value);
}

void catalog_remove(struct catalog *catalog, struct bytes key)
{
	uint32_t hash = hash_of(catalog, key);
	if (set_get(&catalog->now, hash, key) != NULL)
		set_remove(&catalog->now, set_find(&catalog->now, hash, key));
}

void catalog_list_begin(struct catalog *catalog)
{
	catalog_list_drop(catalog);
	catalog->listing = true;
}

enum err catalog_list_add(struct catalog *catalog, struct bytes key, struct bytes value)
{
	assert(catalog->listing);
	return put(catalog, &catalog->listed, key, value);
}

struct bytes catalog_listed(const struct catalog *catalog, struct bytes key)
{
	const struct item *item = set_get(&catalog->listed, hash_of(catalog, key), key);
	return item == NULL ? (struct bytes){NULL, 0} : item_value(item);
}

void catalog_list_drop(struct catalog *catalog)
{
	set_clear(&catalog->listed);
	catalog->listing = false;
}

/* Tell of every key whose value in `after` is not that in `before`. */
static void sets_differ(const struct set *before, const struct set *after, catalog_told *told,
                        void *arg)
{
	for (size_t i = 0; i < after->room; i++) {
		const struct item *item = after->slots[i];
		if (item == NULL)
			continue;
		const struct item *old = set_get(before, item->hash, item_key(item));
		if (old == NULL || !item_equal(old, item))
			told(arg, item_key(item));
	}
	for (size_t i = 0; i < before->room; i++) {
		const struct item *item = before->slots[i];
		if (item != NULL && set_get(after, item->hash, item_key(item)) == NULL)
			told(arg, item_key(item));
	}
}

void catalog_list_done(struct catalog *catalog, catalog_told *told, void *arg)
{
	assert(catalog->listing);
	struct set before = catalog->now;
	catalog->now = catalog->listed;
	catalog->listed = (struct set){.room = 0};
	catalog->listing = false;
	sets_differ(&before, &catalog->now, told, arg);
	set_clear(&before);
}

void catalog_clear(struct catalog *catalog)
{
	catalog_list_drop(catalog);
	set_clear(&catalog->now);
}

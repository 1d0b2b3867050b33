/* table: an open-addressing set of u32 ids, found by a key that their owner keeps. */
#ifndef FEDNS_MODEL_TABLE_H
#define FEDNS_MODEL_TABLE_H

#include "fedns/base.h"

#define TABLE_NONE UINT32_MAX

/** Hashes of this room have 30 bits, so that owners can pack them beside two flags. */
#define TABLE_HASH_MASK 0x3fffffffu

/** How a table reads its owner's objects. */
struct table_kind {
	uint32_t (*hash)(const void *owner, uint32_t id);
	bool (*equal)(const void *owner, uint32_t id, const void *key);
};

struct table {
	const struct table_kind *kind;
	const void *owner; /* borrowed for the table's life */
	uint32_t *ids;     /* [room]; TABLE_NONE: empty */
	uint32_t room;     /* 0 or a power of two */
	uint32_t count;
};

void table_init(struct table *table, const struct table_kind *kind, const void *owner);
void table_clear(struct table *table);

/** Hash a key of this room. */
uint32_t table_hash(struct bytes key, uint64_t seed);

/** Make sure that one more id fits. ERR_NOMEM: as before. */
MUST_CHECK enum err table_reserve(struct table *table);

/** The id whose key is `key`, or TABLE_NONE. */
uint32_t table_find(const struct table *table, uint32_t hash, const void *key);

/** Add `id`, which isn't there yet, into the room that was reserved. */
void table_add(struct table *table, uint32_t hash, uint32_t id);

/** Remove `id`, which is there. */
void table_remove(struct table *table, uint32_t hash, uint32_t id);

#endif

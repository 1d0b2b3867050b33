/* hash_set: 64-bit hashes of records, there or not. */
#ifndef FEDNS_PROVIDER_HASH_SET_H
#define FEDNS_PROVIDER_HASH_SET_H

#include "fedns/base.h"
#include "fedns/plan.h"

#define HASH_SET_MAX 262144 /* above PLAN_RECORDS_MAX */

/** Zeroed it is empty. */
struct hash_set {
	uint64_t *slots; /* 0: free; 1: one was here */
	size_t room;     /* a power of two */
	size_t used;     /* slots that are not free */
	size_t count;
};

/** ERR_LIMIT, ERR_NOMEM: as before. */
MUST_CHECK enum err hash_set_add(struct hash_set *set, uint64_t hash);
bool hash_set_has(const struct hash_set *set, uint64_t hash);
void hash_set_remove(struct hash_set *set, uint64_t hash);
/** Empty, and without memory. */
void hash_set_clear(struct hash_set *set);

/** Of name, type and value, folded as in a record_list. `seed` is random: whoever chooses a name
 * and its value could else choose them so that they are taken for somebody else's. */
uint64_t record_hash(const struct record *record, uint64_t seed);

#endif

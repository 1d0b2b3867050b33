/* catalog: what one API server was last seen to hold: a value for each key, and which of them a new
 * list did not bring again.
 *
 *     sinks --> [catalog.h] --> merge.c
 *
 * A list is taken beside what is in force and comes into force as one; what changed by it, or by an
 * event, is told key by key.
 */
#ifndef FEDNS_SOURCE_CATALOG_H
#define FEDNS_SOURCE_CATALOG_H

#include "fedns/base.h"

/** Octets of a key: NAMESPACE "/" NAME of the API (253 each), or what else names an object. */
#define CATALOG_KEY_SIZE_MAX 512
/** Keys of one resource of one API server: ten times SERVICES_MAX, for the services without names
 * whose endpoints are counted all the same; about 150 octets each. A server that holds more is
 * refused as a whole: with a part of it the rest would seem to be gone. */
#define CATALOG_KEYS_MAX 1000000

struct catalog;

/** Told of each key whose value is new, other or gone. */
typedef void catalog_told(void *arg, struct bytes key);

/** For `keys_max` keys, in force and listed each. NULL: no memory. `seed` is secret. */
MUST_CHECK struct catalog *catalog_new(uint64_t seed, size_t keys_max);
void catalog_free(struct catalog *catalog);

/** What `key` has; size 0: nothing. Borrowed until the catalog changes. */
struct bytes catalog_get(const struct catalog *catalog, struct bytes key);
size_t catalog_count(const struct catalog *catalog);
/** Forget everything, and nobody is told. */
void catalog_clear(struct catalog *catalog);
/** Give every key in force to `each`. */
void catalog_each(const struct catalog *catalog, catalog_told *each, void *arg);

/** Let `key` (1..CATALOG_KEY_SIZE_MAX octets) have `value`; size 0: it is gone. `*moved`: was it
 * anything else before? ERR_NOMEM, ERR_LIMIT (another key, and there are `keys_max`): as before. */
MUST_CHECK enum err catalog_set(struct catalog *catalog, struct bytes key, struct bytes value,
                                bool *moved);
/** Let `key` be gone, if it is there. Needs no memory. */
void catalog_remove(struct catalog *catalog, struct bytes key);

/** A list begins; one under way is dropped. */
void catalog_list_begin(struct catalog *catalog);
/** An entry of the list; of two of one key the last counts. ERR_NOMEM, ERR_LIMIT: the
 * caller drops the list. */
MUST_CHECK enum err catalog_list_add(struct catalog *catalog, struct bytes key, struct bytes value);
/** What the list under way has for `key`; as catalog_get(). */
struct bytes catalog_listed(const struct catalog *catalog, struct bytes key);
/** The list is whole: it replaces all, and `told` hears of what moved. Cannot fail. */
void catalog_list_done(struct catalog *catalog, catalog_told *told, void *arg);
void catalog_list_drop(struct catalog *catalog);

#endif

/* probe_table: targets by id. Pure; open addressing, at most half full. */
#ifndef FEDNS_HEALTH_PROBE_TABLE_H
#define FEDNS_HEALTH_PROBE_TABLE_H

#include "fedns/base.h"

/** Zeroed it is empty. */
struct probe_table {
	struct probe_slot *slots;
	size_t room; /* a power of two, or 0 */
	size_t count;
};

struct probe_slot {
	void *value; /* NULL: free */
	uint32_t id;
};

void probe_table_free(struct probe_table *table);
/** `id` is not there yet; `value` is not NULL. ERR_NOMEM: as before. */
MUST_CHECK enum err probe_table_add(struct probe_table *table, uint32_t id, void *value);
/** NULL: not there. */
void *probe_table_get(const struct probe_table *table, uint32_t id);
void probe_table_remove(struct probe_table *table, uint32_t id);

#endif

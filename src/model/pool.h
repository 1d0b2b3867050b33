/* pool: stable u32 ids for heap objects; the ids of freed ones are used again. */
#ifndef FEDNS_MODEL_POOL_H
#define FEDNS_MODEL_POOL_H

#include "fedns/base.h"

struct pool {
	void **at; /* [limit] objects; NULL: free id */
	/* [free_count] ids to use again; as roomy as `at`, so that giving back can't fail */
	uint32_t *free;
	uint32_t limit, room, free_count;
};

void pool_clear(struct pool *pool);

/** Objects in it. */
static inline uint32_t pool_count(const struct pool *pool)
{
	return pool->limit - pool->free_count;
}

/** Make sure that one more fits. ERR_NOMEM: as before. */
MUST_CHECK enum err pool_reserve(struct pool *pool);
/** Take an id for `object` out of what was reserved. */
uint32_t pool_take(struct pool *pool, void *object);
/** Give `id` back; the object is the caller's again. */
void pool_give(struct pool *pool, uint32_t id);

#endif

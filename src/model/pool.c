#include "pool.h"

#include <assert.h>
#include <stdlib.h>

#define POOL_ROOM_MIN 8

void pool_clear(struct pool *pool)
{
	free(pool->at);
	free(pool->free);
	*pool = (struct pool){0};
}

enum err pool_reserve(struct pool *pool)
{
	if (pool->free_count > 0 || pool->limit < pool->room)
		return ERR_OK;
	uint32_t room = pool->room == 0 ? POOL_ROOM_MIN : 2 * pool->room;
	/* `free` grows first: should `at` fail then, it is merely roomier than it must be. */
	uint32_t *ids = realloc(pool->free, room * sizeof ids[0]);
	if (ids == NULL)
		return ERR_NOMEM;
	pool->free = ids;
	void **at = realloc(pool->at, room * sizeof at[0]);
	if (at == NULL)
		return ERR_NOMEM;
	pool->at = at;
	pool->room = room;
	return ERR_OK;
}

uint32_t pool_take(struct pool *pool, void *object)
{
	assert(pool->free_count > 0 || pool->limit < pool->room);
	uint32_t id = pool->free_count > 0 ? pool->free[--pool->free_count] : pool->limit++;
	pool->at[id] = object;
	return id;
}

void pool_give(struct pool *pool, uint32_t id)
{
	assert(id < pool->limit && pool->at[id] != NULL);
	pool->at[id] = NULL;
	pool->free[pool->free_count++] = id;
}

#include "fedns/yaml.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/* One block holds a small configuration whole; what is larger than a block gets one of its own. */
#define BLOCK_SIZE ((size_t)16 << 10)

struct block {
	struct block *next;
	size_t used, room; /* octets of data[] */
	alignas(max_align_t) uint8_t data[];
};

struct region {
	struct block *blocks; /* the newest first; only it has room */
};

struct region *region_new(void)
{
	return calloc(1, sizeof(struct region));
}

static void blocks_free(struct region *region, bool wipe)
{
	if (region == NULL)
		return;
	while (region->blocks != NULL) {
		struct block *next = region->blocks->next;
		if (wipe)
			explicit_bzero(region->blocks->data, region->blocks->used);
		free(region->blocks);
		region->blocks = next;
	}
	free(region);
}

void region_free(struct region *region)
{
	blocks_free(region, false);
}

void region_wipe(struct region *region)
{
	blocks_free(region, true);
}

void *region_alloc(struct region *region, size_t size)
{
	assert(size < SIZE_MAX / 2);
	size_t step = alignof(max_align_t);
	size_t need = (size + step - 1) / step * step;
	struct block *block = region->blocks;
	if (block == NULL || block->room - block->used < need) {
		size_t room = need > BLOCK_SIZE ? need : BLOCK_SIZE;
		block = calloc(1, sizeof *block + room);
		if (block == NULL)
			return NULL;
		block->room = room;
		block->next = region->blocks;
		region->blocks = block;
	}
	void *at = block->data + block->used;
	block->used += need;
	return at;
}

char *region_text(struct region *region, struct bytes text)
{
	char *copy = region_alloc(region, text.size + 1);
	if (copy != NULL && text.size != 0)
		memcpy(copy, text.data, text.size);
	return copy;
}

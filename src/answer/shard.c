#include "shard.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct place_of {
	uint32_t tag;
	uint32_t at; /* offset into the entries, which lie behind the index */
};

struct shard {
	uint32_t count;
	uint32_t size; /* octets of all entries */
	struct place_of index[];
};

/* The low bits chose the shard; these tell its entries apart. */
static uint32_t tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

static size_t head_size(uint32_t count)
{
	return sizeof(struct shard) + count * sizeof(struct place_of);
}

static const struct entry *entry_at(const struct shard *shard, uint32_t i)
{
	const uint8_t *entries = (const uint8_t *)(shard->index + shard->count);
	return (const void *)(entries + shard->index[i].at);
}

static bool entry_is(const struct shard *shard, uint32_t i, uint32_t tag, struct bytes key)
{
	if (shard->index[i].tag != tag)
		return false;
	struct bytes have = entry_key(entry_at(shard, i));
	return have.size == key.size && memcmp(have.data, key.data, key.size) == 0;
}

const struct entry *shard_find(const struct shard *shard, uint64_t hash, struct bytes key)
{
	if (shard == NULL)
		return NULL;
	uint32_t tag = tag_of(hash);
	for (uint32_t i = 0; i < shard->count; i++) {
		if (entry_is(shard, i, tag, key))
			return entry_at(shard, i);
	}
	return NULL;
}

const struct entry *shard_find_id(const struct shard *shard, uint64_t hash, uint32_t id)
{
	if (shard == NULL)
		return NULL;
	uint32_t tag = tag_of(hash);
	for (uint32_t i = 0; i < shard->count; i++) {
		const struct entry *entry = entry_at(shard, i);
		if (shard->index[i].tag == tag && entry->kind == ENTRY_SERVICE && entry->id == id)
			return entry;
	}
	return NULL;
}

static void shard_append(struct shard *shard, uint32_t i, uint32_t tag, const struct entry *entry)
{
	uint8_t *entries = (uint8_t *)(shard->index + shard->count);
	shard->index[i] = (struct place_of){tag, shard->size};
	memcpy(entries + shard->size, entry, entry->size);
	shard->size += entry->size;
}

enum err shard_replace(const struct shard *old, uint64_t hash, struct bytes key,
                       const struct entry *add, struct shard **out, struct why *why)
{
	uint32_t tag = tag_of(hash);
	uint32_t count = old == NULL ? 0 : old->count;
	const struct entry *gone = shard_find(old, hash, key);
	uint32_t left = count - (gone != NULL) + (add != NULL);
	size_t size = (old == NULL ? 0 : old->size) - (gone == NULL ? 0 : gone->size) +
	              (add == NULL ? 0 : add->size);
	*out = NULL;
	if (left == 0)
		return ERR_OK;

	struct shard *shard = size <= UINT32_MAX ? malloc(head_size(left) + size) : NULL;
	if (shard == NULL) {
		why_set(why, "no memory for a shard of %zu octets", size);
		return ERR_NOMEM;
	}
	shard->count = left;
	shard->size = 0;
	uint32_t at = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (entry_at(old, i) != gone)
			shard_append(shard, at++, old->index[i].tag, entry_at(old, i));
	}
	if (add != NULL)
		shard_append(shard, at++, tag, add);
	assert(at == left && shard->size == size);
	*out = shard;
	return ERR_OK;
}

void shard_free(struct shard *shard)
{
	free(shard);
}

#include "seen.h"

#include "fedns/dns.h"

#include <assert.h>
#include <stdlib.h>

#define SEEN_ROOM_MIN 1024

/* Where in `slots` the hash is, or belongs. */
static size_t find(const uint64_t *slots, size_t room, uint64_t hash)
{
	size_t at = (size_t)(hash >> 1) & (room - 1);
	while (slots[at] != 0 && (slots[at] | 1) != (hash | 1))
		at = (at + 1) & (room - 1);
	return at;
}

static enum err grow(struct seen *seen)
{
	if (seen->count * 4 < seen->room * 3)
		return ERR_OK;
	size_t room = seen->room == 0 ? SEEN_ROOM_MIN : seen->room * 2;
	uint64_t *slots = calloc(room, sizeof *slots);
	if (slots == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < seen->room; i++) {
		if (seen->slots[i] != 0)
			slots[find(slots, room, seen->slots[i])] = seen->slots[i];
	}
	free(seen->slots);
	seen->slots = slots;
	seen->room = room;
	return ERR_OK;
}

void seen_clear(struct seen *seen)
{
	free(seen->slots);
	*seen = (struct seen){.seed = seen->seed};
}

/* What is no label is never published, so its case doesn't matter. */
static uint64_t hash_folded(struct bytes text, uint64_t seed)
{
	uint8_t folded[LABEL_SIZE_MAX];
	if (text.size > sizeof folded)
		return hash_bytes(text, seed);
	for (size_t i = 0; i < text.size; i++)
		folded[i] = octet_lower(text.data[i]);
	return hash_bytes((struct bytes){folded, text.size}, seed);
}

enum err seen_note(struct seen *seen, struct bytes namespace, struct bytes name,
                   enum seen_state state, enum seen_state *before)
{
	assert(state != SEEN_NEVER);
	*before = SEEN_NEVER;
	enum err err = grow(seen);
	if (err != ERR_OK)
		return err;
	/* Bit 1 is set so that no hash is the free slot's 0. */
	uint64_t hash = hash_folded(name, hash_folded(namespace, seen->seed)) | 2;
	uint64_t slot = (hash & ~UINT64_C(1)) | (state == SEEN_WITH_NAMES ? 1 : 0);
	size_t at = find(seen->slots, seen->room, slot);
	if (seen->slots[at] == 0)
		seen->count++;
	else
		*before = (seen->slots[at] & 1) != 0 ? SEEN_WITH_NAMES : SEEN_WITHOUT_NAMES;
	seen->slots[at] = slot;
	return ERR_OK;
}

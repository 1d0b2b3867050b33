#include "note_ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert((NOTES_MAX & (NOTES_MAX - 1)) == 0, "counts of notes may wrap around");

struct note_ring *note_ring_new(unsigned every)
{
	assert(every >= 1);
	struct note_ring *ring = aligned_alloc(alignof(struct note_ring), sizeof *ring);
	if (ring == NULL)
		return NULL;
	/* The notes stay untouched: pages that none fills cost nothing. */
	memset(ring, 0, offsetof(struct note_ring, notes));
	ring->every = every;
	return ring;
}

void note_ring_set(struct note_ring *ring, unsigned every)
{
	assert(every >= 1);
	__atomic_store_n(&ring->every, every, __ATOMIC_RELAXED);
}

static void note_make(const struct query *query, const uint8_t *reply, size_t size,
                      struct query_note *out)
{
	out->client = query->client;
	out->tcp = query->tcp;
	out->size = (uint16_t)size;
	out->head_size = (uint16_t)(size < sizeof out->head ? size : sizeof out->head);
	memcpy(out->head, reply, out->head_size);
}

void note_ring_put(struct note_ring *ring, const struct query *query, const uint8_t *reply,
                   size_t size)
{
	assert(size >= 1 && size <= MESSAGE_SIZE_MAX);
	unsigned every = __atomic_load_n(&ring->every, __ATOMIC_RELAXED);
	if (ring->left > 1 && ring->left <= every) {
		ring->left--;
		return;
	}
	ring->left = every;
	/* Acquire: what the reader took out of a place it has read before the place is written anew. */
	size_t waiting = ring->written - __atomic_load_n(&ring->read, __ATOMIC_ACQUIRE);
	if (waiting == NOTES_MAX) {
		__atomic_store_n(&ring->dropped, ring->dropped + 1, __ATOMIC_RELAXED);
		return;
	}
	note_make(query, reply, size, &ring->notes[ring->written % NOTES_MAX]);
	__atomic_store_n(&ring->written, ring->written + 1, __ATOMIC_RELEASE);
}

bool note_ring_take(struct note_ring *ring, struct query_note *out)
{
	if (__atomic_load_n(&ring->written, __ATOMIC_ACQUIRE) == ring->read)
		return false;
	*out = ring->notes[ring->read % NOTES_MAX];
	__atomic_store_n(&ring->read, ring->read + 1, __ATOMIC_RELEASE);
	return true;
}

uint64_t note_ring_dropped(const struct note_ring *ring)
{
	return __atomic_load_n(&ring->dropped, __ATOMIC_RELAXED);
}

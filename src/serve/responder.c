#include "responder.h"

#include <assert.h>

#define WORDS (sizeof(struct answer_counters) / sizeof(uint64_t))

static_assert(sizeof(struct answer_counters) == WORDS * sizeof(uint64_t),
              "struct answer_counters holds uint64_t alone");

/* Relaxed is enough: each counter stands for itself, none says that other memory is ready. */

void responder_show(struct responder *responder)
{
	const uint64_t *own = (const uint64_t *)&responder->own;
	uint64_t *shown = (uint64_t *)&responder->shown;
	for (size_t i = 0; i < WORDS; i++)
		__atomic_store_n(&shown[i], own[i], __ATOMIC_RELAXED);
}

void responder_add(const struct responder *responder, struct answer_counters *sum)
{
	const uint64_t *shown = (const uint64_t *)&responder->shown;
	uint64_t *words = (uint64_t *)sum;
	for (size_t i = 0; i < WORDS; i++)
		words[i] += __atomic_load_n(&shown[i], __ATOMIC_RELAXED);
}

enum err responder_note_every(struct responder *responder, unsigned every)
{
	if (every != 0 && responder->ring == NULL) {
		responder->ring = note_ring_new(every);
		if (responder->ring == NULL)
			return ERR_NOMEM;
	}
	if (every != 0)
		note_ring_set(responder->ring, every);
	__atomic_store_n(&responder->notes, every != 0 ? responder->ring : NULL, __ATOMIC_RELEASE);
	return ERR_OK;
}

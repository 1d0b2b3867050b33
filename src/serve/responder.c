#include "responder.h"

#define WORDS (sizeof(struct serve_counters) / sizeof(uint64_t))

/* Relaxed is enough: each counter stands for itself, none says that other memory is ready. */

void responder_show(struct responder *responder)
{
	const uint64_t *own = (const uint64_t *)&responder->own;
	uint64_t *shown = (uint64_t *)&responder->shown;
	for (size_t i = 0; i < WORDS; i++)
		__atomic_store_n(&shown[i], own[i], __ATOMIC_RELAXED);
}

void responder_add(const struct responder *responder, struct serve_counters *sum)
{
	const uint64_t *shown = (const uint64_t *)&responder->shown;
	struct serve_counters seen;
	uint64_t *words = (uint64_t *)&seen;
	for (size_t i = 0; i < WORDS; i++)
		words[i] = __atomic_load_n(&shown[i], __ATOMIC_RELAXED);
	serve_counters_add(sum, &seen);
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

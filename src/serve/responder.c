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

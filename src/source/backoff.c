#include "backoff.h"

#include <assert.h>

/* splitmix64: jitter needs no more. */
static uint64_t next(uint64_t *state)
{
	uint64_t word = *state += UINT64_C(0x9e3779b97f4a7c15);
	word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
	return word ^ word >> 31;
}

uint64_t backoff_random(struct backoff *backoff, uint64_t from, uint64_t to)
{
	assert(from < to);
	return from + next(&backoff->random) % (to - from);
}

int64_t backoff_after(struct backoff *backoff, int64_t now_ms)
{
	if (backoff->failed_ms != 0 && now_ms - backoff->failed_ms > BACKOFF_QUIET_MS)
		backoff->count = 0;
	backoff->failed_ms = now_ms;
	uint64_t base = BACKOFF_FIRST_MS;
	for (unsigned i = 0; i < backoff->count && base < BACKOFF_MAX_MS; i++)
		base *= 2;
	if (base > BACKOFF_MAX_MS)
		base = BACKOFF_MAX_MS;
	if (backoff->count < 16)
		backoff->count++;
	return (int64_t)backoff_random(backoff, base, 2 * base);
}

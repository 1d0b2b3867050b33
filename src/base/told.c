#include "fedns/told.h"

#include <assert.h>
#include <string.h>

#define STATUS "HTTP " /* its number is a word */

static bool is_digit(char octet)
{
	return octet >= '0' && octet <= '9';
}

/* Of `reason` without its numbers. */
static uint64_t shape_hash(const char *reason)
{
	uint8_t shape[WHY_TEXT_SIZE];
	size_t size = 0;
	bool status = false; /* a number here is one of HTTP */
	for (const char *at = reason; *at != '\0' && size < sizeof shape; at++) {
		if (!is_digit(*at))
			status = false;
		else if (!status)
			continue;
		shape[size++] = (uint8_t)*at;
		status |= size >= strlen(STATUS) &&
		          memcmp(shape + size - strlen(STATUS), STATUS, strlen(STATUS)) == 0;
	}
	return hash_bytes((struct bytes){shape, size}, 0);
}

bool told_is_news(struct told *told, const char *reason, int64_t now_ms)
{
	assert(told != NULL && reason != NULL);
	uint64_t hash = shape_hash(reason);
	bool early = now_ms >= told->at_ms && now_ms - told->at_ms < TOLD_PACE_MS;
	bool known = told->count == TOLD_REASONS_MAX;
	if (told->count > 0 && told->reasons[told->count - 1] == hash)
		return false;
	for (size_t i = 0; i < told->count; i++)
		known |= told->reasons[i] == hash;
	if (known && early)
		return false;
	if (known)
		told->count = 0;
	told->reasons[told->count++] = hash;
	told->at_ms = now_ms;
	return true;
}

void told_forget(struct told *told)
{
	*told = (struct told){.count = 0};
}

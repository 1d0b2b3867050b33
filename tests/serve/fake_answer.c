#include "fake_answer.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct root {
	int nothing;
};

struct zone {
	unsigned readers;
	struct root root;
	atomic_bool entered[READERS_MAX];
};

struct zone *zone_new(unsigned readers, uint64_t seed)
{
	(void)seed;
	struct zone *zone = calloc(1, sizeof *zone);
	if (zone != NULL)
		zone->readers = readers;
	return zone;
}

void zone_free(struct zone *zone)
{
	free(zone);
}

/* Breaking the contract of reader slots ends the test. */
const struct root *zone_enter(struct zone *zone, unsigned slot)
{
	if (slot >= zone->readers || atomic_exchange(&zone->entered[slot], true))
		abort();
	return &zone->root;
}

void zone_leave(struct zone *zone, unsigned slot)
{
	if (!atomic_exchange(&zone->entered[slot], false))
		abort();
}

size_t respond(const struct root *root, struct answer_counters *counters, const struct query *query,
               uint8_t *reply, size_t room)
{
	(void)root;
	counters->queries++;
	bool silent = query->size < FAKE_HEADER_SIZE || (query->data[FAKE_QR_AT] & FAKE_QR) != 0;
	const uint8_t *request = query->data + FAKE_HEADER_SIZE;
	if (silent || (query->size > FAKE_HEADER_SIZE && request[0] == 'D')) {
		counters->dropped[ANSWER_DROP_SHORT]++;
		return 0;
	}
	size_t size = query->size;
	memset(reply, 0, FAKE_HEADER_SIZE);
	if (query->size >= FAKE_HEADER_SIZE + 3 && request[0] == 'B') {
		size = (size_t)request[1] << 8 | request[2];
		memset(reply, 0, size < room ? size : room);
	}
	size = size < room ? size : room;
	memcpy(reply, query->data, query->size < size ? query->size : size);
	reply[FAKE_QR_AT] |= FAKE_QR;
	counters->rcodes[0]++;
	return size;
}

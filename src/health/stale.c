/* Services that are to be told, once each. Told at every move, a service of 6,400 addresses that
 * all flap would cost 6,400 times its size each interval; together it is its size each turn. */
#include "health_internal.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 64

static uint32_t room_for(uint32_t least)
{
	uint32_t room = ROOM_MIN;
	while (room <= least)
		room *= 2;
	return room;
}

static enum err room_make(struct health *health, uint32_t id)
{
	if (id >= health->is_stale_room) {
		uint32_t room = room_for(id);
		bool *marks = realloc(health->is_stale, room * sizeof marks[0]);
		if (marks == NULL)
			return ERR_NOMEM;
		memset(marks + health->is_stale_room, 0, room - health->is_stale_room);
		health->is_stale = marks;
		health->is_stale_room = room;
	}
	if (health->stale_count == health->stale_room) {
		uint32_t room = room_for(health->stale_count);
		uint32_t *ids = realloc(health->stale, room * sizeof ids[0]);
		if (ids == NULL)
			return ERR_NOMEM;
		health->stale = ids;
		health->stale_room = room;
	}
	return ERR_OK;
}

void service_stale(struct health *health, uint32_t id, int64_t now_ms)
{
	if (id < health->is_stale_room && health->is_stale[id])
		return;
	if (room_make(health, id) != ERR_OK) {
		service_tell(health, id, now_ms); /* slower, and as good */
		return;
	}
	health->is_stale[id] = true;
	health->stale[health->stale_count++] = id;
	health->changed = true;
}

void stale_tell(struct health *health, int64_t now_ms)
{
	for (uint32_t i = 0; i < health->stale_count; i++) {
		health->is_stale[health->stale[i]] = false;
		service_tell(health, health->stale[i], now_ms);
	}
	health->stale_count = 0;
}

void stale_free(struct health *health)
{
	free(health->stale);
	free(health->is_stale);
}

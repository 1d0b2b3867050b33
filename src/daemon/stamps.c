#include "stamps.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void stamps_free(struct stamps *stamps)
{
	free(stamps->changed);
	free(stamps->names);
	*stamps = (struct stamps){.now = 0};
}

/* Both or none. */
static bool room_make(struct stamps *stamps, size_t room)
{
	if (room <= stamps->room)
		return true;
	room = room < 64 ? 64 : room + room / 2;
	uint32_t *changed = realloc(stamps->changed, room * sizeof *changed);
	if (changed == NULL)
		return false;
	stamps->changed = changed;
	uint64_t *names = realloc(stamps->names, room * sizeof *names);
	if (names == NULL)
		return false;
	stamps->names = names;
	memset(changed + stamps->room, 0, (room - stamps->room) * sizeof *changed);
	memset(names + stamps->room, 0, (room - stamps->room) * sizeof *names);
	stamps->room = room;
	return true;
}

static uint64_t name_of(const struct model *model, uint32_t service)
{
	struct service_view view;
	if (!model_service(model, service, &view))
		return 0;
	uint64_t seed = model_seed(model);
	return hash_bytes(view.name, hash_bytes(view.namespace, seed)) | 1;
}

static void service_take(struct stamps *stamps, const struct model *model, uint32_t service)
{
	uint64_t before = stamps->names[service], name = name_of(model, service);
	stamps->changed[service] = stamps->now;
	stamps->names[service] = name;
	/* Who is gone is in no list of what changed. */
	if (before != 0 && before != name)
		stamps->all = stamps->now;
}

void stamps_take(struct stamps *stamps, const struct model *model)
{
	struct model_changes changes = model_changes(model);
	size_t limit = model_service_limit(model);
	if (!changes.everything && changes.service_count == 0)
		return;
	stamps->now++;
	if (!room_make(stamps, limit)) {
		stamps->all = stamps->now;
		return;
	}
	if (changes.everything) {
		stamps->all = stamps->now;
		for (uint32_t id = 0; id < limit; id++)
			stamps->names[id] = name_of(model, id);
		return;
	}
	for (size_t i = 0; i < changes.service_count; i++) {
		assert(changes.services[i] < stamps->room);
		service_take(stamps, model, changes.services[i]);
	}
}

bool stamps_need_all(const struct stamps *stamps, uint32_t since)
{
	return since < stamps->all || since > stamps->now;
}

bool stamps_newer(const struct stamps *stamps, uint32_t service, uint32_t since)
{
	return service >= stamps->room || stamps->changed[service] > since;
}

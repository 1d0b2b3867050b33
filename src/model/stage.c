/* Staging services: every step that can fail is taken here, and the last one only links what is
 * ready. */
#include "model_internal.h"

#include <stdlib.h>
#include <string.h>

#define STAGED_ROOM_MIN 8

/* Hold all that `service` names; `id` is its slot. ERR_NOMEM: as before. */
static enum err service_hold(struct model *model, const struct service *service, uint32_t id)
{
	if (hosts_hold(model, service, id) != ERR_OK)
		return ERR_NOMEM;
	const struct ingress *at = service_first(service);
	for (unsigned left = service->ingress_count; left > 0; left--, at = ingress_after(at))
		cluster_at(model, at->cluster)->refs++;
	namespace_hold(model, service->namespace);
	return ERR_OK;
}

void service_release(struct model *model, struct service *service)
{
	const struct ingress *at = service_first(service);
	for (unsigned left = service->ingress_count; left > 0; left--, at = ingress_after(at)) {
		assert(cluster_at(model, at->cluster)->refs > 0);
		cluster_at(model, at->cluster)->refs--;
	}
	hosts_release(model, service);
	namespace_release(model, service->namespace);
	free(service);
}

void stage_clear(struct model *model)
{
	struct stage *stage = &model->stage;
	for (size_t i = 1; i <= stage->file_count; i++)
		free(stage->files[i]);
	free(stage->entries);
	free(stage->order);
	free(stage->draft);
	*stage = (struct stage){.count = 0};
}

bool model_stage_short(const struct model *model)
{
	return model->stage.short_of_names;
}

static enum err entry_reserve(struct stage *stage)
{
	if (stage->count < stage->room)
		return ERR_OK;
	uint32_t room = stage->room == 0 ? STAGED_ROOM_MIN : 2 * stage->room;
	struct staged *entries = realloc(stage->entries, room * sizeof entries[0]);
	if (entries == NULL)
		return ERR_NOMEM;
	stage->entries = entries;
	stage->room = room;
	return ERR_OK;
}

/** Where `file` stands in stage.files; the last one is almost always it. */
static enum err file_intern(struct stage *stage, const char *file, uint8_t *out)
{
	*out = 0;
	if (file == NULL)
		return ERR_OK;
	for (uint8_t i = stage->file_count; i > 0; i--) {
		if (strcmp(stage->files[i], file) == 0) {
			*out = i;
			return ERR_OK;
		}
	}
	if (stage->file_count == STAGED_FILES_MAX)
		return ERR_OK;
	size_t size = strlen(file) + 1;
	char *copy = malloc(size);
	if (copy == NULL)
		return ERR_NOMEM;
	memcpy(copy, file, size);
	*out = ++stage->file_count;
	stage->files[*out] = copy;
	return ERR_OK;
}

static struct staged *entry_of(struct model *model, uint32_t id)
{
	uint32_t link = model->slots.at[id].link;
	return link != 0 ? &model->stage.entries[link - 1] : NULL;
}

/** The entry of slot `id`, made in the room that was reserved. */
static struct staged *entry_make(struct model *model, uint32_t id)
{
	struct stage *stage = &model->stage;
	struct staged *entry = entry_of(model, id);
	if (entry != NULL)
		return entry;
	assert(stage->entries != NULL && stage->count < stage->room);
	entry = &stage->entries[stage->count++];
	*entry = (struct staged){.id = id};
	model->slots.at[id].link = stage->count;
	return entry;
}

static void entry_set(struct model *model, struct staged *entry, struct service *next, bool gone)
{
	struct service *old = entry->next;
	entry->next = next;
	entry->gone = gone;
	if (old != NULL)
		service_release(model, old);
}

/** Service `id` is to be gone. A slot that was merely staged is free again at once. */
static enum err gone_stage(struct model *model, uint32_t id, bool seen)
{
	if (entry_reserve(&model->stage) != ERR_OK)
		return ERR_NOMEM;
	struct staged *entry = entry_make(model, id);
	entry->seen = seen;
	if (model->slots.at[id].now == NULL) {
		entry->id = TABLE_NONE;
		model->slots.at[id].link = 0;
		slot_free(model, id);
	}
	entry_set(model, entry, NULL, true);
	return ERR_OK;
}

/** Stage the draft as service `id`, or as a new one if there is none. */
static enum err draft_stage(struct model *model, uint32_t id, const struct service_key *key,
                            const struct findings *findings, struct why *why)
{
	struct stage *stage = &model->stage;
	struct service *next = NULL;
	uint8_t file;
	if (entry_reserve(stage) != ERR_OK || file_intern(stage, findings->file, &file) != ERR_OK)
		return ERR_NOMEM;
	enum err err = id == TABLE_NONE ? slot_reserve(model, why) : ERR_OK;
	if (err != ERR_OK)
		return err;
	const struct service *now = id == TABLE_NONE ? NULL : model->slots.at[id].now;
	if (now == NULL || now->size != stage->draft_size ||
	    memcmp(now, stage->draft, now->size) != 0) {
		next = malloc(stage->draft_size);
		if (next == NULL)
			return ERR_NOMEM;
		memcpy(next, stage->draft, stage->draft_size);
		if (service_hold(model, next, id == TABLE_NONE ? slot_next(model) : id) != ERR_OK) {
			free(next);
			return ERR_NOMEM;
		}
	}
	if (id == TABLE_NONE)
		id = slot_take(model, key);
	struct staged *entry = entry_make(model, id);
	entry_set(model, entry, next, false);
	entry->seen = true;
	entry->line = findings->line;
	entry->file = file;
	return ERR_OK;
}

static void duplicate_report(struct model *model, uint32_t id, const struct service_seen *seen,
                             struct findings *findings)
{
	const struct staged *entry = entry_of(model, id);
	if (entry != NULL && entry->seen)
		findings_add(findings, SEVERITY_WARNING, FINDING_DUPLICATE,
		             "service %.*s/%.*s is there twice; the last one counts",
		             BYTES_SHOWN(seen->namespace), BYTES_SHOWN(seen->name));
}

static enum err key_stage(struct model *model, const struct service_seen *seen,
                          const struct service_key *key, struct findings *findings, struct why *why)
{
	uint32_t id = slot_find(model, key);
	if (id != TABLE_NONE)
		duplicate_report(model, id, seen, findings);
	enum err err = draft_build(model, seen, key->namespace, key->name, findings, why);
	bool left_out = err == ERR_LIMIT;
	if (left_out)
		err = id != TABLE_NONE ? gone_stage(model, id, true) : ERR_OK;
	else if (err == ERR_OK)
		err = draft_stage(model, id, key, findings, why);
	if (left_out || err != ERR_OK)
		model->hosts.orphans = true; /* what was interned on the way */
	return err;
}

static bool label_check(const struct service_seen *seen, struct bytes label, const char *what,
                        struct findings *findings)
{
	if (label_is_host(label))
		return true;
	findings_add(findings, SEVERITY_WARNING, FINDING_LABEL,
	             "service %.*s/%.*s: its %s can't be a DNS label; it has no names",
	             BYTES_SHOWN(seen->namespace), BYTES_SHOWN(seen->name), what);
	return false;
}

/** Octets of a folded key. */
struct key_octets {
	uint8_t namespace[LABEL_SIZE_MAX], name[LABEL_SIZE_MAX];
};

/** The slot of a service by its labels, valid or not; TABLE_NONE: there is none. */
static uint32_t slot_of(const struct model *model, struct bytes namespace, struct bytes name)
{
	if (!label_is_host(namespace) || !label_is_host(name))
		return TABLE_NONE;
	struct key_octets octets;
	label_fold(namespace, octets.namespace);
	label_fold(name, octets.name);
	const struct service_key key = {
		.namespace = namespace_find(model, (struct bytes){octets.namespace, namespace.size}),
		.name = {octets.name, name.size},
	};
	return key.namespace == TABLE_NONE ? TABLE_NONE : slot_find(model, &key);
}

bool model_service_named(const struct model *model, struct bytes namespace, struct bytes name,
                         struct service_view *out)
{
	uint32_t id = slot_of(model, namespace, name);
	return id != TABLE_NONE && model_service(model, id, out);
}

/** A service that has no names: it still takes those of an earlier one. */
static enum err nameless_stage(struct model *model, const struct service_seen *seen,
                               struct findings *findings)
{
	uint32_t id = slot_of(model, seen->namespace, seen->name);
	if (id == TABLE_NONE)
		return ERR_OK;
	duplicate_report(model, id, seen, findings);
	return gone_stage(model, id, true);
}

static enum err named_stage(struct model *model, const struct service_seen *seen,
                            struct findings *findings, struct why *why)
{
	if (!label_check(seen, seen->namespace, "namespace", findings) ||
	    !label_check(seen, seen->name, "name", findings))
		return ERR_OK;
	struct key_octets octets;
	label_fold(seen->namespace, octets.namespace);
	label_fold(seen->name, octets.name);
	const struct bytes namespace = {octets.namespace, seen->namespace.size};
	struct service_key key = {.name = {octets.name, seen->name.size}};
	enum err err = namespace_intern(model, namespace, key.name.size, &key.namespace);
	if (err != ERR_OK)
		return err;
	err = key_stage(model, seen, &key, findings, why);
	namespace_sweep(model, key.namespace);
	return err;
}

enum err model_stage_service(struct model *model, const struct service_seen *seen,
                             struct findings *findings, struct why *why)
{
	enum err err = seen->ingress_count == 0 ? nameless_stage(model, seen, findings)
	                                        : named_stage(model, seen, findings, why);
	if (err == ERR_NOMEM)
		why_set(why, "no memory");
	if (err != ERR_OK)
		why_wrap(why, "service %.*s/%.*s", BYTES_ARG(seen->namespace), BYTES_ARG(seen->name));
	return err;
}

enum err model_stage_service_gone(struct model *model, struct bytes namespace, struct bytes name,
                                  struct why *why)
{
	uint32_t id = slot_of(model, namespace, name);
	if (id == TABLE_NONE || gone_stage(model, id, false) == ERR_OK)
		return ERR_OK;
	why_set(why, "service %.*s/%.*s: no memory", BYTES_ARG(namespace), BYTES_ARG(name));
	return ERR_NOMEM;
}

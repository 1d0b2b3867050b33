/* The control thread's side: change sets in, published roots out. */
#include "cell.h"
#include "root.h"
#include "update.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct zone {
	struct cell *cell;
	struct compiler *compiler;
	struct buf entry; /* scratch */
	uint64_t seed;
	struct answer_policy *policy; /* for the next root; NULL: none yet */
	bool policy_moved;
	bool stale;
	struct published *slots; /* by service id */
	size_t slot_count;
	size_t left_out_least; /* RRs of the smallest service that RECORDS_MAX left out; 0: none */
	struct zone_counters counters;
	struct zone_moves moves;
};

static enum err no_memory(struct why *why, const char *what)
{
	why_set(why, "no memory for %s", what);
	return ERR_NOMEM;
}

struct zone *zone_new(unsigned readers, uint64_t seed)
{
	assert(readers >= 1 && readers <= READERS_MAX);
	struct zone *zone = calloc(1, sizeof *zone);
	struct root *first = calloc(1, sizeof *first);
	if (zone == NULL || first == NULL)
		goto failed;
	buf_init(&zone->entry, ENTRY_SIZE_MAX);
	zone->seed = seed;
	zone->compiler = compiler_new();
	if (zone->compiler == NULL)
		goto failed;
	zone->cell = cell_new(readers, first);
	if (zone->cell == NULL)
		goto failed;
	return zone;

failed:
	if (zone != NULL)
		compiler_free(zone->compiler);
	free(zone);
	free(first);
	return NULL;
}

void zone_free(struct zone *zone)
{
	if (zone == NULL)
		return;
	cell_free(zone->cell);
	compiler_free(zone->compiler);
	buf_free(&zone->entry);
	free(zone->policy);
	free(zone->slots);
	free(zone);
}

enum err zone_set_policy(struct zone *zone, const struct answer_policy *policy, struct why *why)
{
	struct answer_policy *copy = malloc(sizeof *copy);
	if (copy == NULL)
		return no_memory(why, "the policy");
	*copy = *policy;
	free(zone->policy);
	zone->policy = copy;
	zone->policy_moved = true;
	return ERR_OK;
}

void zone_set_stale(struct zone *zone, bool stale)
{
	zone->stale = stale;
}

static uint32_t serial_after(uint32_t last, uint32_t hint)
{
	/* RFC 1982 section 3.2: "later" is less than half the circle ahead. */
	return (int32_t)(hint - last) > 0 ? hint : last + 1;
}

static enum err slots_reserve(struct zone *zone, size_t count, struct why *why)
{
	if (count <= zone->slot_count)
		return ERR_OK;
	size_t room = count + count / 2 + 64; /* ids grow by a few at a time: move rarely */
	struct published *slots = realloc(zone->slots, room * sizeof slots[0]);
	if (slots == NULL)
		return no_memory(why, "the table of published services");
	memset(slots + zone->slot_count, 0, (room - zone->slot_count) * sizeof slots[0]);
	zone->slots = slots;
	zone->slot_count = room;
	return ERR_OK;
}

/* What is published now, by service id, once an update has succeeded. Cannot fail. */
static void slot_set(struct zone *zone, const struct model *model, uint32_t id)
{
	struct service_view service;
	struct published *slot = &zone->slots[id];
	slot->used = model_service(model, id, &service);
	if (slot->used)
		slot->hash = update_key_hash(zone->seed, &service);
}

static void slots_set(struct zone *zone, const struct model *model, bool everything)
{
	struct model_changes changes = model_changes(model);
	if (!everything) {
		for (size_t i = 0; i < changes.service_count; i++)
			slot_set(zone, model, changes.services[i]);
		return;
	}
	size_t limit = model_service_limit(model);
	for (size_t id = 0; id < limit; id++)
		slot_set(zone, model, (uint32_t)id);
	for (size_t id = limit; id < zone->slot_count; id++)
		zone->slots[id].used = false;
}

static enum err update_run(struct update *update, bool everything)
{
	const struct model *model = update->model;
	struct model_changes changes = model_changes(model);
	size_t count = everything ? model_service_limit(model) : changes.service_count;
	for (size_t i = 0; i < count; i++) {
		enum err err = update_service(update, everything ? (uint32_t)i : changes.services[i]);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

/* The update succeeded: publish it, unless the answers are what they were. */
static void update_publish(struct zone *zone, struct update *update, bool everything,
                           uint32_t serial_hint)
{
	struct root *current = cell_current(zone->cell);
	bool moved = everything || update_moved(update);
	if (!moved && zone->stale == current->stale) {
		update_abort(update, current);
		return;
	}
	update->next->stale = zone->stale;
	if (!current->ready)
		update->next->serial = serial_hint;
	else if (moved) /* the same records under another serial would be no help to anybody */
		update->next->serial = serial_after(current->serial, serial_hint);
	counters_add(&zone->counters, &update->moves.levels);
	zone_moves_add(&zone->moves, &update->moves);
	update_seal(update, current, everything);
	cell_publish(zone->cell, update->next);
}

static void left_out_note(struct zone *zone, const struct update *update, bool everything)
{
	if (everything || zone->left_out_least == 0 ||
	    (update->left_out_least != 0 && update->left_out_least < zone->left_out_least))
		zone->left_out_least = update->left_out_least;
}

static enum err zone_update_once(struct zone *zone, struct model *model, bool everything,
                                 uint32_t serial_hint, struct findings *findings, struct why *why)
{
	struct root *current = cell_current(zone->cell);
	if (!cell_ready(zone->cell)) {
		why_set(why, "workers still hold %d old states", RETIRED_MAX);
		return ERR_AGAIN;
	}
	enum err err = slots_reserve(zone, model_service_limit(model), why);
	if (err != ERR_OK)
		return err;

	struct update update = {.compiler = zone->compiler,
	                        .entry = &zone->entry,
	                        .slots = everything ? NULL : zone->slots,
	                        .slot_count = zone->slot_count,
	                        .policy = zone->policy,
	                        .seed = zone->seed,
	                        .model = model,
	                        .findings = findings,
	                        .why = why};
	err = update_begin(&update, everything ? NULL : current);
	if (err != ERR_OK)
		return err;
	if (current->ready && moves_comparable(current, update.next))
		update.before = current;
	err = update_run(&update, everything);
	if (err != ERR_OK) {
		update_abort(&update, everything ? NULL : current);
		return err;
	}
	slots_set(zone, model, everything);
	left_out_note(zone, &update, everything);
	update_publish(zone, &update, everything, serial_hint);
	zone->policy_moved = false;
	model_changes_taken(model);
	return ERR_OK;
}

/* Is there room again for a service that was left out? */
static bool room_again(const struct zone *zone)
{
	return zone->left_out_least != 0 &&
	       record_total(&cell_current(zone->cell)->records) + zone->left_out_least <= RECORDS_MAX;
}

enum err zone_update(struct zone *zone, struct model *model, uint32_t serial_hint,
                     struct findings *findings, struct why *why)
{
	assert(zone->policy != NULL);
	struct model_changes changes = model_changes(model);
	bool everything = changes.everything || zone->policy_moved ||
	                  !cell_current(zone->cell)->ready || room_again(zone);
	zone->moves = (struct zone_moves){.services = 0};
	if (!everything && changes.service_count == 0 && zone->stale == cell_current(zone->cell)->stale)
		return ERR_OK;
	enum err err = zone_update_once(zone, model, everything, serial_hint, findings, why);
	if (err == ERR_OK && room_again(zone))
		err = zone_update_once(zone, model, true, serial_hint, findings, why);
	return err;
}

size_t zone_sweep(struct zone *zone)
{
	return cell_sweep(zone->cell);
}

void zone_records(const struct zone *zone, struct zone_records *out)
{
	const struct root *root = cell_current(zone->cell);
	*out = (struct zone_records){.services = root->records};
	for (size_t i = 0; root->ready && i < root->fixed->own_count; i++) {
		const struct own_set *set = &root->fixed->own[i];
		out->a += set->type == TYPE_A ? set->block.count : 0;
		out->aaaa += set->type == TYPE_AAAA ? set->block.count : 0;
		out->ns += set->type == TYPE_NS ? set->block.count : 0;
		out->soa += set->type == TYPE_SOA;
	}
}

void zone_stats(const struct zone *zone, struct zone_stats *out)
{
	const struct root *root = cell_current(zone->cell);
	*out = (struct zone_stats){root->serial, root->services, record_total(&root->records)};
}

void zone_counters(const struct zone *zone, struct zone_counters *out)
{
	*out = zone->counters;
}

void zone_moves(const struct zone *zone, struct zone_moves *out)
{
	*out = zone->moves;
}

const struct root *zone_enter(struct zone *zone, unsigned slot)
{
	return cell_enter(zone->cell, slot);
}

void zone_leave(struct zone *zone, unsigned slot)
{
	cell_leave(zone->cell, slot);
}

#include "target.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64

void targets_free(struct targets *targets)
{
	for (uint32_t id = 0; id < targets->limit; id++) {
		if (targets->at[id] == NULL)
			continue;
		free(targets->at[id]->uses);
		free(targets->at[id]);
	}
	free(targets->at);
	free(targets->slots);
	free(targets->unused);
	*targets = (struct targets){.seed = targets->seed};
}

struct target *target_at(const struct targets *targets, uint32_t id)
{
	return id < targets->limit ? targets->at[id] : NULL;
}

/* --- the table ---------------------------------------------------------------------------- */

static uint64_t spec_hash(const struct targets *targets, const struct health_target *spec)
{
	struct {
		uint8_t octets[V6_SIZE];
		uint16_t port;
		uint8_t family, kind;
	} fixed = {.port = spec->port, .family = spec->address.family, .kind = (uint8_t)spec->kind};
	memcpy(fixed.octets, spec->address.octets, address_size(spec->address.family));
	uint64_t hash =
		hash_bytes((struct bytes){(const uint8_t *)&fixed, sizeof fixed}, targets->seed);
	hash = hash_bytes(bytes_of(spec->path), hash);
	return hash_bytes(bytes_of(spec->host), hash);
}

static bool spec_equal(const struct health_target *a, const struct health_target *b)
{
	return a->port == b->port && a->kind == b->kind &&
	       address_compare(&a->address, &b->address) == 0 && strcmp(a->path, b->path) == 0 &&
	       strcmp(a->host, b->host) == 0;
}

/* The slot of the target with `spec`, or a free one; NULL spec: of `id` itself. */
static uint32_t slot_find(const struct targets *targets, uint64_t hash,
                          const struct health_target *spec, uint32_t id)
{
	uint32_t mask = targets->slot_room - 1, i = (uint32_t)hash & mask;
	for (;; i = (i + 1) & mask) {
		uint32_t held = targets->slots[i];
		if (held == 0)
			return i;
		const struct target *target = targets->at[held - 1];
		if (spec == NULL ? held - 1 == id : target->hash == hash && spec_equal(&target->spec, spec))
			return i;
	}
}

/* What follows in the run moves up, so that no hole parts it from its place. */
static void slot_clear(struct targets *targets, uint32_t hole)
{
	uint32_t mask = targets->slot_room - 1;
	for (uint32_t i = (hole + 1) & mask; targets->slots[i] != 0; i = (i + 1) & mask) {
		uint32_t home = (uint32_t)targets->at[targets->slots[i] - 1]->hash & mask;
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		targets->slots[hole] = targets->slots[i];
		hole = i;
	}
	targets->slots[hole] = 0;
}

static enum err slots_reserve(struct targets *targets)
{
	if (targets->slot_room != 0 && targets->count < targets->slot_room / 2)
		return ERR_OK;
	uint32_t room = targets->slot_room == 0 ? ROOM_FIRST : 2 * targets->slot_room;
	uint32_t *slots = calloc(room, sizeof *slots);
	if (slots == NULL)
		return ERR_NOMEM;
	free(targets->slots);
	targets->slots = slots;
	targets->slot_room = room;
	for (uint32_t id = 0; id < targets->limit; id++) {
		if (targets->at[id] != NULL)
			slots[slot_find(targets, targets->at[id]->hash, NULL, id)] = id + 1;
	}
	return ERR_OK;
}

/* Ids: of those given back first. */
static enum err ids_reserve(struct targets *targets)
{
	if (targets->unused_count != 0 || targets->limit < targets->room)
		return ERR_OK;
	uint32_t room = targets->room == 0 ? ROOM_FIRST : 2 * targets->room;
	struct target **at = realloc(targets->at, room * sizeof *at);
	if (at == NULL)
		return ERR_NOMEM;
	targets->at = at;
	uint32_t *unused = realloc(targets->unused, room * sizeof *unused);
	if (unused == NULL)
		return ERR_NOMEM;
	targets->unused = unused;
	targets->room = room;
	return ERR_OK;
}

/* --- targets ------------------------------------------------------------------------------ */

static struct target *target_new(const struct health_target *spec, uint64_t hash)
{
	size_t path_size = strlen(spec->path) + 1, host_size = strlen(spec->host) + 1;
	struct target *target = calloc(1, sizeof *target + path_size + host_size);
	if (target == NULL)
		return NULL;
	target->spec = *spec;
	target->hash = hash;
	memcpy(target->texts, spec->path, path_size);
	memcpy(target->texts + path_size, spec->host, host_size);
	target->spec.path = target->texts;
	target->spec.host = target->texts + path_size;
	return target;
}

enum err target_get(struct targets *targets, const struct health_target *spec, uint32_t *id,
                    bool *made)
{
	uint64_t hash = spec_hash(targets, spec);
	*made = false;
	if (slots_reserve(targets) != ERR_OK || ids_reserve(targets) != ERR_OK)
		return ERR_NOMEM;
	uint32_t slot = slot_find(targets, hash, spec, TARGET_NONE);
	if (targets->slots[slot] != 0) {
		*id = targets->slots[slot] - 1;
		return ERR_OK;
	}
	if (targets->count >= targets->count_max)
		return ERR_LIMIT;
	struct target *target = target_new(spec, hash);
	if (target == NULL)
		return ERR_NOMEM;
	*id = targets->unused_count != 0 ? targets->unused[--targets->unused_count] : targets->limit++;
	targets->at[*id] = target;
	targets->slots[slot] = *id + 1;
	targets->count++;
	*made = true;
	return ERR_OK;
}

uint32_t target_use(struct target *target, struct use use)
{
	if (target->use_count == target->use_room) {
		uint32_t room = target->use_room == 0 ? 1 : 2 * target->use_room;
		struct use *uses = realloc(target->uses, room * sizeof *uses);
		if (uses == NULL)
			return TARGET_NONE;
		target->uses = uses;
		target->use_room = room;
	}
	target->uses[target->use_count] = use;
	return target->use_count++;
}

const struct use *target_unuse(struct target *target, uint32_t at)
{
	assert(at < target->use_count);
	target->use_count--;
	if (at == target->use_count)
		return NULL;
	target->uses[at] = target->uses[target->use_count];
	return &target->uses[at];
}

void target_wait(struct targets *targets, uint32_t id, enum wait wait)
{
	struct target *target = targets->at[id];
	if (target->wait == wait)
		return;
	if (target->wait != WAIT_NOTHING) {
		struct queue *from = &targets->queues[target->wait];
		*(target->before == TARGET_NONE ? &from->first : &targets->at[target->before]->after) =
			target->after;
		*(target->after == TARGET_NONE ? &from->last : &targets->at[target->after]->before) =
			target->before;
		from->count--;
	}
	target->wait = (uint8_t)wait;
	if (wait == WAIT_NOTHING)
		return;
	struct queue *to = &targets->queues[wait];
	target->before = to->count == 0 ? TARGET_NONE : to->last;
	target->after = TARGET_NONE;
	*(to->count == 0 ? &to->first : &targets->at[to->last]->after) = id;
	to->last = id;
	to->count++;
}

void target_drop(struct targets *targets, uint32_t id)
{
	struct target *target = targets->at[id];
	assert(target != NULL);
	target_wait(targets, id, WAIT_NOTHING);
	slot_clear(targets, slot_find(targets, target->hash, NULL, id));
	targets->at[id] = NULL;
	targets->unused[targets->unused_count++] = id;
	targets->count--;
	free(target->uses);
	free(target);
}

#include "update.h"

#include <stdlib.h>
#include <string.h>

struct key {
	uint8_t size;
	uint8_t octets[SERVICE_KEY_SIZE_MAX];
};

static struct bytes key_bytes(const struct key *key)
{
	return (struct bytes){key->octets, key->size};
}

static void key_add(struct key *key, struct bytes label)
{
	key->size = (uint8_t)(key->size + label_put(label, key->octets + key->size));
}

uint64_t update_key_hash(uint64_t seed, const struct service_view *service)
{
	struct key key = {0};
	key_add(&key, service->name);
	key_add(&key, service->namespace);
	return hash_bytes(key_bytes(&key), seed);
}

enum err update_begin(struct update *update, const struct root *base)
{
	memset(update->fresh, 0, sizeof update->fresh);
	update->next = malloc(sizeof *update->next);
	if (update->next == NULL) {
		why_set(update->why, "no memory for a new state");
		return ERR_NOMEM;
	}
	if (base != NULL) {
		*update->next = *base;
		memset(update->next->dying, 0, sizeof update->next->dying);
	} else {
		memset(update->next, 0, sizeof *update->next);
		enum err err = fixed_new(update->policy, update->model, update->seed, update->findings,
		                         &update->next->fixed, update->why);
		if (err != ERR_OK) {
			free(update->next);
			update->next = NULL;
			return err;
		}
	}
	update->next->ready = true;
	update->next->fixed_dies = false;
	update->next->seed = update->seed;
	update->next->shortest = model_prefix_shortest(update->model);
	return ERR_OK;
}

static bool fresh(const struct update *update, size_t i)
{
	return (update->fresh[i / 64] >> (i % 64) & 1) != 0;
}

bool update_moved(const struct update *update)
{
	for (size_t i = 0; i < SHARDS / 64; i++) {
		if (update->fresh[i] != 0)
			return true;
	}
	return false;
}

void update_seal(struct update *update, struct root *old, bool everything)
{
	if (everything)
		memset(old->dying, 0xff, sizeof old->dying);
	else
		memcpy(old->dying, update->fresh, sizeof old->dying);
	old->fixed_dies = everything;
}

void update_abort(struct update *update, const struct root *base)
{
	for (size_t i = 0; i < SHARDS; i++) {
		if (fresh(update, i))
			shard_free(update->next->shards[i]);
	}
	if (base == NULL)
		fixed_free(update->next->fixed);
	free(update->next);
	update->next = NULL;
}

static const struct entry *find(const struct update *update, uint64_t hash, struct bytes key)
{
	return shard_find(update->next->shards[root_shard(hash)], hash, key);
}

/* Put `add` (NULL: nothing) in the place of `key`'s entry. The shard is copied; a copy of this very
 * update is freed at once. */
static enum err put(struct update *update, uint64_t hash, struct bytes key, const struct entry *add)
{
	size_t i = root_shard(hash);
	struct shard *old = update->next->shards[i], *shard;
	enum err err = shard_replace(old, hash, key, add, &shard, update->why);
	if (err != ERR_OK)
		return err;
	update->next->shards[i] = shard;
	if (fresh(update, i))
		shard_free(old);
	update->fresh[i / 64] |= (uint64_t)1 << (i % 64);
	return ERR_OK;
}

static const struct entry *built(const struct update *update)
{
	return (const struct entry *)(const void *)update->entry->data;
}

/* Bring the entry of one namespace in line with the model. */
static enum err namespace_put(struct update *update, struct bytes label)
{
	struct key key = {0};
	key_add(&key, label);
	uint64_t hash = hash_bytes(key_bytes(&key), update->seed);
	const struct entry *have = find(update, hash, key_bytes(&key));
	uint8_t shortest = model_namespace_shortest(update->model, label);
	if ((have == NULL ? 0 : have->shortest) == shortest)
		return ERR_OK;
	if (shortest == 0)
		return put(update, hash, key_bytes(&key), NULL);
	enum err err = entry_build_namespace(update->entry, label, shortest, update->why);
	if (err != ERR_OK)
		return err;
	return put(update, hash, key_bytes(&key), built(update));
}

static void records_subtract(struct root *root, const struct entry *entry)
{
	root->records.a -= entry->a;
	root->records.aaaa -= entry->aaaa;
	root->records.cname -= entry->cname;
	root->records.srv -= entry->srv;
}

static void records_add(struct root *root, const struct entry *entry)
{
	root->records.a += entry->a;
	root->records.aaaa += entry->aaaa;
	root->records.cname += entry->cname;
	root->records.srv += entry->srv;
}

/* Take out `entry`, whose service is gone, and its namespace where it was the last one there. */
static enum err service_remove(struct update *update, uint64_t hash, const struct entry *entry)
{
	struct key key = {.size = entry->key_size};
	memcpy(key.octets, entry_key(entry).data, key.size); /* the entry goes with its shard */
	update->next->services--;
	records_subtract(update->next, entry);
	enum err err = put(update, hash, key_bytes(&key), NULL);
	if (err != ERR_OK)
		return err;
	const uint8_t *namespace = key.octets + 1 + key.octets[0];
	return namespace_put(update, (struct bytes){namespace + 1, namespace[0]});
}

/* What the shard holds under the id, if its key is not the one that the service has now. */
static const struct entry *outdated(const struct update *update, uint32_t id, bool there,
                                    uint64_t hash)
{
	if (update->slots == NULL || id >= update->slot_count || !update->slots[id].used)
		return NULL;
	uint64_t published = update->slots[id].hash;
	if (there && published == hash)
		return NULL;
	return shard_find_id(update->next->shards[root_shard(published)], published, id);
}

static bool entry_equal(const struct entry *a, const struct entry *b)
{
	return a->size == b->size && memcmp(a, b, a->size) == 0;
}

static enum err entry_put(struct update *update, uint64_t hash, struct bytes key,
                          const struct entry *have, struct bytes namespace)
{
	const struct entry *add = built(update);
	if (have != NULL && entry_equal(have, add))
		return ERR_OK;
	const struct entry *before =
		update->before == NULL ? NULL
							   : shard_find(update->before->shards[root_shard(hash)], hash, key);
	if (before != NULL)
		moves_note(&update->moves, update->next->fixed, before, add, add->id);
	if (have != NULL)
		records_subtract(update->next, have);
	else
		update->next->services++;
	records_add(update->next, add);
	enum err err = put(update, hash, key, add);
	return err == ERR_OK ? namespace_put(update, namespace) : err;
}

static enum err service_put(struct update *update, uint32_t id, uint64_t hash,
                            const struct service_view *service)
{
	const struct fixed *fixed = update->next->fixed;
	struct ladder ladder;
	enum err err = compile_service(update->compiler, update->model, &update->policy->zone, id,
	                               update->findings, &ladder, update->why);
	if (err != ERR_OK)
		return err;
	struct bytes key = {ladder.key, ladder.key_size};
	const struct entry *have = find(update, hash, key);
	struct record_counts counts = {.a = 0}, had = {.a = 0};
	if (have != NULL)
		had = entry_records(have);
	size_t others = record_total(&update->next->records) - record_total(&had), records;
	enum room room =
		ladder_room(&ladder, fixed->tails, fixed->place_count, others, update->findings, &counts);
	records = record_total(&counts);
	if (room == ROOM_ZONE_FULL && (update->left_out_least == 0 || records < update->left_out_least))
		update->left_out_least = records;
	if (room != ROOM_ENOUGH)
		return ERR_OK;
	err = entry_build_service(update->entry, &ladder, id, &counts, update->why);
	return err == ERR_OK ? entry_put(update, hash, key, have, service->namespace) : err;
}

enum err update_service(struct update *update, uint32_t id)
{
	struct service_view service;
	bool there = model_service(update->model, id, &service);
	uint64_t hash = there ? update_key_hash(update->seed, &service) : 0;
	const struct entry *gone = outdated(update, id, there, hash);
	if (gone != NULL) {
		enum err err = service_remove(update, update->slots[id].hash, gone);
		if (err != ERR_OK)
			return err;
	}
	return there ? service_put(update, id, hash, &service) : ERR_OK;
}

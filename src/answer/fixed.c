#include "fixed.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A place brings three nodes (tail, svc, its own name), the suffix and each name server at most a
 * chain of labels. */
#define CHAIN_MAX 128
static_assert(2 * NAMESERVERS_MAX <= BLOCK_POINTERS_MAX,
              "an NS RRset has an owner and a name each");
static_assert((uint64_t)PLACES_MAX * 3 + (NAMESERVERS_MAX + 2) * CHAIN_MAX < UINT32_MAX / 4,
              "node indexes are 32 bits");

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory for the zone's names");
	return ERR_NOMEM;
}

static uint32_t slot_of(const struct fixed *fixed, struct bytes name)
{
	uint32_t slot = (uint32_t)hash_bytes(name, fixed->seed) & fixed->mask;
	while (fixed->slots[slot] != 0 &&
	       !bytes_equal(name_bytes(&fixed->nodes[fixed->slots[slot] - 1].name), name))
		slot = (slot + 1) & fixed->mask;
	return slot;
}

const struct node *fixed_find(const struct fixed *fixed, struct bytes name)
{
	uint32_t index = fixed->slots[slot_of(fixed, name)];
	return index == 0 ? NULL : &fixed->nodes[index - 1];
}

/* The node of `name`, made if it is not there yet. Room was reserved: cannot fail. */
static struct node *node_at(struct fixed *fixed, struct bytes name)
{
	uint32_t slot = slot_of(fixed, name);
	if (fixed->slots[slot] == 0) {
		assert(fixed->node_count < fixed->node_room);
		struct node *node = &fixed->nodes[fixed->node_count++];
		*node = (struct node){.name.size = (uint8_t)name.size};
		memcpy(node->name.octets, name.data, name.size);
		fixed->slots[slot] = (uint32_t)fixed->node_count;
	}
	return &fixed->nodes[fixed->slots[slot] - 1];
}

static struct bytes name_up(struct bytes name)
{
	size_t label = 1u + name.data[0];
	return (struct bytes){name.data + label, name.size - label};
}

/*
 * Everything between a tail and the zone's apex exists while a service has a name there (RFC 8020).
 */
static void nodes_of_place(struct fixed *fixed, uint16_t place)
{
	const struct name *tail = &fixed->tails[place].name;
	if (tail->size == 0)
		return;
	struct node *node = node_at(fixed, name_bytes(tail));
	node->is_place = true;
	node->place = place;
	for (struct bytes name = name_bytes(tail); name.size >= fixed->policy.zone.zone.size;
	     name = name_up(name)) {
		node = node_at(fixed, name);
		if (node->least_tail == 0 || tail->size < node->least_tail)
			node->least_tail = tail->size;
		if (name.size == 1)
			break; /* the root */
	}
}

/* A name of the zone's own and everything between it and the apex exist always. */
static struct node *nodes_of_own(struct fixed *fixed, struct bytes owner)
{
	for (struct bytes name = owner; name.size >= fixed->policy.zone.zone.size;
	     name = name_up(name)) {
		node_at(fixed, name)->always = true;
		if (name.size == 1)
			break;
	}
	return node_at(fixed, owner);
}

static enum err own_take(void *arg, const struct rrset *set, struct why *why)
{
	struct fixed *fixed = arg;
	const struct zone_policy *zone = &fixed->policy.zone;
	struct node *node = nodes_of_own(fixed, set->owner);
	/* Each name server once, none of them the apex: the configuration has seen to that. */
	assert(node->set_count == 0 || node->set_first + node->set_count == fixed->own_count);
	assert(fixed->own_count < OWN_SETS_MAX);
	if (node->set_count++ == 0)
		node->set_first = (uint8_t)fixed->own_count;
	struct own_set *own = &fixed->own[fixed->own_count++];
	own->type = set->type;
	enum err err = block_build(&own->block, set, OWNER_QUESTION, set->ttl_s, &zone->zone, why);
	if (err != ERR_OK)
		return err;

	if (set->type == TYPE_SOA) {
		/* RFC 2308 section 3: the TTL of the SOA there is the smaller of its own and MINIMUM. */
		uint32_t ttl_s = set->ttl_s < zone->negative_ttl_s ? set->ttl_s : zone->negative_ttl_s;
		return block_build(&fixed->negative, set, OWNER_NAME, ttl_s, &zone->zone, why);
	}
	if (set->type == TYPE_A || set->type == TYPE_AAAA)
		return block_build(&fixed->glue[fixed->glue_count++], set, OWNER_NAME, set->ttl_s,
		                   &zone->zone, why);
	return ERR_OK;
}

static enum err nodes_reserve(struct fixed *fixed, struct why *why)
{
	fixed->node_room = fixed->place_count * 3 + (NAMESERVERS_MAX + 2) * CHAIN_MAX;
	uint32_t slots = 1;
	while (slots < 2 * fixed->node_room)
		slots *= 2;
	fixed->mask = slots - 1;
	fixed->slots = calloc(slots, sizeof fixed->slots[0]);
	fixed->nodes = calloc(fixed->node_room, sizeof fixed->nodes[0]);
	fixed->places = calloc(fixed->place_count, sizeof fixed->places[0]);
	if (fixed->slots == NULL || fixed->nodes == NULL || fixed->places == NULL)
		return no_memory(why);
	return ERR_OK;
}

static void head_set(struct fixed *fixed)
{
	const struct zone_policy *zone = &fixed->policy.zone;
	fixed->head[0] = zone->federation_size;
	memcpy(fixed->head + 1, zone->federation, zone->federation_size);
	memcpy(fixed->head + 1 + zone->federation_size, "\3svc", 4);
	fixed->head_size = 1u + zone->federation_size + 4u;
}

static enum err fixed_fill(struct fixed *fixed, const struct model *model,
                           struct findings *findings, struct why *why)
{
	fixed->tails = calloc(PLACES_MAX, sizeof fixed->tails[0]);
	if (fixed->tails == NULL)
		return no_memory(why);
	fixed->place_count = compile_tails(model, &fixed->policy.zone, findings, fixed->tails);
	struct tail *tails = realloc(fixed->tails, fixed->place_count * sizeof tails[0]);
	if (tails != NULL)
		fixed->tails = tails; /* most federations are small */
	enum err err = nodes_reserve(fixed, why);
	if (err != ERR_OK)
		return err;
	head_set(fixed);
	for (size_t i = 0; i < fixed->place_count; i++) {
		fixed->places[i] = (struct fixed_place){fixed->tails[i].parent, fixed->tails[i].name.size};
		nodes_of_place(fixed, (uint16_t)i);
	}
	return apex_rrsets(&fixed->policy.zone, 0, own_take, fixed, why);
}

enum err fixed_new(const struct answer_policy *policy, const struct model *model, uint64_t seed,
                   struct findings *findings, struct fixed **out, struct why *why)
{
	*out = NULL;
	struct fixed *fixed = calloc(1, sizeof *fixed);
	if (fixed == NULL)
		return no_memory(why);
	fixed->policy = *policy;
	fixed->seed = seed;
	enum err err = fixed_fill(fixed, model, findings, why);
	if (err == ERR_OK)
		*out = fixed;
	else
		fixed_free(fixed);
	return err;
}

void fixed_free(struct fixed *fixed)
{
	if (fixed == NULL)
		return;
	for (size_t i = 0; i < fixed->own_count; i++)
		block_clear(&fixed->own[i].block);
	for (size_t i = 0; i < fixed->glue_count; i++)
		block_clear(&fixed->glue[i]);
	block_clear(&fixed->negative);
	free(fixed->tails);
	free(fixed->places);
	free(fixed->slots);
	free(fixed->nodes);
	free(fixed);
}

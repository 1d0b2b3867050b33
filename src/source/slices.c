#include "slices.h"

#include <assert.h>
#include <string.h>

/* One slice as kept; an array of these is a service's value. */
struct slice {
	uint64_t name_hash;
	uint16_t ready, serving, draining; /* 1,000 endpoints a slice at most (the API's own maximum) */
	uint16_t spare;
};

static uint16_t bounded(uint32_t count)
{
	return count < UINT16_MAX ? (uint16_t)count : UINT16_MAX;
}

/* --- reading ------------------------------------------------------------------------------ */

/* In lower case, as origin.c has the services' keys. */
static void key_add(struct slice_seen *out, struct bytes text)
{
	for (size_t i = 0; i < text.size; i++)
		out->key[out->key_size++] = octet_lower(text.data[i]);
}

/* The service NAME in the namespace of the object. */
static void key_set(const struct nodes *nodes, struct bytes service, uint64_t seed,
                    struct slice_seen *out)
{
	uint32_t metadata = node_member(nodes, NODE_ROOT, "metadata");
	struct bytes space = node_text(nodes, node_member(nodes, metadata, "namespace"));
	struct bytes name = node_text(nodes, node_member(nodes, metadata, "name"));
	if (space.size == 0)
		space = bytes_of("default");
	if (service.size == 0 || space.size + 1 + service.size > sizeof out->key)
		return;
	key_add(out, space);
	key_add(out, bytes_of("/"));
	key_add(out, service);
	out->name_hash = hash_bytes(name, seed);
}

/* A condition that is absent or null means `absent`. */
static bool condition(const struct nodes *nodes, uint32_t conditions, const char *name, bool absent)
{
	uint32_t node = node_member(nodes, conditions, name);
	return node_is_void(nodes, node) ? absent : node_type(nodes, node) == NODE_TRUE;
}

static void endpoint_count(const struct nodes *nodes, uint32_t endpoint,
                           struct endpoint_counts *counts)
{
	uint32_t conditions = node_member(nodes, endpoint, "conditions");
	bool ready = condition(nodes, conditions, "ready", true);
	bool terminating = condition(nodes, conditions, "terminating", false);
	bool serving = condition(nodes, conditions, "serving", ready);
	counts->ready += ready;
	counts->serving += serving && !terminating;
	counts->draining += serving && terminating;
}

void slice_read(const struct object *object, uint64_t seed, struct slice_seen *out)
{
	const struct nodes *nodes = object->nodes;
	uint32_t metadata = node_member(nodes, NODE_ROOT, "metadata");
	uint32_t labels = node_member(nodes, metadata, "labels");
	uint32_t endpoints = node_member(nodes, NODE_ROOT, "endpoints");
	*out = (struct slice_seen){.key_size = 0};
	if (node_is_text(nodes, node_member(nodes, NODE_ROOT, "addressType"), "FQDN"))
		return;
	key_set(nodes, node_text(nodes, node_member(nodes, labels, SERVICE_LABEL)), seed, out);
	out->counts.any = true;
	if (node_type(nodes, endpoints) != NODE_ARRAY)
		return;
	for (uint32_t i = endpoints + 1; i < node_next(nodes, endpoints); i = node_next(nodes, i))
		endpoint_count(nodes, i, &out->counts);
}

static uint32_t array_count(const struct nodes *nodes, uint32_t array)
{
	uint32_t count = 0;
	if (node_type(nodes, array) != NODE_ARRAY)
		return 0;
	for (uint32_t i = array + 1; i < node_next(nodes, array); i = node_next(nodes, i))
		count++;
	return count;
}

void endpoints_read(const struct object *object, uint64_t seed, struct slice_seen *out)
{
	const struct nodes *nodes = object->nodes;
	uint32_t metadata = node_member(nodes, NODE_ROOT, "metadata");
	uint32_t subsets = node_member(nodes, NODE_ROOT, "subsets");
	*out = (struct slice_seen){.key_size = 0};
	key_set(nodes, node_text(nodes, node_member(nodes, metadata, "name")), seed, out);
	out->counts.any = true;
	if (node_type(nodes, subsets) != NODE_ARRAY)
		return;
	for (uint32_t i = subsets + 1; i < node_next(nodes, subsets); i = node_next(nodes, i))
		out->counts.ready += array_count(nodes, node_member(nodes, i, "addresses"));
	out->counts.serving = out->counts.ready;
}

/* --- keeping ------------------------------------------------------------------------------ */

static struct endpoint_counts counts_of(struct bytes value)
{
	struct endpoint_counts counts = {.any = value.size != 0};
	for (size_t at = 0; at + sizeof(struct slice) <= value.size; at += sizeof(struct slice)) {
		struct slice slice;
		memcpy(&slice, value.data + at, sizeof slice);
		counts.ready += slice.ready;
		counts.serving += slice.serving;
		counts.draining += slice.draining;
	}
	return counts;
}

struct endpoint_counts slices_counts(const struct catalog *slices, struct bytes key)
{
	return counts_of(catalog_get(slices, key));
}

/* `value` with the slice put in, or taken out, to `out`; the size that gives. */
static size_t value_with(struct bytes value, const struct slice_seen *seen, bool gone, uint8_t *out)
{
	const struct slice slice = {seen->name_hash, bounded(seen->counts.ready),
	                            bounded(seen->counts.serving), bounded(seen->counts.draining), 0};
	size_t size = 0;
	assert(value.size <= SLICES_MAX * sizeof slice);
	for (size_t at = 0; at < value.size; at += sizeof slice) {
		uint64_t name_hash;
		memcpy(&name_hash, value.data + at, sizeof name_hash);
		if (name_hash == seen->name_hash)
			continue;
		memcpy(out + size, value.data + at, sizeof slice);
		size += sizeof slice;
	}
	if (gone || size == SLICES_MAX * sizeof slice)
		return size;
	memcpy(out + size, &slice, sizeof slice);
	return size + sizeof slice;
}

bool slices_fit(const struct catalog *slices, const struct slice_seen *seen, bool listed)
{
	const struct bytes key = {seen->key, seen->key_size};
	struct bytes value = listed ? catalog_listed(slices, key) : catalog_get(slices, key);
	if (value.size < SLICES_MAX * sizeof(struct slice))
		return true;
	uint8_t octets[SLICES_MAX * sizeof(struct slice)];
	return value_with(value, seen, true, octets) < value.size; /* it replaces itself */
}

static bool counts_equal(struct endpoint_counts a, struct endpoint_counts b)
{
	return a.ready == b.ready && a.serving == b.serving && a.draining == b.draining &&
	       a.any == b.any;
}

enum err slices_set(struct catalog *slices, const struct slice_seen *seen, bool gone, bool *moved)
{
	uint8_t octets[SLICES_MAX * sizeof(struct slice)];
	const struct bytes key = {seen->key, seen->key_size};
	struct endpoint_counts before = slices_counts(slices, key);
	size_t size = value_with(catalog_get(slices, key), seen, gone, octets);
	enum err err = catalog_set(slices, key, (struct bytes){octets, size}, moved);
	*moved = err == ERR_OK && !counts_equal(before, slices_counts(slices, key));
	return err;
}

enum err slices_list_add(struct catalog *slices, const struct slice_seen *seen)
{
	uint8_t octets[SLICES_MAX * sizeof(struct slice)];
	const struct bytes key = {seen->key, seen->key_size};
	size_t size = value_with(catalog_listed(slices, key), seen, false, octets);
	return catalog_list_add(slices, key, (struct bytes){octets, size});
}

/* shard: an immutable run of entries whose hashes share their low bits, in one heap block.
 *
 *     struct shard | {tag, offset}[count] | entry | entry | ...
 *
 * A change makes a new shard and leaves the old one to those who read it. Small on purpose: what a
 * change copies is one shard, and what a lookup touches is its tags and one entry.
 */
#ifndef FEDNS_ANSWER_SHARD_H
#define FEDNS_ANSWER_SHARD_H

#include "fedns/base.h"
#include "fedns/compile.h"

/** Largest entry in octets: every place of a full federation, each with what a message carries. */
#define ENTRY_SIZE_MAX ((size_t)64 << 20)

enum entry_kind {
	ENTRY_SERVICE,   /* key SVC.NS */
	ENTRY_NAMESPACE, /* key NS: an empty non-terminal above the services of one namespace */
};

/** Where the addresses of one place lie in an entry. */
struct entry_rung {
	uint16_t place;
	uint16_t v4_count, v6_count;
	uint16_t pad;
	uint32_t at; /* octets from the entry's begin: v4_count * 4, then v6_count * 16 */
	uint32_t ttl_s;
};

/** A place that climbs, as compile has it. */
struct entry_climb {
	uint16_t place;
	uint8_t reason;
	uint8_t brief;
};

struct entry_climbs {
	uint32_t brief_ttl_s;
	uint32_t count;
	struct entry_climb at[]; /* by place, ascending */
};

/** A named port, padded to a multiple of four. */
struct entry_port {
	uint16_t number;
	uint8_t protocol;
	uint8_t name_size;
	uint8_t name[]; /* lower case, without its underscore */
};

/**
 * One key and what answers need of it, in this order: this head, the key padded to a multiple of
 * four, rungs, with `climbs` a struct entry_climbs, addresses, named ports. Head and key of common
 * names share a cache line.
 */
struct entry {
	uint32_t size;  /* octets in all, a multiple of 4 */
	uint32_t id;    /* service: its id in the model */
	uint32_t ttl_s; /* service: of CNAMEs, but for those that are brief */
	/* service: RRs that it gives; as struct record_counts, packed, for there are many entries */
	uint32_t a : 15, aaaa : 15;
	uint32_t cname : 13, srv : 19;
	uint16_t rung_count;
	uint8_t kind;
	uint8_t flatten : 1; /* service */
	/* service: nothing of it serves, so that all_down said what is answered */
	uint8_t all_down : 1;
	union {
		uint8_t shortest; /* namespace: octets of its shortest service label */
		uint8_t climbs;   /* service: whether it has an entry_climbs */
	};
	uint8_t key_size;
	uint16_t ports_size; /* service: octets of its named ports, at the end */
	uint8_t key[];       /* wire labels without a root label */
};

struct shard;

static inline struct bytes entry_key(const struct entry *entry)
{
	return (struct bytes){entry->key, entry->key_size};
}

static inline struct record_counts entry_records(const struct entry *entry)
{
	return (struct record_counts){entry->a, entry->aaaa, entry->cname, entry->srv};
}

/** The rungs, by place, ascending. */
static inline const struct entry_rung *entry_rungs(const struct entry *entry)
{
	return (const void *)(entry->key + padded(entry->key_size));
}

/** The climbs of an entry that has any: few have, and not for long. */
static inline const struct entry_climbs *entry_climbs(const struct entry *entry)
{
	return (const void *)(entry_rungs(entry) + entry->rung_count);
}

/** How `place` climbs, or NULL. */
__attribute__((cold)) const struct entry_climb *entry_climb_find(const struct entry *entry,
                                                                 uint16_t place);
__attribute__((cold)) uint32_t entry_climb_ttl(const struct entry *entry, uint16_t place);

/** The TTL of the CNAME at `place`, which has no rung. */
static inline uint32_t entry_cname_ttl(const struct entry *entry, uint16_t place)
{
	return entry->climbs ? entry_climb_ttl(entry, place) : entry->ttl_s;
}

/** The rung of `place`, or NULL. */
const struct entry_rung *entry_rung_find(const struct entry *entry, uint16_t place);

/** The named port behind `label` ("_http") of `protocol`, or NULL. */
const struct entry_port *entry_port_find(const struct entry *entry, struct bytes label,
                                         enum protocol protocol);
/** Octets of the shortest label of a named port of `protocol`, its length octet included; 0: it has
 * none. */
size_t entry_port_shortest(const struct entry *entry, enum protocol protocol);

/** Write a service's entry into `out` (emptied first). ERR_NOMEM, ERR_LIMIT. */
MUST_CHECK enum err entry_build_service(struct buf *out, const struct ladder *ladder, uint32_t id,
                                        const struct record_counts *records, struct why *why);
/** The same for a namespace: `label` 1..63 octets, lower case. */
MUST_CHECK enum err entry_build_namespace(struct buf *out, struct bytes label, uint8_t shortest,
                                          struct why *why);

/** The entry with this hash and key, or NULL. `shard` may be NULL: empty. */
const struct entry *shard_find(const struct shard *shard, uint64_t hash, struct bytes key);

/** The service entry with this hash and model id, or NULL. `shard` may be NULL. */
const struct entry *shard_find_id(const struct shard *shard, uint64_t hash, uint32_t id);

/**
 * A new shard that is `old` (NULL: empty) without the entry of (`hash`, `key`), and with `add` (a
 * run made by entry_build_*; NULL: none) under that hash. `*out` is NULL when nothing is left.
 * ERR_NOMEM: `*out` is NULL, `old` as ever.
 */
MUST_CHECK enum err shard_replace(const struct shard *old, uint64_t hash, struct bytes key,
                                  const struct entry *add, struct shard **out, struct why *why);
void shard_free(struct shard *shard);

#endif

/* root: one published state, whole and immutable.
 *
 * The names SVC.NS are hashed to SHARDS shards. A change copies the shards it touches and this
 * array of pointers; everything else is shared with the root before. So a root owns nothing but
 * what its successor did not take over: that dies with it.
 */
#ifndef FEDNS_ANSWER_ROOT_H
#define FEDNS_ANSWER_ROOT_H

#include "fixed.h"
#include "shard.h"

/** Power of two. 100,000 services are 12 entries a shard (1.6 KB to copy) beside 64 KB of pointers:
 * see tests/bench. */
#define SHARDS 8192

struct root {
	uint32_t serial;
	uint16_t shortest; /* octets of the shortest SVC.NS prefix; 0: no service */
	bool ready;        /* false: no state yet, SERVFAIL */
	bool stale;        /* the source knows better, but cannot be read */
	bool fixed_dies;   /* `fixed` is not the successor's */
	uint32_t services;
	struct record_counts records; /* of services */
	struct fixed *fixed;          /* NULL while not ready */
	uint64_t seed;                /* of the keys' hashes */
	uint64_t dying[SHARDS / 64];  /* bit i: shard i is not the successor's */
	struct shard *shards[SHARDS]; /* NULL: empty */
};

/** Free a retired root with what dies with it. */
void root_free(struct root *root);
/** Free the last root with all that it holds. */
void root_free_last(struct root *root);

static inline size_t root_shard(uint64_t hash)
{
	return hash & (SHARDS - 1);
}

/** What a name in the zone comes to. */
enum found {
	FOUND_NOTHING, /* NXDOMAIN (RFC 8020) */
	FOUND_EMPTY,   /* an empty non-terminal: NODATA (RFC 4592 section 2.2.2) */
	FOUND_OWN,     /* the zone's own records: `node` */
	FOUND_LADDER,  /* a service's name: `entry` at `place` */
	FOUND_PORT,    /* a named port of a service: `port` of `entry` at `place` */
};

struct lookup {
	enum found found;
	const struct node *node;
	const struct entry *entry;
	const struct entry_port *port;
	uint16_t place;
};

/** Labels whose begin a lookup wants: what a name ends in stands behind _PORT, _PROTO, SVC and NS
 * at most. */
#define QNAME_LABELS 5

/** A question's name, folded to lower case, and where its first labels begin. */
struct qname {
	struct name name;
	uint8_t label_count;             /* without the root */
	uint8_t labels_at[QNAME_LABELS]; /* offsets of labels 0, 1, ... (or of the root label) */
};

/** Find `qname`, which lies in the zone, in a ready root. */
void root_lookup(const struct root *root, const struct qname *qname, struct lookup *out);

#endif

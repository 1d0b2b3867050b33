/* fixed: all of the zone that doesn't depend on single services: its apex and name servers, the
 * tails on which ladders stand, and the empty non-terminals between. Immutable once built; new when
 * policy or places move.
 */
#ifndef FEDNS_ANSWER_FIXED_H
#define FEDNS_ANSWER_FIXED_H

#include "fedns/answer.h"
#include "rr_block.h"

/** RRsets of the zone's own names: SOA and NS at the apex, A and AAAA of each name server. */
#define OWN_SETS_MAX (2 + 2 * NAMESERVERS_MAX)

struct own_set {
	uint16_t type;
	struct block block;
};

/** A name that exists whatever the services are, or because any service is there. */
struct node {
	struct name name;
	uint16_t place; /* is_place: names SVC.NS stand above it */
	bool is_place;
	bool always;        /* exists in itself; else only while some service has a name below */
	uint8_t least_tail; /* not always: octets of the shortest tail at or below; 0: none */
	uint8_t set_count;
	uint8_t set_first; /* in fixed->own */
};

/** One place as answers need it, apart from its tail of 260 octets: ladders are climbed here. */
struct fixed_place {
	uint16_t parent;
	uint8_t tail_size; /* octets of FED.svc.ZONE.REGION.SUFFIX; 0: no names here */
};

struct fixed {
	struct answer_policy policy;
	uint8_t head[LABEL_SIZE_MAX + 1 + 4]; /* "FED.svc" as wire labels */
	size_t head_size;
	struct own_set own[OWN_SETS_MAX]; /* those of one name stand together */
	size_t own_count;
	struct block negative; /* the SOA for negative answers (RFC 2308 section 3) */
	struct block glue[2 * NAMESERVERS_MAX];
	size_t glue_count;
	struct tail *tails; /* by place; compile's */
	struct fixed_place *places;
	size_t place_count;
	uint64_t seed;
	uint32_t mask;   /* slots - 1 */
	uint32_t *slots; /* node index + 1; 0: free. Open addressing */
	struct node *nodes;
	size_t node_count, node_room;
};

/** Build for the places of `model`. ERR_NOMEM, ERR_LIMIT: `*out` is NULL. */
MUST_CHECK enum err fixed_new(const struct answer_policy *policy, const struct model *model,
                              uint64_t seed, struct findings *findings, struct fixed **out,
                              struct why *why);
void fixed_free(struct fixed *fixed);

/** The node with this wire name (lower case), or NULL. */
const struct node *fixed_find(const struct fixed *fixed, struct bytes name);

#endif

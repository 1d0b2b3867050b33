/* compiler: what the files of this room share of one service at hand.
 *
 *     service.c: the clusters and where they stand; rungs
 *     serving.c: which of their addresses serve, where not all do
 */
#ifndef FEDNS_COMPILE_COMPILER_H
#define FEDNS_COMPILE_COMPILER_H

#include "fedns/compile.h"

#include <assert.h>
#include <string.h>

/* A cluster that the service lists with at least one address. */
struct part {
	struct ingress_view ingress;
	uint16_t region;       /* place, 0: none */
	const uint16_t *zones; /* places */
	size_t zone_count;
	int64_t withdrawn_at_ms;   /* 0: serving */
	size_t v4_count, v6_count; /* host names' addresses included, duplicates too */
	size_t item_from, item_to; /* its items, where there are any */
};

/* "The addresses of this part stand at this place." */
struct pair {
	uint16_t place, part;
};

/* An address of a part, judged. */
struct item {
	const uint8_t *octets; /* borrowed from the model */
	int64_t out_ms;        /* since when it does not serve; 0: it serves */
	uint8_t size;          /* V4_SIZE or V6_SIZE */
	uint8_t reason;        /* why it is out */
	bool exact;            /* `out_ms` is a withdrawal's, not when probes came to know it */
	bool unsteady;
	bool kept; /* it may be answered */
};

#define PAIRS_MAX (INGRESSES_MAX * (2 + ZONES_MAX))

struct compiler {
	struct part parts[INGRESSES_MAX];
	size_t part_count;
	struct pair pairs[PAIRS_MAX];
	size_t pair_count;
	struct rung rungs[PLACES_MAX];
	size_t rung_count;
	struct climb climbs[PLACES_MAX];
	size_t climb_count;
	struct port ports[PORTS_MAX];
	size_t port_count;
	uint8_t *octets; /* the addresses of all rungs */
	size_t octets_size, octets_room;
	/* Only where something is known against an address; else every part is whole. */
	bool judged;
	bool all_down; /* nothing serves: what is kept is so for want of better */
	struct item *items;
	size_t item_room;
	size_t global_v4, global_v6; /* addresses that the global level has */
};

/** The run of pairs of one place, and how its addresses do. */
struct standing {
	uint16_t place;
	size_t from, to;             /* pairs */
	size_t listed_v4, listed_v6; /* different ones, serving or not */
	bool unsteady;
};

/** Judge every address of the parts by `verdicts` and withdrawals, and mark those that are kept
 * (rule 9, all_down). ERR_NOMEM. */
MUST_CHECK enum err items_judge(struct compiler *compiler, const struct model *model,
                                const struct zone_policy *policy, enum all_down all_down,
                                const struct verdict *verdicts, size_t verdict_count,
                                struct why *why);
/** Put the addresses of one family at a place, all that are listed or only those that are kept. */
void items_put(struct compiler *compiler, const struct standing *standing, size_t size,
               bool listed);
/** Is one of the addresses at a place unsteady? */
bool items_unsteady(const struct compiler *compiler, const struct standing *standing);
/** Why `rung`, which is not empty, is too weak to stand on, while a level above it has more;
 * REASON_NONE: it is not. The global level is looked at first. */
enum reason rung_weakness(struct compiler *compiler, const struct zone_policy *policy,
                          const struct standing *standing, const struct rung *rung);
/** Why the one at a place that went out last did. */
enum reason items_reason(const struct compiler *compiler, const struct standing *standing);

static inline void octets_add(struct compiler *compiler, const uint8_t *octets, size_t size)
{
	if (size == 0)
		return;
	assert(compiler->octets_size + size <= compiler->octets_room);
	memcpy(compiler->octets + compiler->octets_size, octets, size);
	compiler->octets_size += size;
}

#endif

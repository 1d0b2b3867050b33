/* update: one change set on its way into a root of its own. Nothing of it shows before the zone
 * publishes that root. */
#ifndef FEDNS_ANSWER_UPDATE_H
#define FEDNS_ANSWER_UPDATE_H

#include "moves.h"

/** What is published for a service id of the model. */
struct published {
	uint64_t hash; /* of its key */
	bool used;
};

struct update {
	struct compiler *compiler;
	struct buf *entry;             /* scratch */
	const struct published *slots; /* by service id, as published; NULL: nothing is */
	size_t slot_count;
	const struct answer_policy *policy;
	uint64_t seed;
	const struct model *model;
	struct findings *findings;
	struct why *why;
	struct root *next;         /* made by update_begin() */
	const struct root *before; /* what is served; NULL: its levels are no measure */
	struct zone_moves moves;
	size_t left_out_least;       /* RRs of the smallest service that found no room; 0: none */
	uint64_t fresh[SHARDS / 64]; /* bit i: shard i of `next` was made by this update */
};

/** Start from `base`, sharing all its parts, or (NULL) from nothing, with new fixed parts.
 * ERR_NOMEM, ERR_LIMIT: no root. */
MUST_CHECK enum err update_begin(struct update *update, const struct root *base);
/** Bring service `id` in line with the model: changed, new or gone. On error the caller aborts. */
MUST_CHECK enum err update_service(struct update *update, uint32_t id);
/** Did anything change since update_begin()? */
bool update_moved(const struct update *update);
/** The update succeeded: `old`, which `next` replaces, owns from now on what `next` did not take
 * over. */
void update_seal(struct update *update, struct root *old, bool everything);
/** Free the root and all that is not of `base`. */
void update_abort(struct update *update, const struct root *base);

/** The hash under which a service is published. */
uint64_t update_key_hash(uint64_t seed, const struct service_view *service);

#endif

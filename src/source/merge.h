/* merge: what the origins say together, brought into the model.
 *
 *     origin.c --changed keys--> [merge.h] --staged, committed--> model
 *
 * Services are joined by namespace and name. What an origin that isn't synced yet would say is
 * taken from the model, where the last-known-good state left it. A change set that would withdraw
 * more addresses than the budget allows is held back, service by service, until the addresses
 * return or somebody approves.
 */
#ifndef FEDNS_SOURCE_MERGE_H
#define FEDNS_SOURCE_MERGE_H

#include "losses.h"
#include "origin.h"
#include "record.h"

#include "fedns/source.h"

#define ORIGINS_MAX CLUSTERS_MAX
/** Keys of all origins together, and those of the model: never reached, for origins refuse first.
 */
#define MERGE_KEYS_MAX ((size_t)ORIGINS_MAX * CATALOG_KEYS_MAX + SERVICES_MAX)

struct merge {
	struct model *model;
	struct findings *findings; /* borrowed; set by the owner */
	struct decoder decoder;    /* of all sinks: one thread, one object at a time */
	struct buf packed;         /* scratch */
	struct unpacked *unpacked; /* scratch */
	struct origin *origins[ORIGINS_MAX];
	size_t origin_count;
	const char *const *namespaces; /* services of these alone; borrowed */
	size_t namespace_count;        /* 0: all */
	struct catalog *dirty;         /* services to be looked at; value: DIRTY_* */
	struct catalog *dirty_clusters;
	struct catalog *held;    /* services whose withdrawal waits for an approval */
	struct catalog *holding; /* what the commit at hand changes in `held`; value: HOLDING_* */
	struct catalog *no_room; /* services that the model was too full for */
	size_t services_max;     /* of the model: SERVICES_MAX; tests lower it */
	struct losses losses;
	uint64_t addresses;      /* in the model */
	bool news;               /* something is dirty, or can be done now */
	bool all_dirty;          /* and memory was too short to say what, */
	bool leaving_forced;     /* that clusters that are no origin go at once, */
	bool held_forced;        /* and that what is held was approved */
	void (*wake)(void *arg); /* called when `news` becomes true */
	void *wake_arg;
};

/** For a model that may hold a last-known-good state. ERR_NOMEM. */
MUST_CHECK enum err merge_init(struct merge *merge, struct model *model, struct findings *findings,
                               unsigned max_withdraw_percent, struct why *why);
/** Frees the origins as well. */
void merge_clear(struct merge *merge);

/** A new origin. Of kind ORIGIN_FEDERATION it must be the only one. ERR_NOMEM, ERR_LIMIT,
 * ERR_CONFLICT (the name is taken). */
MUST_CHECK enum err merge_add(struct merge *merge, enum origin_kind kind, const char *name,
                              struct origin **out, struct why *why);
/** The origin is no more (unjoin): what it said goes at once, whatever the budget says. */
void merge_remove(struct merge *merge, struct origin *origin);
/** The origins are those that were configured: what the model holds of others goes. */
void merge_begin(struct merge *merge);
/** Everything is to be looked at again: memory was too short to say what. */
void merge_everything_moved(struct merge *merge);

/** Service `key` is to be looked at again. `deleted`: the server said of this very one that it was
 * deleted; that is somebody's will, and needs no approval. */
void merge_service_moved(struct merge *merge, struct bytes key, bool deleted);
void merge_cluster_moved(struct merge *merge, struct bytes name);
/** A part of an origin is synced now. */
void merge_origin_moved(struct merge *merge, struct origin *origin);
/** May services of this namespace have names? */
bool merge_wants(const struct merge *merge, struct bytes namespace);

/**
 * Bring what moved into the model. `*committed`: did that change anything? ERR_NOMEM: all of it is
 * still to be done; call again.
 */
MUST_CHECK enum err merge_settle(struct merge *merge, int64_t now_ms, bool *committed,
                                 struct why *why);

/** Let go through what is held. */
void merge_approve(struct merge *merge);
/** Is service `key` held back? */
bool merge_holds(const struct merge *merge, struct bytes key);
/** Services held back. */
size_t merge_held(const struct merge *merge);

#endif

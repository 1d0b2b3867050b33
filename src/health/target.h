/* target: all targets by what is asked, each with its verdict and the services that use it.
 *
 *     health.c --> [target.h] --> verdict.h
 */
#ifndef FEDNS_HEALTH_TARGET_H
#define FEDNS_HEALTH_TARGET_H

#include "verdict.h"

#define TARGET_NONE     UINT32_MAX
#define TARGET_WHY_SIZE 64 /* of a probe's sentence; longer ones are cut */

struct target {
	struct health_target spec; /* its texts are behind it */
	uint64_t hash;
	struct verdict_machine machine;
	bool out;           /* services leave it out */
	bool suspected;     /* it would be out, if it were sure that our own network works */
	bool held;          /* it would be out, if max_withdraw allowed it */
	int64_t out_ms;     /* since when */
	uint32_t *services; /* one entry a use */
	uint32_t use_count, use_room;
	char why[TARGET_WHY_SIZE];
	char texts[]; /* path, NUL, host, NUL */
};

struct targets {
	struct target **at; /* [limit]; NULL: free */
	uint32_t limit, room, count;
	uint32_t *slots; /* hash table of ids + 1 */
	uint32_t slot_room;
	uint32_t *unused; /* ids to be given again */
	uint32_t unused_count;
	uint64_t seed;
};

void targets_free(struct targets *targets);
/** The target of `spec`, made where there is none (`*made`). ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err target_get(struct targets *targets, const struct health_target *spec,
                               uint32_t *id, bool *made);
/** NULL: no such target. */
struct target *target_at(const struct targets *targets, uint32_t id);
/** `service` uses it, once more. ERR_NOMEM. */
MUST_CHECK enum err target_use(struct target *target, uint32_t service);
/** Once less. Returns whether nobody uses it any more. */
bool target_unuse(struct target *target, uint32_t service);
/** Gone; its id may be given to another one. */
void target_drop(struct targets *targets, uint32_t id);

#endif

/* losses: which services lost addresses within the budget's window, so that those that come back
 * count as if they had never gone: one service that flaps uses up nobody's budget.
 *
 *     merge_settle.c --staged, committed--> [losses.h] --spent, given back--> budget.h
 */
#ifndef FEDNS_SOURCE_LOSSES_H
#define FEDNS_SOURCE_LOSSES_H

#include "catalog.h"
#include "fedns/budget.h"

struct losses {
	struct budget budget;
	struct catalog *services; /* value: struct loss */
};

/** ERR_NOMEM: losses_clear() is still allowed. */
MUST_CHECK enum err losses_init(struct losses *losses, unsigned percent, uint64_t seed,
                                size_t services_max);
void losses_clear(struct losses *losses);

/** Service `key` is about to have `next` addresses instead of `now`; what was staged of it before
 * is void. `free`: that costs nothing. ERR_NOMEM. */
MUST_CHECK enum err losses_stage(struct losses *losses, struct bytes key, uint64_t now,
                                 uint64_t next, bool free);
/** What was staged of `key` has happened. */
void losses_commit(struct losses *losses, struct bytes key, int64_t now_ms);
/** The end of a commit: forget services when there is nothing left to give back. */
void losses_sweep(struct losses *losses, int64_t now_ms);

#endif

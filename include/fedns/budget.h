/* budget: how much was withdrawn in the last minute, and how much more may be
 * (health.max_withdraw): of what the sources list, and of what health lets serve. */
#ifndef FEDNS_BUDGET_H
#define FEDNS_BUDGET_H

#include "fedns/base.h"

#define BUDGET_SECONDS 60

struct budget {
	unsigned percent;              /* of all addresses, in BUDGET_SECONDS; 100: no limit */
	int64_t second;                /* of the newest entry */
	uint64_t lost[BUDGET_SECONDS]; /* by second modulo BUDGET_SECONDS */
};

/** Withdrawn in the minute before `now_ms`. */
uint64_t budget_lost(struct budget *budget, int64_t now_ms);
/** May `loss` of `total` addresses go now? What the minute has lost already counts to both. */
bool budget_allows(struct budget *budget, uint64_t total, uint64_t loss, int64_t now_ms);
/** They went. */
void budget_spend(struct budget *budget, uint64_t loss, int64_t now_ms);
/** So many of them are back; the latest count as back first. */
void budget_return(struct budget *budget, uint64_t back, int64_t now_ms);

#endif

#include "fedns/budget.h"

#include <string.h>

/* Forget what is older than the window. A clock that was set back keeps what there is. */
static void advance(struct budget *budget, int64_t now_ms)
{
	int64_t second = now_ms / 1000;
	if (second - budget->second >= BUDGET_SECONDS) {
		memset(budget->lost, 0, sizeof budget->lost);
		budget->second = second;
	}
	while (budget->second < second)
		budget->lost[++budget->second % BUDGET_SECONDS] = 0;
}

uint64_t budget_lost(struct budget *budget, int64_t now_ms)
{
	advance(budget, now_ms);
	uint64_t sum = 0;
	for (unsigned i = 0; i < BUDGET_SECONDS; i++)
		sum += budget->lost[i];
	return sum;
}

bool budget_allows(struct budget *budget, uint64_t total, uint64_t loss, int64_t now_ms)
{
	uint64_t before = budget_lost(budget, now_ms);
	return loss == 0 || (before + loss) * 100 <= (total + before) * budget->percent;
}

void budget_spend(struct budget *budget, uint64_t loss, int64_t now_ms)
{
	advance(budget, now_ms);
	budget->lost[budget->second % BUDGET_SECONDS] += loss;
}

void budget_return(struct budget *budget, uint64_t back, int64_t now_ms)
{
	advance(budget, now_ms);
	for (int64_t i = 0; i < BUDGET_SECONDS && back != 0; i++) {
		uint64_t *lost = &budget->lost[(budget->second - i) % BUDGET_SECONDS];
		uint64_t part = back < *lost ? back : *lost;
		*lost -= part;
		back -= part;
	}
}

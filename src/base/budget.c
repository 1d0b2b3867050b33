#include "fedns/budget.h"

#include <string.h>

/* A machine without a clock of its own may begin with 1970: a window before that is one, too. */
static size_t index_of(int64_t second)
{
	return (size_t)((second % BUDGET_SECONDS + BUDGET_SECONDS) % BUDGET_SECONDS);
}

/* The clock was set back: what was lost keeps its age, or it would count until the clock is there
 * again. */
static void set_back(struct budget *budget, int64_t second)
{
	uint64_t lost[BUDGET_SECONDS];
	memcpy(lost, budget->lost, sizeof lost);
	for (int64_t i = 0; i < BUDGET_SECONDS; i++)
		budget->lost[index_of(second - i)] = lost[index_of(budget->second - i)];
	budget->second = second;
}

/* Forget what is older than the window. */
static void advance(struct budget *budget, int64_t now_ms)
{
	int64_t second = now_ms / 1000;
	if (second < budget->second)
		set_back(budget, second);
	if (second - budget->second >= BUDGET_SECONDS) {
		memset(budget->lost, 0, sizeof budget->lost);
		budget->second = second;
	}
	while (budget->second < second)
		budget->lost[index_of(++budget->second)] = 0;
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
	budget->lost[index_of(budget->second)] += loss;
}

void budget_return(struct budget *budget, uint64_t back, int64_t now_ms)
{
	advance(budget, now_ms);
	for (int64_t i = 0; i < BUDGET_SECONDS && back != 0; i++) {
		uint64_t *lost = &budget->lost[index_of(budget->second - i)];
		uint64_t part = back < *lost ? back : *lost;
		*lost -= part;
		back -= part;
	}
}

/* The wall clock, which may be set. Forward, all that was noted is older: failbacks end early, and
 * what failed meanwhile begins anew. Back, it would lie in the future: nothing would fail, be
 * proved or come back until the clock is there again. So it is moved with the clock. */
#include "health_internal.h"

/* Less is waited out: moving all costs a look at every target and service. */
#define SET_BACK_MIN_MS 1000

/* 0 is "never", and INT64_MAX likewise. */
static void move(int64_t *at_ms, int64_t back_ms)
{
	if (*at_ms != 0 && *at_ms != INT64_MAX)
		*at_ms = *at_ms > back_ms ? *at_ms - back_ms : 1;
}

static void target_move(struct target *target, int64_t back_ms)
{
	move(&target->out_ms, back_ms);
	move(&target->machine.since_ms, back_ms);
	move(&target->machine.result_ms, back_ms);
	move(&target->machine.bad_first_ms, back_ms);
	move(&target->machine.risen_ms, back_ms);
}

static void all_move(struct health *health, int64_t back_ms)
{
	for (uint32_t id = 0; id < health->targets.limit; id++) {
		if (health->targets.at[id] != NULL)
			target_move(health->targets.at[id], back_ms);
	}
	for (size_t i = 0; i < health->order_count; i++)
		move(&health->orders[i]->since_ms, back_ms);
	move(&health->drained_ms, back_ms);
	move(&health->began_ms, back_ms);
	move(&health->proof_ms, back_ms);
	move(&health->dark_ms, back_ms);
	move(&health->suspected_ms, back_ms);
	move(&health->retry_ms, back_ms);
	move(&health->again_ms, back_ms);
	move(&health->ask_ms, back_ms);
}

int64_t clock_follow(struct health *health, int64_t now_ms)
{
	int64_t back_ms = health->seen_ms - now_ms;
	if (back_ms > 0 && back_ms < SET_BACK_MIN_MS)
		return health->seen_ms;
	health->seen_ms = now_ms;
	if (back_ms > 0) {
		all_move(health, back_ms + 1); /* a proof from before is not of this moment */
		all_tell(health, now_ms);
	}
	return now_ms;
}

#include "verdict.h"

static bool state_set(struct verdict_machine *machine, enum health_state state, int64_t now_ms)
{
	if (machine->state == state)
		return false;
	machine->state = (uint8_t)state;
	machine->since_ms = now_ms;
	machine->risen = false;
	return true;
}

static void count(uint16_t *in_a_row, uint16_t *others)
{
	*others = 0;
	if (*in_a_row < UINT16_MAX)
		(*in_a_row)++;
}

/* Good again after it was out: `rise` results, then its failback. */
static bool recovering(struct verdict_machine *machine, const struct verdict_rule *rule,
                       int64_t now_ms)
{
	bool moved = state_set(machine, HEALTH_RECOVERING, now_ms);
	if (machine->good < rule->rise || machine->risen)
		return moved;
	if (rule->failback == FAILBACK_PREEMPT)
		return state_set(machine, HEALTH_HEALTHY, now_ms) || moved;
	machine->risen = true;
	machine->risen_ms = now_ms;
	return moved;
}

static bool good_take(struct verdict_machine *machine, const struct verdict_rule *rule,
                      int64_t now_ms)
{
	count(&machine->good, &machine->bad);
	machine->bad_first_ms = 0;
	machine->served = true;
	switch (machine->state) {
	case HEALTH_UNHEALTHY:
	case HEALTH_RECOVERING:
		return recovering(machine, rule, now_ms);
	default: /* a first result counts at once; a failing one has not failed */
		return state_set(machine, HEALTH_HEALTHY, now_ms);
	}
}

static bool bad_take(struct verdict_machine *machine, const struct verdict_rule *rule,
                     int64_t now_ms)
{
	count(&machine->bad, &machine->good);
	if (machine->bad == 1)
		machine->bad_first_ms = now_ms;
	switch (machine->state) {
	case HEALTH_HEALTHY:
	case HEALTH_FAILING:
		return state_set(machine, machine->bad >= rule->fall ? HEALTH_UNHEALTHY : HEALTH_FAILING,
		                 now_ms);
	default: /* a first result counts at once; who recovers starts over */
		return state_set(machine, HEALTH_UNHEALTHY, now_ms);
	}
}

bool verdict_result(struct verdict_machine *machine, const struct verdict_rule *rule, bool good,
                    int64_t now_ms)
{
	machine->result_ms = now_ms;
	return good ? good_take(machine, rule, now_ms) : bad_take(machine, rule, now_ms);
}

bool verdict_tick(struct verdict_machine *machine, const struct verdict_rule *rule, int64_t now_ms)
{
	return now_ms >= verdict_next(machine, rule) && state_set(machine, HEALTH_HEALTHY, now_ms);
}

bool verdict_release(struct verdict_machine *machine, int64_t now_ms)
{
	return machine->risen && state_set(machine, HEALTH_HEALTHY, now_ms);
}

bool verdict_spare(struct verdict_machine *machine, int64_t now_ms)
{
	return machine->state == HEALTH_RECOVERING && state_set(machine, HEALTH_HEALTHY, now_ms);
}

bool verdict_restart(struct verdict_machine *machine, int64_t now_ms)
{
	machine->bad = 0;
	machine->bad_first_ms = 0;
	if (machine->state != HEALTH_UNHEALTHY)
		return false;
	return state_set(machine, machine->served ? HEALTH_FAILING : HEALTH_UNKNOWN, now_ms);
}

int64_t verdict_next(const struct verdict_machine *machine, const struct verdict_rule *rule)
{
	if (!machine->risen || rule->failback == FAILBACK_MANUAL)
		return INT64_MAX;
	return rule->failback == FAILBACK_PREEMPT ? machine->risen_ms
	                                          : machine->risen_ms + rule->hold_ms;
}

/* The table of states and moves, row by row, and what leads through several of them. */
#include "verdict.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

#define HOLD_MS 60000

static const char *state_word(const struct verdict_machine *machine)
{
	return machine->risen ? "waiting" : health_state_text(machine->state);
}

/* One letter an event: `g`ood, `b`ad (each a second after the one before), `h`: the hold is over,
 * `t`: time passes, less than that, `r`elease, `s`pare, `o`ver again (restart). */
static bool event_play(struct verdict_machine *machine, const struct verdict_rule *rule, char event,
                       int64_t *now_ms)
{
	*now_ms += event == 'h' ? HOLD_MS : 1000;
	switch (event) {
	case 'g':
	case 'b':
		return verdict_result(machine, rule, event == 'g', *now_ms);
	case 'r':
		return verdict_release(machine, *now_ms);
	case 's':
		return verdict_spare(machine, *now_ms);
	case 'o':
		return verdict_restart(machine, *now_ms);
	default:
		return verdict_tick(machine, rule, *now_ms);
	}
}

static void row_check(enum failback failback, const char *before, char event, const char *from,
                      const char *to)
{
	const struct verdict_rule rule = {2, 3, failback, HOLD_MS};
	struct verdict_machine machine = {0};
	int64_t now_ms = 1000;
	for (const char *at = before; *at != '\0'; at++)
		(void)event_play(&machine, &rule, *at, &now_ms);
	if (strcmp(state_word(&machine), from) != 0)
		fail_msg("\"%s\" gives %s, not %s", before, state_word(&machine), from);
	uint8_t state = machine.state;
	bool moved = event_play(&machine, &rule, event, &now_ms);
	if (strcmp(state_word(&machine), to) != 0)
		fail_msg("\"%s\" and %c give %s, not %s", before, event, state_word(&machine), to);
	assert_true(moved == (state != machine.state));
	if (moved)
		assert_int_equal(machine.since_ms, now_ms);
}

static void every_row_of_the_table(void **state)
{
	(void)state;
	const enum failback any = FAILBACK_PREEMPT, hold = FAILBACK_HOLD, manual = FAILBACK_MANUAL;
	const struct {
		enum failback failback;
		const char *before;
		char event;
		const char *from, *to;
	} rows[] = {
		{any, "", 'g', "unknown", "healthy"},
		{any, "", 'b', "unknown", "unhealthy"},
		{any, "", 't', "unknown", "unknown"},
		{any, "", 'o', "unknown", "unknown"},
		{any, "g", 'g', "healthy", "healthy"},
		{any, "g", 'b', "healthy", "failing"},
		{any, "g", 's', "healthy", "healthy"},
		{any, "gb", 'g', "failing", "healthy"},
		{any, "gb", 'b', "failing", "failing"},
		{any, "gbb", 'b', "failing", "unhealthy"},
		{any, "gb", 'o', "failing", "failing"},
		{any, "gbbo", 'b', "failing", "failing"},
		{any, "gbbobb", 'b', "failing", "unhealthy"},
		{any, "gbbgbb", 'b', "failing", "unhealthy"},
		{any, "gbbgb", 'b', "failing", "failing"},
		{any, "b", 'b', "unhealthy", "unhealthy"},
		{any, "b", 'g', "unhealthy", "recovering"},
		{any, "b", 't', "unhealthy", "unhealthy"},
		{any, "b", 'r', "unhealthy", "unhealthy"},
		{any, "b", 's', "unhealthy", "unhealthy"},
		{any, "b", 'o', "unhealthy", "unknown"},
		{any, "gbbb", 'o', "unhealthy", "failing"},
		{any, "bg", 'b', "recovering", "unhealthy"},
		{any, "bg", 'g', "recovering", "healthy"},
		{any, "bg", 's', "recovering", "healthy"},
		{any, "bg", 'o', "recovering", "recovering"},
		{any, "bg", 'r', "recovering", "recovering"},
		{any, "bgbg", 'g', "recovering", "healthy"},
		{hold, "bg", 'g', "recovering", "waiting"},
		{hold, "bgg", 'g', "waiting", "waiting"},
		{hold, "bgg", 't', "waiting", "waiting"},
		{hold, "bgg", 'h', "waiting", "healthy"},
		{hold, "bgg", 'b', "waiting", "unhealthy"},
		{hold, "bgg", 'r', "waiting", "healthy"},
		{hold, "bgg", 's', "waiting", "healthy"},
		{hold, "bggbg", 'h', "recovering", "recovering"},
		{manual, "bgg", 'h', "waiting", "waiting"},
		{manual, "bgg", 'b', "waiting", "unhealthy"},
		{manual, "bgg", 'r', "waiting", "healthy"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		row_check(rows[i].failback, rows[i].before, rows[i].event, rows[i].from, rows[i].to);
}

static void rise_and_fall_are_counted_in_a_row(void **state)
{
	(void)state;
	for (unsigned rise = 1; rise <= 5; rise++) {
		for (unsigned fall = 1; fall <= 5; fall++) {
			const struct verdict_rule rule = {rise, fall, FAILBACK_PREEMPT, 0};
			struct verdict_machine machine = {0};
			int64_t now_ms = 1;
			(void)verdict_result(&machine, &rule, true, now_ms++);
			for (unsigned i = 1; i <= fall; i++) {
				(void)verdict_result(&machine, &rule, false, now_ms++);
				assert_int_equal(machine.state, i < fall ? HEALTH_FAILING : HEALTH_UNHEALTHY);
				assert_int_equal(machine.bad, i);
				assert_int_equal(machine.bad_first_ms, 2);
			}
			for (unsigned i = 1; i <= rise; i++) {
				(void)verdict_result(&machine, &rule, true, now_ms++);
				assert_int_equal(machine.state, i < rise ? HEALTH_RECOVERING : HEALTH_HEALTHY);
				assert_int_equal(machine.bad_first_ms, 0);
			}
		}
	}
}

static void a_hold_is_over_at_its_moment(void **state)
{
	(void)state;
	struct verdict_rule rule = {1, 1, FAILBACK_HOLD, HOLD_MS};
	struct verdict_machine machine = {0};
	(void)verdict_result(&machine, &rule, false, 1000);
	assert_true(verdict_next(&machine, &rule) == INT64_MAX);
	(void)verdict_result(&machine, &rule, true, 2000);
	(void)verdict_result(&machine, &rule, true, 3000); /* the first one counts */
	assert_int_equal(verdict_next(&machine, &rule), 2000 + HOLD_MS);
	assert_false(verdict_tick(&machine, &rule, 2000 + HOLD_MS - 1));
	rule.failback = FAILBACK_MANUAL;
	assert_true(verdict_next(&machine, &rule) == INT64_MAX);
	assert_false(verdict_tick(&machine, &rule, INT64_MAX - 1));
	rule.failback = FAILBACK_HOLD;
	assert_true(verdict_tick(&machine, &rule, 2000 + HOLD_MS));
	assert_int_equal(machine.state, HEALTH_HEALTHY);
}

/* A policy that becomes `preempt` while one waits: it is due at once. */
static void a_wait_ends_with_its_policy(void **state)
{
	(void)state;
	struct verdict_rule rule = {1, 1, FAILBACK_MANUAL, 0};
	struct verdict_machine machine = {0};
	(void)verdict_result(&machine, &rule, false, 1000);
	(void)verdict_result(&machine, &rule, true, 2000);
	rule.failback = FAILBACK_PREEMPT;
	assert_true(verdict_tick(&machine, &rule, 2001));
}

static void counts_do_not_run_over(void **state)
{
	(void)state;
	const struct verdict_rule rule = {2, 3, FAILBACK_PREEMPT, 0};
	struct verdict_machine machine = {0};
	for (int64_t i = 1; i <= 200000; i++)
		(void)verdict_result(&machine, &rule, false, i);
	assert_int_equal(machine.bad, UINT16_MAX);
	assert_int_equal(machine.state, HEALTH_UNHEALTHY);
	for (int64_t i = 1; i <= 200000; i++)
		(void)verdict_result(&machine, &rule, true, i);
	assert_int_equal(machine.good, UINT16_MAX);
	assert_int_equal(machine.state, HEALTH_HEALTHY);
}

/* --- flapping ----------------------------------------------------------------------------- */

#define PERIODS 20

static bool is_out(const struct verdict_machine *machine)
{
	return machine->state == HEALTH_UNHEALTHY || machine->state == HEALTH_RECOVERING;
}

struct flaps {
	unsigned goes, comes, out; /* moves, and results while it was out */
};

/* Good, and then `bad` of each `period` results are bad, at the period's end. */
static struct flaps flap(const struct verdict_rule *rule, unsigned period, unsigned bad)
{
	struct verdict_machine machine = {0};
	struct flaps flaps = {0, 0, 0};
	(void)verdict_result(&machine, rule, true, 1);
	for (unsigned i = 0; i < PERIODS * period; i++) {
		bool before = is_out(&machine);
		(void)verdict_result(&machine, rule, i % period < period - bad, 2 + (int64_t)i);
		flaps.goes += !before && is_out(&machine);
		flaps.comes += before && !is_out(&machine);
		flaps.out += is_out(&machine);
	}
	return flaps;
}

/* Less than `fall` bad results never take it out, less than `rise` good ones never bring it back;
 * what lasts longer is followed, once a period. */
static void flapping_at_every_period(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 10 * 11 * 25; n++) {
		unsigned period = 1 + n % 10, bad = n / 10 % 11;
		const struct verdict_rule rule = {.rise = 1 + n / 110 % 5, .fall = 1 + n / 550};
		if (bad > period)
			continue;
		struct flaps flaps = flap(&rule, period, bad);
		unsigned good = period - bad;
		if (bad == period) { /* it is dead: out once */
			assert_int_equal(flaps.goes, PERIODS * period >= rule.fall);
			assert_int_equal(flaps.comes, 0);
		} else if (bad < rule.fall) {
			assert_int_equal(flaps.goes + flaps.out, 0);
		} else if (good < rule.rise) {
			assert_int_equal(flaps.goes, 1);
			assert_int_equal(flaps.comes, 0);
		} else {
			assert_int_equal(flaps.goes, PERIODS);
			assert_int_equal(flaps.comes, PERIODS - 1);
			unsigned each = bad - rule.fall + 1 + rule.rise - 1;
			assert_int_equal(flaps.out, PERIODS * each - (rule.rise - 1));
		}
	}
}

static void words_are_there_for_all(void **state)
{
	(void)state;
	for (unsigned i = 0; i < HEALTH_STATES; i++)
		assert_true(strlen(health_state_text((enum health_state)i)) > 3);
	assert_string_equal(health_state_text(HEALTH_STATES), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table),
		cmocka_unit_test(rise_and_fall_are_counted_in_a_row),
		cmocka_unit_test(a_hold_is_over_at_its_moment),
		cmocka_unit_test(a_wait_ends_with_its_policy),
		cmocka_unit_test(counts_do_not_run_over),
		cmocka_unit_test(flapping_at_every_period),
		cmocka_unit_test(words_are_there_for_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

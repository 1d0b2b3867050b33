/* backoff: doubling waits with jitter, up to a border, and anew after quiet time. */
#include "check.h"

#include "backoff.h"

static void waits_double_up_to_the_longest(void **state)
{
	(void)state;
	static const int64_t BASES[] = {800, 1600, 3200, 6400, 12800, 25600, 30000, 30000};
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct backoff backoff = {.random = seed};
		int64_t now_ms = 1000;
		for (size_t i = 0; i < sizeof BASES / sizeof BASES[0]; i++) {
			int64_t wait_ms = backoff_after(&backoff, now_ms);
			assert_in_range(wait_ms, BASES[i], 2 * BASES[i] - 1);
			now_ms += wait_ms;
		}
	}
}

static void failures_without_end_wait_no_longer(void **state)
{
	(void)state;
	struct backoff backoff = {.random = 1};
	for (int64_t i = 0; i < 1000; i++)
		assert_in_range(backoff_after(&backoff, 1 + i), BACKOFF_FIRST_MS, 2 * BACKOFF_MAX_MS - 1);
}

static void two_quiet_minutes_begin_anew(void **state)
{
	(void)state;
	struct backoff backoff = {.random = 1};
	(void)backoff_after(&backoff, 1000);
	(void)backoff_after(&backoff, 1000);
	struct backoff anew = backoff;
	assert_in_range(backoff_after(&backoff, 1000 + BACKOFF_QUIET_MS), 3200, 6399);
	assert_in_range(backoff_after(&anew, 1000 + BACKOFF_QUIET_MS + 1), 800, 1599);
}

/* Monotonic clocks don't, but a wait must stay one whatever the clock says. */
static void a_clock_that_goes_back_goes_on_doubling(void **state)
{
	(void)state;
	struct backoff backoff = {.random = 1};
	(void)backoff_after(&backoff, 500000);
	assert_in_range(backoff_after(&backoff, 1000), 1600, 3199);
}

static void random_numbers_stay_within_their_borders_and_differ(void **state)
{
	(void)state;
	struct backoff a = {.random = 1}, b = {.random = 2};
	unsigned differ = 0, lowest = 0, highest = 0;
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t x = backoff_random(&a, 10, 14), y = backoff_random(&b, 10, 14);
		assert_in_range(x, 10, 13);
		differ += x != y;
		lowest += x == 10;
		highest += x == 13;
		assert_int_equal(backoff_random(&a, 7, 8), 7);
	}
	assert_in_range(differ, 600, 900);
	assert_in_range(lowest, 150, 350);
	assert_in_range(highest, 150, 350);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_the_longest),
		cmocka_unit_test(failures_without_end_wait_no_longer),
		cmocka_unit_test(two_quiet_minutes_begin_anew),
		cmocka_unit_test(a_clock_that_goes_back_goes_on_doubling),
		cmocka_unit_test(random_numbers_stay_within_their_borders_and_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* history: what happened in each step, from what was counted in all. */
#include "fedns/history.h"

#include "check.h"

#define SECOND_NS UINT64_C(1000000000)

static const uint64_t BOUNDS[] = {1000, 2000, 4000};

static struct history history;
static struct history_seen seen;
static uint64_t now_ns;

static int begin(void **state)
{
	(void)state;
	now_ns = 77 * SECOND_NS;
	history_init(&history, now_ns);
	seen = (struct history_seen){.latency = {.bounds = BOUNDS, .bound_count = 3}};
	return 0;
}

static void step(uint64_t seconds)
{
	now_ns += seconds * SECOND_NS;
	history_add(&history, now_ns, &seen);
}

static const struct history_sample *newest(void)
{
	return history_at(&history, history_count(&history) - 1);
}

static void rates_are_of_the_time_that_passed(void **state)
{
	(void)state;
	assert_int_equal(history_count(&history), 0);
	seen.counts[HISTORY_QUERIES] = 500;
	seen.counts[HISTORY_NXDOMAIN] = 20;
	step(5);
	assert_int_equal(history_count(&history), 1);
	assert_true(newest()->rates[HISTORY_QUERIES] == 100.0);
	assert_true(newest()->rates[HISTORY_NXDOMAIN] == 4.0);
	assert_true(newest()->rates[HISTORY_SERVFAIL] == 0.0);
	seen.counts[HISTORY_QUERIES] = 600;
	step(10); /* the loop was busy */
	assert_true(newest()->rates[HISTORY_QUERIES] == 10.0);
	assert_true(newest()->rates[HISTORY_NXDOMAIN] == 0.0);
}

static void latencies_are_of_the_step_alone(void **state)
{
	(void)state;
	histogram_add(&seen.latency, 500, 1000);
	step(5);
	assert_true(newest()->answered);
	assert_int_equal(newest()->p50_ns, 500);
	assert_int_equal(newest()->p99_ns, 990);
	histogram_add(&seen.latency, 3000, 98);
	histogram_add(&seen.latency, 1 << 30, 2); /* above all bounds: the highest is what is known */
	step(5);
	assert_in_range(newest()->p50_ns, 3000, 3050);
	assert_int_equal(newest()->p99_ns, 4000);
	step(5);
	assert_false(newest()->answered);
}

static void the_oldest_goes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < HISTORY_SAMPLES + 7; i++) {
		seen.counts[HISTORY_QUERIES] += i;
		step(1);
	}
	assert_int_equal(history_count(&history), HISTORY_SAMPLES);
	for (unsigned i = 0; i < HISTORY_SAMPLES; i++)
		assert_true(history_at(&history, i)->rates[HISTORY_QUERIES] == i + 7.0);
}

static void a_counter_that_went_back_and_a_clock_that_stands_are_no_rate(void **state)
{
	(void)state;
	seen.counts[HISTORY_QUERIES] = 10;
	histogram_add(&seen.latency, 1, 10);
	step(0);
	assert_true(newest()->rates[HISTORY_QUERIES] == 0.0);
	seen.counts[HISTORY_QUERIES] = 5;
	seen.latency.counts[0] = 5;
	step(5);
	assert_true(newest()->rates[HISTORY_QUERIES] == 0.0);
	assert_false(newest()->answered);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rates_are_of_the_time_that_passed, begin),
		cmocka_unit_test_setup(latencies_are_of_the_step_alone, begin),
		cmocka_unit_test_setup(the_oldest_goes, begin),
		cmocka_unit_test_setup(a_counter_that_went_back_and_a_clock_that_stands_are_no_rate, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

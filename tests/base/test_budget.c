/* budget: a share of all addresses a minute, and the minute's borders. */
#include "check.h"

#include "fedns/budget.h"

#define NOW_MS INT64_C(1000000)

static void a_minute_forgets_second_by_second(void **state)
{
	(void)state;
	struct budget budget = {.percent = 50};
	budget_spend(&budget, 3, NOW_MS);
	budget_spend(&budget, 4, NOW_MS + 999);
	budget_spend(&budget, 5, NOW_MS + 1000);
	assert_int_equal(budget_lost(&budget, NOW_MS + 1000), 12);
	assert_int_equal(budget_lost(&budget, NOW_MS + 59999), 12);
	assert_int_equal(budget_lost(&budget, NOW_MS + 60000), 5);
	assert_int_equal(budget_lost(&budget, NOW_MS + 60999), 5);
	assert_int_equal(budget_lost(&budget, NOW_MS + 61000), 0);
	budget_spend(&budget, 1, NOW_MS + 61000);
	assert_int_equal(budget_lost(&budget, NOW_MS + 3600000), 0); /* at one stroke */
}

static void the_border_itself_is_allowed(void **state)
{
	(void)state;
	static const struct {
		unsigned percent;
		uint64_t total, loss;
		bool allowed;
	} CASES[] = {
		{50, 100, 50, true},   {50, 100, 51, false},
		{50, 3, 1, true},      {50, 3, 2, false},
		{100, 10, 10, true},   {0, 10, 1, false},
		{0, 10, 0, true},      {1, 99, 1, false},
		{1, 100, 1, true},     {50, 0, 0, true},
		{50, 0, 1, false},     {20, 1, 1, false},
		{99, 100, 100, false}, {100, 100000 * 64, 100000 * 64, true},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct budget budget = {.percent = CASES[i].percent};
		assert_int_equal(budget_allows(&budget, CASES[i].total, CASES[i].loss, NOW_MS),
		                 CASES[i].allowed);
	}
}

/* Of 100, 30 and then 20 may go within a minute by half, whichever way they are cut. */
static void what_went_counts_to_the_loss_and_to_the_whole(void **state)
{
	(void)state;
	struct budget budget = {.percent = 50};
	budget_spend(&budget, 30, NOW_MS);
	assert_true(budget_allows(&budget, 70, 20, NOW_MS + 1000));
	assert_false(budget_allows(&budget, 70, 21, NOW_MS + 1000));
	assert_true(budget_allows(&budget, 70, 0, NOW_MS + 1000));
	assert_true(budget_allows(&budget, 70, 35, NOW_MS + 60000));
	assert_false(budget_allows(&budget, 70, 36, NOW_MS + 60000));
}

static void asking_spends_nothing(void **state)
{
	(void)state;
	struct budget budget = {.percent = 50};
	for (unsigned i = 0; i < 10; i++)
		assert_true(budget_allows(&budget, 100, 50, NOW_MS));
	assert_int_equal(budget_lost(&budget, NOW_MS), 0);
}

/* And its minute is a minute still: not an hour, until the clock is there again. */
static void a_clock_that_was_set_back_keeps_what_there_is(void **state)
{
	(void)state;
	const int64_t late_ms = NOW_MS + 3600000;
	struct budget budget = {.percent = 50};
	budget_spend(&budget, 3, late_ms - 10000);
	budget_spend(&budget, 7, late_ms);
	assert_int_equal(budget_lost(&budget, NOW_MS), 10);
	budget_spend(&budget, 2, NOW_MS);
	assert_int_equal(budget_lost(&budget, NOW_MS + 49999), 12);
	assert_int_equal(budget_lost(&budget, NOW_MS + 50000), 9);
	assert_int_equal(budget_lost(&budget, NOW_MS + 60000), 0);
}

/* A machine without a clock of its own begins there. */
static void a_minute_may_begin_before_1970(void **state)
{
	(void)state;
	struct budget budget = {.percent = 50};
	budget_spend(&budget, 3, 2000);
	budget_return(&budget, 4, 3000);
	assert_int_equal(budget_lost(&budget, 3000), 0);
	budget_spend(&budget, 3, 4000);
	assert_int_equal(budget_lost(&budget, 1000), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_minute_forgets_second_by_second),
		cmocka_unit_test(the_border_itself_is_allowed),
		cmocka_unit_test(what_went_counts_to_the_loss_and_to_the_whole),
		cmocka_unit_test(asking_spends_nothing),
		cmocka_unit_test(a_minute_may_begin_before_1970),
		cmocka_unit_test(a_clock_that_was_set_back_keeps_what_there_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

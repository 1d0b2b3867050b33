/* told: no reason stays hidden behind the one before, and nobody floods the log. */
#include "fedns/told.h"

#include "check.h"

#include <string.h>

#define MINUTE_MS INT64_C(60000)

static void a_new_reason_is_told_and_the_same_is_not(void **state)
{
	(void)state;
	struct told told = {.count = 0};
	assert_true(told_is_news(&told, "connection refused", 1));
	assert_false(told_is_news(&told, "connection refused", 2));
	assert_true(told_is_news(&told, "the certificate has expired", 3));
	assert_false(told_is_news(&told, "the certificate has expired", 1000 * MINUTE_MS));
	told_forget(&told);
	assert_true(told_is_news(&told, "the certificate has expired", 1000 * MINUTE_MS));
}

static void reasons_that_take_turns_are_told_once_a_minute(void **state)
{
	(void)state;
	struct told told = {.count = 0};
	unsigned lines = 0;
	for (int64_t now_ms = 0; now_ms < 10 * MINUTE_MS; now_ms += 1000)
		lines += told_is_news(&told, now_ms / 1000 % 2 == 0 ? "refused" : "reset", now_ms);
	assert_in_range(lines, 10, 21);
	/* and the one that stays is the last that was told */
	(void)told_is_news(&told, "reset", 12 * MINUTE_MS);
	assert_true(told_is_news(&told, "refused", 14 * MINUTE_MS));
}

static void one_who_makes_them_up_is_bounded(void **state)
{
	(void)state;
	struct told told = {.count = 0};
	unsigned lines = 0;
	char text[] = "aaaa: no";
	for (unsigned i = 0; i < 600; i++) {
		for (unsigned j = 0, rest = i; j < 4; j++, rest /= 26)
			text[j] = (char)('a' + rest % 26);
		lines += told_is_news(&told, text, 1000 * i);
	}
	assert_in_range(lines, 10, 10 * TOLD_REASONS_MAX);
}

static void numbers_make_no_news_but_for_those_of_http(void **state)
{
	(void)state;
	const struct {
		const char *first, *second;
		bool news;
	} cases[] = {
		{"timed out after 1003 ms", "timed out after 12 ms", false},
		{"HTTP 502", "HTTP 504", true},
		{"list /a: HTTP 500: 12 of 30", "list /a: HTTP 500: 13 of 30", false},
		{"list /a: HTTP 500", "list /b: HTTP 500", true},
		{"HTTP 502, 3 times", "HTTP 502, 4 times", false},
		{"", "refused", true},
		{"", "42", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct told told = {.count = 0};
		assert_true(told_is_news(&told, cases[i].first, 1));
		assert_int_equal(told_is_news(&told, cases[i].second, 2), cases[i].news);
	}
}

static void a_clock_that_jumps_back_hides_nothing(void **state)
{
	(void)state;
	struct told told = {.count = 0};
	assert_true(told_is_news(&told, "a", 1000 * MINUTE_MS));
	assert_true(told_is_news(&told, "b", 1000 * MINUTE_MS));
	assert_true(told_is_news(&told, "a", 1));
}

static void a_long_reason_is_cut(void **state)
{
	(void)state;
	struct told told = {.count = 0};
	char text[2 * WHY_TEXT_SIZE];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_true(told_is_news(&told, text, 1));
	text[sizeof text - 2] = 'y';
	assert_false(told_is_news(&told, text, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_reason_is_told_and_the_same_is_not),
		cmocka_unit_test(reasons_that_take_turns_are_told_once_a_minute),
		cmocka_unit_test(one_who_makes_them_up_is_bounded),
		cmocka_unit_test(numbers_make_no_news_but_for_those_of_http),
		cmocka_unit_test(a_clock_that_jumps_back_hides_nothing),
		cmocka_unit_test(a_long_reason_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

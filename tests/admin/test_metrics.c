/* metrics: the text format, to the octet (exposition format 0.0.4). */
#include "fedns/metrics.h"

#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SIZE_MAX_OF_TEST 4096

static struct buf out;

static int begin(void **state)
{
	(void)state;
	buf_init(&out, SIZE_MAX_OF_TEST);
	return 0;
}

static int end(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

static void expect(const char *text)
{
	if (out.size != strlen(text) || memcmp(out.data, text, out.size) != 0)
		fail_msg("wrote \"%.*s\", not \"%s\"", (int)out.size, (const char *)out.data, text);
	out.size = 0;
}

static void a_family_has_help_and_type(void **state)
{
	(void)state;
	assert_int_equal(
		metric_family(&out, "a_total", METRIC_COUNTER, "What \"it\" is: a\\b\nand more."), ERR_OK);
	expect("# HELP a_total What \"it\" is: a\\\\b\\nand more.\n# TYPE a_total counter\n");
	assert_int_equal(metric_family(&out, "b", METRIC_GAUGE, ""), ERR_OK);
	assert_int_equal(metric_family(&out, "c", METRIC_HISTOGRAM, "C."), ERR_OK);
	expect("# HELP b \n# TYPE b gauge\n# HELP c C.\n# TYPE c histogram\n");
}

static void label_values_are_escaped(void **state)
{
	(void)state;
	const struct {
		const char *value, *written;
	} cases[] = {
		{"", ""},
		{"plain", "plain"},
		{"a\"b", "a\\\"b"},
		{"a\\", "a\\\\"},
		{"a\nb", "a\\nb"},
		{"\\n", "\\\\n"},
		{"{},=#", "{},=#"},
		{"caf\xc3\xa9 \xe5\x8c\x97\xe4\xba\xac", "caf\xc3\xa9 \xe5\x8c\x97\xe4\xba\xac"},
		{"\xff", "\xef\xbf\xbd"},
		{"\xc3", "\xef\xbf\xbd"},                                 /* cut off */
		{"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* too long for what it is */
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* a surrogate */
		{"a\r\t\x7f", "a\r\t\x7f"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char expected[128];
		const struct metric_label label = {"l", bytes_of(cases[i].value)};
		(void)snprintf(expected, sizeof expected, "m{l=\"%s\"} 1\n", cases[i].written);
		assert_int_equal(metric_sample(&out, "m", &label, 1, 1), ERR_OK);
		expect(expected);
	}
}

static void labels_stand_in_their_order(void **state)
{
	(void)state;
	const struct metric_label labels[] = {{"b", bytes_of("x")}, {"a", bytes_of("y")}};
	assert_int_equal(metric_sample(&out, "m", labels, 2, -3), ERR_OK);
	assert_int_equal(metric_sample(&out, "m", NULL, 0, 0), ERR_OK);
	expect("m{b=\"x\",a=\"y\"} -3\nm 0\n");
}

static void numbers(void **state)
{
	(void)state;
	const struct {
		double value;
		const char *text;
	} cases[] = {
		{0, "0"},
		{1, "1"},
		{-1, "-1"},
		{0.5, "0.5"},
		{1764093410, "1764093410"},
		{9007199254740992.0, "9007199254740992"},
		{1e300, "1e+300"},
		{0.1, "0.1"},
		{1764093410.123, "1764093410.123"},
		{1.0 / 3, "0.3333333333333333"},
		{NAN, "NaN"},
		{INFINITY, "+Inf"},
		{-INFINITY, "-Inf"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char expected[64];
		(void)snprintf(expected, sizeof expected, "m %s\n", cases[i].text);
		assert_int_equal(metric_sample(&out, "m", NULL, 0, cases[i].value), ERR_OK);
		expect(expected);
	}
}

static void counters_have_all_their_digits(void **state)
{
	(void)state;
	const struct metric_label label = {"l", bytes_of("v")};
	assert_int_equal(metric_count(&out, "m", NULL, 0, UINT64_MAX), ERR_OK);
	assert_int_equal(metric_count(&out, "m", &label, 1, UINT64_C(9007199254740993)), ERR_OK);
	expect("m 18446744073709551615\nm{l=\"v\"} 9007199254740993\n");
}

static const uint64_t BOUNDS[] = {2000, 500000, 1000000000, UINT64_C(2500000000)};

static void a_histogram_is_cumulative_and_in_seconds(void **state)
{
	(void)state;
	const struct metric_label label = {"l", bytes_of("v")};
	struct histogram histogram = {.bounds = BOUNDS, .bound_count = 4};
	assert_int_equal(metric_histogram(&out, "h", NULL, 0, &histogram), ERR_OK);
	expect("h_bucket{le=\"0.000002\"} 0\nh_bucket{le=\"0.0005\"} 0\nh_bucket{le=\"1\"} 0\n"
	       "h_bucket{le=\"2.5\"} 0\nh_bucket{le=\"+Inf\"} 0\nh_sum 0\nh_count 0\n");
	histogram_add(&histogram, 1000, 2);
	histogram_add(&histogram, 1000000000, 3);
	histogram_add(&histogram, UINT64_C(10000000000), 1);
	assert_int_equal(metric_histogram(&out, "h", &label, 1, &histogram), ERR_OK);
	expect("h_bucket{l=\"v\",le=\"0.000002\"} 2\nh_bucket{l=\"v\",le=\"0.0005\"} 2\n"
	       "h_bucket{l=\"v\",le=\"1\"} 5\nh_bucket{l=\"v\",le=\"2.5\"} 5\n"
	       "h_bucket{l=\"v\",le=\"+Inf\"} 6\nh_sum{l=\"v\"} 13.000002\nh_count{l=\"v\"} 6\n");
}

static void without_bounds_it_is_a_count(void **state)
{
	(void)state;
	struct histogram histogram = {.bound_count = 0};
	histogram_add(&histogram, 5, UINT64_C(1) << 40);
	assert_int_equal(metric_histogram(&out, "h", NULL, 0, &histogram), ERR_OK);
	expect("h_bucket{le=\"+Inf\"} 1099511627776\nh_sum 5497.55813888\nh_count 1099511627776\n");
}

/* At every size that is too small, nothing is left of what was begun. */
static void what_does_not_fit_leaves_nothing(void **state)
{
	(void)state;
	struct histogram histogram = {.bounds = BOUNDS, .bound_count = 4};
	const struct metric_label label = {"l", bytes_of("a\\b\xff")};
	for (unsigned what = 0; what < 4; what++) {
		enum err err = ERR_LIMIT;
		for (size_t room = 0; err != ERR_OK; room++) {
			struct buf small;
			buf_init(&small, room);
			err = what == 0   ? metric_family(&small, "m", METRIC_GAUGE, "a\\b")
			      : what == 1 ? metric_sample(&small, "m", &label, 1, 0.5)
			      : what == 2 ? metric_count(&small, "m", &label, 1, 7)
			                  : metric_histogram(&small, "m", &label, 1, &histogram);
			assert_true(err == ERR_OK ? small.size == room : err == ERR_LIMIT && small.size == 0);
			buf_free(&small);
			assert_true(room < SIZE_MAX_OF_TEST);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_family_has_help_and_type, begin, end),
		cmocka_unit_test_setup_teardown(label_values_are_escaped, begin, end),
		cmocka_unit_test_setup_teardown(labels_stand_in_their_order, begin, end),
		cmocka_unit_test_setup_teardown(numbers, begin, end),
		cmocka_unit_test_setup_teardown(counters_have_all_their_digits, begin, end),
		cmocka_unit_test_setup_teardown(a_histogram_is_cumulative_and_in_seconds, begin, end),
		cmocka_unit_test_setup_teardown(without_bounds_it_is_a_count, begin, end),
		cmocka_unit_test(what_does_not_fit_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

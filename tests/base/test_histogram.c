#include "fedns/histogram.h"

#include "check.h"

static const uint64_t BOUNDS[] = {10, 20, 40};

static struct histogram make(void)
{
	return (struct histogram){.bounds = BOUNDS, .bound_count = 3};
}

static void a_bound_lies_within_its_bucket(void **state)
{
	(void)state;
	const struct {
		uint64_t ns;
		size_t bucket;
	} cases[] = {{0, 0}, {10, 0}, {11, 1}, {20, 1}, {21, 2}, {40, 2}, {41, 3}, {UINT64_MAX, 3}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(histogram_bucket(BOUNDS, 3, cases[i].ns), cases[i].bucket);
}

static void it_counts_and_sums(void **state)
{
	(void)state;
	struct histogram histogram = make();
	histogram_add(&histogram, 7, 3);
	histogram_add(&histogram, 50, 2);
	histogram_add(&histogram, 15, 0);
	assert_int_equal(histogram.counts[0], 3);
	assert_int_equal(histogram.counts[1], 0);
	assert_int_equal(histogram.counts[3], 2);
	assert_int_equal(histogram.sum_ns, 121);
	assert_int_equal(histogram_count(&histogram), 5);
}

static void quantiles_are_spread_evenly_within_a_bucket(void **state)
{
	(void)state;
	struct histogram histogram = make();
	uint64_t ns = 1;
	assert_false(histogram_quantile(&histogram, 500, &ns));
	assert_int_equal(ns, 0);
	histogram_add(&histogram, 15, 100);
	const struct {
		unsigned permille;
		uint64_t ns;
	} cases[] = {{1, 10}, {500, 15}, {990, 19}, {1000, 20}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(histogram_quantile(&histogram, cases[i].permille, &ns));
		assert_int_equal(ns, cases[i].ns);
	}
	histogram_add(&histogram, 1000, 100);
	assert_true(histogram_quantile(&histogram, 500, &ns));
	assert_int_equal(ns, 20);
	assert_true(histogram_quantile(&histogram, 501, &ns));
	assert_int_equal(ns, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bound_lies_within_its_bucket),
		cmocka_unit_test(it_counts_and_sums),
		cmocka_unit_test(quantiles_are_spread_evenly_within_a_bucket),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

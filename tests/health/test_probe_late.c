/* probe_late: the last whole span is told, and before there is one, the first so far. */
#include "check.h"

#include "probe_late.h"

static void spans_follow_each_other(void **state)
{
	(void)state;
	static struct probe_late late;
	assert_int_equal(late_us_max(&late), 0);
	assert_int_equal(late_us_p99(&late), 0);
	for (int64_t i = 0; i < 100; i++)
		late_note(&late, i == 50 ? 77000 : 4999, 1000 + i, 5000);
	assert_int_equal(late_us_max(&late), 77000);
	assert_int_equal(late_us_p99(&late), 5000);
	late_note(&late, 77500, 5999, 5000);
	late_note(&late, -3, 6000, 5000); /* the next begins */
	assert_int_equal(late_us_max(&late), 77500);
	assert_int_equal(late_us_p99(&late), 78000); /* two of 101 */
	late_note(&late, 900000000, 11000, 5000);
	assert_int_equal(late_us_max(&late), 0);
	assert_int_equal(late_us_p99(&late), 1000);
	late_note(&late, 0, 17000, 5000);
	assert_int_equal(late_us_max(&late), 900000000);
	assert_int_equal(late_us_p99(&late), 900000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_follow_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

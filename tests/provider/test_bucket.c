/* Calls a second, on a clock of the test's own. */
#include "bucket.h"

#include "check.h"

/* How many of a call asked for every millisecond of `ms` go. */
static unsigned taken(struct bucket *bucket, int64_t from_ms, int64_t ms)
{
	unsigned count = 0;
	for (int64_t at_ms = from_ms; at_ms < from_ms + ms; at_ms++)
		count += bucket_take(bucket, at_ms) == 0;
	return count;
}

static void gives_the_rate_and_no_more(void **state)
{
	(void)state;
	struct bucket bucket = {.per_second = 48, .room = 12};
	assert_in_range(taken(&bucket, 1000, 1000), 59, 61); /* the rest before gives 12 at once */
	for (int second = 2; second < 20; second++)
		assert_in_range(taken(&bucket, 1000 * second, 1000), 47, 49);
}

static void a_rest_gives_no_more_than_its_room(void **state)
{
	(void)state;
	struct bucket bucket = {.per_second = 10, .room = 3};
	assert_int_equal(taken(&bucket, 1000, 1), 1);
	for (int i = 0; i < 2; i++)
		assert_int_equal(bucket_take(&bucket, 1000), 0);
	assert_int_not_equal(bucket_take(&bucket, 1000), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(bucket_take(&bucket, 3600000), 0);
	assert_int_not_equal(bucket_take(&bucket, 3600000), 0);
}

static void says_when_to_ask_again(void **state)
{
	(void)state;
	struct bucket bucket = {.per_second = 10, .room = 1};
	assert_int_equal(bucket_take(&bucket, 0), 0);
	int64_t wait_ms = bucket_take(&bucket, 0);
	assert_in_range(wait_ms, 100, 101);
	assert_int_not_equal(bucket_take(&bucket, wait_ms - 2), 0);
	assert_int_equal(bucket_take(&bucket, wait_ms), 0);
}

static void looking_takes_nothing(void **state)
{
	(void)state;
	struct bucket bucket = {.per_second = 10, .room = 2};
	for (int i = 0; i < 5; i++)
		assert_int_equal(bucket_look(&bucket, 2, 0), 0);
	assert_int_not_equal(bucket_look(&bucket, 3, 0), 0);
	assert_int_equal(bucket_take(&bucket, 0), 0);
	assert_int_not_equal(bucket_look(&bucket, 2, 0), 0);
	assert_int_equal(bucket_look(&bucket, 1, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_rate_and_no_more),
		cmocka_unit_test(a_rest_gives_no_more_than_its_room),
		cmocka_unit_test(says_when_to_ask_again),
		cmocka_unit_test(looking_takes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

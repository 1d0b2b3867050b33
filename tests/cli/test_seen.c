/* What was told is not told again; what changed is; what is gone is told once. */
#include "seen.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

struct gone {
	unsigned count;
	char last[32];
};

static enum err gone_take(void *arg, const char *key)
{
	struct gone *gone = arg;
	gone->count++;
	(void)snprintf(gone->last, sizeof gone->last, "%s", key);
	return ERR_OK;
}

static enum seen_how take(struct seen *seen, const char *key, uint64_t content)
{
	enum seen_how how;
	assert_int_equal(seen_take(seen, key, content, &how), ERR_OK);
	return how;
}

static void a_row_is_new_then_the_same_then_changed(void **state)
{
	(void)state;
	struct seen *seen = seen_new();
	assert_non_null(seen);
	seen_begin(seen);
	assert_int_equal(take(seen, "a", 1), SEEN_NEW);
	assert_int_equal(take(seen, "b", 1), SEEN_NEW);
	seen_begin(seen);
	assert_int_equal(take(seen, "a", 1), SEEN_SAME);
	assert_int_equal(take(seen, "b", 2), SEEN_CHANGED);
	assert_int_equal(take(seen, "b", 2), SEEN_SAME);
	seen_free(seen);
}

static void what_is_gone_is_told_once_and_comes_back_as_new(void **state)
{
	(void)state;
	struct gone gone = {.count = 0};
	struct seen *seen = seen_new();
	seen_begin(seen);
	(void)take(seen, "a", 1);
	(void)take(seen, "b", 1);
	assert_int_equal(seen_sweep(seen, gone_take, &gone), ERR_OK);
	assert_int_equal(gone.count, 0);
	seen_begin(seen);
	(void)take(seen, "b", 1);
	assert_int_equal(seen_sweep(seen, gone_take, &gone), ERR_OK);
	assert_int_equal(gone.count, 1);
	assert_string_equal(gone.last, "a");
	seen_begin(seen);
	(void)take(seen, "b", 1);
	assert_int_equal(seen_sweep(seen, gone_take, &gone), ERR_OK);
	assert_int_equal(gone.count, 1);
	assert_int_equal(take(seen, "a", 1), SEEN_NEW);
	seen_free(seen);
}

/* A round without a sweep, of what changed alone, forgets nobody. */
static void a_partial_round_takes_nothing_away(void **state)
{
	(void)state;
	struct gone gone = {.count = 0};
	struct seen *seen = seen_new();
	seen_begin(seen);
	(void)take(seen, "a", 1);
	(void)take(seen, "b", 1);
	seen_begin(seen);
	assert_int_equal(take(seen, "b", 2), SEEN_CHANGED);
	seen_begin(seen);
	assert_int_equal(take(seen, "a", 1), SEEN_SAME);
	assert_int_equal(take(seen, "b", 2), SEEN_SAME);
	assert_int_equal(seen_sweep(seen, gone_take, &gone), ERR_OK);
	assert_int_equal(gone.count, 0);
	seen_free(seen);
}

/* New names in each round, as the old ones go: the memory of those that went is given back. */
static void many_come_and_go(void **state)
{
	(void)state;
	struct gone gone = {.count = 0};
	struct seen *seen = seen_new();
	for (unsigned round = 0; round < 20; round++) {
		seen_begin(seen);
		for (unsigned i = 0; i < 2000; i++) {
			char key[32];
			(void)snprintf(key, sizeof key, "%u", round * 1000 + i);
			assert_int_equal(take(seen, key, 1), round != 0 && i < 1000 ? SEEN_SAME : SEEN_NEW);
		}
		assert_int_equal(seen_sweep(seen, gone_take, &gone), ERR_OK);
		assert_int_equal(gone.count, 1000 * round);
	}
	seen_free(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_new_then_the_same_then_changed),
		cmocka_unit_test(what_is_gone_is_told_once_and_comes_back_as_new),
		cmocka_unit_test(a_partial_round_takes_nothing_away),
		cmocka_unit_test(many_come_and_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

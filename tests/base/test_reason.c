#include "check.h"

#include "fedns/reason.h"

#include <string.h>

/* Dashboards, scripts and resolvers' logs hold them. */
static void words_are_stable(void **state)
{
	static const char *const WORDS[] = {
		"none",      "probe-good", "probe-bad",   "rising",     "hold",
		"drained",   "forced-up",  "forced-down", "suspected",  "held",
		"not-ready", "all-down",   "min-healthy", "one-family", "stale",
	};
	(void)state;
	assert_int_equal(sizeof WORDS / sizeof WORDS[0], REASONS);
	for (unsigned i = 0; i < REASONS; i++)
		assert_string_equal(reason_text(i), WORDS[i]);
	assert_string_equal(reason_text(REASONS), "none");
	assert_string_equal(reason_text(UINT8_MAX), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(words_are_stable)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

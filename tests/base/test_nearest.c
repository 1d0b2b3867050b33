/* word_distance: a slip of the finger is close, another word is not. */
#include "fedns/base.h"

#include "check.h"

#include <limits.h>

static void knows_a_slip_from_another_word(void **state)
{
	(void)state;
	static const struct {
		const char *typed, *word;
		unsigned distance;
	} CASES[] = {
		{"zone", "zone", 0},
		{"zonee", "zone", 1},
		{"zon", "zone", 1},
		{"zoen", "zone", 1},
		{"Zone", "zone", 0},
		{"xone", "zone", 1},
		{"xonx", "zone", UINT_MAX},
		{"nameserver", "nameservers", 1},
		{"name_servers", "nameservers", 1},
		{"offline-grase", "offline_grace", 2},
		{"", "zone", UINT_MAX},
		{"x", "ttl", UINT_MAX},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "zone", UINT_MAX},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
		assert_int_equal(word_distance(bytes_of(CASES[i].typed), CASES[i].word), CASES[i].distance);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(knows_a_slip_from_another_word)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

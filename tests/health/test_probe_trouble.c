/* probe_trouble: whose fault it is, in words that stay the same. */
#include "check.h"

#include "prober_internal.h"

#include <errno.h>

static void errors_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		int error;
		enum begun begun;
		const char *words; /* NULL: nobody hears them */
	} CASES[] = {
		{ECONNREFUSED, BEGUN_BAD, "connection refused"},
		{ECONNRESET, BEGUN_BAD, "connection reset"},
		{EPIPE, BEGUN_BAD, "connection reset"},
		{EHOSTUNREACH, BEGUN_BAD, "no route to the host"},
		{ENETUNREACH, BEGUN_BAD, "network unreachable"},
		{ETIMEDOUT, BEGUN_BAD, "connection timed out"},
		{EPERM, BEGUN_BAD, "not permitted from here"},
		{EAFNOSUPPORT, BEGUN_BAD, "no such address family here"},
		{EPROTO, BEGUN_BAD, "connection failed: error 71"},
		{EADDRNOTAVAIL, BEGUN_LATER, NULL},
		{EMFILE, BEGUN_NOTHING, NULL},
		{ENFILE, BEGUN_NOTHING, NULL},
		{ENOBUFS, BEGUN_NOTHING, NULL},
		{ENOMEM, BEGUN_NOTHING, NULL},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct why why;
		assert_int_equal(trouble_of(CASES[i].error, &why), CASES[i].begun);
		if (CASES[i].words != NULL)
			assert_string_equal(why.text, CASES[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

static void calls_are_told_in_the_same_words(void **state)
{
	(void)state;
	static const struct {
		enum err err;
		const char *said;
		enum begun begun;
		const char *words;
	} CASES[] = {
		{ERR_IO,
	     "Failed to connect to 127.0.0.1 port 9 after 3 ms: Couldn't connect to server: Connection "
	     "refused",
	     BEGUN_BAD, "connection refused"},
		{ERR_IO, "Failed to connect to ::1 port 9 after 3 ms: Couldn't connect to server",
	     BEGUN_BAD, "connection failed"},
		{ERR_IO, "SSL certificate problem: unable to get local issuer certificate", BEGUN_BAD,
	     "SSL certificate problem: unable to get local issuer certificate"},
		{ERR_IO, "Couldn't connect to server: Cannot assign requested address", BEGUN_LATER, NULL},
		{ERR_IO, "Couldn't connect to server: Too many open files", BEGUN_NOTHING, NULL},
		{ERR_NOMEM, "out of memory", BEGUN_NOTHING, NULL},
		{ERR_LIMIT, "2048 HTTP calls are under way already", BEGUN_NOTHING, NULL},
		{ERR_INVALID, "no URL", BEGUN_BAD, "no URL"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct why why;
		why_set(&why, "%s", CASES[i].said);
		assert_int_equal(trouble_of_call(CASES[i].err, &why), CASES[i].begun);
		if (CASES[i].words != NULL)
			assert_string_equal(why.text, CASES[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_told_apart),
		cmocka_unit_test(calls_are_told_in_the_same_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* alidns_time: timestamps of requests, dates of answers. */
#include "alidns_time.h"

#include "check.h"

static void a_timestamp_is_utc_to_the_second(void **state)
{
	(void)state;
	static const struct {
		int64_t time_s;
		const char *text;
	} cases[] = {
		{0, "1970-01-01T00:00:00Z"},
		{951782400, "2000-02-29T00:00:00Z"},
		{1458837714, "2016-03-24T16:41:54Z"},
		{253402300799, "9999-12-31T23:59:59Z"},
	};
	char text[TIMESTAMP_SIZE];
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(timestamp_write(cases[i].time_s, text));
		assert_string_equal(text, cases[i].text);
	}
	assert_false(timestamp_write(253402300800, text));
	assert_false(timestamp_write(-9999999999, text));
	assert_false(timestamp_write(INT64_MAX, text));
	assert_false(timestamp_write(INT64_MIN, text));
}

static void a_date_is_read_to_the_letter(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t time_s; /* -1: none */
	} cases[] = {
		{"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
		{"Tue, 29 Feb 2000 00:00:00 GMT", 951782400},
		{"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
		{"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800},
		{"", -1},
		{"Sunday, 06-Nov-94 08:49:37 GMT", -1},
		{"Sun Nov  6 08:49:37 1994", -1},
		{"Sun, 06 Nov 1994 08:49:37 UTC", -1},
		{"Sun, 06 Nov 1994 08:49:37 GMT ", -1},
		{"Sun, 06 nov 1994 08:49:37 GMT", -1},
		{"Sun, 00 Nov 1994 08:49:37 GMT", -1},
		{"Sun, 32 Nov 1994 08:49:37 GMT", -1},
		{"Sun,  6 Nov 1994 08:49:37 GMT", -1},
		{"Sun, 06 Nov 1969 08:49:37 GMT", -1},
		{"Sun, 06 Nov 1994 24:49:37 GMT", -1},
		{"Sun, 06 Nov 1994 08:60:37 GMT", -1},
		{"Sun, 06 Nov 1994 08:49:61 GMT", -1},
		{"Sun, 06 Nov 1994 08:49:-7 GMT", -1},
		{"Sun, 06 ovD 1994 08:49:37 GMT", -1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t time_s;
		bool read = http_date_read(bytes_of(cases[i].text), &time_s);
		if (read != (cases[i].time_s >= 0) || time_s != (read ? cases[i].time_s : 0))
			fail_msg("%s: %lld", cases[i].text, (long long)time_s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timestamp_is_utc_to_the_second),
		cmocka_unit_test(a_date_is_read_to_the_letter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

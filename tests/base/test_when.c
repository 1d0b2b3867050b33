/* RFC 3339 times: what is read, what is refused, and that writing gives back what was read. */
#include "fedns/when.h"

#include "check.h"

static void reads_times(void **state)
{
	(void)state;
	const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{"1970-01-01T00:00:00.001Z", 1},
		{"2026-11-23T02:30:45Z", 1795401045000},
		{"2026-11-23T10:30:45+08:00", 1795401045000},
		{"2026-11-22T21:00:45-05:30", 1795401045000},
		{"2026-11-23t02:30:45.123456789z", 1795401045123},
		{"2026-11-23T02:30:45.5Z", 1795401045500},
		{"2000-02-29T23:59:60Z", 951868800000},
		{"9999-12-31T23:59:59Z", 253402300799000},
		{"2026-02-29T00:00:00Z", 0},
		{"1900-02-29T00:00:00Z", 0},
		{"1969-12-31T23:59:59Z", 0},
		{"0001-01-01T00:00:00Z", 0},
		{"2026-13-01T00:00:00Z", 0},
		{"2026-00-01T00:00:00Z", 0},
		{"2026-01-00T00:00:00Z", 0},
		{"2026-01-01T24:00:00Z", 0},
		{"2026-01-01T00:60:00Z", 0},
		{"2026-01-01T00:00:61Z", 0},
		{"2026-01-01T00:00:00", 0},
		{"2026-01-01T00:00:00.Z", 0},
		{"2026-01-01T00:00:00+0800", 0},
		{"2026-01-01T00:00:00+24:00", 0},
		{"2026-01-01 00:00:00Z", 0},
		{"2026-1-1T00:00:00Z", 0},
		{" 2026-01-01T00:00:00Z", 0},
		{"2026-01-01T00:00:00Zx", 0},
		{"yesterday", 0},
		{"", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (when_parse(bytes_of(cases[i].text)) != cases[i].ms)
			fail_msg("%s: %lld", cases[i].text, (long long)when_parse(bytes_of(cases[i].text)));
	}
}

static void writes_what_it_reads(void **state)
{
	(void)state;
	const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{1, "1970-01-01T00:00:00.001Z"},
		{951782400000, "2000-02-29T00:00:00.000Z"},
		{1795401045123, "2026-11-23T02:30:45.123Z"},
		{253402300799999, "9999-12-31T23:59:59.999Z"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[WHEN_TEXT_SIZE];
		when_text(cases[i].ms, text);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(when_parse(bytes_of(text)), cases[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_times),
		cmocka_unit_test(writes_what_it_reads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* bytes: equality and order, empty runs without a pointer included. */
#include "fedns/base.h"

#include "check.h"

#include <string.h>

static void compares(void **state)
{
	(void)state;
	const struct {
		const char *a, *b; /* NULL: no pointer at all */
		int order;
		bool equal, nocase;
	} cases[] = {
		{NULL, NULL, 0, true, true},        {NULL, "", 0, true, true},
		{NULL, "a", -1, false, false},      {"a", "a", 0, true, true},
		{"a", "A", 1, false, true},         {"a", "ab", -1, false, false},
		{"b", "ab", 1, false, false},       {"\x7f", "\x80", -1, false, false},
		{"@", "`", -1, false, false},       {"[", "{", -1, false, false},
		{"\xc1", "\xe1", -1, false, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bytes a = bytes_of(cases[i].a);
		struct bytes b = bytes_of(cases[i].b);
		int there = bytes_compare(a, b);
		int back = bytes_compare(b, a);
		assert_int_equal((there > 0) - (there < 0), cases[i].order);
		assert_int_equal((back > 0) - (back < 0), -cases[i].order);
		assert_int_equal(bytes_equal(a, b), cases[i].equal);
		assert_int_equal(bytes_equal_nocase(a, b), cases[i].nocase);
	}
}

static void folds_ascii_capitals_only(void **state)
{
	(void)state;
	for (unsigned octet = 0; octet < 256; octet++) {
		unsigned lower = octet >= 'A' && octet <= 'Z' ? octet + 32 : octet;
		assert_int_equal(octet_lower((uint8_t)octet), lower);
	}
}

static void reads_whole_numbers_up_to_a_maximum(void **state)
{
	(void)state;
	const struct {
		const char *text;
		uint64_t max, number;
		bool good;
	} cases[] = {
		{"0", 0, 0, true},
		{"7", 7, 7, true},
		{"8", 7, 0, false},
		{"007", 7, 7, true},
		{"65535", 65535, 65535, true},
		{"65536", 65535, 0, false},
		{"18446744073709551615", UINT64_MAX, UINT64_MAX, true},
		{"18446744073709551616", UINT64_MAX, 0, false},
		{"99999999999999999999", UINT64_MAX, 0, false},
		{"", 9, 0, false},
		{"+1", 9, 0, false},
		{"-1", 9, 0, false},
		{"1 ", 9, 0, false},
		{"1.0", 99, 0, false},
		{"a", 9, 0, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint64_t number;
		assert_int_equal(bytes_number(bytes_of(cases[i].text), cases[i].max, &number),
		                 cases[i].good);
		if (cases[i].good)
			assert_int_equal(number, cases[i].number);
	}
}

static void a_text_is_shown_whole_or_says_that_it_is_not(void **state)
{
	(void)state;
	char longer[300], expected[300];
	const struct bytes nul = {(const uint8_t *)"a\0b\0", 4}, none = {NULL, 0};
	assert_string_equal(bytes_shown(nul).text, "a\\u0000b\\u0000");
	assert_string_equal(bytes_shown(none).text, "");
	memset(longer, 'x', sizeof longer);
	memcpy(expected, longer, sizeof expected);
	expected[BYTES_SHOWN_MAX] = '\0';
	assert_string_equal(bytes_shown((struct bytes){(uint8_t *)longer, BYTES_SHOWN_MAX}).text,
	                    expected);
	memcpy(expected + BYTES_SHOWN_MAX, "...", 4);
	assert_string_equal(bytes_shown((struct bytes){(uint8_t *)longer, BYTES_SHOWN_MAX + 1}).text,
	                    expected);
	longer[BYTES_SHOWN_MAX - 5] = '\0'; /* an escape is never cut */
	memcpy(expected + BYTES_SHOWN_MAX - 5, "...", 4);
	assert_string_equal(bytes_shown((struct bytes){(uint8_t *)longer, sizeof longer}).text,
	                    expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares),
		cmocka_unit_test(folds_ascii_capitals_only),
		cmocka_unit_test(reads_whole_numbers_up_to_a_maximum),
		cmocka_unit_test(a_text_is_shown_whole_or_says_that_it_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

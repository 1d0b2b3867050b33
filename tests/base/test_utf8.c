/* utf8: what is a character (RFC 3629 section 4), where a text stops being one, and what is left of
 * it in a line. */
#include "fedns/utf8.h"

#include "check.h"

#include <string.h>

static void knows_characters_and_where_they_end(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t bad_at; /* SIZE_MAX: all of it is good */
	} CASES[] = {
		{"", SIZE_MAX},
		{"plain", SIZE_MAX},
		{"\x7f", SIZE_MAX},
		{"\xc2\x80", SIZE_MAX},
		{"\xdf\xbf", SIZE_MAX},
		{"\xe0\xa0\x80", SIZE_MAX},
		{"\xed\x9f\xbf\xee\x80\x80", SIZE_MAX},
		{"\xef\xbf\xbf", SIZE_MAX},
		{"\xf0\x90\x80\x80", SIZE_MAX},
		{"\xf4\x8f\xbf\xbf", SIZE_MAX},
		{"a\x80", 1},            /* a continuation that continues nothing */
		{"ab\xc0\x80", 2},       /* overlong */
		{"\xc1\xbf", 0},         /* overlong */
		{"\xe0\x9f\xbf", 0},     /* overlong */
		{"\xf0\x8f\xbf\xbf", 0}, /* overlong */
		{"\xed\xa0\x80", 0},     /* a surrogate */
		{"\xed\xbf\xbf", 0},     /* a surrogate */
		{"\xf4\x90\x80\x80", 0}, /* above U+10FFFF */
		{"\xf5\x80\x80\x80", 0}, /* above U+10FFFF */
		{"\xff", 0},             /* never */
		{"\xc3\xa9\xc3", 2},     /* cut */
		{"\xe2\x82", 0},         /* cut */
		{"\xf0\x9f\x98", 0},     /* cut */
		{"\xe2\x82g", 0},        /* broken off */
		{"good \xf0\x9f\x98\x80", SIZE_MAX},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		size_t bad_at = 99;
		bool good = utf8_valid(bytes_of(CASES[i].text), &bad_at);
		assert_int_equal(good, CASES[i].bad_at == SIZE_MAX);
		assert_int_equal(bad_at, good ? 0 : CASES[i].bad_at);
	}
}

static void does_not_read_beyond_the_end(void **state)
{
	(void)state;
	static const uint8_t EURO[] = {0xe2, 0x82, 0xac};
	size_t bad_at;
	assert_true(utf8_valid((struct bytes){EURO, 3}, &bad_at));
	assert_false(utf8_valid((struct bytes){EURO, 2}, &bad_at));
	assert_int_equal(utf8_first((struct bytes){EURO, 3}).code, 0x20ac);
	assert_int_equal(utf8_first((struct bytes){EURO, 1}).size, 0);
	static const uint8_t ZERO[] = {'a', 0, 'b'};
	assert_true(utf8_valid((struct bytes){ZERO, 3}, &bad_at));
}

static void cleans_what_a_terminal_would_obey(void **state)
{
	(void)state;
	static const char *const CASES[][2] = {
		{"", ""},
		{"caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac"},
		{"a\nb\r\tc\x1b[31m", "a?b??c?[31m"},
		{"\x7f\xc2\x9b"
	     "2J",
	     "??2J"}, /* DEL and the C1 form of ESC [ */
		{"\xff\xc3", "??"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		char text[32];
		memcpy(text, CASES[i][0], strlen(CASES[i][0]) + 1);
		utf8_clean(text);
		assert_string_equal(text, CASES[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_characters_and_where_they_end),
		cmocka_unit_test(does_not_read_beyond_the_end),
		cmocka_unit_test(cleans_what_a_terminal_would_obey),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

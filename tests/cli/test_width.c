/* Columns of a terminal, which are neither octets nor characters. */
#include "width.h"

#include "check.h"

#include <string.h>

static void widths_are_those_of_a_terminal(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t width;
	} ROWS[] = {
		{"", 0},
		{"hangzhou", 8},
		{"caf\u00e9", 4},    /* one character of two octets */
		{"cafe\u0301", 4},   /* an accent of its own takes no column */
		{"\u676d\u5dde", 4}, /* Hangzhou in its own letters: two columns each */
		{"\uff21", 2},       /* a wide A */
		{"\U0001f600", 2},   /* an emoji */
		{"\u2026", 1},       /* an ellipsis */
		{"a\xff"
	     "b",
	     3}, /* no UTF-8: an octet is a column */
	};
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
		assert_int_equal(width_of(ROWS[i].text), ROWS[i].width);
}

static void a_cut_never_halves_a_character(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t room, octets, width;
	} ROWS[] = {
		{"hangzhou", 3, 3, 3},     {"hangzhou", 80, 8, 8},    {"\u676d\u5dde", 4, 6, 4},
		{"\u676d\u5dde", 3, 3, 2}, {"\u676d\u5dde", 1, 0, 0}, {"cafe\u0301", 4, 6, 4},
		{"caf\u00e9", 3, 3, 3},
	};
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		size_t width = ROWS[i].room;
		assert_int_equal(width_cut(ROWS[i].text, &width), ROWS[i].octets);
		assert_int_equal(width, ROWS[i].width);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths_are_those_of_a_terminal),
		cmocka_unit_test(a_cut_never_halves_a_character),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A cursor is read as it was written, and any other text is none. */
#include "cursor.h"

#include "check.h"

#include <string.h>

static const struct {
	struct cursor cursor;
	const char *text;
} GOOD[] = {
	{{0, 0, 0}, "0.0.0"},
	{{0xabc, 18, 7}, "abc.12.7"},
	{{UINT64_MAX, UINT32_MAX, UINT64_MAX}, "ffffffffffffffff.ffffffff.ffffffffffffffff"},
};

static void what_is_written_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
		char text[CURSOR_SIZE];
		struct cursor read = {1, 1, 1};
		cursor_write(&GOOD[i].cursor, text);
		assert_string_equal(text, GOOD[i].text);
		assert_true(cursor_read(text, &read));
		assert_true(read.run == GOOD[i].cursor.run && read.changes == GOOD[i].cursor.changes &&
		            read.look == GOOD[i].cursor.look);
	}
}

static void anything_else_is_none(void **state)
{
	(void)state;
	static const char *const BAD[] = {
		"",
		".",
		"..",
		"1",
		"1.",
		"1.2",
		"1.2.",
		"1.2.3.",
		" 1.2.3",
		"1.2.3 ",
		"-1.2.3",
		"+1.2.3",
		"1.-2.3",
		"0x1.2.3",
		"1.2.G",
		"1.2.A",
		"01.2.3",
		"1.02.3",
		"1.100000000.3",
		"10000000000000000.1.1",
		"1.1.10000000000000000",
		"\xff.1.1",
	};
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		struct cursor read = {4, 5, 6};
		assert_false(cursor_read(BAD[i], &read));
		assert_true(read.run == 4 && read.changes == 5 && read.look == 6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(anything_else_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

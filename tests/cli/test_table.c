/* Tables on terminals of every width: no line is wider, and nothing that must be read is lost. */
#include "table.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static const char TITLES[] = "NAME\0STATUS\0ADDRESSES";
static const char SHORT[] = "beijing\0Ready\0"
							"192.0.2.1";
static const char LONG[] = "hangzhou\0NotReady,Withdrawn\0"
						   "192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5";
static const char WIDE[] =
	"\u676d\u5dde\u5e02\0Ready\0"
	"\u676d\u5dde\u5e02\u676d\u5dde\u5e02\u676d\u5dde\u5e02\u676d\u5dde\u5e02";

/* What is printed of the lines at that width. Malloc'd. */
static char *printed(size_t width_max, const char *const *lines, size_t count, struct table *table)
{
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	*table = (struct table){.column_count = 3, .width_max = width_max};
	table_measure(table, TITLES);
	for (size_t i = 0; i < count; i++)
		table_measure(table, lines[i]);
	table_settle(table);
	table_titles_print(table, TITLES, to);
	for (size_t i = 0; i < count; i++)
		table_print(table, TITLES, lines[i], to);
	assert_int_equal(fclose(to), 0);
	return text;
}

static void without_a_terminal_nothing_is_cut(void **state)
{
	(void)state;
	struct table table;
	const char *const lines[] = {SHORT, LONG};
	char *text = printed(0, lines, 2, &table);
	assert_string_equal(text, "NAME       STATUS               ADDRESSES\n"
	                          "beijing    Ready                192.0.2.1\n"
	                          "hangzhou   NotReady,Withdrawn   "
	                          "192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5\n");
	free(text);
}

static void the_widest_cells_are_cut_first(void **state)
{
	(void)state;
	struct table table;
	const char *const lines[] = {SHORT, LONG};
	char *text = printed(52, lines, 2, &table);
	assert_string_equal(text, "NAME      STATUS              ADDRESSES\n"
	                          "beijing   Ready               192.0.2.1\n"
	                          "hangzhou  NotReady,Withdrawn  192.0.2.1,192.0.2.2...\n");
	free(text);
}

static void where_cells_would_say_too_little_a_row_is_a_paragraph(void **state)
{
	(void)state;
	struct table table;
	const char *const lines[] = {LONG};
	char *text = printed(40, lines, 1, &table);
	assert_string_equal(text, "NAME       hangzhou\n"
	                          "STATUS     NotReady,Withdrawn\n"
	                          "ADDRESSES  192.0.2.1,192.0.2.2,192.0.2.3\n"
	                          "           ,192.0.2.4,192.0.2.5\n\n");
	free(text);
}

/* Each line's width, whatever the terminal's: down to the least that a paragraph needs. */
static void no_line_is_wider_than_the_terminal(void **state)
{
	(void)state;
	struct table table;
	const char *const lines[] = {SHORT, LONG, WIDE};
	for (size_t width = 26; width < 120; width++) {
		char *rest, *text = printed(width, lines, 3, &table);
		for (char *line = strtok_r(text, "\n", &rest); line != NULL;
		     line = strtok_r(NULL, "\n", &rest))
			assert_true(width_of(line) <= width);
		free(text);
	}
}

static void letters_of_two_columns_keep_the_columns_straight(void **state)
{
	(void)state;
	struct table table;
	const char *const lines[] = {SHORT, WIDE};
	char *text = printed(0, lines, 2, &table);
	const char *line = strchr(strchr(text, '\n') + 1, '\n') + 1;
	assert_memory_equal(line, "\u676d\u5dde\u5e02    Ready    ", 22);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_terminal_nothing_is_cut),
		cmocka_unit_test(the_widest_cells_are_cut_first),
		cmocka_unit_test(where_cells_would_say_too_little_a_row_is_a_paragraph),
		cmocka_unit_test(no_line_is_wider_than_the_terminal),
		cmocka_unit_test(letters_of_two_columns_keep_the_columns_straight),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

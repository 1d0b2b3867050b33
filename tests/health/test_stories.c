/* Each file of tests/cases/health is a story: played as it is told, and again with a restart at
 * each of its moments. A name as argument plays that one alone. */
#include "story.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER          TESTS_DIR "/cases/health"
#define STORIES_MIN     60
#define STORY_SUFFIX    ".story"
#define STORY_NAME_ROOM 256

static const char *only; /* NULL: all */

static int is_story(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name), suffix = strlen(STORY_SUFFIX);
	return size > suffix && strcmp(entry->d_name + size - suffix, STORY_SUFFIX) == 0 &&
	       (only == NULL || strncmp(entry->d_name, only, strlen(only)) == 0);
}

struct count {
	size_t stories, plays, bad, told, settled;
};

static void story_try(const char *name, struct count *count)
{
	static struct story story;
	char path[4096];
	(void)snprintf(path, sizeof path, "%s/%s", FOLDER, name);
	assert_true(story_read(path, name, &story));
	size_t told = 0;
	count->stories++;
	count->bad += !story_play(&story, 0, &told);
	if (told == 0) {
		print_error("%s: it expects nothing\n", name);
		count->bad++;
	}
	count->told += told;
	for (size_t restart = 1; restart <= story.moments; restart++)
		count->bad += !story_play(&story, restart, &count->settled);
	count->plays += 1 + story.moments;
}

static void every_story_comes_out_as_told(void **state)
{
	(void)state;
	struct count count = {0};
	struct dirent **entries;
	int found = scandir(FOLDER, &entries, is_story, alphasort);
	assert_true(found > 0);
	for (int i = 0; i < found; i++) {
		story_try(entries[i]->d_name, &count);
		free(entries[i]);
	}
	free(entries);
	print_message("%zu stories, played %zu times: %zu expectations, %zu after restarts\n",
	              count.stories, count.plays, count.told, count.settled);
	assert_int_equal(count.bad, 0);
	assert_true(only != NULL || (count.stories >= STORIES_MIN && count.settled > 0));
}

/* --- the tables of the room's README ------------------------------------------------------ */

#define README       TESTS_DIR "/../src/health/README.md"
#define ROWS_MIN     40
#define ROW_SIZE_MAX 1024

static bool is_there(const char *name, size_t size)
{
	char path[4096];
	(void)snprintf(path, sizeof path, "%s/%.*s%s", FOLDER, (int)size, name, STORY_SUFFIX);
	FILE *file = fopen(path, "re");
	if (file != NULL)
		(void)fclose(file);
	return file != NULL;
}

/* Each `name` in the last column; "`failback-manual-...`" stands for several. Returns how many. */
static size_t row_check(const char *cell)
{
	size_t names = 0;
	for (const char *at = strchr(cell, '`'); at != NULL; at = strchr(at, '`')) {
		const char *name = at + 1, *end = strchr(name, '`');
		assert_non_null(end);
		bool several = strncmp(end - 3, "\xe2\x80\xa6", 3) == 0;
		if (!several && !is_there(name, (size_t)(end - name)))
			fail_msg("README.md names no story: %.*s", (int)(end - name), name);
		names++;
		at = end + 1;
	}
	return names;
}

/* The last column of a row of a table with stories, or NULL. */
static const char *story_cell(char *line, bool *table)
{
	size_t size = strcspn(line, "\n");
	line[size] = '\0';
	if (line[0] != '|') {
		*table = false;
		return NULL;
	}
	char *end = strrchr(line, '|');
	*end = '\0';
	const char *cell = strrchr(line, '|');
	if (strcmp(cell, "| shown by ") == 0)
		*table = true;
	return *table && strchr("- ", cell[1]) != NULL && strcmp(cell, "| shown by ") != 0 &&
	               strncmp(cell, "|--", 3) != 0
	           ? cell
	           : NULL;
}

static void every_row_of_the_tables_is_a_story(void **state)
{
	(void)state;
	char line[ROW_SIZE_MAX];
	size_t rows = 0;
	bool table = false;
	FILE *file = fopen(README, "re");
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL) {
		const char *cell = story_cell(line, &table);
		if (cell == NULL)
			continue;
		if (row_check(cell) == 0)
			fail_msg("README.md: a row that nothing shows: %s", line);
		rows++;
	}
	(void)fclose(file);
	assert_in_range(rows, ROWS_MIN, 1000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_story_comes_out_as_told),
		cmocka_unit_test(every_row_of_the_tables_is_a_story),
	};
	only = argc > 1 ? argv[1] : NULL;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_story_comes_out_as_told),
	};
	only = argc > 1 ? argv[1] : NULL;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

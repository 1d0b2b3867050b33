/* story: a file that says what happens to a federation, and what is answered then.
 *
 * tests/cases/health/README.md has the words.
 */
#ifndef FEDNS_TESTS_HEALTH_STORY_H
#define FEDNS_TESTS_HEALTH_STORY_H

#include "scene.h"

#define STORY_SIZE_MAX  65536
#define STORY_LINES_MAX 512

struct story {
	const char *name;
	char text[STORY_SIZE_MAX];
	char *lines[STORY_LINES_MAX];
	size_t line_count;
	size_t moments; /* lines `at` */
};

/** Read a file; false: it can't be read. */
bool story_read(const char *path, const char *name, struct story *out);

/**
 * Play it. With `restart` of 1.. fedns restarts in the middle of the time before the `restart`-th
 * `at`; then only what follows a `settled` is expected, if the restart is long enough ago. Returns
 * whether all came out as told; it prints what did not. `*expected` grows by the expectations that
 * were looked at.
 */
bool story_play(const struct story *story, size_t restart, size_t *expected);

#endif

/* folder: a temporary folder for one test, and the few things done in it. */
#ifndef FEDNS_TESTS_SOURCE_FOLDER_H
#define FEDNS_TESTS_SOURCE_FOLDER_H

#include "check.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
	char path[64];
};

static inline void folder_make(struct folder *folder)
{
	(void)snprintf(folder->path, sizeof folder->path, "/tmp/fedns-test-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
}

static inline int folder_drop(const char *path, const struct stat *status, int type, struct FTW *at)
{
	(void)status;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void folder_remove(const struct folder *folder)
{
	assert_int_equal(nftw(folder->path, folder_drop, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* The path of `name` in the folder, in one of eight static places. */
static inline const char *folder_path(const struct folder *folder, const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 8];
	(void)snprintf(path, PATH_MAX, "%s/%s", folder->path, name);
	return path;
}

static inline void folder_write(const struct folder *folder, const char *name, const char *text)
{
	FILE *file = fopen(folder_path(folder, name), "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

#endif

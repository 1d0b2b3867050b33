/* watch_dirs: which directories decide what a path leads to. */
#ifndef FEDNS_SOURCE_WATCH_DIRS_H
#define FEDNS_SOURCE_WATCH_DIRS_H

#include "fedns/base.h"

#include <limits.h>

/* A ConfigMap needs three; what lies beyond is left to the slow poll. */
#define WATCH_DIRS_MAX 16
/* As many as Linux follows (path_resolution(7)). */
#define WATCH_HOPS_MAX 40

/** Absolute paths without symbolic links in them, each once. */
struct watch_dirs {
	size_t count;
	char paths[WATCH_DIRS_MAX][PATH_MAX];
};

/**
 * Walk `path` (absolute) as the kernel does, and note each directory in which a symbolic link of
 * the way stands, and the one of the real file. Where the way ends early, the last directory that
 * exists is noted. Never fails: what can't be read is left out.
 */
void watch_dirs_find(const char *path, struct watch_dirs *out);

#endif

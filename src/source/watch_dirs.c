#include "watch_dirs.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A way half gone: `real` exists and has no links in it, `rest` is to come. */
struct way {
	char real[PATH_MAX]; /* "" stands for the root */
	char rest[PATH_MAX];
	unsigned hops;
};

static void note(struct watch_dirs *dirs, const char *real)
{
	const char *path = real[0] == '\0' ? "/" : real;
	for (size_t i = 0; i < dirs->count; i++) {
		if (strcmp(dirs->paths[i], path) == 0)
			return;
	}
	if (dirs->count < WATCH_DIRS_MAX)
		memcpy(dirs->paths[dirs->count++], path, strlen(path) + 1);
}

/* Take the next component of `rest`; false: the way is at its end, or the component is too long. */
static bool next_component(struct way *way, char *component)
{
	const char *begin = way->rest + strspn(way->rest, "/");
	size_t size = strcspn(begin, "/");
	if (size == 0 || size > NAME_MAX)
		return false;
	memcpy(component, begin, size);
	component[size] = '\0';
	memmove(way->rest, begin + size, strlen(begin + size) + 1);
	return true;
}

static void go_up(struct way *way)
{
	char *slash = strrchr(way->real, '/');
	if (slash != NULL)
		*slash = '\0';
}

/* Follow the link `target` that stands in `real`. */
static bool follow(struct way *way, const char *target, size_t size)
{
	size_t rest = strlen(way->rest);
	if (++way->hops > WATCH_HOPS_MAX || size + rest + 1 > sizeof way->rest)
		return false;
	memmove(way->rest + size, way->rest, rest + 1);
	memcpy(way->rest, target, size);
	if (target[0] == '/')
		way->real[0] = '\0';
	return true;
}

/* One step; false: the way ends here. */
static bool step(struct way *way, const char *component, struct watch_dirs *dirs)
{
	if (strcmp(component, ".") == 0)
		return true;
	if (strcmp(component, "..") == 0) {
		go_up(way);
		return true;
	}
	size_t parent = strlen(way->real), size = strlen(component);
	if (parent + size + 2 > sizeof way->real)
		return false;
	way->real[parent] = '/';
	memcpy(way->real + parent + 1, component, size + 1);
	struct stat status;
	bool there = lstat(way->real, &status) == 0;
	char target[PATH_MAX];
	ssize_t target_size =
		there && S_ISLNK(status.st_mode) ? readlink(way->real, target, sizeof target) : -1;
	if (there && S_ISDIR(status.st_mode))
		return true;
	/* A link, the file itself, or nothing (yet): its directory tells when that changes. */
	way->real[parent] = '\0';
	note(dirs, way->real);
	return target_size > 0 && follow(way, target, (size_t)target_size);
}

void watch_dirs_find(const char *path, struct watch_dirs *out)
{
	assert(path[0] == '/');
	out->count = 0;
	struct way way = {.hops = 0};
	size_t size = strlen(path);
	if (size >= sizeof way.rest)
		return;
	memcpy(way.rest, path, size + 1);
	char component[NAME_MAX + 1];
	while (next_component(&way, component)) {
		if (!step(&way, component, out))
			return;
	}
	note(out, way.real); /* the path is a directory */
}

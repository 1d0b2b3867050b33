/* The watch of one file: inotify through libuv on the directories that decide what the path leads
 * to, and a slow poll beside it. */
#include "fedns/source.h"
#include "watch_dirs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A burst is over after this much quiet; a writer that never pauses is looked at this often. */
#define QUIET_MS     30
#define BURST_MS_MAX 120
/* For file systems without inotify (NFS, some FUSE), and for directories above the watched ones. */
#define POLL_MS 1000

/*
 * Two writes within one tick of the file system's clock (10 ms at most on Linux) leave the same
 * times. A file that was modified less than this ago may change again unseen, so the next event
 * counts as a change.
 */
#define DOUBT_MS 20

/* What tells one state of a file from another. All zero: it isn't there. */
struct identity {
	uint64_t device, inode, size;
	int64_t modified_s, modified_ns, changed_s, changed_ns;
};

/* One watched directory: a heap block that its close callback frees. */
struct dir {
	uv_fs_event_t handle;
	struct file_watch *watch;
};

struct file_watch {
	uv_loop_t *loop;
	file_changed *changed;
	void *arg;
	uv_timer_t quiet, poll;
	uint64_t burst_ms; /* loop time of the burst's first event; 0: no burst */
	struct identity last;
	bool doubt; /* `last` may not tell the next change */
	struct dir *dirs[WATCH_DIRS_MAX];
	size_t dir_count;
	size_t handles; /* open or closing; at 0 the block is freed */
	bool closing;
	struct watch_dirs found; /* scratch */
	char path[PATH_MAX];     /* absolute */
};

static struct identity identify(const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return (struct identity){0};
	return (struct identity){
		.device = (uint64_t)status.st_dev,
		.inode = (uint64_t)status.st_ino,
		.size = (uint64_t)status.st_size,
		.modified_s = status.st_mtim.tv_sec,
		.modified_ns = status.st_mtim.tv_nsec,
		.changed_s = status.st_ctim.tv_sec,
		.changed_ns = status.st_ctim.tv_nsec,
	};
}

static bool same(const struct identity *a, const struct identity *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified_s == b->modified_s && a->modified_ns == b->modified_ns &&
	       a->changed_s == b->changed_s && a->changed_ns == b->changed_ns;
}

/* Was the file modified so shortly ago that its times may not tell the next change? */
static bool doubtful(const struct identity *identity)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	int64_t age_ms = (now.tv_sec - identity->modified_s) * 1000 +
	                 (now.tv_nsec - identity->modified_ns) / 1000000;
	return age_ms >= 0 && age_ms < DOUBT_MS;
}

static void handle_closed(struct file_watch *watch)
{
	assert(watch->handles > 0);
	if (--watch->handles == 0)
		free(watch);
}

static void on_timer_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

static void on_dir_closed(uv_handle_t *handle)
{
	struct dir *dir = handle->data;
	handle_closed(dir->watch);
	free(dir);
}

static void dirs_close(struct dir **dirs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		uv_close((uv_handle_t *)&dirs[i]->handle, on_dir_closed);
}

static void on_quiet(uv_timer_t *timer);

/* Something moved: look once it is quiet. */
static void stir(struct file_watch *watch)
{
	uint64_t now_ms = uv_now(watch->loop);
	if (watch->burst_ms == 0)
		watch->burst_ms = now_ms == 0 ? 1 : now_ms;
	uint64_t gone_ms = now_ms > watch->burst_ms ? now_ms - watch->burst_ms : 0;
	uint64_t left_ms = gone_ms < BURST_MS_MAX ? BURST_MS_MAX - gone_ms : 0;
	int status =
		uv_timer_start(&watch->quiet, on_quiet, left_ms < QUIET_MS ? left_ms : QUIET_MS, 0);
	assert(status == 0); /* fails on closing handles only */
	(void)status;
}

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
	(void)name;
	(void)events;
	(void)status; /* an error stirs as well: the look arms anew */
	const struct dir *dir = handle->data;
	if (!dir->watch->closing)
		stir(dir->watch);
}

/* Watch one directory; without memory, or where the system refuses, the poll has to do. */
static struct dir *dir_open(struct file_watch *watch, const char *path)
{
	struct dir *dir = malloc(sizeof *dir);
	if (dir == NULL)
		return NULL;
	*dir = (struct dir){.watch = watch};
	if (uv_fs_event_init(watch->loop, &dir->handle) != 0) {
		free(dir);
		return NULL;
	}
	dir->handle.data = dir;
	watch->handles++;
	if (uv_fs_event_start(&dir->handle, on_event, path, 0) != 0) {
		uv_close((uv_handle_t *)&dir->handle, on_dir_closed);
		return NULL;
	}
	return dir;
}

/*
 * Watch the directories of the path as it leads now. All are opened anew, the old ones closed
 * afterwards: a directory that was replaced by one of the same name and inode number has a dead
 * watch that nothing else shows.
 */
static void arm(struct file_watch *watch)
{
	struct dir *old[WATCH_DIRS_MAX];
	size_t old_count = watch->dir_count;
	memcpy(old, watch->dirs, old_count * sizeof old[0]);
	watch->dir_count = 0;
	watch_dirs_find(watch->path, &watch->found);
	for (size_t i = 0; i < watch->found.count; i++) {
		struct dir *dir = dir_open(watch, watch->found.paths[i]);
		if (dir != NULL)
			watch->dirs[watch->dir_count++] = dir;
	}
	dirs_close(old, old_count);
}

static void on_quiet(uv_timer_t *timer)
{
	struct file_watch *watch = timer->data;
	watch->burst_ms = 0;
	arm(watch); /* before the look: what changes after it is an event again */
	struct identity now = identify(watch->path);
	if (same(&now, &watch->last) && !watch->doubt)
		return;
	watch->last = now;
	watch->doubt = doubtful(&now);
	watch->changed(watch->arg);
}

static void on_poll(uv_timer_t *timer)
{
	struct file_watch *watch = timer->data;
	struct identity now = identify(watch->path);
	if (!same(&now, &watch->last) && watch->burst_ms == 0)
		stir(watch);
}

/* `path` as an absolute one: the program may change its directory later. */
static enum err make_absolute(struct file_watch *watch, const char *path, struct why *why)
{
	size_t used = 0, size = strlen(path);
	if (path[0] != '/') {
		if (getcwd(watch->path, sizeof watch->path) == NULL) {
			why_set(why, "%s: the working directory is gone", path);
			return ERR_IO;
		}
		used = strlen(watch->path);
		if (used + 1 < sizeof watch->path)
			watch->path[used++] = '/';
	}
	if (size == 0 || used + size >= sizeof watch->path) {
		why_set(why, "%s: not a path that can be watched: %zu octets", path, size);
		return ERR_IO;
	}
	memcpy(watch->path + used, path, size + 1);
	return ERR_OK;
}

static void timers_start(struct file_watch *watch)
{
	int status = uv_timer_init(watch->loop, &watch->quiet);
	status |= uv_timer_init(watch->loop, &watch->poll);
	watch->quiet.data = watch->poll.data = watch;
	watch->handles += 2;
	status |= uv_timer_start(&watch->poll, on_poll, POLL_MS, POLL_MS);
	assert(status == 0); /* documented to fail on closing handles only */
	(void)status;
}

enum err file_watch_new(uv_loop_t *loop, const char *path, file_changed *changed, void *arg,
                        struct file_watch **out, struct why *why)
{
	assert(loop != NULL && path != NULL && changed != NULL && out != NULL);
	*out = NULL;
	struct file_watch *watch = calloc(1, sizeof *watch);
	if (watch == NULL) {
		why_set(why, "%s: no memory to watch it", path);
		return ERR_NOMEM;
	}
	watch->loop = loop;
	watch->changed = changed;
	watch->arg = arg;
	enum err err = make_absolute(watch, path, why);
	if (err != ERR_OK) {
		free(watch);
		return err;
	}
	timers_start(watch);
	arm(watch);
	watch->last = identify(watch->path);
	watch->doubt = doubtful(&watch->last);
	*out = watch;
	return ERR_OK;
}

void file_watch_free(struct file_watch *watch)
{
	if (watch == NULL)
		return;
	assert(!watch->closing);
	watch->closing = true;
	dirs_close(watch->dirs, watch->dir_count);
	uv_close((uv_handle_t *)&watch->quiet, on_timer_closed);
	uv_close((uv_handle_t *)&watch->poll, on_timer_closed);
}

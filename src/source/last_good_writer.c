/* The writer of the last-known-good file: a temporary file filled slice by slice, fsync, rename,
 * fsync of the directory.
 *
 *     IDLE --timer--> WRITE (slice, slice, ...) --> SYNC --rename--> SYNC_DIR
 *       ^---------------------------- CLOSE_OLD <-----------------------'
 *
 * Slices are made on the loop, about SLICE_NS of work each; write and fsync run in libuv's threads.
 * The model may change between slices: each object in the file is whole, and the change makes the
 * writer dirty again, so that a file of two moments is soon followed by one of the last.
 */
#include "decode.h"
#include "emit.h"
#include "last_good.h"

#include "fedns/told.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SLICE_NS    1000000 /* of one loop turn; the loop publishes changes within milliseconds */
#define DEBOUNCE_MS 500     /* changes come in groups */
#define PAUSE_MS    5000    /* between two writes: 35 MB at 100,000 services */

enum step { STEP_IDLE, STEP_WRITE, STEP_SYNC, STEP_SYNC_DIR, STEP_CLOSE_OLD };

struct last_good_writer {
	uv_loop_t *loop;
	const struct model *model;
	const struct log *log;
	uv_timer_t timer;
	uv_fs_t request; /* in flight unless STEP_IDLE */
	enum step step;
	int fd;
	int old_fd; /* the file that was replaced: see on_synced() */
	struct emit emit;
	size_t written; /* octets of emit.slice */
	bool dirty;     /* something is not in the file, nor being written */
	bool abandoned; /* a flush overtook the write in flight */
	bool failing;   /* and that was logged */
	struct told reasons;
	bool closing, timer_closed;
	uint32_t serial;
	uint64_t next_ms; /* loop time before which no write begins */
	char dir[PATH_MAX], path[PATH_MAX], path_new[PATH_MAX], path_flush[PATH_MAX];
};

static void write_more(struct last_good_writer *writer);

static int64_t wall_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	int64_t ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	return ms > 0 ? ms : 1;
}

static void on_timer(uv_timer_t *timer);

static void schedule(struct last_good_writer *writer)
{
	uint64_t now_ms = uv_now(writer->loop), wait_ms = DEBOUNCE_MS;
	if (writer->step != STEP_IDLE || uv_is_active((uv_handle_t *)&writer->timer))
		return;
	if (writer->next_ms > now_ms + wait_ms)
		wait_ms = writer->next_ms - now_ms;
	int status = uv_timer_start(&writer->timer, on_timer, wait_ms, 0);
	assert(status == 0); /* fails on closing handles only */
	(void)status;
}

/* Tell a failure once, and another reason, until it works again. */
static void failed(struct last_good_writer *writer, const char *doing, int error)
{
	struct why why;
	why_set(&why, "%s: %s", doing, strerror(error));
	if (told_is_news(&writer->reasons, why.text, (int64_t)uv_now(writer->loop)))
		log_write(writer->log, LOG_ERROR, "source", "%s: %s; it is tried again", writer->path,
		          why.text);
	writer->failing = true;
	writer->dirty = true;
}

static void succeeded(struct last_good_writer *writer)
{
	if (writer->failing)
		log_write(writer->log, LOG_INFO, "source", "%s: it is written again", writer->path);
	writer->failing = false;
	told_forget(&writer->reasons);
	if (writer->emit.left_out != 0)
		log_write(writer->log, LOG_WARN, "source",
		          "%s: %zu objects are left out: above %zu octets, or above %zu with all before",
		          writer->path, writer->emit.left_out, STATE_OBJECT_SIZE_MAX, STATE_FILE_SIZE_MAX);
}

static void release(struct last_good_writer *writer)
{
	if (writer->timer_closed && writer->step == STEP_IDLE)
		free(writer);
}

/* The asynchronous write is over, one way or the other. */
static void finish(struct last_good_writer *writer)
{
	if (writer->fd >= 0)
		(void)close(writer->fd);
	if (writer->old_fd >= 0)
		(void)close(writer->old_fd);
	writer->fd = writer->old_fd = -1;
	emit_clear(&writer->emit);
	writer->step = STEP_IDLE;
	writer->abandoned = false;
	writer->next_ms = uv_now(writer->loop) + PAUSE_MS;
	if (writer->closing)
		release(writer);
	else if (writer->dirty)
		schedule(writer);
}

static void give_up(struct last_good_writer *writer, const char *doing, int error)
{
	if (doing != NULL)
		failed(writer, doing, error);
	if (writer->step == STEP_IDLE || writer->step == STEP_WRITE || writer->step == STEP_SYNC)
		(void)unlink(writer->path_new);
	finish(writer);
}

/* The result of the request in flight. False: the write is over, and finished. */
static bool collect(struct last_good_writer *writer, const char *doing, ssize_t *result)
{
	*result = writer->request.result;
	uv_fs_req_cleanup(&writer->request);
	if (writer->closing || writer->abandoned)
		give_up(writer, NULL, 0);
	else if (*result < 0)
		give_up(writer, doing, (int)-*result);
	else
		return true;
	return false;
}

static void on_old_closed(uv_fs_t *request)
{
	struct last_good_writer *writer = request->data;
	uv_fs_req_cleanup(request);
	finish(writer);
}

static void on_dir_synced(uv_fs_t *request)
{
	struct last_good_writer *writer = request->data;
	ssize_t result;
	if (!collect(writer, "fsync of the directory", &result))
		return;
	succeeded(writer);
	writer->step = STEP_CLOSE_OLD;
	if (writer->old_fd < 0 ||
	    uv_fs_close(writer->loop, &writer->request, writer->old_fd, on_old_closed) != 0)
		finish(writer);
	else
		writer->old_fd = -1;
}

static void on_synced(uv_fs_t *request)
{
	struct last_good_writer *writer = request->data;
	ssize_t result;
	if (!collect(writer, "fsync", &result))
		return;
	(void)close(writer->fd);
	writer->fd = -1;
	/* Held open, the old file's 35 MB are freed by a thread's close and not by this rename. */
	writer->old_fd = open(writer->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	/* Here and not in a thread: a flush must never be overtaken by an older file's rename. */
	if (rename(writer->path_new, writer->path) != 0) {
		give_up(writer, "rename", errno);
		return;
	}
	writer->step = STEP_SYNC_DIR;
	writer->fd = open(writer->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (writer->fd < 0) {
		give_up(writer, "open the directory", errno);
		return;
	}
	int status = uv_fs_fsync(writer->loop, &writer->request, writer->fd, on_dir_synced);
	if (status != 0)
		give_up(writer, "fsync of the directory", -status);
}

static void sync_file(struct last_good_writer *writer)
{
	writer->step = STEP_SYNC;
	int status = uv_fs_fsync(writer->loop, &writer->request, writer->fd, on_synced);
	if (status != 0)
		give_up(writer, "fsync", -status);
}

static void on_written(uv_fs_t *request)
{
	struct last_good_writer *writer = request->data;
	ssize_t result;
	if (!collect(writer, "write", &result))
		return;
	writer->written += (size_t)result;
	write_more(writer);
}

/* Write what is left of the slice, or make the next one. */
static void write_more(struct last_good_writer *writer)
{
	struct emit *emit = &writer->emit;
	if (writer->written == emit->slice.size && emit->part == EMIT_DONE) {
		sync_file(writer);
		return;
	}
	if (writer->written == emit->slice.size) {
		writer->written = 0;
		if (emit_slice(emit, uv_hrtime() + SLICE_NS) != ERR_OK) {
			give_up(writer, "write", ENOMEM);
			return;
		}
	}
	/* An empty slice is written as well: its callback is the next loop turn. */
	uv_buf_t rest = uv_buf_init((char *)emit->slice.data + writer->written,
	                            (unsigned)(emit->slice.size - writer->written));
	int status = uv_fs_write(writer->loop, &writer->request, writer->fd, &rest, 1, -1, on_written);
	if (status != 0)
		give_up(writer, "write", -status);
}

static int open_new(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
}

static void on_timer(uv_timer_t *timer)
{
	struct last_good_writer *writer = timer->data;
	assert(writer->step == STEP_IDLE && writer->dirty);
	emit_init(&writer->emit, writer->model, wall_ms(), writer->serial);
	writer->fd = open_new(writer->path_new);
	if (writer->fd < 0) {
		give_up(writer, "open", errno);
		return;
	}
	writer->step = STEP_WRITE;
	writer->written = 0;
	writer->dirty = false;
	write_more(writer);
}

/* DIR itself may be missing, what is above it may not. */
static enum err make_paths(struct last_good_writer *writer, const char *dir, struct why *why)
{
	if (mkdir(dir, 0750) != 0 && errno != EEXIST) {
		why_set(why, "%s: create: %s", dir, strerror(errno));
		return ERR_IO;
	}
	/* Absolute, for the program may change its directory. */
	if (realpath(dir, writer->dir) == NULL) {
		why_set(why, "%s: %s", dir, strerror(errno));
		return ERR_IO;
	}
	int sizes[] = {
		snprintf(writer->path, PATH_MAX, "%s/%s", writer->dir, LAST_GOOD_FILE),
		snprintf(writer->path_new, PATH_MAX, "%s/%s.new", writer->dir, LAST_GOOD_FILE),
		snprintf(writer->path_flush, PATH_MAX, "%s/%s.last", writer->dir, LAST_GOOD_FILE)};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		if (sizes[i] < 0 || sizes[i] >= PATH_MAX) {
			why_set(why, "%s: too long for a path", dir);
			return ERR_IO;
		}
	}
	return ERR_OK;
}

enum err last_good_writer_new(uv_loop_t *loop, const char *dir, const struct model *model,
                              const struct log *log, struct last_good_writer **out, struct why *why)
{
	assert(loop != NULL && dir != NULL && model != NULL && log != NULL && out != NULL);
	*out = NULL;
	struct last_good_writer *writer = calloc(1, sizeof *writer);
	if (writer == NULL) {
		why_set(why, "%s: no memory for its writer", dir);
		return ERR_NOMEM;
	}
	enum err err = make_paths(writer, dir, why);
	if (err != ERR_OK) {
		free(writer);
		return err;
	}
	writer->loop = loop;
	writer->model = model;
	writer->log = log;
	writer->fd = writer->old_fd = -1;
	writer->request.data = writer->timer.data = writer;
	int status = uv_timer_init(loop, &writer->timer);
	assert(status == 0); /* cannot fail in libuv 1.x */
	(void)status;
	writer->timer.data = writer;
	*out = writer;
	return ERR_OK;
}

void last_good_writer_dirty(struct last_good_writer *writer, uint32_t serial)
{
	assert(!writer->closing);
	writer->serial = serial;
	writer->dirty = true;
	schedule(writer);
}

static bool write_whole(int fd, struct bytes text)
{
	while (text.size != 0) {
		ssize_t done = write(fd, text.data, text.size);
		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			text.data += done;
			text.size -= (size_t)done;
		}
	}
	return true;
}

/* All of the file at once, into path_flush. */
static bool flush_file(struct last_good_writer *writer, struct emit *emit)
{
	int fd = open_new(writer->path_flush);
	if (fd < 0)
		return false;
	bool good = true;
	while (good && emit->part != EMIT_DONE) {
		if (emit_slice(emit, UINT64_MAX) != ERR_OK) {
			errno = ENOMEM;
			good = false;
		} else {
			good = write_whole(fd, buf_bytes(&emit->slice));
		}
	}
	good = good && fsync(fd) == 0;
	int error = errno;
	if (close(fd) != 0 && good)
		return false;
	errno = error;
	return good && rename(writer->path_flush, writer->path) == 0;
}

static void flush_dir(const struct last_good_writer *writer)
{
	int fd = open(writer->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd); /* best effort: the file itself is safe */
	(void)close(fd);
}

void last_good_writer_flush(struct last_good_writer *writer)
{
	assert(!writer->closing);
	bool halfway = writer->step == STEP_WRITE || writer->step == STEP_SYNC;
	if (!writer->dirty && !halfway)
		return;
	writer->abandoned = halfway;
	(void)uv_timer_stop(&writer->timer);
	struct emit emit;
	emit_init(&emit, writer->model, wall_ms(), writer->serial);
	if (flush_file(writer, &emit)) {
		flush_dir(writer);
		writer->dirty = false;
	} else {
		failed(writer, "write", errno);
		(void)unlink(writer->path_flush);
		schedule(writer);
	}
	emit_clear(&emit);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct last_good_writer *writer = handle->data;
	writer->timer_closed = true;
	release(writer);
}

void last_good_writer_free(struct last_good_writer *writer)
{
	if (writer == NULL)
		return;
	assert(!writer->closing);
	writer->closing = true;
	/*
	 * What runs already can't be cancelled and ends in its callback; a cancelled close would leak.
	 */
	if (writer->step != STEP_IDLE && writer->step != STEP_CLOSE_OLD)
		(void)uv_cancel((uv_req_t *)&writer->request);
	uv_close((uv_handle_t *)&writer->timer, on_timer_closed);
}

#include "fedns/source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err system_error(const char *path, const char *doing, struct why *why)
{
	why_set(why, "%s: %s: %s", path, doing, strerror(errno));
	return ERR_IO;
}

static enum err too_large(const char *path, size_t size_max, struct why *why)
{
	why_set(why, "%s: above %zu MiB (%zu octets), the most that is read", path, size_max >> 20,
	        size_max);
	return ERR_LIMIT;
}

/* Read until the end into `out`, which has room for one octet more than is expected. */
static enum err read_all(int fd, const char *path, struct buf *out, struct why *why)
{
	for (;;) {
		if (out->size == out->room) {
			why_set(why, "%s: it grew while it was read", path);
			return ERR_IO;
		}
		ssize_t got = read(fd, out->data + out->size, out->room - out->size);
		if (got == 0)
			return ERR_OK;
		if (got < 0 && errno != EINTR)
			return system_error(path, "read", why);
		if (got > 0)
			out->size += (size_t)got;
	}
}

static enum err read_regular(int fd, const char *path, struct buf *out, struct why *why)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return system_error(path, "stat", why);
	if (!S_ISREG(status.st_mode)) {
		why_set(why, "%s: not a regular file", path);
		return ERR_IO;
	}
	if ((uintmax_t)status.st_size > out->size_max)
		return too_large(path, out->size_max, why);
	/* All at once: a growing buffer would hold a large file twice. */
	out->room = (size_t)status.st_size + 1;
	out->data = malloc(out->room);
	if (out->data == NULL) {
		out->room = 0;
		why_set(why, "%s: no memory for %zu octets", path, (size_t)status.st_size);
		return ERR_NOMEM;
	}
	return read_all(fd, path, out, why);
}

enum err file_read(const char *path, size_t size_max, struct buf *out, struct why *why)
{
	assert(path != NULL && out != NULL && why != NULL);
	buf_init(out, size_max);
	/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return system_error(path, "open", why);
	enum err err = read_regular(fd, path, out, why);
	(void)close(fd);
	if (err != ERR_OK)
		buf_free(out);
	return err;
}

enum err state_load(const char *path, struct model *model, int64_t now_ms,
                    struct findings *findings, struct why *why)
{
	struct buf text;
	enum err err = file_read(path, STATE_FILE_SIZE_MAX, &text, why);
	if (err != ERR_OK)
		return err;
	struct findings before = *findings;
	findings->file = path;
	err = state_decode(buf_bytes(&text), model, findings, why);
	buf_free(&text);
	if (err == ERR_OK)
		err = model_commit(model, COMMIT_REPLACE, now_ms, findings, why);
	else
		model_rollback(model);
	if (err != ERR_OK)
		why_wrap(why, "%s", path);
	findings->file = before.file;
	findings->line = before.line;
	return err;
}

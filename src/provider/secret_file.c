/* Files with secrets: read straight into memory of their own kind. */
#include "secret_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err system_error(const char *path, const char *doing, struct why *why)
{
	enum err err = errno == ENOENT || errno == ENOTDIR ? ERR_MISSING : ERR_IO;
	why_set(why, "%s: %s: %s", path, doing, strerror(errno));
	return err;
}

/* One octet of room is beyond what is expected: it shows a file that grows, and takes the NUL. */
static enum err read_all(int fd, const char *path, size_t size, struct secret_memory *out,
                         struct why *why)
{
	while (out->used <= size) {
		ssize_t got = read(fd, out->data + out->used, size + 1 - out->used);
		if (got == 0) {
			out->data[out->used] = '\0';
			return ERR_OK;
		}
		if (got < 0 && errno != EINTR)
			return system_error(path, "read", why);
		if (got > 0)
			out->used += (size_t)got;
	}
	why_set(why, "%s: it grew while it was read", path);
	return ERR_IO;
}

static enum err read_regular(int fd, const char *path, size_t size_max, struct secret_memory *out,
                             unsigned *mode, struct why *why)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return system_error(path, "stat", why);
	*mode = status.st_mode & 07777;
	/* of another's file, its group is how we are let in: so a Secret comes into a pod */
	if (status.st_uid != geteuid())
		*mode &= ~(unsigned)S_IRGRP;
	if (!S_ISREG(status.st_mode)) {
		why_set(why, "%s: not a regular file", path);
		return ERR_IO;
	}
	if ((uintmax_t)status.st_size > size_max) {
		why_set(why, "%s: above %zu octets, the most that is read", path, size_max);
		return ERR_LIMIT;
	}
	size_t size = (size_t)status.st_size;
	enum err err = secret_memory_init(out, size + 1, why);
	return err == ERR_OK ? read_all(fd, path, size, out, why) : err;
}

enum err secret_file_read(const char *path, size_t size_max, struct secret_memory *out,
                          unsigned *mode, struct why *why)
{
	*out = (struct secret_memory){.data = NULL};
	*mode = 0;
	/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return system_error(path, "open", why);
	enum err err = read_regular(fd, path, size_max, out, mode, why);
	(void)close(fd);
	if (err != ERR_OK)
		secret_memory_free(out);
	return err;
}

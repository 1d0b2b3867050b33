#include "kept.h"

#include "fedns/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum err failed(const char *path, struct why *why)
{
	why_set(why, "%s: %s", path, strerror(errno));
	return ERR_IO;
}

enum err kept_read(const char *path, size_t size_max, json_t **out, struct why *why)
{
	struct buf text;
	json_error_t at;
	*out = NULL;
	if (access(path, F_OK) != 0) /* only what is not there is no file: what can't be seen may be */
		return errno == ENOENT ? ERR_OK : failed(path, why);
	enum err err = file_read(path, size_max, &text, why);
	if (err != ERR_OK)
		return err;
	*out = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &at);
	buf_free(&text);
	if (*out != NULL)
		return ERR_OK;
	why_set(why, "%s: line %d, column %d: %s; mend it or remove it", path, at.line, at.column,
	        at.text);
	return ERR_INVALID;
}

/* That the file has this name is on the disk only when its directory is. */
static bool directory_sync(const char *path)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int size = slash == NULL ? 0 : (int)(slash - path);
	(void)snprintf(directory, sizeof directory, "%.*s", size + (slash == path), path);
	int fd = open(slash == NULL ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool good = fsync(fd) == 0;
	int saved = errno;
	(void)close(fd);
	errno = saved;
	return good;
}

/* Beside it, to the disk, in its place. */
static enum err text_write(const char *path, const char *text, size_t length, struct why *why)
{
	char beside[PATH_MAX];
	int size = snprintf(beside, sizeof beside, "%s.new", path);
	if (size < 0 || (size_t)size >= sizeof beside) {
		errno = ENAMETOOLONG;
		return failed(path, why);
	}
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed(beside, why);
	bool good = write(fd, text, length) == (ssize_t)length && fsync(fd) == 0;
	good = close(fd) == 0 && good;
	if (!good || rename(beside, path) != 0) {
		enum err err = failed(path, why);
		(void)unlink(beside);
		return err;
	}
	return directory_sync(path) ? ERR_OK : failed(path, why);
}

enum err kept_write(const char *path, size_t size_max, const json_t *root, struct why *why)
{
	char *text = json_dumps(root, JSON_INDENT(2));
	if (text == NULL) {
		why_set(why, "no memory for %s", path);
		return ERR_NOMEM;
	}
	size_t length = strlen(text);
	enum err err = ERR_LIMIT;
	if (length <= size_max)
		err = text_write(path, text, length, why);
	else
		why_set(why, "%s would have more than %zu octets", path, size_max);
	free(text);
	return err;
}

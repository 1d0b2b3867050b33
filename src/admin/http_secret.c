#include "http_secret.h"

#include "fedns/base64.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* Octets of USER:TOKEN in base64, and a NUL. */
#define PAIR_TEXT_MAX BASE64_TEXT_SIZE(ADMIN_USER_SIZE_MAX + 1 + ADMIN_TOKEN_SIZE_MAX)

/* --- files -------------------------------------------------------------------------------- */

struct file_mark file_mark_of(const char *path)
{
	struct stat file;
	if (path == NULL || stat(path, &file) != 0)
		return (struct file_mark){.inode = 0};
	return (struct file_mark){file.st_dev, file.st_ino, file.st_size, file.st_mtim};
}

bool file_mark_equal(const struct file_mark *a, const struct file_mark *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static enum err failed(const char *path, struct why *why)
{
	enum err err = errno == ENOENT || errno == ENOTDIR ? ERR_MISSING : ERR_IO;
	why_set(why, "%s: %s", path, strerror(errno));
	return err;
}

/* Up to `room` octets; more is ERR_LIMIT. */
static enum err descriptor_read(int fd, const char *path, char *into, size_t room, size_t *size,
                                struct why *why)
{
	*size = 0;
	for (;;) {
		char more;
		bool full = *size == room;
		ssize_t got = read(fd, full ? &more : into + *size, full ? 1 : room - *size);
		if (got == 0)
			return ERR_OK;
		if (got < 0 && errno != EINTR)
			return failed(path, why);
		if (got > 0 && full) {
			why_set(why, "%s: above %zu octets, the most that is read", path, room);
			return ERR_LIMIT;
		}
		*size += got > 0 ? (size_t)got : 0;
	}
}

/* A regular one, so that nobody waits for a FIFO's writer. */
static enum err file_open(const char *path, int *fd, struct why *why)
{
	struct stat file;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0)
		return failed(path, why);
	if (fstat(*fd, &file) == 0 && S_ISREG(file.st_mode))
		return ERR_OK;
	(void)close(*fd);
	*fd = -1;
	why_set(why, "%s: not a regular file", path);
	return ERR_IO;
}

/* --- token -------------------------------------------------------------------------------- */

static bool is_token(const char *text, size_t size)
{
	bool good = size != 0;
	for (size_t i = 0; i < size; i++)
		good &= text[i] > ' ' && text[i] < 0x7f;
	return good;
}

static enum err token_take(struct http_secrets *secrets, const char *path, const char *text,
                           size_t size, struct why *why)
{
	while (size != 0 && (text[size - 1] == '\n' || text[size - 1] == '\r' || text[size - 1] == ' '))
		size--;
	if (size > ADMIN_TOKEN_SIZE_MAX || !is_token(text, size)) {
		why_set(why, "%s: a token is 1 to %d printable ASCII characters without a space", path,
		        ADMIN_TOKEN_SIZE_MAX);
		return ERR_INVALID;
	}
	explicit_bzero(secrets->token, sizeof secrets->token);
	memcpy(secrets->token, text, size);
	secrets->token_size = size;
	return ERR_OK;
}

enum err http_token_read(struct http_secrets *secrets, const char *path, struct why *why)
{
	char text[ADMIN_TOKEN_SIZE_MAX + 16];
	size_t size;
	int fd;
	secrets->token_mark = file_mark_of(path); /* should it change meanwhile, it is read again */
	enum err err = file_open(path, &fd, why);
	if (err != ERR_OK)
		return err;
	err = descriptor_read(fd, path, text, sizeof text, &size, why);
	(void)close(fd);
	if (err == ERR_OK)
		err = token_take(secrets, path, text, size, why);
	explicit_bzero(text, sizeof text);
	return err;
}

/* What is shown is gone through to its end, wherever it differs. */
static bool is_equal(const struct http_secrets *secrets, struct bytes shown)
{
	size_t differs = shown.size ^ secrets->token_size;
	for (size_t i = 0; i < shown.size; i++)
		differs |= (size_t)(shown.data[i] ^ secrets->token[i % secrets->token_size]);
	return differs == 0;
}

/* RFC 7617: USER:PASSWORD in base64. It is what a browser can be told. */
static bool is_password(const struct http_secrets *secrets, struct bytes text)
{
	struct why why;
	uint8_t pair[BASE64_DECODED_MAX(PAIR_TEXT_MAX)];
	size_t size;
	if (text.size > PAIR_TEXT_MAX)
		return false;
	bool good = base64_decode(text, pair, &size, &why) == ERR_OK;
	const uint8_t *colon = good ? memchr(pair, ':', size) : NULL;
	if (colon != NULL)
		good = is_equal(secrets, (struct bytes){colon + 1, size - (size_t)(colon + 1 - pair)});
	explicit_bzero(pair, sizeof pair);
	return good && colon != NULL;
}

/* What stands behind the scheme; false: it is another one. */
static bool scheme_take(const char *value, const char *scheme, struct bytes *rest)
{
	size_t size = strlen(scheme);
	if (strncasecmp(value, scheme, size) != 0 || value[size] != ' ')
		return false;
	*rest = bytes_of(value + size + strspn(value + size, " "));
	return true;
}

bool http_token_shown(const struct http_secrets *secrets, const char *value)
{
	struct bytes shown;
	if (secrets->token_size == 0)
		return true;
	if (value == NULL)
		return false;
	if (scheme_take(value, "Bearer", &shown))
		return is_equal(secrets, shown);
	return scheme_take(value, "Basic", &shown) && is_password(secrets, shown);
}

/* --- certificate -------------------------------------------------------------------------- */

enum err pem_read(const char *path, struct pem *out, struct why *why)
{
	int fd;
	*out = (struct pem){.text = NULL};
	enum err err = file_open(path, &fd, why);
	if (err != ERR_OK)
		return err;
	out->text = malloc(ADMIN_PEM_SIZE_MAX + 1);
	if (out->text == NULL) {
		why_set(why, "%s: no memory for it", path);
		err = ERR_NOMEM;
	} else {
		err = descriptor_read(fd, path, out->text, ADMIN_PEM_SIZE_MAX, &out->size, why);
	}
	(void)close(fd);
	if (err == ERR_OK)
		out->text[out->size] = '\0';
	else
		pem_free(out);
	return err;
}

void pem_free(struct pem *pem)
{
	if (pem->text != NULL)
		explicit_bzero(pem->text, pem->size);
	free(pem->text);
	*pem = (struct pem){.text = NULL};
}

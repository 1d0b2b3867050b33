/* http_secret: the token that must be shown, the certificate, and whether their files have changed.
 */
#ifndef FEDNS_ADMIN_HTTP_SECRET_H
#define FEDNS_ADMIN_HTTP_SECRET_H

#include "fedns/admin.h"

#include <sys/types.h>
#include <time.h>

/** What a file was when it was looked at; zeroed: it was not there. */
struct file_mark {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct http_secrets {
	struct file_mark token_mark, cert_mark, key_mark;
	uint64_t looked_ms; /* loop time */
	size_t token_size;  /* 0: none is asked for */
	uint8_t token[ADMIN_TOKEN_SIZE_MAX];
};

/** What is at `path` (NULL: nothing) now. */
struct file_mark file_mark_of(const char *path);
bool file_mark_equal(const struct file_mark *a, const struct file_mark *b);

/** Read the token. On errors the one before stays. ERR_INVALID, ERR_MISSING, ERR_IO, ERR_LIMIT. */
MUST_CHECK enum err http_token_read(struct http_secrets *secrets, const char *path,
                                    struct why *why);
/** Does an Authorization header's value (NULL: there is none) show it, as a bearer's, or as the
 * password of whatever user? Takes the same time for all of one length. */
bool http_token_shown(const struct http_secrets *secrets, const char *value);

/** A PEM file, with a NUL behind it. */
struct pem {
	char *text;
	size_t size;
};
/** Read all of one: pem_free() it. ERR_MISSING, ERR_IO, ERR_LIMIT, ERR_NOMEM: it is zeroed. */
MUST_CHECK enum err pem_read(const char *path, struct pem *out, struct why *why);
/** Wipe and free. */
void pem_free(struct pem *pem);

#endif

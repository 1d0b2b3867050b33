/* credentials: who we are to Alibaba Cloud, by the vendor's chain; refreshed before they end.
 *
 * http.h --> [credentials.h] --> alidns.h
 *
 * The first of these that is there: the provider's file (alidns.yaml), environment, OIDC (RRSA),
 * profile files, ECS metadata, credentials URI. Secrets live in memory
 * that is left out of core files, are wiped after use, and never stand in a sentence.
 */
#ifndef FEDNS_CREDENTIALS_H
#define FEDNS_CREDENTIALS_H

#include "fedns/base.h"
#include "fedns/http.h"

#define CREDENTIAL_SIZE_MAX 8192 /* octets of a key, secret or token, its NUL included */

/** Borrowed for the callback. */
struct credential {
	const char *id, *secret;
	const char *token; /* of STS; NULL: none */
};

/** alidns.yaml, the INI file of the federation guide: section [Global]. Texts NUL-terminated. */
#define ALIDNS_ZONES_MAX 16
struct alidns_file {
	const char *access_key_id, *access_key_secret, *security_token; /* NULL: not given */
	const char *endpoint, *region_id, *role_arn;                    /* likewise */
	const char *zones[ALIDNS_ZONES_MAX];                            /* as given */
	size_t zone_count;
	bool exposed; /* a secret stands in it, and others than its owner may read it */
	void *memory; /* alidns_file_free()'s own: left out of core files, wiped */
};
/** ERR_INVALID, ERR_IO, ERR_LIMIT, ERR_NOMEM: `why` begins with "PATH:LINE: " where there is a
 * line, never shows a value of a key that may be secret, and says the mend. Unknown keys are an
 * error with a suggestion. */
MUST_CHECK enum err alidns_file_load(const char *path, struct alidns_file *out, struct why *why);
void alidns_file_free(struct alidns_file *file);

struct credentials;

struct credentials_setup {
	uv_loop_t *loop;
	struct http *http;                    /* outlives the credentials */
	const struct alidns_file *file;       /* likewise; NULL: none */
	const char *(*env)(const char *name); /* getenv(), or a test's */
	int64_t (*now_ms)(void *arg);         /* the wall clock, ms since 1970 */
	void *now_arg;
	const char *metadata_base; /* NULL: "http://100.100.100.200"; tests have their own. Borrowed */
};

/** Nothing is asked yet. ERR_NOMEM. */
MUST_CHECK enum err credentials_new(const struct credentials_setup *setup, struct credentials **out,
                                    struct why *why);
/** Whoever waits is told nothing any more. NULL is fine. */
void credentials_free(struct credentials *credentials);

typedef void credentials_done(void *arg, enum err err, const struct credential *credential,
                              const struct why *why);

/** One who waits; the caller's memory, `done` and `arg` set by it. */
struct credentials_wait {
	credentials_done *done;
	void *arg;
	struct credentials_wait *next, **link; /* the chain's */
};
/** `wait->done` is called once: at once, from within, where some are at hand that hold for a minute
 * more; else on the loop. New ones are asked for a quarter of an hour (or half of their life)
 * before the end; while that fails, the last ones are given as long as they hold. ERR_MISSING (no
 * member of the chain has any; `why` lists what was looked for), ERR_IO, ERR_INVALID. */
void credentials_get(struct credentials *credentials, struct credentials_wait *wait);
void credentials_cancel(struct credentials_wait *wait);
/** The provider refused what was given last: the next credentials_get() looks anew, at most once a
 * minute. */
void credentials_refused(struct credentials *credentials);
/** Where they come from: "alidns.yaml", "OIDC role acs:ram::1:role/x", ...; "none yet". For people.
 */
const char *credentials_origin(const struct credentials *credentials);
/** Why new ones could not be got the last time, though the last ones may still hold; NULL: nothing
 * is wrong. For people. */
const char *credentials_trouble(const struct credentials *credentials);

#endif

/* credentials_profile: one profile of the vendor's two files, and the way that it says. */
#ifndef FEDNS_PROVIDER_CREDENTIALS_PROFILE_H
#define FEDNS_PROVIDER_CREDENTIALS_PROFILE_H

#include "credentials_internal.h"

#define PROFILE_FILE_SIZE_MAX ((size_t)256 * 1024)

enum profile_field {
	PROFILE_MODE,
	PROFILE_ID,
	PROFILE_SECRET,
	PROFILE_TOKEN,
	PROFILE_ECS_ROLE,
	PROFILE_ROLE_ARN,
	PROFILE_SESSION,
	PROFILE_PROVIDER,
	PROFILE_TOKEN_FILE,
	PROFILE_REGION,
	PROFILE_POLICY,
	PROFILE_EXTERNAL_ID,
	PROFILE_FIELDS /* how many */
};

/** What a mode is called in each of the files, and what it needs. */
struct profile_mode {
	const char *cli, *ini;
	enum way_kind kind;
	bool assumes;          /* a role, with the keys */
	unsigned needs, takes; /* fields, as bits: must be there; may be there besides */
};

/** All borrowed. */
struct profile {
	const char *const *keys;            /* what each field is called in this file */
	bool cli;                           /* it is config.json's */
	const char *values[PROFILE_FIELDS]; /* NULL: not there */
	uint32_t life_s;                    /* 0: not said */
	bool vpc;
};

/** The way; `why` names keys, never values but that of the mode. ERR_INVALID, ERR_LIMIT. */
MUST_CHECK enum err profile_way(const struct profile *profile, struct way *out, struct why *why);

/** The way that config.json's text says. ERR_INVALID, ERR_LIMIT. */
MUST_CHECK enum err cli_profile_read(const struct credentials *credentials, struct bytes text,
                                     struct way *out, struct why *why);

/** HOME and `path` behind it. False: no HOME, or too long. */
MUST_CHECK bool home_path(const struct credentials *credentials, const char *path,
                          char out[PATH_SIZE_MAX]);

#endif

/* ~/.alibabacloud/credentials, the INI file of the vendor's SDKs. */
#include "credentials_profile.h"

#include "fedns/utf8.h"
#include "ini_text.h"

#include <stdio.h>
#include <string.h>

#define FILE_PATH  ".alibabacloud/credentials"
#define FILE_NAMED "ALIBABA_CLOUD_CREDENTIALS_FILE"
#define NAME_SHOWN 64

static const char *const KEYS[PROFILE_FIELDS] = {
	[PROFILE_MODE] = "type",
	[PROFILE_ID] = "access_key_id",
	[PROFILE_SECRET] = "access_key_secret",
	[PROFILE_TOKEN] = "security_token",
	[PROFILE_ECS_ROLE] = "role_name",
	[PROFILE_ROLE_ARN] = "role_arn",
	[PROFILE_SESSION] = "role_session_name",
	[PROFILE_PROVIDER] = "oidc_provider_arn",
	[PROFILE_TOKEN_FILE] = "oidc_token_file_path",
	[PROFILE_REGION] = "sts_region",
	[PROFILE_POLICY] = "policy",
	[PROFILE_EXTERNAL_ID] = "external_id",
};

struct search {
	const char *section;
	bool found;
	struct profile profile;
};

/* Other sections, and keys that other tools know, are passed over. */
static enum err on_value(void *arg, unsigned line, const char *section, const char *name,
                         char *value, struct why *why)
{
	(void)line;
	(void)why;
	struct search *search = arg;
	if (strcmp(section, search->section) != 0)
		return ERR_OK;
	search->found = true;
	for (size_t i = 0; i < PROFILE_FIELDS; i++) {
		if (strcmp(name, KEYS[i]) == 0)
			search->profile.values[i] = *value != '\0' ? value : NULL;
	}
	return ERR_OK;
}

static enum err text_take(struct search *search, struct secret_memory *text, struct way *out,
                          struct why *why)
{
	unsigned line;
	char shown[NAME_SHOWN];
	(void)snprintf(shown, sizeof shown, "%s", search->section);
	utf8_clean(shown);
	enum err err = ini_read((char *)text->data, text->used, on_value, search, &line, why);
	if (err != ERR_OK) {
		why_wrap(why, "line %u", line);
		return err;
	}
	if (!search->found) {
		why_set(why, "it has no section [%s]", shown);
		return ERR_INVALID;
	}
	err = profile_way(&search->profile, out, why);
	if (err != ERR_OK)
		why_wrap(why, "[%s]", shown);
	else
		(void)snprintf(out->origin, sizeof out->origin, "[%s] of ~/" FILE_PATH, shown);
	return err;
}

enum err ini_profile_find(const struct credentials *credentials, struct way *out, struct why *why)
{
	char home[PATH_SIZE_MAX];
	struct secret_memory text;
	unsigned mode;
	const char *section = env_text(credentials, "ALIBABA_CLOUD_PROFILE");
	const char *path = env_text(credentials, FILE_NAMED);
	bool named = path != NULL;
	if (!named && !home_path(credentials, FILE_PATH, home)) {
		why_set(why, "~/" FILE_PATH " (no HOME)");
		return ERR_MISSING;
	}
	if (!named)
		path = home;
	enum err err = secret_file_read(path, PROFILE_FILE_SIZE_MAX, &text, &mode, why);
	if (err == ERR_MISSING && named) {
		why_wrap(why, FILE_NAMED);
		return ERR_IO;
	}
	if (err == ERR_MISSING)
		why_set(why, "~/" FILE_PATH);
	if (err != ERR_OK)
		return err;
	struct search search = {
		.section = section != NULL ? section : "default",
		.profile = {.keys = KEYS},
	};
	err = text_take(&search, &text, out, why);
	secret_memory_free(&text);
	if (err != ERR_OK)
		why_wrap(why, "%s", path);
	else if (named)
		(void)snprintf(out->origin, sizeof out->origin, "[%.*s] of " FILE_NAMED, NAME_SHOWN,
		               search.section);
	return err;
}

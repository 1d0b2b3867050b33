/* ~/.aliyun/config.json, which the vendor's command line tool writes. */
#include "credentials_profile.h"

#include "fedns/utf8.h"

#include <stdio.h>
#include <string.h>

#define FILE_PATH  ".aliyun/config.json"
#define DISABLED   "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"
#define LIFE_S_MAX 43200 /* of any role */
#define NAME_SHOWN 64

static const char *const KEYS[PROFILE_FIELDS] = {
	[PROFILE_MODE] = "mode",
	[PROFILE_ID] = "access_key_id",
	[PROFILE_SECRET] = "access_key_secret",
	[PROFILE_TOKEN] = "sts_token",
	[PROFILE_ECS_ROLE] = "ram_role_name",
	[PROFILE_ROLE_ARN] = "ram_role_arn",
	[PROFILE_SESSION] = "ram_session_name",
	[PROFILE_PROVIDER] = "oidc_provider_arn",
	[PROFILE_TOKEN_FILE] = "oidc_token_file",
	[PROFILE_REGION] = "sts_region",
	[PROFILE_POLICY] = "policy",
	[PROFILE_EXTERNAL_ID] = "external_id",
};

static const json_t *profile_named(const json_t *config, const char *name)
{
	size_t i;
	const json_t *profile;
	json_array_foreach(json_object_get(config, "profiles"), i, profile)
	{
		const char *other = json_string_value(json_object_get(profile, "name"));
		if (other != NULL && strcmp(other, name) == 0)
			return profile;
	}
	return NULL;
}

static void profile_read(const json_t *json, struct profile *out)
{
	*out = (struct profile){.keys = KEYS, .cli = true};
	for (size_t i = 0; i < PROFILE_FIELDS; i++) {
		const char *value = json_string_value(json_object_get(json, KEYS[i]));
		out->values[i] = value != NULL && *value != '\0' ? value : NULL;
	}
	json_int_t life_s = json_integer_value(json_object_get(json, "expired_seconds"));
	if (life_s == 0) /* of mode OIDC */
		life_s = json_integer_value(json_object_get(json, "duration_seconds"));
	if (life_s > 0 && life_s <= LIFE_S_MAX)
		out->life_s = (uint32_t)life_s;
	out->vpc = json_is_true(json_object_get(json, "enable_vpc"));
}

static enum err config_take(const struct credentials *credentials, const json_t *config,
                            struct way *out, struct why *why)
{
	struct profile profile;
	char shown[NAME_SHOWN];
	const char *name = env_text(credentials, "ALIBABA_CLOUD_PROFILE");
	if (name == NULL)
		name = json_string_value(json_object_get(config, "current"));
	if (name == NULL || *name == '\0')
		name = "default";
	(void)snprintf(shown, sizeof shown, "%s", name);
	utf8_clean(shown);
	const json_t *json = profile_named(config, name);
	if (json == NULL) {
		why_set(why, "it has no profile \"%s\"", shown);
		return ERR_INVALID;
	}
	profile_read(json, &profile);
	enum err err = profile_way(&profile, out, why);
	if (err != ERR_OK)
		why_wrap(why, "profile \"%s\"", shown);
	else
		(void)snprintf(out->origin, sizeof out->origin, "profile \"%s\" of ~/" FILE_PATH, shown);
	return err;
}

enum err cli_profile_read(const struct credentials *credentials, struct bytes text, struct way *out,
                          struct why *why)
{
	json_error_t error; /* quotes the text: only where is shown */
	enum err err = ERR_INVALID;
	json_t *config = json_loadb((const char *)text.data, text.size, 0, &error);
	if (json_is_object(config))
		err = config_take(credentials, config, out, why);
	else if (config == NULL)
		why_set(why, "line %d, column %d: it is not JSON", error.line, error.column);
	else
		why_set(why, "it is no JSON object");
	json_wipe(config);
	return err;
}

enum err cli_profile_find(const struct credentials *credentials, struct way *out, struct why *why)
{
	char path[PATH_SIZE_MAX];
	struct secret_memory text;
	unsigned mode;
	bool disabled = env_true(credentials, DISABLED);
	if (disabled || !home_path(credentials, FILE_PATH, path)) {
		why_set(why, "~/" FILE_PATH " (%s)", disabled ? "disabled" : "no HOME");
		return ERR_MISSING;
	}
	enum err err = secret_file_read(path, PROFILE_FILE_SIZE_MAX, &text, &mode, why);
	if (err == ERR_MISSING)
		why_set(why, "~/" FILE_PATH);
	if (err != ERR_OK)
		return err;
	err = cli_profile_read(credentials, secret_memory_bytes(&text), out, why);
	secret_memory_free(&text);
	if (err != ERR_OK)
		why_wrap(why, "%s", path);
	return err;
}

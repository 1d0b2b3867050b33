#include "credentials_profile.h"

#include "fedns/utf8.h"

#include <stdio.h>
#include <string.h>

#define BIT(field)  (1U << (field))
#define KEYS_NEEDED (BIT(PROFILE_ID) | BIT(PROFILE_SECRET))
#define OIDC_NEEDED (BIT(PROFILE_ROLE_ARN) | BIT(PROFILE_PROVIDER) | BIT(PROFILE_TOKEN_FILE))

static const struct profile_mode MODES[] = {
	{"AK", "access_key", WAY_KEYS, false, KEYS_NEEDED, 0},
	{"StsToken", "sts", WAY_KEYS, false, KEYS_NEEDED | BIT(PROFILE_TOKEN), 0},
	{"EcsRamRole", "ecs_ram_role", WAY_ECS, false, 0, BIT(PROFILE_ECS_ROLE)},
	{"RamRoleArn", "ram_role_arn", WAY_KEYS, true, KEYS_NEEDED | BIT(PROFILE_ROLE_ARN),
     BIT(PROFILE_TOKEN) | BIT(PROFILE_SESSION)},
	{"OIDC", "oidc_role_arn", WAY_OIDC, false, OIDC_NEEDED, BIT(PROFILE_SESSION)},
};
#define MODE_COUNT (sizeof MODES / sizeof MODES[0])

bool home_path(const struct credentials *credentials, const char *path, char out[PATH_SIZE_MAX])
{
	const char *home = env_text(credentials, "HOME");
	if (home == NULL)
		return false;
	int size = snprintf(out, PATH_SIZE_MAX, "%s/%s", home, path);
	return size > 0 && size < PATH_SIZE_MAX;
}

static const struct profile_mode *mode_find(const struct profile *profile, const char *name)
{
	for (size_t i = 0; i < MODE_COUNT; i++) {
		if (strcmp(profile->cli ? MODES[i].cli : MODES[i].ini, name) == 0)
			return &MODES[i];
	}
	return NULL;
}

static enum err mode_unknown(const struct profile *profile, struct why *why)
{
	const char *mode = profile->values[PROFILE_MODE];
	const char *key = profile->keys[PROFILE_MODE];
	char shown[32];
	(void)snprintf(shown, sizeof shown, "%s", mode != NULL ? mode : "");
	utf8_clean(shown);
	why_set(why, "its %s \"%s\" is none of those that fedns knows: %s", key, shown,
	        profile->cli ? "AK, StsToken, EcsRamRole, RamRoleArn, OIDC"
	                     : "access_key, sts, ecs_ram_role, ram_role_arn, oidc_role_arn");
	return ERR_INVALID;
}

static bool texts_take(const struct profile *profile, const struct profile_mode *mode,
                       struct way *out)
{
	/* what a mode has no use for may be left over from another */
	const char *values[PROFILE_FIELDS];
	for (size_t i = 0; i < PROFILE_FIELDS; i++)
		values[i] = ((mode->needs | mode->takes) & BIT(i)) != 0 ? profile->values[i] : NULL;
	const char *session = values[PROFILE_SESSION];
	out->sts_vpc = profile->vpc;
	out->ecs_meant = mode->kind == WAY_ECS;
	out->oidc.life_s = profile->life_s != 0 ? profile->life_s : ROLE_LIFE_S;
	return way_text(out, values[PROFILE_ID], &out->id) &&
	       way_text(out, values[PROFILE_SECRET], &out->secret) &&
	       way_text(out, values[PROFILE_TOKEN], &out->token) &&
	       way_text(out, values[PROFILE_ECS_ROLE], &out->ecs_role) &&
	       way_text(out, values[PROFILE_ROLE_ARN], &out->oidc.arn) &&
	       way_text(out, session != NULL ? session : SESSION_NAME, &out->oidc.session) &&
	       way_text(out, values[PROFILE_PROVIDER], &out->provider) &&
	       way_text(out, values[PROFILE_TOKEN_FILE], &out->token_file) &&
	       way_text(out, profile->values[PROFILE_POLICY], &out->oidc.policy) &&
	       way_text(out, profile->values[PROFILE_REGION], &out->sts_region);
}

enum err profile_way(const struct profile *profile, struct way *out, struct why *why)
{
	const char *name = profile->values[PROFILE_MODE];
	const struct profile_mode *mode = name != NULL ? mode_find(profile, name) : NULL;
	if (mode == NULL)
		return mode_unknown(profile, why);
	for (size_t i = 0; i < PROFILE_FIELDS; i++) {
		if ((mode->needs & BIT(i)) != 0 && profile->values[i] == NULL) {
			why_set(why, "%s %s needs %s", profile->keys[PROFILE_MODE], name, profile->keys[i]);
			return ERR_INVALID;
		}
	}
	enum err err = way_begin(out, mode->kind, why);
	if (err == ERR_OK && !texts_take(profile, mode, out)) {
		why_set(why, "its values are too long");
		err = ERR_LIMIT;
	}
	if (err != ERR_OK || !mode->assumes)
		return err;
	const struct role role = {
		.arn = profile->values[PROFILE_ROLE_ARN],
		.session = profile->values[PROFILE_SESSION],
		.policy = profile->values[PROFILE_POLICY],
		.external_id = profile->values[PROFILE_EXTERNAL_ID],
		.life_s = profile->life_s,
	};
	return way_assume(out, &role, why);
}

/* Keys that are said outright: in the provider's file, and in the environment. */
#include "credentials_internal.h"

#include <stdio.h>

#define KEY_ID     "ALIBABA_CLOUD_ACCESS_KEY_ID"
#define KEY_SECRET "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
#define TOKEN      "ALIBABA_CLOUD_SECURITY_TOKEN"

static enum err keys_way(struct way *out, const char *origin, const char *id, const char *secret,
                         const char *token, struct why *why)
{
	enum err err = way_begin(out, WAY_KEYS, why);
	if (err != ERR_OK)
		return err;
	(void)snprintf(out->origin, sizeof out->origin, "%s", origin);
	if (way_text(out, id, &out->id) && way_text(out, secret, &out->secret) &&
	    way_text(out, token, &out->token))
		return ERR_OK;
	why_set(why, "the keys are longer than any that are given out");
	return ERR_LIMIT;
}

enum err file_find(const struct credentials *credentials, struct way *out, struct why *why)
{
	const struct alidns_file *file = credentials->setup.file;
	if (file == NULL || file->access_key_id == NULL) {
		why_set(why, "keys in alidns.yaml");
		return ERR_MISSING;
	}
	return keys_way(out, "alidns.yaml", file->access_key_id, file->access_key_secret,
	                file->security_token, why);
}

enum err env_find(const struct credentials *credentials, struct way *out, struct why *why)
{
	const char *id = env_text(credentials, KEY_ID);
	const char *secret = env_text(credentials, KEY_SECRET);
	if (id == NULL && secret == NULL) {
		why_set(why, KEY_ID);
		return ERR_MISSING;
	}
	if (id == NULL || secret == NULL) {
		why_set(why, "%s is set and %s is not: set both, or neither",
		        id != NULL ? KEY_ID : KEY_SECRET, id != NULL ? KEY_SECRET : KEY_ID);
		return ERR_INVALID;
	}
	return keys_way(out, "environment", id, secret, env_text(credentials, TOKEN), why);
}

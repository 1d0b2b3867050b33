/* From a way to a grant: what is here, or asked for, and then the roles assumed with it. */
#include "credentials_internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* --- ways --------------------------------------------------------------------------------- */

const char *env_text(const struct credentials *credentials, const char *name)
{
	const char *text = credentials->setup.env(name);
	return text != NULL && *text != '\0' ? text : NULL;
}

bool env_true(const struct credentials *credentials, const char *name)
{
	const char *text = env_text(credentials, name);
	return text != NULL && strcasecmp(text, "true") == 0;
}

void way_clear(struct way *way)
{
	secret_memory_free(&way->memory);
	*way = (struct way){.role_count = 0};
}

enum err way_begin(struct way *way, enum way_kind kind, struct why *why)
{
	way_clear(way);
	way->kind = kind;
	return secret_memory_init(&way->memory, WAY_ROOM, why);
}

bool way_text(struct way *way, const char *text, const char **out)
{
	*out = NULL;
	if (text == NULL || *text == '\0')
		return true;
	*out = secret_memory_text(&way->memory, bytes_of(text));
	return *out != NULL;
}

enum err way_assume(struct way *way, const struct role *role, struct why *why)
{
	struct role *copy = &way->roles[way->role_count];
	if (way->role_count < ROLES_MAX && way_text(way, role->arn, &copy->arn) &&
	    way_text(way, role->session != NULL ? role->session : SESSION_NAME, &copy->session) &&
	    way_text(way, role->policy, &copy->policy) &&
	    way_text(way, role->external_id, &copy->external_id)) {
		copy->life_s = role->life_s != 0 ? role->life_s : ROLE_LIFE_S;
		way->role_count++;
		return ERR_OK;
	}
	why_set(why, "what is said of the role to assume is too long");
	return ERR_LIMIT;
}

/* --- fetches ------------------------------------------------------------------------------ */

static enum err begin(struct fetch *fetch, struct why *why)
{
	const struct way *way = &fetch->way;
	switch (way->kind) {
	case WAY_KEYS:
		return grant_set(&fetch->grant, way->id, way->secret, way->token, why);
	case WAY_OIDC:
		return oidc_start(fetch, why);
	case WAY_ECS:
		return ecs_start(fetch, why);
	case WAY_URI:
		return uri_start(fetch, why);
	}
	return ERR_INVALID;
}

/* The next role, or the end; fetch->under_way tells. */
static enum err roles_on(struct fetch *fetch, struct why *why)
{
	struct way *way = &fetch->way;
	fetch->under_way = fetch->role_at < way->role_count;
	if (!fetch->under_way)
		return ERR_OK;
	const struct role *role = &way->roles[fetch->role_at++];
	size_t used = strlen(way->origin);
	(void)snprintf(way->origin + used, sizeof way->origin - used, " as role %s", role->arn);
	return role_start(fetch, role, why);
}

enum err fetch_start(struct fetch *fetch, struct credentials *credentials, struct why *why)
{
	const struct alidns_file *file = credentials->setup.file;
	enum err err = ERR_OK;
	fetch->credentials = credentials;
	if (file != NULL && file->role_arn != NULL) {
		const struct role role = {.arn = file->role_arn};
		err = way_assume(&fetch->way, &role, why);
	}
	if (err == ERR_OK)
		err = secret_memory_init(&fetch->request, REQUEST_ROOM, why);
	if (err == ERR_OK)
		err = begin(fetch, why);
	if (err != ERR_OK)
		return err;
	fetch->under_way = fetch->way.kind != WAY_KEYS;
	return fetch->under_way ? ERR_OK : roles_on(fetch, why);
}

void fetch_told(struct fetch *fetch, enum err err, const struct why *why)
{
	struct why sentence = *why;
	if (err == ERR_OK)
		err = roles_on(fetch, &sentence);
	if (err == ERR_OK && fetch->under_way)
		return;
	chain_told(fetch->credentials, err, &sentence);
}

void fetch_clear(struct fetch *fetch)
{
	exchange_clear(&fetch->exchange);
	way_clear(&fetch->way);
	secret_memory_free(&fetch->request);
	secret_memory_free(&fetch->metadata_token);
	grant_clear(&fetch->grant);
	*fetch = (struct fetch){.under_way = false};
}

/* RRSA: a token that Kubernetes signs, read from a file each time, is exchanged for a role's keys
 * (AssumeRoleWithOIDC). */
#include "alidns_time.h"
#include "sts.h"

#include <stdio.h>
#include <string.h>

#define TOKEN_SIZE_MIN ((size_t)4)
#define TOKEN_SIZE_MAX ((size_t)20000) /* of the API */
#define SPACES         " \t\r\n"

#define ROLE_ARN     "ALIBABA_CLOUD_ROLE_ARN"
#define PROVIDER_ARN "ALIBABA_CLOUD_OIDC_PROVIDER_ARN"
#define TOKEN_FILE   "ALIBABA_CLOUD_OIDC_TOKEN_FILE"

enum err oidc_find(const struct credentials *credentials, struct way *out, struct why *why)
{
	const char *role = env_text(credentials, ROLE_ARN);
	const char *provider = env_text(credentials, PROVIDER_ARN);
	const char *token_file = env_text(credentials, TOKEN_FILE);
	const char *session = env_text(credentials, "ALIBABA_CLOUD_ROLE_SESSION_NAME");
	if (provider == NULL && token_file == NULL) { /* a role alone is said for other uses too */
		why_set(why, TOKEN_FILE);
		return ERR_MISSING;
	}
	if (role == NULL || provider == NULL || token_file == NULL) {
		why_set(why,
		        "%s is not set, and of " ROLE_ARN ", " PROVIDER_ARN " and " TOKEN_FILE
		        " others are: set all three (ACK's pod identity webhook does)",
		        role == NULL       ? ROLE_ARN
		        : provider == NULL ? PROVIDER_ARN
		                           : TOKEN_FILE);
		return ERR_INVALID;
	}
	enum err err = way_begin(out, WAY_OIDC, why);
	if (err != ERR_OK)
		return err;
	(void)snprintf(out->origin, sizeof out->origin, "OIDC role %s", role);
	out->oidc.life_s = ROLE_LIFE_S;
	if (way_text(out, role, &out->oidc.arn) && way_text(out, provider, &out->provider) &&
	    way_text(out, token_file, &out->token_file) &&
	    way_text(out, session != NULL ? session : SESSION_NAME, &out->oidc.session))
		return ERR_OK;
	why_set(why, "what " ROLE_ARN " and its like say is too long");
	return ERR_LIMIT;
}

/* --- the exchange ------------------------------------------------------------------------- */

static struct bytes trimmed(const struct secret_memory *text)
{
	const char *from = (const char *)text->data;
	from += strspn(from, SPACES);
	size_t size = strlen(from);
	while (size > 0 && strchr(SPACES, from[size - 1]) != NULL)
		size--;
	return (struct bytes){(const uint8_t *)from, size};
}

static enum err token_check(const char *path, struct bytes token, struct why *why)
{
	for (size_t i = 0; i < token.size; i++) {
		if (token.data[i] <= ' ' || token.data[i] > '~') {
			why_set(why, "%s: not a token: it has blanks or other signs in it", path);
			return ERR_INVALID;
		}
	}
	if (token.size >= TOKEN_SIZE_MIN && token.size <= TOKEN_SIZE_MAX)
		return ERR_OK;
	why_set(why, "%s: not a token: it has %zu octets, and %zu to %zu are allowed", path, token.size,
	        TOKEN_SIZE_MIN, TOKEN_SIZE_MAX);
	return ERR_INVALID;
}

static bool form_write(struct secret_memory *form, const struct way *way, struct bytes token)
{
	char life[16];
	(void)snprintf(life, sizeof life, "%u", way->oidc.life_s);
	size_t from = form->used;
	return form_add(form, from, "OIDCProviderArn", bytes_of(way->provider)) &&
	       form_add(form, from, "OIDCToken", token) &&
	       form_add(form, from, "RoleArn", bytes_of(way->oidc.arn)) &&
	       form_add(form, from, "RoleSessionName", bytes_of(way->oidc.session)) &&
	       form_add(form, from, "DurationSeconds", bytes_of(life)) &&
	       (way->oidc.policy == NULL || form_add(form, from, "Policy", bytes_of(way->oidc.policy)));
}

static enum err url_write(const struct fetch *fetch, char *url, size_t size, struct why *why)
{
	char base[STS_BASE_SIZE];
	char time[TIMESTAMP_SIZE];
	enum err err = sts_base(fetch->credentials, &fetch->way, base, why);
	if (err != ERR_OK)
		return err;
	if (!timestamp_write(credentials_now(fetch->credentials) / 1000, time)) {
		why_set(why, "the clock of this machine shows no year of four digits");
		return ERR_INVALID;
	}
	/* "2026-11-23T02:31:14Z": its colons are the only signs that are encoded */
	(void)snprintf(url, size,
	               "%s/?Version=" STS_VERSION "&Action=AssumeRoleWithOIDC&Format=JSON"
	               "&Timestamp=%.13s%%3A%.2s%%3A%.3s",
	               base, time, time + 14, time + 17);
	return ERR_OK;
}

/* The token is what the request has between "OIDCToken=" and the next "&". */
static struct bytes token_sent(const struct secret_memory *request)
{
	static const char NAME[] = "OIDCToken=";
	const uint8_t *at = memmem(request->data, request->used, NAME, sizeof NAME - 1);
	if (at == NULL)
		return (struct bytes){NULL, 0};
	at += sizeof NAME - 1;
	size_t left = request->used - (size_t)(at - request->data);
	const uint8_t *end = memchr(at, '&', left);
	return (struct bytes){at, end != NULL ? (size_t)(end - at) : left};
}

static void on_done(void *arg, enum err err, unsigned status, struct bytes body,
                    const struct why *why)
{
	struct fetch *fetch = arg;
	const struct bytes token = token_sent(&fetch->request);
	sts_take(fetch, err, status, body, &token, 1, fetch->way.oidc.arn, why);
}

enum err oidc_start(struct fetch *fetch, struct why *why)
{
	char url[STS_BASE_SIZE + 160];
	unsigned mode;
	struct secret_memory text;
	const char *path = fetch->way.token_file;
	enum err err = secret_file_read(path, TOKEN_SIZE_MAX + 2, &text, &mode, why);
	if (err != ERR_OK)
		return err == ERR_MISSING ? ERR_IO : err;
	struct bytes token = trimmed(&text);
	err = token_check(path, token, why);
	if (err == ERR_OK)
		err = url_write(fetch, url, sizeof url, why);
	if (err == ERR_OK && !form_write(&fetch->request, &fetch->way, token)) {
		why_set(why, "what is to be sent to STS is too long");
		err = ERR_LIMIT;
	}
	secret_memory_free(&text);
	if (err == ERR_OK)
		err = sts_post(fetch, url, secret_memory_bytes(&fetch->request), on_done, why);
	return err;
}

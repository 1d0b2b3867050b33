/* The RAM role of an ECS instance, by its metadata: version 2 (a session token first), then version
 * 1 where that may be. */
#include "credentials_internal.h"

#include <stdio.h>
#include <string.h>

#define BASE          "http://100.100.100.200"
#define BASE_SIZE_MAX ((size_t)256)
#define ROLE_SIZE_MAX 128 /* RAM allows 64 */
#define TOKEN_HEADER  "X-aliyun-ecs-metadata-token: "
#define ROLE_SIGNS    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define SPACES        " \t\r\n"

enum step { STEP_TOKEN, STEP_ROLE, STEP_KEYS };

enum err ecs_find(const struct credentials *credentials, struct way *out, struct why *why)
{
	const char *role = env_text(credentials, "ALIBABA_CLOUD_ECS_METADATA");
	if (env_true(credentials, "ALIBABA_CLOUD_ECS_METADATA_DISABLED")) {
		why_set(why, "ECS metadata (disabled)");
		return ERR_MISSING;
	}
	enum err err = way_begin(out, WAY_ECS, why);
	if (err != ERR_OK)
		return err;
	(void)snprintf(out->origin, sizeof out->origin, "ECS RAM role%s%s", role != NULL ? " " : "",
	               role != NULL ? role : "");
	out->ecs_meant = role != NULL;
	if (way_text(out, role, &out->ecs_role))
		return ERR_OK;
	why_set(why, "ALIBABA_CLOUD_ECS_METADATA is too long");
	return ERR_LIMIT;
}

static void on_done(void *arg, enum err err, unsigned status, struct bytes body,
                    const struct why *why);

static enum err ask(struct fetch *fetch, enum step step, const char *method, const char *path,
                    const char *header, struct why *why)
{
	char url[BASE_SIZE_MAX + ROLE_SIZE_MAX + 64];
	const char *base = fetch->credentials->setup.metadata_base;
	const struct http_request request = {
		.method = method,
		.url = url,
		.headers = &header,
		.header_count = header != NULL,
		.proxy = "", /* it is the machine's own */
		.connect_timeout_ms = METADATA_CONNECT_MS,
		.idle_timeout_ms = METADATA_CONNECT_MS + METADATA_READ_MS,
		.total_timeout_ms = METADATA_CONNECT_MS + METADATA_READ_MS,
	};
	(void)snprintf(url, sizeof url, "%s%s", base != NULL ? base : BASE, path);
	fetch->step = step;
	return exchange_start(&fetch->exchange, fetch->credentials->setup.http, &request, on_done,
	                      fetch, why);
}

/* GET, with the session's token where there is one. */
static enum err get(struct fetch *fetch, enum step step, const char *path, struct why *why)
{
	const struct secret_memory *token = &fetch->metadata_token;
	return ask(fetch, step, "GET", path, token->used != 0 ? (const char *)token->data : NULL, why);
}

static enum err keys_ask(struct fetch *fetch, struct why *why)
{
	char path[ROLE_SIZE_MAX + 64];
	const char *role = fetch->way.ecs_role;
	size_t size = strlen(role);
	if (size == 0 || size >= ROLE_SIZE_MAX || strspn(role, ROLE_SIGNS) != size) {
		why_set(why, "the name of the RAM role is none");
		return ERR_INVALID;
	}
	(void)snprintf(path, sizeof path, "/latest/meta-data/ram/security-credentials/%s", role);
	return get(fetch, STEP_KEYS, path, why);
}

static enum err role_or_keys_ask(struct fetch *fetch, struct why *why)
{
	if (fetch->way.ecs_role != NULL)
		return keys_ask(fetch, why);
	return get(fetch, STEP_ROLE, "/latest/meta-data/ram/security-credentials/", why);
}

static struct bytes line_of(struct bytes body)
{
	while (body.size > 0 && memchr(SPACES, body.data[body.size - 1], sizeof SPACES - 1) != NULL)
		body.size--;
	return body;
}

static enum err token_take(struct fetch *fetch, unsigned status, struct bytes body, struct why *why)
{
	struct secret_memory *token = &fetch->metadata_token;
	struct bytes line = line_of(body);
	if (status != 200 || line.size == 0 || line.size >= CREDENTIAL_SIZE_MAX) {
		if (!env_true(fetch->credentials, "ALIBABA_CLOUD_IMDSV1_DISABLED"))
			return ERR_OK;
		why_set(why,
		        "no session token: HTTP %u, and ALIBABA_CLOUD_IMDSV1_DISABLED forbids to go "
		        "on without",
		        status);
		return ERR_IO;
	}
	enum err err = secret_memory_init(token, sizeof TOKEN_HEADER + CREDENTIAL_SIZE_MAX, why);
	if (err != ERR_OK)
		return err;
	const struct bytes nul = {(const uint8_t *)"", 1};
	return secret_memory_add(token, bytes_of(TOKEN_HEADER)) && secret_memory_add(token, line) &&
	               secret_memory_add(token, nul)
	           ? ERR_OK
	           : ERR_LIMIT;
}

static enum err role_take(struct fetch *fetch, unsigned status, struct bytes body, struct why *why)
{
	struct way *way = &fetch->way;
	struct bytes line = line_of(body);
	char role[ROLE_SIZE_MAX];
	if (status == 404) {
		why_set(why, "ECS metadata (no RAM role is attached to this instance)");
		return ERR_MISSING;
	}
	if (status != 200 || line.size == 0 || line.size >= sizeof role) {
		why_set(why, "which RAM role the instance has: HTTP %u", status);
		return ERR_IO;
	}
	(void)snprintf(role, sizeof role, "%.*s", BYTES_ARG(line));
	if (!way_text(way, role, &way->ecs_role) || way->ecs_role == NULL)
		return ERR_LIMIT;
	(void)snprintf(way->origin, sizeof way->origin, "ECS RAM role %s", role);
	return ERR_OK;
}

static enum err keys_take(struct fetch *fetch, unsigned status, struct bytes body, struct why *why)
{
	enum err err = ERR_IO;
	if (status == 200)
		err = grant_read(body, GRANT_FLAT, credentials_now(fetch->credentials), &fetch->grant, why);
	else
		why_set(why, "HTTP %u", status);
	if (err != ERR_OK)
		why_wrap(why, "RAM role %s", fetch->way.ecs_role);
	return err;
}

/* Nobody there: most machines are no instance, and their owners need no word on it. */
static enum err silence(const struct fetch *fetch, struct why *why)
{
	if (fetch->way.ecs_meant)
		return ERR_IO;
	why_set(why, "ECS metadata (no answer)");
	return ERR_MISSING;
}

static void on_done(void *arg, enum err err, unsigned status, struct bytes body,
                    const struct why *why)
{
	struct fetch *fetch = arg;
	struct why sentence = *why;
	enum step step = fetch->step;
	if (err != ERR_OK && status == 0 && step == STEP_TOKEN)
		err = silence(fetch, &sentence);
	else if (err == ERR_OK && step == STEP_TOKEN)
		err = token_take(fetch, status, body, &sentence);
	else if (err == ERR_OK && step == STEP_ROLE)
		err = role_take(fetch, status, body, &sentence);
	else if (err == ERR_OK)
		err = keys_take(fetch, status, body, &sentence);
	if (err == ERR_OK && step == STEP_TOKEN)
		err = role_or_keys_ask(fetch, &sentence);
	else if (err == ERR_OK && step == STEP_ROLE)
		err = keys_ask(fetch, &sentence);
	if (err != ERR_OK || step == STEP_KEYS)
		fetch_told(fetch, err, &sentence);
}

enum err ecs_start(struct fetch *fetch, struct why *why)
{
	return ask(fetch, STEP_TOKEN, "PUT", "/latest/api/token",
	           "X-aliyun-ecs-metadata-token-ttl-seconds: 21600", why);
}

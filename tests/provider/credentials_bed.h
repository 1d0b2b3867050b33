/* credentials_bed: credentials on a loop of their own, with a clock, an environment, a home folder
 * and an HTTP server (STS, metadata, URI) of the test's. */
#ifndef FEDNS_TESTS_PROVIDER_CREDENTIALS_BED_H
#define FEDNS_TESTS_PROVIDER_CREDENTIALS_BED_H

#include "credentials_internal.h"

#include "net/http_bench.h"
#include "source/folder.h"

#define NOW_MS     INT64_C(1795401074000) /* 2026-11-23T02:31:14Z */
#define MINUTE_MS  INT64_C(60000)
#define ENV_MAX    16
#define ROUTES_MAX 8
#define ASKED_MAX  16

struct bed_pair {
	char name[64], value[512];
};

struct bed {
	struct bench bench;
	struct folder folder;
	int64_t now_ms;
	struct alidns_file file;
	struct script_route routes[ROUTES_MAX + 1];
	char answers[ROUTES_MAX][2048];
	char metadata_base[64];
	char *asked[ASKED_MAX]; /* requests, in order */
	unsigned asked_count;
	struct credentials *credentials;
	uv_timer_t tick; /* no turn of the loop waits for longer than its millisecond */
};

/* What one wait was told, copied. */
struct said {
	struct credentials_wait wait;
	unsigned calls;
	enum err err;
	char id[64], secret[64], token[128], why[WHY_TEXT_SIZE];
};

/* getenv() has no argument for a test's own state. */
static struct bed_pair bed_env[ENV_MAX];

static inline const char *bed_getenv(const char *name)
{
	for (size_t i = 0; i < ENV_MAX; i++) {
		if (strcmp(bed_env[i].name, name) == 0)
			return bed_env[i].value;
	}
	return NULL;
}

/* A NULL value: unset. */
static inline void bed_setenv(const char *name, const char *value)
{
	size_t i = 0;
	while (i < ENV_MAX && strcmp(bed_env[i].name, name) != 0)
		i++;
	for (size_t j = 0; i == ENV_MAX && j < ENV_MAX; j++)
		i = bed_env[j].name[0] == '\0' ? j : i;
	assert_true(i < ENV_MAX);
	bed_env[i] = (struct bed_pair){.name = ""};
	if (value == NULL)
		return;
	(void)snprintf(bed_env[i].name, sizeof bed_env[i].name, "%s", name);
	(void)snprintf(bed_env[i].value, sizeof bed_env[i].value, "%s", value);
}

/* The path of `name` in the bed's folder is the variable's value. */
static inline void bed_setenv_path(const struct bed *bed, const char *name, const char *file)
{
	bed_setenv(name, folder_path(&bed->folder, file));
}

static inline int64_t bed_now(void *arg)
{
	return ((struct bed *)arg)->now_ms;
}

/* Answer `path` so from now on. */
static inline void bed_route(struct bed *bed, const char *path, unsigned status, const char *body)
{
	size_t i = 0;
	while (bed->routes[i].path != NULL && strcmp(bed->routes[i].path, path) != 0)
		i++;
	assert_true(i < ROUTES_MAX);
	int size =
		snprintf(bed->answers[i], sizeof bed->answers[i],
	             "HTTP/1.1 %u Said\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body), body);
	assert_true(size > 0 && (size_t)size < sizeof bed->answers[i]);
	bed->routes[i] = (struct script_route){.path = path, .octets = bed->answers[i]};
}

static inline void bed_tick(uv_timer_t *timer)
{
	(void)timer;
}

/* STS and metadata are this bed's server; the home is its folder. */
static inline void bed_make(struct bed *bed)
{
	char base[64];
	memset(bed, 0, sizeof *bed);
	memset(bed_env, 0, sizeof bed_env);
	bed->now_ms = NOW_MS;
	folder_make(&bed->folder);
	bench_start(&bed->bench, bed->routes);
	uv_timer_init(&bed->bench.loop, &bed->tick);
	uv_timer_start(&bed->tick, bed_tick, 1, 1);
	(void)snprintf(base, sizeof base, "%s", bench_url(&bed->bench, ""));
	memcpy(bed->metadata_base, base, sizeof base);
	bed_setenv("HOME", bed->folder.path);
	bed_setenv("ALIBABA_CLOUD_STS_ENDPOINT", base);
	bed_setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
	const struct credentials_setup setup = {
		.loop = &bed->bench.loop,
		.http = bed->bench.http,
		.file = &bed->file,
		.env = bed_getenv,
		.now_ms = bed_now,
		.now_arg = bed,
		.metadata_base = bed->metadata_base,
	};
	struct why why;
	assert_int_equal(credentials_new(&setup, &bed->credentials, &why), ERR_OK);
	assert_string_equal(credentials_origin(bed->credentials), "none yet");
	assert_null(credentials_trouble(bed->credentials));
}

static inline void bed_end(struct bed *bed)
{
	credentials_free(bed->credentials);
	uv_close((uv_handle_t *)&bed->tick, NULL);
	bench_stop(&bed->bench);
	for (unsigned i = 0; i < bed->asked_count; i++)
		free(bed->asked[i]);
	folder_remove(&bed->folder);
}

static inline void bed_folder(const struct bed *bed, const char *name)
{
	assert_int_equal(mkdir(folder_path(&bed->folder, name), 0700), 0);
}

/* One turn, and what it brought to the server. */
static inline void bed_turn(struct bed *bed)
{
	unsigned before = bed->bench.server.requests;
	uv_run(&bed->bench.loop, UV_RUN_ONCE);
	if (bed->bench.server.requests == before)
		return;
	assert_int_equal(bed->bench.server.requests, before + 1);
	assert_true(bed->asked_count < ASKED_MAX);
	bed->asked[bed->asked_count] = strdup(bed->bench.server.request);
	assert_non_null(bed->asked[bed->asked_count++]);
}

/* What was begun without anybody waiting for it ends. */
static inline void bed_settle(struct bed *bed)
{
	for (unsigned i = 0; i < 10000; i++) {
		bed_turn(bed);
		if (!bed->credentials->walk.under_way &&
		    !uv_is_active((uv_handle_t *)&bed->credentials->soon))
			return;
	}
	fail_msg("it doesn't settle");
}

static inline void on_said(void *arg, enum err err, const struct credential *credential,
                           const struct why *why)
{
	struct said *said = arg;
	said->calls++;
	said->err = err;
	assert_int_equal(credential != NULL, err == ERR_OK);
	assert_int_equal(why->text[0] == '\0', err == ERR_OK);
	(void)snprintf(said->why, sizeof said->why, "%s", why->text);
	if (credential == NULL)
		return;
	(void)snprintf(said->id, sizeof said->id, "%s", credential->id);
	(void)snprintf(said->secret, sizeof said->secret, "%s", credential->secret);
	(void)snprintf(said->token, sizeof said->token, "%s",
	               credential->token != NULL ? credential->token : "none");
}

static inline void ask(struct bed *bed, struct said *said)
{
	*said = (struct said){.wait = {.done = on_said, .arg = said}};
	credentials_get(bed->credentials, &said->wait);
}

/* Ask, and run the loop until told. */
static inline struct said get(struct bed *bed)
{
	struct said said;
	ask(bed, &said);
	while (said.calls == 0)
		bed_turn(bed);
	assert_int_equal(said.calls, 1);
	said.wait.arg = NULL;
	return said;
}

static inline void assert_id(struct bed *bed, const char *id)
{
	struct said said = get(bed);
	if (said.err != ERR_OK)
		fail_msg("%s", said.why);
	assert_string_equal(said.id, id);
}

/* No test's keys or tokens stand in `text`; all of them have "secret" in their names but these. */
static inline void assert_tells_no_secret(const char *text)
{
	static const char *const SECRETS[] = {"testsecret", "CAIS", "eyJ", "MDTOKEN", "s3cr3t"};
	for (size_t i = 0; i < sizeof SECRETS / sizeof SECRETS[0]; i++) {
		if (strstr(text, SECRETS[i]) != NULL)
			fail_msg("\"%s\" shows \"%s\"", text, SECRETS[i]);
	}
}

static inline void assert_error(struct bed *bed, enum err err, const char *part)
{
	struct said said = get(bed);
	assert_tells_no_secret(said.why);
	if (said.err != err || strstr(said.why, part) == NULL)
		fail_msg("error %d, not %d, or \"%s\" is without \"%s\"", said.err, err, said.why, part);
	assert_string_equal(credentials_trouble(bed->credentials), said.why);
}

/* The request number `i`, as far as it begins so. */
static inline void assert_asked(const struct bed *bed, unsigned i, const char *begin)
{
	assert_true(i < bed->asked_count);
	if (strncmp(bed->asked[i], begin, strlen(begin)) != 0)
		fail_msg("request %u isn't \"%s\": %s", i, begin, bed->asked[i]);
}

#define STS_KEYS(id, expires)                                                                      \
	"{\"RequestId\":\"R\",\"Credentials\":{\"AccessKeyId\":\"" id                                  \
	"\",\"AccessKeySecret\":\"testsecret\",\"SecurityToken\":\"CAIS.fake\",\"Expiration\":"        \
	"\"" expires "\"}}"
#define FLAT_KEYS(id, expires)                                                                     \
	"{\"Code\":\"Success\",\"AccessKeyId\":\"" id                                                  \
	"\",\"AccessKeySecret\":\"testsecret\",\"SecurityToken\":\"CAIS.fake\",\"Expiration\":"        \
	"\"" expires "\"}"
#define IN_AN_HOUR "2026-11-23T03:31:14Z"

#endif

/* auth_bed: a kube_auth on a loop of its own, with a clock, a log and a folder of the test's. */
#ifndef FEDNS_TESTS_SOURCE_AUTH_BED_H
#define FEDNS_TESTS_SOURCE_AUTH_BED_H

#include "kube_auth_internal.h"

#include "fedns/source.h"

#include "folder.h"

#include <fcntl.h>

#define PEM_DIR    TESTS_DIR "/source/kubeconfig/pem"
#define V1         "client.authentication.k8s.io/v1"
#define TIMEOUT_MS 20000 /* more than any script of ours takes */
#define NOW_MS     ((int64_t)1767225600000)

struct bed {
	struct folder folder;
	uv_loop_t loop;
	int64_t now_ms;
	struct log log;
	struct kube_access access;
	char command[PATH_MAX], runs[PATH_MAX + 8];
	const char *env[1];
	struct kube_auth *auth;
	struct spawner *spawner; /* NULL: commands are run by the test itself */
};

/* What one call said, copied. */
struct said {
	struct kube_wait wait;
	unsigned calls;
	enum err err;
	char authorization[128], why[WHY_TEXT_SIZE];
	size_t cert_size, key_size, ca_size;
	uint64_t generation, tls_generation;
};

static inline int64_t bed_now(void *arg)
{
	return ((struct bed *)arg)->now_ms;
}

static inline void bed_make(struct bed *bed, enum kube_credential credential)
{
	*bed = (struct bed){.now_ms = NOW_MS};
	folder_make(&bed->folder);
	assert_int_equal(uv_loop_init(&bed->loop), 0);
	bed->log = (struct log){.level = LOG_DEBUG};
	bed->log.fd = open(folder_path(&bed->folder, "log"), O_CREAT | O_WRONLY | O_APPEND, 0600);
	assert_true(bed->log.fd >= 0);
	(void)snprintf(bed->command, sizeof bed->command, "%s/plugin", bed->folder.path);
	(void)snprintf(bed->runs, sizeof bed->runs, "RUNS=%s/runs", bed->folder.path);
	bed->env[0] = bed->runs;
	bed->access = (struct kube_access){
		.origin = "config: context \"c\"",
		.user = "u",
		.server = "https://k.example",
		.credential = credential,
		.exec = {.command = bed->command, .env = bed->env, .env_count = 1, .api_version = V1},
	};
}

static inline void bed_start(struct bed *bed, uint64_t timeout_ms)
{
	struct why why;
	const struct kube_auth_setup setup = {&bed->loop, &bed->access, &bed->log,
	                                      bed_now,    bed,          bed->spawner};
	assert_int_equal(kube_auth_new_limited(&setup, timeout_ms, &bed->auth, &why), ERR_OK);
}

static inline void bed_end(struct bed *bed)
{
	kube_auth_free(bed->auth);
	spawner_stop(bed->spawner);
	assert_int_equal(uv_run(&bed->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&bed->loop), 0);
	assert_int_equal(close(bed->log.fd), 0);
	folder_remove(&bed->folder);
}

/* Does the log hold this? */
static inline bool log_has(const struct bed *bed, const char *wanted)
{
	struct buf text;
	struct why why;
	assert_int_equal(file_read(folder_path(&bed->folder, "log"), 1 << 20, &text, &why), ERR_OK);
	bool found = text.size != 0 && memmem(text.data, text.size, wanted, strlen(wanted)) != NULL;
	buf_free(&text);
	return found;
}

static inline void on_credentials(void *arg, enum err err,
                                  const struct kube_credentials *credentials, const struct why *why)
{
	struct said *said = arg;
	said->calls++;
	said->err = err;
	assert_int_equal(credentials != NULL, err == ERR_OK);
	(void)snprintf(said->why, sizeof said->why, "%s", why->text);
	if (credentials == NULL)
		return;
	(void)snprintf(said->authorization, sizeof said->authorization, "%s",
	               credentials->authorization != NULL ? credentials->authorization : "none");
	said->cert_size = credentials->cert.size;
	said->key_size = credentials->key.size;
	said->ca_size = credentials->ca.size;
	said->generation = credentials->generation;
	said->tls_generation = credentials->tls_generation;
}

static inline void ask(struct bed *bed, struct said *said)
{
	*said = (struct said){.wait = {.done = on_credentials, .arg = said}};
	kube_auth_get(bed->auth, &said->wait);
	assert_int_equal(said->calls, 0); /* never from within */
}

/* Ask, and run the loop until the answer; nothing else keeps it alive. */
static inline struct said get(struct bed *bed)
{
	struct said said;
	ask(bed, &said);
	assert_int_equal(uv_run(&bed->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(said.calls, 1);
	said.wait.arg = NULL;
	return said;
}

static inline void assert_header(struct bed *bed, const char *header)
{
	struct said said = get(bed);
	if (said.err != ERR_OK)
		fail_msg("%s", said.why);
	assert_string_equal(said.authorization, header);
}

static inline void assert_error(struct bed *bed, enum err err, const char *part)
{
	struct said said = get(bed);
	assert_int_equal(said.err, err);
	if (strstr(said.why, part) == NULL ||
	    strncmp(said.why, "config: context \"c\": user \"u\": ", 31))
		fail_msg("\"%s\" is without \"%s\"", said.why, part);
}

#endif

/* kube_auth with commands: scripts, run on a real loop. What they are told, when they are run
 * again, and what happens to those that print nonsense, print without end, hang, or aren't there.
 * All of it twice: run by this process, and by the spawner.
 */
#include "auth_bed.h"

#include <jansson.h>

/* A script that prints an ExecCredential with this status. */
#define SCRIPT(status)                                                                             \
	"#!/bin/sh\necho run >> \"$RUNS\"\n"                                                           \
	"echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"status\":" status "}'\n"

/* As the tests of `state` want it: by the spawner, or not. */
static void make(void **state, struct bed *bed)
{
	struct why why;
	bed_make(bed, KUBE_EXEC);
	const char *const allow[] = {bed->command, "fedns-test-plugin", "plugin"};
	const struct spawner_setup setup = {.allow = allow, .allow_count = 3};
	if (*state != NULL)
		assert_int_equal(spawner_start(&setup, &bed->spawner, &why), ERR_OK);
}

static void script(struct bed *bed, const char *text)
{
	folder_write(&bed->folder, "plugin.new", text);
	assert_int_equal(chmod(folder_path(&bed->folder, "plugin.new"), 0700), 0);
	assert_int_equal(rename(folder_path(&bed->folder, "plugin.new"), bed->command), 0);
}

/* How often scripts ran. */
static size_t run_count(const struct bed *bed)
{
	struct buf text;
	struct why why;
	if (file_read(folder_path(&bed->folder, "runs"), 4096, &text, &why) != ERR_OK)
		return 0;
	size_t count = text.size / strlen("run\n");
	buf_free(&text);
	return count;
}

/* --- commands ----------------------------------------------------------------------------- */

static void a_command_runs_once_for_all_who_wait(void **state)
{
	struct bed bed;
	struct said said[3];
	make(state, &bed);
	script(&bed, SCRIPT("{\"token\":\"t\"}"));
	bed_start(&bed, TIMEOUT_MS);
	for (size_t i = 0; i < 3; i++)
		ask(&bed, &said[i]);
	kube_auth_cancel(&said[1].wait);
	assert_int_equal(uv_run(&bed.loop, UV_RUN_DEFAULT), 0);
	kube_auth_cancel(&said[0].wait); /* it was called: fine */
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(said[i].calls, i != 1);
	assert_string_equal(said[2].authorization, "Bearer t");
	assert_header(&bed, "Bearer t");
	bed.now_ms += (int64_t)365 * 24 * 3600 * 1000;
	assert_header(&bed, "Bearer t"); /* without an end it holds for ever */
	assert_int_equal(run_count(&bed), 1);
	bed_end(&bed);
}

static void a_command_runs_again_after_expiry_and_refusal(void **state)
{
	struct bed bed;
	make(state, &bed);
	script(&bed, SCRIPT("{\"token\":\"one\",\"expirationTimestamp\":\"2026-01-01T00:15:00Z\"}"));
	bed_start(&bed, TIMEOUT_MS);
	assert_header(&bed, "Bearer one");
	bed.now_ms += 15 * 60 * 1000 - 1;
	assert_header(&bed, "Bearer one");
	assert_int_equal(run_count(&bed), 1);
	bed.now_ms += 1;
	script(&bed, SCRIPT("{\"token\":\"two\"}"));
	struct said two = get(&bed);
	assert_string_equal(two.authorization, "Bearer two");
	kube_auth_refused(bed.auth, two.generation - 1); /* the first one's 401 comes late */
	assert_header(&bed, "Bearer two");
	kube_auth_refused(bed.auth, two.generation);
	struct said again = get(&bed); /* the same token, but another try is due */
	assert_string_equal(again.authorization, "Bearer two");
	assert_true(again.generation != two.generation);
	assert_int_equal(again.tls_generation, two.tls_generation);
	assert_int_equal(run_count(&bed), 3);
	bed_end(&bed);
}

static void a_command_is_told_what_it_asks_for(void **state)
{
	struct bed bed;
	static const char *const ARGS[] = {"get token", "-x"};
	make(state, &bed);
	bed.access.exec.args = ARGS;
	bed.access.exec.arg_count = 2;
	bed.access.exec.cluster_info = true;
	bed.access.insecure = true;
	bed.access.tls_server_name = "real\"name";
	script(&bed,
	       "#!/bin/sh\nprintf '%s|%s|%s' \"$1\" \"$2\" \"$KUBERNETES_EXEC_INFO\" > \"$RUNS\"\n"
	       "echo noise: $$ >&2; exit 3\n");
	bed_start(&bed, TIMEOUT_MS);
	assert_error(&bed, ERR_IO, "plugin\" ended with status 3; what it said stands in the log");
	assert_true(log_has(&bed, "plugin: noise: "));
	struct buf text;
	struct why why;
	assert_int_equal(file_read(folder_path(&bed.folder, "runs"), 4096, &text, &why), ERR_OK);
	assert_true(bytes_equal(
		buf_bytes(&text),
		bytes_of("get token|-x|{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"spec\":{"
	             "\"interactive\":false,\"cluster\":{\"server\":\"https://k.example\","
	             "\"tls-server-name\":\"real\\\"name\",\"insecure-skip-tls-verify\":true}}}")));
	buf_free(&text);
	bed_end(&bed);
}

static char *pem_text(const char *name)
{
	struct buf text;
	struct why why;
	char path[PATH_MAX];
	(void)snprintf(path, sizeof path, PEM_DIR "/%s", name);
	assert_int_equal(file_read(path, KUBE_PEM_SIZE_MAX, &text, &why), ERR_OK);
	char *copy = strndup((const char *)text.data, text.size);
	buf_free(&text);
	return copy;
}

/* The script prints this certificate and key. */
static void script_pair(struct bed *bed, const char *cert_name, const char *key_name)
{
	char *cert = pem_text(cert_name), *key = pem_text(key_name);
	json_t *answer = json_pack("{s:s,s:s,s:{s:s,s:s}}", "kind", "ExecCredential", "apiVersion", V1,
	                           "status", "clientCertificateData", cert, "clientKeyData", key);
	char *text = json_dumps(answer, 0);
	folder_write(&bed->folder, "answer", text);
	script(bed, "#!/bin/sh\ncat \"${0%/*}/answer\"\n");
	json_decref(answer);
	free(text);
	free(cert);
	free(key);
}

static void certificates_of_commands(void **state)
{
	struct bed bed;
	make(state, &bed);
	script_pair(&bed, "client.crt", "client.key");
	bed_start(&bed, TIMEOUT_MS);
	struct said said = get(&bed);
	if (said.err != ERR_OK)
		fail_msg("%s", said.why);
	assert_string_equal(said.authorization, "none");
	assert_true(said.cert_size > 300 && said.key_size > 200);
	assert_int_equal(said.tls_generation, 2);
	kube_auth_refused(bed.auth, said.generation);
	assert_int_equal(get(&bed).tls_generation, 2); /* the same again: connections stay */
	script_pair(&bed, "client.crt", "other.key");
	kube_auth_refused(bed.auth, said.generation + 1);
	assert_error(&bed, ERR_INVALID,
	             "its client certificate and key: the private key is not that of");
	bed_end(&bed);
}

static void bad_answers_are_refused_and_not_quoted(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"#!/bin/sh\necho secret\n", "it is not JSON"},
		{"#!/bin/sh\n", "it is not JSON"},
		{"#!/bin/sh\necho '{\"kind\":\"secret\"}'\n", "its kind is not ExecCredential"},
		{"#!/bin/sh\necho '{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "beta1\"}'\n",
	     "its apiVersion is not " V1 ", which the kubeconfig wants"},
		{"#!/bin/sh\necho '{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\"}'\n",
	     "it has no status"},
		{SCRIPT("{}"), "its status has neither token nor client certificate"},
		{SCRIPT("{\"token\":7}"), "its status.token is not a string"},
		{SCRIPT("{\"token\":\"secret\\\\nsecret\"}"), "its token has a line feed"},
		{SCRIPT("{\"token\":\"secret\",\"expirationTimestamp\":\"secret\"}"),
	     "its status.expirationTimestamp is no time"},
		{SCRIPT("{\"token\":\"secret\",\"clientKeyData\":\"secret\"}"),
	     "it gives only one of clientCertificateData and clientKeyData"},
		{SCRIPT("{\"clientCertificateData\":\"secret\",\"clientKeyData\":\"secret\"}"),
	     "no certificate in it"},
	};
	struct bed bed;
	make(state, &bed);
	script(&bed, "");
	bed_start(&bed, TIMEOUT_MS);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		script(&bed, cases[i].text);
		struct said said = get(&bed);
		assert_int_equal(said.err, ERR_INVALID);
		if (strstr(said.why, cases[i].why) == NULL || strstr(said.why, "secret") != NULL)
			fail_msg("\"%s\" is not \"%s\"", said.why, cases[i].why);
	}
	assert_false(log_has(&bed, "secret"));
	bed_end(&bed);
}

static void commands_that_cannot_be_run_say_how_to_get_them(void **state)
{
	struct bed bed;
	make(state, &bed);
	bed.access.exec.install_hint = "get it from your team";
	bed_start(&bed, TIMEOUT_MS);
	assert_error(&bed, ERR_MISSING,
	             "can't be run: no such file or directory (get it from your team)");
	script(&bed, "#!/bin/sh\nkill -TERM $$\n");
	assert_error(&bed, ERR_IO, "was ended by signal 15 (get it from your team)");
	assert_int_equal(chmod(bed.command, 0600), 0);
	assert_error(&bed, ERR_IO, "can't be run: permission denied");
	bed.access.exec.command = "fedns-test-plugin";
	assert_error(&bed, ERR_MISSING, "the command \"fedns-test-plugin\" is not in PATH");
	bed_end(&bed);
}

/* The kubeconfig's PATH is the command's business, not ours. */
static void names_are_sought_in_our_own_path(void **state)
{
	struct bed bed;
	make(state, &bed);
	script(&bed, SCRIPT("{\"token\":\"evil\"}"));
	char evil[PATH_MAX + 8];
	(void)snprintf(evil, sizeof evil, "PATH=%s", bed.folder.path);
	const char *const env[] = {evil, bed.runs};
	bed.access.exec.env = env;
	bed.access.exec.env_count = 2;
	bed.access.exec.command = "plugin";
	bed_start(&bed, TIMEOUT_MS);
	assert_error(&bed, ERR_MISSING, "the command \"plugin\" is not in PATH");
	char *before = strdup(getenv("PATH"));
	char path[PATH_MAX * 2];
	(void)snprintf(path, sizeof path, ".::relative:%s:%s", bed.folder.path, before);
	assert_int_equal(setenv("PATH", path, 1), 0);
	if (*state != NULL) /* its own is that of its start */
		assert_error(&bed, ERR_MISSING, "the command \"plugin\" is not in PATH");
	else
		assert_header(&bed, "Bearer evil");
	assert_int_equal(setenv("PATH", before, 1), 0);
	free(before);
	bed_end(&bed);
}

static void a_command_that_prints_without_end_is_killed(void **state)
{
	struct bed bed;
	make(state, &bed);
	script(&bed, "#!/bin/sh\necho $$ > \"$RUNS\"\nexec yes\n");
	bed_start(&bed, TIMEOUT_MS);
	assert_error(&bed, ERR_LIMIT, "prints more than 262144 octets");
	bed_end(&bed);
}

/* A pipe whose other end only the children hold: its end is theirs. */
static void a_command_that_hangs_is_killed_with_its_children(void **state)
{
	struct bed bed;
	char octet, text[PATH_MAX + 128];
	make(state, &bed);
	const char *fifo = folder_path(&bed.folder, "fifo");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	int end = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(end >= 0);
	(void)snprintf(text, sizeof text, "#!/bin/sh\nexec 9> %s\ntail -f /dev/null\necho never\n",
	               fifo);
	script(&bed, text);
	bed_start(&bed, 300);
	assert_error(&bed, ERR_AGAIN, "gave no answer within 300 ms");
	assert_int_equal(fcntl(end, F_SETFL, 0), 0);
	assert_int_equal(read(end, &octet, 1), 0); /* blocks while one of them is alive */
	assert_int_equal(close(end), 0);
	bed_end(&bed);
}

static void ending_forgets_who_waits(void **state)
{
	struct bed bed;
	struct said said;
	make(state, &bed);
	script(&bed, "#!/bin/sh\nexec tail -f /dev/null\n");
	bed_start(&bed, TIMEOUT_MS);
	ask(&bed, &said);
	(void)uv_run(&bed.loop, UV_RUN_NOWAIT); /* it runs */
	(void)uv_run(&bed.loop, UV_RUN_NOWAIT);
	bed_end(&bed); /* comes back: it was killed */
	assert_int_equal(said.calls, 0);
	kube_auth_cancel(&said.wait);
}

#define BOTH_WAYS(test)                                                                            \
	{#test, test, NULL, NULL, NULL},                                                               \
	{                                                                                              \
#test ", by the spawner", test, NULL, NULL, (void *)"spawner"                              \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH_WAYS(a_command_runs_once_for_all_who_wait),
		BOTH_WAYS(a_command_runs_again_after_expiry_and_refusal),
		BOTH_WAYS(a_command_is_told_what_it_asks_for),
		BOTH_WAYS(certificates_of_commands),
		BOTH_WAYS(bad_answers_are_refused_and_not_quoted),
		BOTH_WAYS(commands_that_cannot_be_run_say_how_to_get_them),
		BOTH_WAYS(names_are_sought_in_our_own_path),
		BOTH_WAYS(a_command_that_prints_without_end_is_killed),
		BOTH_WAYS(a_command_that_hangs_is_killed_with_its_children),
		BOTH_WAYS(ending_forgets_who_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

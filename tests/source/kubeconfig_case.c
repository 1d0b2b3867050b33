#include "kubeconfig_case.h"

#include "fedns/base64.h"
#include "fedns/source.h"

#include "check.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPECT_SIZE_MAX  65536
#define KUBECTL_SIZE_MAX ((size_t)1 << 20)

/* --- the case ----------------------------------------------------------------------------- */

static void line_take(struct kubeconfig_case *the_case, char *line)
{
	char *value = strchr(line, ' ');
	assert_non_null(value);
	*value++ = '\0';
	if (strcmp(line, "file") == 0) {
		the_case->ask.file = value;
	} else if (strcmp(line, "list") == 0 || strcmp(line, "home") == 0) {
		the_case->ask.file = NULL;
		assert_int_equal(setenv(line[0] == 'l' ? "KUBECONFIG" : "HOME", value, 1), 0);
	} else if (strcmp(line, "context") == 0) {
		the_case->ask.context = value;
	} else if (strcmp(line, "kubectl") == 0) {
		the_case->kubectl_differs = true;
	} else if (strcmp(line, "allow") == 0) {
		size_t at = the_case->ask.exec_allow_count++;
		assert_true(at < CASE_ALLOW_MAX);
		char *here = getcwd(NULL, 0);
		if (strncmp(value, "$DIR", 4) == 0) {
			assert_true(asprintf(&the_case->owned[at], "%s%s", here, value + 4) > 0);
			value = the_case->owned[at];
		}
		the_case->allow[at] = value;
		free(here);
	} else {
		fail_msg("expect.txt: > %s", line);
	}
}

void case_read(struct kubeconfig_case *the_case)
{
	struct buf text;
	struct why why;
	*the_case = (struct kubeconfig_case){.ask = {.file = "config"}};
	the_case->ask.exec_allow = the_case->allow;
	assert_int_equal(unsetenv("KUBECONFIG"), 0);
	assert_int_equal(unsetenv("HOME"), 0);
	assert_int_equal(file_read("expect.txt", EXPECT_SIZE_MAX, &text, &why), ERR_OK);
	the_case->text = strndup((const char *)text.data, text.size);
	buf_free(&text);
	char *rest = the_case->text;
	while (strncmp(rest, "> ", 2) == 0) {
		char *line = strsep(&rest, "\n");
		line_take(the_case, line + 2);
	}
	the_case->expected = rest;
}

void case_clear(struct kubeconfig_case *the_case)
{
	for (size_t i = 0; i < CASE_ALLOW_MAX; i++)
		free(the_case->owned[i]);
	free(the_case->text);
}

/* --- text --------------------------------------------------------------------------------- */

/* `text` with the working folder written as $DIR, and its parent as $UP; freed. */
static char *without_paths(char *text)
{
	char *here = getcwd(NULL, 0), *made = NULL;
	size_t size, here_size = strlen(here);
	size_t up_size = (size_t)(strrchr(here, '/') - here);
	FILE *out = open_memstream(&made, &size);
	for (const char *at = text; *at != '\0';) {
		if (strncmp(at, here, here_size) == 0) {
			(void)fputs("$DIR", out);
			at += here_size;
		} else if (strncmp(at, here, up_size) == 0) {
			(void)fputs("$UP", out);
			at += up_size;
		} else {
			(void)fputc(*at++, out);
		}
	}
	assert_int_equal(fclose(out), 0);
	free(here);
	free(text);
	return made;
}

/* The name of the file in ../pem that holds the same. */
static const char *pem_name(struct bytes pem)
{
	static const char *const NAMES[] = {"ca.crt", "client.crt", "client.key", "other.key"};
	for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
		char path[64];
		struct buf text;
		struct why why;
		(void)snprintf(path, sizeof path, "../pem/%s", NAMES[i]);
		assert_int_equal(file_read(path, KUBE_PEM_SIZE_MAX, &text, &why), ERR_OK);
		bool same = bytes_equal(buf_bytes(&text), pem);
		buf_free(&text);
		if (same)
			return NAMES[i];
	}
	return "unknown";
}

static void put(FILE *out, const char *key, const char *value)
{
	if (value != NULL && *value != '\0')
		(void)fprintf(out, "%s %s\n", key, value);
}

static void put_pem(FILE *out, const char *key, const struct kube_pem *pem)
{
	if (pem->octets.size != 0)
		(void)fprintf(out, "%s %s%s\n", key, pem_name(pem->octets),
		              pem->file != NULL ? " from a file" : "");
}

static void put_exec(FILE *out, const struct kube_exec *exec)
{
	put(out, "command", exec->command);
	put(out, "api-version", exec->api_version);
	for (size_t i = 0; i < exec->arg_count; i++)
		put(out, "arg", exec->args[i]);
	for (size_t i = 0; i < exec->env_count; i++)
		put(out, "env", exec->env[i]);
	put(out, "install-hint", exec->install_hint);
	put(out, "cluster-info", exec->cluster_info ? "true" : NULL);
}

char *access_text(const struct kube_access *access)
{
	static const char *const CREDENTIALS[] = {"anonymous", "token", "token-file", "basic", "exec"};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	put(out, "origin", access->origin);
	put(out, "cluster", access->cluster);
	put(out, "user", access->user);
	put(out, "server", access->server);
	put(out, "tls-server-name", access->tls_server_name);
	put(out, "insecure", access->insecure ? "true" : NULL);
	put_pem(out, "ca", &access->ca);
	put(out, "proxy", access->proxy_url);
	put(out, "disable-compression", access->disable_compression ? "true" : NULL);
	put_pem(out, "cert", &access->cert);
	put_pem(out, "key", &access->key);
	put(out, "credential", CREDENTIALS[access->credential]);
	put(out, "token", access->token);
	put(out, "token-file", access->token_file);
	put(out, "username", access->username);
	put(out, "password", access->password);
	for (size_t i = 0; i < access->header_count; i++)
		(void)fprintf(out, "%s: %s\n", access->headers[i].name, access->headers[i].value);
	if (access->credential == KUBE_EXEC)
		put_exec(out, &access->exec);
	assert_int_equal(fclose(out), 0);
	return without_paths(text);
}

char *error_text(const char *why)
{
	char *text;
	assert_true(asprintf(&text, "error: %s\n", why) > 0);
	return without_paths(text);
}

/* --- kubectl ------------------------------------------------------------------------------ */

/* What kubectl prints, as JSON; NULL: it isn't installed. */
static json_t *kubectl_view(const struct kubeconfig_case *the_case)
{
	char kubeconfig[PATH_MAX], context[512];
	char *argv[] = {"kubectl", "config", "view",     "--minify", "--raw", "--flatten",
	                "-o",      "json",   kubeconfig, context,    NULL};
	const struct kubeconfig_ask *ask = &the_case->ask;
	(void)snprintf(kubeconfig, sizeof kubeconfig, "--kubeconfig=%s", ask->file ? ask->file : "");
	(void)snprintf(context, sizeof context, "--context=%s", ask->context ? ask->context : "");
	int ends[2];
	pid_t pid;
	posix_spawn_file_actions_t actions;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO), 0);
	assert_int_equal(posix_spawn_file_actions_addclose(&actions, ends[0]), 0);
	assert_int_equal(posix_spawn_file_actions_addclose(&actions, ends[1]), 0);
	int failed = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(ends[1]);
	FILE *in = fdopen(ends[0], "r");
	assert_non_null(in);
	json_error_t error;
	json_t *view = failed ? NULL : json_loadf(in, 0, &error);
	(void)fclose(in);
	int status = 0;
	if (!failed)
		assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!failed && view == NULL)
		fail_msg("kubectl refuses what we take (status %d): %s", status, error.text);
	if (failed)
		print_message("kubectl isn't installed: not compared with it\n");
	return view;
}

/* Of the only entry of a list: its value of `key`, as text; "" where there is none. */
static const char *field(json_t *view, const char *list, const char *entry, const char *key)
{
	json_t *object = json_object_get(json_array_get(json_object_get(view, list), 0), entry);
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static void same_text(json_t *view, const char *list, const char *key, const char *ours)
{
	char entry[16];
	(void)snprintf(entry, sizeof entry, "%.*s", (int)strlen(list) - 1, list);
	const char *theirs = field(view, list, entry, key);
	if (strcmp(theirs, ours != NULL ? ours : "") != 0)
		fail_msg("%s: kubectl says \"%s\", we \"%s\"", key, theirs, ours != NULL ? ours : "");
}

static void same_pem(json_t *view, const char *list, const char *key, const struct kube_pem *pem)
{
	char *text = malloc(BASE64_TEXT_SIZE(pem->octets.size));
	assert_non_null(text);
	base64_encode(pem->octets, text);
	same_text(view, list, key, text);
	free(text);
}

void kubectl_compare(const struct kubeconfig_case *the_case, const struct kube_access *access)
{
	json_t *view = kubectl_view(the_case);
	if (view == NULL)
		return;
	same_text(view, "clusters", "server", access->server);
	same_text(view, "clusters", "tls-server-name", access->tls_server_name);
	same_text(view, "clusters", "proxy-url", access->proxy_url);
	same_pem(view, "clusters", "certificate-authority-data", &access->ca);
	same_pem(view, "users", "client-certificate-data", &access->cert);
	same_pem(view, "users", "client-key-data", &access->key);
	same_text(view, "users", "token", access->token);
	same_text(view, "users", "username", access->username);
	same_text(view, "users", "password", access->password);
	same_text(view, "users", "as", access->header_count > 0 ? access->headers[0].value : NULL);
	json_decref(view);
}

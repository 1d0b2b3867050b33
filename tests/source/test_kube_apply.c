/* Objects brought to an API server that is a script in a thread, for what brings them blocks: what
 * is asked, in which order, and what is made of each answer. */
#include "fedns/kube_apply.h"

#include "check.h"

#include "folder.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>

#define ANSWERS_MAX  8
#define REQUEST_SIZE 4096
#define LETTERS_SIZE 128
#define AT(version)  "{\"metadata\":{\"resourceVersion\":\"" version "\"}}"
#define REFUSAL                                                                                    \
	"{\"kind\":\"Status\",\"code\":403,\"reason\":\"Forbidden\",\"message\":\"no, you may not\"}"
#define CONFLICT                                                                                   \
	"{\"kind\":\"Status\",\"code\":409,\"reason\":\"Conflict\",\"message\":\"x has it\"}"

struct answer {
	const char *status; /* header lines may follow it */
	const char *body;
};

struct server {
	const struct answer *answers; /* ends with status NULL; then connections are closed */
	int listener;
	uint16_t port;
	pthread_t thread;
	char requests[ANSWERS_MAX + 1][REQUEST_SIZE];
	size_t request_count;
};

/* Head and body of one request, as text. */
static void request_read(int fd, char *out)
{
	size_t used = 0, wanted = REQUEST_SIZE - 1;
	while (used < wanted) {
		ssize_t got = recv(fd, out + used, REQUEST_SIZE - 1 - used, 0);
		if (got <= 0)
			break;
		used += (size_t)got;
		out[used] = '\0';
		const char *end = strstr(out, "\r\n\r\n"), *length = strstr(out, "Content-Length: ");
		if (end != NULL)
			wanted = (size_t)(end + 4 - out) +
			         (length != NULL && length < end ? strtoul(length + 16, NULL, 10) : 0);
	}
	out[used] = '\0';
}

static void *serve(void *arg)
{
	struct server *server = arg;
	int fd;
	while ((fd = accept(server->listener, NULL, NULL)) >= 0) {
		const struct answer *answer = &server->answers[server->request_count];
		char text[REQUEST_SIZE];
		if (server->request_count < ANSWERS_MAX)
			request_read(fd, server->requests[server->request_count]);
		if (answer->status != NULL && server->request_count++ < ANSWERS_MAX) {
			int size = snprintf(text, sizeof text,
			                    "HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close"
			                    "\r\nContent-Length: %zu\r\n\r\n%s",
			                    answer->status, strlen(answer->body), answer->body);
			(void)send(fd, text, (size_t)size, MSG_NOSIGNAL);
		}
		(void)close(fd);
	}
	return NULL;
}

static void server_start(struct server *server, const struct answer *answers)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof at;
	*server = (struct server){.answers = answers};
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->listener >= 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(server->listener, ANSWERS_MAX), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&at, &size), 0);
	server->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_stop(struct server *server)
{
	assert_int_equal(shutdown(server->listener, SHUT_RDWR), 0);
	assert_int_equal(pthread_join(server->thread, NULL), 0);
	assert_int_equal(close(server->listener), 0);
}

static void told(void *arg, size_t i, enum kube_applied what)
{
	static const char LETTERS[] = {
		[KUBE_CREATED] = 'c', [KUBE_CONFIGURED] = 'f', [KUBE_UNCHANGED] = 'u'};
	char *text = arg;
	size_t used = strlen(text);
	assert_true(i < 2);
	text[used] = LETTERS[what];
	text[used + 1] = '\0';
}

/* Behind what was told: "0!TEXT|" of object 0. */
static void warned(void *arg, size_t i, const char *text)
{
	char *letters = arg;
	size_t used = strlen(letters);
	assert_true(i < 2);
	(void)snprintf(letters + used, LETTERS_SIZE - used, "%zu!%s|", i, text);
}

static void found(void *arg, size_t i)
{
	char *letters = arg;
	size_t used = strlen(letters);
	(void)snprintf(letters + used, LETTERS_SIZE - used, "%zu?", i);
}

#define OBJECT(version, type, space, called)                                                       \
	{                                                                                              \
		.api_version = (version), .kind = (type), .namespace = (space), .name = (called),          \
		.text = {                                                                                  \
			(const uint8_t *)"{}",                                                                 \
			2                                                                                      \
		}                                                                                          \
	}

static const struct kube_object OBJECTS[] = {
	OBJECT("v1", "Namespace", NULL, "dns"),
	OBJECT("apps/v1", "Deployment", "dns", "fedns"),
};

static const struct kube_object SOUGHT[] = {
	OBJECT("v1", "Secret", "dns", "old"),
	OBJECT("v1", "Secret", "dns", "older"),
};

/* Applies OBJECTS to a server with these answers; `letters` is what was told. */
static enum err apply(struct server *server, const struct answer *answers, bool force, bool seek,
                      char letters[LETTERS_SIZE], struct why *why)
{
	char text[512];
	struct folder folder;
	const struct log log = {.fd = STDERR_FILENO, .level = LOG_ERROR};
	server_start(server, answers);
	folder_make(&folder);
	(void)snprintf(text, sizeof text,
	               "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
	               "clusters: [{name: k, cluster: {server: \"http://127.0.0.1:%u\", proxy-url: "
	               "\"\"}}]\nusers: [{name: u, user: {token: testtoken}}]\n",
	               server->port);
	folder_write(&folder, "config", text);
	const struct kube_apply_setup setup = {.kubeconfig = folder_path(&folder, "config"),
	                                       .log = &log,
	                                       .manager = "tester",
	                                       .force = force,
	                                       .told = told,
	                                       .warned = warned,
	                                       .sought = SOUGHT,
	                                       .sought_count = seek ? 2 : 0,
	                                       .found = found,
	                                       .arg = letters};
	letters[0] = '\0';
	enum err err = kube_apply(&setup, OBJECTS, sizeof OBJECTS / sizeof OBJECTS[0], why);
	folder_remove(&folder);
	server_stop(server);
	return err;
}

static void begins(const char *text, const char *with)
{
	if (strncmp(text, with, strlen(with)) != 0)
		fail_msg("\"%s\" doesn't begin with \"%s\"", text, with);
}

static void looks_and_applies(void **state)
{
	(void)state;
	static const struct answer ANSWERS[] = {{"404 Not Found", "{}"},
	                                        {"201 Created", AT("5")},
	                                        {"200 OK", AT("7")},
	                                        {"200 OK", AT("8")},
	                                        {NULL, NULL}};
	static struct server server;
	char letters[LETTERS_SIZE];
	struct why why = {{0}};
	assert_int_equal(apply(&server, ANSWERS, false, false, letters, &why), ERR_OK);
	assert_string_equal(why.text, "");
	assert_string_equal(letters, "cf");
	assert_int_equal(server.request_count, 4);
	begins(server.requests[0], "GET /api/v1/namespaces/dns HTTP/1.1\r\n");
	begins(server.requests[1],
	       "PATCH /api/v1/namespaces/dns?fieldManager=tester&force=false HTTP/1.1\r\n");
	begins(server.requests[2], "GET /apis/apps/v1/namespaces/dns/deployments/fedns HTTP/1.1\r\n");
	begins(server.requests[3], "PATCH /apis/apps/v1/namespaces/dns/deployments/fedns?fieldManager="
	                           "tester&force=false HTTP/1.1\r\n");
	assert_non_null(strstr(server.requests[3], "\r\nAuthorization: Bearer testtoken\r\n"));
	assert_non_null(
		strstr(server.requests[3], "\r\nContent-Type: application/apply-patch+yaml\r\n"));
	assert_non_null(strstr(server.requests[3], "\r\n\r\n{}"));
	assert_null(strstr(server.requests[2], "Content-Type:"));
}

static void the_same_version_is_no_change(void **state)
{
	(void)state;
	static const struct answer ANSWERS[] = {{"200 OK", AT("5")},
	                                        {"200 OK", AT("5")},
	                                        {"200 OK", AT("7")},
	                                        {"200 OK", AT("7")},
	                                        {NULL, NULL}};
	static struct server server;
	char letters[LETTERS_SIZE];
	struct why why = {{0}};
	assert_int_equal(apply(&server, ANSWERS, true, false, letters, &why), ERR_OK);
	assert_string_equal(letters, "uu");
	assert_non_null(strstr(server.requests[1], "&force=true "));
}

static void warnings_are_told(void **state)
{
	(void)state;
	static const struct answer ANSWERS[] = {
		{"404 Not Found\r\nWarning: 299 - \"not of looking\"", "{}"},
		{"201 Created\r\nWarning: 299 - \"say \\\"a\\\"\"\r\nX: y\r\nwarning: 299 - \"b\", 299 - "
	     "\"c\"",
	     AT("5")},
		{"200 OK", AT("7")},
		{"403 Forbidden\r\nWarning: 299 - \"d\"", REFUSAL},
		{NULL, NULL},
	};
	static struct server server;
	char letters[LETTERS_SIZE];
	struct why why = {{0}};
	assert_int_equal(apply(&server, ANSWERS, false, false, letters, &why), ERR_IO);
	assert_string_equal(letters, "0!say \"a\"|0!b|0!c|c1!d|");
}

static void what_is_sought_is_told_where_it_is(void **state)
{
	(void)state;
#define ALIKE                                                                                      \
	{"200 OK", AT("5")}, {"200 OK", AT("5")}, {"200 OK", AT("5")},                                 \
	{                                                                                              \
		"200 OK", AT("5")                                                                          \
	}
	static const struct answer CASES[][7] = {
		{ALIKE, {"404 Not Found", "{}"}, {"200 OK", AT("5")}, {NULL, NULL}},
		/* whatever is in the way there, the objects were brought */
		{ALIKE, {"403 Forbidden", REFUSAL}, {NULL, NULL}},
	};
	static const char *const LETTERS[] = {"uu1?", "uu"};
	for (size_t i = 0; i < 2; i++) {
		static struct server server;
		char letters[LETTERS_SIZE];
		struct why why = {{0}};
		assert_int_equal(apply(&server, CASES[i], false, true, letters, &why), ERR_OK);
		assert_string_equal(letters, LETTERS[i]);
		begins(server.requests[4], "GET /api/v1/namespaces/dns/secrets/old HTTP/1.1\r\n");
	}
}

static void troubles_end_it_there(void **state)
{
	(void)state;
	static const struct {
		struct answer answers[ANSWERS_MAX];
		const char *letters; /* what was done before */
		enum err err;
		const char *sentence;
	} CASES[] = {
		{{{"403 Forbidden", REFUSAL}},
	     "",
	     ERR_IO,
	     "Namespace dns: HTTP 403: Forbidden: no, you may not"},
		{{{"404 Not Found", "{}"}, {"403 Forbidden", REFUSAL}},
	     "",
	     ERR_IO,
	     "Namespace dns: HTTP 403: Forbidden: no, you may not"},
		{{{"404 Not Found", "{}"}, {"404 Not Found", "{}"}}, "", ERR_IO, "Namespace dns: HTTP 404"},
		{{{"404 Not Found", "{}"},
	      {"201 Created", AT("1")},
	      {"200 OK", AT("1")},
	      {"409 Conflict", CONFLICT}},
	     "c",
	     ERR_CONFLICT,
	     "Deployment dns/fedns: HTTP 409: Conflict: x has it"},
		{{{"200 OK", "{}"}},
	     "",
	     ERR_INVALID,
	     "Namespace dns: what the API server sent has no resourceVersion"},
		{{{"200 OK",
	       "{\"metadata\":{\"resourceVersion\":\"0123456789012345678901234567890123456789012"
	       "345678901234567890123456789\"}}"}},
	     "",
	     ERR_INVALID,
	     "Namespace dns: what the API server sent has no resourceVersion"},
		{{{"200 OK", "<html>"}}, "", ERR_INVALID, "Namespace dns: "},
		{{{"502 Bad Gateway", "<html>"}}, "", ERR_IO, "Namespace dns: HTTP 502"},
		{{{"401 Unauthorized", ""}, {"401 Unauthorized", ""}},
	     "",
	     ERR_IO,
	     "Namespace dns: HTTP 401"},
		{{{NULL, NULL}}, "", ERR_IO, "Namespace dns: "},
		{{{"404 Not Found", "{}"}, {NULL, NULL}}, "", ERR_IO, "Namespace dns: "},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		static struct server server;
		char letters[LETTERS_SIZE];
		struct why why = {{0}};
		enum err err = apply(&server, CASES[i].answers, false, false, letters, &why);
		begins(why.text, CASES[i].sentence);
		assert_int_equal(err, CASES[i].err);
		assert_string_equal(letters, CASES[i].letters);
	}
}

static void what_cannot_be_is_not_asked(void **state)
{
	(void)state;
	static const struct kube_object BAD[] = {
		OBJECT("v2", "Namespace", NULL, "dns"),      OBJECT("v1", "Pod", "dns", "x"),
		OBJECT("v1", "Service", "dns", "a/b"),       OBJECT("v1", "Service", "dns", ""),
		OBJECT("v1", "Service", "../../x", "fedns"), OBJECT("v1", "Service", "dns", "a?b"),
	};
	/* nothing is read, and nobody is there */
	struct kube_apply_setup setup = {.kubeconfig = "/nonexistent", .manager = "tester"};
	struct why why = {{0}};
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		assert_int_equal(kube_apply(&setup, &BAD[i], 1, &why), ERR_INVALID);
	assert_int_equal(kube_apply(&setup, OBJECTS, 1, &why), ERR_MISSING);
	begins(why.text, "/nonexistent: ");
	assert_int_equal(kube_apply(&setup, OBJECTS, 0, &why), ERR_OK);
	setup.manager = "a&force=true";
	assert_int_equal(kube_apply(&setup, OBJECTS, 1, &why), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_and_applies),
		cmocka_unit_test(the_same_version_is_no_change),
		cmocka_unit_test(warnings_are_told),
		cmocka_unit_test(what_is_sought_is_told_where_it_is),
		cmocka_unit_test(troubles_end_it_there),
		cmocka_unit_test(what_cannot_be_is_not_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

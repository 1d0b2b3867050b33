/* http: what is sent is what the request says, and a request that can't be sent is refused at once,
 * without its secrets in the sentence. */
#include "check.h"

#include "http_bench.h"

#include <stdlib.h>
#include <string.h>

static const struct script_route ROUTES[] = {
	{.path = "/", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
	{.path = "/a/../b", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
	{.path = "/head", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"},
	{.path = NULL},
};

/* Send it; the server's copy of it has its port replaced by PORT. */
static const char *sent(struct bench *bench, const struct http_request *request, const char *path)
{
	static char text[sizeof bench->server.request + 16];
	char port[16];
	struct talk talk = {.bench = NULL};
	talk_start(&talk, bench, request, path);
	talk_finish(&talk);
	talk_expect(&talk, ERR_OK, "");
	(void)snprintf(port, sizeof port, "%u", bench->server.port);
	char *at = strstr(bench->server.request, port);
	if (at == NULL)
		return bench->server.request;
	(void)snprintf(text, sizeof text, "%.*sPORT%s", (int)(at - bench->server.request),
	               bench->server.request, at + strlen(port));
	return text;
}

#define HOST   "Host: 127.0.0.1:PORT\r\n"
#define AGENT  "User-Agent: test\r\n"
#define ACCEPT "Accept: */*\r\n"

static void a_request_is_sent_as_it_is(void **state)
{
	(void)state;
	const char *const json[] = {"Content-Type: application/json", "accept: application/json",
	                            "Authorization: Bearer secret"};
	const char *const odd[] = {"X-Empty:", "X-Blank:  ", "Host: other.example",
	                           "Expect: 100-continue"};
	static const uint8_t NUL[] = {'a', 0, 'b'};
	const struct {
		struct http_request request;
		const char *path, *text;
	} cases[] = {
		{{.method = NULL}, "/", "GET / HTTP/1.1\r\n" HOST AGENT ACCEPT "\r\n"},
		{{.method = "GET"},
	     "/a/../b?x=%2f%2F&y=+&y#not",
	     "GET /a/../b?x=%2f%2F&y=+&y HTTP/1.1\r\n" HOST AGENT ACCEPT "\r\n"},
		{{.method = "HEAD"}, "/head", "HEAD /head HTTP/1.1\r\n" HOST AGENT ACCEPT "\r\n"},
		{{.method = "DELETE"}, "/", "DELETE / HTTP/1.1\r\n" HOST AGENT ACCEPT "\r\n"},
		{{.method = "POST"},
	     "/",
	     "POST / HTTP/1.1\r\n" HOST AGENT ACCEPT "Content-Length: 0\r\n\r\n"},
		{{.method = "PATCH",
	      .headers = json,
	      .header_count = 3,
	      .body = {(const uint8_t *)"{}", 2}},
	     "/",
	     "PATCH / HTTP/1.1\r\n" HOST AGENT
	     "Content-Type: application/json\r\naccept: application/json\r\n"
	     "Authorization: Bearer secret\r\nContent-Length: 2\r\n\r\n{}"},
		{{.method = "PUT", .body = {(const uint8_t *)"x", 1}},
	     "/",
	     "PUT / HTTP/1.1\r\n" HOST AGENT ACCEPT "Content-Length: 1\r\n\r\nx"},
		{{.headers = odd, .header_count = 3},
	     "/",
	     "GET / HTTP/1.1\r\n"
	     "Host: other.example\r\n" AGENT ACCEPT "X-Empty:\r\nX-Blank:\r\n\r\n"},
	};
	struct bench bench;
	bench_start(&bench, ROUTES);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct http_request request = cases[i].request;
		request.user_agent = "test";
		assert_string_equal(sent(&bench, &request, cases[i].path), cases[i].text);
	}
	const struct http_request with_nul = {.method = "POST", .body = {NUL, sizeof NUL}};
	const char *text = sent(&bench, &with_nul, "/");
	assert_memory_equal(strstr(text, "\r\n\r\n") + 4, "a", 2);
	assert_non_null(strstr(text, "Content-Length: 3\r\n"));
	bench_stop(&bench);
}

static void the_user_agent_is_ours(void **state)
{
	(void)state;
	struct bench bench;
	const struct http_request request = {.method = NULL};
	bench_start(&bench, ROUTES);
	assert_non_null(
		strstr(sent(&bench, &request, "/"), "\r\nUser-Agent: fedns/" FEDNS_VERSION " (linux/"));
	bench_stop(&bench);
}

static void a_large_body_goes_without_asking(void **state)
{
	(void)state;
	enum { SIZE = 200 * 1024 };
	struct bench bench;
	struct talk talk = {.bench = NULL};
	char *body = malloc(SIZE);
	assert_non_null(body);
	memset(body, 'z', SIZE);
	const struct http_request request = {.method = "POST", .body = {(const uint8_t *)body, SIZE}};
	bench_start(&bench, ROUTES);
	talk_start(&talk, &bench, &request, "/");
	free(body); /* copied */
	talk_finish(&talk);
	talk_expect(&talk, ERR_OK, "");
	const char *got = strstr(bench.server.request, "\r\n\r\n") + 4;
	assert_int_equal(strlen(got), SIZE);
	assert_int_equal(strspn(got, "z"), SIZE);
	bench_stop(&bench);
}

static void never_told(void *arg, enum err err, const struct http_response *response,
                       const struct why *why)
{
	(void)arg;
	(void)err;
	(void)response;
	fail_msg("%s", why->text);
}

static void expect_refused(struct bench *bench, const struct http_request *request, enum err err,
                           const char *words)
{
	struct http_call *call = (void *)1;
	struct http_request copy = *request;
	struct why why = {{0}};
	const struct http_handlers handlers = {NULL, NULL, never_told, NULL};
	if (copy.url == NULL)
		copy.url = "http://127.0.0.1/";
	copy.body_size_max = 1;
	enum err got = http_start(bench->http, &copy, &handlers, &call, &why);
	if (got != err || strstr(why.text, words) == NULL)
		fail_msg("error %d, expected %d: %s", got, err, why.text);
	assert_null(call);
	assert_null(strstr(why.text, "secret"));
}

static void a_malformed_request_is_refused(void **state)
{
	(void)state;
	const char *const lines[] = {"A: b\r\nAuthorization: secret"};
	const char *const nameless[] = {"Fine: yes", ": secret"}, *const blank[] = {"A secret: b"};
	const char *const bare[] = {"secret"};
	const struct {
		struct http_request request;
		const char *words;
	} cases[] = {
		{{.url = ""}, "URL: "},
		{{.url = "example.org/secret"}, "URL: "},
		{{.url = "/secret"}, "URL: "},
		{{.url = "ftp://example.org/secret"}, "URL: neither http nor https"},
		{{.url = "file:///etc/secret"}, "URL: neither http nor https"},
		{{.url = "gone://example.org/secret"}, "URL: "},
		{{.url = "http://user:secret@example.org/"}, "URL: "},
		{{.url = "http://example.org:99999/secret"}, "URL: "},
		{{.url = "http://example.org/a secret"}, "URL: "},
		{{.url = "http://example.org/\r\nX: secret"}, "URL: "},
		{{.method = "GET /secret"}, "method"},
		{{.method = ""}, "method"},
		{{.method = "ABCDEFGHIJKLMNOPQ"}, "method"},
		{{.user_agent = "a\r\nX: secret"}, "user agent"},
		{{.headers = lines, .header_count = 1}, "request header 1 "},
		{{.headers = nameless, .header_count = 2}, "request header 2 "},
		{{.headers = blank, .header_count = 1}, "request header 1 "},
		{{.headers = bare, .header_count = 1}, "request header 1 "},
		{{.proxy = "ftp://a:secret@example.org"}, "proxy: "},
		{{.proxy = "a:secret@example.org:80"}, "proxy: "},
		{{.proxy = "socks4://example.org:80/secret"}, "proxy: "},
		{{.proxy = "http://exa\nmple.org:80/secret"}, "proxy: "},
		{{.tls.server_name = "a b"}, "TLS server name: "},
		{{.tls.server_name = ""}, "TLS server name: "},
	};
	struct bench bench;
	bench_start(&bench, ROUTES);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_refused(&bench, &cases[i].request, ERR_INVALID, cases[i].words);
	bench_turns(&bench);
	assert_int_equal(bench.server.accepted, 0);
	bench_stop(&bench);
}

static void what_is_above_a_maximum_is_refused(void **state)
{
	(void)state;
	enum { SIZE = HTTP_REQUEST_BODY_SIZE_MAX + 1 };
	char *large = malloc(SIZE + 1);
	assert_non_null(large);
	memset(large, 'a', SIZE);
	large[SIZE] = '\0';
	memcpy(large, "http://a/", 9);
	large[HTTP_URL_SIZE_MAX + 1] = '\0';
	const char *headers[HTTP_HEADERS_MAX + 1];
	for (size_t i = 0; i <= HTTP_HEADERS_MAX; i++)
		headers[i] = "A: b";
	const char *long_headers[] = {large, large, large,
	                              large, large, large}; /* 16 KiB each, and "http:" a name */
	const struct bytes octets = {(const uint8_t *)large, SIZE};
	const struct {
		struct http_request request;
		const char *words;
	} cases[] = {
		{{.url = large}, "URL of more than 16384 octets"},
		{{.headers = headers, .header_count = HTTP_HEADERS_MAX + 1}, "65 request headers"},
		{{.headers = long_headers, .header_count = 6}, "request headers of more than 98304"},
		{{.body = octets}, "request body of more than 4194304 octets"},
		{{.tls.ca = octets}, "CA certificates of more than 1048576 octets"},
		{{.tls.certificate = octets}, "client certificate of more"},
		{{.tls.key = octets}, "client key of more"},
		{{.proxy = large}, "proxy URL of more than 2048 octets"},
	};
	struct bench bench;
	bench_start(&bench, ROUTES);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_refused(&bench, &cases[i].request, ERR_LIMIT, cases[i].words);
	bench_stop(&bench);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_sent_as_it_is),
		cmocka_unit_test(the_user_agent_is_ours),
		cmocka_unit_test(a_large_body_goes_without_asking),
		cmocka_unit_test(a_malformed_request_is_refused),
		cmocka_unit_test(what_is_above_a_maximum_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

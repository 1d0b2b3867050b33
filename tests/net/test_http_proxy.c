/* http: a proxy is used where one is named, and hears what is for it and no more. */
#include "check.h"

#include "fake_ca.h"
#include "http_bench.h"

#include <stdlib.h>
#include <string.h>

static const struct script_route ROUTES[] = {
	{.path = "/", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
	{.path = NULL},
};

static struct fake_identity ca, by_address, by_name;

static int identities_make(void **state)
{
	(void)state;
	fake_identity_make(&ca, "fake CA", NULL, NULL);
	fake_identity_make(&by_address, "by address", "IP:127.0.0.1", &ca);
	fake_identity_make(&by_name, "by name", "DNS:kubernetes.example", &ca);
	return 0;
}

static int identities_free(void **state)
{
	(void)state;
	fake_identity_free(&ca);
	fake_identity_free(&by_address);
	fake_identity_free(&by_name);
	return 0;
}

struct proxied {
	struct bench bench; /* its server is the one behind */
	struct script_http proxy;
	char url[64];
};

static void proxied_start(struct proxied *proxied, const char *userinfo, SSL_CTX *tls)
{
	bench_start(&proxied->bench, ROUTES);
	proxied->bench.server.tls = tls;
	script_http_start(&proxied->proxy, &proxied->bench.loop, ROUTES);
	proxied->proxy.proxy = true;
	(void)snprintf(proxied->url, sizeof proxied->url, "http://%s127.0.0.1:%u", userinfo,
	               proxied->proxy.port);
}

static void proxied_stop(struct proxied *proxied)
{
	script_http_stop(&proxied->proxy);
	SSL_CTX_free(proxied->bench.server.tls);
	bench_stop(&proxied->bench);
}

static const char *const TOKEN[] = {"Authorization: Bearer secret"};

static void https_goes_through_a_tunnel(void **state)
{
	(void)state;
	static const char *const names[] = {NULL, "kubernetes.example"};
	for (size_t i = 0; i < 2; i++) {
		struct proxied proxied;
		struct talk talk = {.bench = NULL};
		char line[64];
		proxied_start(&proxied, "joe:pass@",
		              fake_server_context(i == 0 ? &by_address : &by_name, NULL));
		const struct http_request request = {
			.tls = {.ca = bytes_of(ca.certificate_pem), .server_name = names[i]},
			.headers = TOKEN,
			.header_count = 1,
			.proxy = proxied.url,
		};
		talk_start(&talk, &proxied.bench, &request, "/");
		talk_finish(&talk);
		talk_expect(&talk, ERR_OK, "");
		assert_string_equal(talk.body, "hello");
		assert_int_equal(talk.status, 200);
		/* The proxy hears where to, and its own credentials. */
		(void)snprintf(line, sizeof line, "CONNECT 127.0.0.1:%u HTTP/1.1\r\n",
		               proxied.bench.server.port);
		assert_int_equal(strncmp(proxied.proxy.request, line, strlen(line)), 0);
		assert_non_null(strstr(proxied.proxy.request, "Proxy-Authorization: Basic am9lOnBhc3M="));
		assert_null(strstr(proxied.proxy.request, "secret"));
		assert_null(strstr(proxied.bench.server.request, "Proxy-"));
		assert_non_null(strstr(proxied.bench.server.request, TOKEN[0]));
		proxied_stop(&proxied);
	}
}

static void a_proxy_that_says_no_is_an_error(void **state)
{
	(void)state;
	static const struct script_route refusing[] = {
		{.path = "x", .octets = "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"},
		{.path = NULL},
	};
	struct script_route routes[2];
	struct proxied proxied;
	struct talk talk = {.bench = NULL};
	char target[64];
	memcpy(routes, refusing, sizeof routes);
	proxied_start(&proxied, "joe:secret@", fake_server_context(&by_address, NULL));
	(void)snprintf(target, sizeof target, "127.0.0.1:%u", proxied.bench.server.port);
	routes[0].path = target;
	proxied.proxy.proxy = false;
	proxied.proxy.routes = routes;
	const struct http_request request = {
		.proxy = proxied.url, .tls.insecure = true, .headers = TOKEN, .header_count = 1};
	talk_start(&talk, &proxied.bench, &request, "/");
	talk_finish(&talk);
	talk_expect(&talk, ERR_IO, "407");
	assert_null(strstr(talk.why, "secret"));
	assert_int_equal(talk.heads, 0); /* the proxy's answer is not the server's */
	assert_int_equal(proxied.bench.server.accepted, 0);
	proxied_stop(&proxied);
}

static void http_is_asked_of_the_proxy(void **state)
{
	(void)state;
	struct proxied proxied;
	struct talk talk = {.bench = NULL};
	proxied_start(&proxied, "", NULL);
	static const struct script_route routes[] = {
		{.path = "http://far.example/", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		{.path = NULL},
	};
	proxied.proxy.routes = routes;
	const struct http_request request = {.url = "http://far.example/", .proxy = proxied.url};
	talk_start(&talk, &proxied.bench, &request, NULL);
	talk_finish(&talk);
	talk_expect(&talk, ERR_OK, "");
	assert_string_equal(talk.body, "ok");
	proxied_stop(&proxied);
}

/* no_proxy is for the proxy of the environment; one that is named is used. */
static void the_environment_names_a_proxy_where_the_request_does_not(void **state)
{
	(void)state;
	static const struct script_route routes[] = {
		{.path = "http://127.0.0.1:1/", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
		{.path = NULL},
	};
	const struct {
		bool named;
		const char *no_proxy;
		enum err err;
	} cases[] = {
		{false, "", ERR_OK},
		{false, "127.0.0.1", ERR_IO}, /* nobody listens at port 1 */
		{true, "127.0.0.1", ERR_OK},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct proxied proxied;
		struct talk talk = {.bench = NULL};
		proxied_start(&proxied, "", NULL);
		proxied.proxy.routes = routes;
		setenv("http_proxy", cases[i].named ? "http://127.0.0.1:1" : proxied.url, 1);
		setenv("no_proxy", cases[i].no_proxy, 1);
		const struct http_request request = {.url = "http://127.0.0.1:1/",
		                                     .proxy = cases[i].named ? proxied.url : NULL};
		talk_start_as_it_is(&talk, &proxied.bench, &request);
		talk_finish(&talk);
		talk_expect(&talk, cases[i].err, "");
		proxied_stop(&proxied);
		unsetenv("http_proxy");
		unsetenv("no_proxy");
	}
}

/* --- SOCKS 5 (RFC 1928) -------------------------------------------------------------------------
 */

/* A server that lets anybody in and answers every request by "not allowed". */
struct socks {
	uv_tcp_t listener, conn;
	uv_write_t greeting, answer;
	char received[512], request[512];
	unsigned runs;
};

static void socks_written(uv_write_t *write, int status)
{
	(void)write;
	(void)status;
}

static void socks_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct socks *socks = handle->data;
	(void)suggested;
	*buf = uv_buf_init(socks->received, sizeof socks->received);
}

static void socks_received(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
	static char welcome[] = {5, 0}, refused[] = {5, 2, 0, 1, 0, 0, 0, 0, 0, 0};
	struct socks *socks = stream->data;
	uv_buf_t out = socks->runs == 0 ? uv_buf_init(welcome, sizeof welcome)
	                                : uv_buf_init(refused, sizeof refused);
	if (size <= 0) {
		uv_read_stop(stream);
		return;
	}
	if (socks->runs == 1)
		memcpy(socks->request, buf->base, (size_t)size);
	uv_write_t *write = socks->runs == 0 ? &socks->greeting : &socks->answer;
	assert_true(socks->runs++ < 2);
	assert_int_equal(uv_write(write, stream, &out, 1, socks_written), 0);
}

static void socks_connected(uv_stream_t *listener, int status)
{
	struct socks *socks = listener->data;
	assert_int_equal(status, 0);
	uv_tcp_init(listener->loop, &socks->conn);
	socks->conn.data = socks;
	assert_int_equal(uv_accept(listener, (uv_stream_t *)&socks->conn), 0);
	assert_int_equal(uv_read_start((uv_stream_t *)&socks->conn, socks_room, socks_received), 0);
}

static void names_are_resolved_by_a_socks_proxy(void **state)
{
	(void)state;
	static const char WANTED[] = "\5\1\0\3\13far.example\0\120"; /* CONNECT, a name, port 80 */
	struct bench bench;
	struct socks socks = {.runs = 0};
	struct talk talk = {.bench = NULL};
	struct sockaddr_in at;
	int size = sizeof at;
	char url[64];
	bench_start(&bench, ROUTES);
	assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &at), 0);
	uv_tcp_init(&bench.loop, &socks.listener);
	socks.listener.data = &socks;
	assert_int_equal(uv_tcp_bind(&socks.listener, (struct sockaddr *)&at, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&socks.listener, 1, socks_connected), 0);
	assert_int_equal(uv_tcp_getsockname(&socks.listener, (struct sockaddr *)&at, &size), 0);
	(void)snprintf(url, sizeof url, "socks5://127.0.0.1:%u", ntohs(at.sin_port));
	const struct http_request request = {.url = "http://far.example/", .proxy = url};
	talk_start(&talk, &bench, &request, NULL);
	talk_finish(&talk);
	talk_expect(&talk, ERR_IO, "SOCKS5");
	assert_memory_equal(socks.request, WANTED, sizeof WANTED - 1);
	uv_close((uv_handle_t *)&socks.listener, NULL);
	uv_close((uv_handle_t *)&socks.conn, NULL);
	bench_stop(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(https_goes_through_a_tunnel),
		cmocka_unit_test(a_proxy_that_says_no_is_an_error),
		cmocka_unit_test(http_is_asked_of_the_proxy),
		cmocka_unit_test(the_environment_names_a_proxy_where_the_request_does_not),
		cmocka_unit_test(names_are_resolved_by_a_socks_proxy),
	};
	return cmocka_run_group_tests(tests, identities_make, identities_free);
}

/* prober: what a target does is told as it is: tcp, http and https, by IPv4 and IPv6. */
#include "probe_bed.h"

#include "net/fake_ca.h"

#include <stdlib.h>

static const struct script_route ROUTES[] = {
	{.path = "/", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
	{.path = "/moved", .octets = "HTTP/1.1 302 Found\r\nLocation: /bad\r\n\r\n"},
	{.path = "/bad", .octets = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"},
	{.path = "/drip", .octets = "HTTP/1.1 200 OK\r\n\r\nnot now, hello", .drip = true},
	{.path = "/other", .octets = "HTTP/1.1 200 OK\r\n\r\nhell", .then = THEN_CLOSE},
	{.path = "/open", .octets = "HTTP/1.1 200 OK\r\n\r\nhell"},
	{.path = "/reset", .octets = "HTTP/1.1", .then = THEN_RESET},
	{.path = "/cut", .octets = "HTTP/1.1 200", .then = THEN_CLOSE},
	{.path = "/ssh", .octets = "SSH-2.0-OpenSSH_9.2\r\n"},
	{.path = NULL},
};

/* A result whose words begin like this, sooner or later: on a busy machine an answer may miss its
 * deadline. */
static void expect(struct bed *bed, uint32_t id, const char *what, const char *why)
{
	for (unsigned i = 1;; i++) {
		const struct heard *heard = bed_wait(bed, id);
		bool same = strncmp(heard->why, why, strlen(why)) == 0;
		if (same && (heard->why[0] == '\0') == (why[0] == '\0'))
			return;
		if (i == 50)
			fail_msg("%s: '%s', not '%s'", what, heard->why, why);
		if (i % 10 == 0 && strstr(heard->why, " within ") != NULL)
			bed_more_time(bed);
	}
}

/* Each route's result, with and without a text that is sought. */
static void expect_routes(struct bed *bed, enum probe_kind kind, const char *text,
                          const char *const *whys)
{
	bed->policy.contains = bytes_of(text);
	bed->policy.verify = false;
	bed_probe(bed);
	for (uint32_t i = 0; ROUTES[i].path != NULL; i++) {
		const struct health_target target = bed_target(bed, kind, ROUTES[i].path, "");
		bed_add(bed, i, &target);
	}
	for (uint32_t i = 0; ROUTES[i].path != NULL; i++) {
		if (whys[i] != NULL)
			expect(bed, i, ROUTES[i].path, whys[i]);
	}
}

static void http_is_judged_by_its_response(void **state)
{
	(void)state;
	static const char *const WHYS[][9] = {
		{"", "", "HTTP 503", "", "", "", "connection reset", "closed within the response's head",
	     "no HTTP response"},
		{"", "the text did not come within ", "HTTP 503", "", "the text is not in the body",
	     "the text did not come within ", "connection reset", "closed within the response's head",
	     "no HTTP response"},
	};
	for (size_t i = 0; i < 2; i++) {
		struct bed *bed = calloc(1, sizeof *bed);
		bed_start(bed, ROUTES);
		expect_routes(bed, PROBE_HTTP, i == 0 ? "" : "hello", WHYS[i]);
		bed_stop(bed);
		free(bed);
	}
}

static struct fake_identity ca, named;

static void https_is_judged_likewise(void **state)
{
	(void)state;
	static const char *const WHYS[][9] = {
		{"", "", "HTTP 503", "", "", "", "connection reset", "closed within the response's head",
	     "no HTTP response"},
		{"", "the text did not come within ", "HTTP 503", "", "the text is not in the body",
	     "the text did not come within ", "connection reset", "closed within the response's head",
	     "no HTTP response"},
	};
	for (size_t i = 0; i < 2; i++) {
		struct bed *bed = calloc(1, sizeof *bed);
		bed_start(bed, ROUTES);
		bed->net.server.tls = fake_server_context(&named, NULL);
		bed->policy.interval_ms = bed->policy.timeout_ms = 100;
		expect_routes(bed, PROBE_HTTPS, i == 0 ? "" : "hello", WHYS[i]);
		SSL_CTX *context = bed->net.server.tls;
		bed_stop(bed);
		SSL_CTX_free(context);
		free(bed);
	}
}

static void names_are_shown_and_certificates_checked(void **state)
{
	(void)state;
	static struct bed bed;
	bed_start(&bed, ROUTES);
	bed.net.server.tls = fake_server_context(&named, NULL);
	bed.policy.interval_ms = bed.policy.timeout_ms = 200;
	bed_probe(&bed);
	const struct health_target target = bed_target(&bed, PROBE_HTTPS, "/", "shop.example.");
	bed_add(&bed, 0, &target);
	expect(&bed, 0, "an unknown CA", "certificate: unable to get local issuer certificate");
	assert_int_equal(bed.heard[0].good, 0);
	assert_string_equal(bed.net.server.sni, "shop.example");
	bed.policy.verify = false;
	struct why why;
	assert_int_equal(prober_set_policy(bed.prober, &bed.policy, &why), ERR_OK);
	expect(&bed, 0, "unverified", "");
	assert_non_null(strstr(bed.net.server.request, "GET / HTTP/1.1\r\nHost: shop.example\r\n"));
	assert_non_null(strstr(bed.net.server.request, "User-Agent: fedns/"));
	SSL_CTX *context = bed.net.server.tls;
	bed_stop(&bed);
	SSL_CTX_free(context);
}

static void silence_ends_in_time(void **state)
{
	(void)state;
	static struct bed bed;
	bed_start(&bed, ROUTES);
	bed_probe(&bed);
	const struct health_target silent = bed_target(&bed, PROBE_HTTP, "/silent", "");
	const struct health_target silent_tls = bed_target(&bed, PROBE_HTTPS, "/silent", "");
	bed_add(&bed, 0, &silent);
	bed_add(&bed, 1, &silent_tls);
	for (uint32_t i = 0; i < 2; i++) {
		expect(&bed, i, "silence", "no answer within ");
		assert_true(bed.heard[i].took_us >= 30000);
	}
	bed_stop(&bed);
}

static void a_port_that_is_open_is_enough_for_tcp(void **state)
{
	(void)state;
	static struct bed bed;
	uint16_t port;
	bed_start(&bed, ROUTES);
	int fd = bed_dead_port(&port);
	bed_probe(&bed);
	struct health_target target = bed_target(&bed, PROBE_TCP, NULL, NULL);
	bed_add(&bed, 0, &target);
	target.port = port;
	bed_add(&bed, 1, &target);
	target.kind = PROBE_HTTP;
	bed_add(&bed, 2, &target);
	target.kind = PROBE_HTTPS;
	bed_add(&bed, 3, &target);
	expect(&bed, 0, "open", "");
	for (uint32_t i = 1; i < 4; i++)
		expect(&bed, i, "closed", "connection refused");
	assert_int_equal(close(fd), 0);
	bed_stop(&bed);
}

static void nobody_accepts(uv_stream_t *listener, int status)
{
	(void)listener;
	(void)status;
}

static void ipv6_is_asked_too(void **state)
{
	(void)state;
	static struct bed bed;
	struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int size = sizeof at;
	uv_tcp_t listener;
	bed_start(&bed, ROUTES);
	uv_tcp_init(&bed.net.loop, &listener);
	bool here = uv_tcp_bind(&listener, (struct sockaddr *)&at, 0) == 0 &&
	            uv_listen((uv_stream_t *)&listener, 8, nobody_accepts) == 0;
	if (here) {
		uv_tcp_getsockname(&listener, (struct sockaddr *)&at, &size);
		bed_probe(&bed);
		const struct health_target target = {
			{6, {[15] = 1}}, ntohs(at.sin6_port), PROBE_TCP, NULL, NULL};
		bed_add(&bed, 0, &target);
		expect(&bed, 0, "::1", "");
	}
	uv_close((uv_handle_t *)&listener, NULL);
	bed_stop(&bed);
	if (!here)
		skip();
}

static int identities_make(void **state)
{
	(void)state;
	fake_identity_make(&ca, "fake CA", NULL, NULL);
	fake_identity_make(&named, "by name", "DNS:shop.example", &ca);
	return 0;
}

static int identities_free(void **state)
{
	(void)state;
	fake_identity_free(&ca);
	fake_identity_free(&named);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(http_is_judged_by_its_response),
		cmocka_unit_test(https_is_judged_likewise),
		cmocka_unit_test(names_are_shown_and_certificates_checked),
		cmocka_unit_test(silence_ends_in_time),
		cmocka_unit_test(a_port_that_is_open_is_enough_for_tcp),
		cmocka_unit_test(ipv6_is_asked_too),
	};
	return cmocka_run_group_tests(tests, identities_make, identities_free);
}

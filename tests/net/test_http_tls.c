/* http: a peer is believed by what the request says of TLS, and by nothing else.
 *
 * Certificates are made here, at each run. */
#include "check.h"

#include "fake_ca.h"
#include "http_bench.h"

#include <string.h>

static const struct script_route ROUTES[] = {
	{.path = "/", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
	{.path = "/drip", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", .drip = true},
	{.path = "/cut", .octets = "HTTP/1.1 200 OK\r\n\r\nhello", .then = THEN_RESET},
	{.path = NULL},
};

static struct fake_identity ca, other_ca, by_address, by_name, client, stranger;

static int identities_make(void **state)
{
	(void)state;
	fake_identity_make(&ca, "fake CA", NULL, NULL);
	fake_identity_make(&other_ca, "another fake CA", NULL, NULL);
	fake_identity_make(&by_address, "by address", "IP:127.0.0.1,DNS:both.example", &ca);
	fake_identity_make(&by_name, "by name", "DNS:kubernetes.example", &ca);
	fake_identity_make(&client, "client", NULL, &ca);
	fake_identity_make(&stranger, "stranger", NULL, &other_ca);
	return 0;
}

static int identities_free(void **state)
{
	(void)state;
	struct fake_identity *all[] = {&ca, &other_ca, &by_address, &by_name, &client, &stranger};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		fake_identity_free(all[i]);
	return 0;
}

/* A call to a server that is `identity` ends like this, and showed this SNI. */
static void expect_tls(const struct fake_identity *identity, const struct http_tls *tls,
                       enum err err, const char *words, const char *sni)
{
	struct bench bench;
	struct talk talk = {.bench = NULL};
	const struct http_request request = {.tls = *tls};
	char host[64];
	bench_start(&bench, ROUTES);
	bench.server.tls = fake_server_context(identity, NULL);
	talk_start(&talk, &bench, &request, "/drip");
	talk_finish(&talk);
	talk_expect(&talk, err, words);
	assert_string_equal(talk.body, err == ERR_OK ? "hello" : "");
	assert_string_equal(bench.server.sni, sni);
	/* Host says where the request went, whatever name TLS was to prove. */
	(void)snprintf(host, sizeof host, "\r\nHost: 127.0.0.1:%u\r\n", bench.server.port);
	assert_int_equal(strstr(bench.server.request, host) != NULL, err == ERR_OK);
	SSL_CTX_free(bench.server.tls);
	bench_stop(&bench);
}

static void a_peer_must_be_whom_the_request_means(void **state)
{
	(void)state;
	const struct bytes good = bytes_of(ca.certificate_pem),
					   bad = bytes_of(other_ca.certificate_pem);
	char bundle_text[2 * sizeof ca.certificate_pem];
	(void)snprintf(bundle_text, sizeof bundle_text, "%s%s", other_ca.certificate_pem,
	               ca.certificate_pem);
	const struct bytes bundle = bytes_of(bundle_text);
	const struct {
		const struct fake_identity *server;
		struct http_tls tls;
		enum err err;
		const char *words, *sni;
	} cases[] = {
		{&by_address, {.ca = good}, ERR_OK, "", ""},
		{&by_address, {.ca = bundle}, ERR_OK, "", ""},
		{&by_address,
	     {.ca = bad},
	     ERR_IO,
	     "SSL certificate problem: unable to get local issuer",
	     ""},
		{&by_address, {.insecure = false}, ERR_IO, "SSL certificate problem: ", ""}, /* system roots
	                                                                                  */
		{&by_address, {.insecure = true}, ERR_OK, "", ""},
		{&by_address, {.ca = bytes_of("no PEM")}, ERR_IO, "CA certificate", ""},
		{&by_name, {.ca = good}, ERR_IO, "127.0.0.1", ""},
		{&by_name, {.ca = good, .insecure = true}, ERR_OK, "", ""},
		{&by_name,
	     {.ca = good, .server_name = "kubernetes.example"},
	     ERR_OK,
	     "",
	     "kubernetes.example"},
		{&by_name,
	     {.ca = good, .server_name = "other.example"},
	     ERR_IO,
	     "no alternative certificate subject name matches target host name 'other.example'",
	     "other.example"},
		{&by_name,
	     {.ca = bad, .server_name = "kubernetes.example"},
	     ERR_IO,
	     "SSL certificate problem: ",
	     "kubernetes.example"},
		{&by_address, {.ca = good, .server_name = "127.0.0.1"}, ERR_OK, "", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_tls(cases[i].server, &cases[i].tls, cases[i].err, cases[i].words, cases[i].sni);
}

static void a_client_shows_its_certificate(void **state)
{
	(void)state;
	static const char LOCKED_KEY[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
									 "MIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBA=\n"
									 "-----END ENCRYPTED PRIVATE KEY-----\n";
	const struct bytes root = bytes_of(ca.certificate_pem);
	const struct bytes certificate = bytes_of(client.certificate_pem);
	const struct {
		struct http_tls tls;
		enum err err;
		const char *words;
	} cases[] = {
		{{.ca = root, .certificate = certificate, .key = bytes_of(client.key_pem)}, ERR_OK, ""},
		{{.ca = root}, ERR_IO, "certificate required"},
		{{.ca = root,
	      .certificate = bytes_of(stranger.certificate_pem),
	      .key = bytes_of(stranger.key_pem)},
	     ERR_IO,
	     "unknown ca"},
		{{.ca = root, .certificate = certificate, .key = bytes_of(stranger.key_pem)},
	     ERR_IO,
	     "key"},
		{{.ca = root, .certificate = certificate, .key = bytes_of("no PEM")}, ERR_IO, "key"},
		{{.ca = root, .certificate = certificate, .key = bytes_of(LOCKED_KEY)}, ERR_IO, "key"},
		{{.ca = root, .certificate = bytes_of("no PEM"), .key = bytes_of(client.key_pem)},
	     ERR_IO,
	     "certificate"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bench bench;
		struct talk talk = {.bench = NULL};
		const struct http_request request = {.tls = cases[i].tls};
		bench_start(&bench, ROUTES);
		bench.server.tls = fake_server_context(&by_address, &ca);
		talk_start(&talk, &bench, &request, "/");
		talk_finish(&talk);
		talk_expect(&talk, cases[i].err, cases[i].words);
		SSL_CTX_free(bench.server.tls);
		bench_stop(&bench);
	}
}

/* A connection that was made for one is not for another who trusts or shows something else. */
static void a_kept_connection_is_for_its_like_only(void **state)
{
	(void)state;
	const struct bytes root = bytes_of(ca.certificate_pem);
	const struct http_tls plain = {.ca = root}, insecure = {.insecure = true};
	const struct http_tls shown = {.ca = root,
	                               .certificate = bytes_of(client.certificate_pem),
	                               .key = bytes_of(client.key_pem)};
	const struct http_tls wrong = {.ca = bytes_of(other_ca.certificate_pem)};
	const struct http_tls named = {.ca = root, .server_name = "both.example"};
	const struct {
		const struct http_tls *tls;
		unsigned accepted; /* after it */
		enum err err;
	} cases[] = {
		{&plain, 1, ERR_OK}, {&plain, 1, ERR_OK},    {&shown, 2, ERR_OK}, {&wrong, 3, ERR_IO},
		{&plain, 3, ERR_OK}, {&insecure, 4, ERR_OK}, {&plain, 4, ERR_OK}, {&shown, 4, ERR_OK},
		{&named, 5, ERR_OK}, {&named, 5, ERR_OK},
	};
	struct bench bench;
	bench_start(&bench, ROUTES);
	bench.server.tls = fake_server_context(&by_address, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct talk talk = {.bench = NULL};
		const struct http_request request = {.tls = *cases[i].tls};
		talk_start(&talk, &bench, &request, "/");
		talk_finish(&talk);
		talk_expect(&talk, cases[i].err, "");
		if (bench.server.accepted != cases[i].accepted)
			fail_msg("call %zu: %u connections", i, bench.server.accepted);
	}
	SSL_CTX_free(bench.server.tls);
	bench_stop(&bench);
}

static void a_tls_connection_that_breaks_is_no_end(void **state)
{
	(void)state;
	struct bench bench;
	struct talk talk = {.bench = NULL};
	const struct http_request request = {.tls.ca = bytes_of(ca.certificate_pem)};
	bench_start(&bench, ROUTES);
	bench.server.tls = fake_server_context(&by_address, NULL);
	talk_start(&talk, &bench, &request, "/cut");
	talk_finish(&talk);
	talk_expect(&talk, ERR_IO, "");
	assert_int_equal(talk.done_status, 200);
	SSL_CTX_free(bench.server.tls);
	bench_stop(&bench);
}

static void a_server_without_tls_is_an_error(void **state)
{
	(void)state;
	struct bench bench;
	struct talk talk = {.bench = NULL};
	char url[64];
	bench_start(&bench, ROUTES);
	(void)snprintf(url, sizeof url, "https://127.0.0.1:%u/", bench.server.port);
	const struct http_request request = {.url = url, .total_timeout_ms = 100};
	talk_start(&talk, &bench, &request, NULL);
	talk_finish(&talk);
	talk_expect(&talk, ERR_IO, ""); /* it waits for a blank line that doesn't come */
	bench_stop(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_must_be_whom_the_request_means),
		cmocka_unit_test(a_client_shows_its_certificate),
		cmocka_unit_test(a_kept_connection_is_for_its_like_only),
		cmocka_unit_test(a_tls_connection_that_breaks_is_no_end),
		cmocka_unit_test(a_server_without_tls_is_an_error),
	};
	return cmocka_run_group_tests(tests, identities_make, identities_free);
}

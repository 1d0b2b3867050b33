/* tls: of whom a certificate is believed, and what a server may do to us. The roots are the test's:
 * libcurl is asked for their file, and this program answers. */
#define CURL_DISABLE_TYPECHECK
#include "check.h"
#include "fake_ca.h"
#include "tls_pair.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#undef curl_easy_getinfo

static char roots[] = "/tmp/fedns-roots-XXXXXX";
static char *roots_file = roots;
static struct fake_identity ca;
static struct tls_context *context;

/* Instead of libcurl's. */
CURLcode curl_easy_getinfo(CURL *easy, CURLINFO info, ...)
{
	va_list rest;
	(void)easy;
	assert_int_equal(info, CURLINFO_CAINFO);
	va_start(rest, info);
	*va_arg(rest, char **) = roots_file;
	va_end(rest);
	return CURLE_OK;
}

#define MISMATCH    "certificate: hostname mismatch"
#define IP_MISMATCH "certificate: IP address mismatch"

static const struct {
	const char *common_name, *names; /* of the certificate */
	const char *host;                /* asked for; "": the address */
	struct address address;
	long age_s;      /* that it is over for; 0: it isn't */
	const char *why; /* "": it is believed */
} CASES[] = {
	{"any", "DNS:shop.example", "shop.example", {4, {192, 0, 2, 1}}, 0, ""},
	{"any", "DNS:SHOP.example", "shop.EXAMPLE", {4, {192, 0, 2, 1}}, 0, ""},
	{"any", "DNS:shop.example", "shop.example.org", {4, {192, 0, 2, 1}}, 0, MISMATCH},
	{"any", "DNS:shop.example", "other.example", {4, {192, 0, 2, 1}}, 0, MISMATCH},
	{"any", "DNS:*.web.example", "shop.web.example", {4, {192, 0, 2, 1}}, 0, ""},
	{"any", "DNS:*.web.example", "a.shop.web.example", {4, {192, 0, 2, 1}}, 0, MISMATCH},
	{"any", "DNS:*.web.example", "web.example", {4, {192, 0, 2, 1}}, 0, MISMATCH},
	{"any", "DNS:sh*.web.example", "shop.web.example", {4, {192, 0, 2, 1}}, 0, MISMATCH},
	{"shop.example", "DNS:other.example", "shop.example", {4, {192, 0, 2, 1}}, 0, MISMATCH},
	{"any", "IP:192.0.2.1", "", {4, {192, 0, 2, 1}}, 0, ""},
	{"any", "IP:192.0.2.1", "", {4, {192, 0, 2, 2}}, 0, IP_MISMATCH},
	{"any", "DNS:192.0.2.1", "", {4, {192, 0, 2, 1}}, 0, IP_MISMATCH},
	{"192.0.2.1", "DNS:shop.example", "", {4, {192, 0, 2, 1}}, 0, IP_MISMATCH},
	{"any", "IP:192.0.2.1", "shop.example", {4, {192, 0, 2, 1}}, 0, MISMATCH},
	{"any", "IP:2001:db8::1", "", {6, {0x20, 1, 0xd, 0xb8, [15] = 1}}, 0, ""},
	{"any", "IP:2001:db8::1", "", {6, {0x20, 1, 0xd, 0xb8, [15] = 2}}, 0, IP_MISMATCH},
	{"any",
     "DNS:shop.example",
     "shop.example",
     {4, {192, 0, 2, 1}},
     3600,
     "certificate: certificate has expired"},
};

static void who_is_believed(void **state)
{
	static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	(void)state;
	for (size_t i = 0; i < 2 * sizeof CASES / sizeof CASES[0]; i++) {
		size_t at = i / 2;
		struct fake_identity server;
		struct tls_ticket ticket = {0};
		struct tls_pair pair;
		fake_identity_make(&server, CASES[at].common_name, CASES[at].names, &ca);
		if (CASES[at].age_s != 0)
			fake_identity_end(&server, &ca, -CASES[at].age_s);
		SSL_CTX *server_context = fake_server_context(&server, NULL);
		SSL_CTX_set_max_proto_version(server_context, VERSIONS[i % 2]);
		const struct tls_peer peer = {CASES[at].host, &CASES[at].address, true};
		tls_pair_open(&pair, context, server_context, &peer, &ticket);
		enum tls_status status = tls_pair_shake(&pair);
		if (strcmp(pair.trouble.why.text, CASES[at].why) != 0)
			fail_msg("%s asked for '%s': '%s', not '%s'", CASES[at].names, CASES[at].host,
			         pair.trouble.why.text, CASES[at].why);
		assert_int_equal(status, CASES[at].why[0] == '\0' ? TLS_DONE : TLS_FAILED);
		/* of an address no name is sent: RFC 6066 section 3 */
		const char *sni = SSL_get_servername(pair.server, TLSEXT_NAMETYPE_host_name);
		assert_int_equal(sni == NULL, CASES[at].host[0] == '\0');
		tls_pair_close(&pair);
		tls_ticket_drop(&ticket);
		SSL_CTX_free(server_context);
		fake_identity_free(&server);
	}
}

/* --- what a server may do to us ------------------------------------------------------------- */

static struct fake_identity named;
static const struct address ADDRESS = {4, {192, 0, 2, 1}};
static const struct tls_peer SHOP = {"shop.example", &ADDRESS, true};

/* OpenSSL would take them for as long as they come. */
static void tickets_without_end_are_a_failure(void **state)
{
	(void)state;
	enum { TICKETS = 100 };
	struct tls_ticket ticket = {0};
	struct tls_pair pair;
	uint8_t octets[16];
	size_t size;
	SSL_CTX *server = fake_server_context(&named, NULL);
	tls_pair_open(&pair, context, server, &SHOP, &ticket);
	assert_int_equal(tls_pair_shake(&pair), TLS_DONE);
	for (unsigned i = 0; i < TICKETS; i++) {
		assert_int_equal(SSL_new_session_ticket(pair.server), 1);
		assert_int_equal(SSL_do_handshake(pair.server), 1);
	}
	enum tls_status status = tls_receive(pair.client, octets, sizeof octets, &size, &pair.trouble);
	assert_int_equal(status, TLS_FAILED);
	assert_string_equal(pair.trouble.why.text, "TLS: more than a probe reads");
	tls_pair_close(&pair);
	tls_ticket_drop(&ticket);
	SSL_CTX_free(server);
}

/* A ticket keeps that the certificate was good, and not the certificate. */
static void who_was_believed_is_by_ticket(void **state)
{
	static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	(void)state;
	for (size_t i = 0; i < sizeof VERSIONS / sizeof VERSIONS[0]; i++) {
		struct tls_ticket ticket = {0};
		SSL_CTX *server = fake_server_context(&named, NULL);
		SSL_CTX_set_max_proto_version(server, VERSIONS[i]);
		for (unsigned times = 0; times < 3; times++) {
			struct tls_pair pair;
			uint8_t octets[16];
			size_t size;
			tls_pair_open(&pair, context, server, &SHOP, &ticket);
			assert_int_equal(tls_pair_shake(&pair), TLS_DONE);
			assert_int_equal(tls_proved(pair.client), times == 0);
			assert_int_equal(SSL_write(pair.server, "told", 4), 4);
			assert_int_equal(tls_receive(pair.client, octets, sizeof octets, &size, &pair.trouble),
			                 TLS_DONE);
			tls_pair_close(&pair);
		}
		tls_ticket_drop(&ticket);
		SSL_CTX_free(server);
	}
}

static void tickets_and_then_data_are_read_at_once(void **state)
{
	(void)state;
	struct tls_ticket ticket = {0};
	struct tls_pair pair;
	uint8_t octets[16];
	size_t size;
	SSL_CTX *server = fake_server_context(&named, NULL);
	tls_pair_open(&pair, context, server, &SHOP, &ticket);
	assert_int_equal(tls_pair_shake(&pair), TLS_DONE);
	assert_int_equal(SSL_write(pair.server, "told", 4), 4);
	assert_int_equal(tls_receive(pair.client, octets, sizeof octets, &size, &pair.trouble),
	                 TLS_DONE);
	assert_int_equal(size, 4);
	assert_int_equal(tls_receive(pair.client, octets, sizeof octets, &size, &pair.trouble),
	                 TLS_WAITS);
	tls_pair_close(&pair);
	tls_ticket_drop(&ticket);
	SSL_CTX_free(server);
}

/* Requests for a handshake within the handshake, which OpenSSL drops without a word. */
static void a_handshake_without_end_is_a_failure(void **state)
{
	(void)state;
	enum { SIZE = 4096 };
	static uint8_t record[5 + SIZE] = {0x16, 3, 3, SIZE / 256, 0};
	struct tls_ticket ticket = {0};
	struct tls_pair pair;
	SSL_CTX *server = fake_server_context(&named, NULL);
	tls_pair_open(&pair, context, server, &SHOP, &ticket);
	enum tls_status status = tls_shake(pair.client, &pair.trouble);
	size_t sent = 0;
	while (status == TLS_WAITS && sent < 1 << 20) {
		ssize_t size = write(pair.fds[1], record, sizeof record);
		assert_true(size == (ssize_t)sizeof record);
		sent += (size_t)size;
		status = tls_shake(pair.client, &pair.trouble);
	}
	assert_int_equal(status, TLS_FAILED);
	assert_string_equal(pair.trouble.why.text, "TLS: more than a probe reads");
	tls_pair_close(&pair);
	SSL_CTX_free(server);
}

/* Exchanges that cost us milliseconds are not offered. */
static void dear_exchanges_are_not_offered(void **state)
{
	static const struct {
		int version;
		const char *groups, *ciphers;
		bool done;
	} OFFERS[] = {
		{TLS1_3_VERSION, "ffdhe8192", NULL, false},
		{TLS1_3_VERSION, "ffdhe2048:P-384", NULL, true},
		{TLS1_2_VERSION, "P-256", "ECDHE-ECDSA-AES128-GCM-SHA256", true},
		{TLS1_2_VERSION, "P-256", "DHE-RSA-AES128-GCM-SHA256", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof OFFERS / sizeof OFFERS[0]; i++) {
		struct tls_ticket ticket = {0};
		struct tls_pair pair;
		SSL_CTX *server = fake_server_context(&named, NULL);
		SSL_CTX_set_max_proto_version(server, OFFERS[i].version);
		assert_int_equal(SSL_CTX_set1_groups_list(server, OFFERS[i].groups), 1);
		if (OFFERS[i].ciphers != NULL)
			assert_int_equal(SSL_CTX_set_cipher_list(server, OFFERS[i].ciphers), 1);
		SSL_CTX_set_dh_auto(server, 1);
		tls_pair_open(&pair, context, server, &SHOP, &ticket);
		enum tls_status status = tls_pair_shake(&pair);
		if (status != (OFFERS[i].done ? TLS_DONE : TLS_FAILED))
			fail_msg("%s: %s", OFFERS[i].groups, pair.trouble.why.text);
		tls_pair_close(&pair);
		tls_ticket_drop(&ticket);
		SSL_CTX_free(server);
	}
}

static void roots_that_are_not_there_are_named(void **state)
{
	(void)state;
	char missing[] = "/nowhere/roots.pem";
	struct tls_context *none;
	struct why why = {{0}};
	roots_file = missing;
	assert_int_equal(tls_context_new(&none, true, &why), ERR_IO);
	assert_string_equal(why.text, "no root certificates in /nowhere/roots.pem");
	assert_null(none);
	assert_int_equal(tls_context_new(&none, false, &why), ERR_OK);
	tls_context_free(none);
	roots_file = roots;
}

static int set_up(void **state)
{
	struct why why;
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	fake_identity_make(&ca, "fake CA", NULL, NULL);
	fake_identity_make(&named, "by name", "DNS:shop.example", &ca);
	int fd = mkstemp(roots);
	ssize_t size = (ssize_t)strlen(ca.certificate_pem);
	if (fd < 0 || write(fd, ca.certificate_pem, (size_t)size) != size || close(fd) != 0)
		return -1;
	return tls_context_new(&context, true, &why) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	tls_context_free(context);
	fake_identity_free(&named);
	fake_identity_free(&ca);
	return unlink(roots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_believed),
		cmocka_unit_test(tickets_without_end_are_a_failure),
		cmocka_unit_test(who_was_believed_is_by_ticket),
		cmocka_unit_test(tickets_and_then_data_are_read_at_once),
		cmocka_unit_test(a_handshake_without_end_is_a_failure),
		cmocka_unit_test(dear_exchanges_are_not_offered),
		cmocka_unit_test(roots_that_are_not_there_are_named),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

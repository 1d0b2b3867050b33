/* tls: what becomes of a connection, and in which words. The server is in the same thread, at the
 * other end of a socket pair. */
#include "check.h"
#include "fake_ca.h"
#include "tls_pair.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct fake_identity named;
static struct tls_context *context;
static SSL_CTX *server_context;
static const struct address ADDRESS = {4, {192, 0, 2, 1}};

static enum tls_status receive(struct tls_pair *pair, char *out, size_t room)
{
	size_t size = 0;
	enum tls_status status =
		tls_receive(pair->client, (uint8_t *)out, room - 1, &size, &pair->trouble);
	out[size] = '\0';
	return status;
}

static void octets_go_both_ways(void **state)
{
	struct tls_pair *pair = *state;
	struct tls_ticket ticket = {0};
	const struct tls_peer peer = {"shop.example", &ADDRESS, false};
	char text[16];
	for (unsigned i = 0; i < 3; i++) {
		tls_pair_open(pair, context, server_context, &peer, &ticket);
		assert_int_equal(tls_pair_shake(pair), TLS_DONE);
		assert_int_equal(tls_proved(pair->client), i == 0); /* then by ticket */
		assert_string_equal(SSL_get_servername(pair->server, TLSEXT_NAMETYPE_host_name),
		                    "shop.example");
		assert_int_equal(tls_send(pair->client, bytes_of("ask"), &pair->trouble), TLS_DONE);
		assert_int_equal(SSL_read(pair->server, text, sizeof text), 3);
		assert_memory_equal(text, "ask", 3);
		assert_int_equal(receive(pair, text, sizeof text), TLS_WAITS);
		assert_int_equal(SSL_write(pair->server, "told so", 7), 7);
		assert_int_equal(receive(pair, text, 4), TLS_DONE);
		assert_string_equal(text, "tol");
		assert_true(tls_holds(pair->client));
		assert_int_equal(receive(pair, text, sizeof text), TLS_DONE);
		assert_string_equal(text, "d so");
		assert_false(tls_holds(pair->client));
		if (i % 2 == 0) { /* with TLS's word for it, and without */
			(void)SSL_shutdown(pair->server);
		} else {
			tls_pair_break(pair);
		}
		assert_int_equal(receive(pair, text, sizeof text), TLS_ENDED);
		tls_pair_close(pair);
	}
	tls_ticket_drop(&ticket);
}

/* One handshake; then the server says something, as tickets come with what is received. */
static bool known_again(struct tls_pair *pair, struct tls_ticket *ticket)
{
	const struct tls_peer peer = {"shop.example", &ADDRESS, false};
	char text[16];
	tls_pair_open(pair, context, server_context, &peer, ticket);
	assert_int_equal(tls_pair_shake(pair), TLS_DONE);
	assert_int_equal(SSL_write(pair->server, "told", 4), 4);
	assert_int_equal(receive(pair, text, sizeof text), TLS_DONE);
	bool known = !tls_proved(pair->client);
	tls_pair_close(pair);
	return known;
}

static void tickets_hold_no_certificate(void **state)
{
	static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct tls_pair *pair = *state;
	unsigned char *certificate = NULL;
	int size = i2d_X509(named.certificate, &certificate);
	assert_true(size > 0);
	for (size_t i = 0; i < sizeof VERSIONS / sizeof VERSIONS[0]; i++) {
		struct tls_ticket ticket = {0};
		assert_int_equal(SSL_CTX_set_max_proto_version(server_context, VERSIONS[i]), 1);
		assert_false(known_again(pair, &ticket));
		for (unsigned times = 0; times < 3; times++) {
			assert_non_null(ticket.octets);
			assert_null(memmem(ticket.octets, ticket.size, certificate, (size_t)size));
			assert_true(known_again(pair, &ticket));
		}
		tls_ticket_drop(&ticket);
		assert_false(known_again(pair, &ticket));
		ticket.octets[0] ^= 1; /* one that can't be read is none */
		assert_false(known_again(pair, &ticket));
		tls_ticket_drop(&ticket);
	}
	assert_int_equal(SSL_CTX_set_max_proto_version(server_context, 0), 1);
	OPENSSL_free(certificate);
}

static int stuff(SSL *ssl, void *arg)
{
	static const uint8_t STUFFING[TLS_TICKET_MAX];
	return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), STUFFING, *(const size_t *)arg);
}

static void a_ticket_too_large_is_not_kept(void **state)
{
	static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct tls_pair *pair = *state;
	static size_t stuffed;
	SSL_CTX_set_session_ticket_cb(server_context, stuff, NULL, &stuffed);
	for (size_t i = 0; i < sizeof VERSIONS / sizeof VERSIONS[0]; i++) {
		struct tls_ticket ticket = {0};
		assert_int_equal(SSL_CTX_set_max_proto_version(server_context, VERSIONS[i]), 1);
		stuffed = TLS_TICKET_MAX / 2;
		assert_false(known_again(pair, &ticket));
		assert_in_range(ticket.size, TLS_TICKET_MAX / 2, TLS_TICKET_MAX);
		tls_ticket_drop(&ticket);
		stuffed = TLS_TICKET_MAX;
		assert_false(known_again(pair, &ticket));
		assert_null(ticket.octets);
		assert_false(known_again(pair, &ticket));
	}
	assert_int_equal(SSL_CTX_set_max_proto_version(server_context, 0), 1);
	SSL_CTX_set_session_ticket_cb(server_context, NULL, NULL, NULL);
}

/* A server that asks for certificates, and OpenSSL's was told no context of sessions: whoever shows
 * it a ticket is refused, and nobody else. */
static void a_ticket_that_is_refused_is_not_shown_again(void **state)
{
	static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct tls_pair *pair = *state;
	const struct tls_peer peer = {"shop.example", &ADDRESS, false};
	SSL_CTX_set_verify(server_context, SSL_VERIFY_PEER, NULL);
	for (size_t i = 0; i < sizeof VERSIONS / sizeof VERSIONS[0]; i++) {
		struct tls_ticket ticket = {0};
		assert_int_equal(SSL_CTX_set_max_proto_version(server_context, VERSIONS[i]), 1);
		assert_false(known_again(pair, &ticket));
		assert_non_null(ticket.octets);
		tls_pair_open(pair, context, server_context, &peer, &ticket);
		assert_int_equal(tls_pair_shake(pair), TLS_FAILED);
		tls_pair_close(pair);
		assert_null(ticket.octets);
		assert_false(known_again(pair, &ticket));
		tls_ticket_drop(&ticket);
	}
	assert_int_equal(SSL_CTX_set_max_proto_version(server_context, 0), 1);
	SSL_CTX_set_verify(server_context, SSL_VERIFY_NONE, NULL);
}

static void rest_loses_nothing(void **state)
{
	struct tls_pair *pair = *state;
	struct tls_ticket ticket = {0};
	const struct tls_peer peer = {"shop.example", &ADDRESS, false};
	char text[16];
	tls_pair_open(pair, context, server_context, &peer, &ticket);
	assert_int_equal(tls_pair_shake(pair), TLS_DONE);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(SSL_write(pair->server, "told so", 7), 7);
		tls_rest(pair->client);
		assert_int_equal(receive(pair, text, 4), TLS_DONE);
		tls_rest(pair->client); /* with octets in it */
		assert_int_equal(receive(pair, text, sizeof text), TLS_DONE);
		assert_string_equal(text, "d so");
	}
	tls_pair_close(pair);
	tls_ticket_drop(&ticket);
}

static void certificates_are_told_in_words(void **state)
{
	struct tls_pair *pair = *state;
	const struct tls_peer peer = {"", &ADDRESS, true};
	struct tls_ticket ticket = {0};
	tls_pair_open(pair, context, server_context, &peer, &ticket);
	assert_int_equal(tls_pair_shake(pair), TLS_FAILED);
	assert_string_equal(pair->trouble.why.text, "certificate: self-signed certificate");
	assert_null(SSL_get_servername(pair->server, TLSEXT_NAMETYPE_host_name));
	tls_pair_close(pair);
	assert_null(ticket.octets);
}

static void what_is_no_tls_is_told_in_words(void **state)
{
	static const struct {
		const char *octets; /* NULL: it closes */
		enum tls_status status;
		const char *why;
	} CASES[] = {
		{"SSH-2.0-OpenSSH_9.2\r\n", TLS_FAILED, "TLS: wrong version number"},
		{"\x15\x03\x03\0\2\2\x28", TLS_FAILED, "TLS: sslv3 alert handshake failure"},
		{NULL, TLS_ENDED, ""},
	};
	struct tls_pair *pair = *state;
	const struct tls_peer peer = {"shop.example", &ADDRESS, false};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct tls_ticket ticket = {0};
		tls_pair_open(pair, context, server_context, &peer, &ticket);
		assert_int_equal(tls_shake(pair->client, &pair->trouble), TLS_WAITS);
		if (CASES[i].octets == NULL) {
			assert_int_equal(shutdown(pair->fds[1], SHUT_WR), 0);
		} else {
			size_t size = i == 1 ? 7 : strlen(CASES[i].octets);
			assert_int_equal(write(pair->fds[1], CASES[i].octets, size), (ssize_t)size);
		}
		assert_int_equal(tls_shake(pair->client, &pair->trouble), CASES[i].status);
		assert_string_equal(pair->trouble.why.text, CASES[i].why);
		tls_pair_close(pair);
	}
}

static void a_broken_socket_is_told_by_its_error(void **state)
{
	struct tls_pair *pair = *state;
	struct tls_ticket ticket = {0};
	const struct tls_peer peer = {"shop.example", &ADDRESS, false};
	tls_pair_open(pair, context, server_context, &peer, &ticket);
	tls_pair_break(pair);
	assert_int_equal(tls_shake(pair->client, &pair->trouble), TLS_BROKEN);
	assert_int_equal(pair->trouble.error, EPIPE);
	tls_pair_close(pair);
}

static int set_up(void **state)
{
	static struct tls_pair pair;
	struct why why;
	(void)signal(SIGPIPE, SIG_IGN);
	fake_identity_make(&named, "shop.example", NULL, NULL);
	server_context = fake_server_context(&named, NULL);
	*state = &pair;
	return tls_context_new(&context, true, &why) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	SSL_CTX_free(server_context);
	tls_context_free(context);
	fake_identity_free(&named);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_go_both_ways),
		cmocka_unit_test(tickets_hold_no_certificate),
		cmocka_unit_test(a_ticket_too_large_is_not_kept),
		cmocka_unit_test(a_ticket_that_is_refused_is_not_shown_again),
		cmocka_unit_test(rest_loses_nothing),
		cmocka_unit_test(certificates_are_told_in_words),
		cmocka_unit_test(what_is_no_tls_is_told_in_words),
		cmocka_unit_test(a_broken_socket_is_told_by_its_error),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

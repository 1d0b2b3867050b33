#include "tls_pair.h"

#include "check.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TURNS = 20 }; /* a handshake takes three */

void tls_pair_open(struct tls_pair *pair, struct tls_context *context, SSL_CTX *server,
                   const struct tls_peer *peer, struct tls_ticket *ticket)
{
	memset(pair, 0, sizeof *pair);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair->fds), 0);
	pair->server = SSL_new(server);
	assert_int_equal(SSL_set_fd(pair->server, pair->fds[1]), 1);
	SSL_set_accept_state(pair->server);
	pair->client = tls_open(context, pair->fds[0], peer, ticket);
	assert_non_null(pair->client);
}

void tls_pair_break(struct tls_pair *pair)
{
	assert_int_equal(close(pair->fds[1]), 0);
	pair->fds[1] = -1;
}

void tls_pair_close(struct tls_pair *pair)
{
	tls_close(pair->client);
	SSL_set_shutdown(pair->server, SSL_SENT_SHUTDOWN);
	SSL_free(pair->server);
	assert_int_equal(close(pair->fds[0]), 0);
	if (pair->fds[1] >= 0)
		assert_int_equal(close(pair->fds[1]), 0);
}

enum tls_status tls_pair_shake(struct tls_pair *pair)
{
	enum tls_status status = TLS_WAITS;
	for (unsigned i = 0; i < TURNS && status == TLS_WAITS; i++) {
		status = tls_shake(pair->client, &pair->trouble);
		(void)SSL_do_handshake(pair->server);
	}
	return status;
}

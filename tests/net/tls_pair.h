/* tls_pair: both ends of one TLS connection, in one thread, at the ends of a socket pair. */
#ifndef FEDNS_TESTS_TLS_PAIR_H
#define FEDNS_TESTS_TLS_PAIR_H

#include "fedns/tls.h"

#include <openssl/ssl.h>

struct tls_pair {
	int fds[2]; /* the client's, and the server's; -1: closed */
	SSL *server;
	struct tls *client;
	struct tls_trouble trouble; /* the client's */
};

/** `context` is the client's, `server` the server's. */
void tls_pair_open(struct tls_pair *pair, struct tls_context *context, SSL_CTX *server,
                   const struct tls_peer *peer, struct tls_ticket *ticket);
/** The server's end of the socket is no more. */
void tls_pair_break(struct tls_pair *pair);
void tls_pair_close(struct tls_pair *pair);
/** The handshake, as both ends have it. Returns what becomes of the client's. */
enum tls_status tls_pair_shake(struct tls_pair *pair);

#endif

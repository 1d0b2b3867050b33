/* tls: the client's side of TLS on a socket that is there, by OpenSSL. Nothing blocks: the socket
 * doesn't, and the caller waits for it.
 *
 * address.h --> [tls.h] --> health (probes)
 *
 * What http.h is too dear for: thousands of short talks a second, each with another server. Writes
 * go to the socket as write() does: the process ignores SIGPIPE. */
#ifndef FEDNS_TLS_H
#define FEDNS_TLS_H

#include "fedns/address.h"
#include "fedns/base.h"

struct tls_context; /* what all connections share: the system's roots */
struct tls;         /* one connection; doesn't own the socket */

/* Octets of a ticket that is kept; most have some 300, and a server may give 64 KiB. Whoever gives
 * a larger one proves with each handshake who it is. */
#define TLS_TICKET_MAX 8192

/** What a server gave to be known again by; zeroed: nothing. */
struct tls_ticket {
	uint8_t *octets;
	size_t size;
};

/** Who the peer has to be. Borrowed. */
struct tls_peer {
	const char *name;              /* it proves this, and is asked for it (SNI); "": */
	const struct address *address; /* it proves this */
	bool verify;                   /* false: anybody is believed */
};

enum tls_status {
	TLS_DONE,
	TLS_WAITS,  /* for the socket */
	TLS_ENDED,  /* the peer said no more */
	TLS_BROKEN, /* `error` is the socket's, or ENOMEM */
	TLS_FAILED, /* `why` says it: "certificate: ..." or "TLS: ..." */
};

/** Of what is not TLS_DONE or TLS_WAITS. */
struct tls_trouble {
	int error;
	struct why why;
};

/** `roots`: those that libcurl has, read now; without them no peer is believed that has to prove
 * who it is. ERR_NOMEM; ERR_IO: there are none to be read. */
MUST_CHECK enum err tls_context_new(struct tls_context **out, bool roots, struct why *why);
/** Connections may outlive it. NULL is fine. */
void tls_context_free(struct tls_context *context);

/** A connection on `fd`, which is connected. A `ticket` with something in it spares both sides most
 * of the handshake, and the peer the proof of who it is: that was given with the handshake that it
 * came from. It takes what the server gives, as long as the connection lives, is emptied where the
 * handshake or what follows fails, and is dropped by its owner. NULL: out of memory. */
struct tls *tls_open(struct tls_context *context, int fd, const struct tls_peer *peer,
                     struct tls_ticket *ticket);
/** Forget the connection, without a word to the peer. NULL is fine. */
void tls_close(struct tls *tls);
void tls_ticket_drop(struct tls_ticket *ticket);

/** The handshake: TLS_DONE when it is complete. */
enum tls_status tls_shake(struct tls *tls, struct tls_trouble *trouble);
/** Did the peer prove now who it is? False: by the ticket. After the handshake. */
bool tls_proved(const struct tls *tls);
/** Does it hold octets that came and were not received yet? */
bool tls_holds(const struct tls *tls);
/** Nothing is to be sent or received for a while: without buffers, as far as they are empty. */
void tls_rest(struct tls *tls);
/** All of `octets`. TLS_WAITS: nothing of it; they come again, unchanged. */
enum tls_status tls_send(struct tls *tls, struct bytes octets, struct tls_trouble *trouble);
/** TLS_DONE: `size` of them, at least one. */
enum tls_status tls_receive(struct tls *tls, uint8_t *octets, size_t room, size_t *size,
                            struct tls_trouble *trouble);

#endif

/* tls_ticket: a session as few octets, without what only the handshake needed. */
#ifndef FEDNS_NET_TLS_TICKET_H
#define FEDNS_NET_TLS_TICKET_H

#include "fedns/tls.h"

struct ssl_session_st; /* OpenSSL's */

/** Keep `session`, and what was kept before no more. Too large, or out of memory: nothing is kept.
 */
void tls_ticket_keep(struct tls_ticket *ticket, struct ssl_session_st *session);
/** What is kept, for a new connection: the caller's. NULL: nothing, or out of memory. */
struct ssl_session_st *tls_ticket_session(const struct tls_ticket *ticket);

#endif

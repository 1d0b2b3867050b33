/* endpoint: socket addresses as the room uses them. */
#ifndef FEDNS_SERVE_ENDPOINT_H
#define FEDNS_SERVE_ENDPOINT_H

#include "fedns/serve.h"
#include "fedns/sockaddr.h"

/** Room for "[ADDRESS]:PORT" and its NUL. */
#define ENDPOINT_TEXT_SIZE 64

uint16_t endpoint_port(const struct endpoint *endpoint);
void endpoint_set_port(struct endpoint *endpoint, uint16_t port);
/** Same address and same port. */
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
/** Is it 0.0.0.0 or ::, so that datagrams reach it at many addresses? */
bool endpoint_is_wildcard(const struct endpoint *endpoint);

#endif

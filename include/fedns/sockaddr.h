/* sockaddr: addresses as the system's sockets have them. Pure: no socket is touched.
 *
 * address.h --> [sockaddr.h] --> whoever has sockets
 */
#ifndef FEDNS_SOCKADDR_H
#define FEDNS_SOCKADDR_H

#include "fedns/address.h"

#include <sys/socket.h>

/** The socket address of `address` and `port`. Returns its size. */
socklen_t sockaddr_make(const struct address *address, uint16_t port, struct sockaddr_storage *out);
/** The address alone. Family 0: `from` (NULL, too) is of neither IPv4 nor IPv6. */
void sockaddr_address(const struct sockaddr *from, struct address *out);
/** The port of one of IPv4 or IPv6. */
uint16_t sockaddr_port(const struct sockaddr *from);

#endif

/* sockets: kernel sockets as this room wants them. */
#ifndef FEDNS_SERVE_SOCKETS_H
#define FEDNS_SERVE_SOCKETS_H

#include "fedns/serve.h"

/** How long a wait at a UDP socket lasts (SO_RCVTIMEO): what a stop may have to wait for a quiet
 * thread, at the price of ten wake-ups a second. */
#define UDP_PATIENCE_MS 100

/** What listens at one endpoint: the kernel gives each client's packets to one pair of a group. */
struct socket_pair {
	int udp;
	int tcp;
};

/** Neither is open. */
#define SOCKET_PAIR_NONE ((struct socket_pair){-1, -1})

/** Is `endpoint` free, UDP and TCP, of sockets that aren't ours? Any port 0 is. ERR_IO: errno is
 * the system's. */
MUST_CHECK enum err endpoint_probe(const struct endpoint *endpoint, struct why *why);

/**
 * Open a UDP and a listening TCP socket at `endpoint`, with SO_REUSEPORT. Port 0 is replaced in
 * `endpoint` by the port that the kernel chose for both. ERR_IO: errno is the system's, nothing is
 * open; `why` says what failed.
 */
MUST_CHECK enum err socket_pair_open(struct endpoint *endpoint, struct socket_pair *out,
                                     struct why *why);

/** Further descriptors of the same kernel sockets. ERR_IO as above. */
MUST_CHECK enum err socket_pair_share(const struct socket_pair *from, struct socket_pair *out,
                                      struct why *why);

void socket_pair_close(struct socket_pair *pair);

#endif

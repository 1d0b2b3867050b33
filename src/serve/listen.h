/* listen: the open sockets of every endpoint, as workers see them. */
#ifndef FEDNS_SERVE_LISTEN_H
#define FEDNS_SERVE_LISTEN_H

#include "sockets.h"

/**
 * Of one endpoint. Closing a UDP socket loses what is queued in it, so a listener never shrinks.
 */
#define SOCKET_PAIRS_MAX READERS_MAX

struct listener {
	struct endpoint wanted; /* as configured; port 0 stays 0 */
	struct endpoint bound;
	struct socket_pair *pairs; /* [pair_count] */
	unsigned pair_count;
};

struct listeners {
	size_t count;
	struct listener *items; /* [count] */
};

#endif

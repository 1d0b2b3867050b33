/* udp: datagrams in, answers out, in batches, on one worker's loop: where there are more sockets
 * than reader slots for lanes. */
#ifndef FEDNS_SERVE_UDP_H
#define FEDNS_SERVE_UDP_H

#include "responder.h"

#include <uv.h>

struct udp;

/** For up to `sockets_max` sockets. NULL: no memory. */
MUST_CHECK struct udp *udp_new(uv_loop_t *loop, struct responder *responder, size_t sockets_max);

/** Serve the bound socket `fd`; borrowed. ERR_IO. */
MUST_CHECK enum err udp_add(struct udp *udp, int fd, struct why *why);

/** Answer what has arrived, then let go of the sockets; their handles close on the loop. */
void udp_stop(struct udp *udp);

/** After the loop has let go of all handles. */
void udp_free(struct udp *udp);

#endif

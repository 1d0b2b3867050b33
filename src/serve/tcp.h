/* tcp: connections of one worker: taking them in, keeping them few and busy, ending them.
 *
 * worker.c --> [tcp.h] --> connection.c (one connection)
 */
#ifndef FEDNS_SERVE_TCP_H
#define FEDNS_SERVE_TCP_H

#include "responder.h"
#include "serve_limits.h"

#include <uv.h>

struct tcp;

/** For up to `listeners_max` listening sockets. NULL: no memory. */
MUST_CHECK struct tcp *tcp_new(uv_loop_t *loop, struct responder *responder,
                               const struct limits *limits, size_t listeners_max);

/** Take connections from the listening socket `fd`; borrowed. ERR_IO. */
MUST_CHECK enum err tcp_add(struct tcp *tcp, int fd, struct why *why);

/** Take no more connections; end those that are there as their answers have been sent, at last
 * after drain_ms. */
void tcp_stop(struct tcp *tcp);

/** After the loop has let go of all handles. */
void tcp_free(struct tcp *tcp);

#endif

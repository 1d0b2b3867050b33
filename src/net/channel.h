/* channel: a c-ares channel driven by a libuv loop: one poll handle a socket, one timer for all
 * timeouts. */
#ifndef FEDNS_NET_CHANNEL_H
#define FEDNS_NET_CHANNEL_H

#include "fedns/resolver.h"

#include <ares.h>
#include <uv.h>

struct channel_socket;

typedef void channel_closed(void *arg);

struct channel {
	ares_channel ares;
	uv_loop_t *loop;
	uv_timer_t timer;
	struct channel_socket *sockets; /* those that c-ares has open */
	size_t handle_count;            /* of ours on the loop, closing ones included */
	channel_closed *closed;         /* set once closing */
	void *closed_arg;
};

/** How a channel asks. */
struct channel_manner {
	int timeout_ms; /* of the first try at each server; c-ares doubles it each round */
	int tries;
	int flags; /* ARES_FLAG_*, beside those that all channels have */
};

/** Set up for `servers` ("ADDRESS:PORT" and so on; count 0: /etc/resolv.conf). On an error nothing
 * is left on the loop. */
MUST_CHECK enum err channel_init(struct channel *channel, uv_loop_t *loop,
                                 const char *const *servers, size_t count,
                                 const struct channel_manner *manner, struct why *why);

/** Room for any name as c-ares reads it. */
#define CHANNEL_NAME_SIZE (2 * NAME_SIZE_MAX + 1)

/** `name` for channel_ask(). ERR_INVALID: it has a zero octet, which c-ares can't ask for. */
MUST_CHECK enum err channel_name_text(const struct name *name, char text[CHANNEL_NAME_SIZE]);

/** Ask for `name` as c-ares reads it. `done` may run before this returns. */
void channel_ask(struct channel *channel, const char *name, uint16_t type, ares_callback done,
                 void *arg);

/** End: what is in flight is told ARES_EDESTRUCTION at once; `closed` comes when the loop has let
 * go. */
void channel_close(struct channel *channel, channel_closed *closed, void *arg);

/** Read one server text; a missing port is 53. */
MUST_CHECK enum err server_parse(const char *text, struct ares_addr_port_node *out,
                                 struct why *why);

#endif

/* serve_limits: what tests make smaller. The public maxima are the defaults. */
#ifndef FEDNS_SERVE_SERVE_LIMITS_H
#define FEDNS_SERVE_SERVE_LIMITS_H

#include "fedns/serve.h"

struct limits {
	unsigned connections_max; /* TCP, of one worker */
	uint64_t idle_ms;
	uint64_t drain_ms;
};

#define LIMITS_DEFAULT                                                                             \
	((struct limits){                                                                              \
		.connections_max = TCP_CONNECTIONS_MAX,                                                    \
		.idle_ms = TCP_IDLE_MS,                                                                    \
		.drain_ms = TCP_DRAIN_MS,                                                                  \
	})

#endif

/* serve_limits: what tests make smaller. The public maxima are the defaults. */
#ifndef FEDNS_SERVE_SERVE_LIMITS_H
#define FEDNS_SERVE_SERVE_LIMITS_H

#include "fedns/serve.h"

struct limits {
	unsigned connections_max; /* TCP, of one worker */
	unsigned client_max;      /* of those, of one client */
	size_t input_max;         /* octets that unfinished messages may hold in a worker */
	size_t output_max;        /* octets that may wait in a worker for clients to read */
	uint64_t idle_ms;
	uint64_t total_ms; /* then a connection ends as soon as nothing is under way */
	uint64_t drain_ms;
	unsigned slots_max; /* reader slots of one crew */
};

#define LIMITS_DEFAULT                                                                             \
	((struct limits){                                                                              \
		.connections_max = TCP_CONNECTIONS_MAX,                                                    \
		.client_max = TCP_CLIENT_MAX,                                                              \
		.input_max = TCP_INPUT_MAX,                                                                \
		.output_max = TCP_OUTPUT_MAX,                                                              \
		.idle_ms = TCP_IDLE_MS,                                                                    \
		.total_ms = TCP_TOTAL_MS,                                                                  \
		.drain_ms = TCP_DRAIN_MS,                                                                  \
		.slots_max = CREW_SLOTS_MAX,                                                               \
	})

#endif

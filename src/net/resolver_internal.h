/* resolver, for its tests: the limits as parameters. */
#ifndef FEDNS_NET_RESOLVER_INTERNAL_H
#define FEDNS_NET_RESOLVER_INTERNAL_H

#include "fedns/resolver.h"

struct resolver_limits {
	int timeout_ms; /* of the first try at each server; c-ares doubles it each round */
	int tries;
	size_t waiting_max;
};

/** resolver_new() with limits of one's own. */
MUST_CHECK enum err resolver_new_limited(uv_loop_t *loop, const char *const *servers, size_t count,
                                         const struct resolver_limits *limits,
                                         struct resolver **out, struct why *why);

#endif

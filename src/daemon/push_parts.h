/* push_parts: the provider and the lease of a configuration, for the daemon and for one push.
 *
 * config.h, provider.h, lease.h --> [push_parts.h] --> pushing.c, push_once.c
 */
#ifndef FEDNS_DAEMON_PUSH_PARTS_H
#define FEDNS_DAEMON_PUSH_PARTS_H

#include "fedns/config.h"
#include "fedns/lease.h"
#include "fedns/provider.h"

/** Who makes them, and is told. */
struct push_owner {
	const struct config *config;
	uv_loop_t *loop;
	const struct log *log;         /* outlives both */
	const struct spawner *spawner; /* of a lease_setup */
	bool gives_up;                 /* of a provider_setup */
	void *arg;
	bool (*may_write)(void *arg);
	void (*moved)(void *arg);
	void (*led)(void *arg, bool leader);
};

/** By `policy`, which may differ from the configuration's. Errors of provider_new(). From then on
 * this process leaves no core file. */
MUST_CHECK enum err push_provider(const struct push_owner *owner,
                                  const struct provider_policy *policy, struct provider **out,
                                  struct why *why);
/** Would the provider take its file? Before an old push ends for a new one. As provider_check(). */
MUST_CHECK enum err push_check(const struct config *config, struct why *why);
/** Errors of lease_new(). */
MUST_CHECK enum err push_lease(const struct push_owner *owner, struct lease **out, struct why *why);

#endif

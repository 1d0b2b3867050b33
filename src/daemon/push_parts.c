#include "push_parts.h"

#include "clock.h"
#include "privileges.h"

static int64_t wall_ms(void *arg)
{
	(void)arg;
	return clock_now_ms();
}

enum err push_provider(const struct push_owner *owner, const struct provider_policy *policy,
                       struct provider **out, struct why *why)
{
	const struct config *config = owner->config;
	const struct provider_setup setup = {.loop = owner->loop,
	                                     .log = owner->log,
	                                     .policy = policy,
	                                     .state_dir = config->state_dir,
	                                     .verify_servers = config->push.verify_servers,
	                                     .verify_server_count = config->push.verify_server_count,
	                                     .resolvers = config->resolvers,
	                                     .resolver_count = config->resolver_count,
	                                     .replicas = config->push.lease.on,
	                                     .gives_up = owner->gives_up,
	                                     .now_ms = wall_ms,
	                                     .may_write = owner->may_write,
	                                     .changed = owner->moved,
	                                     .arg = owner->arg};
	core_files_end();
	return provider_new(&setup, out, why);
}

enum err push_check(const struct config *config, struct why *why)
{
	bool exposed; /* the provider says so, once it is made */
	if (!config->push.on)
		return ERR_OK;
	core_files_end();
	return provider_check(&config->push.alidns, &exposed, why);
}

enum err push_lease(const struct push_owner *owner, struct lease **out, struct why *why)
{
	const struct config_live *live = &owner->config->live;
	const struct config_lease *lease = &owner->config->push.lease;
	const struct lease_setup setup = {.loop = owner->loop,
	                                  .log = owner->log,
	                                  .kubeconfig = lease->kubeconfig,
	                                  .context = lease->context,
	                                  .in_cluster = lease->in_cluster,
	                                  .exec_allow = live->exec_allow,
	                                  .exec_allow_count = live->exec_allow_count,
	                                  .spawner = owner->spawner,
	                                  .namespace = lease->namespace,
	                                  .name = lease->name,
	                                  .now_ms = wall_ms,
	                                  .changed = owner->led,
	                                  .arg = owner->arg};
	enum err err = lease_new(&setup, out, why);
	if (err != ERR_OK)
		why_wrap(why, "lease");
	return err;
}

#include "admin.h"

#include "control_commands.h"

#include <string.h>

/* Probes have no token to show. */
static const struct admin_resource RESOURCES[] = {
	{"/healthz", "text/plain; charset=utf-8", true, healthz_begin, probe_step, probe_end},
	{"/metrics", METRICS_TYPE, false, metrics_begin, metrics_step, metrics_end},
	{"/readyz", "text/plain; charset=utf-8", true, readyz_begin, probe_step, probe_end},
};

/* Commands of one row. */
static const char *const SINGLES[] = {"status", "provider", "history", NULL};

static struct admin_setup setup_of(struct daemon *daemon, const struct config_admin *admin)
{
	struct admin_setup setup = {.loop = &daemon->loop,
	                            .log = &daemon->log,
	                            .policy = {.listen = admin->listen,
	                                       .token_file = admin->token_file,
	                                       .tls_cert = admin->tls_cert,
	                                       .tls_key = admin->tls_key},
	                            .resources = RESOURCES,
	                            .resource_count = sizeof RESOURCES / sizeof RESOURCES[0],
	                            .singles = SINGLES,
	                            .arg = daemon};
	memcpy(setup.policy.hosts, admin->hosts, sizeof setup.policy.hosts);
	setup.commands = daemon_control_commands(&setup.command_count);
	return setup;
}

static void started_say(const struct daemon *daemon)
{
	char address[64];
	admin_address(daemon->admin, address);
	daemon_log(daemon, LOG_INFO, "metrics, health and the status page at http%s://%s",
	           daemon->config->admin.tls_cert != NULL ? "s" : "", address);
}

enum err daemon_admin_start(struct daemon *daemon, struct why *why)
{
	if (daemon->config->admin.listen == NULL)
		return ERR_OK;
	const struct admin_setup setup = setup_of(daemon, &daemon->config->admin);
	enum err err = admin_new(&setup, NULL, &daemon->admin, why);
	if (err == ERR_OK)
		started_say(daemon);
	return err;
}

bool daemon_admin_differs(const struct daemon *daemon, const struct config *config)
{
	const struct config_admin *old = &daemon->config->admin, *new = &config->admin;
	for (size_t i = 0; i < ADMIN_HOSTS_MAX; i++) {
		if (!text_equal(old->hosts[i], new->hosts[i]))
			return true;
	}
	return !text_equal(old->listen, new->listen) || !text_equal(old->token_file, new->token_file) ||
	       !text_equal(old->tls_cert, new->tls_cert) || !text_equal(old->tls_key, new->tls_key);
}

enum err daemon_admin_prepare(struct daemon *daemon, const struct config *config,
                              struct admin **out, struct why *why)
{
	*out = NULL;
	if (config->admin.listen == NULL || !daemon_admin_differs(daemon, config))
		return ERR_OK;
	const struct admin_setup setup = setup_of(daemon, &config->admin);
	return admin_new(&setup, daemon->admin, out, why);
}

void daemon_admin_replace(struct daemon *daemon, struct admin *next)
{
	struct admin *old = daemon->admin;
	daemon->admin = next;
	if (next == NULL) {
		admin_free(old);
		return;
	}
	admin_succeed(next, old);
	started_say(daemon);
}

/* The control socket of the daemon: its commands, and where it is. */
#include "control_commands.h"
#include "privileges.h"

#include <string.h>

static const struct control_command COMMANDS[] = {
	{"status", false, control_single_begin, control_status_step, control_single_end},
	{"history", false, control_single_begin, control_history_step, control_single_end},
	{"provider", false, control_single_begin, control_provider_step, control_single_end},
	{"clusters", false, control_clusters_begin, control_clusters_step, control_clusters_end},
	{"services", false, control_services_begin, control_services_step, control_services_end},
	{"records", false, control_records_begin, control_records_step, control_records_end},
	{"explain", false, control_explain_begin, control_explain_step, control_explain_end},
	{"drain", true, control_drain_begin, control_order_step, control_order_end},
	{"undrain", true, control_undrain_begin, control_order_step, control_order_end},
	{"force", true, control_force_begin, control_order_step, control_order_end},
	{"approve", true, control_approve_begin, control_members_step, control_members_end},
	{"join", true, control_join_begin, control_members_step, control_members_end},
	{"unjoin", true, control_unjoin_begin, control_members_step, control_members_end},
	{"reload", true, control_single_begin, control_reload_step, control_single_end},
};

const struct control_command *daemon_control_commands(size_t *count)
{
	*count = sizeof COMMANDS / sizeof COMMANDS[0];
	return COMMANDS;
}

static enum err socket_open(struct daemon *daemon, const char *path, const char *user,
                            struct control_socket **out, struct why *why)
{
	*out = NULL;
	enum err err = control_dir_make(path, user, why);
	if (err == ERR_OK)
		err = control_socket_open(&daemon->loop, path, out, why);
	if (err != ERR_OK)
		return err;
	err = control_give(path, user, why);
	if (err != ERR_OK) {
		control_socket_close(*out);
		*out = NULL;
	}
	return err;
}

enum err daemon_control_start(struct daemon *daemon, struct why *why)
{
	struct control_socket *socket;
	const struct config *config = daemon->config;
	enum err err = control_new(&daemon->loop, COMMANDS, sizeof COMMANDS / sizeof COMMANDS[0],
	                           daemon, &daemon->log, &daemon->control, why);
	if (err != ERR_OK || config->control == NULL)
		return err;
	err = socket_open(daemon, config->control, config->user, &socket, why);
	if (err == ERR_OK)
		control_listen(daemon->control, socket);
	return err;
}

bool daemon_control_differs(const struct daemon *daemon, const struct config *config)
{
	const char *old = daemon->config->control, *new = config->control;
	if (old == NULL || new == NULL)
		return old != new;
	return strcmp(old, new) != 0;
}

enum err daemon_control_prepare(struct daemon *daemon, const struct config *config,
                                struct control_socket **out, struct why *why)
{
	*out = NULL;
	if (config->control == NULL || !daemon_control_differs(daemon, config))
		return ERR_OK;
	/* Whoever we have become by now, the file is ours. */
	return socket_open(daemon, config->control, NULL, out, why);
}

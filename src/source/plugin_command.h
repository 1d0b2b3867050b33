/* plugin_command: what a plugin's process is started with. */
#ifndef FEDNS_SOURCE_PLUGIN_COMMAND_H
#define FEDNS_SOURCE_PLUGIN_COMMAND_H

#include "fedns/kubeconfig.h"

/** NULL-terminated, and the caller's: plugin_command_clear(). */
struct plugin_command {
	char *path;
	char **args; /* borrowed texts */
	char **env;  /* borrowed texts but `info` */
	char *info;
};

/** ERR_MISSING: a name that isn't in our PATH; ERR_NOMEM. `*out` needs no clearing then. */
MUST_CHECK enum err plugin_command_make(const struct kube_exec *exec, const char *info,
                                        struct plugin_command *out, struct why *why);
/** Say that a name isn't in our PATH: ERR_MISSING. */
enum err plugin_command_missing(const char *command, struct why *why);
void plugin_command_clear(struct plugin_command *command);

#endif

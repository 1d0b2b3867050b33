#include "plugin_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INFO_NAME "KUBERNETES_EXEC_INFO"

static bool is_program(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && eaccess(path, X_OK) == 0;
}

/*
 * By our own PATH: execvp(3) in the child would take the one that the kubeconfig may set, and so
 * run whatever it likes under an allowed name. Folders relative to wherever we are don't count.
 * NULL: not there, or no memory (`*no_memory`).
 */
static char *path_find(const char *name, bool *no_memory)
{
	const char *path = getenv("PATH");
	*no_memory = false;
	while (path != NULL && *path != '\0') {
		size_t size = strcspn(path, ":");
		char *found = NULL;
		if (path[0] == '/') {
			*no_memory = asprintf(&found, "%.*s/%s", (int)size, path, name) < 0;
			if (*no_memory || is_program(found))
				return *no_memory ? NULL : found;
			free(found);
		}
		path += size + (path[size] == ':');
	}
	return NULL;
}

/* Do both set the same variable? */
static bool same_name(const char *a, const char *b)
{
	size_t size = strcspn(a, "=");
	return strncmp(a, b, size) == 0 && b[size] == '=';
}

/* Put `variable` where its name stands, else behind the others. */
static void env_put(char **env, size_t *count, char *variable)
{
	size_t at = 0;
	while (at < *count && !same_name(variable, env[at]))
		at++;
	env[at] = variable;
	*count += at == *count;
}

static char **env_make(const struct kube_exec *exec, char *info)
{
	size_t own = 0, count = 0;
	while (environ != NULL && environ[own] != NULL)
		own++;
	char **env = calloc(own + exec->env_count + 2, sizeof *env);
	if (env == NULL)
		return NULL;
	for (size_t i = 0; i < own; i++)
		env[count++] = environ[i];
	for (size_t i = 0; i < exec->env_count; i++)
		env_put(env, &count, (char *)exec->env[i]); /* execve(2) writes to none of them */
	env_put(env, &count, info);
	return env;
}

static char **args_make(const struct kube_exec *exec)
{
	char **args = calloc(exec->arg_count + 2, sizeof *args);
	if (args == NULL)
		return NULL;
	args[0] = (char *)exec->command;
	for (size_t i = 0; i < exec->arg_count; i++)
		args[i + 1] = (char *)exec->args[i];
	return args;
}

enum err plugin_command_missing(const char *command, struct why *why)
{
	why_set(why, "the command \"%s\" is not in PATH", command);
	return ERR_MISSING;
}

enum err plugin_command_make(const struct kube_exec *exec, const char *info,
                             struct plugin_command *out, struct why *why)
{
	bool no_memory = false;
	*out = (struct plugin_command){.path = NULL};
	if (strchr(exec->command, '/') != NULL)
		out->path = strdup(exec->command);
	else
		out->path = path_find(exec->command, &no_memory);
	if (out->path == NULL && !no_memory && strchr(exec->command, '/') == NULL)
		return plugin_command_missing(exec->command, why);
	if (asprintf(&out->info, INFO_NAME "=%s", info) < 0)
		out->info = NULL;
	out->args = args_make(exec);
	out->env = out->info == NULL ? NULL : env_make(exec, out->info);
	if (out->path != NULL && out->args != NULL && out->env != NULL)
		return ERR_OK;
	plugin_command_clear(out);
	why_set(why, "no memory to run \"%s\"", exec->command);
	return ERR_NOMEM;
}

void plugin_command_clear(struct plugin_command *command)
{
	if (command->info != NULL)
		explicit_bzero(command->info, strlen(command->info)); /* a proxy's password maybe */
	free(command->info);
	free(command->path);
	free(command->args);
	free(command->env);
	*command = (struct plugin_command){.path = NULL};
}

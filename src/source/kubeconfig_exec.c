/* `exec` of a user: the command that prints credentials, if it may be run. */
#include "kubeconfig_parts.h"

#include <stdio.h>
#include <string.h>

#define EXEC_ARGS_MAX 256
#define EXEC_ENV_MAX  256

static enum err version_read(const struct kube_fields *fields)
{
	static const char *const VERSIONS[] = {"client.authentication.k8s.io/v1",
	                                       "client.authentication.k8s.io/v1beta1"};
	struct kube_exec *exec = &fields->access->exec;
	enum err err = field_text(fields, "apiVersion", &exec->api_version);
	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < 2 && exec->api_version != NULL; i++) {
		if (strcmp(exec->api_version, VERSIONS[i]) == 0)
			return ERR_OK;
	}
	return fields_bad(fields, "apiVersion", "exec.apiVersion must be %s or %s", VERSIONS[0],
	                  VERSIONS[1]);
}

/* Nobody is at our terminal. v1 wants the word, v1beta1 has a default. */
static enum err mode_check(const struct kube_fields *fields)
{
	const char *mode;
	enum err err = field_text(fields, "interactiveMode", &mode);
	if (err != ERR_OK)
		return err;
	if (mode == NULL && strstr(fields->access->exec.api_version, "v1beta1") != NULL)
		return ERR_OK;
	if (mode != NULL && strcmp(mode, "Always") == 0)
		return fields_bad(
			fields, "interactiveMode",
			"exec.interactiveMode is Always, but a daemon has no terminal to be asked at: "
			"use other credentials");
	if (mode == NULL || (strcmp(mode, "Never") != 0 && strcmp(mode, "IfAvailable") != 0))
		return fields_bad(fields, "interactiveMode",
		                  "exec.interactiveMode must be Never or IfAvailable");
	return ERR_OK;
}

/* NAME=VALUE of one entry of `env`. */
static enum err variable_read(const struct kube_fields *fields, const struct yaml_node *item,
                              const char **out)
{
	struct kube_fields inner = *fields;
	const char *name;
	inner.entry.node = item;
	inner.prefix = "exec.env.";
	enum err err = fields_check(&inner);
	if (err == ERR_OK)
		err = field_text(&inner, "name", &name);
	if (err != ERR_OK)
		return err;
	if (name == NULL || strchr(name, '=') != NULL)
		return fields_bad(&inner, "name", "exec.env must have a name without \"=\" in each entry");
	/* a value may hold anything, line feeds too */
	const struct yaml_node *node = field_node(&inner, "value");
	if (node != NULL && node->kind != YAML_SCALAR)
		return fields_bad(&inner, "value", "exec.env.value must be text");
	struct bytes text = node != NULL ? node->text : bytes_of("");
	size_t size = strlen(name) + 1 + text.size + 1;
	char *variable = region_alloc(fields->access->memory, size);
	if (variable == NULL)
		return fields_no_memory(fields);
	(void)snprintf(variable, size, "%s=%.*s", name, BYTES_ARG(text));
	*out = variable;
	return ERR_OK;
}

static enum err env_read(const struct kube_fields *fields)
{
	struct kube_exec *exec = &fields->access->exec;
	const struct yaml_node *list = field_node(fields, "env");
	if (list == NULL)
		return ERR_OK;
	if (list->kind != YAML_LIST || list->count > EXEC_ENV_MAX)
		return fields_bad(fields, "env", "exec.env must be a list of at most %d entries",
		                  EXEC_ENV_MAX);
	const char **env = region_alloc(fields->access->memory, (list->count + 1) * sizeof *env);
	if (env == NULL)
		return fields_no_memory(fields);
	enum err err = ERR_OK;
	for (const struct yaml_node *item = list->first; item != NULL && err == ERR_OK;
	     item = item->next)
		err = variable_read(fields, item, &env[exec->env_count++]);
	exec->env = env;
	return err;
}

static bool is_allowed(const struct kubeconfig_ask *ask, const char *command)
{
	for (size_t i = 0; i < ask->exec_allow_count; i++) {
		if (strcmp(ask->exec_allow[i], command) == 0)
			return true;
	}
	return false;
}

static enum err command_read(const struct kube_fields *fields, const struct kubeconfig_ask *ask)
{
	struct kube_exec *exec = &fields->access->exec;
	enum err err = field_text(fields, "command", &exec->command);
	if (err != ERR_OK)
		return err;
	if (exec->command == NULL)
		return fields_bad(fields, "command", "exec.command is missing");
	if (strchr(exec->command, '/') != NULL)
		err = path_resolve(fields, exec->command, &exec->command);
	if (err != ERR_OK || is_allowed(ask, exec->command))
		return err;
	return fields_bad(
		fields, "command",
		"exec.command is \"%s\": a command that a file names is run only if exec_allow "
		"lists it",
		exec->command);
}

enum err exec_read(const struct kube_fields *fields, const struct kubeconfig_ask *ask)
{
	struct kube_exec *exec = &fields->access->exec;
	enum err err = fields_check(fields);
	if (err == ERR_OK)
		err = command_read(fields, ask);
	if (err == ERR_OK)
		err = version_read(fields);
	if (err == ERR_OK)
		err = mode_check(fields);
	if (err == ERR_OK)
		err = field_list(fields, "args", EXEC_ARGS_MAX, &exec->args, &exec->arg_count);
	if (err == ERR_OK)
		err = env_read(fields);
	if (err == ERR_OK)
		err = field_bool(fields, "provideClusterInfo", &exec->cluster_info);
	if (err != ERR_OK)
		return err;
	const struct yaml_node *hint = field_node(fields, "installHint");
	if (hint != NULL && hint->kind == YAML_SCALAR && hint->text.size != 0) {
		exec->install_hint = region_text(fields->access->memory, hint->text);
		if (exec->install_hint == NULL)
			return fields_no_memory(fields);
	}
	fields->access->credential = KUBE_EXEC;
	return ERR_OK;
}

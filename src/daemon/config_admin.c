/* `admin` and `lame_duck`: where the HTTP server listens, for whom, and how long a stop is
 * announced before it comes. */
#include "config_load.h"

#include <stdio.h>
#include <string.h>

#define LAME_DUCK_MAX_MS (600 * 1000)

/* "9153" alone is for this host: what is to be reached from elsewhere has to say so. */
static bool endpoint_read(struct config_load *load, const struct yaml_node *node,
                          struct endpoint *out)
{
	char text[32];
	uint64_t port;
	struct yaml_node local = *node;
	if (bytes_number(node->text, UINT16_MAX, &port)) {
		(void)snprintf(text, sizeof text, "127.0.0.1:%u", (unsigned)port);
		local.text = bytes_of(text);
	}
	return value_endpoint(load, &local, out);
}

static bool is_local(const struct endpoint *endpoint)
{
	char text[64];
	endpoint_text(endpoint, text);
	return strncmp(text, "127.", 4) == 0 || strncmp(text, "[::1]:", 6) == 0;
}

static void listen_take(struct config_load *load, const struct yaml_node *node)
{
	struct config_admin *admin = &load->config->admin;
	struct endpoint endpoint;
	char text[64];
	if (!endpoint_read(load, node, &endpoint))
		return;
	endpoint_text(&endpoint, text);
	admin->listen = region_text(load->region, bytes_of(text));
	if (admin->listen == NULL)
		memory_out(load);
	admin->local = is_local(&endpoint);
}

static void admin_listen_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	listen_take(load, node);
}

static void token_file_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct config_admin *admin = object;
	(void)value_path(load, node, &admin->token_file);
}

static bool host_valid(struct config_load *load, const struct yaml_node *node)
{
	struct name name;
	struct why why = {{0}};
	if (hostname_parse(node->text, &name, &why) == ERR_OK)
		return true;
	value_bad(load, node, "give a host's name, without a port (%s)", why.text);
	return false;
}

static void hosts_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct config_admin *admin = object;
	size_t count = 0;
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (count == ADMIN_HOSTS_MAX) {
			complain(load, SEVERITY_ERROR, item->line, "has more than %d names: leave some out",
			         ADMIN_HOSTS_MAX);
			return;
		}
		if (entry_is(load, item, YAML_SCALAR) && host_valid(load, item) &&
		    value_text(load, item, &admin->hosts[count]))
			count++;
	}
}

static void open_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct config_admin *admin = object;
	(void)value_bool(load, node, &admin->open);
}

static void cert_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct config_admin *admin = object;
	(void)value_path(load, node, &admin->tls_cert);
}

static void key_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct config_admin *admin = object;
	(void)value_path(load, node, &admin->tls_key);
}

static const struct config_key TLS_KEYS[] = {
	{"cert", YAML_SCALAR, cert_apply},
	{"key", YAML_SCALAR, key_apply},
};

static void tls_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	const struct config_admin *admin = object;
	size_t errors = load->errors;
	KEYS_APPLY(load, TLS_KEYS, node, object);
	if (load->errors == errors && (admin->tls_cert == NULL || admin->tls_key == NULL))
		complain(load, SEVERITY_ERROR, node->line, "needs both \"cert\" and \"key\"");
}

static const struct config_key ADMIN_KEYS[] = {
	{"listen", YAML_SCALAR, admin_listen_apply}, {"token_file", YAML_SCALAR, token_file_apply},
	{"open", YAML_SCALAR, open_apply},           {"tls", YAML_MAP, tls_apply},
	{"hosts", YAML_LIST, hosts_apply},
};

/* Everybody who reaches it may look: names and addresses of services, and how they are. */
static void exposure_warn(struct config_load *load, const struct yaml_node *node)
{
	const struct config_admin *admin = &load->config->admin;
	if (admin->listen != NULL && !admin->local && !admin->open && admin->token_file == NULL)
		complain(load, SEVERITY_WARNING, node->line,
		         "listens at %s, and whoever reaches that may look: give a \"token_file\", or say "
		         "\"open: true\" if that is meant",
		         admin->listen);
	if (admin->open && admin->token_file != NULL)
		complain(load, SEVERITY_ERROR, node->line,
		         "has a \"token_file\", and is \"open: true\": leave one out");
}

void admin_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	size_t errors = load->errors;
	if (node->kind != YAML_MAP) {
		if (entry_is(load, node, YAML_SCALAR))
			listen_take(load, node);
	} else {
		KEYS_APPLY(load, ADMIN_KEYS, node, &load->config->admin);
		if (load->config->admin.listen == NULL && load->errors == errors && !load->no_memory)
			complain(load, SEVERITY_ERROR, node->line, "needs \"listen\": ADDRESS:PORT");
	}
	if (load->errors == errors)
		exposure_warn(load, node);
}

void lame_duck_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_duration(load, node, 0, LAME_DUCK_MAX_MS, &load->config->lame_duck_ms);
}

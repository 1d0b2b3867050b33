/* `provider` and `lease`: read and checked, so that a file for a later version is not wrong in this
 * one. */
#include "config_load.h"

#define INTERVAL_MIN_MS (60 * 1000)
#define INTERVAL_MAX_MS ((int64_t)7 * 24 * 60 * 60 * 1000)

static void max_delete_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	uint32_t percent;
	(void)value_percent(load, node, &percent);
}

static void interval_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	int64_t interval_ms;
	(void)value_duration(load, node, INTERVAL_MIN_MS, INTERVAL_MAX_MS, &interval_ms);
}

static const struct config_key ALIDNS_KEYS[] = {
	{"config", YAML_SCALAR, path_check_apply},
	{"owner", YAML_SCALAR, label_check_apply},
	{"max_delete", YAML_SCALAR, max_delete_apply},
	{"interval", YAML_SCALAR, interval_apply},
};

static void alidns_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	KEYS_APPLY(load, ALIDNS_KEYS, node, object);
}

static void parent_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct name parent;
	(void)value_name(load, node, &parent);
}

static const struct config_key DELEGATE_KEYS[] = {
	{"parent", YAML_SCALAR, parent_apply},
};

static void delegate_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	KEYS_APPLY(load, DELEGATE_KEYS, node, object);
}

static const struct config_key PROVIDER_KEYS[] = {
	{"alidns", YAML_MAP, alidns_apply},
	{"delegate", YAML_MAP, delegate_apply},
};

void provider_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	size_t errors = load->errors;
	KEYS_APPLY(load, PROVIDER_KEYS, node, object);
	if (load->errors == errors && node->count != 0)
		not_acted_upon(load, node);
}

static const struct config_key LEASE_KEYS[] = {
	{"kubeconfig", YAML_SCALAR, path_check_apply},
	{"context", YAML_SCALAR, text_check_apply},
	{"namespace", YAML_SCALAR, label_check_apply},
	{"name", YAML_SCALAR, text_check_apply},
};

void lease_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	size_t errors = load->errors;
	KEYS_APPLY(load, LEASE_KEYS, node, object);
	if (load->errors == errors && node->count != 0)
		not_acted_upon(load, node);
}

/* --dns-provider */
void provider_name_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	static const struct config_word WORDS[] = {{"alidns", 1}};
	int value;
	if (value_word(load, node, WORDS, sizeof WORDS / sizeof WORDS[0], &value))
		not_acted_upon(load, node);
}

/* --dns-provider-config */
void provider_config_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	const char *path;
	if (value_path(load, node, &path))
		not_acted_upon(load, node);
}

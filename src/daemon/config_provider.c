/* `provider` and `lease`: where the records are pushed, and who of several replicas does so. */
#include "config_load.h"

#include "fedns/ask.h"

#define INTERVAL_MIN_MS (60 * 1000)
#define INTERVAL_MAX_MS ((int64_t)7 * 24 * 60 * 60 * 1000)

void push_defaults_set(struct config *config)
{
	struct config_push *push = &config->push;
	push->alidns.owner = "fedns";
	push->alidns.max_delete_percent = 25;
	push->alidns.share_percent = 80;
	push->alidns.interval_ms = 60 * 60 * 1000;
	push->lease.namespace = "fedns";
	push->lease.name = "fedns-push";
}

/* --- provider.alidns ---------------------------------------------------------------------- */

static void file_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_path(load, node, &load->config->push.alidns.file);
}

static void owner_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	if (value_label(load, node))
		(void)value_text(load, node, &load->config->push.alidns.owner);
}

static void max_delete_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	uint32_t percent;
	if (value_percent(load, node, &percent))
		load->config->push.alidns.max_delete_percent = percent;
}

static void quota_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	uint32_t percent;
	if (!value_percent(load, node, &percent))
		return;
	if (percent == 0)
		value_bad(load, node, "give 1%% to 100%% of the account's quotas");
	else
		load->config->push.alidns.share_percent = percent;
}

static void interval_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_duration(load, node, INTERVAL_MIN_MS, INTERVAL_MAX_MS,
	                     &load->config->push.alidns.interval_ms);
}

static void adopt_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_bool(load, node, &load->config->push.alidns.adopt);
}

static void dry_run_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_bool(load, node, &load->config->push.alidns.dry_run);
}

static void signature_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	static const struct config_word WORDS[] = {{"acs3", ALIDNS_ACS3}, {"v1", ALIDNS_V1}};
	int value;
	if (value_word(load, node, WORDS, sizeof WORDS / sizeof WORDS[0], &value))
		load->config->push.alidns.signature = (enum alidns_signature)value;
}

static bool verify_server_take(struct config_load *load, const struct yaml_node *node,
                               const char **out)
{
	struct ask_server server;
	struct why why;
	if (!entry_is(load, node, YAML_SCALAR) || !value_text(load, node, out))
		return false;
	if (ask_server_parse(*out, &server, &why) == ERR_OK)
		return true;
	value_bad(load, node, "give ADDRESS or ADDRESS:PORT (%s)", why.text);
	return false;
}

static void verify_servers_apply(struct config_load *load, const struct yaml_node *node,
                                 void *object)
{
	(void)object;
	struct config_push *push = &load->config->push;
	push->verify_server_count = 0;
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (push->verify_server_count == VERIFY_SERVERS_MAX) {
			complain(load, SEVERITY_ERROR, item->line, "has more than %d servers",
			         VERIFY_SERVERS_MAX);
			return;
		}
		if (verify_server_take(load, item, &push->verify_servers[push->verify_server_count]))
			push->verify_server_count++;
	}
}

static const struct config_key ALIDNS_KEYS[] = {
	{"config", YAML_SCALAR, file_apply},
	{"owner", YAML_SCALAR, owner_apply},
	{"max_delete", YAML_SCALAR, max_delete_apply},
	{"interval", YAML_SCALAR, interval_apply},
	{"adopt", YAML_SCALAR, adopt_apply},
	{"dry_run", YAML_SCALAR, dry_run_apply},
	{"signature", YAML_SCALAR, signature_apply},
	{"quota", YAML_SCALAR, quota_apply},
	{"verify_servers", YAML_LIST, verify_servers_apply},
};

static void alidns_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	load->config->push.on = true;
	KEYS_APPLY(load, ALIDNS_KEYS, node, object);
}

/* --- provider.delegate -------------------------------------------------------------------- */

static void parent_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	load->parent = (struct origin){true, node->line};
	(void)value_name(load, node, &load->config->push.parent);
}

static const struct config_key DELEGATE_KEYS[] = {
	{"parent", YAML_SCALAR, parent_apply},
};

static void delegate_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	load->config->push.on = load->config->push.delegate = true;
	KEYS_APPLY(load, DELEGATE_KEYS, node, object);
	if (!load->parent.given)
		complain(load, SEVERITY_ERROR, node->line,
		         "needs `parent`: the zone that delegates to ours");
}

static const struct config_key PROVIDER_KEYS[] = {
	{"alidns", YAML_MAP, alidns_apply},
	{"delegate", YAML_MAP, delegate_apply},
};

void provider_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	load->provider = (struct origin){true, node->key_line};
	KEYS_APPLY(load, PROVIDER_KEYS, node, object);
}

/* --- lease -------------------------------------------------------------------------------- */

static void kubeconfig_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_path(load, node, &load->config->push.lease.kubeconfig);
}

static void context_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_text(load, node, &load->config->push.lease.context);
}

static void in_cluster_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_bool(load, node, &load->config->push.lease.in_cluster);
}

static void namespace_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	if (value_label(load, node))
		(void)value_text(load, node, &load->config->push.lease.namespace);
}

static void lease_name_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct why why;
	const char *name;
	if (!value_text(load, node, &name))
		return;
	if (kube_name_check(name, &why) != ERR_OK) /* its sentence is about a cluster */
		value_bad(load, node,
		          "give a name of 1 to %d lower-case letters, digits, hyphens and dots, with a "
		          "letter or digit at each end and beside each dot",
		          KUBE_NAME_SIZE_MAX);
	else
		load->config->push.lease.name = name;
}

static const struct config_key LEASE_KEYS[] = {
	{"kubeconfig", YAML_SCALAR, kubeconfig_apply}, {"context", YAML_SCALAR, context_apply},
	{"in_cluster", YAML_SCALAR, in_cluster_apply}, {"namespace", YAML_SCALAR, namespace_apply},
	{"name", YAML_SCALAR, lease_name_apply},
};

void lease_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct config_lease *lease = &load->config->push.lease;
	lease->on = true;
	KEYS_APPLY(load, LEASE_KEYS, node, object);
	if (lease->in_cluster && (lease->kubeconfig != NULL || lease->context != NULL))
		complain(load, SEVERITY_ERROR, node->line,
		         "has both in_cluster and a kubeconfig or context: keep one");
}

/* --- flags, and the whole ----------------------------------------------------------------- */

/* --dns-provider */
void provider_name_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	static const struct config_word WORDS[] = {{"alidns", 1}};
	int value;
	if (value_word(load, node, WORDS, sizeof WORDS / sizeof WORDS[0], &value))
		load->config->push.on = true;
	load->provider.given = true;
}

/* --dns-provider-config */
void provider_config_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	file_apply(load, node, object);
}

void push_finish(struct config_load *load)
{
	struct config_push *push = &load->config->push;
	const struct name *zone = &load->config->answer.zone.zone;
	push->alidns.zone = push->delegate ? push->parent : *zone;
	push->alidns.scope = *zone;
	if (push->on && load->config->state_dir == NULL)
		complain(load, SEVERITY_WARNING, load->provider.line,
		         "\"provider\" without \"state_dir\": after a crash a record that was just added "
		         "would not be known as ours");
	if (push->delegate && push->parent.size != 0 && zone->size != 0 &&
	    (!name_at_or_below(zone, &push->parent) || zone->size == push->parent.size)) {
		complain(load, SEVERITY_ERROR, load->parent.line,
		         "\"provider.delegate.parent\" must lie above \"zone\"");
	}
}

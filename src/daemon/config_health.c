/* `health`: of it, what happens without probes counts already; the keys of probes are read and
 * checked. */
#include "config_load.h"

/* Verdicts that take longer than an hour or a day help nobody; the lower ends keep probes from
 * being an attack. */
#define INTERVAL_MIN_MS 1000
#define INTERVAL_MAX_MS (60 * 60 * 1000)
#define TIMEOUT_MIN_MS  100
#define TIMEOUT_MAX_MS  (60 * 1000)
#define GRACE_MAX_MS    ((int64_t)7 * 24 * 60 * 60 * 1000)

static void probe_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	static const struct config_word WORDS[] = {{"none", 0}, {"tcp", 1}, {"http", 2}, {"https", 3}};
	int value;
	if (value_word(load, node, WORDS, sizeof WORDS / sizeof WORDS[0], &value) && value != 0)
		not_acted_upon(load, node);
}

static void port_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	uint32_t port;
	(void)value_number(load, node, 1, 65535, "a port", &port);
}

static void path_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	if (node->text.size == 0 || node->text.data[0] != '/')
		value_bad(load, node, "give a path that begins with a slash");
}

static void host_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct why why = {{0}};
	struct name name;
	if (node->text.size != 0 && hostname_parse(node->text, &name, &why) != ERR_OK)
		value_bad(load, node, "give a host name, or \"\" for the global name (%s)", why.text);
}

static void expect_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	uint32_t status[2] = {0, 0};
	size_t count = 0;
	if (node->count != 2) {
		complain(load, SEVERITY_ERROR, node->line,
		         "must be two numbers: [lowest, highest] good status");
		return;
	}
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (!entry_is(load, item, YAML_SCALAR) ||
		    !value_number(load, item, 100, 599, "an HTTP status", &status[count++]))
			return;
	}
	if (status[0] > status[1])
		complain(load, SEVERITY_ERROR, node->line, "is [%u, %u]: give the lower status first",
		         status[0], status[1]);
}

static void verify_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	bool verify;
	(void)value_bool(load, node, &verify);
}

static void interval_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	int64_t interval_ms;
	(void)value_duration(load, node, INTERVAL_MIN_MS, INTERVAL_MAX_MS, &interval_ms);
}

static void timeout_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	int64_t timeout_ms;
	(void)value_duration(load, node, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS, &timeout_ms);
}

static void results_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	uint32_t results;
	(void)value_number(load, node, 1, 100, "a number of results", &results);
}

static void all_down_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	static const struct config_word WORDS[] = {
		{"last", ALL_DOWN_LAST}, {"all", ALL_DOWN_ALL}, {"empty", ALL_DOWN_EMPTY}};
	int value;
	if (value_word(load, node, WORDS, sizeof WORDS / sizeof WORDS[0], &value))
		load->config->answer.zone.all_down = (enum all_down)value;
}

static void offline_grace_apply(struct config_load *load, const struct yaml_node *node,
                                void *object)
{
	(void)object;
	(void)value_duration(load, node, 0, GRACE_MAX_MS, &load->config->model.offline_grace_ms);
}

static void max_withdraw_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_percent(load, node, &load->config->live.max_withdraw_percent);
}

static const struct config_key KEYS[] = {
	{"probe", YAML_SCALAR, probe_apply},
	{"port", YAML_SCALAR, port_apply},
	{"path", YAML_SCALAR, path_apply},
	{"host", YAML_SCALAR, host_apply},
	{"expect", YAML_LIST, expect_apply},
	{"verify", YAML_SCALAR, verify_apply},
	{"interval", YAML_SCALAR, interval_apply},
	{"timeout", YAML_SCALAR, timeout_apply},
	{"rise", YAML_SCALAR, results_apply},
	{"fall", YAML_SCALAR, results_apply},
	{"all_down", YAML_SCALAR, all_down_apply},
	{"offline_grace", YAML_SCALAR, offline_grace_apply},
	{"max_withdraw", YAML_SCALAR, max_withdraw_apply},
};

void health_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	KEYS_APPLY(load, KEYS, node, object);
}

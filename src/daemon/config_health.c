/* `health`: what is probed, and what the results mean. */
#include "config_load.h"
#include "fedns/sockaddr.h"

#include <assert.h>
#include <string.h>

/* Verdicts that take longer than an hour or a day help nobody; the lower ends keep probes from
 * being an attack. */
#define INTERVAL_MIN_MS 1000
#define INTERVAL_MAX_MS (60 * 60 * 1000)
#define TIMEOUT_MIN_MS  100
#define TIMEOUT_MAX_MS  (60 * 1000)
#define TIMEOUT_MS      2000
#define GRACE_MAX_MS    ((int64_t)7 * 24 * 60 * 60 * 1000)
#define HOLD_MAX_MS     GRACE_MAX_MS
/* Long enough for a service to fail again, if it is to. */
#define HOLD_MS (5 * 60 * 1000)

#define SELF_CHECK_KIND "tcp:"

/* Of these nobody is asked who stands anywhere else: link-local addresses, where clouds tell
 * machines their credentials, and where Alibaba Cloud does. */
static void never_defaults_set(struct health_policy *policy)
{
	static const char *const NEVER[] = {"169.254.0.0/16", "fe80::/10", "100.100.100.200"};
	struct why why;
	for (size_t i = 0; i < sizeof NEVER / sizeof NEVER[0]; i++) {
		enum err err = prefix_parse(bytes_of(NEVER[i]), &policy->never[i], &why);
		assert(err == ERR_OK);
		(void)err;
	}
	policy->never_count = sizeof NEVER / sizeof NEVER[0];
}

void health_defaults_set(struct config *config)
{
	struct zone_policy *zone = &config->answer.zone;
	zone->all_down = ALL_DOWN_LAST;
	zone->ttl_min_s = 10;
	config->model.offline_grace_ms = 60 * 1000;
	config->live.max_withdraw_percent = 50;
	config->health.policy = (struct health_policy){.probe = PROBE_NONE,
	                                               .path = "/healthz",
	                                               .host = "",
	                                               .interval_ms = 5000,
	                                               .rise = 2,
	                                               .fall = 3,
	                                               .failback = FAILBACK_PREEMPT,
	                                               .hold_ms = HOLD_MS,
	                                               .withdraw_free = 10};
	never_defaults_set(&config->health.policy);
	config->health.probes = (struct probe_policy){
		.timeout_ms = TIMEOUT_MS, .status_low = 200, .status_high = 399, .verify = true};
}

static struct health_policy *policy_of(struct config_load *load)
{
	return &load->config->health.policy;
}

static struct probe_policy *probes_of(struct config_load *load)
{
	return &load->config->health.probes;
}

/* --- how it is asked ---------------------------------------------------------------------- */

static void probe_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	static const struct config_word WORDS[] = {
		{"none", PROBE_NONE}, {"tcp", PROBE_TCP}, {"http", PROBE_HTTP}, {"https", PROBE_HTTPS}};
	int value;
	if (value_word(load, node, WORDS, sizeof WORDS / sizeof WORDS[0], &value))
		policy_of(load)->probe = (enum probe_kind)value;
}

static void port_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	uint32_t port;
	if (value_number(load, node, 1, UINT16_MAX, "a port", &port))
		policy_of(load)->port = (uint16_t)port;
}

static void path_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	if (node->text.size == 0 || node->text.data[0] != '/')
		value_bad(load, node, "give a path that begins with a slash");
	else if (!probe_path_valid(node->text))
		value_bad(load, node, "give a path as it stands in a URL, of at most %d octets",
		          PROBE_PATH_SIZE_MAX);
	else
		(void)value_text(load, node, &policy_of(load)->path);
}

static void host_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct why why = {{0}};
	struct name name;
	if (node->text.size == 0) {
		policy_of(load)->host = "";
	} else if (hostname_parse(node->text, &name, &why) != ERR_OK) {
		value_bad(load, node, "give a host name, or \"\" for the global name (%s)", why.text);
	} else {
		struct yaml_node bare = *node; /* neither a Host header nor SNI has a final dot */
		bare.text.size -= node->text.data[node->text.size - 1] == '.';
		(void)value_text(load, &bare, &policy_of(load)->host);
	}
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
	probes_of(load)->status_low = status[0];
	probes_of(load)->status_high = status[1];
}

static void contains_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	const char *text;
	probes_of(load)->contains = (struct bytes){NULL, 0};
	if (node->text.size != 0 && value_text(load, node, &text))
		probes_of(load)->contains = (struct bytes){(const uint8_t *)text, node->text.size};
}

static void verify_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_bool(load, node, &probes_of(load)->verify);
}

static void interval_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_duration(load, node, INTERVAL_MIN_MS, INTERVAL_MAX_MS,
	                     &policy_of(load)->interval_ms);
}

static void timeout_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	load->timeout = (struct origin){true, node->line};
	(void)value_duration(load, node, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS, &probes_of(load)->timeout_ms);
}

/* "tcp:ADDRESS:PORT". False: complained. */
static bool self_check_read(struct config_load *load, const struct yaml_node *node,
                            struct health_target *out)
{
	static const size_t KIND_SIZE = sizeof SELF_CHECK_KIND - 1;
	struct endpoint endpoint;
	struct why why = {{0}};
	bool tcp =
		node->text.size > KIND_SIZE && memcmp(node->text.data, SELF_CHECK_KIND, KIND_SIZE) == 0;
	const struct bytes rest = {node->text.data + KIND_SIZE, tcp ? node->text.size - KIND_SIZE : 0};
	if (!tcp || endpoint_parse(rest, &endpoint, &why) != ERR_OK) {
		value_bad(load, node, "give tcp:ADDRESS:PORT or tcp:[ADDRESS]:PORT");
		return false;
	}
	*out = (struct health_target){.kind = PROBE_TCP, .path = "", .host = ""};
	sockaddr_address((const struct sockaddr *)&endpoint.address, &out->address);
	out->port = sockaddr_port((const struct sockaddr *)&endpoint.address);
	if (out->port == 0)
		value_bad(load, node, "give a port from 1 to 65535");
	return out->port != 0;
}

static void self_check_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct config_health *health = &load->config->health;
	health->self_check_count = 0;
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		struct health_target target;
		if (health->self_check_count == HEALTH_SELF_CHECKS_MAX) {
			complain(load, SEVERITY_ERROR, item->line, "has more than %d targets: leave some out",
			         HEALTH_SELF_CHECKS_MAX);
			return;
		}
		if (entry_is(load, item, YAML_SCALAR) && self_check_read(load, item, &target))
			health->self_checks[health->self_check_count++] = target;
	}
}

/* Those of the default are replaced: [] asks anything. */
static void never_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct health_policy *policy = policy_of(load);
	policy->never_count = 0;
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		struct why why = {{0}};
		if (policy->never_count == HEALTH_NEVER_MAX) {
			complain(load, SEVERITY_ERROR, item->line, "has more than %d prefixes: join some",
			         HEALTH_NEVER_MAX);
			return;
		}
		if (!entry_is(load, item, YAML_SCALAR))
			continue;
		if (prefix_parse(item->text, &policy->never[policy->never_count], &why) == ERR_OK)
			policy->never_count++;
		else
			value_bad(load, item, "give an address or ADDRESS/BITS (%s)", why.text);
	}
}

/* --- what the results mean ---------------------------------------------------------------- */

static void rise_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_number(load, node, 1, 100, "a number of results", &policy_of(load)->rise);
}

static void fall_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_number(load, node, 1, 100, "a number of results", &policy_of(load)->fall);
}

static void failback_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	static const struct config_word WORDS[] = {
		{"preempt", FAILBACK_PREEMPT}, {"hold", FAILBACK_HOLD}, {"manual", FAILBACK_MANUAL}};
	int value;
	load->failback = (struct origin){true, node->line};
	if (value_word(load, node, WORDS, sizeof WORDS / sizeof WORDS[0], &value))
		policy_of(load)->failback = (enum failback)value;
}

static void hold_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	load->hold = (struct origin){true, node->line};
	(void)value_duration(load, node, 0, HOLD_MAX_MS, &policy_of(load)->hold_ms);
}

static void ttl_min_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_number(load, node, 0, TTL_MAX_S, "a whole number of seconds",
	                   &load->config->answer.zone.ttl_min_s);
}

static void min_healthy_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct min_healthy *out = &load->config->answer.zone.min_healthy;
	bool share = node->text.size != 0 && node->text.data[node->text.size - 1] == '%';
	struct bytes digits = {node->text.data, node->text.size - share};
	uint64_t number;
	if (!bytes_number(digits, share ? 100 : VERDICTS_MAX, &number))
		value_bad(load, node,
		          "give a number of addresses from 0 to %d, or a share from 0%% to 100%% with its "
		          "sign (50%%)",
		          VERDICTS_MAX);
	else if (share)
		*out = (struct min_healthy){.percent = (uint8_t)number};
	else
		*out = (struct min_healthy){.count = (uint32_t)number};
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

static void withdraw_free_apply(struct config_load *load, const struct yaml_node *node,
                                void *object)
{
	(void)object;
	(void)value_number(load, node, 0, HEALTH_FREE_MAX, "a number of addresses",
	                   &policy_of(load)->withdraw_free);
}

static const struct config_key KEYS[] = {
	{"probe", YAML_SCALAR, probe_apply},
	{"port", YAML_SCALAR, port_apply},
	{"path", YAML_SCALAR, path_apply},
	{"host", YAML_SCALAR, host_apply},
	{"expect", YAML_LIST, expect_apply},
	{"contains", YAML_SCALAR, contains_apply},
	{"verify", YAML_SCALAR, verify_apply},
	{"interval", YAML_SCALAR, interval_apply},
	{"timeout", YAML_SCALAR, timeout_apply},
	{"rise", YAML_SCALAR, rise_apply},
	{"fall", YAML_SCALAR, fall_apply},
	{"self_check", YAML_LIST, self_check_apply},
	{"never", YAML_LIST, never_apply},
	{"failback", YAML_SCALAR, failback_apply},
	{"hold", YAML_SCALAR, hold_apply},
	{"ttl_min", YAML_SCALAR, ttl_min_apply},
	{"min_healthy", YAML_SCALAR, min_healthy_apply},
	{"all_down", YAML_SCALAR, all_down_apply},
	{"offline_grace", YAML_SCALAR, offline_grace_apply},
	{"max_withdraw", YAML_SCALAR, max_withdraw_apply},
	{"withdraw_free", YAML_SCALAR, withdraw_free_apply},
};

void health_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	KEYS_APPLY(load, KEYS, node, object);
}

/* A probe is over before the next one of its target begins. */
static void timeout_finish(struct config_load *load)
{
	struct probe_policy *probes = probes_of(load);
	probes->interval_ms = policy_of(load)->interval_ms;
	if (probes->timeout_ms > probes->interval_ms && load->timeout.given)
		complain(load, SEVERITY_ERROR, load->timeout.line,
		         "\"health.timeout\" is longer than \"health.interval\": make it shorter");
	else if (probes->timeout_ms > probes->interval_ms)
		probes->timeout_ms = probes->interval_ms;
	policy_of(load)->timeout_ms = probes->timeout_ms;
}

void health_finish(struct config_load *load)
{
	struct health_policy *policy = policy_of(load);
	timeout_finish(load);
	/* A time to hold is a wish to hold. */
	if (load->hold.given && !load->failback.given)
		policy->failback = FAILBACK_HOLD;
	else if (load->hold.given && policy->failback != FAILBACK_HOLD)
		complain(load, SEVERITY_ERROR, load->hold.line,
		         "\"health.hold\" goes with \"failback: hold\": leave one of them out");
	policy->max_withdraw_percent = load->config->live.max_withdraw_percent;
	/* What fails at one moment is known to within this time, each by probes of its own. */
	load->config->answer.zone.last_window_ms =
		policy->interval_ms * policy->fall + probes_of(load)->timeout_ms;
}

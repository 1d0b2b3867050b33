/* `health` in the configuration. */
#include "check.h"

#include "config_load.h"

#include <stdio.h>
#include <string.h>

#define HEAD                                                                                       \
	"federation: fed\nzone: a.example.com\nnameservers: [{name: ns.example.org}]\n"                \
	"source: {file: s.json}\n"
#define HEAD_LINES 4

struct said {
	size_t count;
	struct finding last;
	char text[FINDING_TEXT_SIZE]; /* of the last one */
};

static void take(void *arg, const struct finding *finding)
{
	struct said *said = arg;
	said->count++;
	said->last = *finding;
	(void)snprintf(said->text, sizeof said->text, "%s", finding->text);
}

/* Loads HEAD `more`. */
static enum err load(const char *more, struct said *said, struct config **out)
{
	char text[4096];
	struct why why = {{0}};
	*said = (struct said){.count = 0};
	struct findings findings = {.report = take, .arg = said};
	const struct config_flags flags = {.file = "etc/f.yaml"};
	(void)snprintf(text, sizeof text, "%s%s\n", HEAD, more);
	return config_load_text(&flags, bytes_of(text), &findings, out, &why);
}

/* It must be good and silent. */
static struct config *good(const char *more)
{
	struct said said;
	struct config *config;
	enum err err = load(more, &said, &config);
	assert_string_equal(said.text, "");
	assert_int_equal(err, ERR_OK);
	return config;
}

static void has_the_defaults_of_health(void **state)
{
	(void)state;
	struct config *config = good("");
	const struct health_policy *policy = &config->health.policy;
	const struct probe_policy *probes = &config->health.probes;
	assert_int_equal(policy->probe, PROBE_NONE);
	assert_int_equal(policy->port, 0);
	assert_string_equal(policy->path, "/healthz");
	assert_string_equal(policy->host, "");
	assert_int_equal(policy->interval_ms, 5000);
	assert_int_equal(policy->rise, 2);
	assert_int_equal(policy->fall, 3);
	assert_int_equal(policy->failback, FAILBACK_PREEMPT);
	assert_int_equal(policy->max_withdraw_percent, 50);
	assert_int_equal(policy->withdraw_free, 10);
	assert_int_equal(probes->interval_ms, 5000);
	assert_int_equal(probes->timeout_ms, 2000);
	assert_int_equal(probes->status_low, 200);
	assert_int_equal(probes->status_high, 399);
	assert_int_equal(probes->contains.size, 0);
	assert_true(probes->verify);
	assert_int_equal(config->health.self_check_count, 0);
	assert_int_equal(config->answer.zone.ttl_min_s, 10);
	assert_int_equal(config->answer.zone.min_healthy.count, 0);
	assert_int_equal(config->answer.zone.min_healthy.percent, 0);
	assert_int_equal(config->answer.zone.last_window_ms, 17000);
	config_free(config);
}

static void reads_every_key_of_health(void **state)
{
	(void)state;
	struct config *config =
		good("health:\n  probe: https\n  port: 8443\n  path: /a?b=c\n  host: www.example.com.\n"
	         "  expect: [200, 204]\n  contains: all is well\n  verify: false\n  interval: 10s\n"
	         "  timeout: 500ms\n  rise: 4\n  fall: 5\n  failback: hold\n  hold: 1m\n  ttl_min: 7\n"
	         "  min_healthy: 50%\n  all_down: all\n  max_withdraw: 30%\n  withdraw_free: 0\n"
	         "  self_check: ['tcp:192.0.2.1:53', 'tcp:[2001:db8::1]:443']\n");
	const struct health_policy *policy = &config->health.policy;
	const struct probe_policy *probes = &config->health.probes;
	const struct health_target *checks = config->health.self_checks;
	char text[ADDRESS_TEXT_SIZE];
	assert_int_equal(policy->probe, PROBE_HTTPS);
	assert_int_equal(policy->port, 8443);
	assert_string_equal(policy->path, "/a?b=c");
	assert_string_equal(policy->host, "www.example.com");
	assert_int_equal(policy->interval_ms, 10000);
	assert_int_equal(policy->rise, 4);
	assert_int_equal(policy->fall, 5);
	assert_int_equal(policy->failback, FAILBACK_HOLD);
	assert_int_equal(policy->hold_ms, 60000);
	assert_int_equal(policy->max_withdraw_percent, 30);
	assert_int_equal(policy->withdraw_free, 0);
	assert_int_equal(probes->interval_ms, 10000);
	assert_int_equal(probes->timeout_ms, 500);
	assert_int_equal(policy->timeout_ms, 500);
	assert_int_equal(probes->status_low, 200);
	assert_int_equal(probes->status_high, 204);
	assert_true(bytes_equal(probes->contains, bytes_of("all is well")));
	assert_false(probes->verify);
	assert_int_equal(config->answer.zone.all_down, ALL_DOWN_ALL);
	assert_int_equal(config->answer.zone.ttl_min_s, 7);
	assert_int_equal(config->answer.zone.min_healthy.percent, 50);
	assert_int_equal(config->answer.zone.last_window_ms, 50500);
	assert_int_equal(config->health.self_check_count, 2);
	assert_int_equal(checks[0].kind, PROBE_TCP);
	assert_int_equal(checks[0].port, 53);
	address_text(&checks[0].address, text);
	assert_string_equal(text, "192.0.2.1");
	assert_int_equal(checks[1].port, 443);
	address_text(&checks[1].address, text);
	assert_string_equal(text, "2001:db8::1");
	config_free(config);
}

static void some_of_health_follows_from_the_rest(void **state)
{
	(void)state;
	struct config *config = good("health: {interval: 1s, hold: 2m, min_healthy: 2}\n");
	assert_int_equal(config->health.probes.timeout_ms, 1000);
	assert_int_equal(config->health.policy.timeout_ms, 1000);
	assert_int_equal(config->health.policy.failback, FAILBACK_HOLD);
	assert_int_equal(config->health.policy.hold_ms, 120000);
	assert_int_equal(config->answer.zone.min_healthy.count, 2);
	config_free(config);
	config = good("health: {failback: hold}\n");
	assert_int_equal(config->health.policy.hold_ms, 300000);
	config_free(config);
	config = good("health: {failback: manual}\n");
	assert_int_equal(config->health.policy.failback, FAILBACK_MANUAL);
	config_free(config);
}

static const struct bad {
	const char *more, *says; /* how the sentence begins */
} BAD[] = {
	{"health: {probe: icmp}", "\"health.probe\" is \"icmp\": give none, tcp, http or https"},
	{"health: {port: 0}", "\"health.port\" is \"0\": give a port from 1 to 65535"},
	{"health: {path: x}", "\"health.path\" is \"x\": give a path that begins with a slash"},
	{"health: {expect: [200]}",
     "\"health.expect\" must be two numbers: [lowest, highest] good status"},
	{"health: {expect: [399, 200]}",
     "\"health.expect\" is [399, 200]: give the lower status first"},
	{"health: {verify: yes}", "\"health.verify\" is \"yes\": give true or false"},
	{"health: {interval: 5}",
     "\"health.interval\" is \"5\": give a time from 1s to 1h with its unit "
     "(500ms, 5s, 5m, 1h)"},
	{"health: {timeout: 2h}",
     "\"health.timeout\" is \"2h\": give a time from 100ms to 1m with its unit "
     "(500ms, 5s, 5m, 1h)"},
	{"health: {offline_grace: 8d}",
     "\"health.offline_grace\" is \"8d\": give a time from 0s to 168h with "
     "its unit (500ms, 5s, 5m, 1h)"},
	{"health: {path: /a b}", "\"health.path\" is \"/a b\": give a path as it stands in a URL, "
                             "of at most 256 octets"},
	{"health: {host: 'a b'}", "\"health.host\" is \"a b\": give a host name, or \"\" for the "
                              "global name"},
	{"health: {interval: 1s, timeout: 2s}",
     "\"health.timeout\" is longer than \"health.interval\": make it shorter"},
	{"health: {failback: never}", "\"health.failback\" is \"never\": give preempt, hold or manual"},
	{"health: {failback: manual, hold: 5m}",
     "\"health.hold\" goes with \"failback: hold\": leave one of them out"},
	{"health: {hold: 5}", "\"health.hold\" is \"5\": give a time from 0s to 168h with its unit"},
	{"health: {ttl_min: 5s}", "\"health.ttl_min\" is \"5s\": give a whole number of seconds from "
                              "0 to 86400"},
	{"health: {min_healthy: 101%}", "\"health.min_healthy\" is \"101%\": give a number "
                                    "of addresses from 0 to 6400, or a "
                                    "share from 0% to 100% with its sign (50%)"},
	{"health: {min_healthy: '%'}", "\"health.min_healthy\" is \"%\": give a number"},
	{"health: {min_healthy: half}", "\"health.min_healthy\" is \"half\": give a number"},
	{"health: {self_check: [192.0.2.1:53]}", "\"health.self_check\" is \"192.0.2.1:53\": "
                                             "give tcp:ADDRESS:PORT or tcp:[ADDRESS]:PORT"},
	{"health: {self_check: ['tcp:192.0.2.1:0']}",
     "\"health.self_check\" is \"tcp:192.0.2.1:0\": give"},
	{"health: {self_check: ['tcp:']}", "\"health.self_check\" is \"tcp:\": give tcp:"},
	{"health: {self_check: tcp}", "\"health.self_check\" must be a list"},
	{"health: {never: [192.0.2.1/24]}", "\"health.never\" is \"192.0.2.1/24\": give an address or"},
	{"health: {never: 192.0.2.1}", "\"health.never\" must be a list"},
	{"health: {rise: 0}", "\"health.rise\" is \"0\": give a number of results from 1 to 100"},
	{"health: {all_down: first}", "\"health.all_down\" is \"first\": give last, all or empty"},
	{"health: {max_withdraw: 101%}", "\"health.max_withdraw\" is \"101%\": give a share "
                                     "from 0% to 100%, with its sign (50%)"},
	{"health: {withdraw_free: 1001}", "\"health.withdraw_free\" is \"1001\": give a number of "
                                      "addresses from 0 to 1000"},
	{"health: {withdraw_free: 10%}", "\"health.withdraw_free\" is \"10%\": give a number of"},
	{"health: {withdraw_free: [1]}", "\"health.withdraw_free\" must be"},
};

static void refuses_each_bad_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		struct said said;
		struct config *config;
		assert_int_equal(load(BAD[i].more, &said, &config), ERR_INVALID);
		if (strncmp(said.text, BAD[i].says, strlen(BAD[i].says)) != 0)
			assert_string_equal(said.text, BAD[i].says);
		assert_int_equal(said.count, 1);
		assert_int_equal(said.last.severity, SEVERITY_ERROR);
		assert_int_equal(said.last.line, HEAD_LINES + 1);
	}
}

/* Clouds tell machines their credentials there. */
static void never_asks_link_local_addresses_by_itself(void **state)
{
	(void)state;
	struct address metadata, other;
	struct why why;
	assert_int_equal(address_parse(bytes_of("169.254.169.254"), &metadata, &why), ERR_OK);
	assert_int_equal(address_parse(bytes_of("fe80::1"), &other, &why), ERR_OK);
	struct config *config = good("");
	assert_int_equal(config->health.policy.never_count, 3);
	assert_true(prefix_holds(&config->health.policy.never[0], &metadata));
	assert_true(prefix_holds(&config->health.policy.never[1], &other));
	config_free(config);
	config = good("health: {never: []}");
	assert_int_equal(config->health.policy.never_count, 0);
	config_free(config);
	config = good("health: {never: [169.254.0.0/16, '::1']}");
	assert_int_equal(config->health.policy.never_count, 2);
	config_free(config);
}

static void refuses_too_many_self_checks(void **state)
{
	(void)state;
	char text[2048] = "health: {self_check: [";
	struct said said;
	struct config *config;
	for (int i = 0; i <= HEALTH_SELF_CHECKS_MAX; i++) {
		size_t used = strlen(text);
		(void)snprintf(text + used, sizeof text - used, "%s'tcp:192.0.2.%d:1'", i == 0 ? "" : ", ",
		               i);
	}
	size_t used = strlen(text);
	(void)snprintf(text + used, sizeof text - used, "]}");
	assert_int_equal(load(text, &said, &config), ERR_INVALID);
	assert_non_null(strstr(said.text, "has more than 16 targets"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_defaults_of_health),
		cmocka_unit_test(reads_every_key_of_health),
		cmocka_unit_test(some_of_health_follows_from_the_rest),
		cmocka_unit_test(refuses_each_bad_value),
		cmocka_unit_test(never_asks_link_local_addresses_by_itself),
		cmocka_unit_test(refuses_too_many_self_checks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

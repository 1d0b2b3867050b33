/* `provider` and `lease` in the configuration. */
#include "check.h"

#include "config_load.h"

#include <string.h>

#define HEAD                                                                                       \
	"federation: fed\nzone: a.example.com\nnameservers: [{name: ns.example.org}]\n"                \
	"source: {file: s.json}\nstate_dir: /s\n"

struct said {
	size_t count;
	char text[FINDING_TEXT_SIZE]; /* of the first */
	unsigned line;
};

static void take(void *arg, const struct finding *finding)
{
	struct said *said = arg;
	if (said->count++ == 0) {
		memcpy(said->text, finding->text, sizeof said->text);
		said->line = finding->line;
	}
}

static enum err load(const char *text, struct said *said, struct config **out)
{
	struct why why = {{0}};
	*said = (struct said){.count = 0};
	struct findings findings = {.report = take, .arg = said};
	const struct config_flags flags = {.file = "etc/f.yaml"};
	return config_load_text(&flags, bytes_of(text), &findings, out, &why);
}

static void has_defaults(void **state)
{
	(void)state;
	struct said said;
	struct config *config;
	assert_int_equal(load(HEAD "provider: {alidns: {config: a.yaml}}\n", &said, &config), ERR_OK);
	assert_int_equal(said.count, 0);
	const struct config_push *push = &config->push;
	assert_true(push->on && !push->delegate && !push->lease.on);
	assert_string_equal(push->alidns.file, "etc/a.yaml");
	assert_string_equal(push->alidns.owner, "fedns");
	assert_int_equal(push->alidns.max_delete_percent, 25);
	assert_int_equal(push->alidns.share_percent, 80);
	assert_int_equal(push->alidns.interval_ms, 3600000);
	assert_int_equal(push->alidns.signature, ALIDNS_ACS3);
	assert_true(bytes_equal(name_bytes(&push->alidns.zone), name_bytes(&config->answer.zone.zone)));
	config_free(config);
}

static void takes_every_key(void **state)
{
	(void)state;
	struct said said;
	struct config *config;
	enum err err =
		load(HEAD "provider:\n  alidns: {config: /a, owner: Team-1, max_delete: 10%, interval: 5m, "
	              "adopt: true, dry_run: true, signature: v1, quota: 50%, "
	              "verify_servers: ['127.0.0.1:5301', '[::1]:53']}\n"
	              "  delegate: {parent: example.com}\n"
	              "lease: {kubeconfig: k, context: c, namespace: n, name: the.lease}\n",
	         &said, &config);
	assert_string_equal(said.text, "");
	assert_int_equal(err, ERR_OK);
	const struct config_push *push = &config->push;
	assert_string_equal(push->alidns.owner, "Team-1");
	assert_int_equal(push->alidns.max_delete_percent, 10);
	assert_int_equal(push->alidns.share_percent, 50);
	assert_int_equal(push->alidns.interval_ms, 300000);
	assert_int_equal(push->alidns.signature, ALIDNS_V1);
	assert_true(push->alidns.adopt && push->alidns.dry_run && push->delegate && push->lease.on);
	assert_int_equal(push->verify_server_count, 2);
	assert_true(bytes_equal(name_bytes(&push->alidns.zone), name_bytes(&push->parent)));
	assert_string_equal(push->lease.kubeconfig, "etc/k");
	assert_string_equal(push->lease.name, "the.lease");
	config_free(config);
}

static void says_what_is_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
		unsigned line;
	} CASES[] = {
		{"provider: {delegate: {}}\n", "\"provider.delegate\" needs `parent`", 6},
		{"provider: {delegate: {parent: a.example.com}}\n",
	     "\"provider.delegate.parent\" must lie above \"zone\"", 6},
		{"provider: {delegate: {parent: b.example.com}}\n",
	     "\"provider.delegate.parent\" must lie above \"zone\"", 6},
		{"provider: {delegate: {parent: a..b}}\n", "\"provider.delegate.parent\" is \"a..b\"", 6},
		{"provider: {alidns: {quota: 0%}}\n", "give 1% to 100%", 6},
		{"provider: {alidns: {owner: a.b}}\n", "give a DNS label", 6},
		{"provider: {alidns: {interval: 5s}}\n", "a time from 1m", 6},
		{"provider: {alidns: {signature: v4}}\n", "give acs3 or v1", 6},
		{"lease: {in_cluster: true, context: c}\n", "has both in_cluster", 6},
		{"lease: {name: UP}\n", "\"lease.name\" is \"UP\": give a name of 1 to 253", 6},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		char text[512];
		struct said said;
		struct config *config;
		(void)snprintf(text, sizeof text, "%s%s", HEAD, CASES[i].text);
		enum err err = load(text, &said, &config);
		if (err != ERR_INVALID || strstr(said.text, CASES[i].says) == NULL ||
		    said.line != CASES[i].line)
			fail_msg("%s: %d, line %u: %s", CASES[i].text, err, said.line, said.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_defaults),
		cmocka_unit_test(takes_every_key),
		cmocka_unit_test(says_what_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

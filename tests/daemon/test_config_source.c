/* Live sources in the configuration. */
#include "check.h"

#include "config_load.h"

static void complained(void *arg, const struct finding *finding)
{
	(void)arg;
	fail_msg("%u: %s", finding->line, finding->text);
}

/* What a member says of its place counts as if `topology` said it, which wins. */
static void members_and_their_places(void **state)
{
	(void)state;
	struct config *config;
	struct why why = {{0}};
	struct findings findings = {.report = complained, .arg = NULL};
	const struct config_flags flags = {.file = "etc/f.yaml"};
	enum err err = config_load_text(
		&flags,
		bytes_of("federation: fed\nzone: example.com\nnameservers: [{name: ns.example.org}]\n"
	             "source:\n  clusters:\n"
	             "  - {name: a, kubeconfig: k, context: c, region: ra, zones: [z]}\n"
	             "  - {name: b, region: rb, zones: [zb]}\n  - {name: c, in_cluster: true}\n"
	             "  namespaces: [n, m]\n  selector: x=y\n  exec_allow: [aws]\n"
	             "  start_grace: 5s\n"
	             "topology: {b: {region: other}}\nhealth: {max_withdraw: 20%}\n"),
		&findings, &config, &why);
	assert_int_equal(err, ERR_OK);
	const struct config_live *live = &config->live;
	assert_int_equal(config->source, CONFIG_CLUSTERS);
	assert_null(config->source_file);
	assert_int_equal(live->member_count, 3);
	assert_string_equal(live->members[0].kubeconfig, "etc/k");
	assert_string_equal(live->members[0].context, "c");
	assert_null(live->members[1].kubeconfig);
	assert_true(live->members[2].in_cluster);
	assert_int_equal(live->namespace_count, 2);
	assert_string_equal(live->selector, "x=y");
	assert_string_equal(live->exec_allow[0], "aws");
	assert_int_equal(live->start_grace_ms, 5000);
	assert_int_equal(live->max_withdraw_percent, 20);
	assert_int_equal(config->model.topology_count, 2);
	assert_true(bytes_equal(config->model.topology[0].region, bytes_of("other")));
	/* each key by itself: the member says the zones, and they stand */
	assert_true(bytes_equal(config->model.topology[0].zones[0], bytes_of("zb")));
	assert_true(bytes_equal(config->model.topology[1].cluster, bytes_of("a")));
	assert_true(bytes_equal(config->model.topology[1].zones[0], bytes_of("z")));
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_and_their_places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

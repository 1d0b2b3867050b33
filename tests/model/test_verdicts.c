/* What health says of addresses, and what services wish of their probes: kept, compared, freed. */
#include "bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint16_t cluster_id(const struct bed *bed, const char *name)
{
	struct cluster_view view;
	for (size_t id = 0; id < model_cluster_limit(bed->model); id++)
		if (model_cluster(bed->model, (uint16_t)id, &view) &&
		    bytes_equal(view.name, bytes_of(name)))
			return (uint16_t)id;
	fail_msg("no cluster %s", name);
	return 0;
}

static struct verdict verdict_of(const struct bed *bed, const char *cluster, const char *address)
{
	struct verdict verdict = {.cluster = cluster_id(bed, cluster)};
	struct why why = {{0}};
	assert_int_equal(address_parse(bytes_of(address), &verdict.address, &why), ERR_OK);
	return verdict;
}

static void set(struct bed *bed, const struct verdict *verdicts, size_t count)
{
	assert_int_equal(model_set_verdicts(bed->model, 0, verdicts, count, &bed->why), ERR_OK);
}

static void begin(struct bed *bed)
{
	bed_init(bed);
	bed_cluster(bed, "a", "ra");
	bed_cluster(bed, "b", "rb");
	bed_service(bed, "n/s", "a=192.0.2.1,192.0.2.2,2001:db8::1 b=192.0.2.1");
	bed_commit(bed);
	(void)bed_changes(bed);
}

static void they_stand_by_cluster_and_address(void **state)
{
	(void)state;
	struct bed bed;
	begin(&bed);
	struct verdict verdicts[] = {
		verdict_of(&bed, "b", "192.0.2.1"), verdict_of(&bed, "a", "2001:db8::1"),
		verdict_of(&bed, "a", "192.0.2.2"), verdict_of(&bed, "a", "192.0.2.1")};
	verdicts[0].out = true;
	verdicts[0].since_ms = 7;
	verdicts[0].reason = 9;
	verdicts[2].unsteady = true;
	set(&bed, verdicts, 4);
	assert_string_equal(bed_changes(&bed), "n/s");
	const struct verdict *have;
	assert_int_equal(model_verdicts(bed.model, 0, &have), 4);
	assert_non_null(strstr(bed_lines(&bed, "service "),
	                       " verdict a 192.0.2.1 since=0 reason=0"
	                       " verdict a 192.0.2.2 unsteady since=0 reason=0"
	                       " verdict a 2001:db8::1 since=0 reason=0"
	                       " verdict b 192.0.2.1 out since=7 reason=9"));
	bed_clear(&bed);
}

static void equal_ones_change_nothing(void **state)
{
	(void)state;
	struct bed bed;
	begin(&bed);
	struct verdict verdicts[] = {verdict_of(&bed, "a", "192.0.2.1"),
	                             verdict_of(&bed, "b", "192.0.2.1")};
	set(&bed, NULL, 0);
	assert_string_equal(bed_changes(&bed), "");
	set(&bed, verdicts, 2);
	assert_string_equal(bed_changes(&bed), "n/s");
	const struct verdict *before, *after;
	(void)model_verdicts(bed.model, 0, &before);
	/* What lies behind the four octets of an IPv4 address is nothing. */
	const struct verdict turned[] = {verdicts[1], verdicts[0]};
	memset(verdicts[0].address.octets + 4, 0xff, 12);
	set(&bed, turned, 2);
	set(&bed, verdicts, 2);
	assert_string_equal(bed_changes(&bed), "");
	(void)model_verdicts(bed.model, 0, &after);
	assert_ptr_equal(before, after);

	for (int field = 0; field < 5; field++) {
		struct verdict other[] = {verdicts[0], verdicts[1]};
		other[1].out = field == 0;
		other[1].unsteady = field == 1;
		other[1].since_ms = field == 2;
		other[1].reason = field == 3;
		other[1].forced = field == 4;
		set(&bed, other, 2);
		assert_string_equal(bed_changes(&bed), "n/s");
	}
	set(&bed, verdicts, 1);
	assert_string_equal(bed_changes(&bed), "n/s");
	set(&bed, NULL, 0);
	assert_string_equal(bed_changes(&bed), "n/s");
	assert_int_equal(model_verdicts(bed.model, 0, &before), 0);
	bed_clear(&bed);
}

static void they_live_as_long_as_the_service(void **state)
{
	(void)state;
	struct bed bed;
	const struct verdict *have;
	begin(&bed);
	struct verdict verdict = verdict_of(&bed, "b", "192.0.2.1");
	set(&bed, &verdict, 1);
	bed_service(&bed, "n/s", "a=192.0.2.9");
	bed_cluster(&bed, "a", "ra");
	bed_replace(&bed); /* nobody knows or lists `b`, but a verdict names it */
	bed_cluster(&bed, "z", "rz");
	bed_commit(&bed);
	assert_int_equal(model_verdicts(bed.model, 0, &have), 1);
	assert_int_not_equal(cluster_id(&bed, "z"), have[0].cluster);
	bed_service(&bed, "n/t", "a=192.0.2.9");
	bed_service_gone(&bed, "n/s");
	bed_commit(&bed);
	assert_int_equal(model_verdicts(bed.model, 0, &have), 0);
	bed_cluster(&bed, "y", "ry");
	bed_commit(&bed);
	assert_int_equal(cluster_id(&bed, "y"), verdict.cluster); /* it is free */
	bed_service(&bed, "n/u", "a=192.0.2.9");                  /* the id again */
	bed_commit(&bed);
	assert_int_equal(model_verdicts(bed.model, 0, &have), 0);
	assert_int_equal(model_verdicts(bed.model, 77, &have), 0);
	assert_null(have);
	bed_clear(&bed);
}

static void too_many_are_refused(void **state)
{
	(void)state;
	struct bed bed;
	begin(&bed);
	struct verdict *verdicts = calloc(VERDICTS_MAX + 1, sizeof verdicts[0]);
	assert_non_null(verdicts);
	for (size_t i = 0; i <= VERDICTS_MAX; i++) {
		verdicts[i].cluster = cluster_id(&bed, "a");
		verdicts[i].address = (struct address){4, {10, 0, (uint8_t)(i >> 8), (uint8_t)i}};
	}
	set(&bed, verdicts, VERDICTS_MAX);
	assert_string_equal(bed_changes(&bed), "n/s");
	assert_int_equal(model_set_verdicts(bed.model, 0, verdicts, VERDICTS_MAX + 1, &bed.why),
	                 ERR_LIMIT);
	assert_non_null(strstr(bed.why.text, "more than 6400"));
	assert_string_equal(bed_changes(&bed), "");
	free(verdicts);
	bed_clear(&bed);
}

/* --- wishes ------------------------------------------------------------------------------- */

static void stage(struct bed *bed, enum probe_kind kind, uint16_t port, const char *path,
                  uint16_t tcp_port)
{
	const struct address address = {4, {192, 0, 2, 1}};
	const struct ingress_seen ingress = {bytes_of("c"), &address, 1, NULL, 0};
	const struct port named = {bytes_of("http"), PROTOCOL_TCP, 80};
	const struct service_seen seen = {.namespace = bytes_of("n"),
	                                  .name = bytes_of("s"),
	                                  .probe = {kind, port, bytes_of(path)},
	                                  .tcp_port = tcp_port,
	                                  .ports = &named,
	                                  .port_count = 1,
	                                  .ingresses = &ingress,
	                                  .ingress_count = 1};
	assert_int_equal(model_stage_service(bed->model, &seen, &bed->findings, &bed->why), ERR_OK);
	bed_commit(bed);
}

static void a_changed_wish_is_a_change(void **state)
{
	(void)state;
	static char long_path[PROBE_PATH_SIZE_MAX + 1];
	memset(long_path, 'x', PROBE_PATH_SIZE_MAX);
	const struct {
		enum probe_kind kind;
		uint16_t port;
		const char *path;
		uint16_t tcp_port;
		const char *text;
	} cases[] = {
		{PROBE_DEFAULT, 0, "", 0, " | c 192.0.2.1"},
		{PROBE_DEFAULT, 0, "", 443, " | c 192.0.2.1 tcp=443"},
		{PROBE_NONE, 0, "", 443, " | c 192.0.2.1 probe=1 port=0 path=\"\" tcp=443"},
		{PROBE_TCP, 0, "", 443, " | c 192.0.2.1 probe=2 port=0 path=\"\" tcp=443"},
		{PROBE_TCP, 8443, "", 443, " | c 192.0.2.1 probe=2 port=8443 path=\"\" tcp=443"},
		{PROBE_HTTP, 8443, "/", 443, " | c 192.0.2.1 probe=3 port=8443 path=\"/\" tcp=443"},
		{PROBE_HTTP, 8443, "/a", 443, " | c 192.0.2.1 probe=3 port=8443 path=\"/a\" tcp=443"},
		{PROBE_HTTPS, 65535, "/healthz", 65535,
	     " | c 192.0.2.1 probe=4 port=65535 path=\"/healthz\" tcp=65535"},
		{PROBE_HTTPS, 1, long_path, 1, NULL},
	};
	struct bed bed;
	bed_init(&bed);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		stage(&bed, cases[i].kind, cases[i].port, cases[i].path, cases[i].tcp_port);
		assert_string_equal(bed_changes(&bed), "n/s");
		stage(&bed, cases[i].kind, cases[i].port, cases[i].path, cases[i].tcp_port);
		assert_string_equal(bed_changes(&bed), "");
		const char *line = bed_lines(&bed, "service ");
		if (cases[i].text != NULL)
			assert_non_null(strstr(line, cases[i].text));
		struct service_view view;
		struct port port;
		assert_true(model_service(bed.model, 0, &view));
		assert_true(bytes_equal(view.probe.path, bytes_of(cases[i].path)));
		assert_true(model_port_next(&view, &port)); /* what lies behind is found as ever */
		assert_int_equal(port.number, 80);
	}
	bed_clear(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_stand_by_cluster_and_address),
		cmocka_unit_test(equal_ones_change_nothing),
		cmocka_unit_test(they_live_as_long_as_the_service),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(a_changed_wish_is_a_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

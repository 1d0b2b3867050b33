/* Named ports in the model: checked, folded, sorted, once each. */
#include "bed.h"

#include <stdio.h>
#include <string.h>

static void stage(struct bed *bed, const struct port *ports, size_t count)
{
	const struct address address = {4, {192, 0, 2, 1}};
	const struct ingress_seen ingress = {bytes_of("c"), &address, 1, NULL, 0};
	const struct service_seen seen = {.namespace = bytes_of("n"),
	                                  .name = bytes_of("s"),
	                                  .ports = ports,
	                                  .port_count = count,
	                                  .ingresses = &ingress,
	                                  .ingress_count = 1};
	assert_int_equal(model_stage_service(bed->model, &seen, &bed->findings, &bed->why), ERR_OK);
	bed_commit(bed);
}

/* The only service's ports: "http:80/TCP ...". Borrowed until the next call. */
static const char *ports_text(struct bed *bed)
{
	static char text[4096];
	struct service_view view;
	struct port port;
	size_t used = 0;
	text[0] = '\0';
	assert_true(model_service(bed->model, 0, &view));
	while (model_port_next(&view, &port))
		used +=
			(size_t)snprintf(text + used, sizeof text - used, "%s%.*s:%u/%s", used > 0 ? " " : "",
		                     BYTES_ARG(port.name), port.number, protocol_text(port.protocol));
	struct ingress_view ingress;
	assert_true(model_ingress_next(&view, &ingress)); /* what lies behind is found as ever */
	assert_int_equal(ingress.direct.v4_count, 1);
	return text;
}

static void ports_stand_by_name_and_protocol(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	const struct port ports[] = {{bytes_of("http"), PROTOCOL_TCP, 80},
	                             {bytes_of("DNS"), PROTOCOL_UDP, 53},
	                             {bytes_of("dns"), PROTOCOL_TCP, 53},
	                             {bytes_of("x"), PROTOCOL_SCTP, 65535}};
	stage(&bed, ports, 4);
	assert_string_equal(ports_text(&bed), "dns:53/TCP dns:53/UDP http:80/TCP x:65535/SCTP");
	(void)bed_changes(&bed);
	const struct port turned[] = {ports[3], ports[2], ports[1], ports[0]};
	stage(&bed, turned, 4);
	assert_string_equal(bed_changes(&bed), "");
	stage(&bed, turned, 3);
	assert_string_equal(bed_changes(&bed), "n/s");
	assert_string_equal(ports_text(&bed), "dns:53/TCP dns:53/UDP x:65535/SCTP");
	stage(&bed, NULL, 0);
	assert_string_equal(ports_text(&bed), "");
	bed_clear(&bed);
}

static void bad_names_are_left_out_alone(void **state)
{
	(void)state;
	static const char *const BAD[] = {
		"",    "-a",  "a-",
		"a_b", "a.b", "a23456789012345678901234567890123456789012345678901234567890123"};
	struct bed bed;
	bed_init(&bed);
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		const struct port ports[] = {{bytes_of(BAD[i]), PROTOCOL_TCP, 1},
		                             {bytes_of("http"), PROTOCOL_TCP, 80}};
		stage(&bed, ports, 2);
		assert_string_equal(ports_text(&bed), "http:80/TCP");
		assert_non_null(strstr(bed_notes(&bed), "warning label"));
	}
	bed_clear(&bed);
}

static void of_two_of_one_name_and_protocol_the_last_counts(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	const struct port ports[] = {{bytes_of("http"), PROTOCOL_TCP, 80},
	                             {bytes_of("http"), PROTOCOL_UDP, 81},
	                             {bytes_of("HTTP"), PROTOCOL_TCP, 82},
	                             {bytes_of("http"), PROTOCOL_TCP, 83}};
	stage(&bed, ports, 4);
	assert_string_equal(ports_text(&bed), "http:83/TCP http:81/UDP");
	assert_non_null(strstr(bed_notes(&bed), "port http of TCP is there twice"));
	bed_clear(&bed);
}

static void above_the_maximum_none_counts(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	struct port ports[PORTS_MAX + 1];
	char names[PORTS_MAX + 1][8];
	for (unsigned i = 0; i <= PORTS_MAX; i++) {
		(void)snprintf(names[i], sizeof names[i], "p%u", i);
		ports[i] = (struct port){bytes_of(names[i]), PROTOCOL_TCP, (uint16_t)(1 + i)};
	}
	stage(&bed, ports, PORTS_MAX + 1);
	assert_string_equal(ports_text(&bed), "");
	assert_non_null(strstr(bed_notes(&bed), "error limit"));
	stage(&bed, ports, PORTS_MAX);
	assert_non_null(strstr(ports_text(&bed), "p31:32/TCP"));
	bed_clear(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_stand_by_name_and_protocol),
		cmocka_unit_test(bad_names_are_left_out_alone),
		cmocka_unit_test(of_two_of_one_name_and_protocol_the_last_counts),
		cmocka_unit_test(above_the_maximum_none_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* merge: what a tenant, or a member's API server, can't do to the others. */
#include "merge_bed.h"

#define LONG_SIZE 70000

/* BEFORE, `size` times an x, AFTER. Freed by the caller. */
static char *stretched(const char *before, size_t size, const char *after)
{
	size_t at = strlen(before), all = at + size + strlen(after) + 1;
	char *text = malloc(all);
	assert_non_null(text);
	memcpy(text, before, at);
	memset(text + at, 'x', size);
	memcpy(text + at + size, after, strlen(after) + 1);
	return text;
}

/* A record has 16 bits for the size of a cluster's name. */
static void a_cluster_name_of_any_length_costs_its_entry_alone(void **state)
{
	(void)state;
	static const size_t SIZES[] = {253, 254, 65535, 65536, LONG_SIZE};
	for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
		struct bench bench;
		begin(&bench, 100);
		struct origin *federation = add(&bench, ORIGIN_FEDERATION, "federation");
		char *service =
			stretched("{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"s\","
		              "\"namespace\":"
		              "\"n\",\"annotations\":{\"federation.kubernetes.io/service-ingresses\":"
		              "\"{\\\"items\\\":[" AT("a", "1") ",{\\\"cluster\\\":\\\"",
		              SIZES[i],
		              "\\\",\\\"items\\\":[{\\\"ip\\\":\\\"192.0.2.2\\\"}]}]}\"}},"
		              "\"spec\":{\"type\":\"LoadBalancer\"}}");
		list(federation, PART_CLUSTERS, "");
		list(federation, PART_SERVICES, service);
		assert_true(settle(&bench));
		if (SIZES[i] > 253)
			expect(&bench, "n/s a=1; ");
		else
			assert_non_null(strstr(model_text(&bench), "xxx=2; "));
		free(service);
		end(&bench);
	}
}

/* A record has 8 bits for the size of a port's name. */
static void a_port_name_of_any_length_costs_that_port_alone(void **state)
{
	(void)state;
	static const size_t SIZES[] = {255, 256, 300, LONG_SIZE};
	for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
		struct bench bench;
		begin(&bench, 100);
		struct origin *a = member(&bench, "a", SERVICE("s", IP("1")));
		char *service =
			stretched("{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"s\","
		              "\"namespace\":"
		              "\"n\"},\"spec\":{\"type\":\"LoadBalancer\",\"ports\":[{\"name\":\"",
		              SIZES[i],
		              "\",\"port\":80},{\"name\":\"web\",\"port\":443}]},"
		              "\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"192.0.2.3\"}]}}}");
		happens(a, PART_SERVICES, service, false);
		assert_true(settle(&bench));
		expect(&bench, "a ; n/s web:443 a=3; ");
		free(service);
		end(&bench);
	}
}

/* In the DNS they are one name, so they are one service here. */
static void names_that_differ_by_case_are_one_service(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	(void)member(&bench, "a", SERVICE("s", IP("1")));
	struct origin *b = member(&bench, "b", SERVICE("s", IP("2")));
	(void)settle(&bench);
	expect(&bench, "a ; b ; n/s a=1 b=2; ");
	happens(b, PART_SERVICES, SERVICE_IN("N", "S", IP("3"), ""), false);
	(void)settle(&bench);
	expect(&bench, "a ; b ; n/s a=1 b=3; ");
	happens(b, PART_SERVICES, SERVICE_IN("N", "S", IP("3"), ""), true);
	(void)settle(&bench);
	expect(&bench, "a ; b ; n/s a=1; ");
	end(&bench);
}

static void a_cluster_above_the_maximum_is_left_out_and_the_rest_goes_on(void **state)
{
	(void)state;
	struct bench bench;
	struct buf clusters;
	begin(&bench, 100);
	buf_init(&clusters, (size_t)1 << 20);
	struct origin *federation = add(&bench, ORIGIN_FEDERATION, "federation");
	for (unsigned i = 0; i < CLUSTERS_MAX + 3; i++)
		assert_int_equal(
			buf_printf(&clusters,
		               "{\"kind\":\"Cluster\",\"apiVersion\":\"federation/v1beta1\",\"metadata\":"
		               "{\"name\":\"c%u\"}}",
		               i),
			ERR_OK);
	assert_int_equal(buf_add(&clusters, (struct bytes){(const uint8_t *)"", 1}), ERR_OK);
	list(federation, PART_CLUSTERS, (const char *)clusters.data);
	list(federation, PART_SERVICES, KEPT("s", AT("c1", "1")));
	assert_true(settle(&bench));
	size_t known = 0, limit = model_cluster_limit(bench.rig.model);
	for (size_t id = 0; id < limit; id++) {
		struct cluster_view view;
		known += model_cluster(bench.rig.model, (uint16_t)id, &view) && view.known;
	}
	assert_int_equal(known, CLUSTERS_MAX);
	struct service_view service;
	assert_true(model_service_named(bench.rig.model, bytes_of("n"), bytes_of("s"), &service));
	buf_free(&clusters);
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cluster_name_of_any_length_costs_its_entry_alone),
		cmocka_unit_test(a_port_name_of_any_length_costs_that_port_alone),
		cmocka_unit_test(names_that_differ_by_case_are_one_service),
		cmocka_unit_test(a_cluster_above_the_maximum_is_left_out_and_the_rest_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a real Federation v1 API server answers (tests/source/data), as a state. */
#include "rig.h"

static enum err load(struct rig *rig, const char *file)
{
	char path[1024];
	(void)snprintf(path, sizeof path, "%s/source/data/%s", TESTS_DIR, file);
	return state_load(path, rig->model, RIG_NOW_MS, &rig->findings, &rig->why);
}

static void clusters_keep_their_places(void **state)
{
	(void)state;
	struct rig rig;
	rig_init(&rig);
	assert_int_equal(load(&rig, "clusters_list.json"), ERR_OK);
	assert_string_equal(rig_text(&rig),
	                    "{\"apiVersion\":\"federation/"
	                    "v1beta1\",\"kind\":\"Cluster\",\"metadata\":{\"name\":\"beijing\"},"
	                    "\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}],"
	                    "\"zones\":[\"cn-beijing-a\"],\"region\":\"cn-beijing\"}}\n"
	                    "{\"apiVersion\":\"federation/"
	                    "v1beta1\",\"kind\":\"Cluster\",\"metadata\":{\"name\":\"hangzhou\"},"
	                    "\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}],"
	                    "\"zones\":[\"cn-hangzhou-b\"],\"region\":\"cn-hangzhou\"}}\n");
	assert_string_equal(rig.notes, "");
	rig_clear(&rig);
}

static void services_keep_their_ingresses(void **state)
{
	(void)state;
	static const char *const FILES[] = {"services_list.json", "services_list_limit1.json"};
	for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
		struct rig rig;
		rig_init(&rig);
		assert_int_equal(load(&rig, FILES[i]), ERR_OK);
		assert_string_equal(
			rig_text(&rig),
			"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"namespace\":\"default\","
			"\"name\":\"nginx\",\"annotations\":{\"federation.kubernetes.io/service-ingresses\":"
			"\"{\\\"items\\\":[{\\\"cluster\\\":\\\"beijing\\\",\\\"items\\\":[{\\\"ip\\\":"
			"\\\"139.196.70.146\\\"}]},{\\\"cluster\\\":\\\"hangzhou\\\",\\\"items\\\":[{"
			"\\\"ip\\\":"
			"\\\"120.55.149.69\\\"}]}]}\"}},\"spec\":{\"type\":\"LoadBalancer\",\"ports\":["
			"{\"name\":\"http\",\"protocol\":\"TCP\",\"port\":80}]}}\n");
		assert_int_equal(rig.count, 2); /* neither cluster is in these files (rule 5) */
		rig_clear(&rig);
	}
}

static void only_load_balancers_of_a_page_count(void **state)
{
	(void)state;
	struct rig rig;
	rig_init(&rig);
	assert_int_equal(load(&rig, "services_list_200.json"), ERR_OK);
	assert_int_equal(model_service_count(rig.model), 3);
	assert_null(strstr(rig_text(&rig), "svc-000")); /* no annotation yet */
	assert_null(strstr(rig_text(&rig), "svc-199")); /* a ClusterIP */
	rig_clear(&rig);
}

static void a_single_object_is_a_state(void **state)
{
	(void)state;
	struct rig rig;
	rig_init(&rig);
	assert_int_equal(load(&rig, "cluster_status_put_hangzhou.json"), ERR_OK);
	assert_non_null(strstr(rig_text(&rig), "\"region\":\"cn-hangzhou\""));
	rig_clear(&rig);
}

static void refusals_and_watches_are_no_states(void **state)
{
	(void)state;
	struct rig rig;
	rig_init(&rig);
	assert_int_equal(load(&rig, "services_list.json"), ERR_OK);
	assert_int_equal(load(&rig, "error_404.json"), ERR_INVALID);
	assert_non_null(strstr(rig.why.text,
	                       "error_404.json: line 1, column 1: the API server's refusal "
	                       "instead of a state: services \"nope\" not found"));
	assert_int_equal(load(&rig, "watch_services.jsonl"), ERR_INVALID);
	assert_non_null(strstr(rig.why.text, "line 1, column 1: an object without a kind"));
	assert_int_equal(model_service_count(rig.model), 1); /* as it was */
	rig_clear(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clusters_keep_their_places),
		cmocka_unit_test(services_keep_their_ingresses),
		cmocka_unit_test(only_load_balancers_of_a_page_count),
		cmocka_unit_test(a_single_object_is_a_state),
		cmocka_unit_test(refusals_and_watches_are_no_states),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

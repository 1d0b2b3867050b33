/* Conditions, region and zones of a Cluster, as the model sees them. */
#include "rig.h"

static struct cluster_view decode(struct rig *rig, const char *status)
{
	char text[2048];
	(void)snprintf(text, sizeof text,
	               "{\"apiVersion\":\"federation/v1beta1\",\"kind\":\"Cluster\","
	               "\"metadata\":{\"name\":\"c\"}%s}",
	               status);
	rig_init(rig);
	if (rig_decode(rig, text) != ERR_OK)
		fail_msg("%s", rig->why.text);
	struct cluster_view view;
	assert_true(model_cluster(rig->model, 0, &view));
	assert_true(view.in_source);
	return view;
}

#define CONDITIONS(list) ",\"status\":{\"conditions\":" list "}"
#define SINCE            ",\"lastTransitionTime\":\"1970-01-01T00:10:00Z\""
#define SINCE_MS         600000

static void losing_sight_is_not_being_down(void **state)
{
	(void)state;
	const struct {
		const char *status;
		enum ready ready;
		int64_t since_ms;
		unsigned findings;
	} cases[] = {
		{CONDITIONS("[{\"type\":\"Ready\",\"status\":\"True\"" SINCE "}]"), READY_TRUE, 0, 0},
		{CONDITIONS("[{\"type\":\"Ready\",\"status\":\"False\"" SINCE "}]"), READY_FALSE, SINCE_MS,
	     0},
		{CONDITIONS("[{\"type\":\"Ready\",\"status\":\"Unknown\"}]"), READY_UNKNOWN, 0, 0},
		{CONDITIONS("[{\"type\":\"Ready\",\"status\":\"false\"}]"), READY_UNKNOWN, 0, 0},
		{CONDITIONS("[{\"type\":\"Ready\",\"status\":false}]"), READY_UNKNOWN, 0, 0},
		{CONDITIONS("[{\"type\":\"Ready\"}]"), READY_UNKNOWN, 0, 0},
		{CONDITIONS("[{\"type\":\"Offline\",\"status\":\"True\"" SINCE "}]"), READY_UNKNOWN, 0, 0},
		{CONDITIONS("[{\"type\":\"Offline\",\"status\":\"True\"},"
	                "{\"type\":\"Ready\",\"status\":\"True\"}]"),
	     READY_UNKNOWN, 0, 0},
		{CONDITIONS("[{\"type\":\"Ready\",\"status\":\"False\"" SINCE "},"
	                "{\"type\":\"Offline\",\"status\":\"False\"}]"),
	     READY_FALSE, SINCE_MS, 0},
		{CONDITIONS("[{\"type\":\"Offline\",\"status\":\"True\"},"
	                "{\"type\":\"Ready\",\"status\":\"False\"" SINCE "}]"),
	     READY_FALSE, SINCE_MS, 0},
		{CONDITIONS("[{\"type\":\"Ready\",\"status\":\"False\"},7,null,"
	                "{\"type\":\"Ready\",\"status\":\"True\"}]"),
	     READY_TRUE, 0, 0},
		{CONDITIONS("[]"), READY_UNKNOWN, 0, 0},
		{CONDITIONS("null"), READY_UNKNOWN, 0, 0},
		{CONDITIONS("{}"), READY_UNKNOWN, 0, 1},
		{"", READY_UNKNOWN, 0, 0},
		{",\"status\":null", READY_UNKNOWN, 0, 0},
		{",\"status\":7", READY_UNKNOWN, 0, 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rig rig;
		struct cluster_view view = decode(&rig, cases[i].status);
		if (view.ready != cases[i].ready ||
		    (view.ready == READY_FALSE && view.ready_since_ms != cases[i].since_ms) ||
		    rig.count != cases[i].findings)
			fail_msg("%s: %d since %lld, %s", cases[i].status, (int)view.ready,
			         (long long)view.ready_since_ms, rig.notes);
		rig_clear(&rig);
	}
}

static void an_unreadable_time_counts_from_now(void **state)
{
	(void)state;
	static const char *const TIMES[] = {"null", "\"yesterday\"", "7"};
	for (size_t i = 0; i < sizeof TIMES / sizeof TIMES[0]; i++) {
		char status[256];
		(void)snprintf(
			status, sizeof status,
			CONDITIONS("[{\"type\":\"Ready\",\"status\":\"False\",\"lastTransitionTime\":%s}]"),
			TIMES[i]);
		struct rig rig;
		struct cluster_view view = decode(&rig, status);
		assert_int_equal(view.ready, READY_FALSE);
		assert_int_equal(view.ready_since_ms, RIG_NOW_MS);
		assert_int_equal(rig.count, i == 0 ? 0 : 1); /* null is how Go prints "none" */
		rig_clear(&rig);
	}
}

static void bad_places_cost_what_is_bad_alone(void **state)
{
	(void)state;
	const struct {
		const char *status, *text;
		unsigned findings;
	} cases[] = {
		{",\"status\":{\"region\":\"R\",\"zones\":[\"b\",\"a\"]}",
	     "\"zones\":[\"a\",\"b\"],\"region\":\"r\"", 0},
		{",\"status\":{\"region\":\"r\",\"zones\":[\"a\",7,null]}",
	     "\"zones\":[\"a\"],\"region\":\"r\"", 2},
		{",\"status\":{\"region\":\"r\",\"zones\":\"a\"}", "],\"region\":\"r\"", 1},
		{",\"status\":{\"region\":\"r\",\"zones\":null}", "],\"region\":\"r\"", 0},
		{",\"status\":{\"region\":7,\"zones\":[\"a\"]}", "\"zones\":[\"a\"]}", 1},
		{",\"status\":{\"region\":null}", "}]}}", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rig rig;
		(void)decode(&rig, cases[i].status);
		if (strstr(rig_text(&rig), cases[i].text) == NULL || rig.count != cases[i].findings)
			fail_msg("%s: %s%s", cases[i].status, rig_text(&rig), rig.notes);
		rig_clear(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(losing_sight_is_not_being_down),
		cmocka_unit_test(an_unreadable_time_counts_from_now),
		cmocka_unit_test(bad_places_cost_what_is_bad_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

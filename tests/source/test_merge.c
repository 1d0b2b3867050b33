/* merge: what member clusters say of their services becomes one model. */
#include "merge_bed.h"

static void services_are_joined_by_namespace_and_name(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a = add(&bench, ORIGIN_MEMBER, "a");
	list(a, PART_SERVICES, SERVICE("s", IP("1") "," IP("2")) SERVICE("t", IP("3")));
	assert_int_equal(bench.wakes, 1);
	list(a, PART_ENDPOINTS, SLICE("s", UP) SLICE("t", DOWN));
	assert_false(origin_synced(a));
	(void)settle(&bench);
	expect(&bench, ""); /* nothing is said of a cluster before all of it is known */
	list(a, PART_NODES, NODE("1", "r", "z"));
	assert_true(settle(&bench));
	expect(&bench, "a r/z; n/s a=1,2; n/t a=; ");
	(void)member(&bench, "b", SERVICE("s", IP("7")) SERVICE("none", ""));
	assert_true(settle(&bench));
	expect(&bench, "a r/z; b ; n/s a=1,2 b=7; n/t a=; ");
	assert_false(settle(&bench));
	end(&bench);
}

static void evidence_withdraws_and_returns(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")));
	(void)member(&bench, "b", SERVICE("s", IP("2")));
	(void)settle(&bench);
	const struct {
		enum origin_part part;
		const char *object;
		bool gone;
		const char *text;
	} cases[] = {
		{PART_ENDPOINTS, SLICE("s", DOWN), false, "a ; b ; n/s a= b=2; "},
		{PART_ENDPOINTS, SLICE("s", UP), false, "a ; b ; n/s a=1 b=2; "},
		{PART_ENDPOINTS,
	     SLICE("s", "{\"conditions\":{\"ready\":false,\"serving\":true,\"terminating\":true}}"),
	     false, "a ; b ; n/s a=1 b=2; "},
		{PART_ENDPOINTS, SLICE("s", ""), true, "a ; b ; n/s a= b=2; "},
		{PART_ENDPOINTS, SLICE("s", UP), false, "a ; b ; n/s a=1 b=2; "},
		{PART_SERVICES, SERVICE("s", ""), false, "a ; b ; n/s b=2; "},
		{PART_SERVICES, SERVICE("s", IP("9")), false, "a ; b ; n/s a=9 b=2; "},
		{PART_SERVICES, SERVICE("s", "{\"hostname\":\"lb.example\"}"), false,
	     "a ; b ; n/s a=host b=2; "},
		{PART_SERVICES,
	     "{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"s\",\"namespace\":"
	     "\"n\"},\"spec\":{\"type\":\"ClusterIP\"}}",
	     false, "a ; b ; n/s b=2; "},
		{PART_SERVICES, SERVICE("s", IP("1")), false, "a ; b ; n/s a=1 b=2; "},
		{PART_SERVICES, SERVICE("s", IP("1")), true, "a ; b ; n/s b=2; "},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		happens(a, cases[i].part, cases[i].object, cases[i].gone);
		(void)settle(&bench);
		expect(&bench, cases[i].text);
	}
	end(&bench);
}

/* publishNotReadyAddresses: conditions.ready is always true then; serving is what tells. */
static void services_that_publish_what_is_not_ready_are_judged_by_serving(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a =
		member(&bench, "a", SERVICE_IN("n", "s", IP("1"), ",\"publishNotReadyAddresses\":true"));
	happens(a, PART_ENDPOINTS,
	        SLICE("s", "{\"conditions\":{\"ready\":true,\"serving\":false,\"terminating\":false}}"),
	        false);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=; ");
	happens(a, PART_ENDPOINTS,
	        SLICE("s", "{\"conditions\":{\"ready\":true,\"serving\":true,\"terminating\":false}}"),
	        false);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; ");
	end(&bench);
}

static void ports_of_all_members_count_once(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	(void)member(&bench, "a",
	             SERVICE_IN("n", "s", IP("1"), ",\"ports\":[{\"name\":\"http\",\"port\":80}]"));
	(void)member(&bench, "b",
	             SERVICE_IN("n", "s", IP("2"),
	                        ",\"ports\":[{\"name\":\"http\",\"port\":81},"
	                        "{\"name\":\"x\",\"port\":9}]"));
	(void)settle(&bench);
	expect(&bench, "a ; b ; n/s http:80 x:9 a=1 b=2; ");
	end(&bench);
}

/* Blindness is not death: what a member isn't heard to say stays as it was. */
static void members_that_are_not_synced_keep_what_was_last_known(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	assert_int_equal(rig_decode(&bench.rig,
	                            STATE KEPT("s", AT("a", "1") "," AT("b", "2") "," AT("old", "3"))
	                                KEPT("t", AT("old", "4")) KEPT("u", AT("b", "5"))),
	                 ERR_OK);
	struct origin *a = add(&bench, ORIGIN_MEMBER, "a"), *b = add(&bench, ORIGIN_MEMBER, "b");
	merge_begin(&bench.merge);
	(void)settle(&bench);
	/* What was configured no more is gone; a and b stay. */
	expect(&bench, "a r/z; b ; n/s a=1 b=2; n/u b=5; ");
	list(a, PART_SERVICES, SERVICE("s", IP("9")));
	list(a, PART_ENDPOINTS, SLICE("s", UP));
	list(a, PART_NODES, "");
	(void)settle(&bench);
	expect(&bench, "a r/z; b ; n/s a=9 b=2; n/u b=5; ");
	list(b, PART_SERVICES, SERVICE("s", IP("8")));
	list(b, PART_ENDPOINTS, "");
	list(b, PART_NODES, "");
	(void)settle(&bench);
	expect(&bench, "a r/z; b ; n/s a=9 b=; ");
	end(&bench);
}

static struct service_view the_service(const struct bench *bench)
{
	struct service_view view;
	assert_true(model_service_named(bench->rig.model, bytes_of("n"), bytes_of("s"), &view));
	return view;
}

/* As for every option, the first member's counts; and what was last known does before that. */
static void what_is_probed_is_kept(void **state)
{
	(void)state;
	static const char PROBED[] =
		"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\",\"namespace\":"
		"\"n\",\"annotations\":{\"fedns.io/probe\":\"http:81/x\",\"federation.kubernetes.io/"
		"service-ingresses\":\"{\\\"items\\\":[" AT("a", "1") "," AT(
			"old", "3") "]}\"}},\"spec\":{\"type\":\"LoadBalancer\",\"ports\":[{\"port\":8443}]}}";
	struct bench bench;
	char text[2048];
	begin(&bench, 100);
	(void)snprintf(text, sizeof text, "%s%s", STATE, PROBED);
	assert_int_equal(rig_decode(&bench.rig, text), ERR_OK);
	struct origin *a = add(&bench, ORIGIN_MEMBER, "a"), *b = add(&bench, ORIGIN_MEMBER, "b");
	merge_begin(&bench.merge);
	(void)settle(&bench); /* `old` goes, so that the service is put together anew */
	expect(&bench, "a r/z; b ; n/s a=1; ");
	assert_int_equal(the_service(&bench).probe.kind, PROBE_HTTP);
	assert_int_equal(the_service(&bench).probe.port, 81);
	assert_true(bytes_equal(the_service(&bench).probe.path, bytes_of("/x")));
	assert_int_equal(the_service(&bench).tcp_port, 8443);
	list(a, PART_SERVICES, SERVICE_IN("n", "s", IP("1"), ",\"ports\":[{\"port\":443}]"));
	list(a, PART_ENDPOINTS, SLICE("s", UP));
	list(a, PART_NODES, "");
	list(b, PART_SERVICES, SERVICE_IN("n", "s", IP("2"), ",\"ports\":[{\"port\":80}]"));
	list(b, PART_ENDPOINTS, SLICE("s", UP));
	list(b, PART_NODES, "");
	(void)settle(&bench);
	assert_int_equal(the_service(&bench).probe.kind, PROBE_DEFAULT);
	assert_int_equal(the_service(&bench).tcp_port, 443);
	happens(a, PART_SERVICES, SERVICE("s", ""), true);
	assert_true(settle(&bench));
	assert_int_equal(the_service(&bench).tcp_port, 80);
	end(&bench);
}

static void a_cluster_that_leaves_goes_at_once(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 1); /* whatever the budget says */
	(void)member(&bench, "a", SERVICE("s", IP("1")) SERVICE("t", IP("2")));
	struct origin *b = member(&bench, "b", SERVICE("s", IP("3")) SERVICE("u", IP("4")));
	(void)settle(&bench);
	merge_remove(&bench.merge, b);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; n/t a=; ");
	assert_int_equal(merge_held(&bench.merge), 0);
	end(&bench);
}

static void a_sudden_mass_withdrawal_waits_for_an_approval(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 50);
	struct origin *a = add(&bench, ORIGIN_MEMBER, "a");
	list(a, PART_SERVICES,
	     SERVICE("s", IP("1")) SERVICE("t", IP("2")) SERVICE("u", IP("3")) SERVICE("v", IP("4")));
	list(a, PART_ENDPOINTS, SLICE("s", UP) SLICE("t", UP) SLICE("u", UP) SLICE("v", UP));
	list(a, PART_NODES, "");
	merge_begin(&bench.merge);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; n/t a=2; n/u a=3; n/v a=4; ");
	happens(a, PART_ENDPOINTS, SLICE("s", DOWN), false);
	(void)settle(&bench);
	happens(a, PART_ENDPOINTS, SLICE("t", DOWN), false);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=; n/t a=; n/u a=3; n/v a=4; "); /* a half in a minute may go */
	happens(a, PART_ENDPOINTS, SLICE("u", DOWN), false);
	happens(a, PART_ENDPOINTS, SLICE("s", UP), false);
	(void)settle(&bench);
	/* One more may not; what comes back comes. */
	expect(&bench, "a ; n/s a=1; n/t a=; n/u a=3; n/v a=4; ");
	assert_int_equal(merge_held(&bench.merge), 1);
	bench.now_ms += 61000; /* held is held, however long it takes */
	happens(a, PART_SERVICES, SERVICE("u", ""), false);
	(void)settle(&bench);
	assert_int_equal(merge_held(&bench.merge), 1);
	happens(a, PART_SERVICES, SERVICE("u", IP("3")), false);
	happens(a, PART_ENDPOINTS, SLICE("u", UP), false);
	(void)settle(&bench);
	assert_int_equal(merge_held(&bench.merge), 0); /* the addresses are back */
	list(a, PART_ENDPOINTS, "");
	(void)settle(&bench);
	assert_int_equal(merge_held(&bench.merge), 3);
	expect(&bench, "a ; n/s a=1; n/t a=; n/u a=3; n/v a=4; ");
	merge_approve(&bench.merge);
	(void)settle(&bench);
	assert_int_equal(merge_held(&bench.merge), 0);
	expect(&bench, "a ; n/s a=; n/t a=; n/u a=; n/v a=; ");
	end(&bench);
}

/* A list that lacks things may be a mishap; a DELETED is somebody's will. */
static void what_was_deleted_needs_no_approval(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 1);
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")));
	merge_begin(&bench.merge);
	(void)settle(&bench);
	list(a, PART_SERVICES, "");
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; ");
	assert_int_equal(merge_held(&bench.merge), 1);
	list(a, PART_SERVICES, SERVICE("s", IP("1")));
	happens(a, PART_SERVICES, SERVICE("s", IP("1")), true);
	(void)settle(&bench);
	expect(&bench, "a ; ");
	assert_int_equal(merge_held(&bench.merge), 0);
	end(&bench);
}

#define ENDING(name)                                                                               \
	"{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"" name                   \
	"\",\"namespace\":\"n\",\"deletionTimestamp\":\"2026-11-25T10:53:16Z\"},"                      \
	"\"spec\":{\"type\":\"LoadBalancer\"},"                                                        \
	"\"status\":{\"loadBalancer\":{\"ingress\":[" IP("1") "]}}}"

/* A load balancer's finalizer makes a deletion two events: the names go by the first one. */
static void what_is_being_deleted_needs_no_approval_either(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 1);
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")));
	merge_begin(&bench.merge);
	(void)settle(&bench);
	happens(a, PART_SERVICES, ENDING("s"), false);
	(void)settle(&bench);
	expect(&bench, "a ; ");
	happens(a, PART_SERVICES, ENDING("s"), true);
	assert_false(settle(&bench));
	end(&bench);
}

/* The first of them was missed: the list that told of it may have been a mishap. */
static void one_that_flaps_uses_up_nobodys_budget(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 50);
	struct origin *a =
		member(&bench, "a", SERVICE("s", IP("1")) SERVICE("t", IP("2")) SERVICE("u", IP("3")));
	happens(a, PART_ENDPOINTS, SLICE("t", UP), false);
	happens(a, PART_ENDPOINTS, SLICE("u", UP), false);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; n/t a=2; n/u a=3; ");
	for (unsigned i = 0; i < 10; i++) {
		happens(a, PART_ENDPOINTS, SLICE("s", DOWN), false);
		(void)settle(&bench);
		expect(&bench, "a ; n/s a=; n/t a=2; n/u a=3; ");
		bench.now_ms += 500;
		happens(a, PART_ENDPOINTS, SLICE("s", UP), false);
		(void)settle(&bench);
		expect(&bench, "a ; n/s a=1; n/t a=2; n/u a=3; ");
	}
	happens(a, PART_ENDPOINTS, SLICE("t", DOWN), false);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; n/t a=; n/u a=3; ");
	/* another's return gives back nothing of that */
	happens(a, PART_SERVICES, SERVICE("s", IP("1") "," IP("4")), false);
	happens(a, PART_SERVICES, SERVICE("s", IP("1")), false);
	(void)settle(&bench);
	happens(a, PART_ENDPOINTS, SLICE("u", DOWN), false);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; n/t a=; n/u a=3; ");
	assert_int_equal(merge_held(&bench.merge), 1);
	end(&bench);
}

static void a_deletion_lets_go_what_was_held_before(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 1);
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")));
	merge_begin(&bench.merge);
	(void)settle(&bench);
	list(a, PART_SERVICES, ENDING("s"));
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; ");
	assert_int_equal(merge_held(&bench.merge), 1);
	happens(a, PART_SERVICES, ENDING("s"), true);
	(void)settle(&bench);
	expect(&bench, "a ; ");
	assert_int_equal(merge_held(&bench.merge), 0);
	end(&bench);
}

static void only_the_namespaces_that_are_wanted_count(void **state)
{
	(void)state;
	static const char *const WANTED[] = {"n", "m"};
	struct bench bench;
	begin(&bench, 100);
	bench.merge.namespaces = WANTED;
	bench.merge.namespace_count = 2;
	(void)member(&bench, "a",
	             SERVICE("s", IP("1")) SERVICE_IN("other", "s", IP("2"), "")
	                 SERVICE_IN("m", "x", IP("3"), ""));
	(void)settle(&bench);
	expect(&bench, "a ; m/x a=; n/s a=1; ");
	end(&bench);
}

static void services_that_found_no_room_come_when_others_go(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	bench.merge.services_max = 2;
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")) SERVICE("t", IP("2")));
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; n/t a=; ");
	happens(a, PART_SERVICES, SERVICE("u", IP("3")), false);
	happens(a, PART_SERVICES, SERVICE("v", IP("4")), false);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; n/t a=; ");
	assert_int_equal(bench.rig.count, 2);
	assert_non_null(strstr(bench.rig.notes, "n/u: more than 2 services"));
	assert_false(bench.merge.news); /* there is nothing to be done about it */
	assert_false(settle(&bench));
	happens(a, PART_SERVICES, SERVICE("s", ""), true);
	happens(a, PART_SERVICES, SERVICE("u", ""), true);
	(void)settle(&bench);
	assert_true(bench.merge.news); /* there is, now */
	assert_true(settle(&bench));
	expect(&bench, "a ; n/t a=; n/v a=; ");
	assert_false(bench.merge.news);
	assert_false(settle(&bench));
	assert_int_equal(bench.rig.count, 2);
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_are_joined_by_namespace_and_name),
		cmocka_unit_test(evidence_withdraws_and_returns),
		cmocka_unit_test(services_that_publish_what_is_not_ready_are_judged_by_serving),
		cmocka_unit_test(ports_of_all_members_count_once),
		cmocka_unit_test(members_that_are_not_synced_keep_what_was_last_known),
		cmocka_unit_test(what_is_probed_is_kept),
		cmocka_unit_test(a_cluster_that_leaves_goes_at_once),
		cmocka_unit_test(a_sudden_mass_withdrawal_waits_for_an_approval),
		cmocka_unit_test(what_was_deleted_needs_no_approval),
		cmocka_unit_test(what_is_being_deleted_needs_no_approval_either),
		cmocka_unit_test(one_that_flaps_uses_up_nobodys_budget),
		cmocka_unit_test(a_deletion_lets_go_what_was_held_before),
		cmocka_unit_test(only_the_namespaces_that_are_wanted_count),
		cmocka_unit_test(services_that_found_no_room_come_when_others_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

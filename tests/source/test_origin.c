/* origin: where a member is, and what a federation tells. */
#include "merge_bed.h"

static void most_nodes_tell_the_region(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")));
	list(a, PART_NODES, NODE("1", "r", "z1") NODE("2", "q", "y") NODE("3", "r", "z2"));
	(void)settle(&bench);
	expect(&bench, "a r/z1/z2; n/s a=1; ");
	happens(a, PART_NODES, NODE("3", "q", "y"), false);
	(void)settle(&bench);
	expect(&bench, "a q/y; n/s a=1; ");
	happens(a, PART_NODES,
	        "{\"kind\":\"PartialObjectMetadata\",\"metadata\":{\"name\":\"1\",\"labels\":{"
	        "\"failure-domain.beta.kubernetes.io/region\":\"old\","
	        "\"failure-domain.beta.kubernetes.io/zone\":\"o\"}}}",
	        false);
	happens(a, PART_NODES, NODE("2", "", ""), true);
	happens(a, PART_NODES, NODE("3", "", ""), true);
	(void)settle(&bench);
	expect(&bench, "a old/o; n/s a=1; ");
	happens(a, PART_NODES, NODE("1", "", ""), true);
	(void)settle(&bench);
	expect(&bench, "a old/o; n/s a=1; "); /* the last known place stays */
	end(&bench);
}

#define CLUSTER(name, region)                                                                      \
	"{\"kind\":\"Cluster\",\"apiVersion\":\"federation/v1beta1\",\"metadata\":{\"name\":\"" name   \
	"\"},\"status\":{\"region\":\"" region "\",\"zones\":[\"" region "-a\",\"" region "-b\"]}}"

static void a_federation_tells_clusters_and_services(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	assert_int_equal(rig_decode(&bench.rig, STATE KEPT("s", AT("a", "1")) KEPT("w", AT("a", "2"))),
	                 ERR_OK);
	struct origin *federation = add(&bench, ORIGIN_FEDERATION, "federation");
	merge_begin(&bench.merge);
	list(federation, PART_SERVICES, KEPT("s", AT("a", "5") "," AT("c", "6")));
	(void)settle(&bench);
	expect(&bench, "a r/z; b ; n/s a=1; n/w a=2; old ; "); /* half a federation says nothing */
	list(federation, PART_CLUSTERS, CLUSTER("a", "ra") CLUSTER("b", "rb"));
	(void)settle(&bench);
	expect(&bench, "a ra/ra-a/ra-b; b rb/rb-a/rb-b; n/s a=5 c=6; ");
	happens(federation, PART_CLUSTERS, CLUSTER("c", "rc"), false);
	happens(federation, PART_CLUSTERS, CLUSTER("b", "rb"), true);
	happens(federation, PART_SERVICES, KEPT("x", AT("c", "7")), false);
	(void)settle(&bench);
	expect(&bench, "a ra/ra-a/ra-b; c rc/rc-a/rc-b; n/s a=5 c=6; n/x c=7; ");
	happens(federation, PART_SERVICES, KEPT("s", ""), false);
	happens(federation, PART_SERVICES, KEPT("x", AT("c", "7")), true);
	(void)settle(&bench);
	expect(&bench, "a ra/ra-a/ra-b; c rc/rc-a/rc-b; ");
	end(&bench);
}

/* A part of what a server holds would make the rest seem to be gone. */
static void an_api_server_that_holds_too_much_is_refused_as_a_whole(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")));
	catalog_free(a->parts[PART_SERVICES]);
	a->parts[PART_SERVICES] = catalog_new(1, 1);
	list(a, PART_SERVICES, SERVICE("s", IP("1")));
	(void)settle(&bench);
	const struct sink *sink = &a->sinks[PART_SERVICES];
	struct findings nobody = {0};
	struct why why = {{0}};
	sink->list_begin(sink->arg);
	assert_int_equal(walk_objects(bytes_of(SERVICE("t", IP("2")) SERVICE("u", IP("3"))), &nobody,
	                              sink->listed, sink->arg, &why),
	                 ERR_LIMIT);
	assert_non_null(strstr(why.text, "the API server holds more than 1000000 objects"));
	sink->list_dropped(sink->arg);
	struct event event = {sink, false};
	assert_int_equal(
		walk_objects(bytes_of(SERVICE("t", IP("2"))), &nobody, event_take, &event, &why),
		ERR_LIMIT);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; ");
	end(&bench);
}

static void slices_that_do_not_count_are_reported(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")));
	struct slice_seen seen = {.key = "n/t", .key_size = 3, .counts = {.any = true}};
	bool moved;
	while (seen.name_hash++ < SLICES_MAX)
		(void)!slices_set(a->parts[PART_ENDPOINTS], &seen, false, &moved);
	happens(a, PART_ENDPOINTS, SLICE("t", UP), false);
	assert_int_equal(bench.rig.count, 1);
	assert_non_null(strstr(bench.rig.notes, "cluster a: service n/t has more than 2048 "
	                                        "EndpointSlices; further ones don't count"));
	happens(a, PART_ENDPOINTS, SLICE("t", UP), true);
	assert_int_equal(bench.rig.count, 1);
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_nodes_tell_the_region),
		cmocka_unit_test(a_federation_tells_clusters_and_services),
		cmocka_unit_test(an_api_server_that_holds_too_much_is_refused_as_a_whole),
		cmocka_unit_test(slices_that_do_not_count_are_reported),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_nodes_tell_the_region),
		cmocka_unit_test(a_federation_tells_clusters_and_services),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

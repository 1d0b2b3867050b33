/* Where clusters stand: labels, overrides, what is kept, the order of places, and when places count
 * as changed. */
#include "bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAIL "ready=true since=0 withdrawn=0 at "

static void assert_cluster(struct bed *bed, const char *name, const char *where)
{
	char prefix[64], want[512];
	(void)snprintf(prefix, sizeof prefix, "cluster %s ", name);
	(void)snprintf(want, sizeof want, "cluster %s known in-source " TAIL "%s", name, where);
	assert_string_equal(bed_lines(bed, prefix), want);
}

static void an_empty_model_has_the_global_level_alone(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	size_t count;
	const struct place *places = model_places(bed.model, &count);
	assert_int_equal(count, 1);
	assert_int_equal(places[0].level, LEVEL_GLOBAL);
	assert_int_equal(places[0].region.size, 0);
	bed_clear(&bed);
}

static void places_stand_in_a_fixed_order_with_their_regions(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed_cluster(&bed, "one", "eu: b a");
	bed_cluster(&bed, "two", "ASIA: b");
	bed_cluster(&bed, "three", "eu: c a");
	bed_cluster(&bed, "four", "z:");
	bed_cluster(&bed, "five", "");
	bed_commit(&bed);
	assert_string_equal(
		bed_lines(&bed, "place "),
		"place 00000 0   in \"\"; "
		"place 00001 1 asia  in \"\"; place 00002 1 eu  in \"\"; place 00003 1 z  in \"\"; "
		"place 00004 2 asia b in \"asia\"; place 00005 2 eu a in \"eu\"; "
		"place 00006 2 eu b in \"eu\"; place 00007 2 eu c in \"eu\"");
	assert_cluster(&bed, "three", "eu: a c source eu: a c");
	assert_cluster(&bed, "four", "z: source z:");
	assert_cluster(&bed, "five", ": source :");
	bed_clear(&bed);
}

static void bad_labels_cost_what_they_name(void **state)
{
	(void)state;
	static const struct {
		const char *place, *where, *notes;
	} CASES[] = {
		{"eu: a_b ok", "eu: ok source eu: ok",
	     "warning label :0: cluster c: zone \"a_b\" can't be a DNS label; it is left out\n"},
		{"e.u: a", ": source : a",
	     "warning label :0: cluster c: region \"e.u\" can't be a DNS label; the cluster has no "
	     "place by it\n"},
		{"eu: -a a- A", "eu: a source eu: a",
	     "warning label :0: cluster c: zone \"-a\" can't be a DNS label; it is left out\n"
	     "warning label :0: cluster c: zone \"a-\" can't be a DNS label; it is left out\n"},
		{": a", ": source : a", ""},
		{"eu", "eu: source eu:", ""},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct bed bed;
		bed_init(&bed);
		bed_cluster(&bed, "c", CASES[i].place);
		assert_string_equal(bed_notes(&bed), CASES[i].notes);
		bed_commit(&bed);
		assert_cluster(&bed, "c", CASES[i].where);
		bed_clear(&bed);
	}
}

static void a_status_without_place_keeps_the_last_known(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed_cluster(&bed, "c", "eu: a b");
	bed_commit(&bed);
	(void)bed_changes(&bed);
	bed_cluster(&bed, "c", "");
	bed_commit(&bed);
	assert_cluster(&bed, "c", "eu: a b source eu: a b");
	bed_cluster(&bed, "c",
	            "us: x"); /* the last of a set counts, over what was in force before it */
	bed_cluster(&bed, "c", "");
	bed_replace(&bed);
	assert_cluster(&bed, "c", "eu: a b source eu: a b");
	assert_string_equal(bed_changes(&bed), "");
	bed_cluster(&bed, "c", "eu"); /* one of both is news */
	bed_commit(&bed);
	assert_cluster(&bed, "c", "eu: source eu:");
	bed_cluster(&bed, "c", ": a");
	bed_commit(&bed);
	assert_cluster(&bed, "c", ": source : a");
	bed_cluster_gone(&bed, "c");
	bed_commit(&bed);
	bed_cluster(&bed, "c", "");
	bed_commit(&bed);
	assert_cluster(&bed, "c", ": source :"); /* another cluster, of the same name */
	bed_clear(&bed);
}

static void topology_overrides_key_by_key(void **state)
{
	(void)state;
	static const struct {
		const char *place, *topology, *where;
	} CASES[] = {
		{"eu: a", "", "eu: a source eu: a"},
		{"eu: a", "c=us", "us: a source eu: a"},
		{"eu: a", "c=:x Y", "eu: x y source eu: a"},
		{"eu: a", "c=us:x", "us: x source eu: a"},
		{"eu: a", "c=us:", "us: source eu: a"},
		{"eu: a", "c=", "eu: a source eu: a"},
		{"", "c=us:x", "us: x source :"},
		{": a", "c=US", "us: a source : a"},
		{"e_u: a", "c=us", "us: a source : a"},
		{"eu: a", "c=u_s", ": source eu: a"},
		{"eu: a", "c=:a_b", "eu: source eu: a"},
		{"eu: a", "other=us:x", "eu: a source eu: a"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct bed bed;
		bed_init(&bed);
		bed_cluster(&bed, "c", CASES[i].place);
		bed_commit(&bed);
		bed_policy(&bed, CASES[i].topology, 60000);
		assert_cluster(&bed, "c", CASES[i].where);
		/* In the other order the same comes of it. */
		struct bed other;
		bed_init(&other);
		bed_policy(&other, CASES[i].topology, 60000);
		bed_cluster(&other, "c", CASES[i].place);
		bed_commit(&other);
		assert_cluster(&other, "c", CASES[i].where);
		bed_clear(&other);
		bed_clear(&bed);
	}
}

static void topology_makes_a_cluster_known(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed_policy(&bed, "shanghai=cn-shanghai:b", 60000);
	assert_string_equal(bed_changes(&bed), "everything");
	bed_service(&bed, "default/nginx", "shanghai=192.0.2.1");
	bed_commit(&bed);
	assert_string_equal(bed_notes(&bed), "");
	assert_string_equal(
		bed_lines(&bed, "cluster "),
		"cluster shanghai known ready=unknown since=0 withdrawn=0 at cn-shanghai: b source :");
	assert_string_equal(bed_changes(&bed), "default/nginx");
	bed_policy(&bed, "", 60000);
	assert_string_equal(
		bed_notes(&bed),
		"warning cluster :0: cluster shanghai is no longer known to the federation; 1 service "
		"names it, whose addresses there count at the global level only\n");
	assert_string_equal(bed_lines(&bed, "place "), "place 00000 0   in \"\"");
	assert_string_equal(bed_changes(&bed), "everything");
	bed_clear(&bed);
}

static void a_policy_is_always_a_change(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed_policy(&bed, "", 60000);
	assert_string_equal(bed_changes(&bed), "everything");
	bed_policy(&bed, "c=a;c=b", 60000);
	assert_string_equal(
		bed_notes(&bed),
		"warning duplicate :0: topology: cluster c is there twice; the last one counts\n");
	assert_string_equal(bed_lines(&bed, "cluster c"),
	                    "cluster c known ready=unknown since=0 withdrawn=0 at b: source :");
	bed_clear(&bed);
}

static void what_went_is_counted_beside_everything(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed_cluster(&bed, "one", "eu: a");
	bed_service(&bed, "default/a", "one=192.0.2.1");
	bed_service(&bed, "default/b", "one=192.0.2.2");
	bed_service(&bed, "default/c", "one=192.0.2.3");
	bed_commit(&bed);
	assert_int_equal(model_changes(bed.model).gone_count, 0);
	(void)bed_changes(&bed);
	bed_service(&bed, "default/a", "one=192.0.2.9");
	bed_service_gone(&bed, "default/b");
	bed_service_gone(&bed, "default/never");
	bed_commit(&bed);
	assert_int_equal(model_changes(bed.model).gone_count, 1);
	bed_replace(&bed); /* nothing is left, its places neither */
	assert_true(model_changes(bed.model).everything);
	assert_int_equal(model_changes(bed.model).gone_count, 3);
	(void)bed_changes(&bed);
	assert_int_equal(model_changes(bed.model).gone_count, 0);
	bed_clear(&bed);
}

static void everything_changes_with_a_place_and_nothing_without(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed_cluster(&bed, "one", "eu: a");
	bed_cluster(&bed, "two", "eu: b");
	bed_service(&bed, "default/web", "one=192.0.2.1");
	bed_commit(&bed);
	assert_string_equal(bed_changes(&bed), "everything");
	bed_cluster(&bed, "three", ""); /* a member without place moves nobody */
	bed_commit(&bed);
	assert_string_equal(bed_changes(&bed), "");
	bed_cluster(&bed, "two", "eu: a b"); /* the set of places stays, a cluster moves */
	bed_commit(&bed);
	assert_string_equal(bed_changes(&bed), "everything");
	bed_cluster_gone(&bed, "three");
	bed_commit(&bed);
	assert_string_equal(bed_changes(&bed), "");
	bed_cluster(&bed, "two", "eu: b");
	bed_service(&bed, "default/web", "one=192.0.2.2"); /* its id needs no list beside everything */
	bed_commit(&bed);
	bed_service(&bed, "default/web", "one=192.0.2.3");
	bed_commit(&bed);
	assert_string_equal(bed_changes(&bed), "everything");
	bed_service(&bed, "default/web", "one=192.0.2.4");
	bed_commit(&bed);
	assert_string_equal(bed_changes(&bed), "default/web");
	bed_clear(&bed);
}

static void cluster_names_are_not_folded(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed_cluster(&bed, "One", "eu");
	bed_service(&bed, "default/web", "one=192.0.2.1 One=");
	bed_commit(&bed);
	assert_string_equal(bed_notes(&bed),
	                    "warning cluster :0: service default/web: cluster one is not known to the "
	                    "federation; its addresses count at the global level only\n");
	assert_string_equal(bed_lines(&bed, "service "),
	                    "service default/web ttl=0 fallback=0 all_down=0 | One | one 192.0.2.1");
	bed_clear(&bed);
}

static void a_cluster_without_a_name_is_left_out(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed_cluster(&bed, "", "eu: a");
	assert_string_equal(bed_notes(&bed),
	                    "warning object :0: a cluster without a name is left out\n");
	bed_commit(&bed);
	assert_string_equal(bed_lines(&bed, "cluster"), "");
	bed_clear(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_model_has_the_global_level_alone),
		cmocka_unit_test(places_stand_in_a_fixed_order_with_their_regions),
		cmocka_unit_test(bad_labels_cost_what_they_name),
		cmocka_unit_test(a_status_without_place_keeps_the_last_known),
		cmocka_unit_test(topology_overrides_key_by_key),
		cmocka_unit_test(topology_makes_a_cluster_known),
		cmocka_unit_test(a_policy_is_always_a_change),
		cmocka_unit_test(everything_changes_with_a_place_and_nothing_without),
		cmocka_unit_test(what_went_is_counted_beside_everything),
		cmocka_unit_test(cluster_names_are_not_folded),
		cmocka_unit_test(a_cluster_without_a_name_is_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

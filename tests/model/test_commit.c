/* commit and rollback: all or nothing, and exactly the changes that there are. */
#include "bed.h"

#include <stdlib.h>
#include <string.h>

static void base(struct bed *bed)
{
	bed_init(bed);
	bed_cluster(bed, "hangzhou", "cn-hangzhou: cn-hangzhou-b");
	bed_cluster(bed, "beijing", "cn-beijing: cn-beijing-a");
	bed_service(bed, "default/nginx", "hangzhou=120.55.149.69 shanghai=139.196.70.146");
	bed_service(bed, "default/web", "beijing=192.0.2.1,2001:db8::1");
	bed_commit(bed);
	(void)bed_changes(bed);
	(void)bed_notes(bed);
}

static void commits_what_was_staged(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed_cluster(&bed, "hangzhou", "cn-hangzhou: cn-hangzhou-b");
	bed_service(&bed, "default/nginx",
	            "shanghai=139.196.70.146 hangzhou=120.55.149.69,2001:db8::2,2001:db8::1");
	assert_string_equal(bed_lines(&bed, "service "), "");
	assert_string_equal(bed_lines(&bed, "cluster "), "");
	bed_commit(&bed);
	assert_string_equal(
		bed_lines(&bed, "service "),
		"service default/nginx ttl=0 fallback=0 all_down=0"
		" | hangzhou 120.55.149.69 2001:db8::1 2001:db8::2 | shanghai 139.196.70.146");
	assert_string_equal(bed_changes(&bed), "everything");
	assert_string_equal(bed_changes(&bed), "");
	bed_clear(&bed);
}

static void reports_unknown_clusters_of_what_changed_with_its_line(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	char file[] = "state.json";
	bed.findings.file = file;
	bed.findings.line = 12;
	bed_service(&bed, "default/nginx", "shanghai=139.196.70.146 hangzhou=120.55.149.70");
	bed.findings.line = 14;
	bed_service(&bed, "default/other", "hangzhou=192.0.2.9");
	memset(file, 'x', 3);
	bed.findings.file = NULL;
	bed.findings.line = 0;
	bed_commit(&bed);
	assert_string_equal(
		bed_notes(&bed),
		"warning cluster state.json:12: service default/nginx: cluster shanghai is "
		"not known to the federation; its addresses count at the global level only\n");
	assert_null(bed.findings.file);
	bed_service(&bed, "default/nginx", "shanghai=139.196.70.146 hangzhou=120.55.149.70");
	bed_commit(&bed);
	assert_string_equal(bed_notes(&bed), "");
	bed_clear(&bed);
}

static void same_again_is_no_change(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed_cluster(&bed, "hangzhou", "CN-hangzhou: cn-hangzhou-B cn-hangzhou-b");
	bed_cluster(&bed, "beijing", "cn-beijing: cn-beijing-a");
	bed_service(&bed, "DEFAULT/nginx",
	            "shanghai=139.196.70.146,139.196.70.146 hangzhou= hangzhou=120.55.149.69");
	bed_service(&bed, "default/web", "beijing=2001:db8::1,192.0.2.1");
	bed_replace(&bed);
	assert_string_equal(bed_changes(&bed), "");
	assert_int_equal(model_service_count(bed.model), 2);
	bed_clear(&bed);
}

static void changes_are_exact(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed_service(&bed, "default/web", "beijing=192.0.2.2");
	bed_service(&bed, "default/new", "beijing=");
	bed_commit(&bed);
	assert_string_equal(bed_changes(&bed), "default/new default/web");
	bed_service(&bed, "default/web", "beijing=192.0.2.3");
	bed_commit(&bed);
	bed_service(&bed, "default/web", "beijing=192.0.2.4");
	bed_commit(&bed);
	assert_string_equal(bed_changes(&bed), "default/web");
	bed_service_gone(&bed, "default/nginx");
	bed_service_gone(&bed, "default/never");
	bed_service_gone(&bed, "no_label/at all");
	bed_commit(&bed);
	assert_string_equal(bed_changes(&bed), "#0");
	bed_service(&bed, "default/reuses", "beijing=192.0.2.5");
	bed_commit(&bed);
	assert_string_equal(bed_changes(&bed), "default/reuses");
	assert_int_equal(model_service_limit(bed.model), 3);
	bed_clear(&bed);
}

static void options_of_a_service_are_changes(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	struct ingress_seen ingress = {.cluster = bytes_of("beijing")};
	struct service_seen seen = {.namespace = bytes_of("default"),
	                            .name = bytes_of("web"),
	                            .ttl_s = 86400,
	                            .fallback = FALLBACK_FLATTEN,
	                            .all_down = ALL_DOWN_EMPTY,
	                            .ingresses = &ingress,
	                            .ingress_count = 1};
	for (int i = 0; i < 2; i++) {
		assert_int_equal(model_stage_service(bed.model, &seen, &bed.findings, &bed.why), ERR_OK);
		bed_commit(&bed);
		assert_string_equal(bed_changes(&bed), i == 0 ? "default/web" : "");
	}
	assert_string_equal(bed_lines(&bed, "service default/web"),
	                    "service default/web ttl=86400 fallback=2 all_down=3 | beijing");
	bed_clear(&bed);
}

static void rollback_leaves_nothing(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	char *before = bed_dump(bed.model);
	size_t clusters = model_cluster_limit(bed.model);
	uint64_t revision = model_hosts_revision(bed.model);
	bed_cluster(&bed, "hangzhou", "elsewhere: z");
	bed_cluster(&bed, "third", "third: z");
	bed_cluster_gone(&bed, "beijing");
	bed_service(&bed, "default/nginx", "fourth=192.0.2.77,lb.example");
	bed_service(&bed, "other/new", "fifth=192.0.2.77");
	bed_service(&bed, "other/new", "fifth=192.0.2.78,lb.example");
	bed_service_gone(&bed, "default/web");
	model_rollback(bed.model);
	char *after = bed_dump(bed.model);
	assert_string_equal(before, after);
	assert_string_equal(bed_changes(&bed), "");
	assert_int_equal(model_hosts_revision(bed.model), revision);
	/* Nor is anything left to come in with the next commit. */
	bed_commit(&bed);
	free(after);
	after = bed_dump(bed.model);
	assert_string_equal(before, after);
	assert_true(model_cluster_limit(bed.model) >= clusters);
	assert_int_equal(model_namespace_shortest(bed.model, bytes_of("other")), 0);
	free(before);
	free(after);
	bed_clear(&bed);
}

static void replace_drops_what_was_not_staged(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed_policy(&bed, "beijing=cn-beijing", 60000);
	(void)bed_changes(&bed);
	bed_cluster(&bed, "hangzhou", "cn-hangzhou: cn-hangzhou-b");
	bed_service(&bed, "default/web", "beijing=192.0.2.1,2001:db8::1");
	bed_replace(&bed);
	assert_int_equal(model_service_count(bed.model), 1);
	assert_string_equal(
		bed_lines(&bed, "cluster "),
		"cluster beijing known ready=unknown since=0 withdrawn=0 at cn-beijing: source :; "
		"cluster hangzhou known in-source ready=true since=0 withdrawn=0 at "
		"cn-hangzhou: cn-hangzhou-b source cn-hangzhou: cn-hangzhou-b");
	assert_string_equal(bed_changes(&bed), "everything"); /* zone cn-beijing-a went */
	bed_service(&bed, "default/web", "beijing=192.0.2.1,2001:db8::1");
	bed_cluster(&bed, "hangzhou", "cn-hangzhou: cn-hangzhou-b");
	bed_replace(&bed);
	assert_string_equal(bed_changes(&bed), "");
	bed_cluster(&bed, "hangzhou", "cn-hangzhou: cn-hangzhou-b");
	bed_replace(&bed);
	assert_int_equal(model_service_count(bed.model), 0);
	assert_string_equal(bed_changes(&bed), "#1");
	bed_clear(&bed);
}

static void replace_with_one_staged_gone_drops_it(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed_service(&bed, "default/web", "beijing=192.0.2.1");
	bed_service_gone(&bed, "default/web");
	bed_service(&bed, "default/x", "beijing=192.0.2.1");
	bed_service_gone(&bed, "default/x");
	bed_replace(&bed);
	assert_int_equal(model_service_count(bed.model), 0);
	assert_string_equal(bed_lines(&bed, "cluster "), "");
	bed_clear(&bed);
}

static void last_of_two_counts(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed.findings.line = 7;
	bed_service(&bed, "default/web", "beijing=192.0.2.2");
	bed_service(&bed, "default/WEB", "beijing=192.0.2.3");
	bed_service(&bed, "default/new", "beijing=192.0.2.4");
	bed_service(&bed, "default/new", "beijing=192.0.2.5");
	bed_cluster(&bed, "beijing", "a:");
	bed_cluster(&bed, "beijing", "b: c");
	assert_string_equal(
		bed_notes(&bed),
		"warning duplicate :7: service default/WEB is there twice; the last one counts\n"
		"warning duplicate :7: service default/new is there twice; the last one counts\n"
		"warning duplicate :7: cluster beijing is there twice; the last one counts\n");
	bed_commit(&bed);
	assert_string_equal(bed_lines(&bed, "service default/web"),
	                    "service default/web ttl=0 fallback=0 all_down=0 | beijing 192.0.2.3");
	assert_string_equal(bed_lines(&bed, "service default/new"),
	                    "service default/new ttl=0 fallback=0 all_down=0 | beijing 192.0.2.5");
	assert_string_equal(
		bed_lines(&bed, "cluster beijing"),
		"cluster beijing known in-source ready=true since=0 withdrawn=0 at b: c source b: c");
	/* A change set is over with its commit. */
	bed_service(&bed, "default/web", "beijing=192.0.2.2");
	bed_commit(&bed);
	assert_string_equal(bed_notes(&bed), "");
	bed_clear(&bed);
}

static void last_of_two_counts_though_it_has_no_names(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed_service(&bed, "default/web", "beijing=192.0.2.2");
	bed_service(&bed, "default/web", "");
	bed_service(&bed, "default/x", "beijing=192.0.2.2");
	bed_service(&bed, "default/x", "");
	bed_service(&bed, "default/never", "");
	bed_service(&bed, "under_score/never", "");
	assert_string_equal(
		bed_notes(&bed),
		"warning duplicate :0: service default/web is there twice; the last one counts\n"
		"warning duplicate :0: service default/x is there twice; the last one counts\n");
	bed_commit(&bed);
	assert_string_equal(bed_lines(&bed, "service default/web"), "");
	assert_string_equal(bed_lines(&bed, "service default/x"), "");
	assert_int_equal(model_service_count(bed.model), 1);
	bed_clear(&bed);
}

static void gone_and_back_in_one_set_is_no_duplicate(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed_service_gone(&bed, "default/web");
	bed_service(&bed, "default/web", "beijing=192.0.2.1,2001:db8::1");
	bed_cluster_gone(&bed, "beijing");
	bed_cluster(&bed, "beijing", "cn-beijing: cn-beijing-a");
	bed_commit(&bed);
	assert_string_equal(bed_notes(&bed), "");
	assert_string_equal(bed_changes(&bed), "");
	bed_clear(&bed);
}

static void bad_names_are_left_out_alone(void **state)
{
	(void)state;
	static const char *const BAD[] = {"default/a_b", "default/a.b", "-a/b",  "default/",
	                                  "/b",          "default/b-",  "d d/b", "\x01/b"};
	struct bed bed;
	base(&bed);
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		bed_service(&bed, BAD[i], "beijing=192.0.2.2");
		assert_int_equal(bed.finding_count, 1);
		assert_int_equal(strncmp(bed_notes(&bed), "warning label ", 14), 0);
	}
	bed_service(&bed, "default/good", "beijing=192.0.2.2");
	bed_commit(&bed);
	assert_string_equal(bed_changes(&bed), "default/good");
	bed_clear(&bed);
}

static void deleted_cluster_stays_as_a_name_and_is_told_once(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed_cluster_gone(&bed, "beijing");
	bed_commit(&bed);
	assert_string_equal(
		bed_notes(&bed),
		"warning cluster :0: cluster beijing is no longer known to the federation; 1 service "
		"names it, whose addresses there count at the global level only\n");
	assert_string_equal(bed_lines(&bed, "cluster beijing"),
	                    "cluster beijing ready=unknown since=0 withdrawn=0 at : source :");
	bed_commit(&bed);
	assert_string_equal(bed_notes(&bed), "");
	bed_service_gone(&bed, "default/web");
	bed_commit(&bed);
	assert_string_equal(bed_lines(&bed, "cluster beijing"), "");
	bed_cluster_gone(&bed, "hangzhou");
	bed_service(&bed, "default/web", "hangzhou=192.0.2.9");
	bed_service_gone(&bed, "default/nginx");
	bed_commit(&bed);
	(void)bed_notes(&bed);
	assert_string_equal(bed_lines(&bed, "cluster "),
	                    "cluster hangzhou ready=unknown since=0 withdrawn=0 at : source :");
	bed_clear(&bed);
}

static void shortest_labels_survive_deletion(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	assert_int_equal(model_prefix_shortest(bed.model), 0);
	bed_service(&bed, "ns/abc", "c=");
	bed_service(&bed, "ns/ab", "c=");
	bed_service(&bed, "ns/xy", "c=");
	bed_service(&bed, "longer/a", "c=");
	bed_commit(&bed);
	assert_int_equal(model_namespace_shortest(bed.model, bytes_of("ns")), 2);
	assert_int_equal(model_prefix_shortest(bed.model), 6);
	bed_service_gone(&bed, "ns/ab");
	bed_commit(&bed);
	assert_int_equal(model_namespace_shortest(bed.model, bytes_of("ns")), 2);
	bed_service_gone(&bed, "ns/xy");
	bed_commit(&bed);
	assert_int_equal(model_namespace_shortest(bed.model, bytes_of("ns")), 3);
	assert_int_equal(model_prefix_shortest(bed.model), 7);
	bed_service_gone(&bed, "ns/abc");
	bed_commit(&bed);
	assert_int_equal(model_namespace_shortest(bed.model, bytes_of("ns")), 0);
	assert_int_equal(model_namespace_shortest(bed.model, bytes_of("longer")), 1);
	assert_int_equal(model_prefix_shortest(bed.model), 9);
	bed_replace(&bed);
	assert_int_equal(model_prefix_shortest(bed.model), 0);
	bed_clear(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commits_what_was_staged),
		cmocka_unit_test(reports_unknown_clusters_of_what_changed_with_its_line),
		cmocka_unit_test(same_again_is_no_change),
		cmocka_unit_test(changes_are_exact),
		cmocka_unit_test(options_of_a_service_are_changes),
		cmocka_unit_test(rollback_leaves_nothing),
		cmocka_unit_test(replace_drops_what_was_not_staged),
		cmocka_unit_test(replace_with_one_staged_gone_drops_it),
		cmocka_unit_test(last_of_two_counts),
		cmocka_unit_test(last_of_two_counts_though_it_has_no_names),
		cmocka_unit_test(gone_and_back_in_one_set_is_no_duplicate),
		cmocka_unit_test(bad_names_are_left_out_alone),
		cmocka_unit_test(deleted_cluster_stays_as_a_name_and_is_told_once),
		cmocka_unit_test(shortest_labels_survive_deletion),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Every maximum: what is above it is refused or left out with a finding, never half done. */
#include "bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** "PREFIX0SUFFIX,PREFIX1SUFFIX,..." with `between`; borrowed until the next call. */
static const char *series(const char *prefix, const char *suffix, const char *between, int from,
                          int to)
{
	static char text[16384];
	size_t used = 0;
	text[0] = '\0';
	for (int i = from; i < to; i++) {
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%d%s",
		                         i > from ? between : "", prefix, i, suffix);
		assert_true(used < sizeof text);
	}
	return text;
}

static void too_many_addresses_in_a_cluster_leave_it_empty(void **state)
{
	(void)state;
	static const struct {
		const char *what, *prefix, *suffix;
		int count;
		bool fits;
	} CASES[] = {
		{"v4", "192.0.2.", "", ADDRESSES_MAX, true},
		{"v4", "192.0.2.", "", ADDRESSES_MAX + 1, false},
		{"v6", "2001:db8::", "", ADDRESSES_MAX, true},
		{"v6", "2001:db8::", "", ADDRESSES_MAX + 1, false},
		{"both", "192.0.2.1,2001:db8::", "", ADDRESSES_MAX - 1, true},
		{"both", "192.0.2.1,2001:db8::", "", ADDRESSES_MAX, false},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct bed bed;
		char ingresses[16384];
		bed_init(&bed);
		(void)snprintf(ingresses, sizeof ingresses, "a=192.0.2.1 c=%s d=192.0.2.2",
		               series(CASES[i].prefix, CASES[i].suffix, ",", 0, CASES[i].count));
		bed_service(&bed, "default/web", ingresses);
		const char *note = CASES[i].fits ? "" : "error limit :0: service default/web: cluster c: ";
		assert_int_equal(bed.finding_count, CASES[i].fits ? 0 : 1);
		assert_int_equal(strncmp(bed_notes(&bed), note, strlen(note)), 0);
		bed_commit(&bed);
		const char *left =
			"service default/web ttl=0 fallback=0 all_down=0 | a 192.0.2.1 | c | d 192.0.2.2";
		if (CASES[i].fits)
			assert_string_not_equal(bed_lines(&bed, "service "), left);
		else
			assert_string_equal(bed_lines(&bed, "service "), left);
		/* The host names of a refused entry are not kept either. */
		if (!CASES[i].fits)
			assert_string_equal(bed_lines(&bed, "host "), "");
		bed_clear(&bed);
	}
}

/* However they spread over clusters and entries; a name given twice counts once. */
static void too_many_host_names_leave_a_service_its_addresses(void **state)
{
	(void)state;
	static const struct {
		const char *more;
		int count; /* of names in cluster c, beside `more` */
		bool fits;
	} CASES[] = {
		{"d=192.0.2.2", SERVICE_HOSTS_MAX, true},
		{"d=192.0.2.2,h0.example,h1.example c=h2.example", SERVICE_HOSTS_MAX, true},
		{"d=192.0.2.2", SERVICE_HOSTS_MAX + 1, false},
		{"d=192.0.2.2,one.example", SERVICE_HOSTS_MAX, false},
		{"d=192.0.2.2 c=one.example", SERVICE_HOSTS_MAX, false},
	};
	static const char NOTE[] =
		"error limit :0: service default/web: 101 host names, more than 100; "
		"all of them are left out\n";
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct bed bed;
		char ingresses[16384];
		bed_init(&bed);
		(void)snprintf(ingresses, sizeof ingresses, "a=192.0.2.1 c=%s %s",
		               series("h", ".example", ",", 0, CASES[i].count), CASES[i].more);
		bed_service(&bed, "default/web", ingresses);
		bed_service(&bed, "default/other", "a=fine.example");
		assert_string_equal(bed_notes(&bed), CASES[i].fits ? "" : NOTE);
		bed_commit(&bed);
		const char *left =
			"service default/web ttl=0 fallback=0 all_down=0 | a 192.0.2.1 | c | d 192.0.2.2";
		if (CASES[i].fits)
			assert_string_not_equal(bed_lines(&bed, "service default/web"), left);
		else
			assert_string_equal(bed_lines(&bed, "service default/web"), left);
		size_t hosts = 0;
		for (uint32_t id = 0; id < model_host_limit(bed.model); id++) {
			struct host_view host;
			hosts += model_host(bed.model, id, &host);
		}
		assert_int_equal(hosts, CASES[i].fits ? SERVICE_HOSTS_MAX + 1 : 1);
		bed_clear(&bed);
	}
}

static void too_many_clusters_take_the_service_out(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed_service(&bed, "default/web", series("c", "=192.0.2.1", " ", 0, INGRESSES_MAX));
	bed_commit(&bed);
	assert_int_equal(model_service_count(bed.model), 1);
	(void)bed_notes(&bed);
	(void)bed_changes(&bed);
	bed_service(&bed, "default/web", series("c", "=192.0.2.1", " ", 0, INGRESSES_MAX + 1));
	bed_service(&bed, "default/new", series("c", "=192.0.2.1", " ", 0, INGRESSES_MAX + 1));
	assert_string_equal(bed_notes(&bed), "error limit :0: service default/web: 101 clusters, more "
	                                     "than 100; the service is left out\n"
	                                     "error limit :0: service default/new: 101 clusters, more "
	                                     "than 100; the service is left out\n");
	bed_commit(&bed);
	assert_int_equal(model_service_count(bed.model), 0);
	assert_string_equal(bed_changes(&bed), "#0");
	assert_string_equal(bed_lines(&bed, "cluster "), "");
	bed_clear(&bed);
}

static void entries_of_one_cluster_are_one_however_many(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	char ingresses[2048] = "";
	for (size_t i = 0; i < 150; i++)
		memcpy(ingresses + 12 * i, "c=192.0.2.1 ", 12);
	bed_service(&bed, "default/web", ingresses);
	bed_commit(&bed);
	assert_string_equal(bed_lines(&bed, "service "),
	                    "service default/web ttl=0 fallback=0 all_down=0 | c 192.0.2.1");
	bed_clear(&bed);
}

static void merely_named_clusters_leave_room_for_known_ones(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	char key[32];
	for (int i = 0; i < 19; i++) {
		(void)snprintf(key, sizeof key, "default/s%d", i);
		bed_service(&bed, key, series("c", "=", " ", 100 * i, 100 * i + 100));
	}
	bed_commit(&bed);
	(void)bed_notes(&bed);
	bed_service(&bed, "default/more", "new=192.0.2.1 c5=192.0.2.2");
	bed_service(&bed, "default/only", "new=192.0.2.1");
	assert_string_equal(
		bed_notes(&bed),
		"error limit :0: service default/more: cluster new is left out: more than 1900 "
		"cluster names that the federation doesn't know\n"
		"error limit :0: service default/only: cluster new is left out: more than 1900 "
		"cluster names that the federation doesn't know\n");
	for (int i = 0; i < CLUSTERS_MAX; i++) {
		(void)snprintf(key, sizeof key, "known%d", i);
		bed_cluster(&bed, key, "eu: a");
	}
	bed_cluster(&bed, "over", "eu: a");
	assert_string_equal(bed_notes(&bed),
	                    "error limit :0: cluster over is left out: more than 2000 cluster names\n");
	bed_commit(&bed);
	assert_int_equal(model_service_count(bed.model), 20);
	assert_string_equal(bed_lines(&bed, "service default/more"),
	                    "service default/more ttl=0 fallback=0 all_down=0 | c5 192.0.2.2");
	assert_true(model_cluster_limit(bed.model) <= CLUSTER_NAMES_MAX);
	bed_clear(&bed);
}

static void a_long_cluster_name_is_left_out(void **state)
{
	(void)state;
	struct bed bed;
	char name[300], ingresses[320];
	bed_init(&bed);
	memset(name, 'x', sizeof name);
	name[254] = '\0';
	bed_cluster(&bed, name, "eu");
	(void)snprintf(ingresses, sizeof ingresses, "%s= c=", name);
	bed_service(&bed, "default/web", ingresses);
	assert_int_equal(bed.finding_count, 2);
	bed_commit(&bed);
	assert_string_equal(bed_lines(&bed, "cluster "),
	                    "cluster c ready=unknown since=0 withdrawn=0 at : source :");
	bed_clear(&bed);
}

static void stage_clusters(struct bed *bed, int from, int to)
{
	char name[32];
	for (int i = from; i < to; i++) {
		(void)snprintf(name, sizeof name, "k%d", i);
		bed_cluster(bed, name, "eu: a");
	}
}

static void too_many_known_clusters_apply_nothing(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed_policy(&bed, "k0=eu:b;other=eu:c", 60000);
	stage_clusters(&bed, 0, CLUSTERS_MAX);
	char *before = bed_dump(bed.model);
	assert_int_equal(bed_try_commit(&bed, COMMIT_CHANGES), ERR_LIMIT);
	assert_string_equal(bed.why.text, "101 clusters, more than 100");
	char *after = bed_dump(bed.model);
	assert_string_equal(before, after);
	stage_clusters(&bed, 0, CLUSTERS_MAX - 1);
	bed_commit(&bed);
	free(before);
	before = bed_dump(bed.model);
	assert_int_equal(bed_try_policy(&bed, "k0=eu:b;other=eu:c;third=eu:d", 60000), ERR_LIMIT);
	assert_string_equal(bed.why.text,
	                    "topology: 101 clusters with those of the source, more than 100");
	free(after);
	after = bed_dump(bed.model);
	assert_string_equal(before, after);
	free(before);
	free(after);
	bed_clear(&bed);
}

static void too_many_zones_are_all_left_out(void **state)
{
	(void)state;
	struct bed bed;
	char place[4096];
	bed_init(&bed);
	(void)snprintf(place, sizeof place, "eu: %s", series("z", "", " ", 0, ZONES_MAX));
	bed_cluster(&bed, "fits", place);
	(void)snprintf(place, sizeof place, "us: %s", series("z", "", " ", 0, ZONES_MAX + 1));
	bed_cluster(&bed, "over", place);
	assert_string_equal(
		bed_notes(&bed),
		"error limit :0: cluster over: 65 zones, more than 64; all of them are left out\n");
	bed_commit(&bed);
	size_t count;
	(void)model_places(bed.model, &count);
	assert_int_equal(count, 1 + 2 + ZONES_MAX);
	bed_clear(&bed);
}

/**
 * Stage services PREFIXfrom..PREFIXto of one cluster; what the first refused one said, or ERR_OK.
 */
static enum err stage_services(struct bed *bed, char prefix, int from, int to)
{
	struct ingress_seen ingress = {.cluster = bytes_of("c")};
	for (int i = from; i < to; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "%c%d", prefix, i);
		struct service_seen seen = {.namespace = bytes_of("default"),
		                            .name = bytes_of(name),
		                            .ingresses = &ingress,
		                            .ingress_count = 1};
		enum err err = model_stage_service(bed->model, &seen, &bed->findings, &bed->why);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static void the_services_of_a_federation_fit_and_no_more(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed.findings.report = NULL;
	assert_int_equal(stage_services(&bed, 'a', 0, SERVICES_MAX), ERR_OK);
	bed_replace(&bed);
	assert_int_equal(model_service_count(bed.model), SERVICES_MAX);
	assert_int_equal(stage_services(&bed, 'b', 0, 1), ERR_OK);
	assert_int_equal(bed_try_commit(&bed, COMMIT_CHANGES), ERR_LIMIT);
	assert_string_equal(bed.why.text, "100001 services, more than 100000");
	assert_int_equal(model_service_count(bed.model), SERVICES_MAX);
	/* One for one, in one set, fits. */
	bed_service_gone(&bed, "default/a7");
	assert_int_equal(stage_services(&bed, 'b', 0, 1), ERR_OK);
	bed_commit(&bed);
	assert_int_equal(model_service_count(bed.model), SERVICES_MAX);
	/* So do all of them. */
	assert_int_equal(stage_services(&bed, 'x', 0, SERVICES_MAX), ERR_OK);
	assert_int_equal(stage_services(&bed, 'y', 0, 1), ERR_LIMIT);
	assert_string_equal(bed.why.text,
	                    "service default/y0: more than 200000 services, staged ones included");
	bed_replace(&bed);
	assert_int_equal(model_service_count(bed.model), SERVICES_MAX);
	assert_int_equal(model_service_limit(bed.model), 2 * SERVICES_MAX);
	bed_clear(&bed);
}

static void too_many_hosts_are_left_out(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	int count = 0;
	static struct name hosts[ADDRESSES_MAX];
	struct ingress_seen ingress = {
		.cluster = bytes_of("c"), .hosts = hosts, .host_count = ADDRESSES_MAX};
	for (int i = 0; count < HOSTS_MAX + 1; i++) {
		char name[32], host[32];
		for (int j = 0; j < ADDRESSES_MAX; j++, count++) {
			(void)snprintf(host, sizeof host, "h%d.example", count);
			assert_int_equal(name_parse(bytes_of(host), &hosts[j], &bed.why), ERR_OK);
		}
		(void)snprintf(name, sizeof name, "s%d", i);
		struct service_seen seen = {.namespace = bytes_of("default"),
		                            .name = bytes_of(name),
		                            .ingresses = &ingress,
		                            .ingress_count = 1};
		assert_int_equal(model_stage_service(bed.model, &seen, &bed.findings, &bed.why), ERR_OK);
	}
	assert_int_equal(bed.finding_count, count - HOSTS_MAX);
	const char *first =
		"error limit :0: service default/s1562: cluster c: host h100000.example. is left "
		"out: more than 100000 host names\n";
	assert_int_equal(strncmp(bed_notes(&bed), first, strlen(first)), 0);
	bed.findings.report = NULL;
	bed_commit(&bed);
	assert_int_equal(model_host_limit(bed.model), HOSTS_MAX);
	bed_replace(&bed);
	assert_string_equal(bed_lines(&bed, "host "), "");
	bed_clear(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_many_addresses_in_a_cluster_leave_it_empty),
		cmocka_unit_test(too_many_host_names_leave_a_service_its_addresses),
		cmocka_unit_test(too_many_clusters_take_the_service_out),
		cmocka_unit_test(entries_of_one_cluster_are_one_however_many),
		cmocka_unit_test(merely_named_clusters_leave_room_for_known_ones),
		cmocka_unit_test(a_long_cluster_name_is_left_out),
		cmocka_unit_test(too_many_known_clusters_apply_nothing),
		cmocka_unit_test(too_many_zones_are_all_left_out),
		cmocka_unit_test(the_services_of_a_federation_fit_and_no_more),
		cmocka_unit_test(too_many_hosts_are_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

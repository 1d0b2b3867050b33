/* metrics: all of interface's names, once; many addresses in small steps; counts that are kept. */
#include "metrics_job.h"
#include "scrape.h"

#include "check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SAMPLES_A_STEP 80 /* and a family's two lines */

static struct scrape scrape;

static int make(void **state)
{
	(void)state;
	scrape_make(&scrape);
	return 0;
}

static int clear(void **state)
{
	(void)state;
	scrape_clear(&scrape);
	return 0;
}

static void every_family_is_there_once(void **state)
{
	(void)state;
	static const char *const NAMES[] = {
		"fedns_build_info gauge",
		"fedns_dns_queries_total counter",
		"fedns_dns_responses_total counter",
		"fedns_dns_truncated_total counter",
		"fedns_dns_dropped_total counter",
		"fedns_dns_latency_seconds histogram",
		"fedns_records gauge",
		"fedns_services gauge",
		"fedns_clusters gauge",
		"fedns_serial gauge",
		"fedns_publish_seconds histogram",
		"fedns_source_up gauge",
		"fedns_source_age_seconds gauge",
		"fedns_source_errors_total counter",
		"fedns_rejected_total counter",
		"fedns_probe_results_total counter",
		"fedns_address_healthy gauge",
		"fedns_failovers_total counter",
		"fedns_held_changes gauge",
		"fedns_provider_calls_total counter",
		"fedns_provider_changes_total counter",
		"fedns_provider_pending gauge",
		"fedns_provider_last_success_timestamp_seconds gauge",
		"fedns_provider_configured gauge",
		"fedns_leader gauge",
		"process_start_time_seconds gauge",
		"process_cpu_seconds_total counter",
		"process_resident_memory_bytes gauge",
		"process_open_fds gauge",
	};
	scrape_commit(&scrape);
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
		char line[128];
		(void)snprintf(line, sizeof line, "# TYPE %s\n", NAMES[i]);
		if (scrape_count(&scrape, line) != 1)
			fail_msg("\"%s\" is there %zu times", NAMES[i], scrape_count(&scrape, line));
	}
	assert_int_equal(scrape_count(&scrape, "# TYPE "), scrape_count(&scrape, "# HELP "));
	assert_true(scrape_value(&scrape, "fedns_serial") == 7);
	assert_true(scrape_value(&scrape, "fedns_records{type=\"SOA\"}") == 1);
	assert_true(scrape_value(&scrape, "process_open_fds") > 2);
	assert_true(scrape_value(&scrape, "fedns_provider_configured") == 0);
	assert_true(scrape_value(&scrape, "fedns_leader") == 0);
	assert_true(scrape_value(&scrape, "process_resident_memory_bytes") > 1e6);
}

/* The alert that nobody pushes asks for it: a push that can't begin is one that should be. */
static void a_provider_is_configured_though_its_push_cannot_begin(void **state)
{
	(void)state;
	scrape_commit(&scrape);
	scrape.daemon->config->push.on = true;
	assert_null(scrape.daemon->push.provider);
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	assert_true(scrape_value(&scrape, "fedns_provider_configured") == 1);
	assert_true(scrape_value(&scrape, "fedns_leader") == 0);
}

static void addresses_say_how_they_are(void **state)
{
	(void)state;
	const struct daemon *daemon = scrape.daemon;
	scrape_service(&scrape, "web", "a\"b", 1, 3);
	scrape_commit(&scrape);
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	assert_int_equal(scrape_count(&scrape, "fedns_address_healthy{"), 0); /* nobody has asked yet */
	assert_true(scrape_value(&scrape, "fedns_health_addresses{state=\"unknown\"}") == 3);
	for (uint32_t id = 0; id < 2; id++)
		(void)health_result(daemon->health.health, id, id == 0, "no", 2000);
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	assert_int_equal(scrape_count(&scrape, "fedns_address_healthy{"), 2);
	assert_true(scrape_value(&scrape, "fedns_address_healthy{cluster=\"a\\\"b\",service=\"ns/web\","
	                                  "address=\"10.0.0.1\"}") == 1);
	assert_true(scrape_value(&scrape, "fedns_health_addresses{state=\"healthy\"}") == 1);
}

/* As an older kernel wants it: one by one, in steps. */
static void descriptors_are_counted_where_the_kernel_does_not(void **state)
{
	(void)state;
	enum { MORE_FDS = 600 };
	int fds[MORE_FDS];
	struct metrics_job job = {.daemon = scrape.daemon, .at = 1};
	unsigned steps = 1;
	bool more;
	for (size_t i = 0; i < MORE_FDS; i++)
		assert_true((fds[i] = dup(0)) >= 0);
	scrape.text.size = 0;
	while (metrics_descriptors(&job, &scrape.text, &more) == ERR_OK && more)
		steps++;
	assert_int_equal(closedir(job.descriptors), 0);
	assert_int_equal(buf_add(&scrape.text, (struct bytes){(const uint8_t *)"", 1}), ERR_OK);
	double counted = scrape_value(&scrape, "process_open_fds");
	for (size_t i = 0; i < MORE_FDS; i++)
		(void)close(fds[i]);
	assert_true(steps > 2);
	scrape_commit(&scrape);
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	assert_true(scrape_value(&scrape, "process_open_fds") == counted - MORE_FDS);
}

/* What is more is cut, and counted. */
static void many_addresses_come_in_small_steps(void **state)
{
	(void)state;
	enum { SERVICES = METRICS_ADDRESSES_MAX / ADDRESSES_MAX + 10 };
	for (unsigned i = 0; i < SERVICES; i++) {
		char name[16];
		(void)snprintf(name, sizeof name, "s%u", i);
		scrape_service(&scrape, name, "a", 1, ADDRESSES_MAX); /* they share their targets */
	}
	scrape_commit(&scrape);
	for (uint32_t id = 0; id < ADDRESSES_MAX; id++)
		(void)health_result(scrape.daemon->health.health, id, true, "", 2000);
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	assert_int_equal(scrape_count(&scrape, "fedns_address_healthy{"), METRICS_ADDRESSES_MAX);
	assert_true(scrape_value(&scrape, "fedns_address_healthy_left_out") ==
	            SERVICES * ADDRESSES_MAX - METRICS_ADDRESSES_MAX);
	assert_true(scrape.steps > METRICS_ADDRESSES_MAX / SAMPLES_A_STEP);
	assert_in_range(scrape.step_lines, 1, SAMPLES_A_STEP);
}

static void probes_count_for_their_cluster(void **state)
{
	(void)state;
	struct daemon *daemon = scrape.daemon;
	scrape_service(&scrape, "one", "a", 1, 2);
	scrape_service(&scrape, "two", "b", 2, 1); /* 10.0.0.2 is in both */
	scrape_commit(&scrape);
	for (uint32_t id = 0; id < 2; id++) {
		daemon_probe_counted(daemon, id, true);
		daemon_probe_counted(daemon, id, false);
	}
	daemon_probe_counted(daemon, 77, true); /* nobody's */
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	assert_true(scrape_value(&scrape, "fedns_probe_results_total{cluster=\"a\",result=\"good\"}") ==
	            2);
	assert_true(scrape_value(&scrape, "fedns_probe_results_total{cluster=\"b\",result=\"bad\"}") ==
	            1);
	/* what is counted of a cluster is not another's that has its id */
	for (size_t i = 0; i < METRICS_CLUSTERS_MAX; i++)
		daemon->metrics.probes[i].name_hash++;
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	assert_int_equal(scrape_count(&scrape, "fedns_probe_results_total{"), 0);
	daemon_probe_counted(daemon, 0, true);
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	assert_true(scrape_value(&scrape, "fedns_probe_results_total{cluster=\"a\",result=\"good\"}") ==
	            1);
}

static void an_event_is_timed_from_its_first_word_to_the_answers(void **state)
{
	(void)state;
	struct daemon *daemon = scrape.daemon;
	uint64_t now_ns = uv_hrtime();
	daemon_event(daemon, now_ns);
	daemon_event(daemon, now_ns - UINT64_C(30000000000)); /* half a minute ago, before that one */
	daemon_event(daemon, now_ns);
	daemon_event_published(daemon, true);
	daemon_event(daemon, now_ns);
	daemon_event_published(daemon, false); /* nothing to the answers */
	scrape_commit(&scrape);
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	assert_true(scrape_value(&scrape, "fedns_publish_seconds_count") == 1);
	assert_true(scrape_value(&scrape, "fedns_publish_seconds_bucket{le=\"10\"}") == 0);
	assert_true(scrape_value(&scrape, "fedns_publish_seconds_sum") >= 30);
}

static void crews_that_are_no_more_count_on(void **state)
{
	(void)state;
	struct daemon *daemon = scrape.daemon;
	daemon->counted.answers.asked[1][1][ASKED_AAAA] = 40;
	daemon->counted.dropped[SERVE_DROP_TCP_CLIENT] = 4;
	daemon->retired.counted.answers.asked[1][1][ASKED_AAAA] = 2;
	scrape_commit(&scrape);
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	static const char AAAA[] =
		"fedns_dns_queries_total{transport=\"tcp\",family=\"ipv6\",type=\"AAAA\"}";
	assert_true(scrape_value(&scrape, AAAA) == 40);
	daemon->retiring = true; /* it ends on another thread */
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	assert_true(scrape_value(&scrape, AAAA) == 42);
	assert_true(scrape_value(&scrape, "fedns_dns_dropped_total{reason=\"tcp_client\"}") == 4);
	daemon->retiring = false;
}

static void calls_of_earlier_providers_are_told(void **state)
{
	(void)state;
	struct provider_past *past = &scrape.daemon->metrics.past;
	past->calls[0].action = "AddDomainRecord";
	(void)snprintf(past->calls[0].code, sizeof past->calls[0].code, "OK");
	past->calls[0].count = 12;
	past->call_count = 1;
	past->changes[STEP_ADD] = 5;
	past->last_success_ms = 1500;
	scrape_commit(&scrape);
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	assert_true(scrape_value(&scrape, "fedns_provider_calls_total{action=\"AddDomainRecord\",code="
	                                  "\"OK\"}") == 12);
	assert_true(scrape_value(&scrape, "fedns_provider_changes_total{action=\"add\"}") == 5);
	assert_true(scrape_value(&scrape, "fedns_provider_last_success_timestamp_seconds") == 1.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_family_is_there_once, make, clear),
		cmocka_unit_test_setup_teardown(a_provider_is_configured_though_its_push_cannot_begin, make,
	                                    clear),
		cmocka_unit_test_setup_teardown(addresses_say_how_they_are, make, clear),
		cmocka_unit_test_setup_teardown(descriptors_are_counted_where_the_kernel_does_not, make,
	                                    clear),
		cmocka_unit_test_setup_teardown(many_addresses_come_in_small_steps, make, clear),
		cmocka_unit_test_setup_teardown(probes_count_for_their_cluster, make, clear),
		cmocka_unit_test_setup_teardown(an_event_is_timed_from_its_first_word_to_the_answers, make,
	                                    clear),
		cmocka_unit_test_setup_teardown(crews_that_are_no_more_count_on, make, clear),
		cmocka_unit_test_setup_teardown(calls_of_earlier_providers_are_told, make, clear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* hosts: what is asked when, what a failure leaves standing, and who is told. The resolver and the
 * clock are the test's. */
#include "hosts_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void asks_both_families_at_once_and_again_by_ttl(void **state)
{
	struct world *world = *state;
	service_set(world, "lb.example.com");
	scan(world);
	assert_int_equal(ask_count, 2);
	assert_int_equal(hosts_pending(world->hosts), 2);
	answer(4, RESOLVED_ADDRESSES, "192.0.2.1", 30);
	answer(6, RESOLVED_NODATA, NULL, 100);
	assert_int_equal(hosts_pending(world->hosts), 0);
	assert_int_equal(world->answered, 2);
	assert_int_equal(host_only(world).addresses.v4_count, 1);
	assert_int_equal(world->said.count, 0);

	tick_at(1000 + 29999);
	assert_int_equal(ask_count, 0);
	tick_at(1000 + 30000);
	assert_int_equal(ask_count, 1);
	assert_int_equal(asks[0].family, 4);
	tick_at(1000 + 30000); /* on the wire: not twice */
	assert_int_equal(ask_count, 1);
	tick_at(1000 + 100000);
	assert_int_equal(ask_count, 2);
}

static void a_ttl_is_kept_between_a_second_and_an_hour(void **state)
{
	struct world *world = *state;
	service_set(world, "lb.example.com");
	scan(world);
	answer(4, RESOLVED_ADDRESSES, "192.0.2.1", 0);
	answer(6, RESOLVED_ADDRESSES, "2001:db8::1", 86400);
	tick_at(1000 + 999);
	assert_int_equal(ask_count, 0);
	tick_at(1000 + 1000);
	assert_int_equal(ask_count, 1);
	tick_at(1000 + 3599999);
	assert_int_equal(ask_count, 1);
	tick_at(1000 + 3600000);
	assert_int_equal(ask_count, 2);
}

static void a_failure_keeps_the_last_addresses_backs_off_and_is_told_once(void **state)
{
	struct world *world = *state;
	service_set(world, "lb.example.com");
	scan(world);
	answer(4, RESOLVED_ADDRESSES, "192.0.2.1", 30);
	answer(6, RESOLVED_NODATA, NULL, 3600);
	uint64_t at_ms = 1000 + 30000;
	static const uint64_t WAITS_S[] = {5, 10, 20, 40, 60, 60};
	for (size_t i = 0; i < sizeof WAITS_S / sizeof WAITS_S[0]; i++) {
		tick_at(at_ms);
		assert_int_equal(ask_count, 1);
		answer(4, RESOLVED_FAILED, NULL, 0);
		tick_at(at_ms + WAITS_S[i] * 1000 - 1);
		assert_int_equal(ask_count, 0);
		at_ms += WAITS_S[i] * 1000;
		assert_int_equal(host_only(world).addresses.v4_count, 1);
		assert_int_equal(world->said.count, 1);
	}
	assert_string_equal(
		world->said.last,
		"service default/nginx: cluster hangzhou: host name lb.example.com. keeps its "
		"last known addresses: no usable reply");
	tick_at(at_ms); /* it recovers, and fails again: that is news */
	answer(4, RESOLVED_ADDRESSES, "192.0.2.1", 5);
	tick_at(at_ms + 5000);
	answer(4, RESOLVED_NONAME, NULL, 5);
	tick_at(at_ms + 5001);
	assert_int_equal(world->said.count, 2);
	assert_non_null(strstr(world->said.last, "there is no such name"));
	assert_int_equal(host_only(world).addresses.v4_count, 1);
}

/* A silent resolver says nothing of the name; that there is none is the true reason, and the last.
 */
static void a_plain_answer_is_told_after_none(void **state)
{
	struct world *world = *state;
	static const enum resolved_status STATUS[] = {RESOLVED_FAILED, RESOLVED_NONAME, RESOLVED_FAILED,
	                                              RESOLVED_NONAME};
	static const char *const WORDS[] = {"no usable reply", "no such name", "no such name",
	                                    "no such name"};
	static const size_t TOLD[] = {1, 2, 2, 2};
	uint64_t at_ms = 1000;
	service_set(world, "lb.example.com");
	scan(world);
	for (size_t i = 0; i < sizeof STATUS / sizeof STATUS[0]; i++) {
		answer(4, STATUS[i], NULL, 5);
		answer(6, RESOLVED_NODATA, NULL, 5);
		tick_at(at_ms + 1);
		assert_int_equal(world->said.count, TOLD[i]);
		assert_non_null(strstr(world->said.last, WORDS[i]));
		at_ms += 100000;
		tick_at(at_ms);
	}
}

static void what_failed_waits_in_the_later_line_until_it_recovers(void **state)
{
	struct world *world = *state;
	service_set(world, "lb.example.com");
	scan(world);
	assert_int_equal(asks[0].line, RESOLVER_FIRST); /* nothing is known of it yet */
	assert_int_equal(asks[1].line, RESOLVER_FIRST);
	answer(4, RESOLVED_FAILED, NULL, 0);
	answer(6, RESOLVED_ADDRESSES, "2001:db8::1", 5);
	tick_at(1000 + 5000);
	assert_int_equal(ask_count, 2);
	assert_int_equal(asks[0].line, RESOLVER_LATER);
	assert_int_equal(asks[1].line, RESOLVER_FIRST); /* what answers doesn't pay for what doesn't */
	answer(4, RESOLVED_ADDRESSES, "192.0.2.1", 5);
	answer(6, RESOLVED_NONAME, NULL, 0);
	tick_at(1000 + 10000);
	assert_int_equal(ask_count, 2);
	assert_int_equal(asks[0].line, RESOLVER_FIRST);
	assert_int_equal(asks[1].line, RESOLVER_LATER);
}

static void the_second_family_of_a_name_that_failed_waits_there_too(void **state)
{
	struct world *world = *state;
	service_set(world, "lb.example.com");
	scan(world);
	struct asked second = asks[1];
	answer(4, RESOLVED_FAILED, NULL, 0);
	ask_count = 0; /* a new resolver: the second family was not asked */
	const struct resolved cancelled = {
		.host = &second.host, .family = 6, .status = RESOLVED_CANCELLED};
	second.done(second.arg, &cancelled);
	tick_at(2000);
	assert_int_equal(ask_count, 1);
	assert_int_equal(asks[0].family, 6);
	assert_int_equal(asks[0].line, RESOLVER_LATER);
}

static void a_full_line_does_not_stop_the_other_one(void **state)
{
	struct world *world = *state;
	service_set(world, "lb.example.com");
	scan(world);
	answer(4, RESOLVED_FAILED, NULL, 0);
	answer(6, RESOLVED_ADDRESSES, "2001:db8::1", 5);
	full_line = RESOLVER_LATER;
	tick_at(1000 + 5000);
	assert_int_equal(ask_count, 1);
	assert_int_equal(asks[0].family, 6);
	full_line = RESOLVER_LINES;
	tick_at(1000 + 6000);
	assert_int_equal(ask_count, 2);
	assert_int_equal(asks[1].family, 4);
}

static void a_bad_address_is_told_when_the_answer_changes(void **state)
{
	struct world *world = *state;
	service_set(world, "lb.example.com");
	scan(world);
	answer(4, RESOLVED_ADDRESSES, "224.0.0.1", 5);
	answer(6, RESOLVED_ADDRESSES, "2001:db8::1", 3600);
	assert_int_equal(world->said.count, 1);
	assert_non_null(strstr(world->said.last, "224.0.0.1"));
	tick_at(1000 + 5000);
	answer(4, RESOLVED_ADDRESSES, "224.0.0.1", 5);
	assert_int_equal(world->said.count, 1); /* as before */
	tick_at(1000 + 10000);
	answer(4, RESOLVED_ADDRESSES, "224.0.0.2", 5);
	assert_int_equal(world->said.count, 2);
	tick_at(1000 + 15000);
	answer(4, RESOLVED_ADDRESSES, "192.0.2.1", 5);
	tick_at(1000 + 20000);
	answer(4, RESOLVED_ADDRESSES, "224.0.0.2", 5);
	assert_int_equal(world->said.count, 3); /* it was mended, and broke again */
}

static void count_tick(void *arg)
{
	struct world *world = arg;
	world->said_at_tick = world->said.count;
}

static void the_end_of_a_second_comes_after_its_reports(void **state)
{
	struct world *world = *state;
	hosts_on_tick(world->hosts, count_tick, world);
	service_set(world, "lb.example.com");
	scan(world);
	answer(4, RESOLVED_NONAME, NULL, 0);
	answer(6, RESOLVED_NONAME, NULL, 0);
	tick_at(2000);
	assert_int_equal(world->said_at_tick, 1);
}

static void a_name_without_addresses_is_left_out_and_told(void **state)
{
	struct world *world = *state;
	service_set(world, "lb.example.com");
	scan(world);
	answer(4, RESOLVED_NODATA, NULL, 5);
	answer(6, RESOLVED_NODATA, NULL, 5);
	hosts_report(world->hosts, true);
	assert_int_equal(world->said.count, 1);
	assert_string_equal(
		world->said.last,
		"service default/nginx: cluster hangzhou: host name lb.example.com. is left out: "
		"it has no addresses");
}

static void an_unanswered_name_is_told_when_all_are_asked_for(void **state)
{
	struct world *world = *state;
	service_set(world, "lb.example.com");
	scan(world);
	hosts_report(world->hosts, false);
	assert_int_equal(world->said.count, 0);
	hosts_report(world->hosts, true);
	assert_int_equal(world->said.count, 1);
	assert_non_null(strstr(world->said.last, "no reply in time"));
}

static void a_host_that_went_is_forgotten_and_a_new_one_asked_for(void **state)
{
	struct world *world = *state;
	service_set(world, "lb.example.com");
	scan(world);
	assert_int_equal(ask_count, 2);
	service_set(world, "lb.example.org");
	scan(world);
	assert_int_equal(ask_count, 4);
	assert_int_equal(hosts_pending(world->hosts), 2);
	answer(4, RESOLVED_ADDRESSES, "192.0.2.1", 5); /* of the old one: too late */
	answer(6, RESOLVED_NONAME, NULL, 5);
	assert_int_equal(hosts_pending(world->hosts), 2);
	assert_false(host_only(world).resolved);
	answer(4, RESOLVED_ADDRESSES, "192.0.2.2", 5);
	assert_int_equal(host_only(world).addresses.v4_count, 1);
}

static void a_new_resolver_is_asked_what_the_old_one_left(void **state)
{
	struct world *world = *state;
	service_set(world, "lb.example.com");
	scan(world);
	hosts_set_resolver(world->hosts, &the_resolver);
	assert_int_equal(ask_count, 0);
	tick_at(2000);
	assert_int_equal(ask_count, 2);
	assert_int_equal(world->said.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asks_both_families_at_once_and_again_by_ttl, world_begin,
	                                    world_end),
		cmocka_unit_test_setup_teardown(a_ttl_is_kept_between_a_second_and_an_hour, world_begin,
	                                    world_end),
		cmocka_unit_test_setup_teardown(a_plain_answer_is_told_after_none, world_begin, world_end),
		cmocka_unit_test_setup_teardown(
			a_failure_keeps_the_last_addresses_backs_off_and_is_told_once, world_begin, world_end),
		cmocka_unit_test_setup_teardown(a_name_without_addresses_is_left_out_and_told, world_begin,
	                                    world_end),
		cmocka_unit_test_setup_teardown(an_unanswered_name_is_told_when_all_are_asked_for,
	                                    world_begin, world_end),
		cmocka_unit_test_setup_teardown(a_host_that_went_is_forgotten_and_a_new_one_asked_for,
	                                    world_begin, world_end),
		cmocka_unit_test_setup_teardown(a_new_resolver_is_asked_what_the_old_one_left, world_begin,
	                                    world_end),
		cmocka_unit_test_setup_teardown(what_failed_waits_in_the_later_line_until_it_recovers,
	                                    world_begin, world_end),
		cmocka_unit_test_setup_teardown(the_second_family_of_a_name_that_failed_waits_there_too,
	                                    world_begin, world_end),
		cmocka_unit_test_setup_teardown(a_full_line_does_not_stop_the_other_one, world_begin,
	                                    world_end),
		cmocka_unit_test_setup_teardown(a_bad_address_is_told_when_the_answer_changes, world_begin,
	                                    world_end),
		cmocka_unit_test_setup_teardown(the_end_of_a_second_comes_after_its_reports, world_begin,
	                                    world_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

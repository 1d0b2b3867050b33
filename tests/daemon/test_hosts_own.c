/* hosts: names that are our own are not asked for, are told, and keep no address. */
#include "hosts_bed.h"

#include <string.h>

/* The policy of a federation "fed" whose names hang below `suffix`. */
static void ladder_set(struct world *world, struct zone_policy *policy, const char *suffix)
{
	struct why why = {{0}};
	memset(policy, 0, sizeof *policy);
	assert_int_equal(name_parse(bytes_of(suffix), &policy->suffix, &why), ERR_OK);
	memcpy(policy->federation, "fed", policy->federation_size = 3);
	hosts_set_ladder(world->hosts, policy);
}

static void a_name_of_our_own_is_not_asked_for_and_told(void **state)
{
	struct world *world = *state;
	struct zone_policy policy;
	ladder_set(world, &policy, "example.com.");
	service_set(world, "nginx.default.fed.svc.example.com");
	scan(world);
	assert_int_equal(ask_count, 0);
	assert_int_equal(hosts_pending(world->hosts), 0);
	tick_at(2000);
	tick_at(1000 + 7200 * 1000);
	assert_int_equal(ask_count, 0);
	assert_int_equal(world->said.count, 1);
	assert_string_equal(world->said.last,
	                    "service default/nginx: cluster hangzhou: host name "
	                    "nginx.default.fed.svc.example.com. is left out: it is one of this "
	                    "federation's own names, which would answer itself; give the "
	                    "load balancer's own name or address");
	hosts_report(world->hosts, true);
	assert_int_equal(world->said.count, 2);
}

static void a_name_beside_our_own_is_asked_for(void **state)
{
	struct world *world = *state;
	struct zone_policy policy;
	ladder_set(world, &policy, "example.com.");
	service_set(world, "lb.example.com");
	scan(world);
	assert_int_equal(ask_count, 2);
}

static void what_becomes_our_own_loses_its_addresses_and_has_them_again(void **state)
{
	struct world *world = *state;
	struct zone_policy policy, after;
	ladder_set(world, &policy, "example.net.");
	service_set(world, "nginx.default.fed.svc.example.com");
	scan(world);
	answer(4, RESOLVED_ADDRESSES, "192.0.2.1", 5);
	ladder_set(world, &after, "example.com."); /* a reload, with a lookup on its way */
	scan(world);
	assert_int_equal(host_only(world).addresses.v4_count, 0);
	assert_int_equal(hosts_pending(world->hosts), 0);
	answer(6, RESOLVED_ADDRESSES, "2001:db8::1", 5);
	assert_int_equal(host_only(world).addresses.v6_count, 0);
	tick_at(1000 + 5000);
	assert_int_equal(ask_count, 0);
	assert_int_equal(world->said.count, 1);
	ladder_set(world, &policy, "example.net.");
	size_t answered = world->answered;
	tick_at(1000 + 6000); /* with nobody else who scans */
	assert_int_equal(world->answered, answered + 1);
	assert_int_equal(ask_count, 2);
	tick_at(1000 + 6001);
	assert_int_equal(world->answered, answered + 1);
	answer(4, RESOLVED_ADDRESSES, "192.0.2.1", 5);
	assert_int_equal(host_only(world).addresses.v4_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_name_of_our_own_is_not_asked_for_and_told, world_begin,
	                                    world_end),
		cmocka_unit_test_setup_teardown(a_name_beside_our_own_is_asked_for, world_begin, world_end),
		cmocka_unit_test_setup_teardown(what_becomes_our_own_loses_its_addresses_and_has_them_again,
	                                    world_begin, world_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

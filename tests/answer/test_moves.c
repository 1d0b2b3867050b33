/* Which levels moved with a publish, and why: what the log and fedns_failovers_total tell. */
#include "world.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static struct world world;

static int set_up(void **state)
{
	(void)state;
	world_init(&world);
	world_cluster(&world, "a", "ra: za", READY_TRUE, 0);
	world_cluster(&world, "b", "rb: zb", READY_TRUE, 0);
	world_service(&world, "ns/api", "a=192.0.2.3 b=192.0.2.4");
	world_service(&world, "ns/web", "a=192.0.2.1 b=192.0.2.2");
	world_commit(&world, COMMIT_REPLACE);
	assert_int_equal(zone_set_policy(world.zone, &world.policy, &world.why), ERR_OK);
	world_publish(&world);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_clear(&world);
	return 0;
}

static struct verdict out(const char *cluster, uint8_t octet, int64_t since_ms, enum reason reason)
{
	return (struct verdict){.cluster = world_cluster_id(&world, cluster),
	                        .address = {4, {192, 0, 2, octet}},
	                        .out = true,
	                        .since_ms = since_ms,
	                        .reason = (uint8_t)reason};
}

/* "LEVEL REASON COUNT; ", "LEVEL back COUNT; ", of how many services. */
static const char *counters_text(const struct zone_counters *counters)
{
	static char text[512];
	text[0] = '\0';
	for (unsigned level = 0; level < LEVEL_COUNT; level++) {
		for (unsigned reason = 0; reason < REASONS; reason++) {
			size_t used = strlen(text);
			if (counters->failovers[level][reason] != 0)
				(void)snprintf(text + used, sizeof text - used, "%s %s %u; ",
				               level_text((enum level)level), reason_text(reason),
				               (unsigned)counters->failovers[level][reason]);
		}
		size_t used = strlen(text);
		if (counters->failbacks[level] != 0)
			(void)snprintf(text + used, sizeof text - used, "%s back %u; ",
			               level_text((enum level)level), (unsigned)counters->failbacks[level]);
	}
	return text;
}

static const char *moved(size_t services)
{
	struct zone_moves moves;
	zone_moves(world.zone, &moves);
	assert_int_equal(moves.services, services);
	return counters_text(&moves.levels);
}

static void set(const char *service, const struct verdict *verdicts, size_t count)
{
	world_verdicts(&world, service, verdicts, count);
	world_publish(&world);
}

static void levels_move_once_and_are_counted(void **state)
{
	(void)state;
	struct zone_counters counters;
	const struct verdict both[] = {out("a", 1, 1000, REASON_PROBE_BAD),
	                               out("b", 2, 9000, REASON_DRAINED)};
	assert_string_equal(moved(0), "");
	set("ns/web", both, 1);
	assert_string_equal(moved(1), "region probe-bad 1; zone probe-bad 1; ");
	world_publish(&world); /* nothing has changed */
	assert_string_equal(moved(0), "");
	world.policy.zone.last_window_ms = 1000;
	set("ns/web", both, 2);
	assert_string_equal(moved(1), "global drained 1; "); /* the last one is answered all the same */
	set("ns/web", both + 1, 1);
	assert_string_equal(moved(1), "global back 1; region drained 1; region back 1; zone drained 1; "
	                              "zone back 1; ");
	set("ns/web", NULL, 0);
	assert_string_equal(moved(1), "region back 1; zone back 1; ");
	zone_counters(world.zone, &counters);
	assert_string_equal(counters_text(&counters),
	                    "global drained 1; global back 1; region probe-bad 1; region drained 1; "
	                    "region back 2; zone probe-bad 1; zone drained 1; zone back 2; ");
}

static void many_services_move_together(void **state)
{
	(void)state;
	struct zone_moves moves;
	world_cluster(&world, "a", "ra: za", READY_FALSE, world.now_ms - 60000);
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(moved(2), "region not-ready 2; zone not-ready 2; ");
	zone_moves(world.zone, &moves);
	assert_int_equal(moves.service, 0);
}

/* Another policy compiles all anew: a level that climbs since then has moved, too. Other places are
 * other levels. */
static void all_compiled_anew_is_compared_where_places_are_the_same(void **state)
{
	(void)state;
	const struct verdict one = out("a", 1, 1000, REASON_PROBE_BAD);
	world.policy.zone.ttl_s = 7;
	assert_int_equal(zone_set_policy(world.zone, &world.policy, &world.why), ERR_OK);
	set("ns/web", &one, 1);
	assert_string_equal(moved(1), "region probe-bad 1; zone probe-bad 1; ");
	world_cluster(&world, "c", "r0: z0", READY_TRUE, 0);
	world_verdicts(&world, "ns/web", NULL, 0);
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(moved(0), "");
}

static void who_comes_or_goes_has_moved_nothing(void **state)
{
	(void)state;
	world_service(&world, "ns/new", "a=192.0.2.1 b=");
	world_gone(&world, "ns/web");
	world_service(&world, "ns/api", "a= b=192.0.2.4"); /* the source lists nothing there now */
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(moved(0), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(levels_move_once_and_are_counted),
		TEST(many_services_move_together),
		TEST(all_compiled_anew_is_compared_where_places_are_the_same),
		TEST(who_comes_or_goes_has_moved_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

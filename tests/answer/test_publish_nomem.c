/* Publishing while memory runs out: whichever allocation fails, the old answers stay, the change is
 * not lost, and the next try brings it.
 */
#include "nomem.h"
#include "world.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

#define ONE "one.ns.fed.svc.za.ra.example."
#define OLD "NOERROR aa; " ONE " A 192.0.2.1; ; ; "

static void world_begin(struct world *world)
{
	world_init(world);
	world_cluster(world, "c", "ra: za", READY_TRUE, 0);
	world_service(world, "ns/one", "c=192.0.2.1");
	world_service(world, "ns/two", "c=192.0.2.2");
	world_commit(world, COMMIT_REPLACE);
}

/* A change of one service, one that comes and one that goes. */
static void change_small(struct world *world)
{
	world_service(world, "ns/one", "c=192.0.2.7,2001:db8::7");
	world_service(world, "other/three", "c=192.0.2.3");
	world_gone(world, "ns/two");
}

/* The places move too: all is built again. */
static void change_all(struct world *world)
{
	change_small(world);
	world_cluster(world, "d", "rb: zb", READY_TRUE, 0);
}

/* Publish with the n-th allocation failing. True: it did not come to it, all is published. */
static bool publish_failing(struct world *world, size_t n)
{
	nomem_fail_at(n);
	enum err err = zone_update(world->zone, world->model, 1, &world->findings, &world->why);
	bool failed = nomem_failed();
	nomem_fail_at(0);
	if (!failed) {
		assert_int_equal(err, ERR_OK);
		return true;
	}
	/* Some allocations only make things smaller: then their failure doesn't show. */
	assert_true(err == ERR_NOMEM || err == ERR_OK);
	if (err == ERR_NOMEM) {
		assert_non_null(strstr(world->why.text, "no memory"));
		assert_string_equal(world_ask(world, ONE, TYPE_A), OLD);
	}
	return false;
}

static void every_allocation_may_fail(void (*change)(struct world *world), size_t failures_min)
{
	size_t n = 1;
	for (;; n++) {
		struct world world;
		world_begin(&world);
		change(&world);
		assert_int_equal(
			model_commit(world.model, COMMIT_CHANGES, world.now_ms, &world.findings, &world.why),
			ERR_OK);
		bool done = publish_failing(&world, n);
		world_publish(&world);
		assert_string_equal(world_ask(&world, ONE, TYPE_A),
		                    "NOERROR aa; " ONE " A 192.0.2.7; ; ; ");
		assert_string_equal(world_ask(&world, "two.ns.fed.svc.example", TYPE_A),
		                    "NXDOMAIN aa; ; example. SOA; ; ");
		assert_string_equal(world_ask(&world, "other.fed.svc.ra.example", TYPE_A),
		                    "NOERROR aa; ; example. SOA; ; ");
		world_clear(&world);
		if (done)
			break;
	}
	assert_true(n > failures_min);
}

static void a_small_change(void **state)
{
	(void)state;
	every_allocation_may_fail(change_small, 5);
}

static void a_change_of_places(void **state)
{
	(void)state;
	every_allocation_may_fail(change_all, 15);
}

static void starting(void **state)
{
	(void)state;
	for (size_t n = 1;; n++) {
		nomem_fail_at(n);
		struct zone *zone = zone_new(2, 1);
		bool failed = nomem_failed();
		nomem_fail_at(0);
		assert_true(failed == (zone == NULL));
		zone_free(zone);
		if (!failed) {
			assert_true(n > 3);
			break;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_change),
		cmocka_unit_test(a_change_of_places),
		cmocka_unit_test(starting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* zone_update: serials, what is worth publishing, and what happens at the limits. */
#include "world.h"

#include "check.h"

#include "cell.h"

#include <stdio.h>
#include <string.h>

static struct world world;

static int set_up(void **state)
{
	(void)state;
	world_init(&world);
	world_cluster(&world, "c", "ra: za", READY_TRUE, 0);
	world_service(&world, "ns/one", "c=192.0.2.1");
	world_commit(&world, COMMIT_REPLACE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_clear(&world);
	return 0;
}

static struct zone_stats stats(void)
{
	struct zone_stats out;
	zone_stats(world.zone, &out);
	return out;
}

static enum err update(uint32_t serial_hint)
{
	return zone_update(world.zone, world.model, serial_hint, &world.findings, &world.why);
}

static void change(const char *ingresses)
{
	world_service(&world, "ns/one", ingresses);
	assert_int_equal(
		model_commit(world.model, COMMIT_CHANGES, world.now_ms, &world.findings, &world.why),
		ERR_OK);
}

/* RFC 1982: the hint where it is later, else one more; never backwards, also past 2^32. */
static void serials_only_go_forward(void **state)
{
	(void)state;
	const struct {
		uint32_t hint, serial;
	} steps[] = {
		{100, 100}, {100, 101},      {7, 102}, {2000000000, 2000000000}, {4000000000u, 4000000000u},
		{5, 5},     {4000000000u, 6}};
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		change(i % 2 == 0 ? "c=192.0.2.2" : "c=192.0.2.1");
		assert_int_equal(update(steps[i].hint), ERR_OK);
		assert_int_equal(stats().serial, steps[i].serial);
	}
}

static void what_changes_no_answer_is_not_published(void **state)
{
	(void)state;
	uint32_t serial = stats().serial;
	assert_int_equal(update(serial + 100), ERR_OK);
	assert_int_equal(stats().serial, serial);
	/* Listed now and unhealthy, by a cluster without addresses: a change of the model only. */
	change("c=192.0.2.1 d=");
	assert_int_equal(model_changes(world.model).service_count, 1);
	assert_int_equal(update(serial + 100), ERR_OK);
	assert_int_equal(stats().serial, serial);
	assert_int_equal(model_changes(world.model).service_count, 0);
}

static void held_roots_put_a_publish_off(void **state)
{
	(void)state;
	(void)zone_enter(world.zone, 0);
	enum err err = ERR_OK;
	unsigned count = 0;
	for (; err == ERR_OK && count <= RETIRED_MAX; count++) {
		change(count % 2 == 0 ? "c=192.0.2.2" : "c=192.0.2.1");
		err = update(1);
	}
	assert_int_equal(err, ERR_AGAIN);
	assert_int_equal(count, RETIRED_MAX + 1);
	zone_leave(world.zone, 0);
	assert_int_equal(update(1), ERR_OK);
	assert_int_equal(zone_sweep(world.zone), 0);
	assert_int_equal(model_changes(world.model).service_count, 0);
}

/* --- limits ------------------------------------------------------------------------------- */

static void places_make(unsigned clusters)
{
	for (unsigned c = 0; c < clusters; c++) {
		char name[16], place[64];
		(void)snprintf(name, sizeof name, "p%u", c);
		(void)snprintf(place, sizeof place, "r%u: a, b, c", c);
		world_cluster(&world, name, place, READY_TRUE, 0);
	}
}

/* `count` addresses in each of `clusters` clusters that nobody knows. */
static void service_make(const char *name, unsigned clusters, unsigned count)
{
	static char ingresses[256 * 1024];
	size_t used = 0;
	ingresses[0] = '\0';
	for (unsigned c = 0; c < clusters; c++) {
		used += (size_t)snprintf(ingresses + used, sizeof ingresses - used, " x%u=", c);
		for (unsigned i = 0; i < count; i++)
			used +=
				(size_t)snprintf(ingresses + used, sizeof ingresses - used, "10.%u.0.%u,", c, i);
	}
	world_service_with(&world, name, ingresses, 0, FALLBACK_FLATTEN, ALL_DOWN_DEFAULT);
}

static const char *ask(const char *name)
{
	const char *answer = world_ask(&world, name, TYPE_A);
	return strncmp(answer, "NXDOMAIN", 8) == 0 ? "none" : strstr(answer, "10.0.0.") ? "new" : "old";
}

/* One service with an address for every place and cluster that it could think of. */
static void a_service_above_its_limit_holds_up_nobody(void **state)
{
	(void)state;
	places_make(50);
	service_make("evil/huge", 98, 64);
	world_service(&world, "ns/one", "c=10.0.0.1");
	world.finding_count = 0;
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(ask("one.ns.fed.svc.example"), "new");
	assert_string_equal(ask("huge.evil.fed.svc.example"), "none");
	assert_int_equal(world.last_finding.reason, FINDING_LIMIT);
	assert_non_null(strstr(world.last_finding.text, "more than 20000"));
	/* What grows beyond it stays as it was. */
	service_make("ns/one", 98, 64);
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(ask("one.ns.fed.svc.example"), "new");
	assert_int_equal(stats().services, 1);
}

static void a_full_zone_takes_what_fits_and_the_rest_when_there_is_room(void **state)
{
	(void)state;
	char name[32];
	unsigned count = 0;
	places_make(50); /* 203 places */
	for (; count < 60; count++) {
		(void)snprintf(name, sizeof name, "evil/s%02u", count);
		service_make(name, 2, 48); /* 96 addresses at each */
	}
	world_commit(&world, COMMIT_CHANGES);
	assert_in_range(stats().records, RECORDS_MAX - 96 * 203, RECORDS_MAX);
	assert_string_equal(ask("s59.evil.fed.svc.example"), "none");
	/* A change of the same size goes through, and so does a small newcomer. */
	world_service(&world, "ns/one", "c=10.0.0.1");
	world_service(&world, "ns/two", "c=10.0.0.2");
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(ask("one.ns.fed.svc.example"), "new");
	assert_string_equal(ask("two.ns.fed.svc.example"), "new");
	for (unsigned i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof name, "evil/s%02u", i);
		world_gone(&world, name);
	}
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(ask("s59.evil.fed.svc.example"), "new");
	assert_string_equal(ask("s00.evil.fed.svc.example"), "none");
	assert_int_equal(stats().services, 42);
	assert_true(stats().records <= RECORDS_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(serials_only_go_forward),
		TEST(what_changes_no_answer_is_not_published),
		TEST(held_roots_put_a_publish_off),
		TEST(a_service_above_its_limit_holds_up_nobody),
		TEST(a_full_zone_takes_what_fits_and_the_rest_when_there_is_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

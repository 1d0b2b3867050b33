/* What changes under health's feet: the wall clock is set, and between the model's change and the
 * look at it results go on. */
#include "health_internal.h"
#include "scene.h"

static struct scene scene;

static int set_up(void **state)
{
	(void)state;
	scene_begin(&scene);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scene_clear(&scene);
	return 0;
}

static void result(uint32_t id, bool good, int64_t now_ms)
{
	(void)health_result(scene.health, id, good, good ? "" : "no", now_ms);
}

static bool is_out(uint32_t id)
{
	return target_at(&scene.health->targets, id)->out;
}

#define HOUR 3600000

/* It was failing when the clock went back: it goes out at its `fall`-th all the same. */
static void what_fails_as_the_clock_goes_back_goes_out(void **state)
{
	(void)state;
	int64_t now_ms = scene.world.now_ms;
	result(0, true, now_ms);
	result(1, true, now_ms);
	result(0, false, now_ms + 5000);
	result(1, true, now_ms + 5001);
	now_ms -= HOUR;
	for (int i = 1; i < 4; i++) {
		result(0, false, now_ms + 5000 * i);
		result(1, true, now_ms + 5000 * i + 1);
	}
	assert_true(is_out(0));
}

/* All was dark a while ago: what fails after the clock went back is not forgiven for an hour. */
static void what_was_dark_forgives_nothing_after_it(void **state)
{
	(void)state;
	int64_t now_ms = scene.world.now_ms;
	result(0, true, now_ms);
	result(1, true, now_ms);
	now_ms += 20000; /* a silence */
	result(0, true, now_ms);
	result(1, true, now_ms);
	assert_true(scene.health->dark_ms != 0);
	now_ms -= HOUR;
	for (int i = 1; i < 6; i++) {
		result(0, false, now_ms + 5000 * i);
		result(1, true, now_ms + 5000 * i + 1);
	}
	assert_true(is_out(0));
}

/* The proof of before is no proof after it. */
static void a_proof_from_before_is_none(void **state)
{
	(void)state;
	int64_t now_ms = scene.world.now_ms;
	result(0, true, now_ms);
	result(1, true, now_ms);
	now_ms -= HOUR;
	for (int i = 1; i < 6; i++) {
		result(0, false, now_ms + 5000 * i);
		result(1, false, now_ms + 5000 * i + 1);
	}
	assert_false(is_out(0));
	assert_false(is_out(1));
}

/* The model is committed, a result comes, and only then it is looked at. */
static void a_cluster_may_be_gone_before_the_look(void **state)
{
	(void)state;
	struct world *world = &scene.world;
	scene_cluster(&scene, "c", "rc", READY_TRUE);
	scene_service(&scene, "web", "a=192.0.2.1 c=192.0.2.3", ALL_DOWN_DEFAULT);
	for (uint32_t id = 0; id < 3; id++)
		result(id, true, world->now_ms);
	world_service(world, "ns/web", "a=192.0.2.1");
	assert_int_equal(model_stage_cluster_gone(world->model, bytes_of("c"), &world->why), ERR_OK);
	assert_int_equal(
		model_commit(world->model, COMMIT_CHANGES, world->now_ms, &world->findings, &world->why),
		ERR_OK);
	bool changed;
	for (uint32_t id = 0; id < 3; id++)
		result(id, false, world->now_ms + 1);
	(void)health_tick(scene.health, world->now_ms + 1, &changed);
}

/* Another service under the id of one that is gone. */
static void a_service_inherits_nothing_of_its_id(void **state)
{
	(void)state;
	struct world *world = &scene.world;
	scene.policy.probe = PROBE_HTTP;
	scene.policy.path = "/";
	scene.policy.global = "fed.svc.example.net";
	scene_reload(&scene);
	int64_t now_ms = world->now_ms;
	for (uint32_t id = 0; id < 4; id++) {
		const struct target *target = target_at(&scene.health->targets, id);
		if (target != NULL)
			result(id, target->spec.address.octets[3] == 2, now_ms);
	}
	world_gone(world, "ns/web");
	assert_int_equal(
		model_commit(world->model, COMMIT_CHANGES, world->now_ms, &world->findings, &world->why),
		ERR_OK);
	world_service(world, "ns/other", "a=192.0.2.1 b=192.0.2.2");
	assert_int_equal(
		model_commit(world->model, COMMIT_CHANGES, world->now_ms, &world->findings, &world->why),
		ERR_OK);
	const struct model_changes changes = model_changes(world->model);
	assert_int_equal(health_look(scene.health, &changes, now_ms, &world->why), ERR_OK);
	const struct verdict *verdicts;
	assert_int_equal(model_verdicts(world->model, 0, &verdicts), 0);
}

/* A hold goes on for as long as it had to, and an approval's minute is a minute. */
static void a_hold_and_a_minute_last_as_long_as_ever(void **state)
{
	(void)state;
	bool changed;
	int64_t now_ms = scene.world.now_ms;
	scene.policy.failback = FAILBACK_HOLD;
	scene_reload(&scene);
	result(0, false, now_ms);
	result(1, true, now_ms);
	result(0, true, now_ms + 5000);
	result(0, true, now_ms + 10000);
	assert_true(is_out(0));
	now_ms -= HOUR;
	(void)health_tick(scene.health, now_ms, &changed);
	assert_true(health_next(scene.health) <= now_ms + scene.policy.hold_ms);
	(void)health_tick(scene.health, now_ms + scene.policy.hold_ms, &changed);
	assert_false(is_out(0));
}

/* Clocks of virtual machines are set by a little again and again. */
static void a_step_of_less_than_a_second_is_waited_out(void **state)
{
	(void)state;
	int64_t now_ms = scene.world.now_ms;
	result(0, true, now_ms);
	result(0, true, now_ms - 999);
	assert_true(scene.health->proof_ms == now_ms);
	result(0, true, now_ms + 1);
	assert_true(scene.health->proof_ms == now_ms + 1);
}

/* A day ahead: nothing goes for that alone. */
static void a_day_ahead_takes_nobody_out(void **state)
{
	(void)state;
	int64_t now_ms = scene.world.now_ms;
	result(0, true, now_ms);
	result(1, true, now_ms);
	result(0, false, now_ms + 5000);
	result(0, false, now_ms + 10000);
	now_ms += 24 * HOUR;
	result(1, true, now_ms);
	result(0, false, now_ms);
	assert_false(is_out(0));
	for (int i = 1; i < 4; i++) {
		result(1, true, now_ms + 5000 * i);
		result(0, false, now_ms + 5000 * i);
	}
	assert_true(is_out(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_fails_as_the_clock_goes_back_goes_out, set_up,
	                                    tear_down),
		cmocka_unit_test_setup_teardown(what_was_dark_forgives_nothing_after_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_proof_from_before_is_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_hold_and_a_minute_last_as_long_as_ever, set_up,
	                                    tear_down),
		cmocka_unit_test_setup_teardown(a_step_of_less_than_a_second_is_waited_out, set_up,
	                                    tear_down),
		cmocka_unit_test_setup_teardown(a_day_ahead_takes_nobody_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_service_inherits_nothing_of_its_id, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_cluster_may_be_gone_before_the_look, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

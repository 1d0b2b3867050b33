/* Memory that runs out: whichever allocation fails, nothing breaks, what was told stands, and once
 * there is memory again all is as it should be, by itself. */
#include "health_internal.h"
#include "nomem.h"
#include "scene.h"

#include <stdio.h>
#include <string.h>

#define FAILURES_MAX 500

static struct scene scene;

static void begin(void)
{
	memset(&scene, 0, sizeof scene);
	scene_init(&scene);
	scene_cluster(&scene, "a", "ra", READY_TRUE);
	scene_cluster(&scene, "b", "rb", READY_TRUE);
	scene_service(&scene, "web", "a=192.0.2.1,192.0.2.3 b=192.0.2.2", ALL_DOWN_DEFAULT);
	scene_service(&scene, "api", "a=192.0.2.1 b=192.0.2.4", ALL_DOWN_DEFAULT);
	scene_pass(&scene, scene.world.now_ms + 1000);
}

static void retry(void)
{
	bool changed;
	for (int i = 0; i < 2 && health_next(scene.health) != INT64_MAX; i++)
		(void)health_tick(scene.health, health_next(scene.health), &changed);
	assert_int_equal(scene.health->retry_ms, 0);
}

static void uses_check(size_t links)
{
	size_t uses = 0, targets = 0;
	for (uint32_t id = 0; id < scene.health->targets.limit; id++) {
		const struct target *target = target_at(&scene.health->targets, id);
		uses += target == NULL ? 0 : target->use_count;
		targets += target != NULL;
		if (target != NULL)
			assert_true(target->use_count > 0 && target->probed && scene.targets[id].used);
	}
	assert_int_equal(uses, links);
	assert_int_equal(scene.health->link_count, links);
	assert_int_equal(scene.health->targets.count, targets);
}

static void looking(void)
{
	const struct model_changes changes = model_changes(scene.world.model);
	enum err err = health_look(scene.health, &changes, scene.world.now_ms, &scene.world.why);
	assert_true(err == ERR_OK || (err == ERR_NOMEM && scene.health->retry_ms != 0));
}

static void stage(const char *name, const char *ingresses)
{
	world_service(&scene.world, name, ingresses);
	assert_int_equal(model_commit(scene.world.model, COMMIT_CHANGES, scene.world.now_ms,
	                              &scene.world.findings, &scene.world.why),
	                 ERR_OK);
}

/* A service that changes, of which one address stays, and a new one. */
static void a_look_is_made_up_for(void **state)
{
	(void)state;
	for (size_t n = 1; n < FAILURES_MAX; n++) {
		begin();
		stage("ns/web", "a=192.0.2.1,192.0.2.7,192.0.2.8 b=192.0.2.9,192.0.2.2");
		stage("ns/new", "a=192.0.2.1,192.0.2.20 b=192.0.2.21");
		nomem_fail_at(n);
		looking();
		bool failed = nomem_failed();
		nomem_fail_at(0);
		uses_check(scene.health->link_count);
		retry();
		uses_check(5 + 2 + 3);
		scene_settle(&scene);
		scene_clear(&scene);
		if (!failed)
			return;
	}
	fail();
}

static void another_policy(void)
{
	struct health_policy policy = scene.policy;
	policy.port = 81;
	policy.path = "/x";
	enum err err = health_set_policy(scene.health, &policy, scene.world.now_ms, &scene.world.why);
	assert_true(err == ERR_OK || err == ERR_NOMEM);
}

static void a_policy_is_made_up_for(void **state)
{
	(void)state;
	for (size_t n = 1; n < FAILURES_MAX; n++) {
		begin();
		nomem_fail_at(n);
		another_policy();
		bool failed = nomem_failed();
		nomem_fail_at(0);
		uses_check(5);
		retry();
		uses_check(5);
		scene_settle(&scene);
		scene_clear(&scene);
		if (!failed)
			return;
	}
	fail();
}

/* What a probe found is in the answers in the end, though it could not be told at once. */
static void a_result_is_made_up_for(void **state)
{
	(void)state;
	for (size_t n = 1; n < FAILURES_MAX; n++) {
		const struct verdict *verdicts;
		bool changed;
		begin();
		nomem_fail_at(n);
		for (int64_t i = 1; i <= 3; i++) {
			(void)health_result(scene.health, 0, false, "no", scene.world.now_ms + i);
			(void)health_result(scene.health, 1, true, "", scene.world.now_ms + i);
			(void)health_tick(scene.health, scene.world.now_ms + i, &changed);
		}
		bool failed = nomem_failed();
		nomem_fail_at(0);
		retry();
		for (uint32_t id = 0; id < 2; id++) {
			assert_int_equal(model_verdicts(scene.world.model, id, &verdicts), 1);
			assert_true(verdicts[0].out);
		}
		scene_settle(&scene);
		scene_clear(&scene);
		if (!failed)
			return;
	}
	fail();
}

static void an_order_is_given_or_not(void **state)
{
	(void)state;
	for (size_t n = 1; n < FAILURES_MAX; n++) {
		const struct verdict *verdicts;
		struct health_order have, order = {.kind = ORDER_DRAIN, .cluster = bytes_of("a")};
		begin();
		scene.policy.probe = PROBE_NONE; /* those have no lists of their own */
		scene_reload(&scene);
		order.since_ms = scene.world.now_ms;
		nomem_fail_at(n);
		enum err err = health_order(scene.health, &order, scene.world.now_ms, &scene.world.why);
		bool failed = nomem_failed();
		nomem_fail_at(0);
		assert_true(err == ERR_OK || err == ERR_NOMEM);
		assert_true(health_orders(scene.health, 0, &have) == (err == ERR_OK));
		retry();
		assert_int_equal(model_verdicts(scene.world.model, 0, &verdicts), err == ERR_OK ? 2 : 0);
		scene_settle(&scene);
		scene_clear(&scene);
		if (!failed)
			return;
	}
	fail();
}

static void a_life_begins_or_not(void **state)
{
	(void)state;
	begin();
	for (size_t n = 1; n < FAILURES_MAX; n++) {
		struct health_setup setup = scene.health->setup;
		struct health *health;
		nomem_fail_at(n);
		enum err err = health_new(&setup, &health, &scene.world.why);
		bool failed = nomem_failed();
		nomem_fail_at(0);
		assert_true((err == ERR_OK) == !failed && (health != NULL) == !failed);
		health_free(health);
		if (!failed) {
			scene_clear(&scene);
			return;
		}
	}
	fail();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_look_is_made_up_for),   cmocka_unit_test(a_policy_is_made_up_for),
		cmocka_unit_test(a_result_is_made_up_for), cmocka_unit_test(an_order_is_given_or_not),
		cmocka_unit_test(a_life_begins_or_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

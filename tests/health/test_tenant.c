/* Namespaces: found again by their labels as long as they have something, and no one of them fills
 * the table of targets. Their shares of max_withdraw are told by the stories (withdraw-...). */
#include "health_internal.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES 1000

static uint32_t get(struct tenants *tenants, unsigned n, int64_t now_ms)
{
	char label[32];
	uint32_t id;
	(void)snprintf(label, sizeof label, "namespace-%u", n);
	assert_int_equal(tenant_get(tenants, bytes_of(label), now_ms, &id), ERR_OK);
	assert_true(bytes_equal(tenant_label(tenant_at(tenants, id)), bytes_of(label)));
	return id;
}

static void each_is_found_again(void **state)
{
	(void)state;
	static uint32_t ids[NAMES];
	struct tenants tenants = {.seed = 5};
	for (unsigned n = 0; n < NAMES; n++) {
		ids[n] = get(&tenants, n, 1000);
		tenant_at(&tenants, ids[n])->links = 1 + n;
	}
	assert_int_equal(tenants.count, NAMES);
	for (unsigned n = 0; n < NAMES; n++) {
		assert_int_equal(get(&tenants, n, 1000), ids[n]);
		assert_int_equal(tenant_at(&tenants, ids[n])->links, 1 + n);
	}
	tenants_free(&tenants);
}

/* A namespace that comes and goes must not be another one each time, with a budget of its own. */
static void who_has_lost_lately_is_kept(void **state)
{
	(void)state;
	struct tenants tenants = {.seed = 5};
	uint32_t lost = get(&tenants, 0, 1000), asks = get(&tenants, 1, 1000);
	budget_spend(&tenant_at(&tenants, lost)->budget, 3, 1000);
	tenant_at(&tenants, asks)->targets = 1;
	for (unsigned n = 2; n < NAMES; n++)
		(void)get(&tenants, n, 30000);
	assert_true(tenants.room < NAMES / 2); /* the others had nothing */
	assert_int_equal(get(&tenants, 0, 30000), lost);
	assert_int_equal(get(&tenants, 1, 30000), asks);
	assert_int_equal(budget_lost(&tenant_at(&tenants, lost)->budget, 30000), 3);
	for (unsigned n = 2; n < NAMES; n++)
		(void)get(&tenants, n, 120000);
	(void)get(&tenants, 0, 120000);
	assert_int_equal(tenant_at(&tenants, get(&tenants, 1, 120000))->targets, 1);
	tenants_free(&tenants);
}

static void the_largest_has_most_targets(void **state)
{
	(void)state;
	struct tenants tenants = {.seed = 5};
	assert_int_equal(tenant_largest(&tenants), TENANT_NONE);
	for (unsigned n = 0; n < 20; n++)
		tenant_at(&tenants, get(&tenants, n, 1000))->targets = n == 7 ? 100 : n;
	assert_int_equal(tenant_largest(&tenants), get(&tenants, 7, 1000));
	tenants_free(&tenants);
}

/* --- targets ------------------------------------------------------------------------------ */

static struct scene scene;

/* Told as the daemon tells it. */
static enum err stage(const char *name, const char *ingresses)
{
	world_service(&scene.world, name, ingresses);
	assert_int_equal(model_commit(scene.world.model, COMMIT_CHANGES, scene.world.now_ms,
	                              &scene.world.findings, &scene.world.why),
	                 ERR_OK);
	const struct model_changes changes = model_changes(scene.world.model);
	enum err err = health_look(scene.health, &changes, scene.world.now_ms, &scene.world.why);
	model_changes_taken(scene.world.model);
	return err;
}

static void one_namespace_leaves_room_for_the_others(void **state)
{
	(void)state;
	char name[32], ingresses[64];
	bool changed;
	unsigned taken = 0;
	scene_init(&scene);
	scene_cluster(&scene, "a", "ra", READY_TRUE);
	scene.health->targets_max = 400;
	for (unsigned i = 0; i < 400; i++) {
		(void)snprintf(name, sizeof name, "greedy/s%u", i);
		(void)snprintf(ingresses, sizeof ingresses, "a=10.0.%u.%u", i / 250, 1 + i % 250);
		taken += stage(name, ingresses) == ERR_OK;
	}
	assert_int_equal(taken, 300);
	assert_string_equal(scene.world.why.text,
	                    "service greedy/s399 is not probed, nor are others maybe: of 400 different "
	                    "addresses and ports to probe namespace greedy alone has 300");
	/* what is there already costs nothing, and others have room for a few */
	assert_int_equal(stage("greedy/shared", "a=10.0.0.1"), ERR_OK);
	assert_int_equal(stage("modest/web", "a=192.0.2.1"), ERR_OK);
	assert_int_equal(stage("modest/api", "a=192.0.2.2"), ERR_OK);
	assert_int_equal(stage("modest/more", "a=192.0.2.3"), ERR_LIMIT);
	assert_int_equal(scene.health->targets.count, 302);
	/* once there is room again, they are probed without being told of again */
	assert_int_equal(stage("greedy/s0", ""), ERR_OK);
	assert_int_equal(scene.health->targets.count, 302); /* greedy/shared has it still */
	for (unsigned i = 1; i < 4; i++) {
		(void)snprintf(name, sizeof name, "greedy/s%u", i);
		assert_int_equal(stage(name, ""), ERR_OK);
	}
	assert_int_equal(scene.health->targets.count, 299);
	scene.world.now_ms += REFUSED_RETRY_MS;
	assert_true(health_next(scene.health) <= scene.world.now_ms);
	(void)health_tick(scene.health, scene.world.now_ms, &changed);
	assert_int_equal(scene.health->targets.count, 300);
	scene_clear(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found_again),
		cmocka_unit_test(who_has_lost_lately_is_kept),
		cmocka_unit_test(the_largest_has_most_targets),
		cmocka_unit_test(one_namespace_leaves_room_for_the_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What health.h promises beside what stories tell: views, totals, ticks, hostile input, many at
 * random, and what a target costs. */
#include "health_internal.h"
#include "scene.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	assert_string_equal(scene.broken, "");
	return 0;
}

static void bad_make(struct scene *of, struct scene_host *host, void *arg)
{
	(void)of;
	host->bad = *(const bool *)arg;
}

static void set_bad(const char *who, bool bad)
{
	scene_hosts(&scene, who, bad_make, &bad);
}

static void pass(int64_t ms)
{
	scene_pass(&scene, scene.world.now_ms + ms);
}

static struct health_view view_of(const char *cluster, const char *text)
{
	struct health_view view;
	struct address address;
	struct why why;
	assert_int_equal(address_parse(bytes_of(text), &address, &why), ERR_OK);
	health_view(scene.health, 0, world_cluster_id(&scene.world, cluster), &address, &view);
	return view;
}

static void a_view_tells_state_reason_and_age(void **state)
{
	(void)state;
	struct health_view view = view_of("a", "192.0.2.1");
	assert_true(view.probed);
	assert_int_equal(view.state, HEALTH_UNKNOWN);
	assert_int_equal(view.result_ms, 0);
	assert_int_equal(view.target->port, 80);
	set_bad("192.0.2.1", true);
	pass(1000);
	view = view_of("a", "192.0.2.1");
	assert_int_equal(view.state, HEALTH_UNHEALTHY);
	assert_int_equal(view.reason, REASON_PROBE_BAD);
	assert_true(view.out);
	assert_int_equal(view.bad, 1);
	assert_int_equal(view.since_ms, scene.begin_ms + 1);
	assert_int_equal(view.result_ms, scene.begin_ms + 1);
	assert_string_equal(view.why, "connection refused");
	view = view_of("b", "192.0.2.2");
	assert_int_equal(view.state, HEALTH_HEALTHY);
	assert_false(view.out);
	assert_string_equal(view.why, "");
	view = view_of("b", "192.0.2.1"); /* not listed there */
	assert_false(view.probed);
	assert_false(view.out);
}

static void a_view_tells_when_a_hold_is_over(void **state)
{
	(void)state;
	scene.policy.failback = FAILBACK_HOLD;
	scene_reload(&scene);
	set_bad("192.0.2.1", true);
	pass(1000);
	set_bad("192.0.2.1", false);
	pass(10000);
	struct health_view view = view_of("a", "192.0.2.1");
	assert_int_equal(view.reason, REASON_HOLD);
	assert_int_equal(view.next_ms, scene.begin_ms + 10001 + 60000);
	assert_true(health_next(scene.health) == view.next_ms);
}

static void results_of_nobody_are_passed_over(void **state)
{
	(void)state;
	assert_false(health_result(scene.health, 2, true, "", scene.world.now_ms));
	assert_false(health_result(scene.health, TARGET_NONE, false, "x", scene.world.now_ms));
	assert_false(health_result(scene.health, HEALTH_TARGETS_MAX, false, "x", scene.world.now_ms));
	scene_service_gone(&scene, "web");
	assert_false(health_result(scene.health, 0, true, "", scene.world.now_ms));
}

static void changes_are_told_once_and_only_if_there_are_any(void **state)
{
	(void)state;
	int64_t now_ms = scene.world.now_ms;
	bool changed;
	pass(1000);
	now_ms += 2000;
	assert_false(health_result(scene.health, 1, true, "", now_ms));
	assert_true(health_result(scene.health, 0, false, "no", now_ms)); /* unsteady */
	scene_settle(&scene);
	assert_false(health_result(scene.health, 0, false, "no", now_ms + 1));
	assert_false(health_result(scene.health, 1, true, "", now_ms + 2));
	assert_true(
		health_result(scene.health, 0, false, "no", now_ms + 3)); /* suspected, and steady? */
	scene.world.now_ms = now_ms + 4;
	scene_settle(&scene); /* as before a publish */
	(void)health_tick(scene.health, now_ms + 5, &changed);
	assert_false(changed);
}

/* Of many moves of a service before a publish the model hears once. */
static void many_moves_are_told_together(void **state)
{
	(void)state;
	const struct verdict *verdicts;
	int64_t now_ms = scene.world.now_ms;
	assert_true(health_result(scene.health, 0, true, "", now_ms));
	assert_false(health_result(scene.health, 1, true, "", now_ms)); /* it is to be told already */
	assert_false(health_result(scene.health, 0, false, "no", now_ms + 1));
	assert_int_equal(model_verdicts(scene.world.model, 0, &verdicts), 0);
	assert_int_equal(scene.health->stale_count, 1);
	assert_true(health_next(scene.health) <= now_ms + 1);
	scene.world.now_ms = now_ms + 1;
	scene_settle(&scene);
	assert_int_equal(model_verdicts(scene.world.model, 0, &verdicts), 1);
	assert_true(verdicts[0].unsteady);
}

/* A clock that is set back makes nothing worse than late. */
static void a_clock_set_back_is_survived(void **state)
{
	(void)state;
	scene.policy.failback = FAILBACK_HOLD;
	scene_reload(&scene);
	for (int i = 0; i < 50; i++) {
		bool changed;
		int64_t now_ms = scene.world.now_ms + (i % 5 == 3 ? -100000 : i * 3000);
		(void)health_result(scene.health, 0, i % 7 > 3, "x", now_ms);
		(void)health_result(scene.health, 1, i % 11 > 3, "x", now_ms + 1);
		(void)health_tick(scene.health, now_ms, &changed);
	}
	for (int i = 0; i < 10; i++) {
		(void)health_result(scene.health, 0, true, "", scene.world.now_ms + 1000000 + i);
		(void)health_result(scene.health, 1, true, "", scene.world.now_ms + 1000000 + i);
	}
	bool changed;
	(void)health_tick(scene.health, scene.world.now_ms + 2000000, &changed);
	assert_false(view_of("a", "192.0.2.1").out);
	assert_false(view_of("b", "192.0.2.2").out);
	scene_settle(&scene);
}

/* By another check, and before its first result. */
static void who_begins_as_unhealthy_is_so_since_it_went_out(void **state)
{
	(void)state;
	set_bad("192.0.2.1", true);
	pass(1000);
	scene.policy.failback = FAILBACK_MANUAL;
	scene.policy.port = 81;
	scene_reload(&scene);
	struct health_view view = view_of("a", "192.0.2.1");
	assert_int_equal(view.target->port, 81);
	assert_int_equal(view.result_ms, 0);
	assert_int_equal(view.state, HEALTH_UNHEALTHY);
	assert_in_range(view.since_ms, scene.begin_ms + 1, scene.begin_ms + 999);
	assert_int_equal(view.reason, REASON_PROBE_BAD);
	assert_true(view.out);
}

/* Nor is one that was out when the policy came; orders hold for them all the same. */
static void some_are_never_asked(void **state)
{
	(void)state;
	set_bad("192.0.2.1", true);
	pass(1000);
	assert_true(view_of("a", "192.0.2.1").out);
	assert_int_equal(prefix_parse(bytes_of("192.0.2.1"), &scene.policy.never[0], &scene.world.why),
	                 ERR_OK);
	scene.policy.never_count = 1;
	scene_reload(&scene);
	assert_int_equal(scene.turn_end - scene.turn_first, 1);
	assert_false(view_of("a", "192.0.2.1").out);
	assert_false(view_of("a", "192.0.2.1").probed);
	pass(20000);
	assert_false(view_of("a", "192.0.2.1").out);
	const struct health_order order = {.kind = ORDER_DRAIN, .cluster = bytes_of("a")};
	assert_int_equal(health_order(scene.health, &order, scene.world.now_ms, &scene.world.why),
	                 ERR_OK);
	assert_true(view_of("a", "192.0.2.1").out);
	scene.policy.never_count = 0;
	scene_reload(&scene);
	assert_int_equal(scene.turn_end - scene.turn_first, 2);
	assert_true(view_of("a", "192.0.2.1").probed);
	scene_service_gone(&scene, "web");
	assert_int_equal(scene.health->targets.count, 0);
}

static void sentences_are_cut(void **state)
{
	(void)state;
	char why[1000];
	memset(why, 'w', sizeof why - 1);
	why[sizeof why - 1] = '\0';
	(void)health_result(scene.health, 0, false, why, scene.world.now_ms);
	assert_int_equal(strlen(view_of("a", "192.0.2.1").why), TARGET_WHY_SIZE - 1);
	scene_settle(&scene);
}

/* What the prober can't take now it is asked to take again, until it does, or nobody wants it. */
static void a_target_that_is_not_taken_is_asked_for_again(void **state)
{
	(void)state;
	bool changed;
	scene.refuses = true;
	scene_service(&scene, "late", "a=192.0.2.7 b=192.0.2.8", ALL_DOWN_DEFAULT);
	int64_t again_ms = scene.health->ask_ms;
	assert_int_equal(again_ms, scene.world.now_ms + HEALTH_ASK_AGAIN_MS);
	assert_true(health_next(scene.health) <= again_ms);
	scene_pass(&scene, again_ms);
	(void)health_tick(scene.health, again_ms, &changed);
	assert_true(scene.health->ask_ms == again_ms + HEALTH_ASK_AGAIN_MS);
	scene_service(&scene, "late", "a=192.0.2.7", ALL_DOWN_DEFAULT);
	scene.refuses = false;
	scene_pass(&scene, scene.health->ask_ms + 10000);
	assert_int_equal(scene.health->ask_ms, 0);
	size_t probed = 0;
	for (uint32_t id = 0; id < scene.health->targets.limit; id++) {
		const struct target *target = target_at(&scene.health->targets, id);
		if (target == NULL)
			continue;
		assert_true(target->probed && scene.targets[id].used);
		probed++;
	}
	assert_int_equal(probed, scene.health->targets.count);
}

/* More addresses than the model takes verdicts of: the rest is not probed, and nothing breaks. */
static void a_service_of_too_many_addresses_is_probed_in_part(void **state)
{
	(void)state;
	enum { CLUSTERS = 100, EACH = 64, HOSTS = 2 };
	char *text = malloc(CLUSTERS * HOSTS * 24), *at = text, name[32];
	assert_non_null(text);
	for (unsigned c = 0; c < CLUSTERS; c++) {
		at += snprintf(at, 24, "%sk%u=", c == 0 ? "" : " ", c);
		for (unsigned h = 0; h < HOSTS; h++)
			at += snprintf(at, 24, "h%u.example.net,", h);
	}
	world_service(&scene.world, "ns/many", text);
	free(text);
	for (unsigned h = 0; h < HOSTS; h++) {
		char list[EACH * 20] = "";
		for (unsigned i = 0; i < EACH; i++)
			(void)snprintf(list + strlen(list), sizeof list - strlen(list), "10.1.%u.%u,", h,
			               i + 1);
		(void)snprintf(name, sizeof name, "h%u.example.net", h);
		if (h == 0)
			assert_int_equal(model_commit(scene.world.model, COMMIT_CHANGES, scene.world.now_ms,
			                              &scene.world.findings, &scene.world.why),
			                 ERR_OK);
		world_resolved(&scene.world, name, 4, list);
	}
	const struct model_changes changes = model_changes(scene.world.model);
	assert_int_equal(health_look(scene.health, &changes, scene.world.now_ms, &scene.world.why),
	                 ERR_OK);
	for (uint32_t id = 0; id < scene.target_room; id++)
		(void)health_result(scene.health, id, false, "no", scene.world.now_ms);
	(void)health_self_result(scene.health, 0, true, scene.world.now_ms + 1);
	bool changed;
	(void)health_tick(scene.health, scene.world.now_ms + 1, &changed);
	assert_true(changed);
	const struct verdict *verdicts;
	assert_int_equal(model_verdicts(scene.world.model, 1, &verdicts), VERDICTS_MAX);
	model_changes_taken(scene.world.model);
}

/* --- at random ---------------------------------------------------------------------------- */

static uint64_t random_next(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random >> 16;
}

static void random_service(uint64_t *random)
{
	char name[16], ingresses[128] = "";
	(void)snprintf(name, sizeof name, "r%u", (unsigned)(random_next(random) % 6));
	for (unsigned c = 0; c < 2; c++) {
		unsigned count = (unsigned)(random_next(random) % 4);
		size_t used = strlen(ingresses);
		(void)snprintf(ingresses + used, sizeof ingresses - used, "%s%c=", c == 0 ? "" : " ",
		               "ab"[c]);
		for (unsigned i = 0; i < count; i++) {
			used = strlen(ingresses);
			(void)snprintf(ingresses + used, sizeof ingresses - used, "%s192.0.2.%u",
			               i == 0 ? "" : ",", (unsigned)(1 + random_next(random) % 8));
		}
	}
	if (random_next(random) % 5 == 0)
		scene_service_gone(&scene, name);
	else
		scene_service(&scene, name, ingresses, ALL_DOWN_DEFAULT);
}

static void random_order(uint64_t *random)
{
	const struct health_order order = {.kind = (enum order_kind)(random_next(random) % 3),
	                                   .cluster = bytes_of(random_next(random) % 2 ? "a" : "b"),
	                                   .namespace = bytes_of("ns"),
	                                   .service = bytes_of("r1"),
	                                   .since_ms = scene.world.now_ms};
	enum err err =
		random_next(random) % 2
			? health_order(scene.health, &order, scene.world.now_ms, &scene.world.why)
			: health_order_end(scene.health, &order, scene.world.now_ms, &scene.world.why);
	assert_true(err == ERR_OK || err == ERR_MISSING);
	scene_settle(&scene);
}

static void random_step(uint64_t *random)
{
	char who[32];
	switch (random_next(random) % 10) {
	case 0:
	case 1:
		random_service(random);
		break;
	case 2:
		random_order(random);
		break;
	case 3:
		scene.cut = random_next(random) % 4 == 0;
		break;
	case 4:
		scene.policy.failback = (enum failback)(random_next(random) % 3);
		scene.policy.max_withdraw_percent = random_next(random) % 2 ? 100 : 20;
		scene.policy.port = (uint16_t)(80 + random_next(random) % 2);
		scene.policy.fall = (unsigned)(1 + random_next(random) % 3);
		scene_reload(&scene);
		break;
	case 5:
		(void)health_approve(scene.health, scene.world.now_ms);
		scene_settle(&scene);
		break;
	case 6:
		scene_cluster(&scene, "a", NULL, (enum ready)(random_next(random) % 3));
		break;
	default:
		(void)snprintf(who, sizeof who, "192.0.2.%u", (unsigned)(1 + random_next(random) % 8));
		set_bad(who, random_next(random) % 2 == 0);
	}
}

/* Counts that are kept are those that are counted; links and uses point at each other. */
static void books_check(const struct health *health)
{
	size_t links = 0, uses = 0, waiting[WAITS] = {0};
	for (uint32_t id = 0; id < health->service_room; id++) {
		const struct watched *watched = health->services[id];
		for (uint32_t i = 0; watched != NULL && i < watched->count; i++) {
			const struct link *link = &watched->links[i];
			const struct target *target = target_at(&health->targets, link->target);
			assert_non_null(target);
			assert_int_equal(target->uses[link->use].service, id);
			assert_int_equal(target->uses[link->use].link, i);
			links++;
		}
	}
	for (uint32_t id = 0; id < health->targets.limit; id++) {
		const struct target *target = target_at(&health->targets, id);
		if (target == NULL)
			continue;
		uses += target->use_count;
		waiting[target->wait]++;
		assert_true(target->use_count > 0 && target->probed);
		assert_true(target->machine.state != HEALTH_RECOVERING || target->out);
		assert_true(!target->out || target->machine.state != HEALTH_HEALTHY);
		assert_true(!target->out || target->machine.state != HEALTH_FAILING);
		assert_true((target->wait == WAIT_FAILBACK) == target->machine.risen);
		assert_true(target->machine.state != HEALTH_UNHEALTHY || target->out ||
		            target->wait == WAIT_PROOF || target->wait == WAIT_APPROVAL);
	}
	assert_int_equal(links, health->link_count);
	assert_int_equal(links, uses);
	for (unsigned wait = WAIT_PROOF; wait < WAITS; wait++)
		assert_int_equal(waiting[wait], health->targets.queues[wait].count);
}

static void anything_in_any_order_keeps_the_books(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		uint64_t random = seed * 0x9e3779b97f4a7c15u;
		if (seed > 1) {
			tear_down(NULL);
			set_up(NULL);
		}
		for (int step = 0; step < 150; step++) {
			random_step(&random);
			books_check(scene.health);
			pass((int64_t)(random_next(&random) % 8000));
			books_check(scene.health);
			if (scene.broken[0] != '\0')
				fail_msg("seed %u, step %d: %s", (unsigned)seed, step, scene.broken);
		}
	}
}

/* --- costs -------------------------------------------------------------------------------- */

/* Under a sanitizer malloc tells nothing: the blocks that one target has are added up. */
static void a_target_costs_less_than_1_kib(void **state)
{
	(void)state;
	enum { SERVICES = 1000 };
	const char *clusters[] = {"a", "b"};
	scene_services(&scene, "ns", 0, SERVICES, clusters, 2);
	const struct health *health = scene.health;
	size_t size = health->targets.room * (sizeof(struct target *) + sizeof(uint32_t)) +
	              health->targets.slot_room * sizeof(uint32_t) +
	              health->service_room * sizeof(struct watched *);
	for (uint32_t id = 0; id < health->targets.limit; id++) {
		const struct target *target = health->targets.at[id];
		size += sizeof *target + strlen(target->spec.path) + strlen(target->spec.host) + 2 +
		        target->use_room * sizeof(struct use) + 32; /* 32: of malloc, for both blocks */
	}
	for (uint32_t id = 0; id < health->service_room; id++) {
		if (health->services[id] != NULL)
			size += sizeof(struct watched) + health->services[id]->count * sizeof(struct link) + 16;
	}
	size_t each = size / health->targets.count;
	print_message("%zu octets a target\n", each);
	assert_in_range(each, 100, 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_view_tells_state_reason_and_age, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_view_tells_when_a_hold_is_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(results_of_nobody_are_passed_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(changes_are_told_once_and_only_if_there_are_any, set_up,
	                                    tear_down),
		cmocka_unit_test_setup_teardown(many_moves_are_told_together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_clock_set_back_is_survived, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_begins_as_unhealthy_is_so_since_it_went_out, set_up,
	                                    tear_down),
		cmocka_unit_test_setup_teardown(some_are_never_asked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sentences_are_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_target_that_is_not_taken_is_asked_for_again, set_up,
	                                    tear_down),
		cmocka_unit_test_setup_teardown(a_service_of_too_many_addresses_is_probed_in_part, set_up,
	                                    tear_down),
		cmocka_unit_test_setup_teardown(anything_in_any_order_keeps_the_books, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_target_costs_less_than_1_kib, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

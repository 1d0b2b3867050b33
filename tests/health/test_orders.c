/* What operators say: what is taken, what is refused, what is kept in which order. What it does to
 * answers is told by the stories. */
#include "health_internal.h"
#include "scene.h"

#include <stdio.h>
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
	return 0;
}

static struct health_order order_of(enum order_kind kind, const char *cluster,
                                    const char *namespace, const char *service)
{
	return (struct health_order){.kind = kind,
	                             .cluster = bytes_of(cluster),
	                             .namespace = bytes_of(namespace),
	                             .service = bytes_of(service),
	                             .since_ms = scene.world.now_ms};
}

static enum err give(const struct health_order *order)
{
	return health_order(scene.health, order, scene.world.now_ms, &scene.world.why);
}

static enum err end(const struct health_order *order)
{
	return health_order_end(scene.health, order, scene.world.now_ms, &scene.world.why);
}

static void what_makes_no_sense_is_refused(void **state)
{
	(void)state;
	static char long_name[300];
	memset(long_name, 'x', sizeof long_name - 1);
	const struct {
		struct health_order order;
		enum err err;
		const char *why;
	} cases[] = {
		{order_of(ORDER_DRAIN, "c", "", ""), ERR_MISSING, "no cluster c"},
		{order_of(ORDER_DRAIN, "A", "", ""), ERR_MISSING, "no cluster A"},
		{order_of(ORDER_DRAIN, "", "", ""), ERR_INVALID, "name"},
		{order_of(ORDER_DRAIN, long_name, "", ""), ERR_INVALID, "too long"},
		{order_of(ORDER_DRAIN, "a", "ns", long_name), ERR_INVALID, "too long"},
		{order_of(ORDER_DRAIN, "a", long_name, "web"), ERR_INVALID, "too long"},
		{order_of(ORDER_DRAIN, "a", "ns", "api"), ERR_MISSING, "no service ns/api"},
		{order_of(ORDER_DRAIN, "a", "n", "web"), ERR_MISSING, "no service n/web"},
		{order_of(ORDER_DRAIN, "a", "", "web"), ERR_INVALID, "NAMESPACE/NAME"},
		{order_of(ORDER_DRAIN, "a", "ns", ""), ERR_INVALID, "NAMESPACE/NAME"},
		{order_of(ORDER_UP, "a", "", ""), ERR_INVALID, "NAMESPACE/NAME"},
		{order_of(ORDER_DOWN, "a", "", ""), ERR_INVALID, "NAMESPACE/NAME"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(give(&cases[i].order), cases[i].err);
		assert_non_null(strstr(scene.world.why.text, cases[i].why));
		assert_int_equal(end(&cases[i].order), ERR_MISSING);
	}
	struct health_order order = order_of(ORDER_DRAIN, "a", "", "");
	order.since_ms = INT64_MAX;
	assert_int_equal(give(&order), ERR_INVALID);
	order.since_ms = -1;
	assert_int_equal(give(&order), ERR_INVALID);
	assert_false(health_orders(scene.health, 0, &order));
}

static void one_of_a_cluster_and_service_replaces_the_other(void **state)
{
	(void)state;
	struct health_order order = order_of(ORDER_DRAIN, "a", "ns", "web"), have;
	assert_int_equal(give(&order), ERR_OK);
	order = order_of(ORDER_UP, "a", "NS", "Web"); /* in any case */
	order.since_ms = 77;
	assert_int_equal(give(&order), ERR_OK);
	assert_true(health_orders(scene.health, 0, &have));
	assert_false(health_orders(scene.health, 1, &have));
	assert_int_equal(have.kind, ORDER_UP);
	assert_int_equal(have.since_ms, 77);
	assert_true(bytes_equal(have.service, bytes_of("web")));
	order = order_of(ORDER_DRAIN, "a", "ns", "web");
	assert_int_equal(end(&order), ERR_MISSING);
	assert_non_null(strstr(scene.world.why.text, "not drained for that service"));
	order = order_of(ORDER_DOWN, "a", "ns", "WEB"); /* "auto" says not which */
	assert_int_equal(end(&order), ERR_OK);
	assert_int_equal(end(&order), ERR_MISSING);
	assert_non_null(strstr(scene.world.why.text, "not forced"));
}

static void the_closer_one_counts(void **state)
{
	(void)state;
	struct health_order order = order_of(ORDER_DRAIN, "a", "", "");
	assert_int_equal(give(&order), ERR_OK);
	order = order_of(ORDER_UP, "a", "ns", "web");
	assert_int_equal(give(&order), ERR_OK);
	struct health *health = scene.health;
	assert_int_equal(order_for(health, bytes_of("a"), bytes_of("ns"), bytes_of("web"))->kind,
	                 ORDER_UP);
	assert_int_equal(order_for(health, bytes_of("a"), bytes_of("ns"), bytes_of("wea"))->kind,
	                 ORDER_DRAIN);
	assert_null(order_for(health, bytes_of("b"), bytes_of("ns"), bytes_of("web")));
}

static void those_of_before_are_taken_unseen(void **state)
{
	(void)state;
	struct health_order order = order_of(ORDER_DRAIN, "later", "", "");
	order.unseen = true;
	assert_int_equal(give(&order), ERR_OK);
	scene_cluster(&scene, "later", "rl", READY_TRUE);
	scene_service(&scene, "web", "a=192.0.2.1 later=192.0.2.9", ALL_DOWN_DEFAULT);
	char text[WORLD_TEXT_SIZE];
	uint32_t ttl_s;
	scene_read(&scene, "web", "web.ns.fed.svc.example.", text, &ttl_s);
	assert_string_equal(text, "192.0.2.1");
}

static void many_are_kept_in_order_up_to_the_limit(void **state)
{
	(void)state;
	struct health_order order = order_of(ORDER_DRAIN, "a", "ns", ""), before, after;
	char name[16];
	order.unseen = true;
	for (unsigned i = 0; i < HEALTH_ORDERS_MAX; i++) {
		(void)snprintf(name, sizeof name, "s%u", i * 7919 % HEALTH_ORDERS_MAX);
		order.service = bytes_of(name);
		assert_int_equal(give(&order), ERR_OK);
	}
	order.service = bytes_of("one-more");
	assert_int_equal(give(&order), ERR_LIMIT);
	order.service = bytes_of("s77"); /* replaced: there is room for that */
	assert_int_equal(give(&order), ERR_OK);
	assert_true(health_orders(scene.health, 0, &before));
	for (size_t i = 1; health_orders(scene.health, i, &after); i++, before = after)
		assert_true(bytes_compare(before.service, after.service) < 0);
	for (unsigned i = 0; i < HEALTH_ORDERS_MAX; i++) {
		(void)snprintf(name, sizeof name, "s%u", i);
		order.service = bytes_of(name);
		assert_int_equal(end(&order), ERR_OK);
	}
	assert_false(health_orders(scene.health, 0, &after));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_makes_no_sense_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_of_a_cluster_and_service_replaces_the_other, set_up,
	                                    tear_down),
		cmocka_unit_test_setup_teardown(the_closer_one_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(those_of_before_are_taken_unseen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_are_kept_in_order_up_to_the_limit, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* orders: what an operator said is there after a restart, of what is not there yet, too. */
#include "orders.h"

#include "check.h"
#include "silent_health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOW_MS 1800000000000

struct kept {
	char dir[32], file[64];
	struct model *model;
	struct health *health;
	struct why why;
};

static void health_begin(struct kept *kept)
{
	const struct health_setup setup = {
		.model = kept->model,
		.policy = {.probe = PROBE_NONE, .interval_ms = 5000, .rise = 2, .fall = 3},
		.probe = silent_probe,
		.unprobe = silent_unprobe,
		.news = silent_news,
	};
	assert_int_equal(health_new(&setup, &kept->health, &kept->why), ERR_OK);
}

static void kept_make(struct kept *kept)
{
	*kept = (struct kept){.dir = "/tmp/fedns-test-XXXXXX"};
	assert_non_null(mkdtemp(kept->dir));
	(void)snprintf(kept->file, sizeof kept->file, "%s/" ORDERS_FILE, kept->dir);
	kept->model = model_new(1);
	assert_non_null(kept->model);
	health_begin(kept);
}

static void kept_end(struct kept *kept)
{
	health_free(kept->health);
	model_free(kept->model);
	(void)unlink(kept->file);
	assert_int_equal(rmdir(kept->dir), 0);
}

static void restart(struct kept *kept)
{
	health_free(kept->health);
	health_begin(kept);
}

static void order_give(struct kept *kept, enum order_kind kind, const char *cluster,
                       const char *namespace, const char *service)
{
	const struct health_order order = {.kind = kind,
	                                   .cluster = bytes_of(cluster),
	                                   .namespace = bytes_of(namespace),
	                                   .service = bytes_of(service),
	                                   .since_ms = NOW_MS,
	                                   .unseen = true};
	assert_int_equal(health_order(kept->health, &order, NOW_MS, &kept->why), ERR_OK);
}

static void file_put(const struct kept *kept, const char *text)
{
	FILE *file = fopen(kept->file, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void orders_are_there_after_a_restart(void **state)
{
	(void)state;
	struct kept kept;
	size_t count, drains = 0, forces = 0;
	struct health_order order;
	kept_make(&kept);
	order_give(&kept, ORDER_DRAIN, "hangzhou", NULL, NULL);
	order_give(&kept, ORDER_DOWN, "beijing", "default", "web");
	assert_int_equal(orders_write(kept.dir, kept.health, &kept.why), ERR_OK);
	restart(&kept);
	assert_int_equal(orders_read(kept.dir, kept.health, NOW_MS + 1, &count, &kept.why), ERR_OK);
	assert_int_equal(count, 2);
	for (size_t i = 0; health_orders(kept.health, i, &order); i++) {
		assert_int_equal(order.since_ms, NOW_MS);
		drains += order.kind == ORDER_DRAIN && bytes_equal(order.cluster, bytes_of("hangzhou")) &&
		          order.service.size == 0;
		forces += order.kind == ORDER_DOWN && bytes_equal(order.cluster, bytes_of("beijing")) &&
		          bytes_equal(order.namespace, bytes_of("default")) &&
		          bytes_equal(order.service, bytes_of("web"));
	}
	assert_int_equal(drains, 1);
	assert_int_equal(forces, 1);
	kept_end(&kept);
}

static void without_a_file_nothing_was_said(void **state)
{
	(void)state;
	struct kept kept;
	size_t count;
	kept_make(&kept);
	assert_int_equal(orders_read(kept.dir, kept.health, NOW_MS, &count, &kept.why), ERR_OK);
	assert_int_equal(count, 0);
	kept_end(&kept);
}

static void what_fedns_did_not_write_is_told(void **state)
{
	(void)state;
	static const char *const TEXTS[] = {
		"{\"orders\": [",
		"[]",
		"{}",
		"{\"orders\": [{\"order\": \"drain\", \"sinceMs\": 1}]}",
		"{\"orders\": [{\"order\": \"drown\", \"cluster\": \"a\", \"sinceMs\": 1}]}",
		"{\"orders\": [{\"order\": \"up\", \"cluster\": \"a\", \"sinceMs\": 1}]}",
		"{\"orders\": [{\"order\": \"drain\", \"cluster\": \"a\", \"sinceMs\": \"1\"}]}",
		("{\"orders\": [{\"order\": \"drain\", \"cluster\": \"a\", \"service\": \"b\", "
	     "\"sinceMs\": "
	     "1}]}"),
	};
	struct kept kept;
	size_t count;
	kept_make(&kept);
	for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
		file_put(&kept, TEXTS[i]);
		assert_int_equal(orders_read(kept.dir, kept.health, NOW_MS, &count, &kept.why),
		                 ERR_INVALID);
		assert_non_null(strstr(kept.why.text, kept.file));
		assert_non_null(strstr(kept.why.text, "mend it or remove it"));
	}
	kept_end(&kept);
}

/* One bad entry: the others are in force, and the next order doesn't wipe it out. */
static void one_bad_entry_takes_no_other_along(void **state)
{
	(void)state;
	struct kept kept;
	size_t count;
	char aside[sizeof kept.file + sizeof ORDERS_ASIDE];
	kept_make(&kept);
	file_put(&kept, "{\"orders\": [{\"order\": \"drown\", \"cluster\": \"a\", \"sinceMs\": 1},"
	                "{\"order\": \"drain\", \"cluster\": \"b\", \"sinceMs\": 1}]}");
	assert_int_equal(orders_read(kept.dir, kept.health, NOW_MS, &count, &kept.why), ERR_INVALID);
	assert_int_equal(count, 1);
	orders_keep_aside(kept.dir);
	assert_int_equal(orders_write(kept.dir, kept.health, &kept.why), ERR_OK);
	restart(&kept);
	assert_int_equal(orders_read(kept.dir, kept.health, NOW_MS, &count, &kept.why), ERR_OK);
	assert_int_equal(count, 1);
	(void)snprintf(aside, sizeof aside, "%s%s", kept.file, ORDERS_ASIDE);
	assert_int_equal(unlink(aside), 0);
	kept_end(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_are_there_after_a_restart),
		cmocka_unit_test(without_a_file_nothing_was_said),
		cmocka_unit_test(one_bad_entry_takes_no_other_along),
		cmocka_unit_test(what_fedns_did_not_write_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

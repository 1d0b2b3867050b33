/* Any octets as the file of orders: what can be read of it is in force, and what is written of that
 * is read back the same. */
#include "fuzz.h"

#include "../silent_health.h"
#include "orders.h"

#include <stdlib.h>

#define NOW_MS 1800000000000

static void check(bool good)
{
	if (!good)
		abort();
}

static struct health *health_make(struct model *model)
{
	struct why why = {{0}};
	struct health *health;
	const struct health_setup setup = {
		.model = model,
		.policy = {.probe = PROBE_TCP, .port = 80, .interval_ms = 5000, .rise = 2, .fall = 3},
		.probe = silent_probe,
		.unprobe = silent_unprobe,
		.news = silent_news,
	};
	check(health_new(&setup, &health, &why) == ERR_OK);
	return health;
}

/* A federation in which some orders mean something: "one", "ns/web". */
static struct model *model_make(void)
{
	struct why why = {{0}};
	struct findings nobody = {.report = NULL};
	struct model *model = model_new(1);
	const struct cluster_seen cluster = {.name = bytes_of("one"), .ready = READY_TRUE};
	check(model != NULL && model_stage_cluster(model, &cluster, &nobody, &why) == ERR_OK &&
	      model_commit(model, COMMIT_REPLACE, NOW_MS, &nobody, &why) == ERR_OK);
	return model;
}

/* What the first has, the second has after a restart. */
static void same_check(const struct health *one, const struct health *other)
{
	json_t *left = orders_json(one), *right = orders_json(other);
	check(left != NULL && right != NULL && json_equal(left, right) == 1);
	json_decref(left);
	json_decref(right);
}

static void orders_try(const json_t *root)
{
	struct why why = {{0}};
	struct model *model = model_make();
	struct health *health = health_make(model), *again = health_make(model);
	size_t count, kept = 0;
	bool changed;
	enum err err = orders_take(root, health, NOW_MS, &count, &why);
	check(err == ERR_OK || (err == ERR_INVALID && why.text[0] != '\0'));
	json_t *written = orders_json(health);
	check(written != NULL && orders_take(written, again, NOW_MS, &kept, &why) == ERR_OK);
	check(kept <= count); /* of two for one name the last one counts */
	same_check(health, again);
	(void)health_tick(health, NOW_MS + 600000, &changed);
	json_decref(written);
	health_free(again);
	health_free(health);
	model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_error_t at;
	json_t *root =
		size > 65536 ? NULL : json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, &at);
	if (root == NULL)
		return 0;
	orders_try(root);
	json_decref(root);
	return 0;
}

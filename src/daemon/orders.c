#include "orders.h"

#include "kept.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *const KINDS[] = {
	[ORDER_DRAIN] = "drain", [ORDER_UP] = "up", [ORDER_DOWN] = "down"};

const char *order_kind_text(enum order_kind kind)
{
	return KINDS[kind];
}

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory for the list of orders");
	return ERR_NOMEM;
}

static void path_put(const char *dir, char *path, size_t size)
{
	(void)snprintf(path, size, "%s/" ORDERS_FILE, dir);
}

/* --- reading ------------------------------------------------------------------------------ */

static bool kind_take(const char *text, enum order_kind *out)
{
	for (size_t i = 0; text != NULL && i < sizeof KINDS / sizeof KINDS[0]; i++) {
		if (strcmp(text, KINDS[i]) == 0) {
			*out = (enum order_kind)i;
			return true;
		}
	}
	return false;
}

static struct bytes text_of(const json_t *entry, const char *key)
{
	return bytes_of(json_string_value(json_object_get(entry, key)));
}

/* A drain alone may be of all services. */
static bool entry_take(const json_t *entry, struct health_order *out)
{
	const json_t *since = json_object_get(entry, "sinceMs");
	*out = (struct health_order){.cluster = text_of(entry, "cluster"),
	                             .namespace = text_of(entry, "namespace"),
	                             .service = text_of(entry, "service"),
	                             .since_ms = json_integer_value(since),
	                             .unseen = true};
	bool one = out->service.size != 0;
	return kind_take(json_string_value(json_object_get(entry, "order")), &out->kind) &&
	       out->cluster.size != 0 && one == (out->namespace.size != 0) &&
	       (one || out->kind == ORDER_DRAIN) && json_is_integer(since) && out->since_ms >= 0;
}

enum err orders_take(const json_t *root, struct health *health, int64_t now_ms, size_t *count,
                     struct why *why)
{
	const json_t *list = json_object_get(root, "orders");
	bool good = json_is_array(list);
	enum err err = ERR_OK;
	*count = 0;
	for (size_t i = 0; err != ERR_NOMEM && i < json_array_size(list); i++) {
		struct health_order order;
		bool taken = entry_take(json_array_get(list, i), &order);
		if (taken)
			err = health_order(health, &order, now_ms, why);
		taken = taken && err == ERR_OK;
		good = good && taken; /* one bad entry: the others are in force all the same */
		*count += taken;
	}
	if (good)
		return ERR_OK;
	if (err == ERR_NOMEM)
		return err;
	why_set(why, "not a list of orders that fedns wrote; mend it or remove it");
	return ERR_INVALID;
}

enum err orders_read(const char *dir, struct health *health, int64_t now_ms, size_t *count,
                     struct why *why)
{
	char path[PATH_MAX];
	json_t *root;
	*count = 0;
	path_put(dir, path, sizeof path);
	enum err err = kept_read(path, ORDERS_SIZE_MAX, &root, why);
	if (err != ERR_OK || root == NULL)
		return err;
	err = orders_take(root, health, now_ms, count, why);
	if (err != ERR_OK)
		why_wrap(why, "%s", path);
	json_decref(root);
	return err;
}

/* --- writing ------------------------------------------------------------------------------ */

/* Names of clusters and services are text: they were checked when the model took them, or came as
 * JSON. */
static json_t *text_json(struct bytes text)
{
	return json_stringn((const char *)text.data, text.size);
}

static json_t *order_json(const struct health_order *order)
{
	json_t *json = json_pack("{s:s, s:o, s:I}", "order", KINDS[order->kind], "cluster",
	                         text_json(order->cluster), "sinceMs", (json_int_t)order->since_ms);
	if (json != NULL && order->service.size != 0 &&
	    (json_object_set_new(json, "namespace", text_json(order->namespace)) != 0 ||
	     json_object_set_new(json, "service", text_json(order->service)) != 0)) {
		json_decref(json);
		json = NULL;
	}
	return json;
}

void orders_keep_aside(const char *dir)
{
	char path[PATH_MAX], aside[PATH_MAX + sizeof ORDERS_ASIDE];
	path_put(dir, path, sizeof path);
	(void)snprintf(aside, sizeof aside, "%s" ORDERS_ASIDE, path);
	(void)rename(path, aside);
}

json_t *orders_json(const struct health *health)
{
	struct health_order order;
	json_t *list = json_array();
	bool good = list != NULL;
	for (size_t i = 0; good && health_orders(health, i, &order); i++)
		good = json_array_append_new(list, order_json(&order)) == 0;
	if (good)
		return json_pack("{s:o}", "orders", list);
	json_decref(list);
	return NULL;
}

enum err orders_write(const char *dir, const struct health *health, struct why *why)
{
	char path[PATH_MAX];
	json_t *root = orders_json(health);
	if (root == NULL)
		return no_memory(why);
	path_put(dir, path, sizeof path);
	enum err err = kept_write(path, ORDERS_SIZE_MAX, root, why);
	json_decref(root);
	return err;
}

/* What an operator said: of a cluster, or of one service in it. The closer one counts. */
#include "health_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct bytes order_cluster(const struct order *order)
{
	return (struct bytes){(const uint8_t *)order->texts, order->cluster_size};
}

static struct bytes order_namespace(const struct order *order)
{
	return (struct bytes){(const uint8_t *)order->texts + order->cluster_size,
	                      order->namespace_size};
}

static struct bytes order_service(const struct order *order)
{
	return (struct bytes){(const uint8_t *)order->texts + order->cluster_size +
	                          order->namespace_size,
	                      order->service_size};
}

/* Where in the table an order of these names is, or belongs (`*found`). */
static size_t order_find(const struct health *health, struct bytes cluster, struct bytes namespace,
                         struct bytes service, bool *found)
{
	size_t low = 0, high = health->order_count;
	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct order *order = health->orders[middle];
		int way = bytes_compare(order_cluster(order), cluster);
		way = way != 0 ? way : bytes_compare(order_namespace(order), namespace);
		way = way != 0 ? way : bytes_compare(order_service(order), service);
		if (way == 0) {
			*found = true;
			return middle;
		}
		if (way < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct order *order_for(const struct health *health, struct bytes cluster,
                              struct bytes namespace, struct bytes service)
{
	const struct bytes none = {NULL, 0};
	if (health->order_count == 0)
		return NULL;
	bool found;
	size_t at = order_find(health, cluster, namespace, service, &found);
	if (!found)
		at = order_find(health, cluster, none, none, &found);
	return found ? health->orders[at] : NULL;
}

void orders_free(struct health *health)
{
	for (size_t i = 0; i < health->order_count; i++)
		free(health->orders[i]);
	free(health->orders);
}

/* --- giving and taking back --------------------------------------------------------------- */

static bool cluster_exists(const struct model *model, struct bytes name)
{
	struct cluster_view view;
	size_t limit = model_cluster_limit(model);
	for (size_t id = 0; id < limit; id++) {
		if (model_cluster(model, (uint16_t)id, &view) && bytes_equal(view.name, name))
			return true;
	}
	return false;
}

static enum err order_check(const struct health_order *order, struct why *why)
{
	if (order->cluster.size == 0 || order->cluster.size > UINT8_MAX ||
	    order->namespace.size > LABEL_SIZE_MAX || order->service.size > LABEL_SIZE_MAX) {
		why_set(why, "a name is too long, or there is none");
		return ERR_INVALID;
	}
	if (order->since_ms < 0 || order->since_ms > INT64_MAX - DRAINING_MS) {
		why_set(why, "a time that nobody will see");
		return ERR_INVALID;
	}
	if ((order->namespace.size == 0) != (order->service.size == 0) ||
	    (order->kind != ORDER_DRAIN && order->service.size == 0)) {
		why_set(why, "a service is NAMESPACE/NAME");
		return ERR_INVALID;
	}
	return ERR_OK;
}

static enum err names_check(const struct health *health, const struct health_order *order,
                            struct why *why)
{
	struct service_view service;
	if (order->unseen)
		return ERR_OK;
	if (!cluster_exists(health->setup.model, order->cluster)) {
		why_set(why, "there is no cluster %.*s; `fedns clusters` lists them",
		        BYTES_ARG(order->cluster));
		return ERR_MISSING;
	}
	if (order->service.size != 0 &&
	    !model_service_named(health->setup.model, order->namespace, order->service, &service)) {
		why_set(why, "there is no service %.*s/%.*s; `fedns services` lists them",
		        BYTES_ARG(order->namespace), BYTES_ARG(order->service));
		return ERR_MISSING;
	}
	return ERR_OK;
}

/* Names of services are lower case in the model, and so they are kept. */
static void label_put_lower(char *out, struct bytes label)
{
	assert(label.size <= LABEL_SIZE_MAX);
	for (size_t i = 0; i < label.size; i++) {
		uint8_t octet = label.data[i];
		out[i] = (char)(octet >= 'A' && octet <= 'Z' ? octet - 'A' + 'a' : octet);
	}
}

static size_t order_find_any_case(const struct health *health, const struct health_order *order,
                                  bool *found)
{
	char namespace[LABEL_SIZE_MAX], service[LABEL_SIZE_MAX];
	label_put_lower(namespace, order->namespace);
	label_put_lower(service, order->service);
	return order_find(health, order->cluster,
	                  (struct bytes){(const uint8_t *)namespace, order->namespace.size},
	                  (struct bytes){(const uint8_t *)service, order->service.size}, found);
}

static struct order *order_new(const struct health_order *from)
{
	size_t size = from->cluster.size + from->namespace.size + from->service.size;
	struct order *order = calloc(1, sizeof *order + size);
	if (order == NULL)
		return NULL;
	*order = (struct order){.kind = from->kind,
	                        .draining = from->kind == ORDER_DRAIN,
	                        .since_ms = from->since_ms,
	                        .cluster_size = (uint8_t)from->cluster.size,
	                        .namespace_size = (uint8_t)from->namespace.size,
	                        .service_size = (uint8_t)from->service.size};
	memcpy(order->texts, from->cluster.data, from->cluster.size);
	label_put_lower(order->texts + from->cluster.size, from->namespace);
	label_put_lower(order->texts + from->cluster.size + from->namespace.size, from->service);
	return order;
}

static enum err orders_reserve(struct health *health)
{
	if (health->order_count < health->order_room)
		return ERR_OK;
	size_t room = health->order_room == 0 ? 8 : 2 * health->order_room;
	struct order **orders = realloc(health->orders, room * sizeof(struct order *));
	if (orders == NULL)
		return ERR_NOMEM;
	health->orders = orders;
	health->order_room = room;
	return ERR_OK;
}

static void order_put(struct health *health, struct order *order, size_t at, bool found)
{
	if (found) {
		free(health->orders[at]);
	} else {
		memmove(health->orders + at + 1, health->orders + at,
		        (health->order_count - at) * sizeof(struct order *));
		health->order_count++;
	}
	health->orders[at] = order;
	if (order->draining && order->since_ms + DRAINING_MS < health->drained_ms)
		health->drained_ms = order->since_ms + DRAINING_MS;
}

static enum err order_keep(struct health *health, const struct health_order *order, struct why *why)
{
	bool found;
	size_t at = order_find_any_case(health, order, &found);
	if (!found && health->order_count == HEALTH_ORDERS_MAX) {
		why_set(why, "more than %d drains and forces: take some back", HEALTH_ORDERS_MAX);
		return ERR_LIMIT;
	}
	struct order *fresh = orders_reserve(health) == ERR_OK ? order_new(order) : NULL;
	if (fresh == NULL) {
		why_set(why, "no memory for the order");
		return ERR_NOMEM;
	}
	order_put(health, fresh, at, found);
	return ERR_OK;
}

static bool service_is(const struct health *health, uint32_t id, const struct health_order *order)
{
	struct service_view service;
	return model_service(health->setup.model, id, &service) &&
	       bytes_equal_nocase(service.namespace, order->namespace) &&
	       bytes_equal_nocase(service.name, order->service);
}

/* Of a whole cluster it says something of many services: all are asked, for it is rare. */
static void order_tell(struct health *health, const struct health_order *order, int64_t now_ms)
{
	size_t limit = model_service_limit(health->setup.model);
	for (uint32_t id = 0; id < limit; id++) {
		if (order->service.size == 0 || service_is(health, id, order))
			service_tell(health, id, now_ms);
	}
}

enum err health_order(struct health *health, const struct health_order *order, int64_t now_ms,
                      struct why *why)
{
	enum err err = order_check(order, why);
	now_ms = clock_follow(health, now_ms);
	if (err == ERR_OK)
		err = names_check(health, order, why);
	if (err == ERR_OK)
		err = order_keep(health, order, why);
	if (err == ERR_OK)
		order_tell(health, order, now_ms);
	return err;
}

static bool links_release(struct health *health, uint32_t id, struct bytes name, int64_t now_ms)
{
	struct watched *watched = links_of(health, id);
	struct cluster_view cluster;
	bool released = false;
	for (uint32_t i = 0; watched != NULL && i < watched->count; i++) {
		uint32_t at = watched->links[i].target;
		struct target *target = target_at(&health->targets, at);
		enum health_state from = target->machine.state;
		if (model_cluster(health->setup.model, watched->links[i].cluster, &cluster) &&
		    bytes_equal(cluster.name, name) && verdict_release(&target->machine, now_ms)) {
			released = true;
			target_judge(health, at, from, now_ms);
		}
	}
	return released;
}

/* "auto" is more than the end of a force: who waits for his failback comes back. */
static bool failback_release(struct health *health, const struct health_order *order,
                             int64_t now_ms)
{
	bool released = false;
	for (uint32_t id = 0; order->kind != ORDER_DRAIN && id < health->service_room; id++) {
		if (links_of(health, id) != NULL && service_is(health, id, order))
			released |= links_release(health, id, order->cluster, now_ms);
	}
	return released;
}

enum err health_order_end(struct health *health, const struct health_order *order, int64_t now_ms,
                          struct why *why)
{
	bool found = false;
	size_t at = 0;
	now_ms = clock_follow(health, now_ms);
	if (order_check(order, why) == ERR_OK)
		at = order_find_any_case(health, order, &found);
	bool released = failback_release(health, order, now_ms);
	if (!found || (health->orders[at]->kind == ORDER_DRAIN) != (order->kind == ORDER_DRAIN)) {
		if (released)
			return ERR_OK;
		why_set(why, "%.*s is not %s%s", BYTES_ARG(order->cluster),
		        order->kind == ORDER_DRAIN ? "drained" : "forced",
		        order->service.size != 0 ? " for that service" : "");
		return ERR_MISSING;
	}
	free(health->orders[at]);
	health->order_count--;
	memmove(health->orders + at, health->orders + at + 1,
	        (health->order_count - at) * sizeof(struct order *));
	order_tell(health, order, now_ms);
	return ERR_OK;
}

void orders_tick(struct health *health, int64_t now_ms)
{
	bool over = false;
	if (now_ms < health->drained_ms)
		return;
	health->drained_ms = INT64_MAX;
	for (size_t i = 0; i < health->order_count; i++) {
		struct order *order = health->orders[i];
		int64_t end_ms = order->since_ms + DRAINING_MS;
		if (!order->draining)
			continue;
		order->draining = now_ms < end_ms;
		over |= !order->draining;
		if (order->draining && end_ms < health->drained_ms)
			health->drained_ms = end_ms;
	}
	if (over)
		all_tell(health, now_ms);
}

bool health_orders(const struct health *health, size_t i, struct health_order *out)
{
	if (i >= health->order_count)
		return false;
	const struct order *order = health->orders[i];
	*out = (struct health_order){.kind = order->kind,
	                             .cluster = order_cluster(order),
	                             .namespace = order_namespace(order),
	                             .service = order_service(order),
	                             .since_ms = order->since_ms};
	return true;
}

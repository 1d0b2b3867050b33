/* What an operator said: of a cluster, or of one service in it. The closer one counts. */
#include "health_internal.h"

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

static size_t order_find(const struct health *health, struct bytes cluster, struct bytes namespace,
                         struct bytes service)
{
	size_t i = 0;
	for (; i < health->order_count; i++) {
		const struct order *order = health->orders[i];
		if (bytes_equal(order_cluster(order), cluster) &&
		    bytes_equal_nocase(order_namespace(order), namespace) &&
		    bytes_equal_nocase(order_service(order), service))
			break;
	}
	return i;
}

const struct order *order_for(const struct health *health, struct bytes cluster,
                              struct bytes namespace, struct bytes service)
{
	const struct bytes none = {NULL, 0};
	if (health->order_count == 0)
		return NULL;
	size_t at = order_find(health, cluster, namespace, service);
	if (at == health->order_count)
		at = order_find(health, cluster, none, none);
	return at == health->order_count ? NULL : health->orders[at];
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

static enum err order_check(const struct health *health, const struct health_order *order,
                            struct why *why)
{
	struct service_view service;
	if (order->cluster.size > UINT8_MAX || order->namespace.size > LABEL_SIZE_MAX ||
	    order->service.size > LABEL_SIZE_MAX) {
		why_set(why, "a name is too long");
		return ERR_INVALID;
	}
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

static struct order *order_new(const struct health_order *from)
{
	size_t size = from->cluster.size + from->namespace.size + from->service.size;
	struct order *order = calloc(1, sizeof *order + size);
	if (order == NULL)
		return NULL;
	*order = (struct order){.kind = from->kind,
	                        .since_ms = from->since_ms,
	                        .cluster_size = (uint8_t)from->cluster.size,
	                        .namespace_size = (uint8_t)from->namespace.size,
	                        .service_size = (uint8_t)from->service.size};
	memcpy(order->texts, from->cluster.data, from->cluster.size);
	if (from->service.size != 0) {
		memcpy(order->texts + from->cluster.size, from->namespace.data, from->namespace.size);
		memcpy(order->texts + from->cluster.size + from->namespace.size, from->service.data,
		       from->service.size);
	}
	return order;
}

static enum err orders_reserve(struct health *health)
{
	if (health->order_count < health->order_room)
		return ERR_OK;
	size_t room = health->order_room == 0 ? 8 : 2 * health->order_room;
	struct order **orders = realloc(health->orders, room * sizeof *orders);
	if (orders == NULL)
		return ERR_NOMEM;
	health->orders = orders;
	health->order_room = room;
	return ERR_OK;
}

/* An order says something of many services: all are asked, for it is rare. */
static void all_tell(struct health *health, int64_t now_ms)
{
	size_t limit = model_service_limit(health->setup.model);
	for (size_t id = 0; id < limit; id++)
		service_tell(health, (uint32_t)id, now_ms);
}

enum err health_order(struct health *health, const struct health_order *order, int64_t now_ms,
                      struct why *why)
{
	enum err err = order_check(health, order, why);
	if (err != ERR_OK)
		return err;
	size_t at = order_find(health, order->cluster, order->namespace, order->service);
	if (at == HEALTH_ORDERS_MAX) {
		why_set(why, "more than %d drains and forces: take some back", HEALTH_ORDERS_MAX);
		return ERR_LIMIT;
	}
	struct order *fresh = order_new(order);
	if (fresh == NULL || orders_reserve(health) != ERR_OK) {
		free(fresh);
		why_set(why, "no memory for the order");
		return ERR_NOMEM;
	}
	if (at == health->order_count)
		health->order_count++;
	else
		free(health->orders[at]);
	health->orders[at] = fresh;
	all_tell(health, now_ms);
	return ERR_OK;
}

/* "auto" is more than the end of a force: who waits for his failback comes back. */
static bool failback_release(struct health *health, const struct health_order *order,
                             int64_t now_ms)
{
	bool released = false;
	for (size_t id = 0; order->kind != ORDER_DRAIN && id < health->service_room; id++) {
		const struct watched *watched = health->services[id];
		struct service_view service;
		if (watched == NULL || !model_service(health->setup.model, (uint32_t)id, &service) ||
		    !bytes_equal_nocase(service.namespace, order->namespace) ||
		    !bytes_equal_nocase(service.name, order->service))
			continue;
		for (uint32_t i = 0; i < watched->count; i++) {
			struct target *target = target_at(&health->targets, watched->links[i].target);
			struct cluster_view cluster;
			if (model_cluster(health->setup.model, watched->links[i].cluster, &cluster) &&
			    bytes_equal(cluster.name, order->cluster) &&
			    verdict_release(&target->machine, now_ms)) {
				released = true;
				target_judge(health, watched->links[i].target, now_ms);
			}
		}
	}
	return released;
}

enum err health_order_end(struct health *health, const struct health_order *order, int64_t now_ms,
                          struct why *why)
{
	size_t at = order_find(health, order->cluster, order->namespace, order->service);
	bool released = failback_release(health, order, now_ms);
	if (at == health->order_count ||
	    (health->orders[at]->kind == ORDER_DRAIN) != (order->kind == ORDER_DRAIN)) {
		if (released)
			return ERR_OK;
		why_set(why, "%.*s is not %s%s", BYTES_ARG(order->cluster),
		        order->kind == ORDER_DRAIN ? "drained" : "forced",
		        order->service.size != 0 ? " for that service" : "");
		return ERR_MISSING;
	}
	free(health->orders[at]);
	health->orders[at] = health->orders[--health->order_count];
	all_tell(health, now_ms);
	return ERR_OK;
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

/* Ingress host names, who names them, and which addresses they have (rule 7).
 *
 * A host's list of services is exact towards more only: ids that named it may linger, and are
 * passed over when read and weeded out when the list is full. So a service that goes costs nothing
 * here, however many share the host.
 */
#include "model_internal.h"

#include <stdlib.h>
#include <string.h>

#define HOST_SERVICES_ROOM_MIN 2

static struct host *host_at(const struct model *model, uint32_t id)
{
	assert(id < model->hosts.pool.limit);
	return model->hosts.pool.at[id];
}

static uint32_t kind_hash(const void *owner, uint32_t id)
{
	return host_at(owner, id)->hash;
}

static bool kind_equal(const void *owner, uint32_t id, const void *key)
{
	return bytes_equal(name_bytes(&host_at(owner, id)->name), *(const struct bytes *)key);
}

void hosts_init(struct model *model)
{
	static const struct table_kind KIND = {kind_hash, kind_equal};
	table_init(&model->hosts.table, &KIND, model);
}

static void host_free(struct host *host)
{
	free(host->octets);
	free(host->services);
	free(host);
}

void hosts_clear(struct model *model)
{
	for (uint32_t id = 0; id < model->hosts.pool.limit; id++)
		if (host_at(model, id) != NULL)
			host_free(host_at(model, id));
	pool_clear(&model->hosts.pool);
	table_clear(&model->hosts.table);
}

static uint32_t find(const struct model *model, const struct name *name)
{
	struct bytes key = name_bytes(name);
	return table_find(&model->hosts.table, table_hash(key, model->seed), &key);
}

enum err host_intern(struct model *model, const struct name *name, uint32_t *out)
{
	struct hosts *hosts = &model->hosts;
	assert(name->size > 0);
	*out = find(model, name);
	if (*out != TABLE_NONE)
		return ERR_OK;
	if (pool_count(&hosts->pool) >= HOSTS_MAX)
		return ERR_LIMIT;
	if (pool_reserve(&hosts->pool) != ERR_OK || table_reserve(&hosts->table) != ERR_OK)
		return ERR_NOMEM;
	struct host *host = calloc(1, sizeof *host);
	if (host == NULL)
		return ERR_NOMEM;
	host->name.size = name->size;
	memcpy(host->name.octets, name->octets, name->size);
	host->hash = table_hash(name_bytes(name), model->seed);
	host->id = *out = pool_take(&hosts->pool, host);
	table_add(&hosts->table, host->hash, host->id);
	return ERR_OK;
}

static void host_drop(struct model *model, struct host *host)
{
	assert(host->refs == 0 && host->named == 0);
	table_remove(&model->hosts.table, host->hash, host->id);
	pool_give(&model->hosts.pool, host->id);
	host_free(host);
}

void hosts_sweep(struct model *model)
{
	if (!model->hosts.orphans)
		return;
	model->hosts.orphans = false;
	for (uint32_t id = 0; id < model->hosts.pool.limit; id++)
		if (host_at(model, id) != NULL && host_at(model, id)->refs == 0)
			host_drop(model, host_at(model, id));
}

static bool service_names(const struct service *service, uint32_t host)
{
	if (service == NULL)
		return false;
	const struct ingress *at = service_first(service);
	for (unsigned left = service->ingress_count; left > 0; left--, at = ingress_after(at))
		for (unsigned i = 0; i < at->host_count; i++)
			if (ingress_hosts(at)[i] == host)
				return true;
	return false;
}

static int id_compare(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	return (a > b) - (a < b);
}

/** Keep each service once, and only those whose block, in force or staged, names the host. */
static void weed(const struct model *model, struct host *host)
{
	uint32_t kept = 0;
	if (host->service_count > 0)
		qsort(host->services, host->service_count, sizeof host->services[0], id_compare);
	for (uint32_t i = 0; i < host->service_count; i++) {
		uint32_t id = host->services[i];
		if (kept > 0 && host->services[kept - 1] == id)
			continue;
		if (service_names(model->slots.at[id].now, host->id) ||
		    service_names(slot_staged(model, id), host->id))
			host->services[kept++] = id;
	}
	host->service_count = kept;
}

static enum err list_reserve(const struct model *model, struct host *host)
{
	if (host->service_count < host->service_room)
		return ERR_OK;
	/* Weeding must free a half, or it would come again too soon. */
	weed(model, host);
	if (host->service_room > 0 && host->service_count <= host->service_room / 2)
		return ERR_OK;
	uint32_t room = host->service_room == 0 ? HOST_SERVICES_ROOM_MIN : 2 * host->service_room;
	uint32_t *services = realloc(host->services, room * sizeof services[0]);
	if (services == NULL)
		return ERR_NOMEM;
	host->services = services;
	host->service_room = room;
	return ERR_OK;
}

enum err hosts_hold(struct model *model, const struct service *service, uint32_t id)
{
	const struct ingress *at = service_first(service);
	for (unsigned left = service->ingress_count; left > 0; left--, at = ingress_after(at))
		for (unsigned i = 0; i < at->host_count; i++)
			if (list_reserve(model, host_at(model, ingress_hosts(at)[i])) != ERR_OK)
				return ERR_NOMEM;
	at = service_first(service);
	for (unsigned left = service->ingress_count; left > 0; left--, at = ingress_after(at)) {
		for (unsigned i = 0; i < at->host_count; i++) {
			struct host *host = host_at(model, ingress_hosts(at)[i]);
			host->refs++;
			/* A host in two of its ingresses was reserved for once, and is listed once. */
			if (host->service_count == 0 || host->services[host->service_count - 1] != id)
				host->services[host->service_count++] = id;
			assert(host->service_count <= host->service_room);
		}
	}
	return ERR_OK;
}

void hosts_release(struct model *model, const struct service *service)
{
	const struct ingress *at = service_first(service);
	for (unsigned left = service->ingress_count; left > 0; left--, at = ingress_after(at)) {
		for (unsigned i = 0; i < at->host_count; i++) {
			struct host *host = host_at(model, ingress_hosts(at)[i]);
			assert(host->refs > 0);
			if (--host->refs == 0)
				host_drop(model, host);
		}
	}
}

void hosts_name(struct model *model, const struct service *service)
{
	const struct ingress *at = service_first(service);
	for (unsigned left = service->ingress_count; left > 0; left--, at = ingress_after(at))
		for (unsigned i = 0; i < at->host_count; i++)
			if (host_at(model, ingress_hosts(at)[i])->named++ == 0)
				model->hosts.revision++;
}

void hosts_unname(struct model *model, const struct service *service)
{
	const struct ingress *at = service_first(service);
	for (unsigned left = service->ingress_count; left > 0; left--, at = ingress_after(at)) {
		for (unsigned i = 0; i < at->host_count; i++) {
			assert(host_at(model, ingress_hosts(at)[i])->named > 0);
			if (--host_at(model, ingress_hosts(at)[i])->named == 0)
				model->hosts.revision++;
		}
	}
}

void host_changed(struct model *model, const struct host *host)
{
	for (uint32_t i = 0; i < host->service_count; i++)
		if (service_names(model->slots.at[host->services[i]].now, host->id))
			changes_add(model, host->services[i]);
}

struct host *host_named(const struct model *model, const struct name *name)
{
	uint32_t id = find(model, name);
	return id == TABLE_NONE || host_at(model, id)->named == 0 ? NULL : host_at(model, id);
}

size_t model_host_limit(const struct model *model)
{
	return model->hosts.pool.limit;
}

uint64_t model_hosts_revision(const struct model *model)
{
	return model->hosts.revision;
}

bool model_host(const struct model *model, uint32_t id, struct host_view *out)
{
	*out = (struct host_view){.name = NULL};
	if (id >= model->hosts.pool.limit || model->hosts.pool.at[id] == NULL)
		return false;
	const struct host *host = model->hosts.pool.at[id];
	if (host->named == 0)
		return false; /* merely staged */
	out->name = &host->name;
	out->resolved = host->resolved;
	if (host->octets != NULL)
		out->addresses =
			(struct address_set){host->octets, host->octets + (size_t)V4_SIZE * host->v4_count,
		                         host->v4_count, host->v6_count};
	return true;
}

/* Services by id and by name. A slot is taken while staging, so that the commit needs no memory. */
#include "model_internal.h"

#include <stdlib.h>
#include <string.h>

#define SLOT_ROOM_MIN 16

static uint32_t kind_hash(const void *owner, uint32_t id)
{
	const struct model *model = owner;
	return model->slots.at[id].hash;
}

static bool kind_equal(const void *owner, uint32_t id, const void *key_of)
{
	const struct model *model = owner;
	const struct service_key *key = key_of;
	const struct service *service = model->slots.at[id].now;
	if (service == NULL)
		service = slot_staged(model, id);
	return service != NULL && service->namespace == key->namespace &&
	       service->name_size == key->name.size &&
	       memcmp(service->name, key->name.data, key->name.size) == 0;
}

void slots_init(struct model *model)
{
	static const struct table_kind KIND = {kind_hash, kind_equal};
	table_init(&model->slots.table, &KIND, model);
}

void slots_clear(struct model *model)
{
	for (uint32_t id = 0; id < model->slots.limit; id++)
		free(model->slots.at[id].now);
	verdicts_clear(model);
	free(model->slots.at);
	table_clear(&model->slots.table);
	model->slots = (struct slots){.at = NULL};
}

static uint32_t key_hash(const struct model *model, const struct service_key *key)
{
	/* An odd factor keeps the namespaces' seeds apart. */
	return table_hash(key->name, model->seed ^ (key->namespace + 1) * UINT64_C(0x9e3779b97f4a7c15));
}

uint32_t slot_find(const struct model *model, const struct service_key *key)
{
	return table_find(&model->slots.table, key_hash(model, key), key);
}

static enum err nomem(struct why *why)
{
	why_set(why, "no memory for one more service");
	return ERR_NOMEM;
}

enum err slot_reserve(struct model *model, struct why *why)
{
	struct slots *slots = &model->slots;
	if (table_reserve(&slots->table) != ERR_OK)
		return nomem(why);
	if (slots->first_free != 0)
		return ERR_OK;
	if (slots->limit >= SLOTS_MAX) {
		why_set(why, "more than %d services, staged ones included", SLOTS_MAX);
		return ERR_LIMIT;
	}
	if (slots->limit < slots->room)
		return ERR_OK;
	uint32_t room = slots->room == 0 ? SLOT_ROOM_MIN : 2 * slots->room;
	struct slot *at = realloc(slots->at, room * sizeof at[0]);
	if (at == NULL)
		return nomem(why);
	slots->at = at;
	slots->room = room;
	return ERR_OK;
}

uint32_t slot_next(const struct model *model)
{
	return model->slots.first_free != 0 ? model->slots.first_free - 1 : model->slots.limit;
}

uint32_t slot_take(struct model *model, const struct service_key *key)
{
	struct slots *slots = &model->slots;
	uint32_t id = slot_next(model);
	assert(id < slots->room);
	if (id == slots->limit) {
		slots->at[slots->limit++] = (struct slot){.now = NULL};
	} else {
		assert(!slots->at[id].used);
		slots->first_free = slots->at[id].link;
		slots->at[id].link = 0;
	}
	slots->at[id].hash = key_hash(model, key) & TABLE_HASH_MASK;
	slots->at[id].used = 1;
	table_add(&slots->table, slots->at[id].hash, id);
	return id;
}

void slot_free(struct model *model, uint32_t id)
{
	struct slot *slot = &model->slots.at[id];
	assert(slot->used && slot->now == NULL && slot->link == 0);
	table_remove(&model->slots.table, slot->hash, id);
	verdicts_release(model, id);
	slot->used = 0; /* `changed` stays: the id may still stand in the list of changes */
	slot->link = model->slots.first_free;
	model->slots.first_free = id + 1;
}

struct service *slot_staged(const struct model *model, uint32_t id)
{
	const struct slot *slot = &model->slots.at[id];
	return slot->used && slot->link != 0 ? model->stage.entries[slot->link - 1].next : NULL;
}

size_t model_service_limit(const struct model *model)
{
	return model->slots.limit;
}

size_t model_service_count(const struct model *model)
{
	return model->slots.count;
}

bool model_service(const struct model *model, uint32_t id, struct service_view *out)
{
	*out = (struct service_view){.left = 0};
	if (id >= model->slots.limit || model->slots.at[id].now == NULL)
		return false;
	const struct service *service = model->slots.at[id].now;
	out->namespace = namespace_label(model, service->namespace);
	out->name = (struct bytes){service->name, service->name_size};
	out->ttl_s = service->ttl_s;
	out->fallback = (enum fallback)service->fallback;
	out->all_down = (enum all_down)service->all_down;
	out->probe.kind = (enum probe_kind)service->probe;
	const struct probe_block *probe = service_probe(service);
	if (probe != NULL) {
		out->probe.port = probe->port;
		out->probe.path = (struct bytes){probe->path, probe->path_size};
	}
	out->tcp_port = service->tcp_port;
	out->ingress_count = service->ingress_count;
	out->port_count = service->port_count;
	out->at = service_first(service);
	out->left = service->ingress_count;
	out->port_at = service_ports(service);
	out->ports_left = service->port_count;
	return true;
}

size_t service_address_count(const struct service_view *service)
{
	struct service_view walk = *service;
	struct ingress_view ingress;
	size_t count = 0;
	while (model_ingress_next(&walk, &ingress))
		count += address_set_count(&ingress.direct) + ingress.host_count;
	return count;
}

bool model_ingress_next(struct service_view *service, struct ingress_view *out)
{
	*out = (struct ingress_view){.cluster = 0};
	if (service->left == 0)
		return false;
	const struct ingress *ingress = service->at;
	out->cluster = (uint16_t)ingress->cluster;
	out->hosts = ingress_hosts(ingress);
	out->host_count = ingress->host_count;
	out->direct = (struct address_set){ingress_v4(ingress), ingress_v6(ingress), ingress->v4_count,
	                                   ingress->v6_count};
	service->at = ingress_after(ingress);
	service->left--;
	return true;
}

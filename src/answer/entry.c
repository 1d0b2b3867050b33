/* Entries: one service or namespace, laid out as answers need it. */
#include "shard.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(struct entry) % 4 == 0 && sizeof(struct entry_rung) % 4 == 0,
              "rungs follow the entry without a gap");

static_assert(sizeof(struct entry_climbs) % 4 == 0 && sizeof(struct entry_climb) % 4 == 0,
              "addresses follow the climbs without a gap");

static_assert(PORTS_MAX * (sizeof(struct entry_port) + LABEL_SIZE_MAX + 1) <= UINT16_MAX,
              "ports_size holds all ports");

const struct entry_rung *entry_rung_find(const struct entry *entry, uint16_t place)
{
	const struct entry_rung *rungs = entry_rungs(entry);
	size_t low = 0, high = entry->rung_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (rungs[middle].place < place)
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low < entry->rung_count && rungs[low].place == place;
	return found ? &rungs[low] : NULL;
}

const struct entry_climb *entry_climb_find(const struct entry *entry, uint16_t place)
{
	if (!entry->climbs)
		return NULL;
	const struct entry_climbs *climbs = entry_climbs(entry);
	size_t low = 0, high = climbs->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (climbs->at[middle].place < place)
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low < climbs->count && climbs->at[low].place == place;
	return found ? &climbs->at[low] : NULL;
}

uint32_t entry_climb_ttl(const struct entry *entry, uint16_t place)
{
	const struct entry_climb *climb = entry_climb_find(entry, place);
	return climb != NULL && climb->brief ? entry_climbs(entry)->brief_ttl_s : entry->ttl_s;
}

/* --- named ports ------------------------------------------------------------------------- */

static const struct entry_port *port_first(const struct entry *entry)
{
	return (const void *)((const uint8_t *)entry + entry->size - entry->ports_size);
}

static const struct entry_port *port_after(const struct entry_port *port)
{
	return (const void *)(port->name + padded(port->name_size));
}

static const struct entry_port *port_end(const struct entry *entry)
{
	return (const void *)((const uint8_t *)entry + entry->size);
}

const struct entry_port *entry_port_find(const struct entry *entry, struct bytes label,
                                         enum protocol protocol)
{
	if (label.size == 0 || label.data[0] != '_')
		return NULL;
	const struct bytes name = {label.data + 1, label.size - 1};
	const struct entry_port *port = port_first(entry), *end = port_end(entry);
	for (; port != end; port = port_after(port)) {
		if (port->protocol == protocol &&
		    bytes_equal((struct bytes){port->name, port->name_size}, name))
			return port;
	}
	return NULL;
}

size_t entry_port_shortest(const struct entry *entry, enum protocol protocol)
{
	size_t shortest = 0;
	const struct entry_port *port = port_first(entry), *end = port_end(entry);
	for (; port != end; port = port_after(port)) {
		size_t size = 2 + (size_t)port->name_size;
		if (port->protocol == protocol && (shortest == 0 || size < shortest))
			shortest = size;
	}
	return shortest;
}

/* --- building ---------------------------------------------------------------------------- */

static size_t addresses_size(const struct address_set *set)
{
	return (size_t)set->v4_count * V4_SIZE + (size_t)set->v6_count * V6_SIZE;
}

static bool addresses_equal(const struct address_set *a, const struct address_set *b)
{
	return a->v4_count == b->v4_count && a->v6_count == b->v6_count &&
	       (a->v4_count == 0 || memcmp(a->v4, b->v4, (size_t)a->v4_count * V4_SIZE) == 0) &&
	       (a->v6_count == 0 || memcmp(a->v6, b->v6, (size_t)a->v6_count * V6_SIZE) == 0);
}

/* A region of one cluster has the addresses of its zone: one copy serves both. Looks back over the
 * rungs of few clusters only. */
static bool addresses_shared(const struct ladder *ladder, size_t i, size_t *with)
{
	enum { LOOK_BACK = 8 };
	for (size_t j = i > LOOK_BACK ? i - LOOK_BACK : 0; j < i; j++) {
		if (addresses_equal(&ladder->rungs[j].addresses, &ladder->rungs[i].addresses)) {
			*with = j;
			return true;
		}
	}
	return false;
}

static enum err put(struct buf *out, const void *data, size_t size)
{
	return size == 0 ? ERR_OK : buf_add(out, (struct bytes){data, size});
}

static size_t climbs_size(const struct ladder *ladder)
{
	return ladder->climb_count == 0
	           ? 0
	           : sizeof(struct entry_climbs) + ladder->climb_count * sizeof(struct entry_climb);
}

static enum err put_climbs(struct buf *out, const struct ladder *ladder)
{
	const struct entry_climbs head = {.brief_ttl_s = ladder->brief_ttl_s,
	                                  .count = (uint32_t)ladder->climb_count};
	enum err err = ladder->climb_count == 0 ? ERR_OK : put(out, &head, sizeof head);
	for (size_t i = 0; i < ladder->climb_count && err == ERR_OK; i++) {
		const struct climb *climb = &ladder->climbs[i];
		const struct entry_climb laid = {climb->place, climb->reason, climb->brief};
		err = put(out, &laid, sizeof laid);
	}
	return err;
}

static enum err put_rungs(struct buf *out, const struct ladder *ladder)
{
	size_t at = out->size + ladder->rung_count * sizeof(struct entry_rung) + climbs_size(ladder);
	for (size_t i = 0; i < ladder->rung_count; i++) {
		const struct rung *rung = &ladder->rungs[i];
		struct entry_rung laid = {.place = rung->place,
		                          .v4_count = rung->addresses.v4_count,
		                          .v6_count = rung->addresses.v6_count,
		                          .ttl_s = rung->ttl_s};
		size_t with;
		if (addresses_shared(ladder, i, &with)) {
			const struct entry *entry = (const struct entry *)(const void *)out->data;
			laid.at = entry_rungs(entry)[with].at;
		} else {
			laid.at = (uint32_t)at;
			at += addresses_size(&rung->addresses);
		}
		enum err err = put(out, &laid, sizeof laid);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static enum err put_addresses(struct buf *out, const struct ladder *ladder)
{
	for (size_t i = 0; i < ladder->rung_count; i++) {
		const struct address_set *set = &ladder->rungs[i].addresses;
		size_t with;
		if (addresses_shared(ladder, i, &with))
			continue;
		enum err err = put(out, set->v4, (size_t)set->v4_count * V4_SIZE);
		if (err == ERR_OK)
			err = put(out, set->v6, (size_t)set->v6_count * V6_SIZE);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static enum err put_padded(struct buf *out, struct bytes octets)
{
	static const uint8_t zero[3] = {0};
	enum err err = put(out, octets.data, octets.size);
	return err == ERR_OK ? put(out, zero, padded(octets.size) - octets.size) : err;
}

/* Sets ports_size, now that it is known. */
static enum err put_ports(struct buf *out, const struct ladder *ladder)
{
	size_t begin = out->size;
	for (size_t i = 0; i < ladder->port_count; i++) {
		const struct port *port = &ladder->ports[i];
		const struct entry_port head = {.number = port->number,
		                                .protocol = (uint8_t)port->protocol,
		                                .name_size = (uint8_t)port->name.size};
		enum err err = put(out, &head, sizeof head);
		if (err == ERR_OK)
			err = put_padded(out, port->name);
		if (err != ERR_OK)
			return err;
	}
	((struct entry *)(void *)out->data)->ports_size = (uint16_t)(out->size - begin);
	return ERR_OK;
}

static enum err put_head(struct buf *out, const struct entry *head, struct bytes key)
{
	out->size = 0;
	enum err err = put(out, head, sizeof *head);
	return err == ERR_OK ? put_padded(out, key) : err;
}

static enum err size_why(enum err err, struct bytes key, struct why *why)
{
	const struct bytes name = {key.data + 1, key.data[0]};
	if (err == ERR_LIMIT)
		why_set(why, "%.*s: its entry would be larger than %zu octets", BYTES_ARG(name),
		        ENTRY_SIZE_MAX);
	else if (err != ERR_OK)
		why_set(why, "%.*s: no memory for its entry", BYTES_ARG(name));
	return err;
}

/* Now the size is known. */
static enum err finish(struct buf *out, enum err err, struct bytes key, struct why *why)
{
	if (err == ERR_OK)
		((struct entry *)(void *)out->data)->size = (uint32_t)out->size;
	return size_why(err, key, why);
}

enum err entry_build_service(struct buf *out, const struct ladder *ladder, uint32_t id,
                             const struct record_counts *records, struct why *why)
{
	static_assert(SERVICE_RECORDS_MAX < 1 << 15 && PLACES_MAX < 1 << 13 &&
	                  PLACES_MAX * PORTS_MAX < 1 << 19,
	              "counts of records fit into their bits");
	assert(ladder->rung_count <= PLACES_MAX && ladder->climb_count <= PLACES_MAX);
	assert(record_total(records) <= SERVICE_RECORDS_MAX);
	const struct entry head = {.id = id,
	                           .ttl_s = ladder->ttl_s,
	                           .a = records->a & 0x7fff,
	                           .aaaa = records->aaaa & 0x7fff,
	                           .cname = records->cname & 0x1fff,
	                           .srv = records->srv & 0x7ffff,
	                           .rung_count = (uint16_t)ladder->rung_count,
	                           .kind = ENTRY_SERVICE,
	                           .flatten = ladder->flatten,
	                           .all_down = ladder->all_down,
	                           .climbs = ladder->climb_count != 0,
	                           .key_size = ladder->key_size};
	const struct bytes key = {ladder->key, ladder->key_size};
	enum err err = put_head(out, &head, key);
	if (err == ERR_OK)
		err = put_rungs(out, ladder);
	if (err == ERR_OK)
		err = put_climbs(out, ladder);
	if (err == ERR_OK)
		err = put_addresses(out, ladder);
	if (err == ERR_OK)
		err = put_ports(out, ladder);
	return finish(out, err, key, why);
}

enum err entry_build_namespace(struct buf *out, struct bytes label, uint8_t shortest,
                               struct why *why)
{
	assert(label.size >= 1 && label.size <= LABEL_SIZE_MAX && shortest != 0);
	uint8_t octets[1 + LABEL_SIZE_MAX];
	const struct bytes key = {octets, label_put(label, octets)};
	const struct entry head = {
		.kind = ENTRY_NAMESPACE, .shortest = shortest, .key_size = (uint8_t)key.size};
	return finish(out, put_head(out, &head, key), key, why);
}

/* The ladder as RRsets: what render prints, a provider gets, and the answers must agree with. */
#include "fedns/compile.h"

#include <assert.h>
#include <string.h>

const struct rung *ladder_rung(const struct ladder *ladder, uint16_t place)
{
	size_t low = 0, high = ladder->rung_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ladder->rungs[middle].place < place)
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low < ladder->rung_count && ladder->rungs[low].place == place;
	return found ? &ladder->rungs[low] : NULL;
}

const struct climb *ladder_climb(const struct ladder *ladder, uint16_t place)
{
	for (size_t i = 0; i < ladder->climb_count && ladder->climbs[i].place <= place; i++) {
		if (ladder->climbs[i].place == place)
			return &ladder->climbs[i];
	}
	return NULL;
}

uint32_t ladder_cname_ttl(const struct ladder *ladder, uint16_t place)
{
	const struct climb *climb = ladder_climb(ladder, place);
	return climb != NULL && climb->brief ? ladder->brief_ttl_s : ladder->ttl_s;
}

/* The addresses that stand at `place`: its own, or with `flatten` those of the next level that has
 * any (rule 4). */
static const struct rung *rung_at(const struct ladder *ladder, const struct tail *tails,
                                  uint16_t place)
{
	const struct rung *rung = ladder_rung(ladder, place);
	while (rung == NULL && ladder->flatten && place != 0) {
		place = tails[place].parent;
		rung = ladder_rung(ladder, place);
	}
	return rung;
}

static bool owner_fits(const struct ladder *ladder, const struct tail *tail)
{
	return tail->name.size != 0 && ladder->key_size + tail->name.size <= NAME_SIZE_MAX;
}

static void owner_set(const struct ladder *ladder, const struct tail *tail, struct name *out)
{
	assert(owner_fits(ladder, tail));
	memcpy(out->octets, ladder->key, ladder->key_size);
	memcpy(out->octets + ladder->key_size, tail->name.octets, tail->name.size);
	out->size = (uint8_t)(ladder->key_size + tail->name.size);
}

static enum err addresses_take(const struct name *owner, const struct rung *rung, uint16_t type,
                               rrset_taker *take, void *arg, struct why *why)
{
	const uint8_t *octets = type == TYPE_A ? rung->addresses.v4 : rung->addresses.v6;
	uint16_t count = type == TYPE_A ? rung->addresses.v4_count : rung->addresses.v6_count;
	size_t size = type == TYPE_A ? V4_SIZE : V6_SIZE;
	struct bytes rdata[LEVEL_V4_MAX];
	static_assert(LEVEL_V6_MAX <= LEVEL_V4_MAX, "one array for both families");

	assert(count <= LEVEL_V4_MAX);
	if (count == 0)
		return ERR_OK; /* the other family alone: NODATA here (rule 3) */
	for (uint16_t i = 0; i < count; i++)
		rdata[i] = (struct bytes){octets + i * size, size};
	const struct rrset set = {name_bytes(owner), type, count, rung->ttl_s, rdata};
	return take(arg, &set, why);
}

static enum err cname_take(const struct ladder *ladder, const struct name *owner,
                           const struct tail *tails, uint16_t place, rrset_taker *take, void *arg,
                           struct why *why)
{
	struct name target;
	owner_set(ladder, &tails[tails[place].parent], &target); /* shorter than `owner`, so it fits */
	const struct bytes rdata = name_bytes(&target);
	const struct rrset set = {name_bytes(owner), TYPE_CNAME, 1, ladder_cname_ttl(ladder, place),
	                          &rdata};
	return take(arg, &set, why);
}

static void names_of(const struct ladder *ladder, struct bytes *namespace, struct bytes *name)
{
	size_t name_size = ladder->key[0];
	*name = (struct bytes){ladder->key + 1, name_size};
	*namespace = (struct bytes){ladder->key + name_size + 2, ladder->key[name_size + 1]};
}

/* --- named ports ------------------------------------------------------------------------- */

/* A label that is `text` behind an underscore, folded. */
static size_t underscored_put(struct bytes text, uint8_t *out)
{
	out[0] = (uint8_t)(1 + text.size);
	out[1] = '_';
	for (size_t i = 0; i < text.size; i++)
		out[2 + i] = octet_lower(text.data[i]);
	return 2 + text.size;
}

size_t port_labels_put(const struct port *port, uint8_t *out)
{
	assert(port->name.size >= 1 && port->name.size <= PORT_NAME_SIZE_MAX);
	size_t size = underscored_put(port->name, out);
	return size + underscored_put(bytes_of(protocol_text(port->protocol)), out + size);
}

/* What SRVs at a place aim at. */
struct aim {
	struct name target;
	uint32_t ttl_s;
};

/*
 * The first level from `place` upwards that has addresses; false: there is none. Whatever may move
 * on the way up stands there, too, so its TTL is as short as any of theirs.
 */
static bool aim_of(const struct ladder *ladder, const struct tail *tails, uint16_t place,
                   struct aim *out)
{
	uint16_t at = place;
	const struct rung *rung = ladder_rung(ladder, at);
	while (rung == NULL && at != 0) {
		at = tails[at].parent;
		rung = ladder_rung(ladder, at);
	}
	if (rung == NULL)
		return false;
	out->ttl_s = rung->ttl_s;
	owner_set(ladder, &tails[ladder->flatten ? place : at], &out->target);
	return true;
}

static enum err srv_take(const struct port *port, const struct name *owner, const struct aim *aim,
                         rrset_taker *take, void *arg, struct why *why)
{
	const struct name *target = &aim->target;
	/* Priority and weight 0: the addresses of a level are equals. */
	uint8_t octets[SRV_FIXED_SIZE + NAME_SIZE_MAX] = {
		0, 0, 0, 0, (uint8_t)(port->number >> 8), (uint8_t)port->number};
	memcpy(octets + SRV_FIXED_SIZE, target->octets, target->size);
	const struct bytes rdata = {octets, SRV_FIXED_SIZE + (size_t)target->size};
	const struct rrset set = {name_bytes(owner), TYPE_SRV, 1, aim->ttl_s, &rdata};
	return take(arg, &set, why);
}

static void port_size_report(const struct ladder *ladder, const struct port *port,
                             const struct name *level, struct findings *findings)
{
	char text[NAME_TEXT_SIZE];
	struct bytes namespace, name;
	names_of(ladder, &namespace, &name);
	name_text(name_bytes(level), text);
	findings_add(
		findings, SEVERITY_WARNING, FINDING_NAME_SIZE,
		"service %.*s/%.*s: the name of port %.*s below %s would pass 253 octets; it is left "
		"out",
		BYTES_ARG(namespace), BYTES_ARG(name), BYTES_ARG(port->name), text);
}

/* The SRV RRsets of all named ports at `place`, whose name is `level`. */
static enum err ports_take(const struct ladder *ladder, const struct tail *tails, uint16_t place,
                           const struct name *level, struct findings *findings, rrset_taker *take,
                           void *arg, struct why *why)
{
	struct aim aim;
	if (ladder->port_count == 0 || !aim_of(ladder, tails, place, &aim))
		return ERR_OK;
	for (size_t i = 0; i < ladder->port_count; i++) {
		const struct port *port = &ladder->ports[i];
		struct name owner;
		size_t size = port_labels_put(port, owner.octets);
		if (size + level->size > NAME_SIZE_MAX) {
			port_size_report(ladder, port, level, findings);
			continue;
		}
		memcpy(owner.octets + size, level->octets, level->size);
		owner.size = (uint8_t)(size + level->size);
		enum err err = srv_take(port, &owner, &aim, take, arg, why);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

/* --- all of a ladder --------------------------------------------------------------------- */

static void name_size_report(const struct ladder *ladder, const struct tail *tail,
                             struct findings *findings)
{
	char text[NAME_TEXT_SIZE];
	struct bytes namespace, name;
	names_of(ladder, &namespace, &name);
	name_text(name_bytes(&tail->name), text);
	findings_add(findings, SEVERITY_WARNING, FINDING_NAME_SIZE,
	             "service %.*s/%.*s: its name below %s would pass 253 octets; it is left out, the "
	             "shorter names stay",
	             BYTES_ARG(namespace), BYTES_ARG(name), text);
}

enum err ladder_rrsets(const struct ladder *ladder, const struct tail *tails, size_t tail_count,
                       struct findings *findings, rrset_taker *take, void *arg, struct why *why)
{
	for (size_t place = 0; place < tail_count; place++) {
		const struct tail *tail = &tails[place];
		if (tail->name.size == 0)
			continue; /* compile_tails() has said so */
		if (!owner_fits(ladder, tail)) {
			name_size_report(ladder, tail, findings);
			continue;
		}
		struct name owner;
		owner_set(ladder, tail, &owner);
		const struct rung *rung = rung_at(ladder, tails, (uint16_t)place);
		enum err err = ERR_OK;
		if (rung != NULL) {
			err = addresses_take(&owner, rung, TYPE_A, take, arg, why);
			if (err == ERR_OK)
				err = addresses_take(&owner, rung, TYPE_AAAA, take, arg, why);
		} else if (!ladder->flatten && place != 0) {
			err = cname_take(ladder, &owner, tails, (uint16_t)place, take, arg, why);
		}
		if (err == ERR_OK)
			err = ports_take(ladder, tails, (uint16_t)place, &owner, findings, take, arg, why);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

/* As ports_take(): a SRV of each port wherever there are addresses, here or above. */
static uint32_t srv_count(const struct ladder *ladder, const struct tail *tails, uint16_t place)
{
	struct aim aim;
	uint32_t count = 0;
	if (ladder->port_count == 0 || !aim_of(ladder, tails, place, &aim))
		return 0;
	size_t level_size = (size_t)ladder->key_size + tails[place].name.size;
	for (size_t i = 0; i < ladder->port_count; i++) {
		uint8_t labels[PORT_LABELS_SIZE_MAX];
		count += port_labels_put(&ladder->ports[i], labels) + level_size <= NAME_SIZE_MAX;
	}
	return count;
}

void ladder_records(const struct ladder *ladder, const struct tail *tails, size_t tail_count,
                    struct record_counts *out)
{
	*out = (struct record_counts){.a = 0};
	for (size_t place = 0; place < tail_count; place++) {
		if (!owner_fits(ladder, &tails[place]))
			continue;
		const struct rung *rung = rung_at(ladder, tails, (uint16_t)place);
		if (rung != NULL) {
			out->a += rung->addresses.v4_count;
			out->aaaa += rung->addresses.v6_count;
		} else if (!ladder->flatten && place != 0) {
			out->cname++;
		}
		out->srv += srv_count(ladder, tails, (uint16_t)place);
	}
}

static void room_report(const struct ladder *ladder, size_t records, size_t records_max,
                        const char *whose, struct findings *findings)
{
	struct bytes namespace, name;
	names_of(ladder, &namespace, &name);
	findings_add(
		findings, SEVERITY_ERROR, FINDING_LIMIT,
		"service %.*s/%.*s: with its %zu records %s would have more than %zu; it is left as "
		"it was before, or out",
		BYTES_ARG(namespace), BYTES_ARG(name), records, whose, records_max);
}

enum room ladder_room(const struct ladder *ladder, const struct tail *tails, size_t tail_count,
                      size_t others, struct findings *findings, struct record_counts *records)
{
	ladder_records(ladder, tails, tail_count, records);
	size_t total = record_total(records);
	if (total > SERVICE_RECORDS_MAX) {
		room_report(ladder, total, SERVICE_RECORDS_MAX, "it", findings);
		return ROOM_SERVICE_FULL;
	}
	if (others + total > RECORDS_MAX) {
		room_report(ladder, total, RECORDS_MAX, "the zone", findings);
		return ROOM_ZONE_FULL;
	}
	return ROOM_ENOUGH;
}

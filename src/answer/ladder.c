/* A service's names: addresses, the CNAMEs of empty levels, SRVs of named ports. */
#include "task.h"

#include <string.h>

static uint8_t *rr_put(uint8_t *at, size_t owner_at, uint16_t type, uint32_t ttl_s, uint16_t size)
{
	/* Owner, type, class and TTL, RDLENGTH in two words, which a loop over addresses makes once. */
	wire_put_u64(at, (uint64_t)(POINTER_BITS | owner_at) << 48 | (uint64_t)type << 32 |
	                     (uint64_t)CLASS_IN << 16 | ttl_s >> 16);
	wire_put_u32(at + 8, ttl_s << 16 | size);
	return at + 2 + RR_FIXED_SIZE;
}

/* One family of a rung. */
struct family {
	const uint8_t *octets;
	uint16_t type, count, size; /* size: octets of one address */
};

static struct family rung_family(const struct entry *entry, const struct entry_rung *rung,
                                 uint16_t type)
{
	const uint8_t *octets = (const uint8_t *)entry + rung->at;
	if (type == TYPE_A)
		return (struct family){octets, type, rung->v4_count, V4_SIZE};
	return (struct family){octets + (size_t)rung->v4_count * V4_SIZE, type, rung->v6_count,
	                       V6_SIZE};
}

static size_t family_size(const struct family *family)
{
	return family->count * (2u + RR_FIXED_SIZE + family->size);
}

/* An RRset of at least one address, whole or not at all. Returns the RRs that were put. */
static uint16_t addresses_put(const struct task *task, const struct family *family, size_t owner_at,
                              uint32_t ttl_s)
{
	const size_t count = family->count, size = family->size;
	uint8_t *at = reply_take(task->reply, family_size(family));
	if (at == NULL)
		return 0;
	/* Clients that take the first one are spread. Mixed, for many ask for A and AAAA in turn. As
	 * a fraction of `count`, which takes no division. */
	uint32_t dice = (uint32_t)(task->turn * UINT64_C(0x9e3779b97f4a7c15) >> 32);
	size_t first = (size_t)((uint64_t)dice * count >> 32);
	for (size_t i = 0; i < count; i++) {
		size_t next = first + i < count ? first + i : first + i - count;
		at = rr_put(at, owner_at, family->type, ttl_s, family->size);
		/* Sizes that the compiler knows: no call. */
		if (size == V4_SIZE)
			memcpy(at, family->octets + next * V4_SIZE, V4_SIZE);
		else
			memcpy(at, family->octets + next * V6_SIZE, V6_SIZE);
		at += size;
	}
	return family->count;
}

/*
 * A CNAME to the name one level up: SVC.NS.FED.svc in full, then a pointer to REGION.SUFFIX or
 * SUFFIX, on which the question ends as well. Returns the target's offset, 0 where it did not fit.
 */
static size_t cname_put(const struct task *task, const struct entry *entry, size_t owner_at,
                        uint16_t parent, uint32_t ttl_s)
{
	const struct fixed *fixed = task->root->fixed;
	struct bytes key = entry_key(entry);
	size_t rest = fixed->places[parent].tail_size - fixed->head_size;
	size_t size = key.size + fixed->head_size + 2;
	uint8_t *at = reply_take(task->reply, 2 + RR_FIXED_SIZE + size);
	if (at == NULL)
		return 0;
	at = rr_put(at, owner_at, TYPE_CNAME, ttl_s, (uint16_t)size);
	size_t target_at = (size_t)(at - task->reply->data);
	memcpy(at, key.data, key.size);
	memcpy(at + key.size, fixed->head, fixed->head_size);
	wire_put_u16(at + size - 2, (uint16_t)(POINTER_BITS | question_tail(task, rest)));
	task->reply->answers++;
	return target_at;
}

/* RFC 8482 section 4.1: ANY is answered with one RRset of those that are there. */
static uint16_t rung_type(const struct entry_rung *rung, uint16_t qtype)
{
	if (qtype == TYPE_ANY)
		return rung->v4_count != 0 ? TYPE_A : TYPE_AAAA;
	return qtype;
}

static bool rung_has(const struct entry_rung *rung, uint16_t type)
{
	return (type == TYPE_A && rung->v4_count != 0) || (type == TYPE_AAAA && rung->v6_count != 0);
}

void ladder_answer(const struct task *task, const struct lookup *found)
{
	const struct entry *entry = found->entry;
	const uint16_t qtype = task->request->type;
	size_t owner_at = HEADER_SIZE;
	uint16_t place = found->place;
	const struct entry_rung *rung = entry_rung_find(entry, place);

	while (rung == NULL && place != 0) {
		uint32_t ttl_s = entry_cname_ttl(entry, place);
		place = task->root->fixed->places[place].parent;
		if (!entry->flatten) {
			owner_at = cname_put(task, entry, owner_at, place, ttl_s);
			if (owner_at == 0 || qtype == TYPE_CNAME || qtype == TYPE_ANY)
				return; /* truncated, or the CNAME alone was asked for */
		}
		rung = entry_rung_find(entry, place);
	}
	uint16_t type = rung == NULL ? 0 : rung_type(rung, qtype);
	if (rung == NULL || !rung_has(rung, type)) {
		negative_put(task);
		return;
	}
	const struct family family = rung_family(entry, rung, type);
	uint16_t put = addresses_put(task, &family, owner_at, rung->ttl_s);
	task->reply->answers = (uint16_t)(task->reply->answers + put);
}

/* The target is written in full (RFC 2782), with the TTL of its addresses. Returns its offset, 0
 * where the SRV did not fit. */
static size_t srv_put(const struct task *task, const struct lookup *found, uint16_t place,
                      uint32_t ttl_s)
{
	const struct entry *entry = found->entry;
	const struct bytes key = entry_key(entry);
	const struct name *tail = &task->root->fixed->tails[place].name;
	size_t size = SRV_FIXED_SIZE + key.size + tail->size;
	uint8_t *at = reply_take(task->reply, 2 + RR_FIXED_SIZE + size);
	if (at == NULL)
		return 0;
	at = rr_put(at, HEADER_SIZE, TYPE_SRV, ttl_s, (uint16_t)size);
	wire_put_u32(at, 0); /* priority and weight: the addresses of a level are equals */
	wire_put_u16(at + 4, found->port->number);
	uint8_t *target = at + SRV_FIXED_SIZE;
	memcpy(target, key.data, key.size);
	memcpy(target + key.size, tail->octets, tail->size);
	task->reply->answers = 1;
	return (size_t)(target - task->reply->data);
}

/* A courtesy: what does not fit is left out without TC (RFC 2181 section 9). */
static void additional_put(const struct task *task, const struct entry *entry,
                           const struct entry_rung *rung, size_t owner_at, uint16_t type)
{
	const struct family family = rung_family(entry, rung, type);
	if (family.count == 0 || reply_room(task->reply) < family_size(&family))
		return;
	uint16_t put = addresses_put(task, &family, owner_at, rung->ttl_s);
	task->reply->additionals = (uint16_t)(task->reply->additionals + put);
}

void port_answer(const struct task *task, const struct lookup *found)
{
	const struct entry *entry = found->entry;
	const uint16_t qtype = task->request->type;
	uint16_t place = found->place;
	const struct entry_rung *rung = entry_rung_find(entry, place);
	while (rung == NULL && place != 0) {
		place = task->root->fixed->places[place].parent;
		rung = entry_rung_find(entry, place);
	}
	if (rung == NULL || (qtype != TYPE_SRV && qtype != TYPE_ANY)) {
		negative_put(task);
		return;
	}
	/* Where levels carry each other's addresses each name is its own target; else an empty one is
	 * an alias, which no target may be. */
	size_t target_at = srv_put(task, found, entry->flatten ? found->place : place, rung->ttl_s);
	if (target_at == 0)
		return;
	additional_put(task, entry, rung, target_at, TYPE_A);
	additional_put(task, entry, rung, target_at, TYPE_AAAA);
}

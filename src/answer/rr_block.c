#include "rr_block.h"

#include "wire.h"

#include <assert.h>
#include <string.h>

/* Octets of `name` before the zone's name, if it ends there; else false. */
static bool above_zone(struct bytes name, const struct name *zone, size_t *before)
{
	for (size_t at = 0; name.size - at >= zone->size; at += 1u + name.data[at]) {
		struct bytes rest = {name.data + at, name.size - at};
		*before = at;
		if (bytes_equal(rest, name_bytes(zone)))
			return true;
	}
	return false;
}

static enum err put(struct buf *out, const void *data, size_t size)
{
	return size == 0 ? ERR_OK : buf_add(out, (struct bytes){data, size});
}

static enum err put_u16(struct buf *out, uint32_t value)
{
	const uint8_t octets[2] = {(uint8_t)(value >> 8), (uint8_t)value};
	return put(out, octets, sizeof octets);
}

/* A name, ending in a pointer to the zone's name where it can. */
static enum err put_name(struct block *block, struct buf *out, struct bytes name,
                         const struct name *zone)
{
	size_t before;
	if (zone->size == 1 || !above_zone(name, zone, &before))
		return put(out, name.data, name.size);
	enum err err = put(out, name.data, before);
	if (err != ERR_OK)
		return err;
	if (block->pointer_count == BLOCK_POINTERS_MAX)
		return ERR_LIMIT;
	block->pointers[block->pointer_count++] = (uint16_t)out->size;
	return put_u16(out, 0);
}

static enum err put_rdata(struct block *block, struct buf *out, uint16_t type, struct bytes rdata,
                          const struct name *zone)
{
	if (type != TYPE_NS && type != TYPE_SOA)
		return put(out, rdata.data, rdata.size);
	size_t first = name_size(rdata.data);
	enum err err = put_name(block, out, (struct bytes){rdata.data, first}, zone);
	if (err != ERR_OK || type == TYPE_NS)
		return err;
	size_t second = name_size(rdata.data + first);
	err = put_name(block, out, (struct bytes){rdata.data + first, second}, zone);
	if (err != ERR_OK)
		return err;
	block->serial_at = (uint16_t)out->size;
	return put(out, rdata.data + first + second, rdata.size - first - second);
}

static enum err put_rr(struct block *block, struct buf *out, const struct rrset *set, size_t i,
                       enum block_owner owner, uint32_t ttl_s, const struct name *zone)
{
	enum err err = owner == OWNER_QUESTION ? put_u16(out, POINTER_QUESTION)
	                                       : put_name(block, out, set->owner, zone);
	if (err == ERR_OK)
		err = put_u16(out, set->type);
	if (err == ERR_OK)
		err = put_u16(out, CLASS_IN);
	if (err == ERR_OK)
		err = put_u16(out, ttl_s >> 16);
	if (err == ERR_OK)
		err = put_u16(out, ttl_s & 0xffff);
	size_t size_at = out->size;
	if (err == ERR_OK)
		err = put_u16(out, 0);
	if (err == ERR_OK)
		err = put_rdata(block, out, set->type, set->rdata[i], zone);
	if (err == ERR_OK)
		wire_put_u16(out->data + size_at, (uint16_t)(out->size - size_at - 2));
	return err;
}

enum err block_build(struct block *out, const struct rrset *set, enum block_owner owner,
                     uint32_t ttl_s, const struct name *zone, struct why *why)
{
	struct buf octets;
	buf_init(&octets, BLOCK_SIZE_MAX);
	*out = (struct block){.count = set->count};
	for (size_t i = 0; i < set->count; i++) {
		enum err err = put_rr(out, &octets, set, i, owner, ttl_s, zone);
		if (err != ERR_OK) {
			why_set(why, "%s",
			        err == ERR_NOMEM ? "no memory for the zone's own records"
			                         : "too many name servers or addresses of them");
			buf_free(&octets);
			*out = (struct block){0};
			return err;
		}
	}
	out->octets = octets.data; /* the block owns it now */
	out->size = (uint16_t)octets.size;
	return ERR_OK;
}

void block_clear(struct block *block)
{
	struct buf octets = {.data = block->octets};
	buf_free(&octets);
	*block = (struct block){0};
}

void block_copy(const struct block *block, uint8_t *at, size_t zone_at, uint32_t serial)
{
	assert(zone_at < POINTER_MAX);
	memcpy(at, block->octets, block->size);
	for (size_t i = 0; i < block->pointer_count; i++)
		wire_put_u16(at + block->pointers[i], (uint16_t)(POINTER_BITS | zone_at));
	if (block->serial_at != 0)
		wire_put_u32(at + block->serial_at, serial);
}

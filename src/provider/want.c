/* RRsets as wanted records: from the wire to the provider's text. */
#include "fedns/address.h"
#include "fedns/plan.h"

#include "record_list.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The provider takes 511 octets and refuses 764; what lies between nobody has seen. */
#define TXT_SIZE_MAX 511
/* Room for a value: a name in text, "65535 65535 65535 " before it, or a TXT. */
#define VALUE_SIZE_MAX (TXT_SIZE_MAX + 1)
static_assert(18 + NAME_SIZE_MAX <= VALUE_SIZE_MAX, "a SRV fits");

struct text {
	uint8_t octets[VALUE_SIZE_MAX];
	size_t size;
};

/* RRDOC: letters, digits, hyphens but at the ends, `_`; a `*` alone. Its Chinese labels are another
 * form of what is ASCII on the wire. */
static bool label_is_fine(struct bytes label)
{
	if (label.size == 1 && label.data[0] == '*')
		return true;
	if (label.data[0] == '-' || label.data[label.size - 1] == '-')
		return false;
	for (size_t i = 0; i < label.size; i++) {
		uint8_t octet = octet_lower(label.data[i]);
		if (!(octet >= 'a' && octet <= 'z') && !(octet >= '0' && octet <= '9') && octet != '-' &&
		    octet != '_')
			return false;
	}
	return true;
}

/* Do the octets of `wire` from `at` on begin with a whole label? */
static bool label_is_whole(struct bytes wire, size_t at)
{
	return at < wire.size && wire.data[at] > 0 && wire.data[at] <= LABEL_SIZE_MAX &&
	       wire.data[at] < wire.size - at;
}

static bool ends_with(struct bytes wire, size_t at, struct bytes end)
{
	return bytes_equal((struct bytes){wire.data + at, wire.size - at}, end);
}

/* Append the labels of wire name `wire` before its end `end`, with dots between them. */
static bool labels_put(struct bytes wire, struct bytes end, struct text *out)
{
	size_t at = 0;
	if (wire.size == 0 || wire.size > NAME_SIZE_MAX)
		return false;
	while (!ends_with(wire, at, end)) {
		if (!label_is_whole(wire, at))
			return false;
		struct bytes label = {wire.data + at + 1, wire.data[at]};
		if (!label_is_fine(label) || (label.data[0] == '*' && at > 0))
			return false;
		if (at > 0)
			out->octets[out->size++] = '.';
		memcpy(out->octets + out->size, label.data, label.size);
		out->size += label.size;
		at += 1 + label.size;
	}
	return true;
}

/* A name that a record points to: whole, and not the root, which the provider refuses. */
static bool target_put(struct bytes wire, struct text *out)
{
	static const uint8_t ROOT[1] = {0};
	return wire.size > 1 && labels_put(wire, (struct bytes){ROOT, 1}, out);
}

static bool address_put(uint8_t family, struct bytes rdata, struct text *out)
{
	struct address address = {.family = family};
	if (rdata.size != address_size(family))
		return false;
	memcpy(address.octets, rdata.data, rdata.size);
	char text[ADDRESS_TEXT_SIZE];
	address_text(&address, text);
	out->size = strlen(text);
	memcpy(out->octets, text, out->size);
	return true;
}

static unsigned number_at(struct bytes rdata, size_t at)
{
	return (unsigned)rdata.data[at] << 8 | rdata.data[at + 1];
}

static bool srv_put(struct bytes rdata, struct text *out)
{
	if (rdata.size <= SRV_FIXED_SIZE)
		return false;
	int written = snprintf((char *)out->octets, sizeof out->octets, "%u %u %u ",
	                       number_at(rdata, 0), number_at(rdata, 2), number_at(rdata, 4));
	out->size = (size_t)written;
	return target_put((struct bytes){rdata.data + SRV_FIXED_SIZE, rdata.size - SRV_FIXED_SIZE},
	                  out);
}

/* The provider keeps one text, without quotes and final blanks, and mishandles backslashes: what it
 * would change is refused, or it would differ forever. */
static bool txt_octet_is_fine(uint8_t octet)
{
	return octet >= ' ' && octet < 0x7f && octet != '"' && octet != '\\';
}

static bool txt_put(struct bytes rdata, struct text *out)
{
	for (size_t at = 0; at < rdata.size; at += 1 + (size_t)rdata.data[at]) {
		size_t size = rdata.data[at];
		if (size >= rdata.size - at || size > TXT_SIZE_MAX - out->size)
			return false;
		memcpy(out->octets + out->size, rdata.data + at + 1, size);
		out->size += size;
	}
	for (size_t i = 0; i < out->size; i++) {
		if (!txt_octet_is_fine(out->octets[i]))
			return false;
	}
	return out->size > 0 && out->octets[out->size - 1] != ' ';
}

static bool value_put(uint16_t type, struct bytes rdata, struct text *out)
{
	out->size = 0;
	switch (type) {
	case TYPE_A:
		return address_put(4, rdata, out);
	case TYPE_AAAA:
		return address_put(6, rdata, out);
	case TYPE_CNAME:
	case TYPE_NS:
		return target_put(rdata, out);
	case TYPE_SRV:
		return srv_put(rdata, out);
	case TYPE_TXT:
		return txt_put(rdata, out);
	default:
		return false;
	}
}

static enum err values_add(struct record_list *records, const struct text *rr,
                           const struct rrset *set, struct why *why)
{
	for (size_t i = 0; i < set->count; i++) {
		struct text value;
		if (!value_put(set->type, set->rdata[i], &value)) {
			why_set(why, "the provider can't hold value %zu of its %u", i + 1, set->count);
			return ERR_INVALID;
		}
		const struct record record = {.rr = {rr->octets, rr->size},
		                              .value = {value.octets, value.size},
		                              .ttl_s = set->ttl_s,
		                              .type = set->type,
		                              .mark = MARK_OURS};
		enum err err = record_list_add(records, &record, why);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

/* Put what the sentence is about before it. An owner that is no name has no text. */
static void blame(const struct text *rr, const struct rrset *set, struct why *why)
{
	char type[16];
	type_text(set->type, type);
	why_wrap(why, "%.*s %s", (int)rr->size, (const char *)rr->octets, type);
}

enum err record_list_add_rrset(struct record_list *records, const struct name *domain,
                               const struct rrset *set, struct why *why)
{
	assert(domain->size > 0);
	struct text rr = {.size = 0};
	if (!labels_put(set->owner, name_bytes(domain), &rr)) {
		char name[NAME_TEXT_SIZE];
		name_text(name_bytes(domain), name);
		why_set(why, "no name in %.255s, or one with a label that the provider can't hold", name);
		blame(&rr, set, why);
		return ERR_INVALID;
	}
	if (rr.size == 0)
		rr.octets[rr.size++] = '@';
	size_t before = record_list_count(records);
	enum err err = values_add(records, &rr, set, why);
	if (err != ERR_OK) {
		record_list_cut(records, before); /* all or nothing */
		blame(&rr, set, why);
	}
	return err;
}

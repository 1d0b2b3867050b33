/* The header and the frame of each RR are walked by hand, since ldns says neither where an RR ends
 * nor whether its fields fill its RDLENGTH; the fields themselves, and all names, are ldns's. */
#include "ask_message.h"

#include <assert.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

/* RFC 1035 section 4.1: header; section 4.1.2: QTYPE, QCLASS; section 4.1.3: what lies between an
 * owner and its RDATA. */
enum { HEADER_SIZE = 12, QUESTION_FIXED_SIZE = 4, RR_FIXED_SIZE = 10 };

/* A message has 65,535 octets; names that were two octets become 255 each, two of them an RR. */
#define RDATA_TOTAL_MAX ((size_t)65535 + (size_t)ASK_RRS_MAX * 2 * NAME_SIZE_MAX)

struct reading {
	struct bytes message;
	size_t at;
	struct ask_message *out;
	size_t kept, room; /* of out->rrs */
	bool opt;          /* it had one */
	struct why *why;
};

static enum err bad(struct reading *reading, const char *what)
{
	why_set(reading->why, "the answer is no DNS message: %s", what);
	return ERR_INVALID;
}

static enum err no_memory(struct reading *reading)
{
	why_set(reading->why, "no memory for the answer");
	return ERR_NOMEM;
}

static bool has(const struct reading *reading, size_t size)
{
	return reading->message.size - reading->at >= size;
}

static uint16_t u16_at(const struct reading *reading, size_t at)
{
	assert(at + 2 <= reading->message.size);
	return (uint16_t)(reading->message.data[at] << 8 | reading->message.data[at + 1]);
}

static uint32_t u32_at(const struct reading *reading, size_t at)
{
	return (uint32_t)u16_at(reading, at) << 16 | u16_at(reading, at + 2);
}

static enum err name_read(struct reading *reading, struct name *out)
{
	ldns_rdf *name = NULL;
	ldns_status status =
		ldns_wire2dname(&name, reading->message.data, reading->message.size, &reading->at);
	if (status != LDNS_STATUS_OK)
		return bad(reading, ldns_get_errorstr_by_id(status));
	ldns_dname2canonical(name); /* lower case */
	size_t size = ldns_rdf_size(name);
	bool fits = size >= 1 && size <= NAME_SIZE_MAX;
	if (fits) {
		out->size = (uint8_t)size;
		memcpy(out->octets, ldns_rdf_data(name), size);
	}
	ldns_rdf_deep_free(name);
	return fits ? ERR_OK : bad(reading, "a name is too long");
}

static enum err header_read(struct reading *reading, uint16_t counts[ASK_SECTIONS])
{
	if (!has(reading, HEADER_SIZE))
		return bad(reading, "it is shorter than a header");
	uint16_t flags = u16_at(reading, 2);
	if ((flags & 0x8000) == 0)
		return bad(reading, "it is a question");
	if ((flags & 0x7800) != 0)
		return bad(reading, "it is no answer to a query (OPCODE)");
	if (u16_at(reading, 4) != 1)
		return bad(reading, "it does not repeat the one question");
	reading->out->aa = (flags & 0x0400) != 0;
	reading->out->tc = (flags & 0x0200) != 0;
	reading->out->rcode = flags & 0x000f;
	for (size_t i = 0; i < ASK_SECTIONS; i++)
		counts[i] = u16_at(reading, 6 + 2 * i);
	reading->at = HEADER_SIZE;
	return ERR_OK;
}

static enum err question_read(struct reading *reading, const struct name *name, uint16_t type)
{
	struct name asked;
	enum err err = name_read(reading, &asked);
	if (err != ERR_OK)
		return err;
	if (!has(reading, QUESTION_FIXED_SIZE))
		return bad(reading, "it ends within the question");
	size_t at = reading->at;
	reading->at += QUESTION_FIXED_SIZE;
	if (!name_equal(&asked, name) || u16_at(reading, at) != type ||
	    u16_at(reading, at + 2) != CLASS_IN)
		return bad(reading, "it repeats another question");
	return ERR_OK;
}

static struct ask_rr *rr_new(struct reading *reading)
{
	if (reading->kept == reading->room) {
		size_t room = reading->room == 0 ? 16 : reading->room * 2;
		struct ask_rr *rrs = realloc(reading->out->rrs, room * sizeof *rrs);
		if (rrs == NULL)
			return NULL;
		reading->out->rrs = rrs;
		reading->room = room;
	}
	return &reading->out->rrs[reading->kept];
}

/* ldns leaves fields out where the octets end early, and says nothing. */
static bool fields_are_all_there(const ldns_rr *rr)
{
	const ldns_rr_descriptor *known = ldns_rr_descript((uint16_t)ldns_rr_get_type(rr));
	return known == NULL || ldns_rr_rd_count(rr) >= ldns_rr_descriptor_minimum(known);
}

/* Append the RDATA of the RR that begins at `begin`, uncompressed. */
static enum err rdata_read(struct reading *reading, size_t begin, size_t end)
{
	ldns_rr *rr = NULL;
	size_t at = begin;
	ldns_status status =
		ldns_wire2rr(&rr, reading->message.data, reading->message.size, &at, LDNS_SECTION_ANSWER);
	if (status != LDNS_STATUS_OK)
		return bad(reading, ldns_get_errorstr_by_id(status));
	ldns_rr2canonical(rr);
	enum err err = ERR_OK;
	if (at != end || !fields_are_all_there(rr))
		err = bad(reading, "the octets of a record don't fill its fields exactly");
	for (size_t i = 0; i < ldns_rr_rd_count(rr) && err == ERR_OK; i++) {
		const ldns_rdf *field = ldns_rr_rdf(rr, i);
		err = buf_add(&reading->out->rdata,
		              (struct bytes){ldns_rdf_data(field), ldns_rdf_size(field)});
		if (err != ERR_OK)
			err = err == ERR_LIMIT ? bad(reading, "it is too large") : no_memory(reading);
	}
	ldns_rr_free(rr);
	return err;
}

/* RFC 6891 section 6.1.3: the upper eight bits of the RCODE are the first of the OPT's TTL. */
static enum err opt_read(struct reading *reading, const struct name *owner, size_t fixed)
{
	if (owner->size != 1 || reading->opt)
		return bad(reading, "it has two OPTs, or one with an owner");
	reading->opt = true;
	reading->out->rcode |= (uint16_t)(reading->message.data[fixed + 4] << 4);
	return ERR_OK;
}

static enum err rr_read(struct reading *reading, enum ask_section section)
{
	struct name owner;
	size_t begin = reading->at;
	enum err err = name_read(reading, &owner);
	if (err != ERR_OK)
		return err;
	size_t fixed = reading->at;
	if (!has(reading, RR_FIXED_SIZE))
		return bad(reading, "it ends within a record");
	uint16_t type = u16_at(reading, fixed), class = u16_at(reading, fixed + 2);
	uint32_t ttl_s = u32_at(reading, fixed + 4);
	size_t size = u16_at(reading, fixed + 8);
	reading->at += RR_FIXED_SIZE;
	if (!has(reading, size))
		return bad(reading, "it ends within a record");
	reading->at += size;
	if (type == TYPE_OPT)
		return section == ASK_ADDITIONAL ? opt_read(reading, &owner, fixed)
		                                 : bad(reading, "its OPT is in the wrong section");
	if (class != CLASS_IN || reading->kept == ASK_RRS_MAX)
		return ERR_OK;

	struct ask_rr *rr = rr_new(reading);
	if (rr == NULL)
		return no_memory(reading);
	size_t before = reading->out->rdata.size;
	err = rdata_read(reading, begin, reading->at);
	if (err != ERR_OK)
		return err;
	*rr = (struct ask_rr){.owner = owner, .type = type};
	rr->ttl_s = ttl_s <= INT32_MAX ? ttl_s : 0; /* RFC 2181 section 8 */
	rr->rdata.size = reading->out->rdata.size - before;
	reading->kept++;
	reading->out->rr_count[section]++;
	return ERR_OK;
}

static enum err sections_read(struct reading *reading, const uint16_t counts[ASK_SECTIONS])
{
	for (size_t section = 0; section < ASK_SECTIONS; section++) {
		for (size_t i = 0; i < counts[section]; i++) {
			enum err err = rr_read(reading, (enum ask_section)section);
			if (err != ERR_OK)
				return err;
		}
	}
	return reading->at == reading->message.size ? ERR_OK : bad(reading, "octets are left over");
}

enum err ask_message_read(struct bytes message, const struct name *name, uint16_t type,
                          struct ask_message *out, struct why *why)
{
	assert(name->size != 0);
	struct reading reading = {.message = message, .out = out, .why = why};
	uint16_t counts[ASK_SECTIONS];
	*out = (struct ask_message){.rrs = NULL};
	buf_init(&out->rdata, RDATA_TOTAL_MAX);
	enum err err = header_read(&reading, counts);
	if (err == ERR_OK)
		err = question_read(&reading, name, type);
	if (err == ERR_OK)
		err = sections_read(&reading, counts);
	if (err != ERR_OK) {
		ask_message_clear(out);
		return err;
	}
	/* Now that it grows no more. */
	const uint8_t *data = out->rdata.data;
	for (size_t i = 0; i < reading.kept; i++) {
		out->rrs[i].rdata.data = data;
		if (out->rrs[i].rdata.size != 0)
			data += out->rrs[i].rdata.size;
	}
	return ERR_OK;
}

void ask_message_clear(struct ask_message *message)
{
	free(message->rrs);
	buf_free(&message->rdata);
	*message = (struct ask_message){.rrs = NULL};
}

#include "request.h"

#include "wire.h"

#include <assert.h>
#include <string.h>

/* Type, class, TTL and RDLENGTH of an RR behind its owner at `*at`; false where the message ends
 * too early. */
static bool rr_skip(const struct query *query, size_t *at, uint16_t *type, size_t *fixed_at)
{
	/* The owner: labels up to the root or up to a pointer, which is not followed: only its extent
	 * matters. */
	for (;;) {
		if (*at >= query->size)
			return false;
		uint8_t length = query->data[*at];
		if (length > LABEL_SIZE_MAX && length < 0xc0)
			return false; /* RFC 1035 section 4.1.4: reserved */
		*at += length >= 0xc0 ? 2u : 1u + length;
		if (length == 0 || length >= 0xc0)
			break;
	}
	if (*at > query->size || query->size - *at < RR_FIXED_SIZE)
		return false;
	*fixed_at = *at;
	*type = wire_u16(query->data + *at);
	size_t size = wire_u16(query->data + *at + 8);
	*at += RR_FIXED_SIZE;
	if (query->size - *at < size)
		return false;
	*at += size;
	return true;
}

/* RFC 6891 section 6.1.1: one OPT at most, in the additional section, owned by the root. */
static enum dns_rcode edns_parse(const struct query *query, size_t at, struct edns *out)
{
	unsigned before = wire_u16(query->data + 6) + wire_u16(query->data + 8);
	unsigned records = before + wire_u16(query->data + 10);
	for (unsigned i = 0; i < records; i++) {
		size_t owner_at = at, fixed_at;
		uint16_t type;
		if (!rr_skip(query, &at, &type, &fixed_at))
			return RCODE_FORMERR;
		if (type != TYPE_OPT)
			continue;
		if (i < before || out->present || query->data[owner_at] != 0)
			return RCODE_FORMERR;
		const uint8_t *fixed = query->data + fixed_at;
		out->present = true;
		out->udp_size = wire_u16(fixed + 2);
		out->version = fixed[5];
		out->dnssec_ok = (fixed[6] & 0x80) != 0;
		struct bytes rdata = {fixed + RR_FIXED_SIZE, at - fixed_at - RR_FIXED_SIZE};
		/* Options mean what they mean in the version that we know. */
		if (out->version == 0 && !edns_options_read(rdata, out)) {
			out->cookie.size = out->subnet.size = 0; /* nothing of it comes back */
			out->nsid = out->keepalive = false;
			return RCODE_FORMERR;
		}
	}
	if (at != query->size)
		return RCODE_FORMERR; /* octets behind what the header counts */
	/* RFC 6891 section 6.1.3 */
	return out->version != 0 ? RCODE_BADVERS : RCODE_NOERROR;
}

/* Every octet of a word. */
#define EIGHT(octet) (UINT64_C(0x0101010101010101) * (octet))

/* ASCII capitals to lower case, eight octets at once; length octets, at most 63, are below 'A'. */
static uint64_t fold8(uint64_t word)
{
	uint64_t low = word & EIGHT(0x7f);
	uint64_t from_a = low + EIGHT(0x80 - 'A'), above_z = low + EIGHT(0x7f - 'Z');
	uint64_t capital = (from_a ^ above_z) & ~word & EIGHT(0x80);
	return word | capital >> 2;
}

static void fold_word(uint8_t *out, const uint8_t *in)
{
	uint64_t word;
	memcpy(&word, in, sizeof word);
	word = fold8(word);
	memcpy(out, &word, sizeof word);
}

static void fold(uint8_t *out, const uint8_t *in, size_t size)
{
	size_t at = 0;
	if (size < sizeof(uint64_t)) {
		for (; at < size; at++)
			out[at] = octet_lower(in[at]);
		return;
	}
	for (; size - at > sizeof(uint64_t); at += sizeof(uint64_t))
		fold_word(out + at, in + at);
	/* The last eight, some of which may be done already: folding them again changes nothing. */
	at = size - sizeof(uint64_t);
	fold_word(out + at, in + at);
}

/* The name at offset 12: plain labels; nothing stands before it that a pointer could mean. */
static bool qname_parse(const struct query *query, size_t *at, struct qname *out)
{
	const uint8_t *begin = query->data + *at;
	size_t left = query->size - *at, size = 0;
	unsigned count = 0;
	for (;;) {
		if (size >= left || size >= NAME_SIZE_MAX)
			return false;
		uint8_t length = begin[size];
		if (length > LABEL_SIZE_MAX)
			return false;
		if (count < QNAME_LABELS)
			out->labels_at[count] = (uint8_t)size;
		if (length == 0)
			break;
		size += 1u + length;
		count++;
	}
	for (unsigned i = count; i < QNAME_LABELS; i++)
		out->labels_at[i] = (uint8_t)size;
	size++;
	fold(out->name.octets, begin, size);
	out->name.size = (uint8_t)size;
	out->label_count = (uint8_t)count;
	*at += size;
	return true;
}

static bool question_parse(const struct query *query, struct request *out)
{
	size_t at = HEADER_SIZE;
	if (!qname_parse(query, &at, &out->qname) || query->size - at < 4)
		return false;
	out->type = wire_u16(query->data + at);
	out->class = wire_u16(query->data + at + 2);
	out->question_end = at + 4;
	out->has_question = true;
	return true;
}

static enum dns_rcode opcode_judge(uint8_t opcode)
{
	switch (opcode) {
	case OPCODE_QUERY:
		return RCODE_NOERROR;
	case OPCODE_NOTIFY: /* RFC 1996: we have no primary */
	case OPCODE_UPDATE: /* RFC 2136 section 3.3: nobody may */
		return RCODE_REFUSED;
	default:
		return RCODE_NOTIMP;
	}
}

/* RFC 9619 section 4: a QUERY has one question, no more and no less; none where it only wants a
 * cookie (RFC 7873 section 5.4). */
static enum dns_rcode query_judge(const struct query *query, struct request *out)
{
	unsigned questions = wire_u16(query->data + 4);
	if (questions > 1)
		return RCODE_FORMERR;
	enum dns_rcode rcode = edns_parse(query, out->question_end, &out->edns);
	/* RFC 6891 section 6.1.3: of a version that we don't know we can't know what it came for. */
	if (questions == 0 && out->edns.cookie.size == 0 && rcode != RCODE_BADVERS)
		return RCODE_FORMERR;
	return rcode;
}

enum dns_rcode request_parse(const struct query *query, struct request *out)
{
	assert(query->size >= HEADER_SIZE);
	const uint8_t *header = query->data;
	/* The name is not zeroed with the rest: it is written when it is read. */
	out->id = wire_u16(header);
	out->opcode = header[2] >> 3 & 15;
	out->recursion_desired = (header[2] & 1) != 0;
	out->has_question = false;
	out->type = 0;
	out->question_end = HEADER_SIZE;
	out->edns = (struct edns){.present = false};
	enum dns_rcode rcode = opcode_judge(out->opcode);
	/* What messages of an unknown opcode look like is unknown, too (RFC 8906 section 3.1.4). */
	if (wire_u16(header + 4) == 1 && !question_parse(query, out))
		return rcode == RCODE_NOTIMP ? rcode : RCODE_FORMERR;
	if (rcode == RCODE_NOERROR)
		return query_judge(query, out);
	/* RFC 6891 section 6.1.1: who sends an OPT gets one, whatever is wrong with the rest. */
	enum dns_rcode form = edns_parse(query, out->question_end, &out->edns);
	return form == RCODE_BADVERS ? form : rcode;
}

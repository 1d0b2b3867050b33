#include "chaos.h"

#include <string.h>

/* RFC 4892 section 2.1; version.bind and hostname.bind are BIND's, which everybody asks for. */
static const struct {
	uint8_t size;
	const char *name; /* wire format */
	bool version;     /* else the id */
} NAMES[] = {
	{14, "\7version\4bind", true},
	{16, "\7version\6server", true},
	{15, "\10hostname\4bind", false},
	{11, "\2id\6server", false},
};

/* The text that the name stands for; empty: none. */
static struct bytes text_of(const struct identity *identity, struct bytes name)
{
	for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
		const struct bytes known = {(const uint8_t *)NAMES[i].name, NAMES[i].size};
		if (bytes_equal(name, known))
			return bytes_of(NAMES[i].version ? identity->version : identity->id);
	}
	return (struct bytes){NULL, 0};
}

enum dns_rcode chaos_answer(const struct identity *identity, const struct request *request,
                            struct reply *reply)
{
	struct bytes text = text_of(identity, name_bytes(&request->qname.name));
	/* There is no zone of that class whose SOA could stand beside a NODATA. */
	if (identity->hide || text.size == 0 ||
	    (request->type != TYPE_TXT && request->type != TYPE_ANY))
		return RCODE_REFUSED;
	/* One string of at most 255 octets (RFC 1035 section 3.3.14); TTL 0. */
	uint8_t *at = reply_take(reply, 2 + RR_FIXED_SIZE + 1 + text.size);
	if (at == NULL)
		return RCODE_NOERROR;
	wire_put_u16(at, POINTER_QUESTION);
	wire_put_u16(at + 2, TYPE_TXT);
	wire_put_u16(at + 4, CLASS_CH);
	wire_put_u32(at + 6, 0);
	wire_put_u16(at + 10, (uint16_t)(1 + text.size));
	at[12] = (uint8_t)text.size;
	memcpy(at + 13, text.data, text.size);
	reply->answers = 1;
	reply->authoritative = true;
	return RCODE_NOERROR;
}

#include "edns.h"

#include "cookie.h"
#include "wire.h"

#include <assert.h>
#include <string.h>

/* Code and length before each option's data (RFC 6891 section 6.1.2). */
enum { OPTION_HEAD_SIZE = 4 };

/* Octets of an extended error's text: "region: min-healthy". */
enum { ERROR_TEXT_MAX = 32 };

/* --- the query's ------------------------------------------------------------------------- */

/* RFC 7871 section 6: family, source and scope length, then as few octets as the source length
 * needs, and scope 0. */
static bool subnet_valid(struct bytes data)
{
	if (data.size < 4 || data.data[3] != 0)
		return false;
	uint16_t family = wire_u16(data.data);
	uint8_t bits = data.data[2];
	if ((family != 1 && family != 2) || bits > (family == 1 ? 32u : 128u) ||
	    data.size != 4 + (bits + 7u) / 8)
		return false;
	unsigned spare = (8u - bits % 8u) % 8u;
	return bits == 0 || (data.data[data.size - 1] & ((1u << spare) - 1)) == 0;
}

static bool cookie_size_valid(size_t size)
{
	return size == COOKIE_CLIENT_SIZE ||
	       (size >= COOKIE_CLIENT_SIZE + 8 && size <= COOKIE_SENT_MAX);
}

/* One option. Of several of one code the first counts, as RFC 7873 section 5.2 says of cookies. */
static bool option_read(uint16_t code, struct bytes data, struct edns *out)
{
	switch (code) {
	case OPTION_NSID:
		out->nsid = true;
		return true;
	case OPTION_SUBNET:
		if (out->subnet.size == 0)
			out->subnet = data;
		return subnet_valid(data);
	case OPTION_COOKIE:
		if (out->cookie.size != 0)
			return true;
		out->cookie = data;
		return cookie_size_valid(data.size);
	case OPTION_KEEPALIVE: /* a timeout in a query means nothing (RFC 7828 section 3.2.1) */
		out->keepalive = true;
		return true;
	default:
		return true;
	}
}

bool edns_options_read(struct bytes rdata, struct edns *out)
{
	while (rdata.size != 0) {
		if (rdata.size < OPTION_HEAD_SIZE)
			return false;
		size_t size = wire_u16(rdata.data + 2);
		if (rdata.size - OPTION_HEAD_SIZE < size)
			return false;
		if (!option_read(wire_u16(rdata.data), (struct bytes){rdata.data + OPTION_HEAD_SIZE, size},
		                 out))
			return false;
		rdata.data += OPTION_HEAD_SIZE + size;
		rdata.size -= OPTION_HEAD_SIZE + size;
	}
	return true;
}

/* --- the reply's ------------------------------------------------------------------------- */

static bool tells_identity(const struct edns *asked, const struct edns_reply *reply)
{
	return asked->nsid && reply->identity.size != 0;
}

/* RFC 7828 section 3.3.2: only to who asked, and only over TCP. */
static bool tells_keepalive(const struct edns *asked, const struct edns_reply *reply)
{
	return asked->keepalive && reply->keepalive_100ms != 0;
}

size_t edns_reply_size(const struct edns *asked, const struct edns_reply *reply)
{
	size_t size = OPT_SIZE;
	if (tells_identity(asked, reply))
		size += OPTION_HEAD_SIZE + reply->identity.size;
	if (asked->subnet.size != 0)
		size += OPTION_HEAD_SIZE + asked->subnet.size;
	if (reply->cookie != NULL)
		size += OPTION_HEAD_SIZE + COOKIE_SIZE;
	if (tells_keepalive(asked, reply))
		size += OPTION_HEAD_SIZE + 2;
	return size;
}

static uint8_t *option_put(uint8_t *at, enum edns_option code, const uint8_t *data, size_t size)
{
	wire_put_u16(at, (uint16_t)code);
	wire_put_u16(at + 2, (uint16_t)size);
	memcpy(at + OPTION_HEAD_SIZE, data, size);
	return at + OPTION_HEAD_SIZE + size;
}

static uint8_t *options_put(const struct edns *asked, const struct edns_reply *reply, uint8_t *at)
{
	if (tells_identity(asked, reply))
		at = option_put(at, OPTION_NSID, reply->identity.data, reply->identity.size);
	/* As it came: our answers are the same for everybody, so the scope is 0 (RFC 7871
	 * section 7.2.1). */
	if (asked->subnet.size != 0)
		at = option_put(at, OPTION_SUBNET, asked->subnet.data, asked->subnet.size);
	if (reply->cookie != NULL)
		at = option_put(at, OPTION_COOKIE, reply->cookie, COOKIE_SIZE);
	if (tells_keepalive(asked, reply)) {
		uint8_t timeout[2];
		wire_put_u16(timeout, reply->keepalive_100ms);
		at = option_put(at, OPTION_KEEPALIVE, timeout, sizeof timeout);
	}
	return at;
}

static size_t text_put(struct bytes text, uint8_t *out, size_t room)
{
	size_t size = text.size < room ? text.size : room;
	memcpy(out, text.data, size);
	return size;
}

/* RFC 8914 section 2: code, then text without an end. */
static uint8_t *error_put(const struct edns_reply *reply, uint8_t *at, size_t room)
{
	uint8_t data[2 + ERROR_TEXT_MAX];
	size_t size = 2;
	wire_put_u16(data, (uint16_t)reply->error);
	if (reply->level != NULL) {
		size += text_put(bytes_of(reply->level), data + size, sizeof data - size);
		size += text_put(bytes_of(": "), data + size, sizeof data - size);
	}
	if (reply->reason != NULL)
		size += text_put(bytes_of(reply->reason), data + size, sizeof data - size);
	if (room < OPTION_HEAD_SIZE + size)
		return at;
	return option_put(at, OPTION_ERROR, data, size);
}

size_t edns_reply_put(const struct edns *asked, const struct edns_reply *reply, uint8_t *at,
                      size_t room)
{
	size_t size = edns_reply_size(asked, reply);
	assert(size <= room);
	at[0] = 0; /* owner: the root */
	wire_put_u16(at + 1, TYPE_OPT);
	wire_put_u16(at + 3, reply->udp_size);
	at[5] = reply->rcode_high;
	at[6] = 0;                                           /* version */
	wire_put_u16(at + 7, asked->dnssec_ok ? 0x8000 : 0); /* RFC 3225 section 3 */
	uint8_t *end = options_put(asked, reply, at + OPT_SIZE);
	if (reply->error != ERROR_NONE)
		end = error_put(reply, end, room - size);
	wire_put_u16(at + 9, (uint16_t)(end - at - OPT_SIZE));
	return (size_t)(end - at);
}

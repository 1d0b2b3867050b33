#include "fedns/address.h"

#include <assert.h>
#include <string.h>

/* Bits before the embedded address in ::ffff:0:0/96 */
#define MAPPED_BITS 96

static unsigned bits_of(const struct address *address)
{
	return address->family == 4 ? 32 : 128;
}

/* 1..3 decimal digits without a leading zero. */
static bool bits_parse(struct bytes text, unsigned *out)
{
	*out = 0;
	if (text.size == 0 || text.size > 3 || (text.size > 1 && text.data[0] == '0'))
		return false;
	for (size_t at = 0; at < text.size; at++) {
		if (text.data[at] < '0' || text.data[at] > '9')
			return false;
		*out = *out * 10 + (unsigned)(text.data[at] - '0');
	}
	return true;
}

/* Do `a` and `b` agree in their first `bits` bits? */
static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	size_t whole = bits / 8;
	if (memcmp(a, b, whole) != 0)
		return false;
	unsigned rest = bits % 8;
	return rest == 0 || ((unsigned)(a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static bool tail_is_zero(const struct address *address, unsigned bits)
{
	for (unsigned bit = bits; bit < bits_of(address); bit++) {
		if ((address->octets[bit / 8] & (0x80u >> bit % 8)) != 0)
			return false;
	}
	return true;
}

/* The length after the slash, in bits of the family that the address has become. */
static enum err length_parse(struct bytes text, bool mapped, const struct address *address,
                             unsigned *out, struct why *why)
{
	unsigned lowest = mapped ? MAPPED_BITS : 0;
	unsigned highest = mapped ? 128 : bits_of(address);
	if (!bits_parse(text, out) || *out < lowest || *out > highest) {
		why_set(why, "the length after \"/\" isn't a number from %u to %u", lowest, highest);
		return ERR_INVALID;
	}
	*out -= lowest;
	return ERR_OK;
}

enum err prefix_parse(struct bytes text, struct prefix *out, struct why *why)
{
	*out = (struct prefix){0};
	const uint8_t *slash = text.size == 0 ? NULL : memchr(text.data, '/', text.size);
	struct bytes head = text;
	if (slash != NULL)
		head.size = (size_t)(slash - text.data);
	struct address address;
	enum err err = address_parse(head, &address, why);
	if (err != ERR_OK)
		return err;
	unsigned bits = bits_of(&address);
	if (slash != NULL) {
		bool mapped = address.family == 4 && memchr(head.data, ':', head.size) != NULL;
		struct bytes length = {slash + 1, text.size - head.size - 1};
		err = length_parse(length, mapped, &address, &bits, why);
		if (err != ERR_OK)
			return err;
	}
	if (!tail_is_zero(&address, bits)) {
		why_set(why, "\"%.*s\" has bits set beyond its length", BYTES_ARG(text));
		return ERR_INVALID;
	}
	*out = (struct prefix){.address = address, .bits = (uint8_t)bits};
	return ERR_OK;
}

bool prefix_holds(const struct prefix *prefix, const struct address *address)
{
	assert(prefix->bits <= bits_of(&prefix->address));
	return prefix->address.family == address->family &&
	       bits_equal(prefix->address.octets, address->octets, prefix->bits);
}

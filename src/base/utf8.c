#include "fedns/utf8.h"

#include <assert.h>

/* Octets that the lead octet announces; 0 for one that can't lead. */
static size_t size_of(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2)
		return 0;
	if (lead < 0xe0)
		return 2;
	if (lead < 0xf0)
		return 3;
	return lead < 0xf5 ? 4 : 0;
}

struct rune utf8_first(struct bytes text)
{
	static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000}; /* shorter forms must be used */
	static const uint8_t LEAD_BITS[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	const struct rune invalid = {0};
	assert(text.size != 0);
	size_t size = size_of(text.data[0]);
	if (size == 0 || size > text.size)
		return invalid;
	uint32_t code = text.data[0] & LEAD_BITS[size];
	for (size_t at = 1; at < size; at++) {
		if ((text.data[at] & 0xc0) != 0x80)
			return invalid;
		code = code << 6 | (text.data[at] & 0x3fu);
	}
	if (code < LEAST[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return invalid;
	return (struct rune){code, size};
}

bool utf8_valid(struct bytes text, size_t *bad_at)
{
	*bad_at = 0;
	for (size_t at = 0; at < text.size;) {
		struct rune rune = utf8_first((struct bytes){text.data + at, text.size - at});
		if (rune.size == 0) {
			*bad_at = at;
			return false;
		}
		at += rune.size;
	}
	return true;
}

/* A name that turns the direction would turn what stands behind it, too. */
static bool turns_direction(uint32_t code)
{
	return code == 0x061c || code == 0x200e || code == 0x200f ||
	       (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

bool rune_is_control(struct rune rune)
{
	if (rune.size == 0)
		return false;
	return rune.code < 0x20 || (rune.code >= 0x7f && rune.code < 0xa0) || rune.code == 0x2028 ||
	       rune.code == 0x2029 || turns_direction(rune.code);
}

void utf8_clean(char *text)
{
	char *out = text;
	for (struct bytes rest = bytes_of(text); rest.size != 0;) {
		struct rune rune = utf8_first(rest);
		size_t size = rune.size == 0 ? 1 : rune.size;
		if (rune.size == 0 || rune_is_control(rune)) {
			*out++ = '?';
		} else {
			for (size_t i = 0; i < size; i++)
				*out++ = (char)rest.data[i];
		}
		rest = (struct bytes){rest.data + size, rest.size - size};
	}
	*out = '\0';
}

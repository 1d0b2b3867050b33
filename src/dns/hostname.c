#include "fedns/dns.h"

#include <string.h>

/* Text of the longest name, without its final dot: 255 octets less the first length octet and the
 * root. */
#define HOSTNAME_SIZE_MAX 253

static bool is_alnum(uint8_t octet)
{
	uint8_t lower = octet_lower(octet);
	return (lower >= 'a' && lower <= 'z') || (octet >= '0' && octet <= '9');
}

/* 1..63 letters, digits, hyphens but at the ends, and `_` where `underscore` says so. */
static bool label_is_good(struct bytes text, bool underscore)
{
	if (text.size == 0 || text.size > LABEL_SIZE_MAX)
		return false;
	for (size_t at = 0; at < text.size; at++) {
		uint8_t octet = text.data[at];
		bool inside = at > 0 && at + 1 < text.size;
		if (!is_alnum(octet) && !(octet == '-' && inside) && !(octet == '_' && underscore))
			return false;
	}
	return true;
}

bool label_is_host(struct bytes text)
{
	return label_is_good(text, false);
}

/* Is every label of `text` (no final dot) one that a host may have? */
static bool labels_are_good(struct bytes text)
{
	while (text.size > 0) {
		const uint8_t *dot = memchr(text.data, '.', text.size);
		size_t size = dot == NULL ? text.size : (size_t)(dot - text.data);
		if (!label_is_good((struct bytes){text.data, size}, true))
			return false;
		if (dot == NULL)
			return true;
		text = (struct bytes){dot + 1, text.size - size - 1};
	}
	return false; /* nothing at all, or nothing after a dot */
}

enum err hostname_parse(struct bytes text, struct name *out, struct why *why)
{
	out->size = 0;
	struct bytes bare = text;
	if (bare.size > 0 && bare.data[bare.size - 1] == '.')
		bare.size--;
	if (bare.size > HOSTNAME_SIZE_MAX) {
		why_set(why, "a host name of %zu octets is longer than %d", bare.size, HOSTNAME_SIZE_MAX);
		return ERR_INVALID;
	}
	if (!labels_are_good(bare)) {
		why_set(why, "\"%.*s\" isn't a host name", BYTES_SHOWN(text));
		return ERR_INVALID;
	}
	return name_parse(bare, out, why);
}

/* JSON strings: RFC 8259 section 7, with the UTF-8 of RFC 3629 section 4. */
#include "scan.h"

#include <assert.h>
#include <string.h>

#define REPLACEMENT 0xfffdU

/* Every octet of `word` times `octet`. */
#define EIGHT(octet) (0x0101010101010101U * (uint64_t)(octet))

/* Does some octet of `word` have its high bit set after the borrow, that is, was it zero? */
static uint64_t zeroes(uint64_t word)
{
	return (word - EIGHT(1)) & ~word & EIGHT(0x80);
}

/* Are all eight octets at `data` plain: ASCII, no control, no quote, no backslash? */
static bool plain8(const uint8_t *data)
{
	uint64_t word;
	memcpy(&word, data, sizeof word);
	uint64_t bad = word & EIGHT(0x80);
	bad |= (word - EIGHT(0x20)) & ~word & EIGHT(0x80);
	bad |= zeroes(word ^ EIGHT('"')) | zeroes(word ^ EIGHT('\\'));
	return bad == 0;
}

/* Octets of the valid UTF-8 sequence at `data`, 2..4; 0: not valid. RFC 3629 section 4,
 * UTF8-octets. */
static size_t utf8_sequence(const uint8_t *data, size_t left)
{
	uint8_t first = data[0];
	size_t size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
	if (size == 0 || size > left)
		return 0;
	uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if (data[1] < low || data[1] > high)
		return 0;
	for (size_t i = 2; i < size; i++) {
		if ((data[i] & 0xc0) != 0x80)
			return 0;
	}
	return size;
}

static int hex_digit(uint8_t octet)
{
	if ((uint8_t)(octet - '0') < 10)
		return octet - '0';
	uint8_t lower = octet_lower(octet);
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Octets of the escape at `data` (its backslash), 2 or 6; 0: none that JSON knows. */
static size_t escape_size(const uint8_t *data, size_t left)
{
	if (left < 2)
		return 0;
	if (data[1] != 'u')
		return data[1] != '\0' && strchr("\"\\/bfnrt", data[1]) != NULL ? 2 : 0;
	if (left < 6)
		return 0;
	for (size_t i = 2; i < 6; i++) {
		if (hex_digit(data[i]) < 0)
			return 0;
	}
	return 6;
}

/* Take the one octet or sequence at `*at` that isn't plain and isn't the end. */
static enum err take_special(const struct scan *scan, size_t *at, struct why *why)
{
	const uint8_t *data = scan->text.data + *at;
	size_t left = scan->text.size - *at;
	if (data[0] < 0x20)
		return scan_fail(scan, *at, why, "control octet 0x%02x in a string", data[0]);
	size_t size = data[0] == '\\' ? escape_size(data, left) : utf8_sequence(data, left);
	if (size == 0) {
		return data[0] == '\\' ? scan_fail(scan, *at, why, "an escape that JSON doesn't know")
		                       : scan_fail(scan, *at, why, "octet 0x%02x is no UTF-8", data[0]);
	}
	*at += size;
	return ERR_OK;
}

enum err scan_string(struct scan *scan, struct scan_string *out, struct why *why)
{
	assert(scan->at < scan->text.size && scan->text.data[scan->at] == '"');
	*out = (struct scan_string){0};
	const uint8_t *data = scan->text.data;
	size_t begin = scan->at + 1, size = scan->text.size;
	bool escaped = false;
	for (size_t at = begin;;) {
		while (at + 8 <= size && plain8(data + at))
			at += 8;
		while (at < size && data[at] >= 0x20 && data[at] < 0x80 && data[at] != '"' &&
		       data[at] != '\\')
			at++;
		if (at == size)
			return scan_fail(scan, scan->at, why, "a string that never ends");
		if (data[at] == '"') {
			*out = (struct scan_string){{data + begin, at - begin}, escaped};
			scan->at = at + 1;
			return ERR_OK;
		}
		escaped = escaped || data[at] == '\\';
		enum err err = take_special(scan, &at, why);
		if (err != ERR_OK)
			return err;
	}
}

static uint32_t hex4(const uint8_t *data)
{
	uint32_t value = 0;
	for (size_t i = 0; i < 4; i++)
		value = value << 4 | (uint32_t)hex_digit(data[i]);
	return value;
}

/* The code point of the \u escape at `data`; `*size`: octets that it takes, with its other half. */
static uint32_t unicode_escape(const uint8_t *data, size_t left, size_t *size)
{
	uint32_t code = hex4(data + 2);
	*size = 6;
	if (code < 0xd800 || code > 0xdfff)
		return code;
	if (code > 0xdbff || left < 12 || data[6] != '\\' || data[7] != 'u')
		return REPLACEMENT;
	uint32_t second = hex4(data + 8);
	if (second < 0xdc00 || second > 0xdfff)
		return REPLACEMENT;
	*size = 12;
	return 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
}

static size_t utf8_put(uint32_t code, uint8_t *out)
{
	if (code < 0x80) {
		out[0] = (uint8_t)code;
		return 1;
	}
	size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = size - 1; i > 0; i--) {
		out[i] = (uint8_t)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	static const uint8_t LEADS[] = {0, 0, 0xc0, 0xe0, 0xf0};
	out[0] = (uint8_t)(LEADS[size] | code);
	return size;
}

static uint8_t short_escape(uint8_t letter)
{
	switch (letter) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return letter;
	}
}

size_t scan_unescape(struct bytes raw, uint8_t *out)
{
	size_t used = 0;
	for (size_t at = 0; at < raw.size;) {
		const uint8_t *data = raw.data + at;
		size_t left = raw.size - at;
		if (data[0] != '\\') {
			const uint8_t *slash = memchr(data, '\\', left);
			size_t run = slash == NULL ? left : (size_t)(slash - data);
			memcpy(out + used, data, run);
			used += run;
			at += run;
		} else if (data[1] != 'u') {
			out[used++] = short_escape(data[1]);
			at += 2;
		} else {
			size_t size;
			uint32_t code = unicode_escape(data, left, &size);
			used += utf8_put(code, out + used);
			at += size;
		}
	}
	assert(used <= raw.size);
	return used;
}

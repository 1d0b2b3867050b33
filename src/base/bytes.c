#include "fedns/base.h"

#include <string.h>

struct bytes bytes_of(const char *text)
{
	if (text == NULL)
		return (struct bytes){NULL, 0};
	return (struct bytes){(const uint8_t *)text, strlen(text)};
}

struct shown bytes_shown(struct bytes text)
{
	static const char NUL[] = "\\u0000";
	struct shown out;
	size_t used = 0, at = 0;
	for (; at < text.size; at++) {
		size_t size = text.data[at] == '\0' ? sizeof NUL - 1 : 1;
		if (used + size > BYTES_SHOWN_MAX)
			break;
		memcpy(out.text + used, size == 1 ? (const char *)text.data + at : NUL, size);
		used += size;
	}
	memcpy(out.text + used, at < text.size ? "..." : "", at < text.size ? sizeof "..." : 1);
	return out;
}

/* An empty run may have no pointer, and memcmp() wants one even for no octets. */
static int compare(const uint8_t *a, const uint8_t *b, size_t size)
{
	return size == 0 ? 0 : memcmp(a, b, size);
}

bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.size == b.size && compare(a.data, b.data, a.size) == 0;
}

bool text_equal(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool bytes_equal_nocase(struct bytes a, struct bytes b)
{
	if (a.size != b.size)
		return false;
	for (size_t at = 0; at < a.size; at++) {
		if (octet_lower(a.data[at]) != octet_lower(b.data[at]))
			return false;
	}
	return true;
}

int bytes_compare(struct bytes a, struct bytes b)
{
	int order = compare(a.data, b.data, a.size < b.size ? a.size : b.size);
	if (order != 0)
		return order;
	return (a.size > b.size) - (a.size < b.size);
}

bool bytes_number(struct bytes text, uint64_t max, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < text.size; i++) {
		uint64_t digit = (uint64_t)text.data[i] - '0';
		if (digit > 9 || digit > max || *out > (max - digit) / 10)
			return false;
		*out = *out * 10 + digit;
	}
	return text.size != 0;
}

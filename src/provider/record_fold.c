#include "record_fold.h"

#include <string.h>

/* The target of a SRV stands behind three numbers (RFC 2782). */
#define SRV_NUMBERS 3

static size_t case_fold(struct bytes text, uint8_t *out)
{
	for (size_t i = 0; i < text.size; i++)
		out[i] = octet_lower(text.data[i]);
	return text.size;
}

static size_t host_fold(struct bytes host, uint8_t *out)
{
	size_t size = case_fold(host, out);
	while (size > 0 && out[size - 1] == '.')
		size--;
	return size;
}

size_t record_rr_fold(struct bytes rr, uint8_t *out)
{
	size_t size = host_fold(rr, out);
	if (size == 0)
		out[size++] = '@';
	return size;
}

/* What isn't an address of its type stays as it is but for its case. */
static size_t address_fold(unsigned family, struct bytes value, uint8_t *out)
{
	struct address address;
	struct why why;
	if (address_parse(value, &address, &why) != ERR_OK || address.family != family)
		return case_fold(value, out);
	char text[ADDRESS_TEXT_SIZE];
	address_text(&address, text);
	struct bytes folded = bytes_of(text);
	memcpy(out, folded.data, folded.size);
	return folded.size;
}

static struct bytes word_next(struct bytes *rest)
{
	while (rest->size > 0 && rest->data[0] == ' ')
		*rest = (struct bytes){rest->data + 1, rest->size - 1};
	struct bytes word = {rest->data, 0};
	while (word.size < rest->size && rest->data[word.size] != ' ')
		word.size++;
	*rest = (struct bytes){rest->data + word.size, rest->size - word.size};
	return word;
}

static bool has_leading_zero(struct bytes word)
{
	return word.size > 1 && word.data[0] == '0' && word.data[1] >= '0' && word.data[1] <= '9';
}

static size_t srv_fold(struct bytes value, uint8_t *out)
{
	size_t size = 0;
	unsigned count = 0;
	for (struct bytes word; (word = word_next(&value)).size > 0; count++) {
		while (count < SRV_NUMBERS && has_leading_zero(word))
			word = (struct bytes){word.data + 1, word.size - 1};
		if (count > 0)
			out[size++] = ' ';
		size += case_fold(word, out + size);
	}
	while (size > 0 && (out[size - 1] == '.' || out[size - 1] == ' '))
		size--;
	return size;
}

static size_t txt_fold(struct bytes value, uint8_t *out)
{
	size_t size = 0;
	for (size_t i = 0; i < value.size; i++) {
		if (value.data[i] != '"')
			out[size++] = value.data[i];
	}
	while (size > 0 && out[size - 1] == ' ')
		size--;
	return size;
}

size_t record_value_fold(uint16_t type, struct bytes value, uint8_t *out)
{
	switch (type) {
	case TYPE_A:
		return address_fold(4, value, out);
	case TYPE_AAAA:
		return address_fold(6, value, out);
	case TYPE_CNAME:
	case TYPE_NS:
	case TYPE_MX:
		return host_fold(value, out);
	case TYPE_SRV:
		return srv_fold(value, out);
	case TYPE_TXT:
		return txt_fold(value, out);
	default:
		if (value.size > 0)
			memcpy(out, value.data, value.size);
		return value.size;
	}
}

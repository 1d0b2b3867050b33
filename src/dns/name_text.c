#include "fedns/dns.h"

#include <assert.h>
#include <string.h>

/* Of a bad name a message shows this much. */
#define SHOWN_SIZE_MAX 300

static bool is_digit(uint8_t octet)
{
	return octet >= '0' && octet <= '9';
}

static bool is_graph(uint8_t octet)
{
	return octet > 0x20 && octet < 0x7f;
}

/* "DDD" after a backslash: one octet in decimal. */
static bool decimal_octet(struct bytes text, size_t at, uint8_t *out)
{
	*out = 0;
	if (text.size - at < 3 || !is_digit(text.data[at + 1]) || !is_digit(text.data[at + 2]))
		return false;
	unsigned value = 0;
	for (size_t i = 0; i < 3; i++)
		value = value * 10 + (unsigned)(text.data[at + i] - '0');
	if (value > 255)
		return false;
	*out = (uint8_t)value;
	return true;
}

/* One octet of a label at `*at`, past which `*at` moves (RFC 1035 section 5.1). */
static enum err octet_parse(struct bytes text, size_t *at, uint8_t *out, struct why *why)
{
	*out = text.data[*at];
	*at += 1;
	if (*out != '\\') {
		if (is_graph(*out))
			return ERR_OK;
		why_set(why, "octet %u must be written \\%03u", *out, *out);
		return ERR_INVALID;
	}
	if (*at == text.size) {
		why_set(why, "nothing follows the last \\");
		return ERR_INVALID;
	}
	*out = text.data[*at];
	if (!is_digit(*out)) {
		*at += 1;
		return ERR_OK;
	}
	if (!decimal_octet(text, *at, out)) {
		why_set(why, "\\ and a digit must be three digits, 000 to 255");
		return ERR_INVALID;
	}
	*at += 3;
	return ERR_OK;
}

/* Add one octet to the label whose length octet is at `label_at`; `*size` octets of the name are
 * used. */
static enum err octet_add(struct name *out, size_t label_at, size_t *size, uint8_t octet,
                          struct why *why)
{
	if (*size - label_at > LABEL_SIZE_MAX) {
		why_set(why, "a label is longer than %d octets", LABEL_SIZE_MAX);
		return ERR_INVALID;
	}
	if (*size + 2 > NAME_SIZE_MAX) { /* this octet and the root label */
		why_set(why, "a name is longer than %d octets", NAME_SIZE_MAX);
		return ERR_INVALID;
	}
	out->octets[*size] = octet_lower(octet);
	*size += 1;
	return ERR_OK;
}

static enum err labels_parse(struct bytes text, struct name *out, struct why *why)
{
	size_t label_at = 0; /* of the open label's length octet */
	size_t size = 1;     /* octets used, that length octet included */
	for (size_t at = 0; at < text.size;) {
		if (text.data[at] == '.') {
			if (size == label_at + 1) {
				why_set(why, "a label is empty");
				return ERR_INVALID;
			}
			out->octets[label_at] = (uint8_t)(size - label_at - 1);
			label_at = size++;
			at++;
			continue;
		}
		uint8_t octet;
		enum err err = octet_parse(text, &at, &octet, why);
		if (err == ERR_OK)
			err = octet_add(out, label_at, &size, octet, why);
		if (err != ERR_OK)
			return err;
	}
	if (size > label_at + 1) { /* no final dot */
		out->octets[label_at] = (uint8_t)(size - label_at - 1);
		label_at = size;
	}
	assert(label_at < NAME_SIZE_MAX);
	out->octets[label_at] = 0;
	out->size = (uint8_t)(label_at + 1);
	return ERR_OK;
}

enum err name_parse(struct bytes text, struct name *out, struct why *why)
{
	*out = (struct name){.size = 0};
	if (text.size == 0) {
		why_set(why, "a name is empty");
		return ERR_INVALID;
	}
	if (text.size == 1 && text.data[0] == '.') {
		out->size = 1; /* the root */
		return ERR_OK;
	}
	enum err err = labels_parse(text, out, why);
	if (err != ERR_OK) {
		int shown = text.size < SHOWN_SIZE_MAX ? (int)text.size : SHOWN_SIZE_MAX;
		why_wrap(why, "name \"%.*s\"", shown, (const char *)text.data);
	}
	return err;
}

static char *octet_text(uint8_t octet, char *out)
{
	if (!is_graph(octet)) {
		*out++ = '\\';
		*out++ = (char)('0' + octet / 100);
		*out++ = (char)('0' + octet / 10 % 10);
		*out++ = (char)('0' + octet % 10);
		return out;
	}
	/* What a master file reads as more than itself; `*` must stay bare: it is a wildcard there. */
	if (strchr(".\\\"();@$", octet) != NULL)
		*out++ = '\\';
	*out++ = (char)octet;
	return out;
}

void name_text(struct bytes name, char *text)
{
	assert(name.size != 0 && name.size <= NAME_SIZE_MAX && name.data[name.size - 1] == 0);
	char *out = text;
	for (size_t at = 0; name.data[at] != 0; at += 1 + (size_t)name.data[at]) {
		for (size_t i = 1; i <= name.data[at]; i++)
			out = octet_text(name.data[at + i], out);
		*out++ = '.';
	}
	if (out == text)
		*out++ = '.'; /* the root */
	*out = '\0';
	assert(out - text < NAME_TEXT_SIZE);
}

#include "fedns/base64.h"

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* -1: no digit. */
static int digit_value(uint8_t octet)
{
	if (octet >= 'A' && octet <= 'Z')
		return octet - 'A';
	if (octet >= 'a' && octet <= 'z')
		return octet - 'a' + 26;
	if (octet >= '0' && octet <= '9')
		return octet - '0' + 52;
	return octet == '+' ? 62 : octet == '/' ? 63 : -1;
}

enum err base64_decode(struct bytes text, uint8_t *out, size_t *size, struct why *why)
{
	uint32_t bits = 0;
	size_t digits = 0, pads = 0;
	*size = 0;
	for (size_t i = 0; i < text.size; i++) {
		int value = digit_value(text.data[i]);
		if (text.data[i] == '\r' || text.data[i] == '\n')
			continue;
		pads += text.data[i] == '=';
		if (text.data[i] != '=' && (value < 0 || pads > 0)) {
			why_set(why, "not base64: its octet %zu is none", i + 1);
			return ERR_INVALID;
		}
		if (text.data[i] == '=')
			continue;
		bits = bits << 6 | (uint32_t)value;
		if (++digits % 4 != 1)
			out[(*size)++] = (uint8_t)(bits >> (6 - 2 * ((digits - 1) % 4)));
	}
	if (digits % 4 == 1 || pads != (4 - digits % 4) % 4) {
		why_set(why, "not base64: it is cut off");
		return ERR_INVALID;
	}
	return ERR_OK;
}

void base64_encode(struct bytes octets, char *text)
{
	for (size_t i = 0; i < octets.size; i += 3) {
		size_t left = octets.size - i;
		uint32_t bits = (uint32_t)octets.data[i] << 16;
		bits |= left > 1 ? (uint32_t)octets.data[i + 1] << 8 : 0;
		bits |= left > 2 ? octets.data[i + 2] : 0;
		*text++ = DIGITS[bits >> 18];
		*text++ = DIGITS[bits >> 12 & 63];
		*text++ = '=';
		*text++ = '=';
		if (left > 1)
			text[-2] = DIGITS[bits >> 6 & 63];
		if (left > 2)
			text[-1] = DIGITS[bits & 63];
	}
	*text = '\0';
}

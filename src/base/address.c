#include "fedns/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

/* ::ffff:0:0/96, RFC 4291 section 2.5.5.2 */
static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff};

static size_t octets_of(const struct address *address)
{
	assert(address->family == 4 || address->family == 6);
	return address_size(address->family);
}

enum err address_parse(struct bytes text, struct address *out, struct why *why)
{
	*out = (struct address){0};
	char copy[ADDRESS_TEXT_SIZE];
	if (text.size == 0) {
		why_set(why, "empty text isn't an address");
		return ERR_INVALID;
	}
	/* A NUL inside would end the copy early and hide what follows it. */
	bool fits = text.size < sizeof copy && memchr(text.data, '\0', text.size) == NULL;
	if (fits) {
		memcpy(copy, text.data, text.size);
		copy[text.size] = '\0';
	}
	uint8_t octets[V6_SIZE] = {0};
	if (fits && inet_pton(AF_INET, copy, octets) == 1) {
		out->family = 4;
		memcpy(out->octets, octets, V4_SIZE);
		return ERR_OK;
	}
	if (!fits || inet_pton(AF_INET6, copy, octets) != 1) {
		struct bytes begin = {text.data, text.size < 80 ? text.size : 80};
		why_set(why, "\"%.*s\" isn't an address", BYTES_SHOWN(begin));
		return ERR_INVALID;
	}
	bool mapped = memcmp(octets, MAPPED, sizeof MAPPED) == 0;
	out->family = mapped ? 4 : 6;
	memcpy(out->octets, mapped ? octets + sizeof MAPPED : octets, octets_of(out));
	return ERR_OK;
}

enum err address_publishable(const struct address *address, struct why *why)
{
	static const uint8_t ZEROS[16];
	static const uint8_t ONES[4] = {0xff, 0xff, 0xff, 0xff};
	const uint8_t *octets = address->octets;
	const char *reason = NULL;
	if (memcmp(octets, ZEROS, octets_of(address)) == 0)
		reason = "the unspecified address";
	else if (address->family == 4 && memcmp(octets, ONES, sizeof ONES) == 0)
		reason = "the limited broadcast address"; /* RFC 919 section 7 */
	else if (address->family == 4 ? (octets[0] & 0xf0) == 0xe0 : octets[0] == 0xff)
		reason = "a multicast address"; /* RFC 5771 section 3, RFC 4291 section 2.7 */
	if (reason == NULL)
		return ERR_OK;
	char text[ADDRESS_TEXT_SIZE];
	address_text(address, text);
	why_set(why, "%s is %s", text, reason);
	return ERR_INVALID;
}

void address_text(const struct address *address, char *text)
{
	int family = octets_of(address) == 4 ? AF_INET : AF_INET6;
	const char *done = inet_ntop(family, address->octets, text, ADDRESS_TEXT_SIZE);
	assert(done != NULL);
	(void)done;
}

int address_compare(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->octets, b->octets, octets_of(a));
}

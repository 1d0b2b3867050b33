/* address: IPv4 and IPv6 addresses and prefixes as fedns accepts and publishes them. */
#ifndef FEDNS_ADDRESS_H
#define FEDNS_ADDRESS_H

#include "fedns/base.h"

/** Room for any address as text, its NUL included (RFC 4291 section 2.2, INET6_ADDRSTRLEN). */
#define ADDRESS_TEXT_SIZE 46

/* Octets of an address: RFC 791, RFC 8200. */
#define V4_SIZE 4
#define V6_SIZE 16

struct address {
	uint8_t family;          /* 4 or 6 */
	uint8_t octets[V6_SIZE]; /* network order; of family 4 the first four count */
};

/** Octets of an address of `family`. */
static inline size_t address_size(uint8_t family)
{
	return family == 4 ? V4_SIZE : V6_SIZE;
}

/**
 * Read strict text: dotted quad without leading zeros, or RFC 4291 text without %scope; no spaces,
 * no /len. `::ffff:a.b.c.d` is read as a.b.c.d. ERR_INVALID with a sentence in `why`.
 */
MUST_CHECK enum err address_parse(struct bytes text, struct address *out, struct why *why);

/**
 * May `address` be published? No for unspecified, limited broadcast and multicast addresses;
 * private, loopback and link-local ones are fine. ERR_INVALID names the reason in `why`.
 */
MUST_CHECK enum err address_publishable(const struct address *address, struct why *why);

/** Text into `text[ADDRESS_TEXT_SIZE]`, IPv6 by RFC 5952. */
void address_text(const struct address *address, char *text);

/** IPv4 before IPv6, then by octets. */
int address_compare(const struct address *a, const struct address *b);

/** A run of addresses of one family with equal leading bits. */
struct prefix {
	struct address address; /* bits beyond `bits` are zero */
	uint8_t bits;           /* 0..32 or 0..128 */
};

/** Read "ADDRESS/BITS" or "ADDRESS" (all its bits). Bits set beyond the length are ERR_INVALID. */
MUST_CHECK enum err prefix_parse(struct bytes text, struct prefix *out, struct why *why);

/** Is `address` in `prefix`? Families never match each other. */
bool prefix_holds(const struct prefix *prefix, const struct address *address);

#endif

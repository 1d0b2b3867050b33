/* wire: DNS messages put together by hand, for tests; each call appends. */
#ifndef FEDNS_TESTS_WIRE_H
#define FEDNS_TESTS_WIRE_H

#include "fedns/dns.h"

#include <stddef.h>

struct wire {
	size_t size;
	uint8_t octets[8192];
};

/** A reply's header; the counts are raised by the calls below. */
void wire_header(struct wire *wire, uint16_t id, uint8_t rcode);
void wire_question(struct wire *wire, const char *name, uint16_t type);

enum wire_section { WIRE_ANSWER = 6, WIRE_AUTHORITY = 8, WIRE_ADDITIONAL = 10 };

/** `address` as text: an A or AAAA record. */
void wire_address(struct wire *wire, enum wire_section section, const char *owner, uint32_t ttl_s,
                  const char *address);
/** CNAME or NS. */
void wire_name(struct wire *wire, enum wire_section section, const char *owner, uint16_t type,
               uint32_t ttl_s, const char *target);
/** In the authority section, with a serial of 1. */
void wire_soa(struct wire *wire, const char *owner, uint32_t ttl_s, uint32_t minimum_s);
void wire_soa_in(struct wire *wire, enum wire_section section, const char *owner, uint32_t ttl_s,
                 uint32_t minimum_s);

struct name name_of(const char *text);
struct address address_of(const char *text);

#endif

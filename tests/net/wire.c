#include "wire.h"

#include "check.h"

#include <string.h>

struct name name_of(const char *text)
{
	struct name name;
	struct why why = {{0}};
	if (name_parse(bytes_of(text), &name, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return name;
}

struct address address_of(const char *text)
{
	struct address address;
	struct why why = {{0}};
	if (address_parse(bytes_of(text), &address, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return address;
}

static void add(struct wire *wire, const void *data, size_t size)
{
	assert_true(wire->size + size <= sizeof wire->octets);
	memcpy(wire->octets + wire->size, data, size);
	wire->size += size;
}

static void add16(struct wire *wire, unsigned value)
{
	const uint8_t octets[] = {(uint8_t)(value >> 8), (uint8_t)value};
	add(wire, octets, sizeof octets);
}

static void add32(struct wire *wire, uint32_t value)
{
	add16(wire, value >> 16);
	add16(wire, value & 0xffff);
}

static void add_name(struct wire *wire, const char *text)
{
	struct name name = name_of(text);
	add(wire, name.octets, name.size);
}

static void count_up(struct wire *wire, size_t at)
{
	if (++wire->octets[at + 1] == 0)
		wire->octets[at]++;
}

void wire_header(struct wire *wire, uint16_t id, uint8_t rcode)
{
	const uint8_t head[] = {(uint8_t)(id >> 8), (uint8_t)id, 0x81, (uint8_t)(0x80 | rcode)};
	const uint8_t counts[8] = {0};
	wire->size = 0;
	add(wire, head, sizeof head);
	add(wire, counts, sizeof counts);
}

void wire_question(struct wire *wire, const char *name, uint16_t type)
{
	add_name(wire, name);
	add16(wire, type);
	add16(wire, CLASS_IN);
	count_up(wire, 4);
}

static void record_begin(struct wire *wire, enum wire_section section, const char *owner,
                         uint16_t type, uint32_t ttl_s)
{
	add_name(wire, owner);
	add16(wire, type);
	add16(wire, CLASS_IN);
	add32(wire, ttl_s);
	count_up(wire, section);
}

void wire_address(struct wire *wire, enum wire_section section, const char *owner, uint32_t ttl_s,
                  const char *text)
{
	struct address address = address_of(text);
	unsigned size = address.family == 4 ? 4 : 16;
	record_begin(wire, section, owner, address.family == 4 ? TYPE_A : TYPE_AAAA, ttl_s);
	add16(wire, size);
	add(wire, address.octets, size);
}

void wire_name(struct wire *wire, enum wire_section section, const char *owner, uint16_t type,
               uint32_t ttl_s, const char *target)
{
	struct name name = name_of(target);
	record_begin(wire, section, owner, type, ttl_s);
	add16(wire, name.size);
	add(wire, name.octets, name.size);
}

void wire_soa_in(struct wire *wire, enum wire_section section, const char *owner, uint32_t ttl_s,
                 uint32_t minimum_s)
{
	struct name name = name_of("ns.example.");
	record_begin(wire, section, owner, TYPE_SOA, ttl_s);
	add16(wire, 2u * name.size + 20u);
	add(wire, name.octets, name.size);
	add(wire, name.octets, name.size);
	for (uint32_t i = 1; i <= 4; i++)
		add32(wire, i);
	add32(wire, minimum_s);
}

void wire_soa(struct wire *wire, const char *owner, uint32_t ttl_s, uint32_t minimum_s)
{
	wire_soa_in(wire, WIRE_AUTHORITY, owner, ttl_s, minimum_s);
}

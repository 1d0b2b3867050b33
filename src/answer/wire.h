/* wire: reading and writing the fields of a DNS message (RFC 1035 section 4.1). */
#ifndef FEDNS_ANSWER_WIRE_H
#define FEDNS_ANSWER_WIRE_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** The question's name stands right behind the header, always. */
#define HEADER_SIZE 12
/* RFC 1035 section 4.1.4: compression pointers */
#define POINTER_BITS     0xc000u
#define POINTER_MAX      0x4000u
#define POINTER_QUESTION (POINTER_BITS | HEADER_SIZE)

/** TYPE, CLASS, TTL and RDLENGTH behind an RR's owner. */
#define RR_FIXED_SIZE 10
/** OPT without options: root owner and fixed part (RFC 6891 section 6.1.2). */
#define OPT_SIZE 11

static inline uint16_t wire_u16(const uint8_t *at)
{
	uint16_t value;
	memcpy(&value, at, sizeof value);
	return be16toh(value);
}

static inline void wire_put_u16(uint8_t *at, uint16_t value)
{
	value = htobe16(value);
	memcpy(at, &value, sizeof value);
}

static inline void wire_put_u32(uint8_t *at, uint32_t value)
{
	value = htobe32(value);
	memcpy(at, &value, sizeof value);
}

static inline void wire_put_u64(uint8_t *at, uint64_t value)
{
	value = htobe64(value);
	memcpy(at, &value, sizeof value);
}

/** Octets of a valid, uncompressed name, its root label included. */
static inline size_t name_size(const uint8_t *name)
{
	size_t at = 0;
	while (name[at] != 0)
		at += 1u + name[at];
	return at + 1;
}

#endif

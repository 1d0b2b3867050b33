/* dns: names, types and records on the wire and as text. Pure; no sockets, no clock.
 *
 * base.h --> [dns.h] --> model, compile, answer and all above
 */
#ifndef FEDNS_DNS_H
#define FEDNS_DNS_H

#include "fedns/address.h"
#include "fedns/base.h"

/* RFC 1035 section 2.3.4 */
#define NAME_SIZE_MAX  255
#define LABEL_SIZE_MAX 63

/** Room for any name as text: each octet at worst "\DDD", a final NUL (RFC 1035 section 5.1). */
#define NAME_TEXT_SIZE (4 * 255 + 1)

/** The UDP size that no path has to fragment (RFC 9715 section 3.1). */
#define UDP_SIZE_DEFAULT 1232

/** Priority, weight and port before a SRV's target (RFC 2782). */
#define SRV_FIXED_SIZE 6

/* IANA DNS parameters, host order */
enum dns_type {
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_PTR = 12,
	TYPE_HINFO = 13,
	TYPE_MX = 15,
	TYPE_TXT = 16,
	TYPE_AAAA = 28,
	TYPE_SRV = 33,
	TYPE_OPT = 41,
	TYPE_DS = 43,
	TYPE_DNSKEY = 48,
	TYPE_SVCB = 64,
	TYPE_HTTPS = 65,
	TYPE_META_FIRST = 128, /* RFC 6895 section 3.1: meta types and QTYPEs, up to ANY */
	TYPE_IXFR = 251,
	TYPE_AXFR = 252,
	TYPE_ANY = 255,
};
enum dns_class { CLASS_IN = 1, CLASS_CH = 3, CLASS_ANY = 255 };
enum dns_opcode { OPCODE_QUERY = 0, OPCODE_NOTIFY = 4, OPCODE_UPDATE = 5 };
enum dns_rcode {
	RCODE_NOERROR = 0,
	RCODE_FORMERR = 1,
	RCODE_SERVFAIL = 2,
	RCODE_NXDOMAIN = 3,
	RCODE_NOTIMP = 4,
	RCODE_REFUSED = 5,
	RCODE_BADVERS = 16,   /* RFC 6891 section 9 */
	RCODE_BADCOOKIE = 23, /* RFC 7873 section 8 */
};

/** A name: uncompressed wire format, lower case, the root label at its end. */
struct name {
	uint8_t size; /* octets, 1..255; 0: no name here */
	uint8_t octets[NAME_SIZE_MAX];
};

/**
 * Read a domain name in presentation format ("ns1.example.", escapes allowed, RFC 1035
 * section 5.1). A missing final dot is taken as meant; capitals are folded. ERR_INVALID with a
 * sentence.
 */
MUST_CHECK enum err name_parse(struct bytes text, struct name *out, struct why *why);

/** Write `name` (wire, uncompressed, valid) into `text[NAME_TEXT_SIZE]`, escaped and absolute. */
void name_text(struct bytes name, char *text);

/** The name's octets; borrowed from `name`. */
struct bytes name_bytes(const struct name *name);
bool name_equal(const struct name *a, const struct name *b);

/** Put the label `label` (1..63 octets, any) before `name`, folded. ERR_LIMIT above 255 octets:
 * `name` is as before. */
MUST_CHECK enum err name_prepend(struct name *name, struct bytes label);

/** Write `label` (1..63 octets) behind its length octet to `out`. Returns the octets written. */
size_t label_put(struct bytes label, uint8_t *out);

/** Is `name` equal to `above` or below it? Both valid and lower case. */
bool name_at_or_below(const struct name *name, const struct name *above);

/** Canonical order of RFC 4034 section 6.1 over lower-case wire names. */
int name_compare(struct bytes a, struct bytes b);

/** May `text` be one of our labels: 1..63 letters, digits, hyphens, no hyphen at an end? */
bool label_is_host(struct bytes text);

/** A host name in text, as an ingress may carry: labels as above or with `_`, 253 octets at most; a
 * final dot is fine. */
MUST_CHECK enum err hostname_parse(struct bytes text, struct name *out, struct why *why);

/** One RRset, borrowed for the length of a call. */
struct rrset {
	struct bytes owner; /* wire name, lower case, uncompressed, 1..255 octets */
	uint16_t type;      /* IANA TYPE, host order; class is IN */
	uint16_t count;     /* RRs in `rdata`, at least 1 */
	uint32_t ttl_s;     /* seconds, 0..2^31-1 (RFC 2181 section 8) */
	/* [count] uncompressed RDATA, each <= 65535 octets, canonical order */
	const struct bytes *rdata;
};

/**
 * Append RR `i` of `set` in master-file format: "NAME TTL IN TYPE RDATA" and a line feed (RFC 1035
 * section 5.1). By ldns: off the answer path. ERR_INVALID where the RDATA isn't of its type;
 * ERR_NOMEM, ERR_LIMIT of `out`.
 */
MUST_CHECK enum err rrset_text(const struct rrset *set, size_t i, struct buf *out, struct why *why);

/** Append only the RDATA of RR `i` in presentation format. Errors as rrset_text(). */
MUST_CHECK enum err rdata_text(const struct rrset *set, size_t i, struct buf *out, struct why *why);

/** "A", "AAAA", ... or "TYPE123" (RFC 3597 section 5) into `text[16]`. */
void type_text(uint16_t type, char *text);

#define RCODE_TEXT_SIZE 16
/** "NOERROR", ... or "RCODE9", of an extended RCODE. Returns whether it is one of enum dns_rcode.
 */
bool rcode_text(unsigned rcode, char text[RCODE_TEXT_SIZE]);

#endif

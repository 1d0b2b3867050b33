#include "asked.h"

#include <assert.h>

const uint8_t ASKED_BY_TYPE[ASKED_BY_TYPE_SIZE] = {
	[TYPE_A] = ASKED_A,         [TYPE_AAAA] = ASKED_AAAA,     [TYPE_CNAME] = ASKED_CNAME,
	[TYPE_SRV] = ASKED_SRV,     [TYPE_NS] = ASKED_NS,         [TYPE_SOA] = ASKED_SOA,
	[TYPE_TXT] = ASKED_TXT,     [TYPE_PTR] = ASKED_PTR,       [TYPE_MX] = ASKED_MX,
	[TYPE_HTTPS] = ASKED_HTTPS, [TYPE_SVCB] = ASKED_SVCB,     [TYPE_DS] = ASKED_DS,
	[TYPE_ANY] = ASKED_ANY,     [TYPE_DNSKEY] = ASKED_DNSKEY,
};

const char *asked_type_text(enum asked_type type)
{
	static const char *const WORDS[ASKED_TYPES] = {
		[ASKED_OTHER] = "other", [ASKED_A] = "A",         [ASKED_AAAA] = "AAAA",
		[ASKED_CNAME] = "CNAME", [ASKED_SRV] = "SRV",     [ASKED_NS] = "NS",
		[ASKED_SOA] = "SOA",     [ASKED_TXT] = "TXT",     [ASKED_PTR] = "PTR",
		[ASKED_MX] = "MX",       [ASKED_HTTPS] = "HTTPS", [ASKED_SVCB] = "SVCB",
		[ASKED_DS] = "DS",       [ASKED_ANY] = "ANY",     [ASKED_DNSKEY] = "DNSKEY",
	};
	assert(type < ASKED_TYPES);
	return WORDS[type];
}

#include "fedns/plan.h"

struct known_type {
	const char *text;
	uint16_t type;
};

static const struct known_type TYPES[] = {
	{"A", TYPE_A},   {"AAAA", TYPE_AAAA}, {"CNAME", TYPE_CNAME},
	{"NS", TYPE_NS}, {"SRV", TYPE_SRV},   {"TXT", TYPE_TXT},
};

uint16_t record_type_of(struct bytes text)
{
	for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
		if (bytes_equal_nocase(text, bytes_of(TYPES[i].text)))
			return TYPES[i].type;
	}
	return 0;
}

#include "fedns/plan.h"

#include "record_fold.h"

struct known_type {
	const char *text;
	uint16_t type;
};

/* All that the provider hosts and IANA has a number for; the rest are its own. fedns wants the
 * first six, and must know the others for what stands beside them. */
static const struct known_type TYPES[] = {
	{"A", TYPE_A},       {"AAAA", TYPE_AAAA},   {"CNAME", TYPE_CNAME}, {"NS", TYPE_NS},
	{"SRV", TYPE_SRV},   {"TXT", TYPE_TXT},     {"MX", TYPE_MX},       {"CAA", TYPE_CAA},
	{"SVCB", TYPE_SVCB}, {"HTTPS", TYPE_HTTPS},
};

uint16_t record_type_of(struct bytes text)
{
	for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
		if (bytes_equal_nocase(text, bytes_of(TYPES[i].text)))
			return TYPES[i].type;
	}
	return 0;
}

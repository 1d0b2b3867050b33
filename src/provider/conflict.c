#include "conflict.h"

#include "record_fold.h"

#include <assert.h>
#include <stddef.h>

#define ALL (KIND_ADDRESS | KIND_CNAME | KIND_NS | KIND_TEXT | KIND_OTHER | KIND_OWN)

/* The vendor's two tables: the general one of 2018, and the current one of the apex. Each is
 * symmetric. */
static const struct rule {
	enum kind kind;
	unsigned below, apex;
} RULES[] = {
	{KIND_ADDRESS, KIND_CNAME | KIND_NS | KIND_OWN, KIND_CNAME | KIND_OWN},
	{KIND_CNAME, ALL, KIND_ADDRESS | KIND_OTHER | KIND_OWN},
	{KIND_NS, ALL & ~(unsigned)KIND_NS, 0},
	{KIND_TEXT, KIND_CNAME | KIND_NS, 0},
	{KIND_OTHER, KIND_CNAME | KIND_NS, KIND_CNAME},
	{KIND_OWN, KIND_ADDRESS | KIND_CNAME | KIND_NS | KIND_OWN,
     KIND_ADDRESS | KIND_CNAME | KIND_OWN},
};

enum kind kind_of(uint16_t type)
{
	switch (type) {
	case 0:
		return KIND_OWN;
	case TYPE_A:
	case TYPE_AAAA:
		return KIND_ADDRESS;
	case TYPE_CNAME:
		return KIND_CNAME;
	case TYPE_NS:
		return KIND_NS;
	case TYPE_TXT:
	case TYPE_MX:
		return KIND_TEXT;
	default:
		return KIND_OTHER;
	}
}

unsigned conflicts_of(enum kind kind, bool apex)
{
	size_t i = 0;
	while (RULES[i].kind != kind) {
		i++;
		assert(i < sizeof RULES / sizeof RULES[0]);
	}
	return apex ? RULES[i].apex : RULES[i].below;
}

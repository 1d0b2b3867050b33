/* conflict: which records of one name and line the provider refuses beside one another. */
#ifndef FEDNS_PROVIDER_CONFLICT_H
#define FEDNS_PROVIDER_CONFLICT_H

#include <stdbool.h>
#include <stdint.h>

/** Types that behave alike, one bit each. */
enum kind {
	KIND_ADDRESS = 1, /* A, AAAA */
	KIND_CNAME = 2,
	KIND_NS = 4,
	KIND_TEXT = 8,   /* TXT, MX */
	KIND_OTHER = 16, /* SRV, CAA, SVCB, HTTPS, what else there may come */
	KIND_OWN = 32,   /* the provider's own: ALIAS, REDIRECT_URL, ... */
};

enum kind kind_of(uint16_t type);

/** The kinds that can't stand beside `kind`, itself among them where there can be only one. */
unsigned conflicts_of(enum kind kind, bool apex);

#endif

/* when: times as Kubernetes and Alibaba Cloud write them, RFC 3339.
 *
 * base.h --> [when.h] --> source, provider
 */
#ifndef FEDNS_WHEN_H
#define FEDNS_WHEN_H

#include "fedns/base.h"

#define WHEN_TEXT_SIZE sizeof "2026-11-23T02:30:45.000Z"

/** ms since 1970 of a time with offset, fractions cut to ms; 0: not readable, or not after 1970
 * began. */
int64_t when_parse(struct bytes text);

/** Write `ms` (above 0, below the year 10000) into `text[WHEN_TEXT_SIZE]`, in UTC, with ms. */
void when_text(int64_t ms, char *text);

#endif

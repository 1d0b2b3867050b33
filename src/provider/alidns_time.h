/* alidns_time: the times of a request and of its answer, as text. Pure. */
#ifndef FEDNS_PROVIDER_ALIDNS_TIME_H
#define FEDNS_PROVIDER_ALIDNS_TIME_H

#include "fedns/base.h"

#define TIMESTAMP_SIZE 21 /* "YYYY-MM-DDThh:mm:ssZ" and a NUL */

/** Seconds since 1970 as a request says them. False: not a year of four digits. */
MUST_CHECK bool timestamp_write(int64_t time_s, char text[TIMESTAMP_SIZE]);

/** A Date header (RFC 9110 section 5.6.7, IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT") as seconds
 * since 1970. False: it isn't one. */
MUST_CHECK bool http_date_read(struct bytes text, int64_t *out_s);

#endif

/* alidns_endpoint: where the API is. Pure. */
#ifndef FEDNS_PROVIDER_ALIDNS_ENDPOINT_H
#define FEDNS_PROVIDER_ALIDNS_ENDPOINT_H

#include "fedns/base.h"

#define ENDPOINT_HOST_SIZE 264                      /* a name of 253 octets, a port, a NUL */
#define ENDPOINT_URL_SIZE  (ENDPOINT_HOST_SIZE + 9) /* and "https://", "/" */

struct endpoint {
	char url[ENDPOINT_URL_SIZE];   /* "https://HOST/" or "https://HOST:PORT/" */
	char host[ENDPOINT_HOST_SIZE]; /* what Host: says: with the port where it isn't the scheme's */
};

/** "HOST", "HOST:PORT", "https://HOST:PORT/", "http://[::1]:8053", ... Without a scheme it is
 * https. ERR_INVALID with a sentence. */
MUST_CHECK enum err endpoint_read(const char *text, struct endpoint *out, struct why *why);

#endif

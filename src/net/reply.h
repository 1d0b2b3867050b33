/* reply: what a resolver's reply message says about one question. Pure. */
#ifndef FEDNS_NET_REPLY_H
#define FEDNS_NET_REPLY_H

#include "fedns/resolver.h"

struct reply {
	enum resolved_status status; /* RESOLVED_ADDRESSES, _NODATA or _NONAME */
	size_t address_count;
	uint32_t ttl_s; /* as in struct resolved */
	struct address addresses[RESOLVED_ADDRESSES_MAX];
};

/**
 * Read the reply `message` to the question for `host`'s addresses of `family`. ERR_INVALID,
 * ERR_NOMEM: no usable reply, `why` says what is wrong with it, and `out` holds RESOLVED_FAILED.
 */
MUST_CHECK enum err reply_read(struct bytes message, const struct name *host, uint8_t family,
                               struct reply *out, struct why *why);

#endif

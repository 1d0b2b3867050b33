/* secret: octets that are overwritten before their memory is given back. */
#ifndef FEDNS_SOURCE_SECRET_H
#define FEDNS_SOURCE_SECRET_H

#include "fedns/base.h"

/** Zeroed is empty. */
struct secret {
	uint8_t *data; /* a NUL follows; NULL: none */
	size_t size;   /* octets */
};

void secret_clear(struct secret *secret);
/** Become a copy of `octets`; none if they are. ERR_NOMEM: it is as before. */
MUST_CHECK enum err secret_set(struct secret *secret, struct bytes octets);
/** Take over what `from` has; it is empty then. */
void secret_move(struct secret *secret, struct secret *from);
struct bytes secret_bytes(const struct secret *secret);

/** buf_free(), overwritten before. What an earlier, smaller size of it left behind is not. */
void buf_wipe(struct buf *buf);

#endif

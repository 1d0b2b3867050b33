/* ask_message: one server's whole answer, read strictly. Pure. */
#ifndef FEDNS_NET_ASK_MESSAGE_H
#define FEDNS_NET_ASK_MESSAGE_H

#include "fedns/ask.h"

struct ask_message {
	bool aa, tc;
	uint16_t rcode; /* extended, RFC 6891 section 6.1.3 */
	struct ask_rr *rrs;
	size_t rr_count[ASK_SECTIONS]; /* one section's behind the other's */
	struct buf rdata;              /* what the RRs point into */
};

/**
 * Read the reply `message` to the question for `name` and `type`. Every octet must have its place:
 * counts, sizes and names agree, and nothing is left over. ERR_INVALID, ERR_NOMEM: `why` says what
 * is wrong, and `out` is empty. Ends with ask_message_clear().
 */
MUST_CHECK enum err ask_message_read(struct bytes message, const struct name *name, uint16_t type,
                                     struct ask_message *out, struct why *why);
void ask_message_clear(struct ask_message *message);

#endif

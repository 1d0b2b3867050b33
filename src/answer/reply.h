/* reply: a response message on its way into its buffer. */
#ifndef FEDNS_ANSWER_REPLY_H
#define FEDNS_ANSWER_REPLY_H

#include "request.h"
#include "rr_block.h"
#include "wire.h"

struct reply {
	uint8_t *data;
	size_t size;
	size_t size_max; /* octets that this client takes */
	size_t limit;    /* octets that records may fill; an OPT has its place behind */
	uint16_t answers, authorities, additionals;
	bool authoritative, truncated;
	struct edns_reply edns;
};

/** Start with header and question. `room` is that of the buffer, at least 512. */
void reply_begin(struct reply *reply, const struct query *query, const struct request *request,
                 const struct edns_reply *edns, uint8_t *data, size_t room);

/** Octets for the next RRs of `size` in all, or NULL and TC: an RRset comes whole or not at all
 * (RFC 2181 section 9). */
uint8_t *reply_take(struct reply *reply, size_t size);

/** Octets that are left for records. */
static inline size_t reply_room(const struct reply *reply)
{
	return reply->limit - reply->size;
}

/** OPT if the request had one, and the header. Returns the size of the message. */
size_t reply_end(struct reply *reply, const struct request *request, enum dns_rcode rcode);

#endif

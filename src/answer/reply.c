#include "reply.h"

#include <assert.h>
#include <string.h>

/* RFC 1035 section 4.2.1 */
enum { UDP_SIZE_PLAIN = 512 };

enum { FLAG_QR = 0x80, FLAG_AA = 0x04, FLAG_TC = 0x02, FLAG_RD = 0x01 };

/* The largest message that this client takes (RFC 6891 section 6.2.3 to 6.2.5). */
static size_t size_limit(const struct query *query, const struct edns *edns, uint16_t udp_size)
{
	if (query->tcp)
		return MESSAGE_SIZE_MAX;
	if (!edns->present || edns->udp_size <= UDP_SIZE_PLAIN)
		return UDP_SIZE_PLAIN;
	return edns->udp_size < udp_size ? edns->udp_size : udp_size;
}

void reply_begin(struct reply *reply, const struct query *query, const struct request *request,
                 const struct edns_reply *edns, uint8_t *data, size_t room)
{
	assert(room >= UDP_SIZE_PLAIN);
	size_t size_max = size_limit(query, &request->edns, edns->udp_size);
	*reply = (struct reply){.data = data, .edns = *edns};
	reply->size_max = reply->limit = size_max < room ? size_max : room;
	if (request->edns.present)
		reply->limit -= edns_reply_size(&request->edns, edns);
	/* A question is at most 12 + 255 + 4 octets, an OPT of ours some 200: always within 512. The
	 * question's letter case is kept. */
	memcpy(data, query->data, request->question_end);
	reply->size = request->question_end;
	assert(reply->size <= reply->limit);
}

uint8_t *reply_take(struct reply *reply, size_t size)
{
	if (reply_room(reply) < size) {
		reply->truncated = true;
		return NULL;
	}
	uint8_t *at = reply->data + reply->size;
	reply->size += size;
	return at;
}

static void opt_put(struct reply *reply, const struct edns *asked, enum dns_rcode rcode)
{
	reply->edns.rcode_high = (uint8_t)(rcode >> 4);
	reply->size += edns_reply_put(asked, &reply->edns, reply->data + reply->size,
	                              reply->size_max - reply->size);
	reply->additionals++;
}

size_t reply_end(struct reply *reply, const struct request *request, enum dns_rcode rcode)
{
	if (request->edns.present)
		opt_put(reply, &request->edns, rcode);
	uint8_t *header = reply->data;
	wire_put_u16(header, request->id);
	header[2] =
		(uint8_t)(FLAG_QR | request->opcode << 3 | (reply->authoritative ? FLAG_AA : 0) |
	              (reply->truncated ? FLAG_TC : 0) | (request->recursion_desired ? FLAG_RD : 0));
	header[3] = (uint8_t)(rcode & 15); /* RA, Z, AD and CD are 0 */
	wire_put_u16(header + 4, request->has_question ? 1 : 0);
	wire_put_u16(header + 6, reply->answers);
	wire_put_u16(header + 8, reply->authorities);
	wire_put_u16(header + 10, reply->additionals);
	return reply->size;
}

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
                 uint16_t udp_size, uint8_t *data, size_t room)
{
	assert(room >= UDP_SIZE_PLAIN);
	size_t limit = size_limit(query, &request->edns, udp_size);
	*reply = (struct reply){.data = data, .limit = limit < room ? limit : room};
	if (request->edns.present)
		reply->limit -= OPT_SIZE;
	/* A question is at most 12 + 255 + 4 octets: always within 512. Its letter case is kept. */
	memcpy(data, query->data, request->question_end);
	reply->size = request->question_end;
}

uint8_t *reply_take(struct reply *reply, size_t size)
{
	if (reply->limit - reply->size < size) {
		reply->truncated = true;
		return NULL;
	}
	uint8_t *at = reply->data + reply->size;
	reply->size += size;
	return at;
}

static void opt_put(struct reply *reply, const struct request *request, enum dns_rcode rcode,
                    uint16_t udp_size)
{
	uint8_t *at = reply->data + reply->size;
	at[0] = 0; /* owner: the root */
	wire_put_u16(at + 1, TYPE_OPT);
	wire_put_u16(at + 3, udp_size);
	at[5] = (uint8_t)(rcode >> 4);
	at[6] = 0;                                                  /* version */
	wire_put_u16(at + 7, request->edns.dnssec_ok ? 0x8000 : 0); /* RFC 3225 section 3 */
	wire_put_u16(at + 9, 0);
	reply->size += OPT_SIZE;
	reply->additionals++;
}

size_t reply_end(struct reply *reply, const struct request *request, enum dns_rcode rcode,
                 uint16_t udp_size)
{
	if (request->edns.present)
		opt_put(reply, request, rcode, udp_size);
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

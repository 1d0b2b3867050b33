#include "batch.h"

#include "counters.h"
#include "endpoint.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* Datagrams a system call: beyond 32 the gain is small, and the buffers should stay in the
 * second-level cache. */
#define BATCH_COUNT 32

/* A query is far below; the kernel cuts a longer datagram, and respond() judges what came. Replies:
 * the highest udp_size of struct answer_policy. */
#define DATAGRAM_SIZE_MAX 4096

/* From query to query: at a distance of exactly a page all of them would compete for the same few
 * places in the first-level cache. */
#define QUERY_STRIDE (DATAGRAM_SIZE_MAX + 2 * CACHE_LINE_SIZE)

/* Room for the one control message that we ask for. */
#define CONTROL_SIZE CMSG_SPACE(sizeof(struct in6_pktinfo))

struct control {
	alignas(struct cmsghdr) uint8_t octets[CONTROL_SIZE];
};

/* What never changes in the headers is set once: batch_new(). */
struct batch {
	struct mmsghdr in[BATCH_COUNT], out[BATCH_COUNT];
	struct iovec in_iov[BATCH_COUNT], out_iov[BATCH_COUNT];
	struct sockaddr_storage clients[BATCH_COUNT];
	struct control controls[BATCH_COUNT];
	alignas(CACHE_LINE_SIZE) uint8_t queries[BATCH_COUNT][QUERY_STRIDE];
	/* One behind the other: a batch of usual replies is a page or two. */
	alignas(CACHE_LINE_SIZE) uint8_t replies[BATCH_COUNT * DATAGRAM_SIZE_MAX];
};

static_assert(DATAGRAM_SIZE_MAX % CACHE_LINE_SIZE == 0, "replies begin at cache lines");

/* recvmmsg() writes lengths into the headers that it used; give the first `count` their full room
 * again. */
static void batch_reset(struct batch *batch, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		batch->in[i].msg_hdr.msg_namelen = sizeof batch->clients[i];
		batch->in[i].msg_hdr.msg_controllen = CONTROL_SIZE;
	}
}

struct batch *batch_new(void)
{
	struct batch *batch = aligned_alloc(alignof(struct batch), sizeof *batch);
	if (batch == NULL)
		return NULL;
	/* The buffers stay untouched: pages that no datagram fills cost nothing. */
	memset(batch, 0, offsetof(struct batch, queries));
	for (size_t i = 0; i < BATCH_COUNT; i++) {
		batch->in_iov[i] = (struct iovec){batch->queries[i], DATAGRAM_SIZE_MAX};
		batch->in[i].msg_hdr = (struct msghdr){
			.msg_name = &batch->clients[i],
			.msg_iov = &batch->in_iov[i],
			.msg_iovlen = 1,
			.msg_control = batch->controls[i].octets,
		};
		batch->out[i].msg_hdr = (struct msghdr){
			.msg_iov = &batch->out_iov[i],
			.msg_iovlen = 1,
		};
	}
	batch_reset(batch, BATCH_COUNT);
	return batch;
}

void batch_free(struct batch *batch)
{
	free(batch);
}

static bool link_local(const struct in6_addr *address)
{
	return address->s6_addr[0] == 0xfe && (address->s6_addr[1] & 0xc0) == 0x80;
}

/* The control message that says where the query was sent to also says where the reply comes from,
 * once the interface is left open: routes need not be symmetric. Only a link-local address means
 * nothing without its interface. */
static void control_turn(struct msghdr *header)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(header);
	if (control == NULL)
		return;
	if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo info;
		memcpy(&info, CMSG_DATA(control), sizeof info);
		info.ipi_ifindex = 0;
		memcpy(CMSG_DATA(control), &info, sizeof info);
	} else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo info;
		memcpy(&info, CMSG_DATA(control), sizeof info);
		if (!link_local(&info.ipi6_addr))
			info.ipi6_ifindex = 0;
		memcpy(CMSG_DATA(control), &info, sizeof info);
	}
}

/* Answer datagram `i` to `out`. Size of the reply, 0 to stay silent. */
static size_t datagram_answer(const struct batch *batch, size_t i, const struct root *root,
                              uint32_t now_s, struct responder *responder, uint8_t *out)
{
	struct query query = {.data = batch->queries[i], .size = batch->in[i].msg_len, .now_s = now_s};
	const struct sockaddr *from = (const struct sockaddr *)&batch->clients[i];
	/* Nobody can be reached at port 0, and sending there fails. */
	if (sockaddr_port(from) == 0) {
		responder->own.dropped[SERVE_DROP_PORT_ZERO]++;
		return 0;
	}
	sockaddr_address(from, &query.client);
	size_t size = respond(root, &responder->own.answers, &query, out, DATAGRAM_SIZE_MAX);
	if (size != 0)
		responder_note(responder, &query, out, size);
	return size;
}

/* The header of a reply goes back where the query's came from. */
static void reply_address(const struct msghdr *query, struct msghdr *reply)
{
	reply->msg_name = query->msg_name;
	reply->msg_namelen = query->msg_namelen;
	reply->msg_control = query->msg_control;
	reply->msg_controllen = query->msg_controllen;
	control_turn(reply);
}

/* Answer the first `count` datagrams; returns how many replies are to be sent. */
static size_t batch_answer(struct batch *batch, size_t count, struct responder *responder)
{
	size_t out_count = 0;
	uint8_t *out = batch->replies;
	uint32_t now_s = clock_now_s();
	const struct root *root = zone_enter(responder->zone, responder->slot);
	for (size_t i = 0; i < count; i++) {
		size_t size = datagram_answer(batch, i, root, now_s, responder, out);
		if (size == 0)
			continue;
		assert(size <= DATAGRAM_SIZE_MAX);
		batch->out_iov[out_count] = (struct iovec){out, size};
		reply_address(&batch->in[i].msg_hdr, &batch->out[out_count].msg_hdr);
		out += (size + CACHE_LINE_SIZE - 1) / CACHE_LINE_SIZE * CACHE_LINE_SIZE;
		out_count++;
	}
	zone_leave(responder->zone, responder->slot);
	return out_count;
}

static void batch_send(struct batch *batch, size_t count, int fd, struct serve_counters *counters)
{
	size_t sent = 0;
	while (sent < count) {
		int done = sendmmsg(fd, batch->out + sent, (unsigned)(count - sent), MSG_DONTWAIT);
		if (done > 0) {
			sent += (size_t)done;
		} else if (errno == EAGAIN) {
			/* the queue is full: the rest is dropped, the clients ask again */
			counters->dropped[SERVE_DROP_SEND_FULL] += count - sent;
			return;
		} else if (errno != EINTR) {
			counters->dropped[SERVE_DROP_SEND_FAILED]++;
			sent++; /* this one can't be sent (no route, a filter); the next may */
		}
	}
}

enum batch_state batch_serve(struct batch *batch, int fd, bool wait, struct responder *responder)
{
	int flags = wait ? MSG_WAITFORONE : MSG_DONTWAIT;
	int count = recvmmsg(fd, batch->in, BATCH_COUNT, flags, NULL);
	if (count <= 0)
		return count == 0 || errno == EAGAIN || errno == EINTR ? BATCH_EMPTY : BATCH_ERROR;
	uint64_t begin_ns = clock_now_ns();
	size_t replies = batch_answer(batch, (size_t)count, responder);
	batch_send(batch, replies, fd, &responder->own);
	serve_latency_add(&responder->own, clock_now_ns() - begin_ns, replies);
	batch_reset(batch, (size_t)count);
	return count == BATCH_COUNT ? BATCH_FULL : BATCH_PART;
}

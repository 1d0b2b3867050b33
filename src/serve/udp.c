#include "udp.h"

#include "endpoint.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* Datagrams a system call: beyond 32 the gain is small, and the buffers should stay in the
 * second-level cache. */
#define BATCH_COUNT 32

/* Batches a wake-up, so that a flood at one socket leaves its turn to the others and to TCP. */
#define BATCHES_MAX 8

/* A query is far below; the kernel cuts a longer datagram, and respond() judges what came. Replies:
 * the highest udp_size of struct answer_policy. */
#define DATAGRAM_SIZE_MAX 4096

/* Room for the one control message that we ask for. */
#define CONTROL_SIZE CMSG_SPACE(sizeof(struct in6_pktinfo))

struct control {
	alignas(struct cmsghdr) uint8_t octets[CONTROL_SIZE];
};

struct batch {
	struct mmsghdr in[BATCH_COUNT], out[BATCH_COUNT];
	struct iovec in_iov[BATCH_COUNT], out_iov[BATCH_COUNT];
	struct sockaddr_storage clients[BATCH_COUNT];
	struct control controls[BATCH_COUNT];
	uint8_t queries[BATCH_COUNT][DATAGRAM_SIZE_MAX];
	uint8_t replies[BATCH_COUNT][DATAGRAM_SIZE_MAX];
};

struct udp_socket {
	uv_poll_t poll;
	struct udp *udp;
	int fd;
};

struct udp {
	uv_loop_t *loop;
	struct responder *responder;
	struct batch batch;
	size_t socket_count, sockets_max;
	struct udp_socket sockets[];
};

/* recvmmsg() writes lengths into the headers that it used; give the first `count` their full room
 * again. */
static void batch_reset(struct batch *batch, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		batch->in_iov[i] = (struct iovec){batch->queries[i], DATAGRAM_SIZE_MAX};
		batch->in[i].msg_hdr = (struct msghdr){
			.msg_name = &batch->clients[i],
			.msg_namelen = sizeof batch->clients[i],
			.msg_iov = &batch->in_iov[i],
			.msg_iovlen = 1,
			.msg_control = batch->controls[i].octets,
			.msg_controllen = CONTROL_SIZE,
		};
	}
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

/* Answer datagram `i`. Size of the reply, 0 to stay silent. */
static size_t datagram_answer(struct batch *batch, size_t i, const struct root *root,
                              struct answer_counters *counters)
{
	struct query query = {.data = batch->queries[i], .size = batch->in[i].msg_len};
	/* Nobody can be reached at port 0, and sending there fails. */
	if (sockaddr_port(&batch->clients[i]) == 0)
		return 0;
	sockaddr_address(&batch->clients[i], &query.client);
	return respond(root, counters, &query, batch->replies[i], DATAGRAM_SIZE_MAX);
}

/* Answer the first `count` datagrams; returns how many replies are to be sent. */
static size_t batch_answer(struct batch *batch, size_t count, struct responder *responder)
{
	size_t out_count = 0;
	const struct root *root = zone_enter(responder->zone, responder->slot);
	for (size_t i = 0; i < count; i++) {
		size_t size = datagram_answer(batch, i, root, &responder->own);
		if (size == 0)
			continue;
		assert(size <= DATAGRAM_SIZE_MAX);
		struct msghdr *header = &batch->out[out_count].msg_hdr;
		batch->out_iov[out_count] = (struct iovec){batch->replies[i], size};
		*header = batch->in[i].msg_hdr;
		header->msg_iov = &batch->out_iov[out_count];
		header->msg_flags = 0;
		control_turn(header);
		out_count++;
	}
	zone_leave(responder->zone, responder->slot);
	return out_count;
}

static void batch_send(struct batch *batch, size_t count, int fd)
{
	size_t sent = 0;
	while (sent < count) {
		int done = sendmmsg(fd, batch->out + sent, (unsigned)(count - sent), MSG_DONTWAIT);
		if (done > 0)
			sent += (size_t)done;
		else if (errno == EAGAIN)
			return; /* the queue is full: the rest is dropped, the clients ask again */
		else if (errno != EINTR)
			sent++; /* this one can't be sent (no route, a filter); the next may */
	}
}

/* One batch. True: there may be more. */
static bool batch_serve(struct udp *udp, int fd)
{
	struct batch *batch = &udp->batch;
	int count = recvmmsg(fd, batch->in, BATCH_COUNT, MSG_DONTWAIT, NULL);
	/* Other errors are old news of ICMP about replies of ours: reading on has cleared them. */
	if (count <= 0)
		return count < 0 && errno != EAGAIN;
	size_t replies = batch_answer(batch, (size_t)count, udp->responder);
	batch_send(batch, replies, fd);
	batch_reset(batch, (size_t)count);
	return count == BATCH_COUNT;
}

static void socket_serve(struct udp *udp, int fd)
{
	for (unsigned i = 0; i < BATCHES_MAX; i++) {
		if (!batch_serve(udp, fd))
			return;
	}
}

static void socket_ready(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	struct udp_socket *socket = poll->data;
	socket_serve(socket->udp, socket->fd);
}

struct udp *udp_new(uv_loop_t *loop, struct responder *responder, size_t sockets_max)
{
	struct udp *udp = calloc(1, sizeof *udp + sockets_max * sizeof udp->sockets[0]);
	if (udp == NULL)
		return NULL;
	udp->loop = loop;
	udp->responder = responder;
	udp->sockets_max = sockets_max;
	batch_reset(&udp->batch, BATCH_COUNT);
	return udp;
}

enum err udp_add(struct udp *udp, int fd, struct why *why)
{
	assert(udp->socket_count < udp->sockets_max);
	struct udp_socket *socket = &udp->sockets[udp->socket_count];
	*socket = (struct udp_socket){.udp = udp, .fd = fd};
	int status = uv_poll_init(udp->loop, &socket->poll, fd);
	socket->poll.data = socket;
	if (status == 0)
		status = uv_poll_start(&socket->poll, UV_READABLE, socket_ready);
	if (status != 0) {
		why_set(why, "watch a UDP socket: %s", uv_strerror(status));
		return ERR_IO;
	}
	udp->socket_count++;
	return ERR_OK;
}

void udp_stop(struct udp *udp)
{
	for (size_t i = 0; i < udp->socket_count; i++) {
		socket_serve(udp, udp->sockets[i].fd);
		uv_close((uv_handle_t *)&udp->sockets[i].poll, NULL);
	}
}

void udp_free(struct udp *udp)
{
	free(udp);
}

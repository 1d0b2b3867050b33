#include "udp.h"

#include "batch.h"

#include <assert.h>
#include <stdlib.h>

struct udp_socket {
	uv_poll_t poll;
	struct udp *udp;
	int fd;
};

struct udp {
	uv_loop_t *loop;
	struct responder *responder;
	struct batch *batch;
	size_t socket_count, sockets_max;
	struct udp_socket sockets[];
};

/* A flood at one socket leaves its turn to the others and to TCP. */
static void socket_serve(struct udp *udp, int fd)
{
	for (unsigned i = 0; i < BATCHES_MAX; i++) {
		if (batch_serve(udp->batch, fd, false, udp->responder) != BATCH_FULL)
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
	udp->batch = batch_new();
	if (udp->batch == NULL) {
		free(udp);
		return NULL;
	}
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
	if (udp != NULL)
		batch_free(udp->batch);
	free(udp);
}

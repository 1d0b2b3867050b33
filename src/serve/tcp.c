#include "tcp.h"

#include "connection.h"
#include "crowd.h"
#include "endpoint.h"
#include "sockets.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Connections taken a wake-up, so that a flood of them leaves the loop to those that are there. */
#define ACCEPT_MAX 64

/* Between a stop and the end of reading: what clients sent before it is still answered. */
#define LAST_READ_MS 1

/* Where the kernel hands over a connection with its first question only (TCP_DEFER_ACCEPT), one
 * that a client has open may come after the stop: they are taken for as long as a stop of UDP
 * takes. */
#define LATE_CLIENTS_MS UDP_PATIENCE_MS

/* The idle timer looks this often in an idle time, within these bounds. */
#define TICKS       4
#define TICK_MS_MIN 10
#define TICK_MS_MAX 1000

struct tcp_listener {
	uv_poll_t poll;
	struct tcp *tcp;
	int fd;
	bool held; /* no descriptor was left for its connections: waits for the next tick */
};

struct tcp {
	struct connections connections;
	struct limits limits;
	uv_timer_t timer;
	bool stopping; /* who comes now is served once */
	size_t listener_count, listeners_max;
	struct tcp_listener listeners[];
};

static void timer_tick(uv_timer_t *timer);
static void listener_ready(uv_poll_t *poll, int status, int events);

static void timer_arm(struct tcp *tcp)
{
	uint64_t tick_ms = tcp->limits.idle_ms / TICKS;
	if (tick_ms < TICK_MS_MIN)
		tick_ms = TICK_MS_MIN;
	if (tick_ms > TICK_MS_MAX)
		tick_ms = TICK_MS_MAX;
	if (!uv_is_active((uv_handle_t *)&tcp->timer))
		uv_timer_start(&tcp->timer, timer_tick, tick_ms, tick_ms);
}

static void timer_tick(uv_timer_t *timer)
{
	struct tcp *tcp = timer->data;
	crowd_expire(&tcp->connections);
	for (size_t i = 0; i < tcp->listener_count; i++) {
		struct tcp_listener *listener = &tcp->listeners[i];
		if (listener->held)
			uv_poll_start(&listener->poll, UV_READABLE, listener_ready);
		listener->held = false;
	}
	if (tcp->connections.count == 0)
		uv_timer_stop(timer);
}

/* Serve the accepted `fd`. One that fails or is too many is closed; its client tries again. */
static void connection_begin(struct tcp *tcp, int fd, const struct sockaddr_storage *from)
{
	struct address client;
	sockaddr_address((const struct sockaddr *)from, &client);
	if (!crowd_admit(&tcp->connections, &client)) {
		close(fd);
		return;
	}
	if (tcp->connections.count >= tcp->limits.connections_max)
		(void)crowd_evict(&tcp->connections, SERVE_DROP_TCP_CONNECTIONS);
	if (connection_open(&tcp->connections, fd, &client) != ERR_OK)
		return;
	timer_arm(tcp);
	if (tcp->stopping)
		connection_end_soon(tcp->connections.newest);
}

/* Take one connection. False: no more for this time. */
static bool connection_take(struct tcp_listener *listener)
{
	struct tcp *tcp = listener->tcp;
	struct sockaddr_storage from;
	socklen_t size = sizeof from;
	int fd = accept4(listener->fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		connection_begin(tcp, fd, &from);
		return true;
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
		if (crowd_evict(&tcp->connections, SERVE_DROP_TCP_DESCRIPTORS))
			return true;
		/* Somebody else holds all descriptors; asking again at once would only burn the CPU. */
		uv_poll_stop(&listener->poll);
		listener->held = true;
		timer_arm(tcp);
		return false;
	}
	/* The rest is news about one connection that is gone already (accept(2), "Error handling"). */
	return errno != EAGAIN;
}

static void listener_ready(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	struct tcp_listener *listener = poll->data;
	for (unsigned i = 0; i < ACCEPT_MAX; i++) {
		if (!connection_take(listener))
			return;
	}
}

struct tcp *tcp_new(uv_loop_t *loop, struct responder *responder, const struct limits *limits,
                    size_t listeners_max)
{
	struct tcp *tcp = calloc(1, sizeof *tcp + listeners_max * sizeof tcp->listeners[0]);
	if (tcp == NULL)
		return NULL;
	tcp->connections.loop = loop;
	tcp->connections.responder = responder;
	tcp->limits = *limits;
	tcp->connections.limits = &tcp->limits;
	tcp->listeners_max = listeners_max;
	uv_timer_init(loop, &tcp->timer);
	tcp->timer.data = tcp;
	return tcp;
}

enum err tcp_add(struct tcp *tcp, int fd, struct why *why)
{
	assert(tcp->listener_count < tcp->listeners_max);
	struct tcp_listener *listener = &tcp->listeners[tcp->listener_count];
	*listener = (struct tcp_listener){.tcp = tcp, .fd = fd};
	int status = uv_poll_init(tcp->connections.loop, &listener->poll, fd);
	listener->poll.data = listener;
	if (status == 0)
		status = uv_poll_start(&listener->poll, UV_READABLE, listener_ready);
	if (status != 0) {
		why_set(why, "watch a TCP socket: %s", uv_strerror(status));
		return ERR_IO;
	}
	tcp->listener_count++;
	return ERR_OK;
}

static void drain_over(uv_timer_t *timer)
{
	struct tcp *tcp = timer->data;
	while (tcp->connections.oldest != NULL)
		connection_close(tcp->connections.oldest);
}

static void connections_each(struct tcp *tcp, void (*act)(struct connection *connection))
{
	struct connection *next;
	for (struct connection *at = tcp->connections.oldest; at != NULL; at = next) {
		next = at->newer;
		act(at);
	}
}

static void first_questions_over(uv_timer_t *timer)
{
	struct tcp *tcp = timer->data;
	connections_each(tcp, connection_end);
	uv_timer_start(timer, drain_over, tcp->limits.drain_ms, 0);
}

static void late_clients_over(uv_timer_t *timer)
{
	struct tcp *tcp = timer->data;
	for (size_t i = 0; i < tcp->listener_count; i++)
		uv_close((uv_handle_t *)&tcp->listeners[i].poll, NULL);
	tcp->listener_count = 0;
	uv_timer_start(timer, first_questions_over, TCP_FIRST_MS - LATE_CLIENTS_MS, 0);
	/* Only connections keep the loop going now: the end of the last one is the end of the drain. */
	uv_unref((uv_handle_t *)timer);
}

static void drain_begin(uv_timer_t *timer)
{
	struct tcp *tcp = timer->data;
	tcp->stopping = true;
	connections_each(tcp, connection_end_soon);
	uv_timer_start(timer, late_clients_over, LATE_CLIENTS_MS, 0);
}

void tcp_stop(struct tcp *tcp)
{
	uv_timer_start(&tcp->timer, drain_begin, LAST_READ_MS, 0);
}

void tcp_free(struct tcp *tcp)
{
	free(tcp);
}

#include "channel.h"

#include <assert.h>
#include <stdlib.h>

/*
 * As much as goes through every path unfragmented (DNS flag day 2020); larger replies come by TCP.
 */
#define EDNS_SIZE 1232

struct channel_socket {
	uv_poll_t poll;
	struct channel *channel;
	int fd;
	struct channel_socket *next;
};

static void timer_fired(uv_timer_t *timer);

/* c-ares says how long it can wait; it says so anew after everything that it did. */
static void timer_arm(struct channel *channel)
{
	struct timeval room;
	if (channel->closed != NULL)
		return;
	const struct timeval *left = ares_timeout(channel->ares, NULL, &room);
	if (left == NULL) {
		uv_timer_stop(&channel->timer);
		return;
	}
	/* Rounded up, or the last millisecond would be spun away. */
	uint64_t left_ms = (uint64_t)left->tv_sec * 1000 + (uint64_t)left->tv_usec / 1000 + 1;
	uv_update_time(channel->loop);
	uv_timer_start(&channel->timer, timer_fired, left_ms, 0);
}

static void timer_fired(uv_timer_t *timer)
{
	struct channel *channel = timer->data;
	ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	timer_arm(channel);
}

static void handle_released(struct channel *channel)
{
	assert(channel->handle_count > 0);
	if (--channel->handle_count == 0 && channel->closed != NULL)
		channel->closed(channel->closed_arg);
}

static void timer_closed(uv_handle_t *handle)
{
	handle_released(handle->data);
}

static void socket_closed(uv_handle_t *handle)
{
	struct channel_socket *socket = handle->data;
	struct channel *channel = socket->channel;
	free(socket);
	handle_released(channel);
}

static void socket_ready(uv_poll_t *poll, int status, int events)
{
	struct channel_socket *socket = poll->data;
	struct channel *channel = socket->channel;
	/* On an error c-ares finds out what it is by reading. */
	bool readable = status < 0 || (events & UV_READABLE) != 0;
	bool writable = (events & UV_WRITABLE) != 0;
	int fd = socket->fd;
	ares_process_fd(channel->ares, readable ? fd : ARES_SOCKET_BAD,
	                writable ? fd : ARES_SOCKET_BAD);
	timer_arm(channel);
}

static struct channel_socket *socket_new(struct channel *channel, int fd)
{
	struct channel_socket *socket = calloc(1, sizeof *socket);
	if (socket == NULL || uv_poll_init(channel->loop, &socket->poll, fd) != 0) {
		free(socket);
		return NULL;
	}
	socket->poll.data = socket;
	socket->channel = channel;
	socket->fd = fd;
	socket->next = channel->sockets;
	channel->sockets = socket;
	channel->handle_count++;
	return socket;
}

/*
 * c-ares tells what it waits for at a socket; neither reading nor writing: it is about to close it.
 */
static void socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct channel *channel = arg;
	struct channel_socket **link = &channel->sockets;
	while (*link != NULL && (*link)->fd != fd)
		link = &(*link)->next;

	struct channel_socket *socket = *link;
	if (readable == 0 && writable == 0) {
		if (socket == NULL)
			return;
		*link = socket->next;
		uv_close((uv_handle_t *)&socket->poll, socket_closed);
		return;
	}
	/* Without memory for a handle the reply goes unseen, and the lookup ends by its timeout. */
	if (socket == NULL && (socket = socket_new(channel, fd)) == NULL)
		return;
	int events = (readable != 0 ? UV_READABLE : 0) | (writable != 0 ? UV_WRITABLE : 0);
	uv_poll_start(&socket->poll, events, socket_ready);
}

static enum err servers_set(struct channel *channel, const char *const *servers, size_t count,
                            struct why *why)
{
	struct ares_addr_port_node nodes[RESOLVERS_MAX];
	for (size_t i = 0; i < count; i++) {
		enum err err = server_parse(servers[i], &nodes[i], why);
		if (err != ERR_OK)
			return err;
		if (i > 0)
			nodes[i - 1].next = &nodes[i];
	}
	if (count == 0)
		return ERR_OK;
	int status = ares_set_servers_ports(channel->ares, nodes);
	if (status == ARES_SUCCESS)
		return ERR_OK;
	why_set(why, "resolver: %s", ares_strerror(status));
	return ERR_NOMEM;
}

static int ares_open(struct channel *channel, const struct channel_manner *manner)
{
	char lookups[] = "b"; /* never the hosts file */
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS | manner->flags,
		.timeout = manner->timeout_ms,
		.tries = manner->tries,
		.lookups = lookups,
		.ednspsz = EDNS_SIZE,
		.sock_state_cb = socket_state,
		.sock_state_cb_data = channel,
	};
	return ares_init_options(&channel->ares, &options,
	                         ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
	                             ARES_OPT_LOOKUPS | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB);
}

enum err channel_init(struct channel *channel, uv_loop_t *loop, const char *const *servers,
                      size_t count, const struct channel_manner *manner, struct why *why)
{
	*channel = (struct channel){.loop = loop};
	if (count > RESOLVERS_MAX) {
		why_set(why, "resolver: %zu servers, more than %d", count, RESOLVERS_MAX);
		return ERR_LIMIT;
	}
	int status = ares_library_init(ARES_LIB_INIT_ALL);
	if (status == ARES_SUCCESS) {
		status = ares_open(channel, manner);
		if (status != ARES_SUCCESS)
			ares_library_cleanup();
	}
	if (status != ARES_SUCCESS) {
		why_set(why, "resolver: %s", ares_strerror(status));
		return status == ARES_ENOMEM ? ERR_NOMEM : ERR_IO;
	}
	enum err err = servers_set(channel, servers, count, why);
	if (err != ERR_OK) {
		ares_destroy(channel->ares);
		ares_library_cleanup();
		return err;
	}
	uv_timer_init(loop, &channel->timer);
	channel->timer.data = channel;
	channel->handle_count = 1;
	return ERR_OK;
}

/* c-ares reads a backslash as "the next octet as it is"; it has no \DDD. */
enum err channel_name_text(const struct name *name, char text[CHANNEL_NAME_SIZE])
{
	char *out = text;
	for (size_t at = 0; name->octets[at] != 0; at += 1 + (size_t)name->octets[at]) {
		for (size_t i = 1; i <= name->octets[at]; i++) {
			uint8_t octet = name->octets[at + i];
			if (octet == 0)
				return ERR_INVALID;
			if (octet == '.' || octet == '\\')
				*out++ = '\\';
			*out++ = (char)octet;
		}
		*out++ = '.';
	}
	if (out == text)
		*out++ = '.';
	*out = '\0';
	return ERR_OK;
}

void channel_ask(struct channel *channel, const char *name, uint16_t type, ares_callback done,
                 void *arg)
{
	assert(channel->closed == NULL);
	ares_query(channel->ares, name, CLASS_IN, type, done, arg);
	timer_arm(channel);
}

void channel_close(struct channel *channel, channel_closed *closed, void *arg)
{
	assert(closed != NULL && channel->closed == NULL);
	channel->closed = closed;
	channel->closed_arg = arg;
	ares_destroy(channel->ares);
	ares_library_cleanup();
	assert(channel->sockets == NULL);
	uv_close((uv_handle_t *)&channel->timer, timer_closed);
}

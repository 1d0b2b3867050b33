/* tcp and http: a socket of our own each, all in one epoll descriptor that the loop watches as one.
 * A libuv handle each would cost an allocation and two more system calls; at 10,000 a second that
 * is what counts. */
#include "prober_internal.h"

#include "fedns/sockaddr.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS    64      /* taken at once; as many handshakes, at worst, are 40 ms */
#define EVENTS_NS 5000000 /* after which the rest of the loop has its turn */

static enum begun failed(struct flight *flight, int error, struct why *why)
{
	socket_end(flight);
	return trouble_of(error, why);
}

/* The handshake's third segment, ours, may wait. Of http it goes with the request. Of tcp the reset
 * overtakes it, and the server's program, which has nothing to say to us, never hears of the
 * connection: that is most of the work there, and a third of it here. Its kernel has said yes by
 * then, and says nothing where the program doesn't keep up with its queue. Load balancers check
 * their servers like that. */
static void handshake_cut_short(int fd)
{
	const int off = 0;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
}

enum begun socket_begin(struct prober *prober, struct flight *flight, struct why *why)
{
	struct sockaddr_storage to;
	const struct target *target = flight->target;
	socklen_t size = sockaddr_make(&target->address, target->port, &to);
	flight->fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (flight->fd < 0)
		return failed(flight, errno, why);
	handshake_cut_short(flight->fd);
	if (connect(flight->fd, (struct sockaddr *)&to, size) != 0 && errno != EINPROGRESS)
		return failed(flight, errno, why);
	/* Edges: the connection, then octets to read, need no third call in between. */
	struct epoll_event event = {
		.events = target->kind == PROBE_TCP ? EPOLLOUT : EPOLLOUT | EPOLLIN | EPOLLET,
		.data.u64 = (uint64_t)flight->turn << 32 | target->flight,
	};
	if (epoll_ctl(prober->epoll, EPOLL_CTL_ADD, flight->fd, &event) != 0)
		return failed(flight, ENOMEM, why);
	return BEGUN;
}

bool socket_watch_again(struct prober *prober, const struct flight *flight)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLET,
		.data.u64 = (uint64_t)flight->turn << 32 | flight->target->flight,
	};
	return epoll_ctl(prober->epoll, EPOLL_CTL_MOD, flight->fd, &event) == 0;
}

/* By RST, as many health checkers do it: whoever closes a connection properly keeps its port for a
 * minute (TIME_WAIT), and with 28,000 ports towards one address and port that would be the end at
 * 470 probes a second. */
void socket_reset(int fd)
{
	const struct linger now = {.l_onoff = 1, .l_linger = 0};
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	(void)close(fd);
}

void socket_end(struct flight *flight)
{
	if (flight->fd >= 0 && flight->connected)
		socket_reset(flight->fd);
	else if (flight->fd >= 0)
		(void)close(flight->fd);
	flight->fd = -1;
}

int socket_error(const struct flight *flight)
{
	int error = 0;
	socklen_t size = sizeof error;
	return getsockopt(flight->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

static void tell_trouble(struct prober *prober, struct flight *flight, int error)
{
	struct why why;
	(void)trouble_of(error, &why);
	flight_tell(prober, flight, false, why.text);
}

/* A reset after the connection was made: made it was, whichever we see first. */
static void tcp_event(struct prober *prober, struct flight *flight, uint32_t events)
{
	int error = (events & EPOLLERR) != 0 ? socket_error(flight) : 0;
	flight->connected = error == 0;
	if (error == 0 || error == ECONNRESET || error == EPIPE)
		flight_tell(prober, flight, true, "");
	else
		tell_trouble(prober, flight, error);
}

/* The request is made anew where it could not be sent at once, which is all but never. 0, or an
 * error. */
static int http_send(struct flight *flight)
{
	char request[PROBE_REQUEST_SIZE_MAX];
	const struct health_target target = target_view(flight->target);
	size_t size = probe_request(&target, false, request);
	if (flight->sent == size)
		return 0;
	ssize_t sent = send(flight->fd, request + flight->sent, size - flight->sent, MSG_NOSIGNAL);
	if (sent < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : errno;
	flight->sent += (uint32_t)sent;
	return 0;
}

/* Until there is nothing more now: edges are told once. PROBE_BODY_MAX ends it. */
static void http_receive(struct prober *prober, struct flight *flight)
{
	struct why why = {{0}};
	enum probe_verdict verdict = PROBE_MORE;
	while (verdict == PROBE_MORE) {
		ssize_t size = recv(flight->fd, prober->octets, sizeof prober->octets, 0);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 && errno == EAGAIN)
			return;
		if (size < 0) {
			tell_trouble(prober, flight, errno);
			return;
		}
		if (size == 0) {
			probe_ended(&flight->reader, &why);
			break;
		}
		const struct bytes more = {prober->octets, (size_t)size};
		verdict = probe_read(&flight->reader, &flight->manner->wanted, more, &why);
	}
	flight_tell(prober, flight, verdict == PROBE_GOOD, why.text);
}

static void http_event(struct prober *prober, struct flight *flight, uint32_t events)
{
	int error = 0;
	if (!flight->connected && (events & EPOLLERR) != 0)
		error = socket_error(flight);
	flight->connected = error == 0;
	if (error == 0 && (events & EPOLLOUT) != 0)
		error = http_send(flight);
	if (error != 0)
		tell_trouble(prober, flight, error);
	else if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		http_receive(prober, flight);
}

static void flight_event(struct prober *prober, struct flight *flight, uint32_t events)
{
	if (flight->target->kind == PROBE_TCP)
		tcp_event(prober, flight, events);
	else if (flight->target->kind == PROBE_HTTPS)
		tls_event(prober, flight, events);
	else
		http_event(prober, flight, events);
}

static void event_take(struct prober *prober, const struct epoll_event *event)
{
	struct flight *flight = &prober->flights[event->data.u64 & UINT32_MAX];
	/* One that ended since, by another's result: its place may have a new one. */
	if (flight->target != NULL && flight->turn == event->data.u64 >> 32)
		flight_event(prober, flight, event->events);
}

void socket_look(struct prober *prober, struct flight *flight)
{
	struct pollfd look = {flight->fd, POLLOUT, 0};
	if (flight->connected)
		look.events = POLLIN;
	if (poll(&look, 1, 0) > 0) /* its bits are those of epoll */
		flight_event(prober, flight, (uint32_t)look.revents);
}

void socket_events(uv_poll_t *poll, int status, int events)
{
	struct prober *prober = poll->data;
	struct epoll_event taken[EVENTS];
	int count = EVENTS;
	(void)status; /* of the epoll descriptor, which has none */
	(void)events;
	assert(!prober->inside);
	prober->inside = true;
	uint64_t end_ns = uv_hrtime() + EVENTS_NS;
	while (count == EVENTS && uv_hrtime() < end_ns) {
		count = epoll_wait(prober->epoll, taken, EVENTS, 0);
		for (int at = 0; at < count && !prober->freeing; at++)
			event_take(prober, &taken[at]);
		if (prober->freeing)
			return;
	}
	prober->inside = false;
	prober_arm(prober);
}

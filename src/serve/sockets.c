#include "sockets.h"

#include "endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* Holds some 10,000 queries while a worker is busy elsewhere; the kernel cuts it to
 * net.core.rmem_max. */
#define UDP_QUEUE_SIZE (4 * 1024 * 1024)

/* Connections that wait for accept(); the kernel cuts it to net.core.somaxconn. */
#define TCP_BACKLOG 1024

/* What the kernel may hold for a client that doesn't read: without a bound of ours it would grow to
 * megabytes (tcp(7), tcp_wmem), for each of TCP_CONNECTIONS_MAX. Accepted sockets inherit it. */
#define TCP_SEND_SIZE (128 * 1024)

/* Connections whose question came with the SYN (RFC 7413) and that aren't accepted yet: beyond it
 * clients shake hands as ever. */
#define TCP_FASTOPEN_COUNT 256

/* For so long the kernel keeps a connection without a question to itself. */
#define TCP_DEFER_S 3

/* The port that UDP got may be taken for TCP; another try gets another port. */
#define PORT_TRIES 16

static enum err failed(struct why *why, const char *what)
{
	why_set(why, "%s: %s", what, strerror(errno));
	return ERR_IO;
}

static void fd_close(int *fd)
{
	int saved = errno;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

static int option_on(int fd, int level, int name)
{
	const int on = 1;
	return setsockopt(fd, level, name, &on, sizeof on);
}

/* A bound socket, or -1 with errno. `shared`: in one group with the other workers' sockets. */
static int socket_bound(const struct endpoint *endpoint, int type, bool shared)
{
	int family = endpoint->address.ss_family;
	/* A lane waits in its UDP socket. */
	int kind = type == SOCK_DGRAM ? type : type | SOCK_NONBLOCK;
	int fd = socket(family, kind | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* SO_REUSEADDR on TCP alone: connections of a former life in TIME_WAIT are no obstacle. */
	bool good = (!shared || option_on(fd, SOL_SOCKET, SO_REUSEPORT) == 0) &&
	            (type != SOCK_STREAM || option_on(fd, SOL_SOCKET, SO_REUSEADDR) == 0) &&
	            (family != AF_INET6 || option_on(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0) &&
	            bind(fd, (const struct sockaddr *)&endpoint->address, endpoint->size) == 0;
	if (!good)
		fd_close(&fd);
	return fd;
}

/* RFC 9715 section 3.1: the size of a reply is bounded by us; no host on the way may lower it by a
 * forged ICMP message, and nothing is fragmented because of one. A kernel that lacks the option is
 * used as it is. */
static void fragments_avoid(int fd, bool v6)
{
	const int omit4 = IP_PMTUDISC_OMIT, omit6 = IPV6_PMTUDISC_OMIT;
	if (v6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &omit6, sizeof omit6);
	else
		(void)setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &omit4, sizeof omit4);
}

static int udp_open(const struct endpoint *endpoint)
{
	const int size = UDP_QUEUE_SIZE;
	int fd = socket_bound(endpoint, SOCK_DGRAM, true);
	if (fd < 0)
		return -1;
	/* A smaller queue works too. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	bool v6 = endpoint->address.ss_family == AF_INET6;
	const struct timeval patience = {.tv_usec = UDP_PATIENCE_MS * 1000};
	fragments_avoid(fd, v6);
	/* At one address the kernel answers from it by itself. */
	bool good =
		!endpoint_is_wildcard(endpoint) ||
		option_on(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVPKTINFO : IP_PKTINFO) == 0;
	if (!good || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
		fd_close(&fd);
	return fd;
}

/* Both save work and wake-ups, nothing more: a kernel without them serves as well. */
static void connects_ease(int fd)
{
	const int fastopen = TCP_FASTOPEN_COUNT, defer_s = TCP_DEFER_S;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &fastopen, sizeof fastopen);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &defer_s, sizeof defer_s);
}

static int tcp_open(const struct endpoint *endpoint)
{
	const int size = TCP_SEND_SIZE;
	int fd = socket_bound(endpoint, SOCK_STREAM, true);
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0 ||
	                listen(fd, TCP_BACKLOG) != 0))
		fd_close(&fd);
	if (fd >= 0)
		connects_ease(fd);
	return fd;
}

enum err endpoint_probe(const struct endpoint *endpoint, struct why *why)
{
	int udp = socket_bound(endpoint, SOCK_DGRAM, false);
	if (udp < 0)
		return failed(why, "UDP");
	fd_close(&udp);
	int tcp = socket_bound(endpoint, SOCK_STREAM, false);
	if (tcp < 0)
		return failed(why, "TCP");
	fd_close(&tcp);
	return ERR_OK;
}

static int port_learn(int fd, struct endpoint *endpoint)
{
	struct endpoint bound = {.size = sizeof bound.address};
	if (getsockname(fd, (struct sockaddr *)&bound.address, &bound.size) != 0)
		return -1;
	endpoint_set_port(endpoint, endpoint_port(&bound));
	return 0;
}

enum err socket_pair_open(struct endpoint *endpoint, struct socket_pair *out, struct why *why)
{
	bool any_port = endpoint_port(endpoint) == 0;
	*out = SOCKET_PAIR_NONE;
	for (unsigned tries = 1;; tries++) {
		struct endpoint at = *endpoint;
		out->udp = udp_open(&at);
		if (out->udp < 0 || port_learn(out->udp, &at) != 0)
			break;
		out->tcp = tcp_open(&at);
		if (out->tcp >= 0) {
			*endpoint = at;
			return ERR_OK;
		}
		if (!any_port || errno != EADDRINUSE || tries == PORT_TRIES)
			break;
		fd_close(&out->udp);
	}
	enum err err = failed(why, out->udp < 0 ? "UDP" : "TCP");
	fd_close(&out->udp);
	return err;
}

/* By dup(), which ThreadSanitizer knows, and not by F_DUPFD_CLOEXEC: nothing is executed between
 * the two calls. */
static int fd_share(int fd)
{
	int shared = dup(fd);
	if (shared >= 0 && fcntl(shared, F_SETFD, FD_CLOEXEC) != 0)
		fd_close(&shared);
	return shared;
}

enum err socket_pair_share(const struct socket_pair *from, struct socket_pair *out, struct why *why)
{
	out->udp = fd_share(from->udp);
	out->tcp = out->udp < 0 ? -1 : fd_share(from->tcp);
	if (out->tcp >= 0)
		return ERR_OK;
	enum err err = failed(why, "share a socket");
	socket_pair_close(out);
	return err;
}

void socket_pair_close(struct socket_pair *pair)
{
	fd_close(&pair->udp);
	fd_close(&pair->tcp);
}

/* The socket that clients come by. */
#include "http.h"

#include "fedns/sockaddr.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Clients that may wait to be taken, where ADMIN_CONNECTIONS_MAX are connected. */
#define BACKLOG 128

/* "127.0.0.1:9153" or "[::1]:9153". */
static enum err address_read(const char *text, struct sockaddr_storage *out, socklen_t *size,
                             struct why *why)
{
	struct address address;
	uint64_t port;
	const char *colon = strrchr(text, ':');
	struct bytes host = {(const uint8_t *)text, colon == NULL ? 0 : (size_t)(colon - text)};
	bool bracketed = host.size >= 2 && text[0] == '[' && text[host.size - 1] == ']';
	if (bracketed)
		host = (struct bytes){host.data + 1, host.size - 2};
	*out = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
	if (colon == NULL || !bytes_number(bytes_of(colon + 1), UINT16_MAX, &port) ||
	    address_parse(host, &address, why) != ERR_OK || (address.family == 6 && !bracketed)) {
		why_set(why, "admin %s: give ADDRESS:PORT or [ADDRESS]:PORT", text);
		return ERR_INVALID;
	}
	*size = sockaddr_make(&address, (uint16_t)port, out);
	return ERR_OK;
}

static bool socket_listen(int fd, const struct sockaddr_storage *address, socklen_t size)
{
	static const int ON = 1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &ON, sizeof ON) != 0)
		return false;
	if (address->ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &ON, sizeof ON) != 0)
		return false;
	return bind(fd, (const struct sockaddr *)address, size) == 0 && listen(fd, BACKLOG) == 0;
}

enum err http_listen(const char *text, int *fd, struct why *why)
{
	struct sockaddr_storage address;
	socklen_t size;
	*fd = -1;
	enum err err = address_read(text, &address, &size, why);
	if (err != ERR_OK)
		return err;
	*fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd >= 0 && socket_listen(*fd, &address, size))
		return ERR_OK;
	err = errno == EADDRINUSE ? ERR_CONFLICT : ERR_IO;
	why_set(why, "admin %s: %s", text, strerror(errno));
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	return err;
}

bool http_address_local(const struct address *address)
{
	static const uint8_t LOOPBACK[V6_SIZE] = {[V6_SIZE - 1] = 1};
	return address->family == 4 ? address->octets[0] == 127
	                            : memcmp(address->octets, LOOPBACK, V6_SIZE) == 0;
}

void http_listen_text(int fd, char *text)
{
	struct sockaddr_storage bound = {.ss_family = AF_UNSPEC};
	socklen_t size = sizeof bound;
	char host[ADDRESS_TEXT_SIZE] = "?";
	unsigned port = 0;
	if (getsockname(fd, (struct sockaddr *)&bound, &size) == 0) {
		struct address address;
		sockaddr_address((const struct sockaddr *)&bound, &address);
		if (address.family != 0)
			address_text(&address, host);
		port = sockaddr_port((const struct sockaddr *)&bound);
	}
	bool v6 = bound.ss_family == AF_INET6;
	(void)snprintf(text, 64, "%s%s%s:%u", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

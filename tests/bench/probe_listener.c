/* What probes are aimed at: accepts every connection to any address of this machine at one port,
 * and answers each request with a small 200. One thread.
 *
 * usage: probe_listener PORT      prints "ready" when it listens; ends with its standard input
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 512, BACKLOG = 4096, ACCEPTS = 256 };

static const char ANSWER[] =
	"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";

static void failed(const char *what)
{
	perror(what);
	exit(3);
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		failed("epoll_ctl");
}

static int listen_at(uint16_t port)
{
	const int on = 1;
	const struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || listen(fd, BACKLOG) != 0)
		failed("listen");
	return fd;
}

static void accept_some(int epoll, int listener)
{
	for (unsigned i = 0; i < ACCEPTS; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		watch(epoll, fd);
	}
}

/* A request comes in one piece here, or nothing but the end does. */
static void answer(int fd)
{
	char request[4096];
	ssize_t size = recv(fd, request, sizeof request, 0);
	if (size < 0 && errno == EAGAIN)
		return;
	if (size > 0)
		(void)send(fd, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL);
	(void)close(fd);
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	if (argc != 2) {
		(void)fprintf(stderr, "usage: probe_listener PORT\n");
		return 2;
	}
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int listener = listen_at((uint16_t)strtoul(argv[1], NULL, 10));
	watch(epoll, listener);
	watch(epoll, STDIN_FILENO);
	(void)puts("ready");
	(void)fflush(stdout);
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == STDIN_FILENO)
				return 0;
			if (events[i].data.fd == listener)
				accept_some(epoll, listener);
			else
				answer(events[i].data.fd);
		}
	}
}

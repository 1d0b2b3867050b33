/* What probes are aimed at: accepts every connection to any address of this machine at one port,
 * and answers each request with a small 200. One thread. With a certificate it speaks TLS, and then
 * keeps connections for whoever doesn't ask for their end.
 *
 * usage: probe_listener PORT [CERTIFICATE KEY [silent]]
 *
 * Prints "ready" when it listens; ends with its standard input. "silent": at every other address it
 * accepts, and that is all.
 */
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 512, BACKLOG = 4096, ACCEPTS = 256, FDS_MAX = 1 << 20 };

static const char ANSWER[] =
	"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
static const char ANSWER_KEPT[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";

struct server {
	int epoll, listener;
	SSL_CTX *tls; /* NULL: none */
	bool silent;
	SSL *connections[FDS_MAX]; /* by descriptor */
};

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

/* Is it one that gets no answer? */
static bool silent_at(const struct server *server, int fd)
{
	struct sockaddr_in at = {0};
	socklen_t size = sizeof at;
	return server->silent && getsockname(fd, (struct sockaddr *)&at, &size) == 0 &&
	       ntohl(at.sin_addr.s_addr) % 2 == 0;
}

static void accept_some(struct server *server)
{
	for (unsigned i = 0; i < ACCEPTS; i++) {
		int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		if (server->tls != NULL && !silent_at(server, fd)) {
			SSL *connection = SSL_new(server->tls);
			if (connection == NULL || SSL_set_fd(connection, fd) != 1)
				failed("SSL_new");
			SSL_set_accept_state(connection);
			server->connections[fd] = connection;
		}
		watch(server->epoll, fd);
	}
}

static void over(struct server *server, int fd)
{
	if (server->connections[fd] != NULL) {
		SSL_set_shutdown(server->connections[fd], SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
		SSL_free(server->connections[fd]);
	}
	server->connections[fd] = NULL;
	(void)close(fd);
}

/* A request comes in one piece here, or nothing but the end does. */
static void answer_tls(struct server *server, int fd)
{
	char request[4096];
	SSL *connection = server->connections[fd];
	int size = SSL_read(connection, request, sizeof request - 1);
	if (size <= 0 && SSL_get_error(connection, size) == SSL_ERROR_WANT_READ)
		return;
	if (size <= 0) {
		over(server, fd);
		return;
	}
	request[size] = '\0';
	bool close = strstr(request, "Connection: close") != NULL;
	const char *answer = close ? ANSWER : ANSWER_KEPT;
	if (SSL_write(connection, answer, (int)strlen(answer)) <= 0 || close)
		over(server, fd);
}

static void answer(struct server *server, int fd)
{
	char request[4096];
	ssize_t size = recv(fd, request, sizeof request, 0);
	if (size < 0 && errno == EAGAIN)
		return;
	if (size > 0 && silent_at(server, fd))
		return;
	if (size > 0)
		(void)send(fd, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL);
	over(server, fd);
}

static SSL_CTX *context_new(const char *certificate, const char *key)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	if (context == NULL || SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		failed("certificate");
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(context, 1);
	return context;
}

int main(int argc, char **argv)
{
	static struct server server;
	struct epoll_event events[EVENTS];
	if (argc != 2 && argc != 4 && argc != 5) {
		(void)fprintf(stderr, "usage: probe_listener PORT [CERTIFICATE KEY [silent]]\n");
		return 2;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc > 2)
		server.tls = context_new(argv[2], argv[3]);
	server.silent = argc == 5;
	server.epoll = epoll_create1(EPOLL_CLOEXEC);
	server.listener = listen_at((uint16_t)strtoul(argv[1], NULL, 10));
	watch(server.epoll, server.listener);
	watch(server.epoll, STDIN_FILENO);
	(void)puts("ready");
	(void)fflush(stdout);
	for (;;) {
		int count = epoll_wait(server.epoll, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;
			if (fd == STDIN_FILENO)
				return 0;
			if (fd == server.listener)
				accept_some(&server);
			else if (server.connections[fd] != NULL)
				answer_tls(&server, fd);
			else
				answer(&server, fd);
		}
	}
}

#include "stage.h"

#include "check.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_TRIES 50
#define QUERY_MAX  512

static struct sockaddr_in place(size_t server, uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)server);
	return at;
}

/* -1: somebody has the port. */
static int open_at(size_t server, uint16_t port, int kind)
{
	struct sockaddr_in at = place(server, port);
	int fd = socket(AF_INET, kind | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	int on = 1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 &&
	    (kind == SOCK_DGRAM || listen(fd, 16) == 0))
		return fd;
	(void)close(fd);
	return -1;
}

static void sockets_close(struct stage *stage)
{
	for (size_t i = 0; i < STAGE_SERVERS; i++) {
		if (stage->udp[i] >= 0)
			(void)close(stage->udp[i]);
		if (stage->tcp[i] >= 0)
			(void)close(stage->tcp[i]);
	}
}

static bool sockets_open(struct stage *stage)
{
	struct sockaddr_in at = {.sin_port = 0};
	socklen_t size = sizeof at;
	bool all = true;
	stage->port = 0;
	for (size_t i = 0; i < STAGE_SERVERS; i++)
		stage->udp[i] = stage->tcp[i] = -1;
	for (size_t i = 0; i < STAGE_SERVERS && all; i++) {
		stage->udp[i] = open_at(i, stage->port, SOCK_DGRAM);
		if (i == 0) {
			assert_int_equal(getsockname(stage->udp[0], (struct sockaddr *)&at, &size), 0);
			stage->port = ntohs(at.sin_port);
		}
		stage->tcp[i] = open_at(i, stage->port, SOCK_STREAM);
		all = stage->udp[i] >= 0 && stage->tcp[i] >= 0;
	}
	if (!all)
		sockets_close(stage);
	return all;
}

static bool answer(const struct stage *stage, size_t server, bool tcp, const uint8_t *query,
                   size_t size, struct wire *out)
{
	struct stage_question question = {.server = server, .tcp = tcp};
	size_t at = 12;
	if (size < at)
		return false;
	while (at < size && query[at] != 0)
		at += 1 + (size_t)query[at];
	if (at + 5 > size)
		return false;
	name_text((struct bytes){query + 12, at + 1 - 12}, question.name);
	question.type = (uint16_t)(query[at + 1] << 8 | query[at + 2]);
	question.recurse = (query[2] & 1) != 0;
	wire_header(out, (uint16_t)(query[0] << 8 | query[1]), 0);
	wire_question(out, question.name, question.type);
	return stage->play(stage->arg, &question, out);
}

static void udp_serve(const struct stage *stage, size_t server)
{
	struct sockaddr_in from;
	socklen_t from_size = sizeof from;
	uint8_t query[QUERY_MAX];
	struct wire out;
	ssize_t size =
		recvfrom(stage->udp[server], query, sizeof query, 0, (struct sockaddr *)&from, &from_size);
	if (size > 0 && answer(stage, server, false, query, (size_t)size, &out))
		(void)sendto(stage->udp[server], out.octets, out.size, 0, (struct sockaddr *)&from,
		             from_size);
}

/* A client sends its query in one piece; a test server may rely on it. */
static void tcp_serve(const struct stage *stage, size_t server)
{
	uint8_t query[QUERY_MAX];
	struct wire out;
	int fd = accept(stage->tcp[server], NULL, NULL);
	if (fd < 0)
		return;
	ssize_t size = recv(fd, query, sizeof query, 0);
	if (size > 2 && answer(stage, server, true, query + 2, (size_t)size - 2, &out)) {
		const uint8_t head[] = {(uint8_t)(out.size >> 8), (uint8_t)out.size};
		(void)send(fd, head, sizeof head, MSG_MORE | MSG_NOSIGNAL);
		(void)send(fd, out.octets, out.size, MSG_NOSIGNAL);
	}
	(void)close(fd);
}

static void *stage_run(void *arg)
{
	const struct stage *stage = arg;
	struct pollfd fds[2 * STAGE_SERVERS + 1];
	for (size_t i = 0; i < STAGE_SERVERS; i++) {
		fds[2 * i] = (struct pollfd){.fd = stage->udp[i], .events = POLLIN};
		fds[2 * i + 1] = (struct pollfd){.fd = stage->tcp[i], .events = POLLIN};
	}
	struct pollfd *wake = &fds[2 * STAGE_SERVERS];
	*wake = (struct pollfd){.fd = stage->wake[0], .events = POLLIN};
	while (poll(fds, 2 * STAGE_SERVERS + 1, -1) >= 0 && wake->revents == 0) {
		for (size_t i = 0; i < STAGE_SERVERS; i++) {
			if (fds[2 * i].revents != 0)
				udp_serve(stage, i);
			if (fds[2 * i + 1].revents != 0)
				tcp_serve(stage, i);
		}
	}
	return NULL;
}

void stage_start(struct stage *stage, stage_player *play, void *arg)
{
	unsigned tries = 0;
	*stage = (struct stage){.play = play, .arg = arg};
	while (!sockets_open(stage))
		assert_true(++tries < PORT_TRIES);
	assert_int_equal(pipe(stage->wake), 0);
	assert_int_equal(pthread_create(&stage->thread, NULL, stage_run, stage), 0);
}

void stage_stop(struct stage *stage)
{
	(void)close(stage->wake[1]);
	assert_int_equal(pthread_join(stage->thread, NULL), 0);
	(void)close(stage->wake[0]);
	sockets_close(stage);
}

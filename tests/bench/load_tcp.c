/* A DNS load over TCP: connections that each keep a window of queries under way (RFC 7766 section
 * 6.2.1.1), and what came of it.
 *
 * usage: load_tcp PORT COUNT CONNECTIONS WINDOW < queries      each line of the input:
 * "NAME TYPE-NUMBER", asked in turn, with EDNS
 *
 * Prints one line as load does: seconds, queries, answers, losses, median and 99th percentile of
 * latency in us, and RCODE counts. Answers may come in any order (section 6.2.1.1 again); one that
 * nobody waits for ends the program.
 */
#include "latency.h"
#include "questions.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 256,
	WINDOW_MAX = 256,
	FRAME_SIZE_MAX = 2 + QUERY_SIZE_MAX,
	INPUT_SIZE = 131072, /* a frame of any size and one read behind it */
	LOST_MS = 2000,      /* without any answer for so long, what is under way counts as lost */
};

struct connection {
	int fd;
	uint16_t id; /* of the last query */
	unsigned under_way;
	uint64_t sent_ns[65536]; /* by message id; 0: not under way */
	size_t out_at, out_size, in_size;
	uint8_t out[WINDOW_MAX * FRAME_SIZE_MAX], in[INPUT_SIZE];
};

struct load {
	struct sockaddr_in at;
	struct questions questions;
	struct connection *connections;
	struct pollfd polls[CONNECTIONS_MAX];
	unsigned connection_count, window;
	uint64_t count, sent, answered, lost, rcodes[16];
	struct latency latency;
};

static void failed(const char *what)
{
	perror(what);
	exit(3);
}

static void connection_open(struct load *load, struct connection *connection)
{
	const int on = 1;
	memset(connection, 0, sizeof *connection);
	connection->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connection->fd < 0 ||
	    connect(connection->fd, (const struct sockaddr *)&load->at, sizeof load->at) != 0)
		failed("load_tcp: connect");
	(void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* What the server closed, or doesn't answer: its queries are lost, and another one takes its place.
 */
static void connection_lost(struct load *load, struct connection *connection)
{
	load->lost += connection->under_way;
	(void)close(connection->fd);
	connection_open(load, connection);
}

static void window_fill(struct load *load, struct connection *connection)
{
	uint64_t at_ns = latency_now_ns();
	while (connection->under_way < load->window && load->sent < load->count) {
		size_t size;
		uint16_t id = ++connection->id;
		const uint8_t *query = questions_next(&load->questions, id, &size);
		uint8_t *frame = connection->out + connection->out_size;
		frame[0] = (uint8_t)(size >> 8);
		frame[1] = (uint8_t)size;
		memcpy(frame + 2, query, size);
		connection->out_size += 2 + size;
		connection->sent_ns[id] = at_ns;
		connection->under_way++;
		load->sent++;
	}
}

/* False: the connection is gone. */
static bool window_send(struct load *load, struct connection *connection)
{
	if (connection->out_at == connection->out_size) {
		connection->out_at = connection->out_size = 0;
		window_fill(load, connection);
	}
	size_t size = connection->out_size - connection->out_at;
	if (size == 0)
		return true;
	ssize_t sent = send(connection->fd, connection->out + connection->out_at, size,
	                    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent > 0)
		connection->out_at += (size_t)sent;
	return sent >= 0 || errno == EAGAIN || errno == EINTR;
}

static void answer_take(struct load *load, struct connection *connection, const uint8_t *reply,
                        size_t size, uint64_t at_ns)
{
	uint16_t id = (uint16_t)(reply[0] << 8 | reply[1]);
	if (size < 12 || (reply[2] & 0x80) == 0 || connection->sent_ns[id] == 0) {
		(void)fprintf(stderr, "load_tcp: an answer that nobody waits for\n");
		exit(1);
	}
	latency_add(&load->latency, at_ns - connection->sent_ns[id]);
	connection->sent_ns[id] = 0;
	connection->under_way--;
	load->rcodes[reply[3] & 15]++;
	load->answered++;
}

/* False: the connection is gone. */
static bool answers_take(struct load *load, struct connection *connection)
{
	ssize_t got = recv(connection->fd, connection->in + connection->in_size,
	                   INPUT_SIZE - connection->in_size, MSG_DONTWAIT);
	if (got <= 0)
		return got < 0 && (errno == EAGAIN || errno == EINTR);
	uint64_t at_ns = latency_now_ns();
	size_t at = 0, end = connection->in_size + (size_t)got;
	while (end - at >= 2) {
		size_t size = (size_t)connection->in[at] << 8 | connection->in[at + 1];
		if (end - at < 2 + size)
			break;
		answer_take(load, connection, connection->in + at + 2, size, at_ns);
		at += 2 + size;
	}
	connection->in_size = end - at;
	memmove(connection->in, connection->in + at, connection->in_size);
	return true;
}

static void turn(struct load *load)
{
	for (unsigned i = 0; i < load->connection_count; i++) {
		struct connection *connection = &load->connections[i];
		if (!window_send(load, connection))
			connection_lost(load, connection);
		bool more = connection->out_at < connection->out_size;
		load->polls[i] = (struct pollfd){connection->fd, (short)(POLLIN | (more ? POLLOUT : 0)), 0};
	}
	int ready = poll(load->polls, load->connection_count, LOST_MS);
	for (unsigned i = 0; i < load->connection_count; i++) {
		struct connection *connection = &load->connections[i];
		bool silent = ready == 0 && connection->under_way != 0;
		bool readable = (load->polls[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
		if (silent || (readable && !answers_take(load, connection)))
			connection_lost(load, connection);
	}
}

static void load_open(struct load *load, char **argv)
{
	load->at = (struct sockaddr_in){.sin_family = AF_INET,
	                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	                                .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10))};
	load->count = strtoull(argv[2], NULL, 10);
	load->connection_count = (unsigned)strtoul(argv[3], NULL, 10);
	load->window = (unsigned)strtoul(argv[4], NULL, 10);
	if (load->connection_count == 0 || load->connection_count > CONNECTIONS_MAX ||
	    load->window == 0 || load->window > WINDOW_MAX)
		exit(2);
	load->connections = calloc(load->connection_count, sizeof load->connections[0]);
	if (load->connections == NULL)
		exit(3);
	questions_read(&load->questions, stdin);
	for (unsigned i = 0; i < load->connection_count; i++)
		connection_open(load, &load->connections[i]);
}

int main(int argc, char **argv)
{
	static struct load load;
	if (argc != 5)
		return 2;
	load_open(&load, argv);
	uint64_t begin_ns = latency_now_ns();
	while (load.answered + load.lost < load.count)
		turn(&load);
	(void)printf("%.3f %llu %llu %llu %u %u %llu %llu\n",
	             (double)(latency_now_ns() - begin_ns) / 1e9, (unsigned long long)load.sent,
	             (unsigned long long)load.answered, (unsigned long long)load.lost,
	             latency_percentile(&load.latency, 500), latency_percentile(&load.latency, 990),
	             (unsigned long long)load.rcodes[0], (unsigned long long)load.rcodes[3]);
	return 0;
}

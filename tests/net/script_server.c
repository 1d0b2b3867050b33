#include "script_server.h"

#include "check.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Names longer than this are not asked here. */
#define HOST_TEXT_SIZE 256

struct script_held {
	struct sockaddr_in from;
	uint8_t octets[512];
	size_t size;
};

struct sending {
	union {
		uv_udp_send_t udp;
		uv_write_t tcp;
	} request;
	uint8_t octets[sizeof((struct wire *)0)->octets];
};

/* What a query asks, its name as text. */
struct asked {
	uint16_t id, type;
	char host[HOST_TEXT_SIZE];
};

static struct asked asked_read(const uint8_t *query, size_t size)
{
	struct asked asked = {.id = (uint16_t)(query[0] << 8 | query[1])};
	size_t at = 12, out = 0;
	while (at < size && query[at] != 0) {
		size_t label = query[at];
		assert_true(at + 1 + label < size && out + 2 * label + 1 < sizeof asked.host);
		for (size_t i = 1; i <= label; i++) {
			if (query[at + i] == '.')
				asked.host[out++] = '\\';
			asked.host[out++] = (char)query[at + i];
		}
		asked.host[out++] = '.';
		at += 1 + label;
	}
	assert_true(at + 5 <= size);
	asked.type = (uint16_t)(query[at + 1] << 8 | query[at + 2]);
	return asked;
}

static bool begins(const struct asked *asked, const char *label)
{
	return strncmp(asked->host, label, strlen(label)) == 0;
}

static void good_make(const struct asked *asked, struct wire *out)
{
	if (asked->type == TYPE_A) {
		wire_address(out, WIRE_ANSWER, asked->host, 120, "192.0.2.1");
		wire_address(out, WIRE_ANSWER, asked->host, 90, "192.0.2.2");
	} else {
		wire_address(out, WIRE_ANSWER, asked->host, 70, "2001:db8::1");
	}
}

static void full_make(const struct asked *asked, struct wire *out)
{
	out->octets[2] |= 0x04; /* AA */
	wire_address(out, WIRE_ANSWER, asked->host, 120, "192.0.2.1");
	wire_name(out, WIRE_AUTHORITY, "EXAMPLE.", TYPE_NS, 600, "NS1.example.");
	wire_address(out, WIRE_ADDITIONAL, "ns1.example.", 700, "2001:db8::53");
}

static void reply_make(const struct asked *asked, bool tcp, struct wire *out)
{
	uint8_t rcode = begins(asked, "noname")     ? 3
	                : begins(asked, "servfail") ? 2
	                : begins(asked, "refused")  ? 5
	                                            : 0;
	wire_header(out, asked->id, rcode);
	wire_question(out, asked->host, asked->type);
	if (begins(asked, "good") || begins(asked, "hold") || begins(asked, "forged")) {
		good_make(asked, out);
	} else if (begins(asked, "full")) {
		full_make(asked, out);
	} else if (begins(asked, "chain")) {
		wire_name(out, WIRE_ANSWER, asked->host, TYPE_CNAME, 25, "chain2.example.");
		wire_address(out, WIRE_ANSWER, "chain2.example.", 300, "192.0.2.3");
	} else if (begins(asked, "nodata")) {
		wire_soa(out, "example.", 600, 40);
	} else if (begins(asked, "noname")) {
		wire_soa(out, "example.", 50, 600);
	} else if (begins(asked, "garbage")) {
		out->octets[7] = 1; /* an answer is announced */
		memset(out->octets + out->size, 0xff, 100);
		out->size += 100;
	} else if (begins(asked, "large") && !tcp) {
		out->octets[2] |= 0x02; /* TC */
	} else if (begins(asked, "large")) {
		for (unsigned i = 0; i < 100; i++)
			wire_address(out, WIRE_ANSWER, asked->host, 60, "192.0.2.4");
	}
}

static void udp_sent(uv_udp_send_t *request, int status)
{
	(void)status;
	free(request->data);
}

static void udp_reply(struct script_server *server, const struct wire *reply,
                      const struct sockaddr *to)
{
	struct sending *sending = calloc(1, sizeof *sending);
	assert_non_null(sending);
	memcpy(sending->octets, reply->octets, reply->size);
	sending->request.udp.data = sending;
	uv_buf_t buf = uv_buf_init((char *)sending->octets, (unsigned)reply->size);
	assert_int_equal(uv_udp_send(&sending->request.udp, &server->udp, &buf, 1, to, udp_sent), 0);
}

/* From a port that nobody asked. */
static void stranger_reply(const struct wire *reply, const struct sockaddr *to)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	ssize_t sent =
		sendto(fd, reply->octets, reply->size, 0, to, (socklen_t)sizeof(struct sockaddr_in));
	assert_int_equal(sent, reply->size);
	assert_int_equal(close(fd), 0);
}

static void query_keep(struct script_server *server, const uint8_t *query, size_t size)
{
	assert_true(size <= sizeof server->query);
	memcpy(server->query, query, size);
	server->query_size = size;
}

static void hold(struct script_server *server, const uint8_t *query, size_t size,
                 const struct sockaddr *from)
{
	if (server->held_count == server->held_max) {
		server->held_max = server->held_max * 2 + 16;
		server->held = realloc(server->held, server->held_max * sizeof *server->held);
		assert_non_null(server->held);
	}
	struct script_held *held = &server->held[server->held_count++];
	assert_true(size <= sizeof held->octets);
	memcpy(&held->from, from, sizeof held->from);
	memcpy(held->octets, query, size);
	held->size = size;
}

static void udp_query(struct script_server *server, const uint8_t *query, size_t size,
                      const struct sockaddr *from)
{
	struct asked asked = asked_read(query, size);
	struct wire reply;
	server->asked++;
	query_keep(server, query, size);
	if (begins(&asked, "silent"))
		return;
	if (begins(&asked, "hold") && server->holding) {
		hold(server, query, size, from);
		return;
	}
	if (begins(&asked, "forged")) {
		struct asked other = asked;
		other.id ^= 1;
		reply_make(&other, false, &reply);
		udp_reply(server, &reply, from);
		other = asked;
		memcpy(other.host, "nodata", 6);
		reply_make(&other, false, &reply);
		udp_reply(server, &reply, from);
		other.id = asked.id;
		memcpy(other.host, "noname", 6);
		reply_make(&other, false, &reply);
		stranger_reply(&reply, from);
	}
	reply_make(&asked, false, &reply);
	udp_reply(server, &reply, from);
}

static void room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct script_server *server = handle->data;
	(void)suggested;
	*buf = uv_buf_init(server->received, sizeof server->received);
}

static void udp_received(uv_udp_t *udp, ssize_t size, const uv_buf_t *buf,
                         const struct sockaddr *from, unsigned flags)
{
	(void)flags;
	if (size > 0)
		udp_query(udp->data, (const uint8_t *)buf->base, (size_t)size, from);
}

static void tcp_closed(uv_handle_t *handle)
{
	free(handle);
}

static void tcp_written(uv_write_t *request, int status)
{
	(void)status;
	free(request->data);
}

/* c-ares sends its query in one piece; a test server may rely on it. */
static void tcp_received(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
	if (size > 2) {
		struct asked asked = asked_read((const uint8_t *)buf->base + 2, (size_t)size - 2);
		struct wire reply;
		struct sending *sending = calloc(1, sizeof *sending);
		query_keep(stream->data, (const uint8_t *)buf->base + 2, (size_t)size - 2);
		assert_non_null(sending);
		reply_make(&asked, true, &reply);
		sending->octets[0] = (uint8_t)(reply.size >> 8);
		sending->octets[1] = (uint8_t)reply.size;
		memcpy(sending->octets + 2, reply.octets, reply.size);
		sending->request.tcp.data = sending;
		uv_buf_t out = uv_buf_init((char *)sending->octets, (unsigned)reply.size + 2);
		assert_int_equal(uv_write(&sending->request.tcp, stream, &out, 1, tcp_written), 0);
	} else if (size < 0) {
		uv_close((uv_handle_t *)stream, tcp_closed);
	}
}

static void tcp_connected(uv_stream_t *listener, int status)
{
	uv_tcp_t *client = calloc(1, sizeof *client);
	assert_non_null(client);
	assert_int_equal(status, 0);
	uv_tcp_init(listener->loop, client);
	client->data = listener->data;
	assert_int_equal(uv_accept(listener, (uv_stream_t *)client), 0);
	assert_int_equal(uv_read_start((uv_stream_t *)client, room, tcp_received), 0);
}

void script_start(struct script_server *server, uv_loop_t *loop)
{
	struct sockaddr_in at;
	int size = sizeof at;
	*server = (struct script_server){.holding = true};
	assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &at), 0);
	uv_tcp_init(loop, &server->tcp);
	server->tcp.data = server;
	assert_int_equal(uv_tcp_bind(&server->tcp, (struct sockaddr *)&at, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&server->tcp, 16, tcp_connected), 0);
	assert_int_equal(uv_tcp_getsockname(&server->tcp, (struct sockaddr *)&at, &size), 0);
	uv_udp_init(loop, &server->udp);
	server->udp.data = server;
	assert_int_equal(uv_udp_bind(&server->udp, (struct sockaddr *)&at, 0), 0);
	assert_int_equal(uv_udp_recv_start(&server->udp, room, udp_received), 0);
	snprintf(server->text, sizeof server->text, "127.0.0.1:%u", ntohs(at.sin_port));
}

void script_release(struct script_server *server)
{
	server->holding = false;
	for (unsigned i = 0; i < server->held_count; i++) {
		const struct script_held *held = &server->held[i];
		server->asked--; /* counted when it came */
		udp_query(server, held->octets, held->size, (const struct sockaddr *)&held->from);
	}
	server->held_count = 0;
}

void script_stop(struct script_server *server)
{
	uv_close((uv_handle_t *)&server->udp, NULL);
	uv_close((uv_handle_t *)&server->tcp, NULL);
	free(server->held);
	server->held = NULL;
}

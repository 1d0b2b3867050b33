/* Who is connected. The library bounds how many there are, and how long one may be quiet; here is
 * what it doesn't: octets that drip in and out, and one address that wants all. */
#include "http.h"

#include "fedns/sockaddr.h"

#include <string.h>
#include <sys/socket.h>

/* What came before the end of a stream is answered within this. */
#define DONE_S 1
/* Those that go at once where all connections are taken. */
#define SPARED_MAX 16
/* Who has an IPv6 address mostly has 2^64 of them. */
#define V6_OWNER_SIZE 8

static bool is_same(const struct address *a, const struct address *b)
{
	size_t size = a->family == 4 ? V4_SIZE : V6_OWNER_SIZE;
	return a->family == b->family && memcmp(a->octets, b->octets, size) == 0;
}

static unsigned count_of(const struct http_server *server, const struct address *from)
{
	unsigned count = 0;
	for (size_t i = 0; server != NULL && i < ADMIN_CONNECTIONS_MAX; i++) {
		const struct http_client *client = &server->clients[i];
		count += client->used && is_same(&client->from, from);
	}
	return count;
}

enum MHD_Result http_client_may_come(void *cls, const struct sockaddr *from, socklen_t size)
{
	const struct http_server *server = cls;
	const struct admin *admin = server->admin;
	struct address address;
	sockaddr_address(from, &address);
	(void)size;
	if (http_address_local(&address) ||
	    count_of(admin->server, &address) + count_of(admin->leaving, &address) < ADMIN_CLIENT_MAX)
		return MHD_YES;
	log_write(admin->log, LOG_DEBUG, "admin", "a client refused: %d are connected from its address",
	          ADMIN_CLIENT_MAX);
	return MHD_NO;
}

static struct http_client *client_new(struct http_server *server, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *fd, *from;
	fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	from = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	for (size_t i = 0; fd != NULL && from != NULL && i < ADMIN_CONNECTIONS_MAX; i++) {
		struct http_client *client = &server->clients[i];
		if (client->used)
			continue;
		*client = (struct http_client){
			.used = true, .fd = fd->connect_fd, .since_ms = uv_now(server->admin->loop)};
		sockaddr_address(from->client_addr, &client->from);
		server->client_count++;
		return client;
	}
	return NULL;
}

void http_client_comes(void *cls, struct MHD_Connection *connection, void **context,
                       enum MHD_ConnectionNotificationCode code)
{
	struct http_server *server = cls;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = client_new(server, connection);
		return;
	}
	struct http_client *client = *context;
	if (client == NULL)
		return;
	client->used = false;
	server->client_count--;
}

struct http_client *http_client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info == NULL ? NULL : info->socket_context;
}

void http_client_break(const struct http_client *client)
{
	(void)shutdown(client->fd, SHUT_RDWR);
}

static bool is_older(const struct http_client *client, uint64_t now_ms, uint64_t age_s)
{
	return client->since_ms + age_s * 1000 <= now_ms;
}

/* It has no more to ask. The library waits for edges, and doesn't see the end of a stream that was
 * there before it had read what came before it. */
static bool is_done(const struct http_client *client, uint64_t now_ms)
{
	uint8_t octet;
	return client->request == NULL && is_older(client, now_ms, DONE_S) &&
	       recv(client->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Idle, or with an answer that is there and not read. Who waits for us is not to blame. */
static bool is_spare(const struct http_client *client, uint64_t now_ms)
{
	if (client->request == NULL)
		return is_older(client, now_ms, ADMIN_SPARE_S);
	return !client->request->waits && is_older(client, now_ms, ADMIN_SPARE_ANSWER_S);
}

void http_clients_expire(struct http_server *server, uint64_t now_ms)
{
	bool leaving = server != server->admin->server;
	bool full = leaving || server->client_count == ADMIN_CONNECTIONS_MAX;
	unsigned spared = 0;
	for (size_t i = 0; i < ADMIN_CONNECTIONS_MAX; i++) {
		const struct http_client *client = &server->clients[i];
		if (!client->used)
			continue;
		if (is_older(client, now_ms, client->request != NULL ? ADMIN_ANSWER_S : ADMIN_IDLE_S) ||
		    is_done(client, now_ms)) {
			http_client_break(client);
		} else if (full && spared < SPARED_MAX && is_spare(client, now_ms)) {
			http_client_break(client);
			spared++;
		}
	}
}

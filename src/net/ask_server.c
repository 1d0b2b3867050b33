/* Where questions go: texts, /etc/resolv.conf, and whether there is a way. */
#include "channel.h"
#include "fedns/ask.h"
#include "fedns/sockaddr.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_DNS 53

static void server_take(const struct ares_addr_port_node *node, struct ask_server *out)
{
	*out = (struct ask_server){.address.family = node->family == AF_INET ? 4 : 6};
	memcpy(out->address.octets, &node->addr, node->family == AF_INET ? V4_SIZE : V6_SIZE);
	out->port = node->udp_port != 0 ? (uint16_t)node->udp_port : PORT_DNS;
}

enum err ask_server_parse(const char *text, struct ask_server *out, struct why *why)
{
	struct ares_addr_port_node node;
	*out = (struct ask_server){.port = 0};
	enum err err = server_parse(text, &node, why);
	if (err == ERR_OK)
		server_take(&node, out);
	return err;
}

void ask_server_text(const struct ask_server *server, char *text)
{
	char address[ADDRESS_TEXT_SIZE];
	address_text(&server->address, address);
	(void)snprintf(text, ASK_SERVER_TEXT_SIZE, server->address.family == 6 ? "[%s]:%u" : "%s:%u",
	               address, server->port);
}

static enum err system_resolvers(struct ask_server *out, size_t *out_count, struct why *why)
{
	ares_channel channel;
	struct ares_addr_port_node *nodes = NULL;
	int status = ares_library_init(ARES_LIB_INIT_ALL);
	if (status == ARES_SUCCESS && (status = ares_init(&channel)) == ARES_SUCCESS) {
		status = ares_get_servers_ports(channel, &nodes);
		ares_destroy(channel);
	}
	for (const struct ares_addr_port_node *node = nodes; node != NULL; node = node->next) {
		if (*out_count < RESOLVERS_MAX)
			server_take(node, &out[(*out_count)++]);
	}
	ares_free_data(nodes);
	ares_library_cleanup();
	if (*out_count != 0)
		return ERR_OK;
	why_set(why, "no resolver in /etc/resolv.conf (%s)", ares_strerror(status));
	return ERR_MISSING;
}

enum err ask_resolvers(const char *const *texts, size_t count, struct ask_server out[RESOLVERS_MAX],
                       size_t *out_count, struct why *why)
{
	*out_count = 0;
	if (count == 0)
		return system_resolvers(out, out_count, why);
	for (size_t i = 0; i < count && i < RESOLVERS_MAX; i++) {
		enum err err = ask_server_parse(texts[i], &out[i], why);
		if (err != ERR_OK)
			return err;
		*out_count = i + 1;
	}
	return ERR_OK;
}

/* Does `call` succeed for a UDP socket? Neither connect(2) nor bind(2) sends anything. */
static bool socket_can(const struct address *address, uint16_t port,
                       int (*call)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_storage to;
	socklen_t size = sockaddr_make(address, port, &to);
	int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	bool can = call(fd, (const struct sockaddr *)&to, size) == 0;
	(void)close(fd);
	return can;
}

bool ask_route(const struct address *address)
{
	return socket_can(address, PORT_DNS, connect);
}

bool ask_local(const struct address *address)
{
	return socket_can(address, 0, bind);
}

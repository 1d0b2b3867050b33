#include "channel.h"

#include <string.h>

#define PORT_DNS 53

static enum err port_parse(struct bytes text, int *out)
{
	int port = 0;
	if (text.size == 0 || text.size > 5)
		return ERR_INVALID;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return ERR_INVALID;
		port = port * 10 + (text.data[i] - '0');
	}
	if (port == 0 || port > UINT16_MAX)
		return ERR_INVALID;
	*out = port;
	return ERR_OK;
}

/* Part "ADDRESS:PORT", "[ADDRESS]:PORT", "[ADDRESS]" or "ADDRESS"; no port leaves `port` without
 * data. */
static enum err server_split(struct bytes text, struct bytes *address, struct bytes *port)
{
	const uint8_t *colon = memchr(text.data, ':', text.size);
	*address = text;
	*port = (struct bytes){NULL, 0};
	if (text.size != 0 && text.data[0] == '[') {
		const uint8_t *end = memchr(text.data, ']', text.size);
		if (end == NULL)
			return ERR_INVALID;
		*address = (struct bytes){text.data + 1, (size_t)(end - text.data) - 1};
		size_t at = address->size + 2;
		if (at == text.size)
			return ERR_OK;
		if (text.data[at] != ':')
			return ERR_INVALID;
		*port = (struct bytes){text.data + at + 1, text.size - at - 1};
	} else if (colon != NULL && memrchr(text.data, ':', text.size) == colon) {
		*address = (struct bytes){text.data, (size_t)(colon - text.data)};
		*port = (struct bytes){colon + 1, text.size - address->size - 1};
	}
	return ERR_OK;
}

enum err server_parse(const char *text, struct ares_addr_port_node *out, struct why *why)
{
	struct bytes address_part, port_part;
	struct address address;
	int port = PORT_DNS;
	*out = (struct ares_addr_port_node){.family = AF_UNSPEC};
	enum err err = server_split(bytes_of(text), &address_part, &port_part);
	if (err != ERR_OK) {
		why_set(why, "resolver '%.64s': expected ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT", text);
		return err;
	}
	if (port_part.data != NULL && port_parse(port_part, &port) != ERR_OK) {
		why_set(why, "resolver '%.64s': the port is not 1 to 65535", text);
		return ERR_INVALID;
	}
	err = address_parse(address_part, &address, why);
	if (err != ERR_OK) {
		why_wrap(why, "resolver '%.64s'", text);
		return err;
	}
	out->family = address.family == 4 ? AF_INET : AF_INET6;
	memcpy(&out->addr, address.octets, address_size(address.family));
	out->udp_port = port;
	out->tcp_port = port;
	return ERR_OK;
}

#include "endpoint.h"

#include <stdio.h>
#include <string.h>

/* 0 to 65535, without sign, spaces or leading zeros; 0 lets the kernel choose. */
static bool port_parse(struct bytes text, uint16_t *out)
{
	unsigned port = 0;
	*out = 0;
	if (text.size == 0 || text.size > 5 || (text.data[0] == '0' && text.size > 1))
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		port = port * 10 + (unsigned)(text.data[i] - '0');
	}
	if (port > UINT16_MAX)
		return false;
	*out = (uint16_t)port;
	return true;
}

/* Part "ADDRESS:PORT" or "[ADDRESS]:PORT"; says which family the notation is for. */
static bool endpoint_split(struct bytes text, struct bytes *address, struct bytes *port,
                           uint8_t *family)
{
	const uint8_t *colon = text.size != 0 ? memrchr(text.data, ':', text.size) : NULL;
	if (colon == NULL)
		return false;
	size_t size = (size_t)(colon - text.data);
	*port = (struct bytes){colon + 1, text.size - size - 1};
	*address = (struct bytes){text.data, size};
	*family = 4;
	if (size >= 2 && text.data[0] == '[' && text.data[size - 1] == ']') {
		*address = (struct bytes){text.data + 1, size - 2};
		*family = 6;
	}
	return *family == 6 || memchr(text.data, ':', size) == NULL;
}

enum err endpoint_parse(struct bytes text, struct endpoint *out, struct why *why)
{
	struct bytes address_part, port_part;
	struct address address;
	uint8_t family;
	uint16_t port;
	int shown = text.size < 80 ? (int)text.size : 80;
	*out = (struct endpoint){.size = 0};
	if (!endpoint_split(text, &address_part, &port_part, &family)) {
		why_set(why, "'%.*s': expected ADDRESS:PORT or [ADDRESS]:PORT", shown,
		        (const char *)text.data);
		return ERR_INVALID;
	}
	if (!port_parse(port_part, &port)) {
		why_set(why, "'%.*s': the port is not 0 to 65535", shown, (const char *)text.data);
		return ERR_INVALID;
	}
	enum err err = address_parse(address_part, &address, why);
	if (err == ERR_OK && address.family != family) {
		why_set(why, "an IPv%u address is written %s", address.family,
		        address.family == 6 ? "[ADDRESS]:PORT" : "ADDRESS:PORT");
		err = ERR_INVALID;
	}
	if (err != ERR_OK) {
		why_wrap(why, "'%.*s'", shown, (const char *)text.data);
		return err;
	}
	out->size = sockaddr_make(&address, port, &out->address);
	return ERR_OK;
}

static struct address endpoint_address(const struct endpoint *endpoint)
{
	struct address address;
	sockaddr_address((const struct sockaddr *)&endpoint->address, &address);
	return address;
}

uint16_t endpoint_port(const struct endpoint *endpoint)
{
	return sockaddr_port((const struct sockaddr *)&endpoint->address);
}

void endpoint_set_port(struct endpoint *endpoint, uint16_t port)
{
	struct address address = endpoint_address(endpoint);
	endpoint->size = sockaddr_make(&address, port, &endpoint->address);
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	struct address address_a = endpoint_address(a), address_b = endpoint_address(b);
	return address_compare(&address_a, &address_b) == 0 && endpoint_port(a) == endpoint_port(b);
}

bool endpoint_is_wildcard(const struct endpoint *endpoint)
{
	const struct address zero4 = {.family = 4}, zero6 = {.family = 6};
	struct address address = endpoint_address(endpoint);
	return address_compare(&address, address.family == 4 ? &zero4 : &zero6) == 0;
}

void endpoint_text(const struct endpoint *endpoint, char *text)
{
	struct address address = endpoint_address(endpoint);
	char address_part[ADDRESS_TEXT_SIZE];
	address_text(&address, address_part);
	snprintf(text, ENDPOINT_TEXT_SIZE, address.family == 6 ? "[%s]:%u" : "%s:%u", address_part,
	         endpoint_port(endpoint));
}

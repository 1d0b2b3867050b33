#include "endpoint.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/*
 * Socket addresses are copied in and out: a sockaddr_storage is not a sockaddr_in to the compiler.
 */

static void endpoint_make(const struct address *address, uint16_t port, struct endpoint *out)
{
	*out = (struct endpoint){.size = 0};
	if (address->family == 4) {
		struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
		memcpy(&in.sin_addr, address->octets, 4);
		memcpy(&out->address, &in, sizeof in);
		out->size = sizeof in;
	} else {
		struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
		memcpy(&in6.sin6_addr, address->octets, 16);
		memcpy(&out->address, &in6, sizeof in6);
		out->size = sizeof in6;
	}
}

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
	endpoint_make(&address, port, out);
	return ERR_OK;
}

void sockaddr_address(const struct sockaddr_storage *from, struct address *out)
{
	*out = (struct address){.family = 4};
	if (from->ss_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, from, sizeof in6);
		out->family = 6;
		memcpy(out->octets, &in6.sin6_addr, 16);
	} else {
		struct sockaddr_in in;
		assert(from->ss_family == AF_INET);
		memcpy(&in, from, sizeof in);
		memcpy(out->octets, &in.sin_addr, 4);
	}
}

uint16_t sockaddr_port(const struct sockaddr_storage *from)
{
	/* Both kinds have it at the same place: RFC 3493 section 3.3 and history. */
	static_assert(offsetof(struct sockaddr_in, sin_port) ==
	                  offsetof(struct sockaddr_in6, sin6_port),
	              "the port's place differs");
	struct sockaddr_in in;
	memcpy(&in, from, sizeof in);
	return ntohs(in.sin_port);
}

uint16_t endpoint_port(const struct endpoint *endpoint)
{
	return sockaddr_port(&endpoint->address);
}

void endpoint_set_port(struct endpoint *endpoint, uint16_t port)
{
	struct address address;
	sockaddr_address(&endpoint->address, &address);
	endpoint_make(&address, port, endpoint);
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	struct address address_a, address_b;
	sockaddr_address(&a->address, &address_a);
	sockaddr_address(&b->address, &address_b);
	return address_compare(&address_a, &address_b) == 0 && endpoint_port(a) == endpoint_port(b);
}

bool endpoint_is_wildcard(const struct endpoint *endpoint)
{
	const struct address zero4 = {.family = 4}, zero6 = {.family = 6};
	struct address address;
	sockaddr_address(&endpoint->address, &address);
	return address_compare(&address, address.family == 4 ? &zero4 : &zero6) == 0;
}

void endpoint_text(const struct endpoint *endpoint, char *text)
{
	struct address address;
	char address_part[ADDRESS_TEXT_SIZE];
	sockaddr_address(&endpoint->address, &address);
	address_text(&address, address_part);
	snprintf(text, ENDPOINT_TEXT_SIZE, address.family == 6 ? "[%s]:%u" : "%s:%u", address_part,
	         endpoint_port(endpoint));
}

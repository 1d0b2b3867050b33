/* They are copied in and out: to the compiler a sockaddr_storage is not a sockaddr_in. */
#include "fedns/sockaddr.h"

#include <assert.h>
#include <netinet/in.h>
#include <string.h>

socklen_t sockaddr_make(const struct address *address, uint16_t port, struct sockaddr_storage *out)
{
	*out = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
	assert(address->family == 4 || address->family == 6);
	if (address->family == 4) {
		struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
		memcpy(&in.sin_addr, address->octets, V4_SIZE);
		memcpy(out, &in, sizeof in);
		return sizeof in;
	}
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	memcpy(&in6.sin6_addr, address->octets, V6_SIZE);
	memcpy(out, &in6, sizeof in6);
	return sizeof in6;
}

void sockaddr_address(const struct sockaddr *from, struct address *out)
{
	*out = (struct address){.family = 0};
	if (from != NULL && from->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, from, sizeof in);
		out->family = 4;
		memcpy(out->octets, &in.sin_addr, V4_SIZE);
	} else if (from != NULL && from->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;
		memcpy(&in6, from, sizeof in6);
		out->family = 6;
		memcpy(out->octets, &in6.sin6_addr, V6_SIZE);
	}
}

uint16_t sockaddr_port(const struct sockaddr *from)
{
	/* Both kinds have it at the same place: RFC 3493 section 3.3 and history. */
	static_assert(offsetof(struct sockaddr_in, sin_port) ==
	                  offsetof(struct sockaddr_in6, sin6_port),
	              "the port's place differs");
	struct sockaddr_in in;
	memcpy(&in, from, sizeof in);
	return ntohs(in.sin_port);
}

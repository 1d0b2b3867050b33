#include "alidns_endpoint.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HOST_SIZE_MAX 253

static enum err bad(const char *what, struct why *why)
{
	why_set(why, "the endpoint %s; it looks like https://alidns.aliyuncs.com", what);
	return ERR_INVALID;
}

/* A name or an IPv4 address, or an IPv6 address in brackets. */
static bool host_fine(struct bytes host)
{
	bool brackets = host.size > 2 && host.data[0] == '[' && host.data[host.size - 1] == ']';
	if (host.size == 0 || host.size > HOST_SIZE_MAX)
		return false;
	for (size_t i = brackets; i < host.size - brackets; i++) {
		uint8_t octet = host.data[i];
		bool fine = brackets ? isxdigit(octet) || octet == ':' || octet == '.'
		                     : isalnum(octet) || octet == '-' || octet == '.' || octet == '_';
		if (octet >= 0x80 || !fine)
			return false;
	}
	return true;
}

/* The octets of the host in `authority`; what follows is ":PORT" or nothing. */
static size_t host_size(struct bytes authority)
{
	const uint8_t *end = NULL;
	if (authority.size != 0 && authority.data[0] == '[') {
		end = memchr(authority.data, ']', authority.size);
		return end != NULL ? (size_t)(end - authority.data) + 1 : authority.size;
	}
	end = authority.size != 0 ? memchr(authority.data, ':', authority.size) : NULL;
	return end != NULL ? (size_t)(end - authority.data) : authority.size;
}

enum err endpoint_read(const char *text, struct endpoint *out, struct why *why)
{
	bool plain = strncasecmp(text, "http://", 7) == 0;
	const char *at = text;
	uint64_t port = plain ? 80 : 443, usual = port;
	memset(out, 0, sizeof *out);
	if (plain)
		at += 7;
	else if (strncasecmp(text, "https://", 8) == 0)
		at += 8;
	struct bytes authority = {(const uint8_t *)at, strcspn(at, "/?#")};
	const char *rest = at + authority.size;
	if (strcmp(rest, "") != 0 && strcmp(rest, "/") != 0)
		return bad("has more than a host and a port", why);
	struct bytes host = {authority.data, host_size(authority)};
	if (!host_fine(host))
		return bad("has no good host name", why);
	if (host.size < authority.size) {
		struct bytes digits = {host.data + host.size + 1, authority.size - host.size - 1};
		if (host.data[host.size] != ':' || !bytes_number(digits, UINT16_MAX, &port) || port == 0)
			return bad("has no good port", why);
	}
	int size = snprintf(out->host, sizeof out->host, "%.*s", BYTES_ARG(host));
	for (char *octet = out->host; *octet != '\0'; octet++)
		*octet = (char)octet_lower((uint8_t)*octet);
	if (port != usual)
		(void)snprintf(out->host + size, sizeof out->host - (size_t)size, ":%u", (unsigned)port);
	(void)snprintf(out->url, sizeof out->url, "http%s://%s/", plain ? "" : "s", out->host);
	return ERR_OK;
}

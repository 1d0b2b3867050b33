/* By which name we are asked for. A page of anybody's, in a browser on this host, may have its own
 * name lead to 127.0.0.1 and then read what is found there as its own (DNS rebinding); but the
 * browser says by that name whom it asks. */
#include "http.h"

#include <string.h>
#include <strings.h>

/* "NAME:PORT", "ADDRESS:PORT", "[ADDRESS]:PORT": without the port, brackets, and a final dot. */
static struct bytes host_of(struct bytes value)
{
	bool bracketed = value.size != 0 && value.data[0] == '[';
	struct bytes host = {value.data + bracketed, value.size - bracketed};
	const uint8_t *end = memchr(host.data, bracketed ? ']' : ':', host.size);
	if (end != NULL)
		host.size = (size_t)(end - host.data);
	if (!bracketed && host.size != 0 && host.data[host.size - 1] == '.')
		host.size--;
	return host;
}

/* No other's name can come to mean these: RFC 6761 section 6.3 of "localhost" and those below it.
 */
static bool is_local(struct bytes host)
{
	static const char LOCAL[] = ".localhost";
	size_t size = sizeof LOCAL - 1;
	if (bytes_equal_nocase(host, bytes_of(LOCAL + 1)))
		return true;
	return host.size > size &&
	       bytes_equal_nocase((struct bytes){host.data + host.size - size, size}, bytes_of(LOCAL));
}

bool http_host_ours(const struct admin_policy *policy, struct bytes value)
{
	struct why why;
	struct address address;
	struct bytes host = host_of(value);
	if (is_local(host) || address_parse(host, &address, &why) == ERR_OK)
		return true;
	for (size_t i = 0; i < ADMIN_HOSTS_MAX && policy->hosts[i] != NULL; i++) {
		if (bytes_equal_nocase(host, host_of(bytes_of(policy->hosts[i]))))
			return true;
	}
	return false;
}

const char *http_target_path(const char *target, struct bytes *authority)
{
	static const char *const SCHEMES[] = {"http://", "https://"};
	*authority = (struct bytes){NULL, 0};
	for (size_t i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0]; i++) {
		size_t scheme_size = strlen(SCHEMES[i]);
		if (strncasecmp(target, SCHEMES[i], scheme_size) != 0)
			continue;
		const char *begin = target + scheme_size;
		size_t size = strcspn(begin, "/");
		if (size == 0)
			break; /* no URI of these schemes (RFC 9110 section 4.2.1) */
		*authority = (struct bytes){(const uint8_t *)begin, size};
		return begin[size] == '\0' ? "/" : begin + size;
	}
	return target;
}

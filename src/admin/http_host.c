/* By which name we are asked for. A page of anybody's, in a browser on this host, may have its own
 * name lead to 127.0.0.1 and then read what is found there as its own (DNS rebinding); but the
 * browser says by that name whom it asks. */
#include "http.h"

#include <string.h>

/* "NAME:PORT", "ADDRESS:PORT", "[ADDRESS]:PORT": without the port, brackets, and a final dot. */
static struct bytes host_of(const char *value)
{
	bool bracketed = value[0] == '[';
	const char *begin = bracketed ? value + 1 : value;
	size_t size = strcspn(begin, bracketed ? "]" : ":");
	if (!bracketed && size != 0 && begin[size - 1] == '.')
		size--;
	return (struct bytes){(const uint8_t *)begin, size};
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

bool http_host_ours(const struct admin_policy *policy, const char *value)
{
	struct why why;
	struct address address;
	struct bytes host = host_of(value);
	if (is_local(host) || address_parse(host, &address, &why) == ERR_OK)
		return true;
	for (size_t i = 0; i < ADMIN_HOSTS_MAX && policy->hosts[i] != NULL; i++) {
		if (bytes_equal_nocase(host, host_of(policy->hosts[i])))
			return true;
	}
	return false;
}

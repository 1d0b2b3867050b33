/* `clusters`: where the API server is, and how to know that it is the right one. */
#include "kubeconfig_parts.h"
#include "pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Octets of what stands before "://" if it is one of `schemes` (NULL ends), else 0. */
static size_t scheme_size(const char *url, const char *const *schemes)
{
	const char *end = strstr(url, "://");
	for (; end != NULL && *schemes != NULL; schemes++) {
		if (strlen(*schemes) == (size_t)(end - url) &&
		    strncasecmp(url, *schemes, (size_t)(end - url)) == 0)
			return (size_t)(end - url);
	}
	return 0;
}

/* Is the port behind `authority`'s host, if there is one, any that can be connected to? */
static bool port_fine(const char *authority)
{
	uint64_t port;
	const char *end = authority + strcspn(authority, "/?#");
	const char *user_end = memrchr(authority, '@', (size_t)(end - authority));
	const char *host = user_end == NULL ? authority : user_end + 1;
	const char *colon = memrchr(host, ':', (size_t)(end - host));
	if (colon == NULL || memchr(colon, ']', (size_t)(end - colon)) != NULL)
		return true;
	struct bytes text = {(const uint8_t *)colon + 1, (size_t)(end - colon) - 1};
	return text.size == 0 || (bytes_number(text, UINT16_MAX, &port) && port != 0);
}

/* kubectl's: text without a scheme is a host, spoken to by TLS where anything speaks for it.
 * Trailing slashes go. */
static enum err server_copy(const struct kube_fields *fields, const char *server, bool tls)
{
	struct kube_access *access = fields->access;
	const char *prefix = strstr(server, "://") != NULL ? "" : tls ? "https://" : "http://";
	char *text = NULL;
	if (asprintf(&text, "%s%s", prefix, server) < 0)
		return fields_no_memory(fields);
	size_t size = strlen(text);
	while (size > 0 && text[size - 1] == '/')
		size--;
	access->server = region_text(access->memory, (struct bytes){(const uint8_t *)text, size});
	free(text);
	return access->server != NULL ? ERR_OK : fields_no_memory(fields);
}

static enum err server_read(const struct kube_fields *fields, bool tls)
{
	static const char *const SCHEMES[] = {"https", "http", NULL};
	const char *server;
	enum err err = field_text(fields, "server", &server);
	if (err != ERR_OK)
		return err;
	if (server == NULL)
		return fields_bad(fields, "server", "server is missing: give the API server's URL");
	if (strpbrk(server, "?#@ \\") != NULL)
		return fields_bad(fields, "server",
		                  "server must be a URL without any of ? # @ \\ or a space");
	err = server_copy(fields, server, tls);
	if (err != ERR_OK)
		return err;
	server = fields->access->server;
	size_t scheme = scheme_size(server, SCHEMES);
	if (scheme == 0)
		return fields_bad(fields, "server",
		                  "server is \"%s\": it must begin with https:// or http://", server);
	const char *authority = server + scheme + strlen("://");
	if (*authority == '\0' || *authority == '/' || *authority == ':')
		return fields_bad(fields, "server", "server is \"%s\": the host is missing", server);
	if (!port_fine(authority))
		return fields_bad(fields, "server", "server is \"%s\": the port is not 1 to 65535", server);
	return ERR_OK;
}

/* Its value may hold a password: no sentence quotes it. */
static enum err proxy_read(const struct kube_fields *fields)
{
	static const char *const SCHEMES[] = {"http", "https", "socks5", NULL};
	enum err err = field_text(fields, "proxy-url", &fields->access->proxy_url);
	const char *proxy = fields->access->proxy_url;
	if (err != ERR_OK || proxy == NULL)
		return err;
	size_t scheme = scheme_size(proxy, SCHEMES);
	if (scheme == 0)
		return fields_bad(fields, "proxy-url",
		                  "proxy-url must begin with http://, https:// or socks5://");
	const char *authority = proxy + scheme + strlen("://");
	if (*authority == '\0' || *authority == '/' || *authority == ':')
		return fields_bad(fields, "proxy-url", "proxy-url has no host");
	if (!port_fine(authority))
		return fields_bad(fields, "proxy-url", "proxy-url has a port that is not 1 to 65535");
	return ERR_OK;
}

static enum err ca_read(const struct kube_fields *fields)
{
	struct kube_access *access = fields->access;
	enum err err = field_pem(fields, "certificate-authority", &access->ca);
	if (err == ERR_OK)
		err = field_bool(fields, "insecure-skip-tls-verify", &access->insecure);
	if (err != ERR_OK || (access->ca.file == NULL && access->ca.octets.size == 0))
		return err;
	const char *key =
		access->ca.file != NULL ? "certificate-authority" : "certificate-authority-data";
	if (access->insecure)
		return fields_bad(fields, "insecure-skip-tls-verify",
		                  "insecure-skip-tls-verify and %s are both there: keep one", key);
	if (pem_certificates_check(access->ca.octets, fields->why) == ERR_OK)
		return ERR_OK;
	if (access->ca.file != NULL)
		why_wrap(fields->why, "%s", access->ca.file);
	fields_wrap(fields, key);
	return ERR_INVALID;
}

enum err cluster_read(const struct kube_fields *fields)
{
	struct kube_access *access = fields->access;
	enum err err = fields_check(fields);
	if (err == ERR_OK)
		err = ca_read(fields);
	if (err == ERR_OK) {
		bool tls = access->ca.octets.size != 0 || access->cert.octets.size != 0 || access->insecure;
		err = server_read(fields, tls);
	}
	if (err == ERR_OK)
		err = field_text(fields, "tls-server-name", &access->tls_server_name);
	if (err == ERR_OK)
		err = field_bool(fields, "disable-compression", &access->disable_compression);
	return err == ERR_OK ? proxy_read(fields) : err;
}

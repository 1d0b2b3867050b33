/* The access of a pod: its environment and its service account. */
#include "fedns/kubeconfig.h"
#include "fedns/source.h"
#include "kubeconfig_parts.h"
#include "pem.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORT_MAX 65535

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory for the service account");
	return ERR_NOMEM;
}

/* https://HOST:PORT, an IPv6 address in brackets. */
static enum err server_set(struct kube_access *access, struct why *why)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST"), *port = getenv("KUBERNETES_SERVICE_PORT");
	uint64_t number;
	if (host == NULL || *host == '\0' || port == NULL || *port == '\0') {
		why_set(why, "this is no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT aren't "
		             "set; name a kubeconfig");
		return ERR_MISSING;
	}
	if (!bytes_number(bytes_of(port), PORT_MAX, &number) || number == 0) {
		why_set(why, "KUBERNETES_SERVICE_PORT is \"%s\", not a port", port);
		return ERR_INVALID;
	}
	if (has_control(host) || strpbrk(host, "/?#@ \\[]") != NULL) {
		why_set(why, "KUBERNETES_SERVICE_HOST is \"%s\", not a host", host);
		return ERR_INVALID;
	}
	bool bare = strchr(host, ':') != NULL;
	char *text = NULL;
	if (asprintf(&text, "https://%s%s%s:%u", bare ? "[" : "", host, bare ? "]" : "",
	             (unsigned)number) < 0)
		return no_memory(why);
	access->server = region_text(access->memory, bytes_of(text));
	free(text);
	return access->server != NULL ? ERR_OK : no_memory(why);
}

static const char *path_of(struct kube_access *access, const char *dir, const char *name)
{
	size_t size = strlen(dir) + 1 + strlen(name) + 1;
	char *path = region_alloc(access->memory, size);
	if (path != NULL)
		(void)snprintf(path, size, "%s/%s", dir, name);
	return path;
}

static enum err files_set(struct kube_access *access, const char *dir, struct why *why)
{
	access->token_file = path_of(access, dir, "token");
	access->ca.file = path_of(access, dir, "ca.crt");
	if (access->token_file == NULL || access->ca.file == NULL)
		return no_memory(why);
	if (eaccess(access->token_file, R_OK) != 0) {
		why_set(why, "%s: %s: the pod needs a service account, mounted", access->token_file,
		        strerror(errno));
		return errno == ENOENT ? ERR_MISSING : ERR_IO;
	}
	struct buf text;
	enum err err = file_read(access->ca.file, KUBE_PEM_SIZE_MAX, &text, why);
	if (err != ERR_OK)
		return err;
	char *copy = region_text(access->memory, buf_bytes(&text));
	access->ca.octets = (struct bytes){(const uint8_t *)copy, text.size};
	buf_free(&text);
	if (copy == NULL)
		return no_memory(why);
	err = pem_certificates_check(access->ca.octets, why);
	if (err != ERR_OK)
		why_wrap(why, "%s", access->ca.file);
	return err;
}

enum err kube_in_cluster(const char *dir, struct kube_access **out, struct why *why)
{
	assert(out != NULL && why != NULL);
	struct kube_access *access;
	enum err err = access_new(&access, why);
	if (err == ERR_OK)
		err = server_set(access, why);
	if (err == ERR_OK)
		err = files_set(access, dir != NULL ? dir : KUBE_SERVICE_ACCOUNT_DIR, why);
	if (err != ERR_OK) {
		why_wrap(why, "in-cluster");
		kube_access_free(access);
		access = NULL;
	} else {
		access->origin = "in-cluster";
		access->cluster = access->user = "";
		access->credential = KUBE_TOKEN_FILE;
	}
	*out = access;
	return err;
}

#include "headers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err header_set(struct headers *headers, char *out, size_t room, const char *name,
                           const char *value, struct why *why)
{
	int size = snprintf(out, room, "%s: %s", name, value);
	if (size < 0 || (size_t)size >= room) {
		why_set(why, "header %s of more than %zu octets", name, room - 1);
		return ERR_LIMIT;
	}
	headers->list[headers->count++] = out;
	return ERR_OK;
}

enum err headers_fill(struct headers *headers, const char *accept, const char *content_type,
                      const struct kube_access *access, const struct kube_credentials *credentials,
                      struct why *why)
{
	assert(access->header_count <= KUBE_HEADERS_MAX);
	headers->count = 0;
	enum err err =
		header_set(headers, headers->accept, sizeof headers->accept, "Accept", accept, why);
	if (err == ERR_OK && content_type != NULL)
		err = header_set(headers, headers->content_type, sizeof headers->content_type,
		                 "Content-Type", content_type, why);
	if (err == ERR_OK && credentials->authorization != NULL)
		err = header_set(headers, headers->authorization, sizeof headers->authorization,
		                 "Authorization", credentials->authorization, why);
	for (size_t i = 0; i < access->header_count && err == ERR_OK; i++)
		err = header_set(headers, headers->impersonation[i], sizeof headers->impersonation[i],
		                 access->headers[i].name, access->headers[i].value, why);
	return err;
}

void headers_free(struct headers *headers)
{
	if (headers == NULL)
		return;
	explicit_bzero(headers, sizeof *headers);
	free(headers);
}

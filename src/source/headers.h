/* headers: of a request to an API server: what it is to answer with, and as whom we ask. */
#ifndef FEDNS_SOURCE_HEADERS_H
#define FEDNS_SOURCE_HEADERS_H

#include "fedns/http.h"
#include "fedns/kube_auth.h"

#include <assert.h>

/** "NAME: VALUE" of a type of content, and its NUL. */
#define HEADERS_TYPE_SIZE 128
/** "Authorization: " and a token. */
#define HEADERS_AUTHORIZATION_SIZE (KUBE_TOKEN_SIZE_MAX + 64)

/** They hold a secret: large, on the heap, and ended by headers_free(). */
struct headers {
	const char *list[KUBE_HEADERS_MAX + 3];
	size_t count;
	char accept[HEADERS_TYPE_SIZE], content_type[HEADERS_TYPE_SIZE];
	char authorization[HEADERS_AUTHORIZATION_SIZE];
	char impersonation[KUBE_HEADERS_MAX][KUBE_HEADER_SIZE_MAX + 1];
};

/* What a kubeconfig may ask for is never more than a request may have. The type of a body may be
 * the one too many: http_start() refuses it then. */
static_assert(KUBE_HEADERS_MAX + 2 <= HTTP_HEADERS_MAX, "headers by number");
static_assert(KUBE_HEADERS_MAX * KUBE_HEADER_SIZE_MAX + 2 * HEADERS_TYPE_SIZE +
                      HEADERS_AUTHORIZATION_SIZE <=
                  HTTP_HEADERS_SIZE_MAX,
              "headers by size");

/** `content_type` NULL: no body. `credentials` are those of `access`. ERR_LIMIT: a header doesn't
 * fit, and cut short it would say something else. */
MUST_CHECK enum err headers_fill(struct headers *headers, const char *accept,
                                 const char *content_type, const struct kube_access *access,
                                 const struct kube_credentials *credentials, struct why *why);
/** Wipe and release. NULL is fine. */
void headers_free(struct headers *headers);

#endif

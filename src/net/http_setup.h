/* http, its setup: from a request to a libcurl handle, in parts. */
#ifndef FEDNS_NET_HTTP_SETUP_H
#define FEDNS_NET_HTTP_SETUP_H

#include "http_internal.h"

#define PROXY_SIZE_MAX 2048

/** A request, while its options are set. libcurl's first error stays, and stops the rest. */
struct setup {
	struct http_call *call;
	const struct http_request *request;
	const char *method;
	CURLcode code;
};

/** Is the request one that can be sent? ERR_INVALID, ERR_LIMIT. */
MUST_CHECK enum err setup_check(const struct setup *setup, struct why *why);

/** Set the URL, and where to connect to where that is another place. ERR_INVALID, ERR_NOMEM. */
MUST_CHECK enum err setup_url(struct setup *setup, struct why *why);

/** ERR_INVALID. */
MUST_CHECK enum err setup_proxy(struct setup *setup, struct why *why);

/** Set an option; libcurl copies the text. */
void setup_text(struct setup *setup, CURLoption option, const char *value);

/** The name of "Name: value"; data is NULL without a colon. Borrowed. */
struct bytes header_name(const char *header);
/** Does the request have a header of this name? */
bool header_given(const struct http_request *request, const char *name);
/** Text that stays on its line. */
bool one_line(const char *text);

/** Append a copy of `text`. ERR_NOMEM: the list is as before. */
MUST_CHECK enum err list_add(struct curl_slist **list, const char *text, struct why *why);

#endif

/* The headers that all answers have: nobody keeps what is true only now, and no browser takes it
 * for something else, or lets another site have it. */
#include "http.h"

#include "fedns/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Octets of a sentence as JSON: each of its own may become six. */
#define SENTENCE_SIZE (6 * WHY_TEXT_SIZE + 64)

static const char NOTHING[] = "default-src 'none'; frame-ancestors 'none'";
/* The page has its style and its script beside it, asks us alone, and searches by a form. */
static const char PAGE[] =
	"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

static bool headers_add(struct MHD_Response *response, const char *type)
{
	const char *const headers[][2] = {
		{MHD_HTTP_HEADER_CONTENT_TYPE, type},
		{MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"},
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "no-referrer"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Content-Security-Policy", strncmp(type, "text/html", 9) == 0 ? PAGE : NOTHING},
	};
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		if (MHD_add_response_header(response, headers[i][0], headers[i][1]) != MHD_YES)
			return false;
	}
	return true;
}

static bool status_headers_add(struct MHD_Response *response, unsigned status)
{
	bool added = true;
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		added = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD") == MHD_YES;
	/* Programs take the second; a browser knows the first, and asks its user. */
	if (status == MHD_HTTP_UNAUTHORIZED)
		added = MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
		                                "Basic realm=\"fedns\", charset=\"UTF-8\"") == MHD_YES &&
		        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
		                                "Bearer realm=\"fedns\"") == MHD_YES;
	/* What comes behind may be a body that nobody reads. */
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED || status == MHD_HTTP_CONTENT_TOO_LARGE ||
	    status == MHD_HTTP_BAD_REQUEST || status == MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE)
		added &= MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close") == MHD_YES;
	return added;
}

enum MHD_Result http_reply(struct MHD_Connection *connection, unsigned status, const char *type,
                           struct MHD_Response *response)
{
	if (response == NULL)
		return MHD_NO; /* the connection closes: there is no memory to say more */
	enum MHD_Result result = MHD_NO;
	if (headers_add(response, type) && status_headers_add(response, status))
		result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* {"error": sentence}, or the sentence as a line. */
static void sentence_write(const char *sentence, bool json, char *out, size_t size)
{
	struct why clean;
	why_set(&clean, "%s", sentence);
	utf8_clean(clean.text);
	json_t *object = json ? json_pack("{s:s}", "error", clean.text) : NULL;
	char *text = object == NULL ? NULL : json_dumps(object, JSON_ENSURE_ASCII);
	if (json)
		(void)snprintf(out, size, "%s\n", text == NULL ? "{\"error\": \"no memory\"}" : text);
	else
		(void)snprintf(out, size, "%s\n", clean.text);
	json_decref(object);
	free(text);
}

enum MHD_Result http_reply_why(struct MHD_Connection *connection, unsigned status, bool json,
                               const char *sentence)
{
	char text[SENTENCE_SIZE];
	sentence_write(sentence, json, text, sizeof text);
	return http_reply(connection, status, json ? "application/json" : "text/plain; charset=utf-8",
	                  MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_COPY));
}

unsigned http_status_of(enum err err)
{
	switch (err) {
	case ERR_INVALID:
	case ERR_LIMIT:
		return MHD_HTTP_BAD_REQUEST;
	case ERR_MISSING:
		return MHD_HTTP_NOT_FOUND;
	case ERR_NOMEM:
	case ERR_AGAIN:
		return MHD_HTTP_SERVICE_UNAVAILABLE;
	default:
		return MHD_HTTP_INTERNAL_SERVER_ERROR;
	}
}

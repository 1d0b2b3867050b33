/* What the head of a request may not say, whatever is asked for. */
#include "http.h"

#include <string.h>
#include <strings.h>

/* What a proxy before us might read otherwise than the library does. */
struct head {
	unsigned hosts, lengths;
	bool body, odd;
};

static enum MHD_Result head_look(void *cls, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
	struct head *head = cls;
	(void)kind;
	head->odd |= strpbrk(name, " \t") != NULL; /* RFC 9112 section 5.1 */
	head->hosts += strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0;
	if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
		head->lengths++;
		head->body |= value == NULL || strcmp(value, "0") != 0;
	}
	head->body |= strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0;
	return MHD_YES;
}

static bool head_fits(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	return info == NULL || info->header_size <= ADMIN_REQUEST_SIZE_MAX;
}

unsigned http_head_refused(struct MHD_Connection *connection, const char *method,
                           const char **sentence)
{
	struct head head = {.hosts = 0};
	*sentence = "nothing can be changed here: GET and HEAD are all there is";
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return MHD_HTTP_METHOD_NOT_ALLOWED;
	(void)MHD_get_connection_values(connection, MHD_HEADER_KIND, head_look, &head);
	*sentence = "a header's name has a blank in it, or Host or Content-Length is there twice";
	if (head.odd || head.hosts > 1 || head.lengths > 1)
		return MHD_HTTP_BAD_REQUEST;
	*sentence = "a request has no body here";
	if (head.body)
		return MHD_HTTP_CONTENT_TOO_LARGE;
	*sentence = "the request is too large";
	return head_fits(connection) ? 0 : MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
}

/* The head of a response: lines as they came, one after the other, the first the status line. */
#include "http_internal.h"

#include <assert.h>
#include <string.h>

static bool space(uint8_t octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

static struct bytes trimmed(struct bytes text)
{
	while (text.size != 0 && space(text.data[0]))
		text = (struct bytes){text.data + 1, text.size - 1};
	while (text.size != 0 && space(text.data[text.size - 1]))
		text.size--;
	return text;
}

/* Cut the next line off `rest`. */
static struct bytes line_take(struct bytes *rest)
{
	const uint8_t *end = memchr(rest->data, '\n', rest->size);
	size_t size = end == NULL ? rest->size : (size_t)(end - rest->data) + 1;
	struct bytes line = {rest->data, size};
	*rest = (struct bytes){rest->data + size, rest->size - size};
	return line;
}

/* A line that begins with a space continues the one before (RFC 9112 section 5.2, obsolete): it
 * belongs to no name of its own, and its text is left out. */
struct bytes http_header(const struct http_response *response, const char *name, size_t nth)
{
	struct bytes rest = response->head, wanted = bytes_of(name);
	while (rest.size != 0) {
		struct bytes line = line_take(&rest);
		if (line.size <= wanted.size || line.data[wanted.size] != ':')
			continue;
		if (!bytes_equal_nocase((struct bytes){line.data, wanted.size}, wanted) || nth-- != 0)
			continue;
		size_t at = wanted.size + 1;
		return trimmed((struct bytes){line.data + at, line.size - at});
	}
	return (struct bytes){NULL, 0};
}

struct http_response call_response(const struct http_call *call)
{
	return (struct http_response){
		.status = call->status,
		.head = call->head_told ? buf_bytes(&call->head) : (struct bytes){NULL, 0},
		.body = buf_bytes(&call->body),
	};
}

static bool blank(struct bytes line)
{
	return trimmed(line).size == 0;
}

/* The blank line has come. */
static void head_complete(struct http_call *call)
{
	long status = 0;
	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 100 && status < 200 && status != 101) { /* interim: the response follows */
		call->head.size = 0;
		return;
	}
	call->head_told = true;
	call->status = (unsigned)status;
	struct http_response response = call_response(call);
	if (call->handlers.head != NULL)
		call->handlers.head(call->handlers.arg, &response);
}

/* libcurl gives whole lines, one a call. */
size_t call_head_line(char *data, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;
	struct bytes line = {(const uint8_t *)data, size * count};
	if (!call_heard(call))
		return 0;
	if (line.size > HTTP_HEAD_SIZE_MAX - call->head_size) {
		call_fail(call, ERR_LIMIT, "response headers of more than %d octets", HTTP_HEAD_SIZE_MAX);
		return 0;
	}
	call->head_size += line.size;
	if (call->head_told)
		return line.size; /* a trailer */
	if (buf_add(&call->head, line) != ERR_OK) {
		call_fail(call, ERR_NOMEM, "out of memory for the response's headers");
		return 0;
	}
	if (blank(line))
		head_complete(call);
	return call->state == CALL_RUNNING ? line.size : 0;
}

static void body_gather(struct http_call *call, struct bytes more)
{
	enum err err = buf_add(&call->body, more);
	assert(err != ERR_LIMIT);
	if (err != ERR_OK)
		call_fail(call, err, "out of memory for the response's body");
}

size_t call_body_run(char *data, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;
	struct bytes more = {(const uint8_t *)data, size * count};
	if (!call_heard(call))
		return 0;
	if (call->body_size_max != 0 && more.size > call->body_size_max - call->body_size) {
		call_fail(call, ERR_LIMIT, "response body of more than %zu octets", call->body_size_max);
		return 0;
	}
	call->body_size += more.size;
	if (call->handlers.body == NULL)
		body_gather(call, more);
	else if (more.size != 0 && !call->handlers.body(call->handlers.arg, more))
		call_fail(call, ERR_INVALID, "the response's reader stopped");
	return call->state == CALL_RUNNING ? more.size : 0;
}

#include "alidns_reply.h"

#include "alidns_time.h"

#include "fedns/utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A word of a message that is longer is no word for people: a token, a signature, a string that was
 * signed. */
#define WORD_SIZE_MAX 80

/* --- texts of the server ------------------------------------------------------------------ */

/* Where the server repeats what it was sent. */
static size_t repeated_at(const char *text)
{
	static const char *const MARKS[] = {
		"server string to sign", "string to sign", "canonicalrequest", "securitytoken=",
		"securitytoken%",        "security-token", "accesskeyid=",     "accesskeyid%",
		"credential=",           "authorization:", "signature="};
	size_t size = strlen(text);
	for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++) {
		const char *at = strcasestr(text, MARKS[i]);
		if (at != NULL && (size_t)(at - text) < size)
			size = (size_t)(at - text);
	}
	return size;
}

/* One line for people, without what we have sent: `from` is cut and cleaned into `out`. */
static void message_write(const char *from, char out[REPLY_MESSAGE_SIZE])
{
	size_t end = repeated_at(from), used = 0;
	for (size_t at = 0; at < end;) {
		size_t word = strcspn(from + at, " \t\r\n");
		if (word > end - at)
			word = end - at;
		const char *text = word > WORD_SIZE_MAX ? "..." : from + at;
		size_t size = word > WORD_SIZE_MAX ? 3 : word;
		if (used + size + 1 >= REPLY_MESSAGE_SIZE)
			break;
		if (used != 0 && size != 0)
			out[used++] = ' ';
		memcpy(out + used, text, size);
		used += size;
		at += word;
		at += strspn(from + at, " \t\r\n");
	}
	out[used] = '\0';
	utf8_clean(out);
}

/* A code, an id, a media type: letters, digits and a few signs. */
static void token_write(struct bytes from, char *out, size_t size)
{
	size_t used = 0;
	for (; used < from.size && used < size - 1; used++) {
		uint8_t octet = from.data[used];
		bool fine = octet < 0x80 && (isalnum(octet) || strchr("-._:/+", octet) != NULL);
		out[used] = (char)(fine && octet != 0 ? octet : '?');
	}
	out[used] = '\0';
}

static struct bytes text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return (struct bytes){(const uint8_t *)json_string_value(value), json_string_length(value)};
}

/* --- the response ------------------------------------------------------------------------- */

static void answer_init(struct answer *out, unsigned status)
{
	memset(out, 0, sizeof *out);
	out->reply = (struct alidns_reply){.status = status,
	                                   .code = out->code,
	                                   .message = out->message,
	                                   .request_id = out->request_id};
}

/* x-acs-retry-after is the API's own, in ms; Retry-After (in s, no date) a proxy's. */
static uint32_t wait_ms(const struct http_response *response)
{
	uint64_t wait = 0;
	if (!bytes_number(http_header(response, "x-acs-retry-after", 0), UINT32_MAX, &wait)) {
		if (!bytes_number(http_header(response, "Retry-After", 0), UINT32_MAX / 1000, &wait))
			return 0;
		wait *= 1000;
	}
	return wait < REPLY_WAIT_MS_MAX ? (uint32_t)wait : REPLY_WAIT_MS_MAX;
}

/* Not of the API. Its text is somebody's page: only its kind is told. */
static void foreign(const struct http_response *response, struct answer *out)
{
	char kind[REPLY_ID_SIZE];
	struct bytes type = http_header(response, "Content-Type", 0);
	for (size_t i = 0; i < type.size; i++) {
		if (type.data[i] == ';' || type.data[i] == ' ')
			type.size = i; /* the parameters are left out */
	}
	token_write(type, kind, sizeof kind);
	out->reply.class = alidns_classify("", response->status);
	(void)snprintf(out->message, sizeof out->message, "HTTP %u%s%s, and not an answer of the API",
	               response->status, kind[0] != '\0' ? " with " : "", kind);
}

/* A RecordId that came as a number becomes the text that it is elsewhere. */
static bool id_to_text(json_t *body)
{
	char text[32];
	const json_t *id = json_object_get(body, "RecordId");
	if (!json_is_integer(id))
		return true;
	(void)snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
	return json_object_set_new(body, "RecordId", json_string(text)) == 0;
}

void answer_read(const struct http_response *response, struct answer *out)
{
	json_error_t error;
	answer_init(out, response->status);
	out->reply.wait_ms = wait_ms(response);
	out->dated = http_date_read(http_header(response, "Date", 0), &out->date_s);
	token_write(http_header(response, "x-acs-request-id", 0), out->request_id, REPLY_ID_SIZE);
	json_t *body = response->body.size == 0 ? NULL
	                                        : json_loadb((const char *)response->body.data,
	                                                     response->body.size, 0, &error);
	if (text_of(body, "RequestId").size != 0)
		token_write(text_of(body, "RequestId"), out->request_id, REPLY_ID_SIZE);
	token_write(text_of(body, "Code"), out->code, REPLY_CODE_SIZE);
	bool good = response->status >= 200 && response->status < 300;
	if (out->code[0] != '\0') {
		out->reply.class = alidns_classify(out->code, response->status);
		if (text_of(body, "Message").size != 0)
			message_write((const char *)text_of(body, "Message").data, out->message);
	} else if (good && json_is_object(body) && out->request_id[0] != '\0' && id_to_text(body)) {
		out->reply.class = ALIDNS_DONE;
		out->reply.body = json_incref(body);
	} else {
		foreign(response, out);
	}
	json_decref(body);
}

void answer_none(enum alidns_class class, unsigned status, const struct why *why,
                 struct answer *out)
{
	answer_init(out, status);
	out->reply.class = class;
	(void)snprintf(out->message, sizeof out->message, "%s", why->text);
	utf8_clean(out->message);
}

void answer_clear(struct answer *answer)
{
	json_decref(answer->reply.body);
	answer->reply.body = NULL;
}

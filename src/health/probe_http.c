#include "probe_http.h"

#include "fedns/prober.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum state {
	STATUS_LINE, /* up to its three digits and the octet after them */
	HEAD_LINE,   /* within a line of the head */
	HEAD_BEGIN,  /* at the begin of one */
	HEAD_CR,     /* there, after a CR */
	BODY,
};

/* Of a status line; d: a digit. */
static const char FORM[] = "HTTP/1.d ddd";
#define FORM_SIZE       (sizeof FORM - 1)
#define FORM_VERSION_AT 7

void probe_text_prepare(struct bytes text, uint16_t *left)
{
	assert(text.size <= PROBE_CONTAINS_SIZE_MAX);
	uint16_t matched = 0;
	for (size_t i = 0; i < text.size; i++) {
		if (i == 0) {
			left[0] = 0;
			continue;
		}
		while (matched != 0 && text.data[i] != text.data[matched])
			matched = left[matched - 1];
		if (text.data[i] == text.data[matched])
			matched++;
		left[i] = matched;
	}
}

enum probe_verdict probe_status(const struct probe_wanted *wanted, unsigned status, struct why *why)
{
	if (status < wanted->status_low || status > wanted->status_high) {
		why_set(why, "HTTP %u", status);
		return PROBE_BAD;
	}
	return wanted->contains.text.size == 0 ? PROBE_GOOD : PROBE_MORE;
}

enum probe_verdict probe_body(struct probe_reader *reader, const struct probe_wanted *wanted,
                              struct bytes more, struct why *why)
{
	const struct probe_text *contains = &wanted->contains;
	const uint8_t *text = contains->text.data;
	size_t matched = reader->matched, room = PROBE_BODY_MAX - reader->body;
	assert(matched < contains->text.size);
	for (size_t i = 0; i < more.size && i < room; i++) {
		while (matched != 0 && more.data[i] != text[matched])
			matched = contains->left[matched - 1];
		if (more.data[i] == text[matched])
			matched++;
		if (matched == contains->text.size)
			return PROBE_GOOD;
	}
	reader->matched = (uint16_t)matched;
	if (more.size >= room) {
		why_set(why, "the text is not in the first %d KiB of the body", PROBE_BODY_MAX / 1024);
		return PROBE_BAD;
	}
	reader->body += (uint32_t)more.size;
	return PROBE_MORE;
}

void probe_body_begin(struct probe_reader *reader)
{
	reader->state = BODY;
}

/* RFC 9112 section 4: "HTTP/1.1 200 OK"; the reason may be missing, even with its space. False:
 * that is none. */
static bool status_octet(struct probe_reader *reader, uint8_t octet)
{
	size_t at = reader->line++;
	if (at == FORM_SIZE)
		return octet == ' ' || octet == '\r' || octet == '\n';
	if (FORM[at] != 'd')
		return octet == (uint8_t)FORM[at];
	if (octet < '0' || octet > '9')
		return false;
	if (at > FORM_VERSION_AT)
		reader->status = (uint16_t)(reader->status * 10 + (octet - '0'));
	return true;
}

static bool status_whole(const struct probe_reader *reader)
{
	return reader->line > FORM_SIZE;
}

/* RFC 9110 section 15.2: others follow. After 101 nothing of HTTP does. */
static bool interim(const struct probe_reader *reader)
{
	return reader->status < 200 && reader->status != 101;
}

static void head_octet(struct probe_reader *reader, uint8_t octet)
{
	bool end = octet == '\n' && reader->state != HEAD_LINE;
	if (end && interim(reader)) {
		reader->state = STATUS_LINE;
		reader->line = 0;
		reader->status = 0;
	} else if (end) {
		reader->state = BODY;
	} else if (octet == '\n') {
		reader->state = HEAD_BEGIN;
	} else {
		reader->state = octet == '\r' && reader->state == HEAD_BEGIN ? HEAD_CR : HEAD_LINE;
	}
}

/* One octet up to the body. */
static enum probe_verdict read_octet(struct probe_reader *reader, const struct probe_wanted *wanted,
                                     uint8_t octet, struct why *why)
{
	if (++reader->head > PROBE_HEAD_MAX) {
		why_set(why, "a head of more than %d KiB", PROBE_HEAD_MAX / 1024);
		return PROBE_BAD;
	}
	if (reader->state != STATUS_LINE) {
		head_octet(reader, octet);
		return PROBE_MORE;
	}
	if (!status_octet(reader, octet) || (status_whole(reader) && reader->status < 100)) {
		why_set(why, "no HTTP response");
		return PROBE_BAD;
	}
	if (!status_whole(reader))
		return PROBE_MORE;
	reader->state = octet == '\n' ? HEAD_BEGIN : HEAD_LINE;
	return interim(reader) ? PROBE_MORE : probe_status(wanted, reader->status, why);
}

enum probe_verdict probe_read(struct probe_reader *reader, const struct probe_wanted *wanted,
                              struct bytes more, struct why *why)
{
	size_t at = 0;
	while (at < more.size && reader->state != BODY) {
		enum probe_verdict verdict = read_octet(reader, wanted, more.data[at++], why);
		if (verdict != PROBE_MORE)
			return verdict;
	}
	if (at == more.size)
		return PROBE_MORE;
	return probe_body(reader, wanted, (struct bytes){more.data + at, more.size - at}, why);
}

void probe_ended(const struct probe_reader *reader, struct why *why)
{
	if (reader->state == BODY)
		why_set(why, "the text is not in the body");
	else if (reader->head == 0)
		why_set(why, "closed without a response");
	else
		why_set(why, "closed within the response's head");
}

void probe_timed_out(const struct probe_reader *reader, int64_t timeout_ms, struct why *why)
{
	const char *what = reader->state == BODY ? "the text did not come" : "no answer";
	if (timeout_ms % 1000 == 0)
		why_set(why, "%s within %lld s", what, (long long)timeout_ms / 1000);
	else
		why_set(why, "%s within %lld ms", what, (long long)timeout_ms);
}

/* --- the request --------------------------------------------------------------------------- */

static const char *text_of(const char *text)
{
	return text == NULL ? "" : text;
}

static bool visible(const char *text, size_t size_max)
{
	size_t size = 0;
	for (; text[size] != '\0'; size++) {
		if (text[size] <= 0x20 || text[size] >= 0x7f)
			return false;
	}
	return size <= size_max;
}

enum err probe_target_check(const struct health_target *target, struct why *why)
{
	const char *path = text_of(target->path);
	if (target->kind == PROBE_TCP)
		return ERR_OK;
	if (!visible(path, PROBE_PATH_SIZE_MAX) || (path[0] != '/' && path[0] != '\0')) {
		why_set(why, "a probe's path begins with '/' and holds up to %d visible ASCII octets",
		        PROBE_PATH_SIZE_MAX);
		return ERR_INVALID;
	}
	if (!visible(text_of(target->host), HEALTH_HOST_SIZE_MAX)) {
		why_set(why, "a probe's host holds up to %d visible ASCII octets", HEALTH_HOST_SIZE_MAX);
		return ERR_INVALID;
	}
	return ERR_OK;
}

/* A name as it is given: a virtual host is known by its name. Of an address the port is part, RFC
 * 9110 section 7.2. */
size_t probe_host(const struct health_target *target, char *out, size_t room)
{
	const char *host = text_of(target->host);
	size_t size = strlen(host);
	int printed;
	if (size > 1 && host[size - 1] == '.')
		size--; /* a name's final dot is for DNS */
	if (size != 0) {
		printed = snprintf(out, room, "%.*s", (int)size, host);
	} else {
		char address[ADDRESS_TEXT_SIZE], port[8] = "";
		bool v6 = target->address.family == 6;
		address_text(&target->address, address);
		if (target->port != (target->kind == PROBE_HTTPS ? 443 : 80))
			(void)snprintf(port, sizeof port, ":%u", (unsigned)target->port);
		printed = snprintf(out, room, "%s%s%s%s", v6 ? "[" : "", address, v6 ? "]" : "", port);
	}
	assert(printed > 0 && (size_t)printed < room);
	return (size_t)printed;
}

size_t probe_request(const struct health_target *target, char *out)
{
	char host[HEALTH_HOST_SIZE_MAX + 1];
	const char *path = text_of(target->path);
	(void)probe_host(target, host, sizeof host);
	int size = snprintf(out, PROBE_REQUEST_SIZE_MAX,
	                    "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: fedns/" FEDNS_VERSION "\r\n"
	                    "Accept: */*\r\nConnection: close\r\n\r\n",
	                    path[0] == '\0' ? "/" : path, host);
	assert(size > 0 && size < PROBE_REQUEST_SIZE_MAX);
	return (size_t)size;
}

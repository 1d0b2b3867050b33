#include "probe_http.h"

#include "fedns/prober.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

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

static enum probe_verdict status_judge(const struct probe_wanted *wanted, unsigned status,
                                       struct why *why)
{
	if (status < wanted->status_low || status > wanted->status_high) {
		why_set(why, "HTTP %u", status);
		return PROBE_BAD;
	}
	return wanted->contains.text.size == 0 ? PROBE_GOOD : PROBE_MORE;
}

static enum probe_verdict run_search(struct probe_reader *reader, const struct probe_text *contains,
                                     struct bytes run, struct why *why)
{
	const uint8_t *text = contains->text.data;
	size_t matched = reader->matched, room = PROBE_BODY_MAX - reader->body;
	assert(matched < contains->text.size);
	for (size_t i = 0; i < run.size && i < room; i++) {
		while (matched != 0 && run.data[i] != text[matched])
			matched = contains->left[matched - 1];
		if (run.data[i] == text[matched])
			matched++;
		if (matched == contains->text.size)
			return PROBE_GOOD;
	}
	reader->matched = (uint16_t)matched;
	if (run.size >= room) {
		why_set(why, "the text is not in the first %d KiB of the body", PROBE_BODY_MAX / 1024);
		return PROBE_BAD;
	}
	reader->body += (uint32_t)run.size;
	return PROBE_MORE;
}

/* The response is whole, or broken, and nothing is decided yet. */
static enum probe_verdict end_judge(const struct probe_reader *reader, struct why *why)
{
	switch (reader->frame.state) {
	case FRAME_WHOLE:
		why_set(why, "the text is not in the body");
		return PROBE_BAD;
	case FRAME_NO_HTTP:
		why_set(why, "no HTTP response");
		return PROBE_BAD;
	case FRAME_HEAD_LONG:
		why_set(why, "a head of more than %d KiB", PROBE_HEAD_MAX / 1024);
		return PROBE_BAD;
	case FRAME_NO_FRAME:
		why_set(why, "the body's length or chunks can't be read");
		return PROBE_BAD;
	default:
		return PROBE_MORE;
	}
}

enum probe_verdict probe_read(struct probe_reader *reader, const struct probe_wanted *wanted,
                              struct bytes more, struct why *why)
{
	struct probe_frame *frame = &reader->frame;
	struct bytes run;
	size_t at = 0, taken;
	do {
		bool known = frame->known;
		taken = frame_read(frame, (struct bytes){more.data + at, more.size - at}, &run);
		at += taken;
		if (reader->verdict != PROBE_MORE)
			continue;
		enum probe_verdict verdict = PROBE_MORE;
		if (frame->known && !known)
			verdict = status_judge(wanted, frame->status, why);
		else if (run.size != 0)
			verdict = run_search(reader, &wanted->contains, run, why);
		if (verdict == PROBE_MORE)
			verdict = end_judge(reader, why);
		reader->verdict = (uint8_t)verdict;
	} while (taken != 0 && at < more.size);
	return reader->verdict;
}

void probe_ended(const struct probe_reader *reader, struct why *why)
{
	if (frame_in_body(&reader->frame))
		why_set(why, "the text is not in the body");
	else if (reader->frame.head == 0)
		why_set(why, "closed without a response");
	else
		why_set(why, "closed within the response's head");
}

void probe_timed_out(const struct probe_reader *reader, int64_t timeout_ms, struct why *why)
{
	const char *what = frame_in_body(&reader->frame) ? "the text did not come" : "no answer";
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

size_t probe_request(const struct health_target *target, bool keep, char *out)
{
	char host[HEALTH_HOST_SIZE_MAX + 1];
	const char *path = text_of(target->path);
	(void)probe_host(target, host, sizeof host);
	int size = snprintf(out, PROBE_REQUEST_SIZE_MAX,
	                    "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: fedns/" FEDNS_VERSION "\r\n"
	                    "Accept: */*\r\n%s\r\n",
	                    path[0] == '\0' ? "/" : path, host, keep ? "" : "Connection: close\r\n");
	assert(size > 0 && size < PROBE_REQUEST_SIZE_MAX);
	return (size_t)size;
}

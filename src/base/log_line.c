#include "log_line.h"

#include "fedns/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TIME_TEXT_SIZE sizeof "2026-11-23T04:40:00.123Z"

/* Octets kept for the end of a line: what is cut must still be valid JSON, and end. */
#define TEXT_END_SIZE (sizeof "\n" - 1)
#define JSON_END_SIZE (sizeof "\"}\n" - 1)

/* A field's number and its separators. */
#define FIELD_TEXT_SIZE 64

static const char *const LEVELS[LOG_LEVELS] = {"error", "warn", "info", "debug"};
static const char *const PRIORITIES[LOG_LEVELS] = {"<3>", "<4>", "<6>", "<7>"};

/* RFC 3339 in UTC, to the millisecond. */
static void time_text(char text[TIME_TEXT_SIZE])
{
	struct timespec now = {0};
	struct tm utc = {0};
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &utc);
	size_t used = strftime(text, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	(void)snprintf(text + used, TIME_TEXT_SIZE - used, ".%03uZ",
	               (unsigned)(now.tv_nsec / 1000000) % 1000);
}

/* All of `text`, or nothing and false. */
static bool add(struct log_line *line, const char *text, size_t size)
{
	if (line->size + size > line->room)
		return false;
	memcpy(line->text + line->size, text, size);
	line->size += size;
	return true;
}

/* One character as it stands in a JSON string (RFC 8259 section 7), or in a line of text. */
static size_t rune_put(enum log_format format, const uint8_t *text, struct rune rune, char out[8])
{
	bool bad = rune.size == 0 || rune_is_control(rune);
	size_t at = 0;
	if (format == LOG_TEXT && bad)
		out[at++] = '?';
	else if (rune.size == 0)
		at = (size_t)snprintf(out, 8, "\\ufffd");
	else if (bad)
		at = (size_t)snprintf(out, 8, "\\u%04x", (unsigned)rune.code & 0xffff);
	if (at != 0)
		return at;
	if (format == LOG_JSON && (*text == '"' || *text == '\\'))
		out[at++] = '\\';
	memcpy(out + at, text, rune.size);
	return at + rune.size;
}

/* Cut between characters. False: it was. */
static bool add_clean(struct log_line *line, enum log_format format, const char *text)
{
	for (struct bytes rest = bytes_of(text); rest.size != 0;) {
		char piece[8];
		struct rune rune = utf8_first(rest);
		size_t size = rune_put(format, rest.data, rune, piece);
		if (!add(line, piece, size))
			return false;
		size_t taken = rune.size == 0 ? 1 : rune.size;
		rest = (struct bytes){rest.data + taken, rest.size - taken};
	}
	return true;
}

static bool field_add(struct log_line *line, enum log_format format, const struct log_field *field)
{
	char text[FIELD_TEXT_SIZE];
	const char *shape = format == LOG_TEXT    ? " %s="
	                    : field->text != NULL ? ",\"%s\":\""
	                                          : ",\"%s\":";
	int size = snprintf(text, sizeof text, shape, field->key);
	assert(size > 0 && (size_t)size < sizeof text);
	if (!add(line, text, (size_t)size))
		return false;
	if (field->text != NULL)
		return add_clean(line, format, field->text) && (format == LOG_TEXT || add(line, "\"", 1));
	size = snprintf(text, sizeof text, "%" PRIu64, field->number);
	return add(line, text, (size_t)size);
}

/* The fields before the message are ours and short. */
static void head_add(struct log_line *line, const struct log *log, const struct log_event *event)
{
	char time[TIME_TEXT_SIZE], text[LOG_LINE_SIZE / 4];
	time_text(time);
	const char *shape = log->format == LOG_JSON
	                        ? "%s{\"time\":\"%s\",\"level\":\"%s\",\"room\":\"%s\",\"message\":\""
	                        : "%s%s %s %s: ";
	int size = snprintf(text, sizeof text, shape, log->journal ? PRIORITIES[event->level] : "",
	                    time, LEVELS[event->level], event->room);
	assert(size > 0 && (size_t)size < sizeof text);
	(void)add(line, text, (size_t)size);
}

void log_line_make(const struct log *log, const struct log_event *event, struct log_line *out)
{
	out->size = 0;
	out->room = LOG_LINE_SIZE - (log->format == LOG_JSON ? JSON_END_SIZE : TEXT_END_SIZE);
	head_add(out, log, event);
	(void)add_clean(out, log->format, event->message);
	if (log->format == LOG_JSON)
		out->text[out->size++] = '"'; /* there is room: JSON_END_SIZE */
	for (size_t i = 0; i < event->field_count; i++) {
		size_t before = out->size;
		if (!field_add(out, log->format, &event->fields[i]))
			out->size = before;
	}
	if (log->format == LOG_JSON)
		out->text[out->size++] = '}';
	out->text[out->size++] = '\n';
	assert(out->size <= LOG_LINE_SIZE);
}

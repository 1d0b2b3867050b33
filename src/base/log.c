#include "fedns/log.h"

#include "fedns/utf8.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TIME_TEXT_SIZE sizeof "2026-11-23T04:40:00.123Z"

static const char *const LEVELS[] = {"error", "warn", "info", "debug"};

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

static size_t line_text(char line[LOG_LINE_SIZE], const char *time, const char *level,
                        const char *room, char *message)
{
	utf8_clean(message);
	int size = snprintf(line, LOG_LINE_SIZE, "%s %s %s: %s", time, level, room, message);
	size_t used = size < 0 ? 0 : (size_t)size;
	if (used > LOG_LINE_SIZE - 1)
		used = LOG_LINE_SIZE - 1;
	line[used] = '\n'; /* in the place of the NUL */
	return used + 1;
}

/* One character as it stands in a JSON string (RFC 8259 section 7). */
static size_t json_rune(const uint8_t *text, struct rune rune, char out[8])
{
	if (rune.size == 0)
		return (size_t)snprintf(out, 8, "\\ufffd");
	if (rune_is_control(rune))
		return (size_t)snprintf(out, 8, "\\u%04x", (unsigned)rune.code & 0xffff);
	size_t at = 0;
	if (*text == '"' || *text == '\\')
		out[at++] = '\\';
	memcpy(out + at, text, rune.size);
	return at + rune.size;
}

static size_t line_json(char line[LOG_LINE_SIZE], const char *time, const char *level,
                        const char *room, const char *message)
{
	static const char END[] = "\"}\n";
	/* The fields before the message are ours and short: a quarter of the line is plenty. */
	int size = snprintf(line, LOG_LINE_SIZE / 4,
	                    "{\"time\":\"%s\",\"level\":\"%s\",\"room\":\"%s\",\"message\":\"", time,
	                    level, room);
	assert(size > 0 && size < LOG_LINE_SIZE / 4);
	size_t used = (size_t)size;
	for (struct bytes rest = bytes_of(message); rest.size != 0;) {
		char piece[8];
		struct rune rune = utf8_first(rest);
		size_t more = json_rune(rest.data, rune, piece);
		if (used + more + sizeof END > LOG_LINE_SIZE)
			break; /* cut between characters: what is written stays valid JSON */
		memcpy(line + used, piece, more);
		used += more;
		size_t taken = rune.size == 0 ? 1 : rune.size;
		rest = (struct bytes){rest.data + taken, rest.size - taken};
	}
	memcpy(line + used, END, sizeof END - 1);
	return used + sizeof END - 1;
}

void log_write(const struct log *log, enum log_level level, const char *room, const char *fmt, ...)
{
	assert(log != NULL && level <= LOG_DEBUG);
	if (level > log->level)
		return;
	int kept = errno; /* callers log first and look at errno after */
	char message[LOG_LINE_SIZE];
	message[0] = '\0';
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(message, sizeof message, fmt, args);
	va_end(args);

	char time[TIME_TEXT_SIZE];
	time_text(time);
	char line[LOG_LINE_SIZE];
	size_t size = log->format == LOG_JSON ? line_json(line, time, LEVELS[level], room, message)
	                                      : line_text(line, time, LEVELS[level], room, message);
	/* A log that can't be written has nowhere to say so. */
	ssize_t written;
	do {
		written = write(log->fd, line, size);
	} while (written < 0 && errno == EINTR);
	errno = kept;
}

#include "fedns/log.h"

#include "log_book.h"
#include "log_line.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>

/* --- out --------------------------------------------------------------------------------- */

/* Whoever reads may have stopped reading, and the descriptor isn't ours alone, so that it can't be
 * made non-blocking. A pipe or socket that is ready takes a line, which is less than PIPE_BUF. */
static bool is_ready(const struct log *log)
{
	struct pollfd out = {.fd = log->fd, .events = POLLOUT};
	if (log->book == NULL || poll(&out, 1, 0) > 0)
		return true;
	int patience_ms = log_book_patience_ms(log->book);
	if (patience_ms == 0)
		return false;
	int64_t begun_ms = log->book->now_ms(log->book->arg);
	int ready = poll(&out, 1, patience_ms);
	log_book_waited(log->book, begun_ms);
	return ready > 0;
}

static bool line_write(const struct log *log, const struct log_event *event)
{
	struct log_line line;
	struct iovec parts[2] = {{.iov_base = "\n"}};
	ssize_t written;
	log_line_make(log, event, &line);
	if (!is_ready(log))
		return false;
	parts[0].iov_len = log->book != NULL && log->book->broken;
	parts[1] = (struct iovec){line.text, line.size};
	do {
		written = writev(log->fd, parts, 2);
	} while (written < 0 && errno == EINTR);
	size_t size = parts[0].iov_len + line.size;
	if (log->book != NULL && written > 0)
		log->book->broken = (size_t)written < size;
	return written >= 0 && (size_t)written == size;
}

static void lost_tell(const struct log *log)
{
	char message[128];
	(void)snprintf(message, sizeof message,
	               "%" PRIu64 " lines were lost here: nobody took them in time",
	               log->book->lost_untold);
	const struct log_event event = {.level = LOG_WARN, .room = "log", .message = message};
	if (!line_write(log, &event))
		return;
	log->book->lost_untold = 0;
	log->book->stats.lines[LOG_WARN]++;
}

static void event_write(const struct log *log, const struct log_event *event)
{
	if (log->book != NULL && log->book->lost_untold != 0)
		lost_tell(log);
	bool written = line_write(log, event);
	if (log->book == NULL)
		return; /* a log that can't be written has nowhere to say so */
	if (written) {
		log->book->stats.lines[event->level]++;
	} else {
		log->book->stats.lost++;
		log->book->lost_untold++;
	}
}

static void held_tell(const struct log *log, const struct log_kept *kept)
{
	char message[LOG_KEPT_SIZE + 64];
	if (kept->level > log->level)
		return;
	(void)snprintf(message, sizeof message, "%" PRIu32 " times more within %d s: %s", kept->held,
	               LOG_WINDOW_MS / 1000, kept->text);
	const struct log_event event = {.level = kept->level, .room = kept->room, .message = message};
	event_write(log, &event);
}

/* --- in ---------------------------------------------------------------------------------- */

static bool is_wanted(const struct log *log, enum log_level level, const char *room,
                      const char *message)
{
	struct log_kept due;
	if (log->book == NULL)
		return true;
	bool wanted = log_book_ask(log->book, level, room, message, &due);
	if (due.held != 0)
		held_tell(log, &due);
	return wanted;
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
	const struct log_event event = {.level = level, .room = room, .message = message};
	if (is_wanted(log, level, room, message))
		event_write(log, &event);
	errno = kept;
}

void log_event(const struct log *log, enum log_level level, const char *room, const char *message,
               const struct log_field *fields, size_t count)
{
	assert(log != NULL && level <= LOG_DEBUG);
	if (level > log->level)
		return;
	int kept = errno;
	const struct log_event event = {level, room, message, fields, count};
	event_write(log, &event);
	errno = kept;
}

void log_follow(struct log *log, const struct log *other)
{
	log->level = other->level;
	log->format = other->format;
}

bool log_is_journal(int fd, const char *stream)
{
	struct stat there;
	char own[64];
	if (stream == NULL || fstat(fd, &there) != 0)
		return false;
	(void)snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)there.st_dev, (uintmax_t)there.st_ino);
	return bytes_equal(bytes_of(own), bytes_of(stream));
}

/* --- repeats and losses ------------------------------------------------------------------ */

static void due_tell(const struct log *log, bool all)
{
	struct log_kept due;
	if (log->book == NULL)
		return;
	while (log_book_due(log->book, all, &due))
		held_tell(log, &due);
	if (log->book->lost_untold != 0)
		lost_tell(log);
}

void log_tick(const struct log *log)
{
	due_tell(log, false);
}

void log_flush(const struct log *log)
{
	due_tell(log, true);
}

void log_stats(const struct log *log, struct log_stats *out)
{
	*out = log->book != NULL ? log->book->stats : (struct log_stats){.lost = 0};
}

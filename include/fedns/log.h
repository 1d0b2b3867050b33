/* log: one line an event to a descriptor, as text or JSON. Ranks 5 and above only.
 *
 * TEXT                                    JSON, one object a line, with these keys in this order
 * TIME LEVEL ROOM: MESSAGE                {"time":…,"level":…,"room":…,"message":…}
 * TIME LEVEL ROOM: MESSAGE KEY=VALUE …    the same, with a key more for each field
 *
 * TIME is RFC 3339 in UTC, to the millisecond; LEVEL error, warn, info or debug. Where the journal
 * listens, a line begins with its priority, <3> to <7> (sd-daemon(3)).
 *
 * One thread writes, and never waits long: see LOG_WAIT_MS.
 */
#ifndef FEDNS_LOG_H
#define FEDNS_LOG_H

#include "fedns/base.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };
#define LOG_LEVELS 4

/** Longest line in octets, its line feed included; longer ones are cut. One write(2) each. Below
 * PIPE_BUF, so that a pipe takes a line whole or not at all. */
#define LOG_LINE_SIZE 2048

/** The same line this often within a window is written; what comes above is counted, and told when
 * the window is over. */
#define LOG_BURST     5
#define LOG_WINDOW_MS 10000

/** A descriptor that takes nothing is waited for so long, a line and all lines of a window
 * together; then lines are lost, counted, and told of as soon as it takes lines again. */
#define LOG_WAIT_MS        20
#define LOG_WAIT_BUDGET_MS 200

/** What a log remembers, see log_book_new(). */
struct log_book;

struct log {
	int fd; /* borrowed; usually standard error */
	enum log_level level;
	enum log_format format;
	bool journal;          /* it goes to the journal, which wants priorities */
	struct log_book *book; /* NULL: every line is written, and waited for */
};

/** Write a line if `level` is wanted, and it isn't one repeat too many. `room` is the source folder
 * that speaks ("source", "serve", ...), a constant. */
void log_write(const struct log *log, enum log_level level, const char *room, const char *fmt, ...)
	PRINTF(4, 5);

struct log_field {
	const char *key;  /* a word */
	const char *text; /* NULL: it is the number */
	uint64_t number;
};

/** Write a line with fields if `level` is wanted, however often it repeats. A field that the line
 * has no room for is left out. */
void log_event(const struct log *log, enum log_level level, const char *room, const char *message,
               const struct log_field *fields, size_t count);

/** Take level and format of `other`, as a configuration has them; the rest stays. */
void log_follow(struct log *log, const struct log *other);

/** Is `fd` what JOURNAL_STREAM (sd-daemon(3)) names, "DEVICE:INODE"? NULL: no. */
bool log_is_journal(int fd, const char *stream);

/* --- repeats, and what was lost ----------------------------------------------------------- */

/** `now_ms` is a clock that never goes back; NULL: the system's. `arg` is handed to it. NULL: no
 * memory. */
struct log_book *log_book_new(int64_t (*now_ms)(void *arg), void *arg);
void log_book_free(struct log_book *book);

/** Tell what was held back in windows that are over; now and then, a second apart or so. */
void log_tick(const struct log *log);
/** Tell all of it: at the end. */
void log_flush(const struct log *log);

struct log_stats {
	uint64_t lines[LOG_LEVELS]; /* written, by level */
	uint64_t repeated;          /* held back as repeats; told as counts */
	uint64_t lost;              /* the descriptor took none of them */
};
/** Since the start. Without a book all are 0. */
void log_stats(const struct log *log, struct log_stats *out);

#endif

/* log_book: which lines were written lately, and how often; what was lost. No output of its own. */
#ifndef FEDNS_BASE_LOG_BOOK_H
#define FEDNS_BASE_LOG_BOOK_H

#include "fedns/log.h"

/* Different lines that are told apart; the one that began longest ago makes room. */
#define LOG_LINES_KEPT 64
/* Octets of a line that its count is told with. */
#define LOG_KEPT_SIZE 256

/** A line that was written lately. */
struct log_kept {
	uint64_t hash;    /* of level, room and message; 0: nothing here */
	int64_t first_ms; /* the window began */
	uint32_t said;    /* in this window */
	uint32_t held;    /* in this window, and not written */
	enum log_level level;
	const char *room; /* a constant */
	char text[LOG_KEPT_SIZE];
};

struct log_book {
	int64_t (*now_ms)(void *arg);
	void *arg;
	struct log_kept kept[LOG_LINES_KEPT];
	int64_t wait_first_ms; /* the window of waiting began */
	int waited_ms;         /* in it */
	uint64_t lost_untold;
	bool broken; /* a part of a line was written last: a full disk */
	struct log_stats stats;
};

/** May this line be written? What `*due` holds is to be told first, if that is anything (held !=
 * 0): it has lost its place. */
bool log_book_ask(struct log_book *book, enum log_level level, const char *room,
                  const char *message, struct log_kept *due);
/** The next kept line whose window is over, or any if `all`, and that holds a count: taken out. */
bool log_book_due(struct log_book *book, bool all, struct log_kept *due);

/** How long the next line may be waited for, in milliseconds. */
int log_book_patience_ms(struct log_book *book);
/** It was waited for since `begun_ms`. */
void log_book_waited(struct log_book *book, int64_t begun_ms);

#endif

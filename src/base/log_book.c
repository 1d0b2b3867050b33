#include "log_book.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t system_now_ms(void *arg)
{
	(void)arg;
	struct timespec now = {0};
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* can't fail for this clock */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct log_book *log_book_new(int64_t (*now_ms)(void *arg), void *arg)
{
	struct log_book *book = calloc(1, sizeof *book);
	if (book == NULL)
		return NULL;
	book->now_ms = now_ms != NULL ? now_ms : system_now_ms;
	book->arg = arg;
	book->wait_first_ms = book->now_ms(arg);
	return book;
}

void log_book_free(struct log_book *book)
{
	free(book);
}

static uint64_t hash_of(enum log_level level, const char *room, const char *message)
{
	uint64_t hash = hash_bytes(bytes_of(message), hash_bytes(bytes_of(room), (uint64_t)level + 1));
	return hash != 0 ? hash : 1; /* 0 is an empty place */
}

/* The place of `hash`, or else an empty one, or else the one that began longest ago. */
static struct log_kept *place_find(struct log_book *book, uint64_t hash)
{
	struct log_kept *best = &book->kept[0];
	for (size_t i = 0; i < LOG_LINES_KEPT; i++) {
		struct log_kept *kept = &book->kept[i];
		if (kept->hash == hash)
			return kept;
		if (best->hash != 0 && (kept->hash == 0 || kept->first_ms < best->first_ms))
			best = kept;
	}
	return best;
}

static bool is_over(const struct log_kept *kept, int64_t now_ms)
{
	return now_ms - kept->first_ms >= LOG_WINDOW_MS;
}

bool log_book_ask(struct log_book *book, enum log_level level, const char *room,
                  const char *message, struct log_kept *due)
{
	int64_t now_ms = book->now_ms(book->arg);
	uint64_t hash = hash_of(level, room, message);
	struct log_kept *kept = place_find(book, hash);
	due->held = 0;
	if (kept->hash != hash || is_over(kept, now_ms)) {
		*due = *kept;
		*kept = (struct log_kept){.hash = hash, .first_ms = now_ms, .level = level, .room = room};
		(void)snprintf(kept->text, sizeof kept->text, "%s", message);
	}
	if (kept->said < LOG_BURST) {
		kept->said++;
		return true;
	}
	kept->held++;
	book->stats.repeated++;
	return false;
}

bool log_book_due(struct log_book *book, bool all, struct log_kept *due)
{
	int64_t now_ms = book->now_ms(book->arg);
	for (size_t i = 0; i < LOG_LINES_KEPT; i++) {
		struct log_kept *kept = &book->kept[i];
		if (kept->held == 0 || (!all && !is_over(kept, now_ms)))
			continue;
		*due = *kept;
		kept->hash = 0;
		kept->held = 0;
		return true;
	}
	return false;
}

int log_book_patience_ms(struct log_book *book)
{
	int64_t now_ms = book->now_ms(book->arg);
	if (now_ms - book->wait_first_ms >= LOG_WINDOW_MS) {
		book->wait_first_ms = now_ms;
		book->waited_ms = 0;
	}
	int left = LOG_WAIT_BUDGET_MS - book->waited_ms;
	return left < 0 ? 0 : left < LOG_WAIT_MS ? left : LOG_WAIT_MS;
}

void log_book_waited(struct log_book *book, int64_t begun_ms)
{
	int64_t waited_ms = book->now_ms(book->arg) - begun_ms;
	assert(waited_ms >= 0);
	book->waited_ms += waited_ms < LOG_WAIT_BUDGET_MS ? (int)waited_ms : LOG_WAIT_BUDGET_MS;
	if (book->waited_ms > LOG_WAIT_BUDGET_MS)
		book->waited_ms = LOG_WAIT_BUDGET_MS;
}

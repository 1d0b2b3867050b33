/* findings_log: findings as log lines, each told once for as long as it stays.
 *
 * A state of 100,000 services is read again at every change of its file; what was wrong before and
 * still is, is counted in one line, not told again.
 */
#ifndef FEDNS_DAEMON_FINDINGS_LOG_H
#define FEDNS_DAEMON_FINDINGS_LOG_H

#include "fedns/findings.h"
#include "fedns/log.h"

/* Lines of one reading; `fedns check` prints the rest. A log that drowns is read by nobody. */
#define FINDINGS_LOGGED_MAX 1000
/* Findings that are remembered, 8 octets each; those above it are counted as new and told again. */
#define FINDINGS_KEPT_MAX 100000

struct findings_log {
	const struct log *log;
	const char *room;       /* the source folder that speaks */
	bool partial;           /* a reading looks only at what changed: what it tells again is none
	                           of the news, and its count says nothing */
	bool keeps;             /* what was told stays told until findings_log_clear() */
	struct findings sink;   /* hand this one to those who report; `arg` points back here */
	uint64_t *now, *before; /* hashes: of this reading, and of the last one, sorted */
	size_t now_count, now_room, before_count;
	size_t logged, repeated, untold; /* of this reading */
	uint64_t found[FINDING_REASONS]; /* news since the start, told or not */
	uint64_t dropped;                /* of those, without a line of their own */
	char
		error[FINDING_TEXT_SIZE]; /* the first error of this reading, with its place; empty: none */
};

/** `findings` must not move afterwards: its sink points to it. */
void findings_log_init(struct findings_log *findings, const struct log *log, const char *room);
void findings_log_clear(struct findings_log *findings);
/** A new reading begins; what the last one reported is no news. */
void findings_log_begin(struct findings_log *findings, const char *file);
/** The reading goes on: what it told is no news, and it may tell as many lines as are left. */
void findings_log_more(struct findings_log *findings);
/** The reading is over: say how many findings were not told, and, unless it is partial, how many
 * were as before. */
void findings_log_end(struct findings_log *findings);

#endif

/* lines: a row of the daemon's, printed as a line a member, for a human.
 *
 * listing.h --> [lines.h] --> status.c, provider.c
 */
#ifndef FEDNS_CLI_LINES_H
#define FEDNS_CLI_LINES_H

#include "listing.h"

struct line {
	const char *title;
	const char *within; /* the member that holds `key`; NULL: the row itself */
	const char *key;
	cell_writer *write; /* NULL: cell_value() */
	bool optional;      /* left out where there is none */
};

enum err lines_print(const json_t *row, const struct line *lines, size_t count);

/* Lines of one row at most. */
#define LINES_MAX 64

/** What was told of each line. Zeroed: nothing. */
struct lines_told {
	bool silent;                /* tell nothing, look only */
	bool begun;                 /* all lines were told once */
	uint64_t hashes[LINES_MAX]; /* of what was told of each */
};

/** Print the lines that have changed, by more than time's passing; `*any`: there were some. */
enum err lines_news_print(struct lines_told *told, const json_t *row, const struct line *lines,
                          size_t count, bool *any);

#endif

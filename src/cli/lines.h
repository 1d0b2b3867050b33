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

#endif

/* listing: what the daemon says in rows, sorted, as a table or as a JSON array; followed, if asked
 * so. */
#ifndef FEDNS_CLI_LISTING_H
#define FEDNS_CLI_LISTING_H

#include "cli.h"
#include "table.h"

#include <jansson.h>

/** Append a cell's text of `row`; no NUL. What is no fit for a terminal may be in it. */
typedef enum err cell_writer(const json_t *row, const char *key, struct buf *out);

struct column {
	const char *title;
	const char *key;    /* of the row's member */
	cell_writer *write; /* NULL: cell_value() */
	bool wide;          /* with -o wide alone */
};

struct listing {
	const char *command; /* the daemon's */
	const struct column *columns;
	size_t column_count;
	size_t sorted_by; /* so many of the first columns; 0: as the daemon has it */
	const char *const
		*names;                /* the members that make a row the one it is; NULL-terminated. Rows
	                            * in a row that share them belong together. NULL: can't be followed */
	const char *const *moving; /* members that change by themselves: no news. NULL-terminated */
	bool loose;                /* some things change that the daemon's cursor doesn't tell of */
};

/** Text, number, yes or no, a list with commas; "-" for what isn't there. */
cell_writer cell_value;
/** Seconds, in kubectl's way: 45s, 12m, 3h, 2d. */
cell_writer cell_age;
/** "12m". */
enum err age_write(json_int_t age_s, struct buf *out);

/** Ask and print; `arguments` is taken. With -w, until interrupted. */
enum status listing_run(const struct options *options, const struct listing *listing,
                        json_t *arguments);

#endif

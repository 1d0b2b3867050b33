/* rows: rows of a listing, held until their columns' widths are known. */
#ifndef FEDNS_CLI_ROWS_H
#define FEDNS_CLI_ROWS_H

#include "listing.h"

/* A row is the cells that it is sorted by and, behind them, the other cells, or its JSON. */
struct rows {
	const struct options *options;
	const struct listing *listing;
	struct buf octets, cell, titles;
	size_t *at; /* [count] of each in `octets` */
	size_t count, room;
	struct table table;
};

/** ERR_NOMEM. */
MUST_CHECK enum err rows_init(struct rows *rows, const struct options *options,
                              const struct listing *listing);
void rows_free(struct rows *rows);
/** A row_taker; `arg` is the struct rows. */
enum err rows_take(void *arg, const json_t *row, struct why *why);
/** Sort and print all, and forget them. The columns stay as wide as they were, or wider. `titles`:
 * print them, too. With -o json: a line each. */
void rows_print(struct rows *rows, bool titles);
/** Sort and print all as one JSON array. */
void rows_json_print(struct rows *rows);

#endif

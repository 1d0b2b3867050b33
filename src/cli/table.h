/* table: lines of cells, printed in columns. */
#ifndef FEDNS_CLI_TABLE_H
#define FEDNS_CLI_TABLE_H

#include "fedns/base.h"

#include <stdio.h>

#define TABLE_COLUMNS_MAX 16

/** The columns of what a terminal shows, where `to` is one; else 0. */
size_t terminal_width(FILE *to);

struct table {
	size_t column_count;
	size_t widths[TABLE_COLUMNS_MAX]; /* characters: the widest cell of each so far */
	size_t width_max;                 /* of a line: then its last cell is cut; 0: it never is */
};

/** Take the line's cells (`column_count` strings, one behind another's NUL) into the widths. */
void table_measure(struct table *table, const char *cells);
/** Print the line; all lines have been measured. */
void table_print(const struct table *table, const char *cells, FILE *to);

#endif

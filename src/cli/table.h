/* table: lines of cells, printed in columns.
 *
 * On a terminal a line takes no more columns than there are: gaps get smaller, then the widest
 * cells are cut, and where that would leave too little of them, each row becomes a paragraph.
 */
#ifndef FEDNS_CLI_TABLE_H
#define FEDNS_CLI_TABLE_H

#include "width.h"

#define TABLE_COLUMNS_MAX 16

struct table {
	size_t column_count;
	size_t widths[TABLE_COLUMNS_MAX]; /* of the widest cell of each so far */
	size_t width_max;                 /* of a line; 0: as wide as it needs be */
	size_t shown[TABLE_COLUMNS_MAX];  /* what is left of `widths` */
	size_t gap;
	bool paragraphs;
};

/** Take the line's cells (`column_count` strings, one behind another's NUL) into the widths. */
void table_measure(struct table *table, const char *cells);
/** All lines that are to be printed have been measured, the titles too: find room for them. */
void table_settle(struct table *table);
/** Print the titles, unless they stand in each paragraph. */
void table_titles_print(const struct table *table, const char *titles, FILE *to);
/** Print the line. */
void table_print(const struct table *table, const char *titles, const char *cells, FILE *to);

#endif

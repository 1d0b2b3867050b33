#include "table.h"

#include <assert.h>
#include <string.h>

/* Between columns, as kubectl has it; and the least. */
#define GAP       3
#define GAP_LEAST 2
/* A cell is not cut to less: an IPv4 address. Titles are not cut either. */
#define CELL_LEAST 15
/* What is cut ends with these. */
static const char MORE[] = "...";

static const char *cell_next(const char *cells)
{
	return cells + strlen(cells) + 1;
}

void table_measure(struct table *table, const char *cells)
{
	assert(table->column_count >= 1 && table->column_count <= TABLE_COLUMNS_MAX);
	for (size_t i = 0; i < table->column_count; i++, cells = cell_next(cells)) {
		size_t width = width_of(cells);
		if (width > table->widths[i])
			table->widths[i] = width;
	}
}

static size_t line_width(const struct table *table)
{
	size_t width = table->gap * (table->column_count - 1);
	for (size_t i = 0; i < table->column_count; i++)
		width += table->shown[i];
	return width;
}

/* Of the widest, the last. */
static size_t widest_of(const struct table *table)
{
	size_t widest = 0;
	for (size_t i = 1; i < table->column_count; i++) {
		if (table->shown[i] >= table->shown[widest])
			widest = i;
	}
	return widest;
}

void table_settle(struct table *table)
{
	memcpy(table->shown, table->widths, sizeof table->shown);
	table->gap = GAP;
	table->paragraphs = false;
	if (table->width_max == 0 || line_width(table) <= table->width_max)
		return;
	table->gap = GAP_LEAST;
	while (line_width(table) > table->width_max) {
		size_t widest = widest_of(table);
		if (table->shown[widest] <= CELL_LEAST) {
			table->paragraphs = true;
			return;
		}
		/* By one, so that the widest become equal; what would not fit alone, at once. */
		if (table->shown[widest] > table->width_max)
			table->shown[widest] = table->width_max;
		else
			table->shown[widest]--;
	}
}

/* Returns the columns that it took. */
static size_t cell_print(const char *cell, size_t room, FILE *to)
{
	size_t width = width_of(cell);
	if (width <= room) {
		(void)fputs(cell, to);
		return width;
	}
	size_t shown = room - (sizeof MORE - 1);
	size_t octets = width_cut(cell, &shown);
	(void)fprintf(to, "%.*s%s", (int)octets, cell, MORE);
	return shown + sizeof MORE - 1;
}

static void line_print(const struct table *table, const char *cells, FILE *to)
{
	for (size_t i = 0; i < table->column_count; i++, cells = cell_next(cells)) {
		size_t width = cell_print(cells, table->shown[i], to);
		if (i + 1 < table->column_count)
			(void)fprintf(to, "%*s", (int)(table->shown[i] - width + table->gap), "");
	}
	(void)fputc('\n', to);
}

/* "TITLE   value", the value in as many lines as it takes. */
static void folded_print(const char *title, size_t title_width, const char *cell, size_t width_max,
                         FILE *to)
{
	size_t begun = title_width + GAP_LEAST;
	size_t room = width_max > begun + CELL_LEAST ? width_max - begun : CELL_LEAST;
	(void)fprintf(to, "%s%*s", title, (int)(begun - width_of(title)), "");
	for (bool first = true; first || *cell != '\0'; first = false) {
		size_t shown = room, octets = width_cut(cell, &shown);
		if (!first)
			(void)fprintf(to, "%*s", (int)begun, "");
		(void)fprintf(to, "%.*s\n", (int)octets, cell);
		cell += octets;
	}
}

static void paragraph_print(const struct table *table, const char *titles, const char *cells,
                            FILE *to)
{
	size_t title_width = 0;
	const char *title = titles;
	for (size_t i = 0; i < table->column_count; i++, title = cell_next(title)) {
		if (width_of(title) > title_width)
			title_width = width_of(title);
	}
	for (size_t i = 0; i < table->column_count; i++) {
		folded_print(titles, title_width, cells, table->width_max, to);
		titles = cell_next(titles);
		cells = cell_next(cells);
	}
	(void)fputc('\n', to);
}

void table_titles_print(const struct table *table, const char *titles, FILE *to)
{
	if (!table->paragraphs)
		line_print(table, titles, to);
}

void table_print(const struct table *table, const char *titles, const char *cells, FILE *to)
{
	if (table->paragraphs)
		paragraph_print(table, titles, cells, to);
	else
		line_print(table, cells, to);
}

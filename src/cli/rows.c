/* All rows are held before the first is printed: columns need their widths, and whoever reads page
 * by page must not keep the daemon waiting. */
#include "rows.h"

#include "fedns/utf8.h"

#include <stdlib.h>
#include <string.h>

/* A million records and more, at some 150 octets each. */
#define ROWS_SIZE_MAX ((size_t)4 << 30)
#define CELL_SIZE_MAX ((size_t)1 << 20)

static bool is_shown(const struct rows *rows, const struct column *column)
{
	return rows->options->wide || !column->wide;
}

/* With the NUL behind it. */
static enum err string_add(struct rows *rows, struct bytes text)
{
	enum err err = buf_add(&rows->octets, text);
	return err == ERR_OK ? buf_add(&rows->octets, (struct bytes){(const uint8_t *)"", 1}) : err;
}

static enum err cell_add(struct rows *rows, const json_t *row, const struct column *column)
{
	rows->cell.size = 0;
	enum err err =
		(column->write != NULL ? column->write : cell_value)(row, column->key, &rows->cell);
	if (err == ERR_OK)
		err = buf_add(&rows->cell, (struct bytes){(const uint8_t *)"", 1});
	if (err != ERR_OK)
		return err;
	utf8_clean((char *)rows->cell.data);
	return string_add(rows, bytes_of((const char *)rows->cell.data));
}

static enum err json_line_add(struct rows *rows, const json_t *row)
{
	/* ASCII, so that no octet of it means anything to a terminal. */
	char *text = json_dumps(row, JSON_COMPACT | JSON_ENSURE_ASCII);
	enum err err = text == NULL ? ERR_NOMEM : string_add(rows, bytes_of(text));
	free(text);
	return err;
}

static enum err index_add(struct rows *rows)
{
	if (rows->count == rows->room) {
		size_t room = rows->room == 0 ? 256 : rows->room * 2;
		size_t *at = realloc(rows->at, room * sizeof *at);
		if (at == NULL)
			return ERR_NOMEM;
		rows->at = at;
		rows->room = room;
	}
	rows->at[rows->count++] = rows->octets.size;
	return ERR_OK;
}

enum err rows_take(void *arg, const json_t *row, struct why *why)
{
	struct rows *rows = arg;
	const struct listing *listing = rows->listing;
	size_t cells = rows->options->json ? listing->sorted_by : listing->column_count;
	enum err err = index_add(rows);
	for (size_t i = 0; i < cells && err == ERR_OK; i++) {
		if (is_shown(rows, &listing->columns[i]))
			err = cell_add(rows, row, &listing->columns[i]);
	}
	if (err == ERR_OK && rows->options->json)
		err = json_line_add(rows, row);
	if (err != ERR_OK)
		why_set(why, "no memory for the reply");
	return err;
}

static int row_compare(const void *left, const void *right, void *arg)
{
	const struct rows *rows = arg;
	size_t a_at, b_at;
	memcpy(&a_at, left, sizeof a_at);
	memcpy(&b_at, right, sizeof b_at);
	const char *a = (const char *)rows->octets.data + a_at;
	const char *b = (const char *)rows->octets.data + b_at;
	int order = 0;
	for (size_t i = 0; i < rows->listing->sorted_by && order == 0; i++) {
		order = strcmp(a, b);
		a += strlen(a) + 1;
		b += strlen(b) + 1;
	}
	return order;
}

static void rows_sort(struct rows *rows)
{
	if (rows->listing->sorted_by != 0 && rows->count != 0)
		qsort_r(rows->at, rows->count, sizeof rows->at[0], row_compare, rows);
}

static const char *json_of(const struct rows *rows, size_t i)
{
	const char *text = (const char *)rows->octets.data + rows->at[i];
	for (size_t cell = 0; cell < rows->listing->sorted_by; cell++)
		text += strlen(text) + 1;
	return text;
}

void rows_json_print(struct rows *rows)
{
	rows_sort(rows);
	(void)fputs("[", stdout);
	for (size_t i = 0; i < rows->count; i++) {
		(void)printf("%s\n%s", i == 0 ? "" : ",", json_of(rows, i));
	}
	(void)fputs(rows->count == 0 ? "]\n" : "\n]\n", stdout);
}

static void table_rows_print(struct rows *rows, bool titles)
{
	const char *heads = (const char *)rows->titles.data, *octets = (const char *)rows->octets.data;
	struct table *table = &rows->table;
	/* anew each time: whoever follows may have drawn the window larger */
	table->width_max = rows->options->wide ? 0 : terminal_width(stdout);
	for (size_t i = 0; i < rows->count; i++)
		table_measure(table, octets + rows->at[i]);
	table_settle(table);
	if (titles && !rows->options->no_headers)
		table_titles_print(table, heads, stdout);
	for (size_t i = 0; i < rows->count; i++)
		table_print(table, heads, octets + rows->at[i], stdout);
}

void rows_print(struct rows *rows, bool titles)
{
	rows_sort(rows);
	if (!rows->options->json)
		table_rows_print(rows, titles);
	for (size_t i = 0; i < rows->count && rows->options->json; i++)
		(void)puts(json_of(rows, i));
	rows->count = rows->octets.size = 0;
}

static enum err titles_add(struct rows *rows)
{
	enum err err = ERR_OK;
	for (size_t i = 0; i < rows->listing->column_count && err == ERR_OK; i++) {
		const char *title = rows->listing->columns[i].title;
		if (!is_shown(rows, &rows->listing->columns[i]))
			continue;
		err = buf_add(&rows->titles, (struct bytes){(const uint8_t *)title, strlen(title) + 1});
		rows->table.column_count++;
	}
	if (err == ERR_OK && !rows->options->no_headers)
		table_measure(&rows->table, (const char *)rows->titles.data);
	return err;
}

enum err rows_init(struct rows *rows, const struct options *options, const struct listing *listing)
{
	*rows = (struct rows){.options = options, .listing = listing};
	buf_init(&rows->octets, ROWS_SIZE_MAX);
	buf_init(&rows->cell, CELL_SIZE_MAX);
	buf_init(&rows->titles, CELL_SIZE_MAX);
	enum err err = titles_add(rows);
	if (err != ERR_OK)
		rows_free(rows);
	return err;
}

void rows_free(struct rows *rows)
{
	buf_free(&rows->octets);
	buf_free(&rows->cell);
	buf_free(&rows->titles);
	free(rows->at);
	*rows = (struct rows){.at = NULL};
}

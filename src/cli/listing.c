/* All rows are held before the first is printed: columns need their widths, and whoever reads page
 * by page must not keep the daemon waiting. */
#include "listing.h"

#include "control_client.h"
#include "fedns/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A million records and more, at some 150 octets each. */
#define ROWS_SIZE_MAX ((size_t)4 << 30)
#define CELL_SIZE_MAX ((size_t)1 << 20)

/* A row is the cells that it is sorted by and, behind them, the other cells, or its JSON. */
struct rows {
	const struct options *options;
	const struct listing *listing;
	struct buf octets, cell;
	size_t *at; /* [count] of each in `octets` */
	size_t count, room;
	struct table table;
};

/* --- cells -------------------------------------------------------------------------------- */

static enum err text_add(struct buf *out, const char *text)
{
	return buf_add(out, bytes_of(text));
}

static enum err scalar_write(const json_t *value, struct buf *out)
{
	if (json_is_string(value))
		return text_add(out, json_string_value(value));
	if (json_is_integer(value))
		return buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_boolean(value))
		return text_add(out, json_is_true(value) ? "yes" : "no");
	return text_add(out, "-");
}

enum err cell_value(const json_t *row, const char *key, struct buf *out)
{
	const json_t *value = json_object_get(row, key);
	if (!json_is_array(value) || json_array_size(value) == 0)
		return scalar_write(value, out);
	enum err err = ERR_OK;
	for (size_t i = 0; i < json_array_size(value) && err == ERR_OK; i++) {
		if (i != 0)
			err = text_add(out, ",");
		if (err == ERR_OK)
			err = scalar_write(json_array_get(value, i), out);
	}
	return err;
}

enum err age_write(json_int_t age_s, struct buf *out)
{
	static const struct {
		json_int_t below_s, unit_s;
		char letter;
	} UNITS[] = {{120, 1, 's'}, {7200, 60, 'm'}, {48 * 3600, 3600, 'h'}, {INT64_MAX, 86400, 'd'}};
	size_t i = 0;
	while (age_s >= UNITS[i].below_s && UNITS[i].letter != 'd')
		i++;
	return buf_printf(out, "%" JSON_INTEGER_FORMAT "%c", age_s / UNITS[i].unit_s, UNITS[i].letter);
}

enum err cell_age(const json_t *row, const char *key, struct buf *out)
{
	const json_t *value = json_object_get(row, key);
	return json_is_integer(value) ? age_write(json_integer_value(value), out)
	                              : scalar_write(value, out);
}

/* --- rows --------------------------------------------------------------------------------- */

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

static enum err row_take(void *arg, const json_t *row, struct why *why)
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

/* --- printing ----------------------------------------------------------------------------- */

static void json_print(const struct rows *rows)
{
	(void)fputs("[", stdout);
	for (size_t i = 0; i < rows->count; i++) {
		const char *text = (const char *)rows->octets.data + rows->at[i];
		for (size_t cell = 0; cell < rows->listing->sorted_by; cell++)
			text += strlen(text) + 1;
		(void)printf("%s\n%s", i == 0 ? "" : ",", text);
	}
	(void)fputs(rows->count == 0 ? "]\n" : "\n]\n", stdout);
}

/* The titles become a row of their own, behind all others. */
static enum err titles_add(struct rows *rows, size_t *at)
{
	enum err err = ERR_OK;
	*at = rows->octets.size;
	for (size_t i = 0; i < rows->listing->column_count && err == ERR_OK; i++) {
		if (!is_shown(rows, &rows->listing->columns[i]))
			continue;
		err = string_add(rows, bytes_of(rows->listing->columns[i].title));
		rows->table.column_count++;
	}
	return err;
}

static enum err table_print_all(struct rows *rows)
{
	size_t titles;
	enum err err = titles_add(rows, &titles);
	if (err != ERR_OK)
		return err;
	const char *octets = (const char *)rows->octets.data;
	rows->table.width_max = terminal_width(stdout);
	table_measure(&rows->table, octets + titles);
	for (size_t i = 0; i < rows->count; i++)
		table_measure(&rows->table, octets + rows->at[i]);
	table_print(&rows->table, octets + titles, stdout);
	for (size_t i = 0; i < rows->count; i++)
		table_print(&rows->table, octets + rows->at[i], stdout);
	return ERR_OK;
}

static enum status rows_print(struct rows *rows, enum status status)
{
	if (rows->listing->sorted_by != 0 && rows->count != 0)
		qsort_r(rows->at, rows->count, sizeof rows->at[0], row_compare, rows);
	if (rows->options->json) {
		json_print(rows);
	} else if (table_print_all(rows) != ERR_OK) {
		message("no memory for the table");
		return STATUS_NOT_DONE;
	}
	return output_finish(status);
}

enum status listing_run(const struct options *options, const struct listing *listing,
                        json_t *arguments)
{
	assert(listing->column_count <= TABLE_COLUMNS_MAX);
	struct rows rows = {.options = options, .listing = listing};
	bool said;
	buf_init(&rows.octets, ROWS_SIZE_MAX);
	buf_init(&rows.cell, CELL_SIZE_MAX);
	enum status status = control_ask(options, listing->command, arguments, row_take, &rows, &said);
	if (!said)
		status = rows_print(&rows, status);
	buf_free(&rows.octets);
	buf_free(&rows.cell);
	free(rows.at);
	return status;
}

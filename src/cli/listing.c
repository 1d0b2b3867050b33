#include "listing.h"

#include "control_client.h"
#include "follow.h"
#include "rows.h"

#include <assert.h>

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

/* --- asking ------------------------------------------------------------------------------- */

enum status listing_run(const struct options *options, const struct listing *listing,
                        json_t *arguments)
{
	assert(listing->column_count <= TABLE_COLUMNS_MAX);
	struct rows rows;
	bool said;
	if (rows_init(&rows, options, listing) != ERR_OK) {
		message("no memory for the table");
		json_decref(arguments);
		return STATUS_NOT_DONE;
	}
	if (options->watch) {
		enum status followed = rows_follow(&rows, arguments);
		rows_free(&rows);
		return followed;
	}
	enum status status = control_ask(options, listing->command, arguments, rows_take, &rows, &said);
	if (!said && options->json)
		rows_json_print(&rows);
	else if (!said)
		rows_print(&rows, true);
	rows_free(&rows);
	return said ? status : output_finish(status);
}

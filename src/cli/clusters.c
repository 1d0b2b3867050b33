#include "listing.h"

/* As kubectl writes a node that is cordoned. */
static enum err status_write(const json_t *row, const char *key, struct buf *out)
{
	enum err err = cell_value(row, key, out);
	if (err == ERR_OK && json_is_true(json_object_get(row, "withdrawn")))
		err = buf_add(out, bytes_of(",Withdrawn"));
	if (err == ERR_OK && json_is_true(json_object_get(row, "drained")))
		err = buf_add(out, bytes_of(",Drained"));
	return err;
}

/* "5/6": good ones of those that are probed. */
static enum err healthy_write(const json_t *row, const char *key, struct buf *out)
{
	json_int_t good = json_integer_value(json_object_get(row, key)),
			   probed = json_integer_value(json_object_get(row, "probed"));
	return probed == 0
	           ? buf_add(out, bytes_of("-"))
	           : buf_printf(out, "%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT, good, probed);
}

enum status command_clusters(const struct options *options)
{
	static const struct column COLUMNS[] = {
		{"NAME", "name", NULL, false},
		{"STATUS", "status", status_write, false},
		{"REGION", "region", NULL, false},
		{"ZONES", "zones", NULL, false},
		{"SERVICES", "services", NULL, false},
		{"SEEN", "seen", NULL, false},
		{"AGE", "age_s", cell_age, false},
		{"HEALTHY", "good", healthy_write, false},
		{"SERVICES DRAINED", "drained_services", NULL, true},
		{"NOT READY SINCE", "not_ready_since", NULL, true},
		{"WITHDRAWN AT", "withdrawn_at", NULL, true},
	};
	static const char *const NAMES[] = {"name", NULL}, *const MOVING[] = {"age_s", NULL};
	static const struct listing LISTING = {
		"clusters", COLUMNS, sizeof COLUMNS / sizeof COLUMNS[0], 1, NAMES, MOVING, true};
	return listing_run(options, &LISTING, NULL);
}

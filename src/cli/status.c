#include "lines.h"
#include "single.h"
#include "told.h"

static enum err source_write(const json_t *row, const char *key, struct buf *out)
{
	enum err err = cell_value(row, "kind", out);
	if (err == ERR_OK)
		err = buf_add(out, bytes_of(" "));
	return err == ERR_OK ? cell_value(row, key, out) : err;
}

static enum err rcodes_write(const json_t *row, const char *key, struct buf *out)
{
	const char *name;
	json_t *count;
	enum err err = ERR_OK;
	bool any = false;
	json_object_foreach(json_object_get(row, key), name, count)
	{
		if (err != ERR_OK || json_integer_value(count) == 0)
			continue;
		err = buf_printf(out, "%s%s %" JSON_INTEGER_FORMAT, any ? ", " : "", name,
		                 json_integer_value(count));
		any = true;
	}
	return err == ERR_OK && !any ? buf_add(out, bytes_of("-")) : err;
}

/* "pushing spacexnice.xyz: 120 of 4000 changes" */
static enum err provider_write(const json_t *row, const char *key, struct buf *out)
{
	json_int_t pending = told_number(row, "pending"), done = told_number(row, "done");
	enum err err = buf_printf(out, "%s %s", told_text(row, "domain"), told_text(row, key));
	if (err != ERR_OK || pending == 0)
		return err;
	return buf_printf(out, ": %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " changes", done,
	                  done + pending);
}

static enum err provider_counts(const json_t *row, const char *key, struct buf *out)
{
	static const char *const KEYS[] = {"conflicts", "drift", "left_out", "refused", "held"};
	static const char *const WORDS[] = {"in conflict", "drifted", "left out", "refused",
	                                    "held back"};
	enum err err =
		buf_printf(out, "%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " records ours",
	               told_number(row, "ours"), told_number(row, key));
	for (size_t i = 0; err == ERR_OK && i < sizeof KEYS / sizeof KEYS[0]; i++) {
		if (told_number(row, KEYS[i]) != 0)
			err = buf_printf(out, ", %" JSON_INTEGER_FORMAT " %s", told_number(row, KEYS[i]),
			                 WORDS[i]);
	}
	return err;
}

/* "120 targets: 118 healthy, 2 unhealthy" */
static enum err health_write(const json_t *row, const char *key, struct buf *out)
{
	static const char *const STATES[] = {"unknown", "healthy", "failing", "unhealthy",
	                                     "recovering"};
	bool any = false;
	enum err err = buf_printf(out, "%" JSON_INTEGER_FORMAT " target%s", told_number(row, key),
	                          told_number(row, key) == 1 ? "" : "s");
	for (size_t i = 0; err == ERR_OK && i < sizeof STATES / sizeof STATES[0]; i++) {
		if (told_number(row, STATES[i]) == 0)
			continue;
		err = buf_printf(out, "%s %" JSON_INTEGER_FORMAT " %s", any ? "," : ":",
		                 told_number(row, STATES[i]), STATES[i]);
		any = true;
	}
	return err;
}

/* What waits, and for whom. */
static enum err verdicts_write(const json_t *row, const char *key, struct buf *out)
{
	enum err err = buf_printf(out, "%" JSON_INTEGER_FORMAT " unhealthy address%s held back%s",
	                          told_number(row, key), told_number(row, key) == 1 ? "" : "es",
	                          told_number(row, key) == 0 ? "" : " until `fedns approve`");
	if (err == ERR_OK && json_is_true(json_object_get(row, "suspected")))
		err = buf_add(out, bytes_of("; our own network is suspected: answers stay"));
	return err;
}

static const struct line LINES[] = {
	{"state", NULL, "state", NULL, false},
	{"version", NULL, "version", NULL, false},
	{"zone", NULL, "zone", NULL, false},
	{"federation", NULL, "federation", NULL, false},
	{"serial", NULL, "serial", NULL, false},
	{"clusters", NULL, "clusters", NULL, false},
	{"services", NULL, "services", NULL, false},
	{"records", NULL, "records", NULL, false},
	{"source", "source", "path", source_write, false},
	{"stale", "source", "stale", NULL, false},
	{"source read", "source", "age_s", cell_age, false},
	{"refused", "source", "refused", NULL, true},
	{"held back", "source", "held", NULL, false},
	{"provider", "provider", "phase", provider_write, true},
	{"pushed", "provider", "age_s", cell_age, true},
	{"push", "provider", "records", provider_counts, true},
	{"trouble", "provider", "trouble", NULL, true},
	{"health", "health", "targets", health_write, true},
	{"verdicts", "health", "held", verdicts_write, true},
	{"orders", "health", "orders", NULL, true},
	{"listen", NULL, "listen", NULL, false},
	{"workers", NULL, "workers", NULL, false},
	{"uptime", NULL, "uptime_s", cell_age, false},
	{"queries", "answers", "queries", NULL, false},
	{"dropped", "answers", "dropped", NULL, false},
	{"truncated", "answers", "truncated", NULL, false},
	{"rcodes", "answers", "rcodes", rcodes_write, false},
};

#define LINE_COUNT (sizeof LINES / sizeof LINES[0])

static enum err status_print(const json_t *row)
{
	return lines_print(row, LINES, LINE_COUNT);
}

/* A news_printer. */
static enum err news_print(void *arg, const json_t *row, bool *any)
{
	return lines_news_print(arg, row, LINES, LINE_COUNT, any);
}

enum status command_status(const struct options *options)
{
	struct lines_told told = {.silent = options->json};
	return options->watch ? single_follow(options, "status", news_print, &told)
	                      : single_run(options, "status", NULL, status_print);
}

/* `provider`: how the push to the provider is, and what is in its way. */
#include "lines.h"
#include "single.h"
#include "told.h"

#include <string.h>

static enum err add(struct buf *out, const char *text)
{
	return buf_add(out, bytes_of(text));
}

/* "up to date"; "off", with what turns it on */
static enum err phase_write(const json_t *row, const char *key, struct buf *out)
{
	enum err err = cell_value(row, key, out);
	if (err != ERR_OK || strcmp(told_text(row, key), "off") != 0)
		return err;
	return add(out, ": no provider is configured; key \"provider.alidns\" configures one");
}

/* "3 add, 1 delete" */
static enum err counts_write(const json_t *row, const char *key, struct buf *out)
{
	const char *name;
	json_t *count;
	bool any = false;
	enum err err = ERR_OK;
	json_object_foreach(json_object_get(row, key), name, count)
	{
		if (err != ERR_OK || json_integer_value(count) == 0)
			continue;
		err = buf_printf(out, "%s%" JSON_INTEGER_FORMAT " %s", any ? ", " : "",
		                 json_integer_value(count), name);
		any = true;
	}
	return err == ERR_OK && !any ? add(out, "-") : err;
}

/* "held by HOST_UUID, not by us" */
static enum err lease_write(const json_t *row, const char *key, struct buf *out)
{
	const json_t *lease = json_object_get(row, key);
	const char *holder = json_string_value(json_object_get(lease, "holder"));
	if (json_is_true(json_object_get(lease, "leader")))
		return add(out, "held by us");
	if (holder == NULL || holder[0] == '\0')
		return add(out, "held by nobody that we know of");
	return buf_printf(out, "held by %s: nothing is pushed from here", holder);
}

static enum err held_write(const json_t *row, const char *key, struct buf *out)
{
	enum err err = cell_value(row, key, out);
	bool any = json_integer_value(json_object_get(row, key)) != 0;
	return err == ERR_OK && any ? add(out, " deletions until `fedns approve`") : err;
}

/* "3 pushes seen at every server, the last after 120 ms" */
static enum err arrival_write(const json_t *row, const char *key, struct buf *out)
{
	const json_t *took = json_object_get(row, "took_ms");
	enum err err = cell_value(row, key, out);
	if (err != ERR_OK || !json_is_integer(took))
		return err;
	return buf_printf(out, ", the last after %" JSON_INTEGER_FORMAT " ms",
	                  json_integer_value(took));
}

static enum err calls_write(const json_t *row, const char *key, struct buf *out)
{
	size_t i;
	const json_t *call;
	enum err err = ERR_OK;
	json_array_foreach(json_object_get(row, key), i, call)
	{
		if (err == ERR_OK)
			err = buf_printf(out, "%s%s %s %" JSON_INTEGER_FORMAT, i == 0 ? "" : ", ",
			                 told_text(call, "action"), told_text(call, "code"),
			                 told_number(call, "count"));
	}
	return err == ERR_OK && i == 0 ? add(out, "-") : err;
}

static const struct line LINES[] = {
	{"phase", NULL, "phase", phase_write, false},
	{"domain", NULL, "domain", NULL, true},
	{"edition", NULL, "edition", NULL, true},
	{"lease", NULL, "lease", lease_write, true},
	{"pushed", NULL, "age_s", cell_age, true},
	{"pending", NULL, "pending", NULL, true},
	{"done", NULL, "done", NULL, true},
	{"records", NULL, "records", NULL, true},
	{"ours", NULL, "ours", NULL, true},
	{"plan", NULL, "plan", counts_write, true},
	{"in conflict", NULL, "conflicts", NULL, true},
	{"drifted", NULL, "drift", NULL, true},
	{"left out", NULL, "left_out", NULL, true},
	{"refused", NULL, "refused", NULL, true},
	{"held back", NULL, "held", held_write, true},
	{"changed", NULL, "changes", counts_write, true},
	{"arrived", "arrival", "arrived", arrival_write, true},
	{"disagreement", "arrival", "disagreement", NULL, true},
	{"calls", NULL, "calls", calls_write, true},
	{"failures", NULL, "failures", NULL, true},
	{"trouble", NULL, "trouble", NULL, true},
};

static enum err provider_print(const json_t *row)
{
	static const struct line NOTE[] = {{"note", NULL, "text", NULL, false}};
	size_t i;
	const json_t *note;
	enum err err = lines_print(row, LINES, sizeof LINES / sizeof LINES[0]);
	json_array_foreach(json_object_get(row, "notes"), i, note)
	{
		if (err == ERR_OK)
			err = lines_print(note, NOTE, 1);
	}
	return err;
}

/* A news_printer. */
static enum err news_print(void *arg, const json_t *row, bool *any)
{
	return lines_news_print(arg, row, LINES, sizeof LINES / sizeof LINES[0], any);
}

enum status command_provider(const struct options *options)
{
	struct lines_told told = {.silent = options->json};
	return options->watch ? single_follow(options, "provider", news_print, &told)
	                      : single_run(options, "provider", NULL, provider_print);
}

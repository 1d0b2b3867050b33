/* `explain`: the ladder of a name, step by step, and a table of the addresses at each. */
#include "control_client.h"
#include "fedns/utf8.h"
#include "follow.h"
#include "listing.h"
#include "told.h"

#include <string.h>

/* Octets of a step's cells: thousands of addresses at some 300 each. */
#define CELLS_SIZE_MAX ((size_t)64 << 20)
#define COLUMNS        8

/* One step's lines of cells, behind one another, printed when the next step begins. */
struct page {
	struct buf cells;
	size_t lines;
	struct table table;
	bool wide, no_headers, any;
};

static enum err text_add(struct buf *out, const char *text)
{
	return buf_add(out, bytes_of(text));
}

static const char *text_of(const json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

/* --- cells -------------------------------------------------------------------------------- */

/* "no (all-down)" has no place here: what is answered against its verdict says so in its reason. */
static enum err reason_write(const json_t *row, const char *key, struct buf *out)
{
	const char *exception = text_of(row, "exception");
	enum err err = cell_value(row, key, out);
	return err == ERR_OK && exception != NULL ? buf_printf(out, ",%s", exception) : err;
}

static enum err ago_write(const json_t *from, struct buf *out)
{
	const json_t *age = json_object_get(from, "age_s");
	if (!json_is_integer(age))
		return ERR_OK;
	enum err err = text_add(out, ", ");
	if (err == ERR_OK)
		err = age_write(json_integer_value(age), out);
	return err == ERR_OK ? text_add(out, " ago") : err;
}

/* "tcp:443 3 bad, 2s ago: connection refused" */
static enum err probe_write(const json_t *row, const char *key, struct buf *out)
{
	const json_t *probe = json_object_get(row, key);
	const char *why = text_of(probe, "why"), *path = text_of(probe, "path");
	json_int_t bad = told_number(probe, "bad"), good = told_number(probe, "good");
	if (!json_is_object(probe))
		return text_add(out, "-");
	enum err err = buf_printf(out, "%s:%" JSON_INTEGER_FORMAT "%s", told_text(probe, "kind"),
	                          told_number(probe, "port"), path != NULL ? path : "");
	if (err == ERR_OK && bad + good != 0)
		err = buf_printf(out, " %" JSON_INTEGER_FORMAT " %s", bad != 0 ? bad : good,
		                 bad != 0 ? "bad" : "good");
	if (err == ERR_OK)
		err = ago_write(probe, out);
	return err == ERR_OK && why != NULL ? buf_printf(out, ": %s", why) : err;
}

/* "ready, 2s ago" */
static enum err source_write(const json_t *row, const char *key, struct buf *out)
{
	const json_t *source = json_object_get(row, key);
	const char *ready = text_of(source, "ready");
	const char *word = !json_is_true(json_object_get(source, "known"))  ? "unregistered"
	                   : !json_is_true(json_object_get(source, "seen")) ? "unseen"
	                   : ready == NULL || strcmp(ready, "unknown") == 0 ? "ready unknown"
	                   : strcmp(ready, "true") == 0                     ? "ready"
	                                                                    : "not ready";
	enum err err = text_add(out, word);
	return err == ERR_OK ? ago_write(source, out) : err;
}

static enum err next_write(const json_t *row, const char *key, struct buf *out)
{
	const char *at = text_of(row, "next_at");
	enum err err = cell_value(row, key, out);
	return err == ERR_OK && at != NULL ? buf_printf(out, ", at %s", at) : err;
}

static const struct column LINE[COLUMNS] = {
	{"CLUSTER", "cluster", NULL, false},       {"ADDRESS", "address", NULL, false},
	{"ANSWERED", "answered", NULL, false},     {"STATE", "state", NULL, false},
	{"REASON", "reason", reason_write, false}, {"PROBE", "probe", probe_write, false},
	{"SOURCE", "source", source_write, false}, {"NEXT", "next", next_write, false},
};

/* --- a step ------------------------------------------------------------------------------- */

static enum err cell_end(struct page *page, size_t at)
{
	enum err err = buf_add(&page->cells, (struct bytes){(const uint8_t *)"", 1});
	if (err == ERR_OK)
		utf8_clean((char *)page->cells.data + at);
	return err;
}

static enum err titles_add(struct page *page)
{
	enum err err = ERR_OK;
	for (size_t i = 0; i < COLUMNS && err == ERR_OK; i++) {
		size_t at = page->cells.size;
		err = text_add(&page->cells, LINE[i].title);
		if (err == ERR_OK)
			err = cell_end(page, at);
	}
	page->lines++;
	return err;
}

static enum err line_add(struct page *page, const json_t *row)
{
	enum err err = page->lines == 0 ? titles_add(page) : ERR_OK;
	for (size_t i = 0; i < COLUMNS && err == ERR_OK; i++) {
		size_t at = page->cells.size;
		err = (LINE[i].write != NULL ? LINE[i].write : cell_value)(row, LINE[i].key, &page->cells);
		if (err == ERR_OK)
			err = cell_end(page, at);
	}
	page->lines++;
	return err;
}

static const char *line_next(const char *cells)
{
	for (size_t i = 0; i < COLUMNS; i++)
		cells += strlen(cells) + 1;
	return cells;
}

static void page_flush(struct page *page)
{
	const char *titles = (const char *)page->cells.data, *cells = titles;
	page->table = (struct table){.column_count = COLUMNS,
	                             .width_max = page->wide ? 0 : terminal_width(stdout)};
	for (size_t i = 0; i < page->lines; i++, cells = line_next(cells))
		table_measure(&page->table, cells);
	table_settle(&page->table);
	cells = titles;
	for (size_t i = 0; i < page->lines; i++, cells = line_next(cells)) {
		if (i != 0)
			table_print(&page->table, titles, cells, stdout);
		else if (!page->no_headers)
			table_titles_print(&page->table, titles, stdout);
	}
	page->cells.size = page->lines = 0;
}

/* "NAME, region cn-hangzhou: 2 of 3 addresses, TTL 180" */
static void step_print(struct page *page, const json_t *row)
{
	const char *answer = told_text(row, "answer"), *zone = text_of(row, "zone"),
			   *region = text_of(row, "region"), *name = text_of(row, "name"),
			   *reason = text_of(row, "reason");
	json_int_t answered = told_number(row, "v4") + told_number(row, "v6"),
			   listed = told_number(row, "listed");
	/* a paragraph has ended with a blank line already */
	const char *gap = page->any && !page->table.paragraphs ? "\n" : "";
	(void)printf("%s%s, %s%s%s%s%s: ", gap, name == NULL ? "(no name)" : name,
	             told_text(row, "level"), zone == NULL ? "" : " ", zone == NULL ? "" : zone,
	             region == NULL ? ""
	             : zone == NULL ? " "
	                            : ".",
	             region == NULL ? "" : region);
	page->any = true;
	if (strcmp(answer, "addresses") == 0)
		(void)printf("%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " listed addresses",
		             answered, listed);
	else if (strcmp(answer, "nothing") == 0)
		(void)printf("no address (NODATA), %" JSON_INTEGER_FORMAT " listed", listed);
	else
		(void)printf(
			"%s, %" JSON_INTEGER_FORMAT " listed here%s",
			strcmp(answer, "cname") == 0 ? "CNAME to the next level" : "the next level's addresses",
			listed, json_is_true(json_object_get(row, "weak")) ? ", of which too few serve" : "");
	if (reason != NULL)
		(void)printf(" (%s)", reason);
	if (strcmp(answer, "nothing") != 0)
		(void)printf(", TTL %" JSON_INTEGER_FORMAT, told_number(row, "ttl"));
	(void)printf("\n");
}

static enum err row_take(void *arg, const json_t *row, struct why *why)
{
	struct page *page = arg;
	const char *kind = text_of(row, "row");
	enum err err = ERR_OK;
	if (kind != NULL && strcmp(kind, "level") == 0) {
		page_flush(page);
		step_print(page, row);
	} else {
		err = line_add(page, row);
	}
	if (err != ERR_OK)
		why_set(why, "no memory for the table");
	return err;
}

/* --- followed ----------------------------------------------------------------------------- */

/* The steps of a ladder at most, and some. */
#define STEPS_MAX 8

struct followed {
	struct page page;
	bool json;
	json_t *steps[STEPS_MAX]; /* of this round: its rows */
	size_t count;
	uint64_t hashes[STEPS_MAX]; /* of what was told of each */
};

static enum err step_keep(void *arg, const json_t *row, struct why *why)
{
	struct followed *followed = arg;
	const char *kind = text_of(row, "row");
	if (kind != NULL && strcmp(kind, "level") == 0 && followed->count < STEPS_MAX)
		followed->steps[followed->count++] = json_array();
	if (followed->count != 0 &&
	    json_array_append_new(followed->steps[followed->count - 1], json_deep_copy(row)) == 0)
		return ERR_OK;
	why_set(why, "no memory for the table, or the daemon is none of this version");
	return ERR_NOMEM;
}

static enum err row_tell(struct followed *followed, const json_t *row, struct why *why)
{
	if (!followed->json)
		return row_take(&followed->page, row, why);
	if (json_dumpf(row, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
		(void)fputs("\n", stdout);
	return ERR_OK;
}

/* A step again, with all its addresses, when anything of it has changed but ages and counts. */
static enum err step_tell(struct followed *followed, size_t i, struct why *why)
{
	static const char *const MOVING[] = {"age_s", "good", "bad", "next_at", NULL};
	uint64_t hash = 1;
	json_t *row;
	size_t at;
	json_array_foreach(followed->steps[i], at, row)
	{
		if (!content_hash(row, MOVING, &hash)) {
			why_set(why, "no memory for the table");
			return ERR_NOMEM;
		}
	}
	if (hash == followed->hashes[i])
		return ERR_OK;
	followed->hashes[i] = hash;
	enum err err = ERR_OK;
	for (at = 0; at < json_array_size(followed->steps[i]) && err == ERR_OK; at++)
		err = row_tell(followed, json_array_get(followed->steps[i], at), why);
	return err;
}

static enum err steps_tell(void *arg, bool all, struct why *why)
{
	struct followed *followed = arg;
	enum err err = ERR_OK;
	(void)all;
	for (size_t i = 0; i < followed->count; i++) {
		if (err == ERR_OK)
			err = step_tell(followed, i, why);
		json_decref(followed->steps[i]);
	}
	followed->count = 0;
	page_flush(&followed->page);
	return err;
}

static enum status explain_follow(const struct options *options, const struct page *page,
                                  json_t *arguments)
{
	struct followed followed = {.page = *page, .json = options->json};
	const struct follower follower = {"explain", step_keep, steps_tell, &followed, false, false};
	buf_init(&followed.page.cells, CELLS_SIZE_MAX);
	enum status status = follow(options, &follower, arguments);
	for (size_t i = 0; i < followed.count; i++)
		json_decref(followed.steps[i]);
	buf_free(&followed.page.cells);
	return status;
}

static enum status explain_print(const struct options *options, struct page *page,
                                 json_t *arguments)
{
	bool said;
	buf_init(&page->cells, CELLS_SIZE_MAX);
	enum status status = control_ask(options, "explain", arguments, row_take, page, &said);
	page_flush(page);
	buf_free(&page->cells);
	return said ? status : output_finish(status);
}

enum status command_explain(const struct options *options)
{
	static const struct listing ROWS = {"explain", LINE, COLUMNS, 0, NULL, NULL, false};
	if (options->word_count == 0) {
		message("give a name of the zone: fedns explain NAME");
		return STATUS_USAGE;
	}
	json_t *arguments = json_pack("{s:s}", "name", options->words[0]);
	if (arguments == NULL) {
		message("explain: \"%s\" is no name", options->words[0]);
		return STATUS_USAGE;
	}
	struct page page = {.wide = options->wide, .no_headers = options->no_headers};
	if (options->watch)
		return explain_follow(options, &page, arguments);
	return options->json ? listing_run(options, &ROWS, arguments)
	                     : explain_print(options, &page, arguments);
}

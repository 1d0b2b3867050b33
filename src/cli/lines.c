#include "lines.h"

#include "fedns/utf8.h"

#include <assert.h>
#include <string.h>

/* Octets of a line's value; a sentence of the source is the longest. */
#define VALUE_SIZE_MAX ((size_t)64 << 10)

/* The line's value with the NUL behind it; nothing where it is left out. */
static enum err value_write(const json_t *row, const struct line *line, struct buf *value)
{
	const json_t *from = line->within != NULL ? json_object_get(row, line->within) : row;
	const json_t *member = json_object_get(from, line->key);
	value->size = 0;
	if (line->optional && (member == NULL || json_is_null(member)))
		return ERR_OK;
	enum err err = (line->write != NULL ? line->write : cell_value)(from, line->key, value);
	if (err == ERR_OK)
		err = buf_add(value, (struct bytes){(const uint8_t *)"", 1});
	if (err == ERR_OK)
		utf8_clean((char *)value->data);
	return err;
}

static void line_print(const struct line *line, const struct buf *value)
{
	if (value->size != 0)
		(void)printf("%-14s%s\n", line->title, (const char *)value->data);
}

enum err lines_print(const json_t *row, const struct line *lines, size_t count)
{
	struct buf value;
	enum err err = ERR_OK;
	buf_init(&value, VALUE_SIZE_MAX);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		err = value_write(row, &lines[i], &value);
		if (err == ERR_OK)
			line_print(&lines[i], &value);
	}
	buf_free(&value);
	return err;
}

/* What changes by itself, and is no news. */
static bool is_moving(const struct line *line)
{
	static const char *const KEYS[] = {"age_s",     "uptime_s", "queries", "dropped",
	                                   "truncated", "rcodes",   "calls"};
	bool moving = false;
	for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0] && !moving; i++)
		moving = strcmp(line->key, KEYS[i]) == 0;
	return moving;
}

static bool is_news(const struct lines_told *told, const struct line *line, uint64_t hash, size_t i)
{
	return !told->begun || (!is_moving(line) && hash != told->hashes[i]);
}

enum err lines_news_print(struct lines_told *told, const json_t *row, const struct line *lines,
                          size_t count, bool *any)
{
	struct buf value;
	enum err err = ERR_OK;
	assert(count <= LINES_MAX);
	buf_init(&value, VALUE_SIZE_MAX);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		err = value_write(row, &lines[i], &value);
		uint64_t hash = hash_bytes(buf_bytes(&value), 0);
		if (err != ERR_OK || !is_news(told, &lines[i], hash, i))
			continue;
		if (!told->silent && value.size == 0 && told->begun)
			(void)printf("%-14s-\n", lines[i].title); /* there is none any more */
		if (!told->silent)
			line_print(&lines[i], &value);
		told->hashes[i] = hash;
		*any = true;
	}
	told->begun = told->begun || err == ERR_OK;
	buf_free(&value);
	return err;
}

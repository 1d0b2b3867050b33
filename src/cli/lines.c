#include "lines.h"

#include "fedns/utf8.h"

/* Octets of a line's value; a sentence of the source is the longest. */
#define VALUE_SIZE_MAX ((size_t)64 << 10)

static enum err line_print(const json_t *row, const struct line *line, struct buf *value)
{
	const json_t *from = line->within != NULL ? json_object_get(row, line->within) : row;
	const json_t *member = json_object_get(from, line->key);
	if (line->optional && (member == NULL || json_is_null(member)))
		return ERR_OK;
	value->size = 0;
	enum err err = (line->write != NULL ? line->write : cell_value)(from, line->key, value);
	if (err == ERR_OK)
		err = buf_add(value, (struct bytes){(const uint8_t *)"", 1});
	if (err != ERR_OK)
		return err;
	utf8_clean((char *)value->data);
	(void)printf("%-14s%s\n", line->title, (const char *)value->data);
	return ERR_OK;
}

enum err lines_print(const json_t *row, const struct line *lines, size_t count)
{
	struct buf value;
	enum err err = ERR_OK;
	buf_init(&value, VALUE_SIZE_MAX);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = line_print(row, &lines[i], &value);
	buf_free(&value);
	return err;
}

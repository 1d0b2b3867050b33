#include "splitter.h"

#include <string.h>

void splitter_init(struct splitter *splitter)
{
	*splitter = (struct splitter){.depth = 0};
	buf_init(&splitter->text, SPLIT_SIZE_MAX);
}

void splitter_clear(struct splitter *splitter)
{
	buf_free(&splitter->text);
}

void splitter_reset(struct splitter *splitter)
{
	splitter_clear(splitter);
	splitter_init(splitter);
}

static bool is_space(uint8_t octet)
{
	return octet == ' ' || octet == '\n' || octet == '\r' || octet == '\t';
}

/* Count one octet. True: an object ends with it. */
static bool octet_ends(struct splitter *splitter, uint8_t octet)
{
	if (splitter->in_string) {
		if (splitter->escaped)
			splitter->escaped = false;
		else if (octet == '\\')
			splitter->escaped = true;
		else if (octet == '"')
			splitter->in_string = false;
		return false;
	}
	switch (octet) {
	case '"':
		splitter->in_string = true;
		return false;
	case '{':
	case '[':
		splitter->depth++;
		return false;
	case '}':
	case ']':
		return --splitter->depth == 0;
	default:
		return false;
	}
}

/* Where the next object begins at or behind `at`; the end, if there is only space. */
static enum err begin_find(struct bytes text, size_t *at, struct why *why)
{
	while (*at < text.size && is_space(text.data[*at]))
		(*at)++;
	if (*at == text.size || text.data[*at] == '{')
		return ERR_OK;
	why_set(why, "octet 0x%02x where a JSON object should begin", text.data[*at]);
	return ERR_INVALID;
}

/* Give the objects that are whole in `text`, which begins between objects or, up to looked_at, in
 * the middle of one. `*used`: the octets done with. */
static enum err objects_give(struct splitter *splitter, struct bytes text, split_taker *take,
                             void *arg, size_t *used, struct why *why)
{
	size_t begin = 0, at = splitter->looked_at;
	enum err err = ERR_OK;
	while (at < text.size && err == ERR_OK) {
		if (splitter->depth == 0) {
			err = begin_find(text, &at, why);
			begin = at;
			if (err != ERR_OK || at == text.size)
				break;
		}
		if (octet_ends(splitter, text.data[at++])) {
			err = take(arg, (struct bytes){text.data + begin, at - begin}, why);
			begin = at;
		}
	}
	*used = begin;
	splitter->looked_at = at - begin;
	return err;
}

enum err splitter_feed(struct splitter *splitter, struct bytes more, split_taker *take, void *arg,
                       struct why *why)
{
	struct buf *text = &splitter->text;
	bool whole = text->size == 0; /* most reads hold whole objects: these are not copied */
	enum err err = whole ? ERR_OK : buf_add(text, more);
	size_t used = 0;
	struct bytes all = whole ? more : buf_bytes(text);
	if (err == ERR_OK)
		err = objects_give(splitter, all, take, arg, &used, why);
	else
		why_set(why, err == ERR_LIMIT ? "an object of more than 8 MiB" : "no memory");
	if (err != ERR_OK)
		return err;
	if (whole) {
		err = buf_add(text, (struct bytes){more.data + used, more.size - used});
		if (err != ERR_OK)
			why_set(why, err == ERR_LIMIT ? "an object of more than 8 MiB" : "no memory");
		return err;
	}
	if (used == text->size) {
		buf_free(text); /* a quiet watch holds no memory */
	} else if (used != 0) {
		memmove(text->data, text->data + used, text->size - used);
		text->size -= used;
	}
	return ERR_OK;
}

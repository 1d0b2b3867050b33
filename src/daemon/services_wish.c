#include "services_wish.h"

#include <string.h>

static enum err number_read(const json_t *value, size_t *out, struct why *why)
{
	uint64_t number = 0;
	bool good = json_is_integer(value) && json_integer_value(value) > 0;
	if (good)
		number = (uint64_t)json_integer_value(value);
	else
		good = json_is_string(value) && json_string_length(value) != 0 &&
		       bytes_number(bytes_of(json_string_value(value)), SERVICES_PAGE_MAX, &number);
	if (!good || number == 0 || number > SERVICES_PAGE_MAX) {
		why_set(why, "\"limit\" is a number from 1 to %d", SERVICES_PAGE_MAX);
		return ERR_INVALID;
	}
	*out = (size_t)number;
	return ERR_OK;
}

static enum err flag_read(const char *key, const json_t *value, bool *out, struct why *why)
{
	const char *text = json_string_value(value);
	*out = json_is_true(value) ||
	       (text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0));
	if (*out || json_is_false(value) ||
	    (text != NULL && (strcmp(text, "false") == 0 || strcmp(text, "0") == 0)))
		return ERR_OK;
	why_set(why, "\"%s\" is true or false", key);
	return ERR_INVALID;
}

/* Into `out[size_max + 1]`, in lower case, as the model's labels are. */
static enum err text_read(const char *key, const json_t *value, char *out, size_t size_max,
                          struct why *why)
{
	const char *text = json_string_value(value);
	size_t size = json_string_length(value);
	if (text == NULL || size > size_max || strlen(text) != size) {
		why_set(why, "\"%s\" is a text of at most %zu octets", key, size_max);
		return ERR_INVALID;
	}
	for (size_t i = 0; i < size; i++)
		out[i] = (char)octet_lower((uint8_t)text[i]);
	out[size] = '\0';
	return ERR_OK;
}

static enum err argument_read(const char *key, const json_t *value, struct services_wish *out,
                              struct why *why)
{
	if (strcmp(key, "limit") == 0)
		return number_read(value, &out->limit, why);
	if (strcmp(key, "after") == 0)
		return text_read(key, value, out->after, SERVICES_KEY_SIZE_MAX, why);
	if (strcmp(key, "find") == 0)
		return text_read(key, value, out->find, SERVICES_FIND_SIZE_MAX, why);
	if (strcmp(key, "troubled") == 0)
		return flag_read(key, value, &out->troubled, why);
	if (strcmp(key, "levels") == 0)
		return flag_read(key, value, &out->levels, why);
	if (strcmp(key, "summary") == 0)
		return flag_read(key, value, &out->summary, why);
	why_set(why,
	        "this command takes limit, after, find, troubled, levels and summary, no \"%.64s\"",
	        key);
	return ERR_INVALID;
}

enum err services_wish_read(json_t *arguments, struct services_wish *out, struct why *why)
{
	const char *key;
	json_t *value;
	*out = (struct services_wish){.limit = 0};
	json_object_foreach(arguments, key, value)
	{
		enum err err = argument_read(key, value, out, why);
		if (err != ERR_OK)
			return err;
	}
	out->paged = out->limit != 0 || out->after[0] != '\0' || out->troubled || out->summary;
	if (out->limit == 0)
		out->limit = SERVICES_PAGE_DEFAULT;
	return ERR_OK;
}

#include "told.h"

#include <stddef.h>

const char *told_text(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));
	return text != NULL ? text : "-";
}

json_int_t told_number(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

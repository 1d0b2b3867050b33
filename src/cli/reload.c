#include "single.h"

#include <string.h>

static json_int_t number_of(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

static enum err reload_print(const json_t *row)
{
	const char *state = json_string_value(json_object_get(row, "state"));
	json_int_t services = number_of(row, "services"), records = number_of(row, "records");
	(void)printf("configuration read again: %" JSON_INTEGER_FORMAT
	             " service%s, %" JSON_INTEGER_FORMAT " record%s, serial %" JSON_INTEGER_FORMAT "\n",
	             services, services == 1 ? "" : "s", records, records == 1 ? "" : "s",
	             number_of(row, "serial"));
	if (state != NULL && strcmp(state, "serving") != 0)
		message("the state is not good (%s): `fedns status` says why", state);
	return ERR_OK;
}

enum status command_reload(const struct options *options)
{
	return single_run(options, "reload", NULL, reload_print);
}

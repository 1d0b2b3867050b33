#include "single.h"
#include "told.h"

#include <string.h>

static enum err reload_print(const json_t *row)
{
	const char *state = json_string_value(json_object_get(row, "state"));
	json_int_t services = told_number(row, "services"), records = told_number(row, "records");
	(void)printf("configuration read again: %" JSON_INTEGER_FORMAT
	             " service%s, %" JSON_INTEGER_FORMAT " record%s, serial %" JSON_INTEGER_FORMAT "\n",
	             services, services == 1 ? "" : "s", records, records == 1 ? "" : "s",
	             told_number(row, "serial"));
	if (state != NULL && strcmp(state, "serving") != 0)
		message("the state is not good (%s): `fedns status` says why", state);
	return ERR_OK;
}

enum status command_reload(const struct options *options)
{
	return single_run(options, "reload", NULL, reload_print);
}

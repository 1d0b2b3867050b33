#include "cli.h"

enum status config_open(const struct config_flags *flags, struct findings *findings,
                        struct config **out)
{
	struct why why = {{0}};
	enum err err = config_load(flags, findings, out, &why);
	if (err == ERR_OK)
		return STATUS_GOOD;
	message("%s", why.text);
	return err == ERR_NOMEM ? STATUS_NOT_DONE : STATUS_USAGE;
}

#include "cli.h"
#include "fedns/daemon.h"

enum status command_serve(const struct options *options)
{
	struct why why = {{0}};
	enum err err = daemon_run(&options->flags, &why);
	if (err == ERR_OK)
		return STATUS_GOOD;
	message("%s", why.text);
	return err == ERR_INVALID ? STATUS_USAGE : STATUS_NOT_DONE;
}

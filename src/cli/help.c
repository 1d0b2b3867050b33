#include "cli.h"

enum status command_help(const struct options *options)
{
	if (options->word_count == 0) {
		commands_print(stdout);
		return output_finish(STATUS_GOOD);
	}
	const struct command *command = command_find(options->words[0]);
	if (command == NULL) {
		const char *nearest = command_nearest(options->words[0]);
		message("help: unknown command \"%s\"; %s%s%s", options->words[0],
		        nearest != NULL ? "did you mean \"" : "`fedns --help` lists the commands",
		        nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
		return STATUS_USAGE;
	}
	command_help_print(stdout, command);
	return output_finish(STATUS_GOOD);
}

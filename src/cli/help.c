#include "cli.h"

enum status command_help(const struct options *options)
{
	if (options->word_count == 0) {
		commands_print(stdout);
		return output_finish(STATUS_GOOD);
	}
	const struct command *command = command_find(options->words[0]);
	if (command == NULL) {
		message("help: unknown command \"%s\"; `fedns --help` lists the commands",
		        options->words[0]);
		return STATUS_USAGE;
	}
	command_help_print(stdout, command);
	return output_finish(STATUS_GOOD);
}

/* `completion`: what a shell reads to complete our commands, all of it from the tables of commands
 * and options. The names of clusters and services are asked of the daemon when they are wanted. */
#include "completion.h"

#include <string.h>

enum complete complete_of(const char *name, size_t size)
{
	static const struct {
		const char *name;
		enum complete kind;
	} KINDS[] = {
		{"FILE", COMPLETE_FILE},       {"SOCKET", COMPLETE_FILE},     {"CLUSTER", COMPLETE_CLUSTER},
		{"NS/NAME", COMPLETE_SERVICE}, {"COMMAND", COMPLETE_COMMAND},
	};
	for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
		if (strlen(KINDS[i].name) == size && memcmp(KINDS[i].name, name, size) == 0)
			return KINDS[i].kind;
	}
	return memchr(name, '|', size) != NULL ? COMPLETE_WORDS : COMPLETE_NOTHING;
}

bool usage_word(const struct command *command, size_t i, struct usage_word *out)
{
	const char *at = command->usage;
	for (;; i--) {
		at += strspn(at, " [");
		size_t size = strcspn(at, " ]");
		/* what follows is options, or one of them */
		if (size == 0 || *at == '-')
			return false;
		if (i == 0) {
			*out = (struct usage_word){at, size, complete_of(at, size)};
			return true;
		}
		at += size + strspn(at + size, "]");
	}
}

static enum status shell_print(const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		completion_bash_print(stdout);
	else if (strcmp(shell, "zsh") == 0)
		completion_zsh_print(stdout);
	else {
		message("completion: \"%s\": give bash or zsh", shell);
		return STATUS_USAGE;
	}
	return output_finish(STATUS_GOOD);
}

enum status command_completion(const struct options *options)
{
	if (options->word_count == 1)
		return shell_print(options->words[0]);
	message("completion: for which shell? Give bash or zsh");
	return STATUS_USAGE;
}

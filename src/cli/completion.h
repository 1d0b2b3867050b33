/* completion: what words of the command line stand for. */
#ifndef FEDNS_CLI_COMPLETION_H
#define FEDNS_CLI_COMPLETION_H

#include "cli.h"

/* What a shell offers in a word's place. */
enum complete {
	COMPLETE_NOTHING,
	COMPLETE_WORDS, /* those that are named, with | between */
	COMPLETE_FILE,
	COMPLETE_CLUSTER,
	COMPLETE_SERVICE,
	COMPLETE_COMMAND,
};

/** Of what `--help` calls a value or word. */
enum complete complete_of(const char *name, size_t size);

/** A word that is no option, as the command's usage has it. */
struct usage_word {
	const char *text; /* [size], borrowed */
	size_t size;
	enum complete kind;
};

/** The i-th; false: there is none. */
bool usage_word(const struct command *command, size_t i, struct usage_word *out);

/* One file each. */
void completion_bash_print(FILE *to);
void completion_zsh_print(FILE *to);

#endif

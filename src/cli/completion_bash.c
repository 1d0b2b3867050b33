#include "completion.h"

#include <string.h>

static const char HEAD[] =
	"# Completion of fedns for bash: `source <(fedns completion bash)`.\n"
	"\n"
	"# _fedns_ask COMMAND COLUMNS: the first columns of what the line's daemon tells, with / "
	"between.\n"
	"# Whoever writes services names clusters: what the shell would read as more than a word is "
	"left "
	"out.\n"
	"_fedns_ask() {\n"
	"\tlocal i first second rest where=()\n"
	"\tfor ((i = 2; i + 1 < ${#COMP_WORDS[@]}; i++)); do\n"
	"\t\tcase ${COMP_WORDS[i]} in\n"
	"\t\t-s | --socket | -c | --config)\n"
	"\t\t\twhere=(\"${COMP_WORDS[i]}\" \"${COMP_WORDS[i + 1]}\")\n"
	"\t\t\t[ \"${where[1]}\" != = ] || where[1]=${COMP_WORDS[i + 2]}\n"
	"\t\t\t;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\t[ ${#where[@]} -gt 0 ] || return 0\n"
	"\twhile read -r first second rest; do\n"
	"\t\t[ \"$2\" = 1 ] || first=$first/$second\n"
	"\t\t[[ $first == \"$cur\"* && $first =~ ^[[:alnum:]][[:alnum:]._/-]*$ ]] && "
	"COMPREPLY+=(\"$first\")\n"
	"\tdone < <(\"${COMP_WORDS[0]}\" \"$1\" \"${where[@]}\" --no-headers 2>/dev/null)\n"
	"}\n";

static const char TAIL[] =
	"\n"
	"# _fedns_offer KIND...: what may stand in a place.\n"
	"_fedns_offer() {\n"
	"\tcase $1 in\n"
	"\t@file)\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\t\t;;\n"
	"\t@cluster) _fedns_ask clusters 1 ;;\n"
	"\t@service) _fedns_ask services 2 ;;\n"
	"\t@none) ;;\n"
	"\t@command) mapfile -t COMPREPLY < <(compgen -W \"$(_fedns_commands)\" -- \"$cur\") ;;\n"
	"\t*) mapfile -t COMPREPLY < <(compgen -W \"$*\" -- \"$cur\") ;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"_fedns() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} "
	"command=${COMP_WORDS[1]}\n"
	"\tlocal i kind words=1\n"
	"\tCOMPREPLY=()\n"
	"\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$(_fedns_commands) --help --version\" -- \"$cur\")\n"
	"\t\treturn\n"
	"\tfi\n"
	"\t# readline makes three words of --output=json\n"
	"\tif [ \"$cur\" = = ]; then\n"
	"\t\tcur=\n"
	"\telif [ \"$prev\" = = ]; then\n"
	"\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	"\tfi\n"
	"\tkind=$(_fedns_value \"$command:$prev\")\n"
	"\tif [ -n \"$kind\" ]; then\n"
	"\t\t# shellcheck disable=SC2086 # words\n"
	"\t\t_fedns_offer $kind\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif [[ $cur == -* ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$(_fedns_options \"$command\")\" -- \"$cur\")\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	"\t\tif [ -n \"$(_fedns_value \"$command:${COMP_WORDS[i]}\")\" ]; then\n"
	"\t\t\t((i++))\n"
	"\t\t\t[ \"${COMP_WORDS[i]}\" = = ] && ((i++))\n"
	"\t\telif [[ ${COMP_WORDS[i]} != -* ]]; then\n"
	"\t\t\t((words++))\n"
	"\t\tfi\n"
	"\tdone\n"
	"\tkind=$(_fedns_word \"$command:$words\")\n"
	"\t# shellcheck disable=SC2086 # words\n"
	"\t[ -z \"$kind\" ] || _fedns_offer $kind\n"
	"}\n"
	"\n"
	"complete -F _fedns fedns\n";

static void commands_print_bash(FILE *to)
{
	const struct command *command;
	(void)fputs("\n_fedns_commands() {\n\techo", to);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		if (command->run != NULL)
			(void)fprintf(to, " %s", command->name);
	}
	(void)fputs("\n}\n", to);
}

static void options_print(FILE *to)
{
	const struct command *command;
	const struct option_row *row;
	(void)fputs("\n# _fedns_options COMMAND\n_fedns_options() {\n\tcase $1 in\n", to);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		if (command->run == NULL)
			continue;
		(void)fprintf(to, "\t%s) echo '", command->name);
		for (size_t at = 0; (row = option_row_of(command, at)) != NULL; at++) {
			if (row->id <= OPTION_LETTER_MAX)
				(void)fprintf(to, "-%c ", row->id);
			(void)fprintf(to, "--%s ", row->name);
		}
		(void)fputs("' ;;\n", to);
	}
	(void)fputs("\tesac\n}\n", to);
}

/* `text`, with | between its words, where that is what the kind means. */
static void kind_print(FILE *to, enum complete kind, const char *text, size_t size)
{
	static const char *const KINDS[] = {
		[COMPLETE_NOTHING] = "@none",    [COMPLETE_FILE] = "@file",
		[COMPLETE_CLUSTER] = "@cluster", [COMPLETE_SERVICE] = "@service",
		[COMPLETE_COMMAND] = "@command",
	};
	if (kind != COMPLETE_WORDS) {
		(void)fputs(KINDS[kind], to);
		return;
	}
	for (size_t i = 0; i < size; i++)
		(void)fputc(text[i] == '|' ? ' ' : text[i], to);
}

static void value_print(FILE *to, const struct command *command, const struct option_row *row)
{
	(void)fprintf(to, "\t%s:--%s", command->name, row->name);
	if (row->id <= OPTION_LETTER_MAX)
		(void)fprintf(to, " | %s:-%c", command->name, row->id);
	(void)fputs(") echo ", to);
	if (row->words != NULL)
		(void)fputs(row->words, to);
	else
		kind_print(to, complete_of(row->value, strlen(row->value)), row->value, strlen(row->value));
	(void)fputs(" ;;\n", to);
}

static void values_print(FILE *to)
{
	const struct command *command;
	const struct option_row *row;
	(void)fputs("\n# _fedns_value COMMAND:OPTION: what is its value; nothing where it takes none\n"
	            "_fedns_value() {\n\tcase $1 in\n",
	            to);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		for (size_t at = 0; command->run != NULL && (row = option_row_of(command, at)) != NULL;
		     at++) {
			if (row->value != NULL)
				value_print(to, command, row);
		}
	}
	(void)fputs("\tesac\n}\n", to);
}

static void words_print(FILE *to)
{
	const struct command *command;
	struct usage_word word;
	(void)fputs("\n# _fedns_word COMMAND:PLACE: what may stand there\n"
	            "_fedns_word() {\n\tcase $1 in\n",
	            to);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		for (size_t at = 0; command->run != NULL && usage_word(command, at, &word); at++) {
			(void)fprintf(to, "\t%s:%zu) echo ", command->name, at + 1);
			kind_print(to, word.kind, word.text, word.size);
			(void)fputs(" ;;\n", to);
		}
	}
	(void)fputs("\tesac\n}\n", to);
}

void completion_bash_print(FILE *to)
{
	(void)fputs(HEAD, to);
	commands_print_bash(to);
	options_print(to);
	values_print(to);
	words_print(to);
	(void)fputs(TAIL, to);
}

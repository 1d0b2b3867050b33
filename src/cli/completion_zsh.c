#include "completion.h"

#include <string.h>

static const char HEAD[] =
	"#compdef fedns\n"
	"# Completion of fedns for zsh: in a folder of $fpath, as _fedns.\n"
	"\n"
	"# _fedns_ask COMMAND COLUMNS: the first columns of what the line's daemon tells, with / "
	"between.\n"
	"_fedns_ask() {\n"
	"\tlocal -a where lines found\n"
	"\tlocal i line\n"
	"\tfor ((i = 1; i < $#words; i++)); do\n"
	"\t\tcase $words[i] in\n"
	"\t\t-s | --socket | -c | --config) where=($words[i] ${(Q)words[i + 1]}) ;;\n"
	"\t\t--socket=* | --config=*) where=(${(Q)words[i]}) ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\t(( $#where )) || return 1\n"
	"\tlines=(${(f)\"$(fedns $1 $where --no-headers 2>/dev/null)\"})\n"
	"\tfor line in $lines; do\n"
	"\t\tfound+=(${(j:/:)${=line}[1,$2]})\n"
	"\tdone\n"
	"\tcompadd -a found\n"
	"}\n"
	"_fedns_clusters() { _fedns_ask clusters 1 }\n"
	"_fedns_services() { _fedns_ask services 2 }\n";

/* Within single quotes, and within the brackets or between the colons of a specification. */
static void quoted_print(FILE *to, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\'')
			(void)fputs("'\\''", to);
		else if (strchr("[]:\\", text[i]) != NULL)
			(void)fprintf(to, "\\%c", text[i]);
		else
			(void)fputc(text[i], to);
	}
}

static void commands_print_zsh(FILE *to)
{
	const struct command *command;
	(void)fputs("\n_fedns_commands() {\n\tlocal -a commands=(\n", to);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		if (command->run == NULL)
			continue;
		(void)fprintf(to, "\t\t'%s:", command->name);
		quoted_print(to, command->help, strlen(command->help));
		(void)fputs("'\n", to);
	}
	(void)fputs("\t)\n\t_describe -t commands command commands\n}\n", to);
}

/* ":NAME:ACTION" */
static void action_print(FILE *to, const char *name, size_t size, const char *words)
{
	static const char *const ACTIONS[] = {
		[COMPLETE_NOTHING] = "( )",
		[COMPLETE_FILE] = "_files",
		[COMPLETE_CLUSTER] = "_fedns_clusters",
		[COMPLETE_SERVICE] = "_fedns_services",
		[COMPLETE_COMMAND] = "_fedns_commands",
	};
	enum complete kind = complete_of(name, size);
	(void)fputc(':', to);
	quoted_print(to, name, size);
	(void)fputc(':', to);
	if (words != NULL) {
		(void)fprintf(to, "(%s)", words);
		return;
	}
	if (kind != COMPLETE_WORDS) {
		(void)fputs(ACTIONS[kind], to);
		return;
	}
	(void)fputc('(', to);
	for (size_t i = 0; i < size; i++)
		(void)fputc(name[i] == '|' ? ' ' : name[i], to);
	(void)fputc(')', to);
}

static bool is_repeated(const struct option_row *row)
{
	return row->id == OPTION_LISTEN || row->id == OPTION_NAMESERVER || row->id == OPTION_EXEC_ALLOW;
}

static void option_print(FILE *to, const struct option_row *row)
{
	const char *often = is_repeated(row) ? "*" : "";
	const char *value = row->value != NULL ? "=" : "";
	(void)fputs(" \\\n\t\t\t", to);
	if (row->id <= OPTION_LETTER_MAX)
		(void)fprintf(to, "'(-%c --%s)'{-%c,--%s%s}'[", row->id, row->name, row->id, row->name,
		              value);
	else
		(void)fprintf(to, "'%s--%s%s[", often, row->name, value);
	quoted_print(to, row->help, strlen(row->help));
	(void)fputc(']', to);
	if (row->value != NULL)
		action_print(to, row->value, strlen(row->value), row->words);
	(void)fputc('\'', to);
}

static void command_print(FILE *to, const struct command *command)
{
	const struct option_row *row;
	struct usage_word word;
	(void)fprintf(to, "\t%s)\n\t\t_arguments -s", command->name);
	for (size_t i = 0; (row = option_row_of(command, i)) != NULL; i++)
		option_print(to, row);
	for (size_t i = 0; usage_word(command, i, &word); i++) {
		(void)fprintf(to, " \\\n\t\t\t'%zu", i + 1);
		action_print(to, word.text, word.size, NULL);
		(void)fputc('\'', to);
	}
	(void)fputs("\n\t\t;;\n", to);
}

void completion_zsh_print(FILE *to)
{
	const struct command *command;
	(void)fputs(HEAD, to);
	commands_print_zsh(to);
	(void)fputs("\n_fedns() {\n"
	            "\tif (( CURRENT == 2 )); then\n\t\t_fedns_commands\n\t\treturn\n\tfi\n"
	            "\tshift words\n\t(( CURRENT-- ))\n\tcase $words[1] in\n",
	            to);
	for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
		if (command->run != NULL)
			command_print(to, command);
	}
	(void)fputs("\tesac\n}\n\n"
	            "# loaded by its name it completes at once; sourced, it is registered\n"
	            "if [[ $funcstack[1] == _fedns ]]; then\n\t_fedns \"$@\"\nelse\n"
	            "\tcompdef _fedns fedns\nfi\n",
	            to);
}

/* The one table of options: reading, `--help` and the shells' completion all come of it. */
#include "cli.h"

#include <string.h>

/* An option that says another thing in another command has a row for each. */
static const struct option_row ROWS[] = {
	{"config", 'c', "FILE", OPTIONS_CONFIG, NULL,
     "configuration (YAML); a flag wins over it, and without it the flags are all"},
	{"federation", OPTION_FEDERATION, "NAME", OPTIONS_CONFIG, NULL, "key `federation`"},
	{"dns-zone-name", OPTION_ZONE, "ZONE", OPTIONS_CONFIG, NULL, "key `zone`"},
	{"dns-provider", OPTION_PROVIDER, "NAME", OPTIONS_CONFIG, "alidns", "key `provider`: alidns"},
	{"dns-provider-config", OPTION_PROVIDER_CONFIG, "FILE", OPTIONS_CONFIG, NULL,
     "key `provider.alidns.config`"},
	{"source-file", OPTION_SOURCE_FILE, "FILE", OPTIONS_CONFIG, NULL, "key `source.file`"},
	{"listen", OPTION_LISTEN, "ADDRESS:PORT", OPTIONS_CONFIG, NULL,
     "key `listen`; several times, or with commas"},
	{"output", 'o', "FORMAT", OPTIONS_OUTPUT, "zone json", "zone (default) or json"},
	{"output", 'o', "FORMAT", OPTIONS_TEXT, "text json", "text (default) or json"},
	{"output", 'o', "FORMAT", OPTIONS_TABLE, "table json", "table (default) or json"},
	{"socket", 's', "SOCKET", OPTIONS_CONTROL, NULL, "the daemon's control socket"},
	{"config", 'c', "FILE", OPTIONS_CONTROL, NULL,
     "the configuration whose key `control` names it"},
	{"output", 'o', "FORMAT", OPTIONS_CONTROL, "table wide json",
     "table (default), wide (more columns, and nothing cut) or json"},
	{"watch", 'w', NULL, OPTIONS_WATCH, NULL,
     "then what changes, as it does; until interrupted, also while the daemon restarts"},
	{"no-headers", OPTION_NO_HEADERS, NULL, OPTIONS_LIST, NULL, "the table without its titles"},
	{"context", OPTION_CONTEXT, "CONTEXT", OPTIONS_MEMBER, NULL,
     "of the kubeconfig; else its current one"},
	{"kubeconfig", OPTION_KUBECONFIG, "FILE", OPTIONS_MEMBER, NULL,
     "else as kubectl finds one, from the daemon's environment"},
	{"service", OPTION_SERVICE, "NS/NAME", OPTIONS_SERVICE, NULL,
     "that service in the cluster alone"},
	{"strict", OPTION_STRICT, NULL, OPTIONS_STRICT, NULL, "a warning counts as an error"},
	{"host-cluster-context", OPTION_HOST_CONTEXT, "CONTEXT", OPTIONS_INIT, NULL,
     "of the cluster that fedns is to run in"},
	{"dns-zone-name", OPTION_ZONE, "ZONE", OPTIONS_INIT, NULL, "the domain of the names"},
	{"federation", OPTION_FEDERATION, "NAME", OPTIONS_INIT, NULL,
     "the third label of the names; default: fed"},
	{"dns-provider", OPTION_PROVIDER, "NAME", OPTIONS_INIT, "alidns",
     "where the records are pushed: alidns; default: nowhere"},
	{"dns-provider-config", OPTION_PROVIDER_CONFIG, "FILE", OPTIONS_INIT, NULL,
     "alidns.yaml, which becomes a Secret; without it the vendor's chain of credentials"},
	{"overlay", OPTION_OVERLAY, "NAME", OPTIONS_INIT, "delegated push ack",
     "delegated, push or ack; default: push with a provider, else delegated"},
	{"nameserver", OPTION_NAMESERVER, "NAME=ADDRESS,ADDRESS", OPTIONS_INIT, NULL,
     "of the zone; several times"},
	{"cluster-name", OPTION_CLUSTER_NAME, "NAME", OPTIONS_INIT, NULL,
     "what the host cluster is called; default: its context"},
	{"member-kubeconfig", OPTION_MEMBERS, "FILE", OPTIONS_INIT, NULL,
     "of the other members, a context each; becomes a Secret"},
	{"namespace", OPTION_NAMESPACE, "NAME", OPTIONS_INIT, NULL, "default: fedns"},
	{"federation-system-namespace", OPTION_NAMESPACE, "NAME", OPTIONS_INIT, NULL,
     "the same, as kubefed calls it"},
	{"image", OPTION_IMAGE, "IMAGE", OPTIONS_INIT, NULL, "default: fedns:VERSION"},
	{"replicas", OPTION_REPLICAS, "NUMBER", OPTIONS_INIT, NULL, "default: 2"},
	{"kubeconfig", OPTION_KUBECONFIG, "FILE", OPTIONS_INIT, NULL, "else as kubectl finds one"},
	{"exec-allow", OPTION_EXEC_ALLOW, "PROGRAM", OPTIONS_INIT, NULL,
     "may be run for credentials, if the kubeconfig says so; several times"},
	{"apply", OPTION_APPLY, NULL, OPTIONS_INIT, NULL,
     "bring the objects to the cluster, rather than print them"},
	{"force-conflicts", OPTION_FORCE, NULL, OPTIONS_INIT, NULL,
     "take the fields that others have changed since"},
	{"help", 'h', NULL, OPTIONS_ALL, NULL, "this text"},
};

const struct option_row *option_row(size_t i)
{
	return i < sizeof ROWS / sizeof ROWS[0] ? &ROWS[i] : NULL;
}

const struct option_row *option_row_of(const struct command *command, size_t i)
{
	for (size_t at = 0; at < sizeof ROWS / sizeof ROWS[0]; at++) {
		bool known = ROWS[at].sets == OPTIONS_ALL || (ROWS[at].sets & command->options) != 0;
		if (known && i-- == 0)
			return &ROWS[at];
	}
	return NULL;
}

/* Where the texts of options begin, and where their lines end. */
#define TEXT_AT  30
#define LINE_END 108

/* Words, broken at blanks. */
static void text_print(FILE *to, const char *text)
{
	size_t room = LINE_END - TEXT_AT, column = 0;
	while (*text != '\0') {
		size_t word = strcspn(text, " ");
		if (column != 0 && column + 1 + word > room) {
			(void)fprintf(to, "\n%*s", TEXT_AT, "");
			column = 0;
		}
		(void)fprintf(to, "%s%.*s", column != 0 ? " " : "", (int)word, text);
		column += word + (column != 0);
		text += word;
		text += strspn(text, " ");
	}
	(void)fputc('\n', to);
}

static void row_print(FILE *to, const struct option_row *row)
{
	int at = row->id <= OPTION_LETTER_MAX ? fprintf(to, "  -%c, --%s", row->id, row->name)
	                                      : fprintf(to, "      --%s", row->name);
	if (row->value != NULL)
		at += fprintf(to, " %s", row->value);
	if (at > TEXT_AT - 2) {
		(void)fputc('\n', to);
		at = 0;
	}
	(void)fprintf(to, "%*s", TEXT_AT - at, "");
	text_print(to, row->help);
}

void command_help_print(FILE *to, const struct command *command)
{
	const struct option_row *row;
	(void)fprintf(to, "fedns %s: %s\n\nusage: fedns %s%s%s\n\n", command->name, command->help,
	              command->name, command->usage[0] != '\0' ? " " : "", command->usage);
	for (size_t i = 0; (row = option_row_of(command, i)) != NULL; i++)
		row_print(to, row);
	if (command->more[0] != '\0')
		(void)fprintf(to, "\n%s\n", command->more);
}

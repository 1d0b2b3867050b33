#include "cli.h"

#include <assert.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>

/* The longest of ours, with its dashes. */
#define OPTION_TEXT_SIZE 32

/* The table as getopt_long() wants it. */
struct spelled {
	struct option names[OPTION_ROWS_MAX + 1];
	char letters[2 * OPTION_ROWS_MAX + 2];
};

static bool is_spelled(const struct spelled *spelled, const char *name)
{
	const struct option *known = spelled->names;
	while (known->name != NULL && strcmp(known->name, name) != 0)
		known++;
	return known->name != NULL;
}

static void spell(struct spelled *out)
{
	const struct option_row *row;
	size_t names = 0, letters = 0;
	memset(out, 0, sizeof *out);
	out->letters[letters++] = ':';
	for (size_t i = 0; (row = option_row(i)) != NULL; i++) {
		assert(i < OPTION_ROWS_MAX);
		if (is_spelled(out, row->name))
			continue;
		int has_arg = row->value != NULL ? required_argument : no_argument;
		out->names[names++] = (struct option){row->name, has_arg, NULL, row->id};
		if (row->id > OPTION_LETTER_MAX)
			continue;
		out->letters[letters++] = (char)row->id;
		if (row->value != NULL)
			out->letters[letters++] = ':';
	}
}

/* The row of option `id` for this command; NULL: it is not for it. */
static const struct option_row *row_of(const struct command *command, int id)
{
	const struct option_row *row;
	for (size_t i = 0; (row = option_row_of(command, i)) != NULL; i++) {
		if (row->id == id)
			return row;
	}
	return NULL;
}

static bool listen_add(struct options *options, const char *value)
{
	if (options->flags.listen_count == LISTEN_MAX) {
		message("--listen is given more than %d times", LISTEN_MAX);
		return false;
	}
	options->listen[options->flags.listen_count++] = value;
	return true;
}

static bool list_add(const char *flag, const char **list, size_t *count, const char *value)
{
	if (*count == INIT_LIST_MAX) {
		message("--%s is given more than %d times", flag, INIT_LIST_MAX);
		return false;
	}
	list[(*count)++] = value;
	return true;
}

static bool init_take(struct init_options *init, int id, const char *value)
{
	const char **const FIELDS[] = {
		[OPTION_HOST_CONTEXT - OPTION_INIT_FIRST] = &init->host_context,
		[OPTION_NAMESPACE - OPTION_INIT_FIRST] = &init->namespace,
		[OPTION_IMAGE - OPTION_INIT_FIRST] = &init->image,
		[OPTION_CLUSTER_NAME - OPTION_INIT_FIRST] = &init->cluster,
		[OPTION_OVERLAY - OPTION_INIT_FIRST] = &init->overlay,
		[OPTION_REPLICAS - OPTION_INIT_FIRST] = &init->replicas,
		[OPTION_MEMBERS - OPTION_INIT_FIRST] = &init->members,
	};
	switch (id) {
	case OPTION_NAMESERVER:
		return list_add("nameserver", init->nameservers, &init->nameserver_count, value);
	case OPTION_EXEC_ALLOW:
		return list_add("exec-allow", init->exec_allow, &init->exec_allow_count, value);
	case OPTION_APPLY:
		init->apply = true;
		return true;
	case OPTION_FORCE:
		init->force = true;
		return true;
	default:
		*FIELDS[id - OPTION_INIT_FIRST] = value;
		return true;
	}
}

static bool output_take(const struct option_row *row, struct options *options, const char *value)
{
	const char *known = row->words;
	size_t size = strlen(value);
	for (bool first = true; *known != '\0'; first = false) {
		size_t word = strcspn(known, " ");
		if (word == size && memcmp(known, value, size) == 0) {
			options->json = !first && strcmp(value, "json") == 0;
			options->wide = !first && strcmp(value, "wide") == 0;
			return true;
		}
		known += word;
		known += strspn(known, " ");
	}
	message("--output is \"%s\": give %s", value, row->help);
	return false;
}

/* The config_flags field that option `id` fills, or NULL. */
static const char **flag_of(struct config_flags *flags, int id)
{
	switch (id) {
	case 'c':
		return &flags->file;
	case OPTION_FEDERATION:
		return &flags->federation;
	case OPTION_ZONE:
		return &flags->dns_zone_name;
	case OPTION_PROVIDER:
		return &flags->dns_provider;
	case OPTION_PROVIDER_CONFIG:
		return &flags->dns_provider_config;
	case OPTION_SOURCE_FILE:
		return &flags->source_file;
	default:
		return NULL;
	}
}

/* Those that have a field of struct options to themselves. */
static const char **text_of(struct options *options, int id)
{
	switch (id) {
	case 's':
		return &options->socket;
	case OPTION_CONTEXT:
		return &options->context;
	case OPTION_KUBECONFIG:
		return &options->kubeconfig;
	case OPTION_SERVICE:
		return &options->service;
	default:
		return flag_of(&options->flags, id);
	}
}

static bool *switch_of(struct options *options, int id)
{
	switch (id) {
	case 'w':
		return &options->watch;
	case OPTION_NO_HEADERS:
		return &options->no_headers;
	case OPTION_STRICT:
		return &options->strict;
	default:
		assert(id == 'h');
		return &options->help;
	}
}

static bool option_take(const struct option_row *row, struct options *options, const char *value)
{
	const char **text = text_of(options, row->id);
	if (row->id >= OPTION_INIT_FIRST)
		return init_take(&options->init, row->id, value);
	if (row->id == OPTION_LISTEN)
		return listen_add(options, value);
	if (row->id == 'o')
		return output_take(row, options, value);
	if (text != NULL)
		*text = value;
	else
		*switch_of(options, row->id) = true;
	return true;
}

static bool option_refuse(const struct command *command, const char *option, const char *reason)
{
	message("%s: option %s %s; see `fedns %s --help`", command->name, option, reason,
	        command->name);
	return false;
}

/* The command's option that `typed` may have meant; NULL: none. */
static const char *nearest_of(const struct command *command, const char *typed)
{
	const struct option_row *row;
	const char *nearest = NULL;
	unsigned least = UINT_MAX;
	if (strncmp(typed, "--", 2) != 0)
		return NULL;
	struct bytes word = {(const uint8_t *)typed + 2, strcspn(typed + 2, "=")};
	for (size_t i = 0; (row = option_row_of(command, i)) != NULL; i++) {
		unsigned distance = word_distance(word, row->name);
		if (distance >= least)
			continue;
		least = distance;
		nearest = row->name;
	}
	return nearest;
}

static bool unknown_refuse(const struct command *command, const char *typed)
{
	const char *nearest = nearest_of(command, typed);
	if (nearest == NULL)
		return option_refuse(command, typed, "is unknown, or takes no value");
	message("%s: option %s is unknown, or takes no value; did you mean --%s?", command->name, typed,
	        nearest);
	return false;
}

static bool option_read(const struct command *command, const struct spelled *spelled, int id,
                        const char *typed, struct options *out)
{
	char known[OPTION_TEXT_SIZE];
	if (id == ':')
		return option_refuse(command, typed, "needs a value");
	if (id == '?')
		return unknown_refuse(command, typed);
	const struct option_row *row = row_of(command, id);
	bool is_path = row != NULL && (id == 'c' || id == 's');
	if (is_path && optarg[0] == '\0') { /* of a variable that isn't set */
		(void)snprintf(known, sizeof known, "--%s", row->name);
		return option_refuse(command, known, "needs a value");
	}
	if (row != NULL)
		return option_take(row, out, optarg);
	const struct option *option = spelled->names;
	while (option->val != id)
		option++;
	(void)snprintf(known, sizeof known, "--%s", option->name);
	return option_refuse(command, known, "is not for this command");
}

bool options_read(const struct command *command, int argc, char **argv, struct options *out)
{
	struct spelled spelled;
	*out = (struct options){.flags = {.file = NULL}};
	opterr = 0; /* the messages are ours */
	spell(&spelled);
	int id;
	while ((id = getopt_long(argc, argv, spelled.letters, spelled.names, NULL)) != -1) {
		if (!option_read(command, &spelled, id, argv[optind - 1], out))
			return false;
	}
	out->flags.listen = out->listen;
	out->words = argv + optind;
	out->word_count = argc - optind;
	if (out->help || out->word_count <= command->words_max)
		return true;
	message("%s: \"%s\" is one word too many; see `fedns %s --help`", command->name,
	        out->words[command->words_max], command->name);
	return false;
}

#include "cli.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

/* What getopt_long() returns for each; above all letters. */
enum option_id {
	OPTION_FEDERATION = 256,
	OPTION_ZONE,
	OPTION_PROVIDER,
	OPTION_PROVIDER_CONFIG,
	OPTION_SOURCE_FILE,
	OPTION_LISTEN,
	OPTION_STRICT,
	OPTION_CONTEXT,
	OPTION_KUBECONFIG,
	OPTION_SERVICE,
	OPTION_INIT_FIRST, /* from here on, of `init` alone */
	OPTION_HOST_CONTEXT = OPTION_INIT_FIRST,
	OPTION_NAMESPACE,
	OPTION_IMAGE,
	OPTION_CLUSTER_NAME,
	OPTION_OVERLAY,
	OPTION_REPLICAS,
	OPTION_MEMBERS,
	OPTION_NAMESERVER,
	OPTION_EXEC_ALLOW,
	OPTION_APPLY,
	OPTION_FORCE,
};

static const struct option LONG[] = {
	{"config", required_argument, NULL, 'c'},
	{"socket", required_argument, NULL, 's'},
	{"output", required_argument, NULL, 'o'},
	{"help", no_argument, NULL, 'h'},
	{"federation", required_argument, NULL, OPTION_FEDERATION},
	{"dns-zone-name", required_argument, NULL, OPTION_ZONE},
	{"dns-provider", required_argument, NULL, OPTION_PROVIDER},
	{"dns-provider-config", required_argument, NULL, OPTION_PROVIDER_CONFIG},
	{"source-file", required_argument, NULL, OPTION_SOURCE_FILE},
	{"listen", required_argument, NULL, OPTION_LISTEN},
	{"strict", no_argument, NULL, OPTION_STRICT},
	{"context", required_argument, NULL, OPTION_CONTEXT},
	{"kubeconfig", required_argument, NULL, OPTION_KUBECONFIG},
	{"service", required_argument, NULL, OPTION_SERVICE},
	{"host-cluster-context", required_argument, NULL, OPTION_HOST_CONTEXT},
	{"namespace", required_argument, NULL, OPTION_NAMESPACE},
	{"federation-system-namespace", required_argument, NULL, OPTION_NAMESPACE},
	{"image", required_argument, NULL, OPTION_IMAGE},
	{"cluster-name", required_argument, NULL, OPTION_CLUSTER_NAME},
	{"overlay", required_argument, NULL, OPTION_OVERLAY},
	{"replicas", required_argument, NULL, OPTION_REPLICAS},
	{"member-kubeconfig", required_argument, NULL, OPTION_MEMBERS},
	{"nameserver", required_argument, NULL, OPTION_NAMESERVER},
	{"exec-allow", required_argument, NULL, OPTION_EXEC_ALLOW},
	{"apply", no_argument, NULL, OPTION_APPLY},
	{"force-conflicts", no_argument, NULL, OPTION_FORCE},
	{NULL, 0, NULL, 0},
};

static const char CONFIG_HELP[] =
	"  -c, --config FILE           configuration (YAML); a flag wins over it, and without it the "
	"flags are all\n"
	"      --federation NAME       key `federation`\n"
	"      --dns-zone-name ZONE    key `zone`\n"
	"      --dns-provider NAME     key `provider`: alidns\n"
	"      --dns-provider-config FILE\n"
	"                              key `provider.alidns.config`\n"
	"      --source-file FILE      key `source.file`\n"
	"      --listen ADDRESS:PORT   key `listen`; several times, or with commas\n";

static const char CONTROL_HELP[] =
	"  -s, --socket SOCKET         the daemon's control socket\n"
	"  -c, --config FILE           the configuration whose key `control` names it\n"
	"  -o, --output FORMAT         table (default), wide (more columns) or json\n";

static const char INIT_HELP[] =
	"      --host-cluster-context CONTEXT\n"
	"                              of the cluster that fedns is to run in\n"
	"      --dns-zone-name ZONE    the domain of the names\n"
	"      --federation NAME       the third label of the names; default: fed\n"
	"      --dns-provider NAME     where the records are pushed: alidns; default: nowhere\n"
	"      --dns-provider-config FILE\n"
	"                              alidns.yaml, which becomes a Secret; without it the vendor's "
	"chain of credentials\n"
	"      --overlay NAME          delegated, push or ack; default: push with a provider, else "
	"delegated\n"
	"      --nameserver NAME=ADDRESS,ADDRESS\n"
	"                              of the zone; several times\n"
	"      --cluster-name NAME     what the host cluster is called; default: its context\n"
	"      --member-kubeconfig FILE\n"
	"                              of the other members, each a context; becomes a Secret\n"
	"      --namespace NAME        default: fedns (also --federation-system-namespace)\n"
	"      --image IMAGE           default: fedns:VERSION\n"
	"      --replicas NUMBER       default: 2\n"
	"      --kubeconfig FILE       else as kubectl finds one\n"
	"      --exec-allow COMMAND    may be run for credentials, if the kubeconfig says so; several "
	"times\n"
	"      --apply                 bring the objects to the cluster, rather than print them\n"
	"      --force-conflicts       take the fields that others have changed since\n";

void command_help_print(FILE *to, const struct command *command)
{
	(void)fprintf(to, "fedns %s: %s\n\nusage: fedns %s %s\n\n", command->name, command->help,
	              command->name, command->usage);
	if ((command->options & OPTIONS_CONFIG) != 0)
		(void)fputs(CONFIG_HELP, to);
	if ((command->options & OPTIONS_OUTPUT) != 0)
		(void)fputs("  -o, --output FORMAT         zone (default) or json\n", to);
	if ((command->options & OPTIONS_TEXT) != 0)
		(void)fputs("  -o, --output FORMAT         text (default) or json\n", to);
	if ((command->options & OPTIONS_TABLE) != 0)
		(void)fputs("  -o, --output FORMAT         table (default) or json\n", to);
	if ((command->options & OPTIONS_CONTROL) != 0)
		(void)fputs(CONTROL_HELP, to);
	if ((command->options & OPTIONS_INIT) != 0)
		(void)fputs(INIT_HELP, to);
	if ((command->options & OPTIONS_MEMBER) != 0)
		(void)fputs("      --context CONTEXT       of the kubeconfig; else its current one\n"
		            "      --kubeconfig FILE       else as kubectl finds one, from the daemon's "
		            "environment\n",
		            to);
	if ((command->options & OPTIONS_SERVICE) != 0)
		(void)fputs("      --service NS/NAME       that service in the cluster alone\n", to);
	if ((command->options & OPTIONS_STRICT) != 0)
		(void)fputs("      --strict                a warning counts as an error\n", to);
	(void)fputs("  -h, --help                  this text\n", to);
	if (command->more[0] != '\0')
		(void)fprintf(to, "\n%s\n", command->more);
}

/* The sets that option `id` is in. */
static unsigned sets_of(int id)
{
	if (id >= OPTION_INIT_FIRST)
		return OPTIONS_INIT;
	switch (id) {
	case 'c':
		return OPTIONS_CONFIG | OPTIONS_CONTROL;
	case 's':
		return OPTIONS_CONTROL;
	case 'o':
		return OPTIONS_OUTPUT | OPTIONS_CONTROL | OPTIONS_TEXT | OPTIONS_TABLE;
	case OPTION_STRICT:
		return OPTIONS_STRICT;
	case OPTION_CONTEXT:
		return OPTIONS_MEMBER;
	case OPTION_KUBECONFIG:
		return OPTIONS_MEMBER | OPTIONS_INIT;
	case OPTION_FEDERATION:
	case OPTION_ZONE:
	case OPTION_PROVIDER:
	case OPTION_PROVIDER_CONFIG:
		return OPTIONS_CONFIG | OPTIONS_INIT;
	case OPTION_SERVICE:
		return OPTIONS_SERVICE;
	default:
		return OPTIONS_CONFIG;
	}
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

static bool init_list_add(const char *flag, const char **list, size_t *count, const char *value)
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
		return init_list_add("nameserver", init->nameservers, &init->nameserver_count, value);
	case OPTION_EXEC_ALLOW:
		return init_list_add("exec-allow", init->exec_allow, &init->exec_allow_count, value);
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

static const char *output_default(const struct command *command)
{
	if ((command->options & (OPTIONS_CONTROL | OPTIONS_TABLE)) != 0)
		return "table";
	return (command->options & OPTIONS_TEXT) != 0 ? "text" : "zone";
}

static bool output_take(const struct command *command, struct options *options, const char *value)
{
	const char *plain = output_default(command);
	bool wide = (command->options & OPTIONS_CONTROL) != 0;
	options->json = strcmp(value, "json") == 0;
	options->wide = wide && strcmp(value, "wide") == 0;
	if (options->json || options->wide || strcmp(value, plain) == 0)
		return true;
	message("--output is \"%s\": give %s%s or json", value, plain, wide ? ", wide" : "");
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

static bool option_take(const struct command *command, struct options *options, int id,
                        const char *value)
{
	const char **flag = flag_of(&options->flags, id);
	if (flag != NULL) {
		*flag = value;
		return true;
	}
	if (id >= OPTION_INIT_FIRST)
		return init_take(&options->init, id, value);
	switch (id) {
	case OPTION_LISTEN:
		return listen_add(options, value);
	case 'o':
		return output_take(command, options, value);
	case 's':
		options->socket = value;
		return true;
	case OPTION_CONTEXT:
		options->context = value;
		return true;
	case OPTION_KUBECONFIG:
		options->kubeconfig = value;
		return true;
	case OPTION_SERVICE:
		options->service = value;
		return true;
	case OPTION_STRICT:
		options->strict = true;
		return true;
	default:
		assert(id == 'h');
		options->help = true;
		return true;
	}
}

static bool option_refuse(const struct command *command, const char *option, const char *reason)
{
	message("%s: option %s %s; see `fedns %s --help`", command->name, option, reason,
	        command->name);
	return false;
}

static const char *name_of(int id)
{
	const struct option *option = LONG;
	while (option->name != NULL && option->val != id)
		option++;
	return option->name;
}

bool options_read(const struct command *command, int argc, char **argv, struct options *out)
{
	*out = (struct options){.flags = {.file = NULL}};
	opterr = 0;     /* the messages are ours */
	char known[32]; /* the longest of ours, with its dashes */
	int id;
	while ((id = getopt_long(argc, argv, ":c:o:s:h", LONG, NULL)) != -1) {
		const char *typed = argv[optind - 1];
		if (id == ':')
			return option_refuse(command, typed, "needs a value");
		if (id == '?')
			return option_refuse(command, typed, "is unknown, or takes no value");
		if (id != 'h' && (sets_of(id) & command->options) == 0) {
			(void)snprintf(known, sizeof known, "--%s", name_of(id));
			return option_refuse(command, known, "is not for this command");
		}
		if (!option_take(command, out, id, optarg))
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

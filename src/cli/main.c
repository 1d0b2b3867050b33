#include "cli.h"

#include <limits.h>
#include <signal.h>
#include <string.h>

#define CONTROL_USAGE "-s SOCKET | -c FILE [-o table|wide|json]"
#define WATCH_USAGE   CONTROL_USAGE " [-w]"
#define OPTIONS_TOLD  (OPTIONS_CONTROL | OPTIONS_WATCH)

/* A title in the overview of all commands. */
#define HEADING(text)                                                                              \
	{                                                                                              \
		"", text, "", "", 0, 0, NULL                                                               \
	}

static const struct command COMMANDS[] = {
	HEADING("the daemon"),
	{"serve", "answer DNS in the foreground", "-c FILE",
     "SIGTERM and SIGINT stop it cleanly, SIGHUP reads the configuration again.", OPTIONS_CONFIG, 0,
     command_serve},
	HEADING("configuration and zone, without a daemon"),
	{"check", "read configuration and state, print what is wrong with them", "-c FILE [--strict]",
     "One line a finding: FILE:LINE: error|warning: ... Exit status 1 on an error, with --strict "
     "on a warning\n"
     "too, 2 if the configuration file can't be read.",
     OPTIONS_CONFIG | OPTIONS_STRICT, 0, command_check},
	{"render", "print the zone as a master file", "-c FILE [-o zone|json]",
     "Host names are looked up once, within 5 s in all; nothing is probed. Warnings go to standard "
     "error.",
     OPTIONS_CONFIG | OPTIONS_OUTPUT, 0, command_render},
	HEADING("the provider and the real DNS"),
	{"plan", "print what a push would change at the provider", "-c FILE [-o text|json]",
     "Nothing is changed. Exit status 0 when nothing would be, 1 otherwise.",
     OPTIONS_CONFIG | OPTIONS_TEXT, 0, command_plan},
	{"push", "bring the records to the provider once", "-c FILE",
     "Not beside a daemon that does so with the same state_dir. Exit status 1 when something was "
     "left out.",
     OPTIONS_CONFIG, 0, command_push},
	{"verify", "ask the real DNS: do parent and name servers agree?",
     "-c FILE [--strict] [-o table|json]",
     "From the parent zone down: its servers are asked for the delegation (NS and glue), and each "
     "name server\n"
     "over UDP and TCP, IPv4 and IPv6, for SOA and NS; the responder of this machine too, if it "
     "runs. A line a\n"
     "fault, with its mend; within 15 s. Exit status 1 on an error, with --strict on a warning "
     "too, 3 if it could not\n"
     "be done. `resolver` finds the servers.",
     OPTIONS_CONFIG | OPTIONS_STRICT | OPTIONS_TABLE, 0, command_verify},
	HEADING("what the running daemon knows and answers"),
	{"status", "how the running daemon is", WATCH_USAGE,
     "Exit status 1 when what it serves is stale, when it serves nothing, or when something waits "
     "for `fedns approve`.",
     OPTIONS_TOLD, 0, command_status},
	{"clusters", "the clusters that the running daemon knows", WATCH_USAGE,
     "STATUS is Ready, NotReady, Unknown (out of sight), Unseen (only `topology` knows it) or "
     "Unregistered (only\n"
     "services name it). SERVICES counts those that list it. SEEN: the source had it at its last "
     "reading, and AGE\n"
     "is how long ago that was. HEALTHY: how many of its addresses that are probed are good.",
     OPTIONS_TOLD | OPTIONS_LIST, 0, command_clusters},
	{"services", "the services that have names", "[PART] " WATCH_USAGE,
     "With PART those that have it in NAMESPACE/NAME. ADDRESSES are those of the global name: of "
     "all clusters that serve.",
     OPTIONS_TOLD | OPTIONS_LIST, 1, command_services},
	{"records", "what the running daemon answers with", "[NAME] " WATCH_USAGE,
     "All records at or below NAME, or of the whole zone. Exit status 1 where there are none.",
     OPTIONS_TOLD | OPTIONS_LIST, 1, command_records},
	{"explain", "why a name is answered as it is", "NAME " WATCH_USAGE,
     "From NAME up the ladder, level by level: each address of each cluster, what source, probes "
     "and operators say\n"
     "of it, whether it is answered, and what comes next. Exit status 1 for a name that stands for "
     "no service.",
     OPTIONS_TOLD | OPTIONS_LIST, 1, command_explain},
	{"provider", "how the push to the provider is", WATCH_USAGE,
     "What is pending, held back, in conflict or drifted, the last push, the calls by action and "
     "Code. Exit status 1\n"
     "when something waits for `fedns approve`, or when no push succeeds.",
     OPTIONS_TOLD, 0, command_provider},
	HEADING("orders to the running daemon"),
	{"drain", "take a cluster out of the answers", "CLUSTER [--service NS/NAME] " CONTROL_USAGE,
     "Says when it is safe to stop it: when the last answer with its addresses has run out. Exit "
     "status 1 when\n"
     "they are answered on, for nothing else serves. Kept in state_dir.",
     OPTIONS_CONTROL | OPTIONS_SERVICE, 1, command_drain},
	{"undrain", "take it in again", "CLUSTER [--service NS/NAME] " CONTROL_USAGE,
     "From then on its probes say whether it is answered.", OPTIONS_CONTROL | OPTIONS_SERVICE, 1,
     command_undrain},
	{"force", "say that a service in a cluster is up or down",
     "NS/NAME CLUSTER up|down|auto " CONTROL_USAGE,
     "Whatever its probes say, until `auto`, which also ends a failback that waits. Kept in "
     "state_dir.",
     OPTIONS_CONTROL, 3, command_force},
	{"reload", "let the running daemon read its configuration again", CONTROL_USAGE,
     "As SIGHUP, and says what came of it: exit status 0 when it is in force and the state is "
     "good, 1 when the\n"
     "state is not, 2 when the configuration is refused, and the old one stays.",
     OPTIONS_CONTROL, 0, command_reload},
	{"approve", "let go what is held back", CONTROL_USAGE,
     "More addresses than health.max_withdraw would have gone within a minute, or more records "
     "than\n"
     "provider.alidns.max_delete in one push; they stay until this command, or until they are "
     "back.",
     OPTIONS_CONTROL, 0, command_approve},
	{"join", "watch one more cluster",
     "NAME [--context CONTEXT] [--kubeconfig FILE] " CONTROL_USAGE,
     "Kept in state_dir, so that a restart knows. Region and zones come from the labels of the "
     "cluster's nodes.",
     OPTIONS_CONTROL | OPTIONS_MEMBER, 1, command_join},
	{"unjoin", "watch a cluster no more", "CLUSTER " CONTROL_USAGE,
     "Its addresses are withdrawn at once. Kept in state_dir.", OPTIONS_CONTROL, 1, command_unjoin},
	HEADING("a new fedns"),
	{"init", "run fedns in a Kubernetes cluster",
     "[NAME] --host-cluster-context=CONTEXT --dns-zone-name=ZONE [OPTION...]",
     "As `kubefed init` did for federations: prints the objects of conf/kubernetes, filled in, as "
     "YAML; with --apply\n"
     "brings them to the cluster. Says on standard error what it does. NAME is the federation's. "
     "Exit status 3 where\n"
     "the cluster isn't reached, or refuses.",
     OPTIONS_INIT, 1, command_init},
	HEADING("about fedns"),
	{"version", "print the version of fedns and its libraries", "[-o text|json]", "", OPTIONS_TEXT,
     0, command_version},
	{"completion", "print what completes these commands in a shell", "bash|zsh",
     "For bash:  source <(fedns completion bash)\n"
     "For zsh:   fedns completion zsh > \"${fpath[1]}/_fedns\"\n"
     "Clusters and services are those of the daemon that -s or -c of the same line name.",
     0, 1, command_completion},
	{"help", "print this, or the help of a command", "[COMMAND]", "", 0, 1, command_help},
};

#define COMMAND_COUNT (sizeof COMMANDS / sizeof COMMANDS[0])

const struct command *command_at(size_t i)
{
	return i < COMMAND_COUNT ? &COMMANDS[i] : NULL;
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (COMMANDS[i].run != NULL && strcmp(COMMANDS[i].name, name) == 0)
			return &COMMANDS[i];
	}
	return NULL;
}

const char *command_nearest(const char *typed)
{
	const char *nearest = NULL;
	unsigned least = UINT_MAX;
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		unsigned distance = word_distance(bytes_of(typed), COMMANDS[i].name);
		if (COMMANDS[i].run == NULL || distance >= least)
			continue;
		least = distance;
		nearest = COMMANDS[i].name;
	}
	return nearest;
}

void commands_print(FILE *to)
{
	(void)fprintf(to, "fedns answers DNS for federated Kubernetes services.\n\n"
	                  "usage: fedns COMMAND [OPTION...]\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (COMMANDS[i].run == NULL)
			(void)fprintf(to, "\n%s:\n", COMMANDS[i].help);
		else
			(void)fprintf(to, "  %-12s%s\n", COMMANDS[i].name, COMMANDS[i].help);
	}
	(void)fprintf(to,
	              "\n`fedns COMMAND --help` says more, and so does fedns(1). Exit status: 0 done "
	              "and good; 1 done, and\n"
	              "what was asked about is not good; 2 usage or configuration error; 3 it could "
	              "not be done.\n");
}

static void unknown_say(const char *name)
{
	const char *nearest = command_nearest(name);
	if (nearest != NULL)
		message("unknown command \"%s\"; did you mean \"%s\"?", name, nearest);
	else
		message("unknown %s \"%s\"; `fedns --help` lists the commands",
		        name[0] == '-' ? "option" : "command", name);
}

static bool is_any(const char *text, const char *a, const char *b)
{
	return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

static enum status command_run(const struct command *command, int argc, char **argv)
{
	struct options options;
	if (!options_read(command, argc, argv, &options))
		return STATUS_USAGE;
	if (options.help) {
		command_help_print(stdout, command);
		return output_finish(STATUS_GOOD);
	}
	return command->run(&options);
}

int main(int argc, char **argv)
{
	/* A reader that leaves early is an error of write(2), which is noticed, not a sudden death. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		commands_print(stderr);
		return STATUS_USAGE;
	}
	const char *name = argv[1];
	if (is_any(name, "--help", "-h"))
		name = "help";
	else if (is_any(name, "--version", "-V"))
		name = "version";
	const struct command *command = command_find(name);
	if (command == NULL) {
		unknown_say(name);
		return STATUS_USAGE;
	}
	return (int)command_run(command, argc - 1, argv + 1);
}

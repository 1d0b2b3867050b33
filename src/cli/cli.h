/* cli: what the commands of the one program share.
 *
 * config.h, daemon.h --> [cli.h] --> main.c, one file a command
 */
#ifndef FEDNS_CLI_CLI_H
#define FEDNS_CLI_CLI_H

#include "fedns/config.h"
#include "fedns/findings.h"

#include <stdio.h>

/** How the program ends; a contract with scripts. */
enum status {
	STATUS_GOOD = 0,
	STATUS_NOT_GOOD = 1, /* done, and what was asked about is not good */
	STATUS_USAGE = 2,    /* usage or configuration error */
	STATUS_NOT_DONE = 3, /* the system said no */
};

#define INIT_LIST_MAX 16 /* of --nameserver, and of --exec-allow */

/** What `init` alone is told; NULL: not given. */
struct init_options {
	const char *host_context, *namespace, *image, *cluster, *overlay, *replicas;
	const char *members; /* --member-kubeconfig */
	const char *nameservers[INIT_LIST_MAX], *exec_allow[INIT_LIST_MAX];
	size_t nameserver_count, exec_allow_count;
	bool apply, force;
};

/** What the command line says after the command's name. */
struct options {
	struct config_flags flags;
	const char *listen[LISTEN_MAX];
	const char *socket;               /* -s */
	const char *context, *kubeconfig; /* of `join` */
	const char *service;              /* of `drain` and `undrain`: NAMESPACE/NAME */
	struct init_options init;
	bool json;       /* -o json */
	bool wide;       /* -o wide */
	bool strict;     /* --strict */
	bool watch;      /* -w */
	bool no_headers; /* --no-headers */
	bool help;
	char **words; /* what is no option */
	int word_count;
};

/* Which options a command knows, beside --help. */
enum option_set {
	OPTIONS_CONFIG = 1, /* -c and the flags that stand for keys */
	OPTIONS_OUTPUT = 2, /* -o */
	OPTIONS_STRICT = 4,
	OPTIONS_CONTROL = 8,   /* -s, or -c alone, and -o: of commands that ask the daemon */
	OPTIONS_MEMBER = 16,   /* --context, --kubeconfig */
	OPTIONS_TEXT = 32,     /* -o text|json */
	OPTIONS_TABLE = 64,    /* -o, of a command that prints a table by itself */
	OPTIONS_SERVICE = 128, /* --service */
	OPTIONS_WATCH = 256,   /* -w */
	OPTIONS_LIST = 512,    /* --no-headers, of commands that print a table of the daemon's */
	OPTIONS_INIT = 1024,   /* of `init` */
	OPTIONS_ALL = 1 << 30, /* of an option: every command knows it */
};

/* What getopt_long() returns for options without a letter. */
enum option_id {
	OPTION_LETTER_MAX = 255,
	OPTION_FEDERATION,
	OPTION_ZONE,
	OPTION_PROVIDER,
	OPTION_PROVIDER_CONFIG,
	OPTION_SOURCE_FILE,
	OPTION_LISTEN,
	OPTION_STRICT,
	OPTION_CONTEXT,
	OPTION_KUBECONFIG,
	OPTION_SERVICE,
	OPTION_NO_HEADERS,
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

/* Rows of the table in option_table.c. */
#define OPTION_ROWS_MAX 64

struct option_row {
	const char *name;  /* without the dashes */
	int id;            /* its letter, or an enum option_id */
	const char *value; /* what it takes, as `--help` calls it; NULL: it takes nothing */
	unsigned sets;     /* enum option_set: of which commands */
	const char *words; /* the values there are, with blanks between, the default first; NULL: any */
	const char *help;  /* one line */
};

struct command {
	const char *name;
	const char *help;  /* one line */
	const char *usage; /* what follows the name. Its words before the first option are what
	                    * completion goes by: CLUSTER, NS/NAME, COMMAND, or words with | between */
	const char *more;  /* a paragraph for `--help` of the command */
	unsigned options;  /* enum option_set */
	int words_max;
	enum status (*run)(const struct options *options);
};

/* main.c */
/** NULL: no such command. */
const struct command *command_find(const char *name);
/** The i-th row: a command, or, without a `run`, a heading in its `help`. NULL: there are no more.
 */
const struct command *command_at(size_t i);
/** The command that `typed` may have meant; NULL: none. */
const char *command_nearest(const char *typed);
/** All commands by what they are for, one a line. */
void commands_print(FILE *to);

/* options.c */
/** Read argv[1..] (argv[0] is the command's name). False: a message was printed. */
bool options_read(const struct command *command, int argc, char **argv, struct options *out);

/* config_open.c */
/** The configuration that the flags name. Not STATUS_GOOD: a message was printed, `*out` is NULL,
 * and that is how the command ends. */
MUST_CHECK enum status config_open(const struct config_flags *flags, struct findings *findings,
                                   struct config **out);

/* push.c */
/** push_once_run() failed, which is said: how the command ends by that. */
enum status push_failed(enum err err, const struct why *why);

/* option_table.c */
/** The i-th row of all; NULL: there are no more. */
const struct option_row *option_row(size_t i);
/** The i-th row of those that the command knows. */
const struct option_row *option_row_of(const struct command *command, size_t i);
void command_help_print(FILE *to, const struct command *command);

/* One file each. */
enum status command_serve(const struct options *options);
enum status command_check(const struct options *options);
enum status command_render(const struct options *options);
enum status command_plan(const struct options *options);
enum status command_push(const struct options *options);
enum status command_status(const struct options *options);
enum status command_clusters(const struct options *options);
enum status command_services(const struct options *options);
enum status command_records(const struct options *options);
enum status command_provider(const struct options *options);
enum status command_reload(const struct options *options);
enum status command_explain(const struct options *options);
enum status command_drain(const struct options *options);
enum status command_undrain(const struct options *options);
enum status command_force(const struct options *options);
enum status command_approve(const struct options *options);
enum status command_join(const struct options *options);
enum status command_unjoin(const struct options *options);
enum status command_init(const struct options *options);
enum status command_verify(const struct options *options);
enum status command_completion(const struct options *options);
enum status command_version(const struct options *options);
enum status command_help(const struct options *options);

/* output.c */

/** Where findings are printed, and how many there were. */
struct tally {
	FILE *to;
	size_t errors, warnings;
};
/**
 * Findings that are printed as FILE:LINE: SEVERITY: TEXT and counted; `tally` must outlive them.
 */
struct findings findings_printed(struct tally *tally);
/** A message to standard error: "fedns: ...". */
void message(const char *fmt, ...) PRINTF(1, 2);
/** Results are out, truly: flush standard output. A full disk or closed pipe is STATUS_NOT_DONE,
 * else `status`. */
enum status output_finish(enum status status);

#endif

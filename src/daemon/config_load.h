/* config_load: what the tables of keys, one file a section, share while a configuration is being
 * read.
 *
 * yaml.h --> [config_load.h] --> config_*.c
 *
 * A table row is a key. Its function takes a node of the kind that the row names, checks it, and
 * stores it in the configuration; complaints are findings, and reading goes on, so that an operator
 * sees all of them at once.
 */
#ifndef FEDNS_DAEMON_CONFIG_LOAD_H
#define FEDNS_DAEMON_CONFIG_LOAD_H

#include "fedns/config.h"
#include "fedns/yaml.h"

/* Octets of "section.key.key", its NUL included; only `topology` has names that are not ours, and
 * those are cut. */
#define CONFIG_PATH_SIZE 256

/** Where a value that is looked at again at the end came from. */
struct origin {
	bool given;
	unsigned line; /* 0: a flag */
};

struct config_load {
	struct config *config;
	struct region *region; /* what the configuration points into */
	struct findings *findings;
	struct bytes dir;            /* what relative paths begin with; empty: the working directory */
	char path[CONFIG_PATH_SIZE]; /* the key at hand, or the flag */
	size_t errors;
	bool no_memory;
	struct origin zone, suffix, federation, nameservers, source, provider, parent;
	struct origin timeout, failback, hold;      /* of `health` */
	unsigned source_kinds;                      /* keys given below `source` */
	unsigned nameserver_lines[NAMESERVERS_MAX]; /* of each of config->answer.zone.nameservers */
	struct topology *places;                    /* [live.member_count] of `source.clusters` */
};

typedef void config_apply(struct config_load *load, const struct yaml_node *node, void *object);

/* A key whose function looks at the kind itself. */
#define CONFIG_ANY ((enum yaml_kind)(YAML_MAP + 1))

struct config_key {
	const char *name;
	enum yaml_kind kind;
	config_apply *apply;
};

/* config_keys.c */

/** Apply every entry of `map` by its row; `object` is handed to each. Unknown keys are errors with
 * a suggestion. */
void keys_apply(struct config_load *load, const struct config_key *keys, size_t count,
                const struct yaml_node *map, void *object);
#define KEYS_APPLY(load, keys, map, object)                                                        \
	keys_apply(load, keys, sizeof(keys) / sizeof(keys)[0], map, object)

/** Is `node` of `kind`, and does it say something? False: complained. */
bool entry_is(struct config_load *load, const struct yaml_node *node, enum yaml_kind kind);

/**
 * "source" + "file" -> "source.file"; returns the old length: load->path[length] = '\0' goes back.
 */
size_t path_push(struct config_load *load, struct bytes key);

/** A complaint about the key at hand: "PATH" SENTENCE. */
void complain(struct config_load *load, enum severity severity, unsigned line, const char *fmt, ...)
	PRINTF(4, 5);
/** An error about its value: "PATH" is "VALUE": MEND. */
void value_bad(struct config_load *load, const struct yaml_node *node, const char *fmt, ...)
	PRINTF(3, 4);
/** Note that memory ran out; config_load() will say so. */
void memory_out(struct config_load *load);

/* config_value.c: false: complained, `*out` untouched. */

bool value_number(struct config_load *load, const struct yaml_node *node, uint32_t min,
                  uint32_t max, const char *what, uint32_t *out);
bool value_duration(struct config_load *load, const struct yaml_node *node, int64_t min_ms,
                    int64_t max_ms, int64_t *out);
bool value_percent(struct config_load *load, const struct yaml_node *node, uint32_t *out);
bool value_bool(struct config_load *load, const struct yaml_node *node, bool *out);
bool value_name(struct config_load *load, const struct yaml_node *node, struct name *out);
bool value_label(struct config_load *load, const struct yaml_node *node);
bool value_endpoint(struct config_load *load, const struct yaml_node *node, struct endpoint *out);
/** Not empty; NUL-terminated in the configuration's memory. */
bool value_text(struct config_load *load, const struct yaml_node *node, const char **out);
/** As value_text(), relative paths put below the file's directory. */
bool value_path(struct config_load *load, const struct yaml_node *node, const char **out);

struct config_word {
	const char *word;
	int value;
};
bool value_word(struct config_load *load, const struct yaml_node *node,
                const struct config_word *words, size_t count, int *out);

/* The tables of the sections. */

config_apply federation_apply, zone_apply, suffix_apply, ttl_apply, negative_ttl_apply,
	fallback_apply, contact_apply, allow_apply;             /* config_zone.c */
config_apply nameservers_apply;                             /* config_nameserver.c */
config_apply udp_size_apply, cookies_apply, identity_apply; /* config_answer.c */
config_apply listen_apply, workers_apply, state_dir_apply, control_apply, resolver_apply,
	user_apply, log_apply, query_log_apply, sandbox_apply; /* config_process.c */
config_apply admin_apply, lame_duck_apply;                 /* config_admin.c */
config_apply source_apply, source_file_apply;              /* config_source.c */
config_apply topology_apply, region_apply, zones_apply;    /* config_topology.c */
config_apply health_apply;                                 /* config_health.c */
config_apply provider_apply, lease_apply, provider_name_apply,
	provider_config_apply; /* config_provider.c */

/** Set what config_answer.c, config_health.c and config_provider.c look after as if nothing were
 * given. */
void answer_defaults_set(struct config *config);
void health_defaults_set(struct config *config);
void push_defaults_set(struct config *config);

/** What only the whole tells: defaults that follow from other keys, and keys that must agree. */
void zone_finish(struct config_load *load);
void nameservers_finish(struct config_load *load);
void process_finish(struct config_load *load);
void source_finish(struct config_load *load);
void health_finish(struct config_load *load);
void push_finish(struct config_load *load);
void topology_finish(struct config_load *load);

/** The flags, by the functions of the keys that they stand for. */
void flags_apply(struct config_load *load, const struct config_flags *flags);

/* config.c */

/** As config_load(), of a text that is at hand; `file` names it in findings (NULL: flags only). */
MUST_CHECK enum err config_load_text(const struct config_flags *flags, struct bytes text,
                                     struct findings *findings, struct config **out,
                                     struct why *why);

#endif

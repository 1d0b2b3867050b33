/* yaml_tree: one YAML document as a small tree that knows the line of everything in it.
 *
 * A configuration needs less than YAML offers: anchors, aliases and tags are refused, so no file
 * can grow in memory (an alias of an alias of ...), and no word of the operator changes its meaning
 * by a tag.
 */
#ifndef FEDNS_DAEMON_YAML_TREE_H
#define FEDNS_DAEMON_YAML_TREE_H

#include "fedns/base.h"
#include "region.h"

/* Entries of one list or mapping; the longest of ours (`allow`) takes 256. Duplicate keys are
 * sought pair by pair. */
#define YAML_ENTRIES_MAX 1000

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	unsigned line;     /* 1.. */
	bool plain;        /* scalar without quotes */
	struct bytes text; /* scalar: UTF-8 without NUL; a NUL follows. Empty for lists and mappings */
	struct yaml_node *first, *next;
	size_t count;      /* children */
	struct bytes key;  /* in a mapping: what this node is the value of; a NUL follows */
	unsigned key_line; /* 1.. */
};

/**
 * Read `text`, which holds one document or none, into `region`. None gives an empty mapping.
 * ERR_INVALID: `*line` is where (0: unknown), `why` the sentence; ERR_NOMEM. `*out` is NULL on
 * error.
 */
MUST_CHECK enum err yaml_tree_read(struct bytes text, struct region *region, struct yaml_node **out,
                                   unsigned *line, struct why *why);

/** Does this node say "nothing": `key:`, `~` or `null`? */
bool yaml_is_null(const struct yaml_node *node);

#endif

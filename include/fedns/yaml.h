/* yaml: one YAML document as a small tree that knows the line of everything in it, and the memory
 * that such trees live in.
 *
 * base.h --> [yaml.h] --> daemon (configuration), source (kubeconfig)
 *
 * JSON is YAML too, and read as such. Tags are refused everywhere, so that no word of the operator
 * changes its meaning by one; anchors and aliases are refused unless the caller bounds what they
 * may grow to, for an alias of an alias of ... grows beyond any memory.
 */
#ifndef FEDNS_YAML_H
#define FEDNS_YAML_H

#include "fedns/base.h"

/* --- region: memory that is given back all at once ---------------------------------------- */

/** For trees and configurations, which live and die as a whole. */
struct region;

/** An empty region. NULL: no memory. */
MUST_CHECK struct region *region_new(void);
void region_free(struct region *region);
/** As region_free(), every octet overwritten before: for what holds secrets. */
void region_wipe(struct region *region);

/** Zeroed memory, aligned for anything, until the region's end. NULL: no memory. */
MUST_CHECK void *region_alloc(struct region *region, size_t size);
/** A copy of `text` with a NUL behind it. NULL: no memory. */
MUST_CHECK char *region_text(struct region *region, struct bytes text);

/* --- the tree ----------------------------------------------------------------------------- */

#define YAML_DEPTH_MAX 32 /* nested collections, those that aliases bring in included */
/** Entries of one list or mapping; the longest of our configuration (`allow`) takes 256. Duplicate
 * keys are sought pair by pair. */
#define YAML_ENTRIES_MAX 1000
/** Anchors of one document; they are sought one by one. */
#define YAML_ANCHORS_MAX 1000

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	unsigned line;     /* 1..; of an alias its own, of what is below it the original's */
	bool plain;        /* scalar without quotes */
	struct bytes text; /* scalar: UTF-8 without NUL; a NUL follows. Empty for lists and mappings */
	struct yaml_node *first, *next;
	size_t count;      /* children */
	struct bytes key;  /* in a mapping: what this node is the value of; a NUL follows */
	unsigned key_line; /* 1.. */
};

/** What the caller is ready to read. */
struct yaml_limits {
	size_t text_max; /* octets of one scalar */
	/** Nodes in all, copies that aliases stand for included. 0: anchors and aliases are refused;
	 * then a tree can't outgrow its text. */
	size_t aliased_nodes_max;
};

/**
 * Read `text`, which holds one document or none, into `region`. None gives an empty mapping.
 * ERR_INVALID: `*line` is where (0: unknown), `why` the sentence; ERR_NOMEM. `*out` is NULL on
 * error.
 */
MUST_CHECK enum err yaml_read(struct bytes text, const struct yaml_limits *limits,
                              struct region *region, struct yaml_node **out, unsigned *line,
                              struct why *why);

/** Does this node say "nothing": `key:`, `~` or `null`? */
bool yaml_is_null(const struct yaml_node *node);
/** The value of `key` in the mapping `map`, null values included. NULL: it has none, or `map` is
 * NULL or no mapping. */
const struct yaml_node *yaml_member(const struct yaml_node *map, const char *key);

#endif

/* node: one JSON value as a flat run of nodes, in text order, read in one pass without recursion.
 *
 * Node 0 is the value itself. In an object, key and value follow each other. `next` leads behind a
 * node and all in it:
 *
 *     for (i = array + 1; i < node_next(nodes, array); i = node_next(nodes, i))
 */
#ifndef FEDNS_SOURCE_NODE_H
#define FEDNS_SOURCE_NODE_H

#include "fedns/base.h"
#include "scan.h"

enum node_type {
	NODE_NONE, /* no node at all: what node_type() says of NODE_ABSENT */
	NODE_OBJECT,
	NODE_ARRAY,
	NODE_STRING,
	NODE_NUMBER,
	NODE_TRUE,
	NODE_FALSE,
	NODE_NULL,
};

/** The value itself. */
#define NODE_ROOT 0
/** The node that isn't there; its text is empty and it has no members. */
#define NODE_ABSENT UINT32_MAX

struct node {
	uint32_t at;   /* octet in the text, or in `unescaped` */
	uint32_t size; /* octets; of objects and arrays 0 */
	uint32_t next; /* node behind this one and all in it */
	uint8_t type;
	bool unescaped; /* `at` counts in `unescaped` */
};

/**
 * Memory of one value, reused from value to value. Set up by nodes_init(), ended by nodes_clear().
 */
struct nodes {
	const uint8_t *text; /* borrowed: the text's begin */
	struct node *list;
	size_t count, room;
	uint8_t *unescaped; /* decoded strings, those with escapes only */
	size_t unescaped_size, unescaped_room;
};

void nodes_init(struct nodes *nodes);
void nodes_clear(struct nodes *nodes);

/**
 * Read the next value of `scan` and move behind it. At most `size_max` octets (below 4 GiB) and
 * STATE_DEPTH_MAX brackets deep. ERR_INVALID: not JSON, cut off, or too deep, with line and column.
 * ERR_LIMIT: too large, at `scan->at`, where scan_wrap() can point: unasked it would search the
 * whole text for each of many. ERR_NOMEM.
 */
MUST_CHECK enum err nodes_read(struct nodes *nodes, struct scan *scan, size_t size_max,
                               struct why *why);

/** Read `text`, which holds one value and nothing else. */
MUST_CHECK enum err nodes_read_whole(struct nodes *nodes, struct bytes text, struct why *why);

enum node_type node_type(const struct nodes *nodes, uint32_t node);
uint32_t node_next(const struct nodes *nodes, uint32_t node);
/** The decoded octets of a string, the text of a number; empty for others. Borrowed until the next
 * read. */
struct bytes node_text(const struct nodes *nodes, uint32_t node);
bool node_is_text(const struct nodes *nodes, uint32_t node, const char *text);
/** Not there, or null: the API means the same by both. */
bool node_is_void(const struct nodes *nodes, uint32_t node);

/** The value of the last member `key` of an object; NODE_ABSENT: none, or `object` is none. */
uint32_t node_member(const struct nodes *nodes, uint32_t object, const char *key);
/** Likewise, the key without regard to ASCII case. */
uint32_t node_member_nocase(const struct nodes *nodes, uint32_t object, const char *key);

/** "an object", "a string", ... for sentences. */
const char *node_type_text(enum node_type type);

#endif

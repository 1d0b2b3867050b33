/* manifest_tree: objects of Kubernetes as trees: read from YAML, written as YAML.
 *
 *     conf/kubernetes, as text --> [manifest_tree.h] --> trees that manifest.c fills in --> text
 */
#ifndef FEDNS_DAEMON_MANIFEST_TREE_H
#define FEDNS_DAEMON_MANIFEST_TREE_H

#include "fedns/base.h"

#include <jansson.h>

/** Octets of one document. */
#define TREE_TEXT_MAX ((size_t)256 << 10)

/** Read one document. Plain null, true, false and decimal numbers are what they look like, all else
 * is text. ERR_INVALID
 * (`why` with its line), ERR_NOMEM. `*out` is the caller's. */
MUST_CHECK enum err tree_read(struct bytes text, json_t **out, struct why *why);

/**
 * Append `tree`, an object, as a YAML document in block style. Text that could be taken for
 * anything else, or holds what a YAML line may not, is quoted; text of several lines is a literal
 * block where that says the same. ERR_LIMIT, ERR_NOMEM.
 */
MUST_CHECK enum err tree_write(const json_t *tree, struct buf *out);

#endif

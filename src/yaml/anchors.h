/* anchors: what &NAME stands before, for the aliases *NAME that follow. */
#ifndef FEDNS_YAML_ANCHORS_H
#define FEDNS_YAML_ANCHORS_H

#include "fedns/yaml.h"

struct anchor;

/** Zeroed is empty; lives in the region of its tree. */
struct anchors {
	struct anchor *newest;
	size_t count;
};

/** Note that `name` (copied) stands before `node`; from now on it means this one. ERR_LIMIT: there
 * are YAML_ANCHORS_MAX; ERR_NOMEM. */
MUST_CHECK enum err anchors_note(struct anchors *anchors, struct region *region, const char *name,
                                 const struct yaml_node *node);

/** What `name` means now. NULL: nothing. */
const struct yaml_node *anchors_find(const struct anchors *anchors, const char *name);

/**
 * Copy `node` and all below it; texts are shared. Takes a node of `*room` for each. ERR_LIMIT:
 * there isn't room enough (`*room` is 0 then), or more than `depth_max` collections are nested;
 * ERR_NOMEM.
 */
MUST_CHECK enum err node_copy(struct region *region, const struct yaml_node *node, size_t depth_max,
                              size_t *room, struct yaml_node **out);

#endif

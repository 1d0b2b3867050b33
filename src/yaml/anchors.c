#include "anchors.h"

#include <string.h>

struct anchor {
	struct anchor *older;
	const char *name;
	const struct yaml_node *node;
};

enum err anchors_note(struct anchors *anchors, struct region *region, const char *name,
                      const struct yaml_node *node)
{
	if (anchors->count == YAML_ANCHORS_MAX)
		return ERR_LIMIT;
	struct anchor *anchor = region_alloc(region, sizeof *anchor);
	const char *copy = region_text(region, bytes_of(name));
	if (anchor == NULL || copy == NULL)
		return ERR_NOMEM;
	*anchor = (struct anchor){anchors->newest, copy, node};
	anchors->newest = anchor;
	anchors->count++;
	return ERR_OK;
}

const struct yaml_node *anchors_find(const struct anchors *anchors, const char *name)
{
	for (const struct anchor *anchor = anchors->newest; anchor != NULL; anchor = anchor->older) {
		if (strcmp(anchor->name, name) == 0)
			return anchor->node;
	}
	return NULL;
}

enum err node_copy(struct region *region, const struct yaml_node *node, size_t depth_max,
                   size_t *room, struct yaml_node **out)
{
	if (*room == 0 || (node->kind != YAML_SCALAR && depth_max == 0))
		return ERR_LIMIT;
	*room -= 1;
	struct yaml_node *copy = region_alloc(region, sizeof *copy);
	if (copy == NULL)
		return ERR_NOMEM;
	*copy = *node;
	copy->first = copy->next = NULL;
	struct yaml_node **link = &copy->first;
	for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
		enum err err = node_copy(region, child, depth_max - 1, room, link);
		if (err != ERR_OK)
			return err;
		link = &(*link)->next;
	}
	*out = copy;
	return ERR_OK;
}

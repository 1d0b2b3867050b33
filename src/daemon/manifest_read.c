/* YAML, as a tree of jansson's. */
#include "manifest_tree.h"

#include "fedns/yaml.h"

/* A document nests less deep than YAML_DEPTH_MAX, and so does this. */
static json_t *node_tree(const struct yaml_node *node);

static json_t *scalar_tree(const struct yaml_node *node)
{
	uint64_t number;
	if (node->plain && yaml_is_null(node))
		return json_null();
	if (node->plain && bytes_equal(node->text, bytes_of("true")))
		return json_true();
	if (node->plain && bytes_equal(node->text, bytes_of("false")))
		return json_false();
	if (node->plain && bytes_number(node->text, INT64_MAX, &number))
		return json_integer((json_int_t)number);
	return json_stringn((const char *)node->text.data, node->text.size);
}

static json_t *list_tree(const struct yaml_node *node)
{
	json_t *list = json_array();
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (json_array_append_new(list, node_tree(item)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *map_tree(const struct yaml_node *node)
{
	json_t *map = json_object();
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		/* a NUL follows the key, and there is none in it */
		if (json_object_set_new(map, (const char *)item->key.data, node_tree(item)) != 0) {
			json_decref(map);
			return NULL;
		}
	}
	return map;
}

static json_t *node_tree(const struct yaml_node *node)
{
	switch (node->kind) {
	case YAML_LIST:
		return list_tree(node);
	case YAML_MAP:
		return map_tree(node);
	default:
		return scalar_tree(node);
	}
}

enum err tree_read(struct bytes text, json_t **out, struct why *why)
{
	unsigned line = 0;
	struct yaml_node *root;
	struct region *region = region_new();
	const struct yaml_limits limits = {.text_max = TREE_TEXT_MAX};
	*out = NULL;
	enum err err = region == NULL ? ERR_NOMEM : yaml_read(text, &limits, region, &root, &line, why);
	if (err == ERR_OK) {
		*out = node_tree(root);
		err = *out == NULL ? ERR_NOMEM : ERR_OK;
	}
	if (err == ERR_NOMEM)
		why_set(why, "no memory for a tree");
	else if (err == ERR_INVALID && line != 0)
		why_wrap(why, "line %u", line);
	region_free(region);
	return err;
}

/* `source` and `topology`: where the state comes from, and what we know better. */
#include "config_load.h"

#include <string.h>

enum source_kind { SOURCE_FILE = 1, SOURCE_FEDERATION_V1 = 2, SOURCE_CLUSTERS = 4 };

static void labels_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (entry_is(load, item, YAML_SCALAR))
			(void)value_label(load, item);
	}
}

void source_file_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	load->source_kinds |= SOURCE_FILE;
	(void)value_path(load, node, &load->config->source_file);
}

static void refuse_kind(struct config_load *load, const struct yaml_node *node)
{
	char path[CONFIG_PATH_SIZE];
	memcpy(path, load->path, sizeof path);
	load->path[0] = '\0';
	complain(load, SEVERITY_ERROR, node->key_line,
	         "%s: this version reads its state from a file only (source.file)", path);
	memcpy(load->path, path, sizeof path);
}

static const struct config_key FEDERATION_V1_KEYS[] = {
	{"kubeconfig", YAML_SCALAR, path_check_apply},
	{"context", YAML_SCALAR, text_check_apply},
};

static void federation_v1_apply(struct config_load *load, const struct yaml_node *node,
                                void *object)
{
	load->source_kinds |= SOURCE_FEDERATION_V1;
	KEYS_APPLY(load, FEDERATION_V1_KEYS, node, object);
	refuse_kind(load, node);
}

static const struct config_key CLUSTER_KEYS[] = {
	{"name", YAML_SCALAR, text_check_apply},    {"kubeconfig", YAML_SCALAR, path_check_apply},
	{"context", YAML_SCALAR, text_check_apply}, {"region", YAML_SCALAR, label_check_apply},
	{"zones", YAML_LIST, labels_apply},
};

static void clusters_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	load->source_kinds |= SOURCE_CLUSTERS;
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (entry_is(load, item, YAML_MAP))
			KEYS_APPLY(load, CLUSTER_KEYS, item, object);
	}
	refuse_kind(load, node);
}

static const struct config_key SOURCE_KEYS[] = {
	{"file", YAML_SCALAR, source_file_apply},
	{"federation_v1", YAML_MAP, federation_v1_apply},
	{"clusters", YAML_LIST, clusters_apply},
};

void source_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	load->source = (struct origin){.given = true, .line = node->key_line};
	KEYS_APPLY(load, SOURCE_KEYS, node, object);
}

void source_finish(struct config_load *load)
{
	unsigned kinds = load->source_kinds;
	if (kinds == 0)
		complain(load, SEVERITY_ERROR, load->source.line,
		         "\"source\" is missing: give source.file in the file, or --source-file");
	else if ((kinds & (kinds - 1)) != 0)
		complain(load, SEVERITY_ERROR, load->source.line,
		         "\"source\" has more than one of file, federation_v1 and clusters: keep one");
}

/* --- topology ----------------------------------------------------------------------------- */

static bool label_store(struct config_load *load, const struct yaml_node *node, struct bytes *out)
{
	const char *text;
	if (!value_label(load, node) || !value_text(load, node, &text))
		return false;
	*out = (struct bytes){(const uint8_t *)text, node->text.size};
	return true;
}

static void region_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct topology *topology = object;
	topology->has_region = label_store(load, node, &topology->region);
}

static void zones_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct topology *topology = object;
	if (node->count > ZONES_MAX) {
		complain(load, SEVERITY_ERROR, node->line, "has more than %d zones: leave some out",
		         ZONES_MAX);
		return;
	}
	struct bytes *zones = region_alloc(load->region, (node->count + 1) * sizeof *zones);
	if (zones == NULL) {
		memory_out(load);
		return;
	}
	size_t count = 0;
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (!entry_is(load, item, YAML_SCALAR) || !label_store(load, item, &zones[count]))
			continue;
		for (size_t i = 0; i < count; i++) {
			if (bytes_equal_nocase(zones[i], zones[count])) {
				value_bad(load, item, "give each zone once");
				break;
			}
		}
		count++;
	}
	topology->zones = zones;
	topology->zone_count = count;
	topology->has_zones = true;
}

static const struct config_key TOPOLOGY_KEYS[] = {
	{"region", YAML_SCALAR, region_apply},
	{"zones", YAML_LIST, zones_apply},
};

static void cluster_apply(struct config_load *load, const struct yaml_node *node,
                          struct topology *topology)
{
	const char *name = region_text(load->region, node->key);
	if (name == NULL) {
		memory_out(load);
		return;
	}
	topology->cluster = (struct bytes){(const uint8_t *)name, node->key.size};
	size_t used = path_push(load, node->key);
	if (!yaml_is_null(node) && entry_is(load, node, YAML_MAP))
		KEYS_APPLY(load, TOPOLOGY_KEYS, node, topology);
	load->path[used] = '\0';
}

void topology_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct model_policy *policy = &load->config->model;
	if (node->count > CLUSTERS_MAX) {
		complain(load, SEVERITY_ERROR, node->line, "has more than %d clusters: leave some out",
		         CLUSTERS_MAX);
		return;
	}
	struct topology *topology = region_alloc(load->region, (node->count + 1) * sizeof *topology);
	if (topology == NULL) {
		memory_out(load);
		return;
	}
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (item->key.size == 0)
			complain(load, SEVERITY_ERROR, item->key_line,
			         "has a cluster without a name: give it one");
		else
			cluster_apply(load, item, &topology[policy->topology_count++]);
	}
	policy->topology = topology;
}

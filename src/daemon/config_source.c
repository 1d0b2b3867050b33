/* `source`: where the state comes from. */
#include "config_load.h"

#include <assert.h>
#include <string.h>

#define START_GRACE_MAX_MS ((int64_t)60 * 60 * 1000)
/* Namespaces, and commands of kubeconfigs. */
#define WORDS_MAX 1000

enum source_kind { SOURCE_FILE = 1, SOURCE_FEDERATION_V1 = 2, SOURCE_CLUSTERS = 4 };

void source_file_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	load->source_kinds |= SOURCE_FILE;
	(void)value_path(load, node, &load->config->source_file);
}

/* --- one API server ----------------------------------------------------------------------- */

/* A member, and where it is. */
struct entry {
	struct kube_member *member;
	struct topology *place;
};

static void name_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct entry *entry = object;
	struct why why;
	if (value_text(load, node, &entry->member->name) &&
	    kube_name_check(entry->member->name, &why) != ERR_OK)
		value_bad(load, node, "%s", why.text);
}

static void kubeconfig_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct entry *entry = object;
	(void)value_path(load, node, &entry->member->kubeconfig);
}

static void context_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct entry *entry = object;
	(void)value_text(load, node, &entry->member->context);
}

static void in_cluster_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct entry *entry = object;
	(void)value_bool(load, node, &entry->member->in_cluster);
}

static void entry_region_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct entry *entry = object;
	region_apply(load, node, entry->place);
}

static void entry_zones_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct entry *entry = object;
	zones_apply(load, node, entry->place);
}

static void member_finish(struct config_load *load, const struct yaml_node *node,
                          const struct kube_member *member)
{
	if (member->in_cluster && (member->kubeconfig != NULL || member->context != NULL))
		complain(load, SEVERITY_ERROR, node->line,
		         "has both in_cluster and a kubeconfig or context: keep one");
}

/* Room for `count` members in the configuration. */
static bool members_reserve(struct config_load *load, size_t count)
{
	struct config_live *live = &load->config->live;
	live->members = region_alloc(load->region, (count + 1) * sizeof live->members[0]);
	load->places = region_alloc(load->region, (count + 1) * sizeof load->places[0]);
	live->member_count = 0;
	if (live->members != NULL && load->places != NULL)
		return true;
	memory_out(load);
	return false;
}

static const struct config_key FEDERATION_V1_KEYS[] = {
	{"kubeconfig", YAML_SCALAR, kubeconfig_apply},
	{"context", YAML_SCALAR, context_apply},
	{"in_cluster", YAML_SCALAR, in_cluster_apply},
};

static void federation_v1_apply(struct config_load *load, const struct yaml_node *node,
                                void *object)
{
	(void)object;
	load->source_kinds |= SOURCE_FEDERATION_V1;
	if (!members_reserve(load, 1))
		return;
	struct config_live *live = &load->config->live;
	struct entry entry = {&live->members[0], &load->places[0]};
	*entry.member = (struct kube_member){.name = "federation"};
	*entry.place = (struct topology){.has_region = false};
	KEYS_APPLY(load, FEDERATION_V1_KEYS, node, &entry);
	member_finish(load, node, entry.member);
	live->member_count = 1;
}

static const struct config_key CLUSTER_KEYS[] = {
	{"name", YAML_SCALAR, name_apply},           {"kubeconfig", YAML_SCALAR, kubeconfig_apply},
	{"context", YAML_SCALAR, context_apply},     {"in_cluster", YAML_SCALAR, in_cluster_apply},
	{"region", YAML_SCALAR, entry_region_apply}, {"zones", YAML_LIST, entry_zones_apply},
};

static void cluster_take(struct config_load *load, const struct yaml_node *node)
{
	struct config_live *live = &load->config->live;
	struct entry entry = {&live->members[live->member_count], &load->places[live->member_count]};
	*entry.member = (struct kube_member){.name = NULL};
	*entry.place = (struct topology){.has_region = false};
	KEYS_APPLY(load, CLUSTER_KEYS, node, &entry);
	member_finish(load, node, entry.member);
	if (entry.member->name == NULL) {
		complain(load, SEVERITY_ERROR, node->line, "has a cluster without a name: give it one");
		return;
	}
	for (size_t i = 0; i < live->member_count; i++) {
		if (strcmp(live->members[i].name, entry.member->name) == 0)
			complain(load, SEVERITY_ERROR, node->line, "has cluster \"%s\" twice: keep one",
			         entry.member->name);
	}
	entry.place->cluster = bytes_of(entry.member->name);
	live->member_count++;
}

static void clusters_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	load->source_kinds |= SOURCE_CLUSTERS;
	if (node->count > KUBE_MEMBERS_MAX) {
		complain(load, SEVERITY_ERROR, node->line, "has more than %d clusters: leave some out",
		         KUBE_MEMBERS_MAX);
		return;
	}
	if (!members_reserve(load, node->count))
		return;
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (entry_is(load, item, YAML_MAP))
			cluster_take(load, item);
	}
}

/* --- which services, and how -------------------------------------------------------------- */

static void words_take(struct config_load *load, const struct yaml_node *node,
                       const char *const **out, size_t *out_count)
{
	if (node->count > WORDS_MAX) {
		complain(load, SEVERITY_ERROR, node->line, "has more than %d entries", WORDS_MAX);
		return;
	}
	const char **words = region_alloc(load->region, (node->count + 1) * sizeof words[0]);
	size_t count = 0;
	if (words == NULL) {
		memory_out(load);
		return;
	}
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (entry_is(load, item, YAML_SCALAR) && value_text(load, item, &words[count]))
			count++;
	}
	*out = words;
	*out_count = count;
}

static void namespaces_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct config_live *live = &load->config->live;
	words_take(load, node, &live->namespaces, &live->namespace_count);
}

static void exec_allow_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct config_live *live = &load->config->live;
	words_take(load, node, &live->exec_allow, &live->exec_allow_count);
}

static void selector_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	static_assert(CONFIG_TEXT_MAX <= KUBE_SELECTOR_SIZE_MAX, "a source takes every selector");
	(void)value_text(load, node, &load->config->live.selector);
}

static void start_grace_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_duration(load, node, 0, START_GRACE_MAX_MS, &load->config->live.start_grace_ms);
}

static const struct config_key SOURCE_KEYS[] = {
	{"file", YAML_SCALAR, source_file_apply},
	{"federation_v1", YAML_MAP, federation_v1_apply},
	{"clusters", YAML_LIST, clusters_apply},
	{"namespaces", YAML_LIST, namespaces_apply},
	{"selector", YAML_SCALAR, selector_apply},
	{"exec_allow", YAML_LIST, exec_allow_apply},
	{"start_grace", YAML_SCALAR, start_grace_apply},
};

void source_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	load->source = (struct origin){.given = true, .line = node->key_line};
	KEYS_APPLY(load, SOURCE_KEYS, node, object);
}

void source_finish(struct config_load *load)
{
	unsigned kinds = load->source_kinds;
	struct config *config = load->config;
	if (kinds == 0)
		complain(load, SEVERITY_ERROR, load->source.line,
		         "\"source\" is missing: give source.file in the file, or --source-file");
	else if ((kinds & (kinds - 1)) != 0)
		complain(load, SEVERITY_ERROR, load->source.line,
		         "\"source\" has more than one of file, federation_v1 and clusters: keep one");
	else if (kinds == SOURCE_FEDERATION_V1)
		config->source = CONFIG_FEDERATION_V1;
	else if (kinds == SOURCE_CLUSTERS)
		config->source = CONFIG_CLUSTERS;
	if (kinds == SOURCE_FILE && (config->live.selector != NULL || config->live.namespaces != NULL))
		complain(load, SEVERITY_ERROR, load->source.line,
		         "\"source\" narrows a file by selector or namespaces: only live sources can be");
	topology_finish(load);
}

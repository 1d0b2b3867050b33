/* Where clusters are, as far as we know better: `topology`, and what members say of themselves. */
#include "config_load.h"

static bool label_store(struct config_load *load, const struct yaml_node *node, struct bytes *out)
{
	const char *text;
	if (!value_label(load, node) || !value_text(load, node, &text))
		return false;
	*out = (struct bytes){(const uint8_t *)text, node->text.size};
	return true;
}

void region_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct topology *topology = object;
	topology->has_region = label_store(load, node, &topology->region);
}

void zones_apply(struct config_load *load, const struct yaml_node *node, void *object)
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

/* What `topology` says of the member's cluster already wins, region and zones each by itself.
 * False: it says nothing of it. */
static bool place_fill(struct topology *topology, size_t count, const struct topology *place)
{
	for (size_t i = 0; i < count; i++) {
		struct topology *given = &topology[i];
		if (!bytes_equal(given->cluster, place->cluster))
			continue;
		struct topology both = given->has_region ? *given : *place;
		if (given->has_zones || !place->has_zones) {
			both.has_zones = given->has_zones;
			both.zones = given->zones;
			both.zone_count = given->zone_count;
		} else {
			both.has_zones = true;
			both.zones = place->zones;
			both.zone_count = place->zone_count;
		}
		*given = both;
		return true;
	}
	return false;
}

/* Members that say where they are count as if `topology` said it. */
void topology_finish(struct config_load *load)
{
	struct model_policy *policy = &load->config->model;
	size_t members = load->places == NULL ? 0 : load->config->live.member_count;
	if (members == 0)
		return;
	size_t room = policy->topology_count + members;
	struct topology *topology = region_alloc(load->region, (room + 1) * sizeof *topology);
	if (topology == NULL) {
		memory_out(load);
		return;
	}
	size_t count = 0;
	for (; count < policy->topology_count; count++)
		topology[count] = policy->topology[count];
	for (size_t i = 0; i < members; i++) {
		const struct topology *place = &load->places[i];
		if ((place->has_region || place->has_zones) &&
		    !place_fill(topology, policy->topology_count, place))
			topology[count++] = *place;
	}
	policy->topology = topology;
	policy->topology_count = count;
}

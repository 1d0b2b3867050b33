#include "annotation.h"

#include <assert.h>
#include <stdlib.h>

/* One call. */
struct reading {
	struct annotation *annotation;
	const struct nodes *nodes;    /* where the items stand */
	struct bytes namespace, name; /* the service */
	struct findings *findings;
};

/* What every finding here begins with. */
#define SERVICE              "service %.*s/%.*s: "
#define SERVICE_ARG(reading) BYTES_SHOWN((reading)->namespace), BYTES_SHOWN((reading)->name)

struct annotation *annotation_new(void)
{
	struct annotation *annotation = malloc(sizeof *annotation);
	if (annotation == NULL)
		return NULL;
	nodes_init(&annotation->nodes);
	annotation->entry_count = annotation->address_count = annotation->host_count = 0;
	return annotation;
}

void annotation_free(struct annotation *annotation)
{
	if (annotation != NULL)
		nodes_clear(&annotation->nodes);
	free(annotation);
}

/* Is `node` a string with text in it? The controller leaves empty ones out. */
static bool has_text(const struct nodes *nodes, uint32_t node)
{
	return node_type(nodes, node) == NODE_STRING && node_text(nodes, node).size != 0;
}

static bool is_void_or_empty(const struct nodes *nodes, uint32_t node)
{
	return node_is_void(nodes, node) ||
	       (node_type(nodes, node) == NODE_STRING && node_text(nodes, node).size == 0);
}

/* Is there no room for another item? */
static bool is_full(struct reading *reading, struct bytes cluster)
{
	const struct annotation *annotation = reading->annotation;
	if (annotation->address_count < ANNOTATION_ADDRESSES_MAX &&
	    annotation->host_count < ANNOTATION_HOSTS_MAX)
		return false;
	findings_add(reading->findings, SEVERITY_WARNING, FINDING_LIMIT,
	             SERVICE "cluster %.*s: the annotation lists more than %d items; the rest is "
	                     "left out",
	             SERVICE_ARG(reading), BYTES_SHOWN(cluster), ANNOTATION_ADDRESSES_MAX);
	return true;
}

/* Take the item's `ip`. False: there is none that can be published, and a bad one is reported. */
static bool take_ip(struct reading *reading, struct bytes cluster, uint32_t ip)
{
	struct annotation *annotation = reading->annotation;
	const struct nodes *nodes = reading->nodes;
	if (is_void_or_empty(nodes, ip))
		return false;
	if (!has_text(nodes, ip)) {
		findings_add(reading->findings, SEVERITY_WARNING, FINDING_ADDRESS,
		             SERVICE "cluster %.*s: `ip` is %s instead of a string; it is left out",
		             SERVICE_ARG(reading), BYTES_SHOWN(cluster),
		             node_type_text(node_type(nodes, ip)));
		return false;
	}
	struct bytes text = node_text(nodes, ip);
	struct address *address = &annotation->addresses[annotation->address_count];
	struct why why = {{0}};
	if (address_parse(text, address, &why) == ERR_OK &&
	    address_publishable(address, &why) == ERR_OK) {
		annotation->address_count++;
		return true;
	}
	findings_add(reading->findings, SEVERITY_WARNING, FINDING_ADDRESS,
	             SERVICE "cluster %.*s: address \"%.*s\" is left out: %s", SERVICE_ARG(reading),
	             BYTES_SHOWN(cluster), BYTES_SHOWN(text), why.text);
	return false;
}

static void take_hostname(struct reading *reading, struct bytes cluster, uint32_t hostname)
{
	struct annotation *annotation = reading->annotation;
	const struct nodes *nodes = reading->nodes;
	if (!has_text(nodes, hostname)) {
		findings_add(reading->findings, SEVERITY_WARNING, FINDING_HOST,
		             SERVICE "cluster %.*s: `hostname` is %s instead of a string; it is left "
		                     "out",
		             SERVICE_ARG(reading), BYTES_SHOWN(cluster),
		             node_type_text(node_type(nodes, hostname)));
		return;
	}
	struct bytes text = node_text(nodes, hostname);
	struct why why = {{0}};
	if (hostname_parse(text, &annotation->hosts[annotation->host_count], &why) == ERR_OK) {
		annotation->host_count++;
		return;
	}
	findings_add(reading->findings, SEVERITY_WARNING, FINDING_HOST,
	             SERVICE "cluster %.*s: host name \"%.*s\" is left out: %s", SERVICE_ARG(reading),
	             BYTES_SHOWN(cluster), BYTES_SHOWN(text), why.text);
}

/* `ip` wins; `hostname` is used where `ip` is absent or bad. */
static void take_item(struct reading *reading, struct bytes cluster, uint32_t item)
{
	const struct nodes *nodes = reading->nodes;
	if (node_type(nodes, item) != NODE_OBJECT) {
		findings_add(reading->findings, SEVERITY_WARNING, FINDING_ANNOTATION,
		             SERVICE "cluster %.*s: %s among its items, which is no address; it is "
		                     "left out",
		             SERVICE_ARG(reading), BYTES_SHOWN(cluster),
		             node_type_text(node_type(nodes, item)));
		return;
	}
	uint32_t ip = node_member_nocase(nodes, item, "ip");
	uint32_t hostname = node_member_nocase(nodes, item, "hostname");
	if (take_ip(reading, cluster, ip))
		return;
	if (!is_void_or_empty(nodes, hostname))
		take_hostname(reading, cluster, hostname);
	else if (is_void_or_empty(nodes, ip))
		findings_add(reading->findings, SEVERITY_WARNING, FINDING_ANNOTATION,
		             SERVICE "cluster %.*s: an item has neither `ip` nor `hostname`; it is left "
		                     "out",
		             SERVICE_ARG(reading), BYTES_SHOWN(cluster));
}

/* The cluster that an entry names; empty, with a finding, where the entry is bad. */
static struct bytes entry_cluster(struct reading *reading, uint32_t entry)
{
	const struct nodes *nodes = reading->nodes;
	uint32_t cluster = node_member_nocase(nodes, entry, "cluster");
	struct bytes name = has_text(nodes, cluster) ? node_text(nodes, cluster) : (struct bytes){0};
	if (name.size != 0 && name.size <= CLUSTER_NAME_SIZE_MAX)
		return name;
	if (name.size != 0) {
		findings_add(reading->findings, SEVERITY_WARNING, FINDING_LIMIT,
		             SERVICE "an entry of the ingress annotation has a cluster name of %zu octets, "
		                     "more than %d; it is left out",
		             SERVICE_ARG(reading), name.size, CLUSTER_NAME_SIZE_MAX);
		return (struct bytes){0};
	}
	findings_add(reading->findings, SEVERITY_WARNING, FINDING_ANNOTATION,
	             SERVICE "an entry of the ingress annotation names no cluster; it is left out",
	             SERVICE_ARG(reading));
	return (struct bytes){0};
}

/* One cluster's items: `items` is void or an array. */
static void take_items(struct reading *reading, struct bytes cluster, uint32_t items)
{
	struct annotation *annotation = reading->annotation;
	const struct nodes *nodes = reading->nodes;
	struct ingress_seen *seen = &annotation->entries[annotation->entry_count++];
	*seen = (struct ingress_seen){.cluster = cluster,
	                              .addresses = annotation->addresses + annotation->address_count,
	                              .hosts = annotation->hosts + annotation->host_count};
	if (node_type(nodes, items) != NODE_ARRAY)
		return; /* listed and unhealthy (rule 1) */
	for (uint32_t i = items + 1; i < node_next(nodes, items); i = node_next(nodes, i)) {
		if (is_full(reading, cluster))
			break;
		take_item(reading, cluster, i);
	}
	seen->address_count =
		(size_t)(annotation->addresses + annotation->address_count - seen->addresses);
	seen->host_count = (size_t)(annotation->hosts + annotation->host_count - seen->hosts);
}

static void take_entry(struct reading *reading, uint32_t entry)
{
	const struct nodes *nodes = reading->nodes;
	struct bytes cluster = entry_cluster(reading, entry);
	if (cluster.size == 0)
		return;
	uint32_t items = node_member_nocase(nodes, entry, "items");
	if (!node_is_void(nodes, items) && node_type(nodes, items) != NODE_ARRAY) {
		findings_add(reading->findings, SEVERITY_WARNING, FINDING_ANNOTATION,
		             SERVICE "cluster %.*s: its `items` is %s instead of an array; the entry "
		                     "is left out",
		             SERVICE_ARG(reading), BYTES_SHOWN(cluster),
		             node_type_text(node_type(nodes, items)));
		return;
	}
	take_items(reading, cluster, items);
}

static void take_entries(struct reading *reading, uint32_t items)
{
	const struct annotation *annotation = reading->annotation;
	const struct nodes *nodes = reading->nodes;
	for (uint32_t i = items + 1; i < node_next(nodes, items); i = node_next(nodes, i)) {
		if (annotation->entry_count == ANNOTATION_ENTRIES_MAX) {
			findings_add(reading->findings, SEVERITY_WARNING, FINDING_LIMIT,
			             SERVICE "the ingress annotation has more than %d entries; the rest is "
			                     "left out",
			             SERVICE_ARG(reading), ANNOTATION_ENTRIES_MAX);
			return;
		}
		take_entry(reading, i);
	}
}

static void lists_nothing(struct reading *reading, const char *sentence)
{
	findings_add(reading->findings, SEVERITY_WARNING, FINDING_ANNOTATION,
	             SERVICE "the ingress annotation lists nothing, so the service has no names: %s",
	             SERVICE_ARG(reading), sentence);
}

enum err annotation_read(struct annotation *annotation, struct bytes text, struct bytes namespace,
                         struct bytes name, struct findings *findings, struct why *why)
{
	assert(annotation != NULL && findings != NULL && why != NULL);
	struct reading reading = {annotation, &annotation->nodes, namespace, name, findings};
	const struct nodes *nodes = reading.nodes;
	annotation->entry_count = annotation->address_count = annotation->host_count = 0;
	struct why bad = {{0}};
	enum err err = nodes_read_whole(&annotation->nodes, text, &bad);
	if (err == ERR_NOMEM) {
		*why = bad;
		return err;
	}
	if (err != ERR_OK) {
		lists_nothing(&reading, bad.text);
		return ERR_OK;
	}
	enum node_type type = node_type(nodes, NODE_ROOT);
	if (type == NODE_NULL)
		return ERR_OK;
	uint32_t items = node_member_nocase(nodes, NODE_ROOT, "items");
	if (type != NODE_OBJECT)
		lists_nothing(&reading, "it is no JSON object");
	else if (node_type(nodes, items) == NODE_ARRAY)
		take_entries(&reading, items);
	else if (!node_is_void(nodes, items))
		lists_nothing(&reading, "its `items` is no array");
	return ERR_OK;
}

void annotation_set(struct annotation *annotation, const struct nodes *nodes, uint32_t items,
                    struct bytes cluster, struct bytes namespace, struct bytes name,
                    struct findings *findings)
{
	struct reading reading = {annotation, nodes, namespace, name, findings};
	annotation->entry_count = annotation->address_count = annotation->host_count = 0;
	take_items(&reading, cluster, items);
}

#include "origin.h"

#include "merge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * Values: of a service its record and an octet of flags; of a cluster struct cluster_value and its
 * labels; of endpoints see slices.c; of a node REGION NUL ZONE.
 */
enum service_flag { PUBLISH_NOT_READY = 1 };

struct cluster_value {
	int64_t ready_since_ms;
	uint8_t ready;
	uint16_t region_size, zone_count;
};

/* --- keys --------------------------------------------------------------------------------- */

struct key {
	size_t size; /* 0: it can't be used */
	uint8_t octets[CATALOG_KEY_SIZE_MAX];
};

static struct bytes key_bytes(const struct key *key)
{
	return (struct bytes){key->octets, key->size};
}

static void key_add(struct key *key, struct bytes text)
{
	assert(key->size + text.size <= sizeof key->octets);
	if (text.size == 0)
		return; /* it may have no pointer */
	for (size_t i = 0; i < text.size; i++)
		key->octets[key->size++] = octet_lower(text.data[i]);
}

/* A string member of an object that nobody judged; such names have no escapes. */
static struct bytes raw_text(struct bytes object, const char *member)
{
	struct bytes value;
	if (!scan_member(object, member, &value) || value.size < 2 || value.data[0] != '"' ||
	    memchr(value.data, '\\', value.size) != NULL)
		return (struct bytes){NULL, 0};
	return (struct bytes){value.data + 1, value.size - 2};
}

static struct bytes metadata_text(const struct object *object, const char *member)
{
	struct bytes raw;
	if (object->left_out)
		return scan_member(object->text, "metadata", &raw) ? raw_text(raw, member) : raw;
	uint32_t metadata = node_member(object->nodes, NODE_ROOT, "metadata");
	return node_text(object->nodes, node_member(object->nodes, metadata, member));
}

/* NAMESPACE/NAME, or NAME of what has no namespace. In lower case, as Kubernetes has them: of what
 * else says it is an API server, names that differ by case alone are one name in the DNS. */
static void key_of(const struct object *object, bool namespaced, struct key *out)
{
	struct bytes name = metadata_text(object, "name"), space = {NULL, 0};
	out->size = 0;
	if (namespaced)
		space = metadata_text(object, "namespace");
	if (namespaced && space.size == 0)
		space = bytes_of("default");
	if (name.size == 0 || space.size + 1 + name.size > sizeof out->octets)
		return;
	key_add(out, space);
	if (namespaced)
		key_add(out, bytes_of("/"));
	key_add(out, name);
}

/* --- values ------------------------------------------------------------------------------- */

static enum err put(struct buf *out, const void *data, size_t size)
{
	return size == 0 ? ERR_OK : buf_add(out, (struct bytes){data, size});
}

/* Into merge->packed: emptied, where the service has no names. */
static enum err service_value(struct origin *origin, const struct object *object, struct why *why)
{
	struct merge *merge = origin->merge;
	struct service_seen seen;
	enum err err =
		origin->kind == ORIGIN_FEDERATION
			? service_decode(&merge->decoder, object, &seen, why)
			: service_decode_member(&merge->decoder, object, bytes_of(origin->name), &seen, why);
	merge->packed.size = 0;
	if (err != ERR_OK || seen.ingress_count == 0 || !merge_wants(merge, seen.namespace))
		return err;
	uint32_t spec = node_member(object->nodes, NODE_ROOT, "spec");
	uint32_t not_ready = node_member(object->nodes, spec, "publishNotReadyAddresses");
	struct buf *packed = &merge->packed;
	err = record_pack(&seen, packed);
	const uint8_t flags = node_type(object->nodes, not_ready) == NODE_TRUE ? PUBLISH_NOT_READY : 0;
	return err == ERR_OK ? put(packed, &flags, 1) : err; /* at the end: the record begins it */
}

static enum err sized_put(struct buf *out, struct bytes label)
{
	const uint16_t size = (uint16_t)label.size;
	enum err err = put(out, &size, sizeof size);
	return err == ERR_OK ? put(out, label.data, label.size) : err;
}

static enum err cluster_value(struct origin *origin, const struct object *object)
{
	struct buf *packed = &origin->merge->packed;
	struct cluster_seen seen;
	cluster_decode(&origin->merge->decoder, object, &seen);
	packed->size = 0;
	if (seen.name.size == 0 || seen.region.size > UINT16_MAX)
		return ERR_OK;
	struct cluster_value head;
	memset(&head, 0, sizeof head);
	head.ready_since_ms = seen.ready_since_ms;
	head.ready = (uint8_t)seen.ready;
	head.region_size = (uint16_t)seen.region.size;
	head.zone_count = (uint16_t)seen.zone_count;
	enum err err = put(packed, &head, sizeof head);
	if (err == ERR_OK)
		err = put(packed, seen.region.data, seen.region.size);
	for (size_t i = 0; i < seen.zone_count && err == ERR_OK; i++)
		err = sized_put(packed,
		                seen.zones[i].size <= UINT16_MAX ? seen.zones[i] : (struct bytes){NULL, 0});
	return err;
}

/* The first of two labels that is there and not empty: the old names are still about. */
static struct bytes label_of(const struct nodes *nodes, uint32_t labels, const char *name,
                             const char *old)
{
	struct bytes label = node_text(nodes, node_member(nodes, labels, name));
	return label.size != 0 ? label : node_text(nodes, node_member(nodes, labels, old));
}

static enum err node_value(struct origin *origin, const struct object *object)
{
	const struct nodes *nodes = object->nodes;
	struct buf *packed = &origin->merge->packed;
	uint32_t metadata = node_member(nodes, NODE_ROOT, "metadata");
	uint32_t labels = node_member(nodes, metadata, "labels");
	struct bytes region = label_of(nodes, labels, "topology.kubernetes.io/region",
	                               "failure-domain.beta.kubernetes.io/region");
	struct bytes zone = label_of(nodes, labels, "topology.kubernetes.io/zone",
	                             "failure-domain.beta.kubernetes.io/zone");
	packed->size = 0;
	if (region.size == 0 || memchr(region.data, 0, region.size) != NULL)
		return ERR_OK;
	enum err err = put(packed, region.data, region.size);
	if (err == ERR_OK)
		err = put(packed, "", 1);
	return err == ERR_OK ? put(packed, zone.data, zone.size) : err;
}

/* Into merge->packed. */
static enum err value_of(const struct part *part, const struct object *object, struct why *why)
{
	assert(part->part != PART_ENDPOINTS);
	enum err err = part->part == PART_SERVICES   ? service_value(part->origin, object, why)
	               : part->part == PART_CLUSTERS ? cluster_value(part->origin, object)
	                                             : node_value(part->origin, object);
	if (err == ERR_NOMEM)
		why_set(why, "no memory for what an API server holds");
	else if (err == ERR_LIMIT)
		why_set(why, "an object that says more than is kept of one");
	return err;
}

/* --- sinks -------------------------------------------------------------------------------- */

static struct catalog *catalog_of(const struct part *part)
{
	return part->origin->parts[part->part];
}

static void moved(void *arg, struct bytes key)
{
	const struct part *part = arg;
	struct merge *merge = part->origin->merge;
	if (part->part == PART_CLUSTERS)
		merge_cluster_moved(merge, key);
	else if (part->part == PART_NODES)
		merge_cluster_moved(merge, bytes_of(part->origin->name));
	else
		merge_service_moved(merge, key, false);
}

static void list_begin(void *arg)
{
	catalog_list_begin(catalog_of(arg));
}

static void list_dropped(void *arg)
{
	catalog_list_drop(catalog_of(arg));
}

/* What came of keeping a value. */
static enum err kept(enum err err, struct why *why)
{
	if (err == ERR_NOMEM)
		why_set(why, "no memory for what an API server holds");
	else if (err == ERR_LIMIT)
		why_set(why, "the API server holds more than %d objects", CATALOG_KEYS_MAX);
	return err;
}

static void say_unfit(const struct part *part, const struct slice_seen *seen)
{
	findings_add(part->origin->merge->findings, SEVERITY_ERROR, FINDING_LIMIT,
	             "cluster %s: service %.*s has more than %d EndpointSlices; further ones don't "
	             "count",
	             part->origin->name, (int)seen->key_size, (const char *)seen->key, SLICES_MAX);
}

static void slice_of(const struct part *part, const struct object *object, struct slice_seen *out)
{
	uint64_t seed = model_seed(part->origin->merge->model);
	if (part->origin->endpoints_v1)
		endpoints_read(object, seed, out);
	else
		slice_read(object, seed, out);
}

static enum err endpoints_listed(const struct part *part, const struct object *object,
                                 struct why *why)
{
	struct slice_seen seen;
	slice_of(part, object, &seen);
	if (seen.key_size == 0)
		return ERR_OK;
	if (!slices_fit(catalog_of(part), &seen, true))
		say_unfit(part, &seen);
	return kept(slices_list_add(catalog_of(part), &seen), why);
}

/* The service that an endpoint slice too large to be read counts for. */
static void slice_service(const struct object *object, struct key *out)
{
	struct bytes metadata, labels, namespace = metadata_text(object, "namespace");
	out->size = 0;
	if (!scan_member(object->text, "metadata", &metadata) ||
	    !scan_member(metadata, "labels", &labels))
		return;
	struct bytes service = raw_text(labels, SERVICE_LABEL);
	if (service.size == 0 || namespace.size + 1 + service.size > sizeof out->octets)
		return;
	key_add(out, namespace);
	key_add(out, bytes_of("/"));
	key_add(out, service);
}

/* What can't be read is not gone: what was known under its key is listed again. Of a service's
 * slices that is all of them, where none was listed yet. */
static enum err left_out(const struct part *part, const struct object *object, struct why *why)
{
	struct key key;
	struct catalog *catalog = catalog_of(part);
	bool namespaced = part->part == PART_SERVICES || part->part == PART_ENDPOINTS;
	if (part->part == PART_ENDPOINTS && !part->origin->endpoints_v1)
		slice_service(object, &key);
	else
		key_of(object, namespaced, &key);
	if (key.size == 0) {
		why_set(why, "an object that doesn't tell its name: %s", object->limit->text);
		return ERR_INVALID;
	}
	struct bytes known = catalog_get(catalog, key_bytes(&key));
	findings_add(part->origin->merge->findings, SEVERITY_ERROR, FINDING_LIMIT,
	             "cluster %s: the %.*s of %.*s can't be read, %s: %s", part->origin->name,
	             BYTES_SHOWN(object->kind), BYTES_SHOWN(key_bytes(&key)),
	             known.size != 0 ? "what was known stays" : "it is left out", object->limit->text);
	if (known.size == 0 || catalog_listed(catalog, key_bytes(&key)).size != 0)
		return ERR_OK;
	return kept(catalog_list_add(catalog, key_bytes(&key), known), why);
}

static enum err listed(void *arg, const struct object *object, struct why *why)
{
	const struct part *part = arg;
	if (object->left_out)
		return left_out(part, object, why);
	if (part->part == PART_ENDPOINTS)
		return endpoints_listed(part, object, why);
	struct key key;
	key_of(object, part->part == PART_SERVICES, &key);
	enum err err = value_of(part, object, why);
	struct bytes value = buf_bytes(&part->origin->merge->packed);
	if (err != ERR_OK || key.size == 0 || value.size == 0)
		return err;
	return kept(catalog_list_add(catalog_of(part), key_bytes(&key), value), why);
}

static void part_synced(const struct part *part)
{
	part->origin->synced[part->part] = true;
	merge_origin_moved(part->origin->merge, part->origin);
}

static enum err list_done(void *arg, struct why *why)
{
	(void)why;
	const struct part *part = arg;
	catalog_list_done(catalog_of(part), moved, arg);
	part_synced(part);
	return ERR_OK;
}

static enum err endpoints_changed(const struct part *part, const struct object *object, bool gone,
                                  struct why *why)
{
	struct slice_seen seen;
	bool any = false;
	slice_of(part, object, &seen);
	if (seen.key_size == 0)
		return ERR_OK;
	const struct bytes key = {seen.key, seen.key_size};
	if (!gone && !slices_fit(catalog_of(part), &seen, false))
		say_unfit(part, &seen);
	enum err err = slices_set(catalog_of(part), &seen, gone, &any);
	if (any)
		merge_service_moved(part->origin->merge, key, false);
	return kept(err, why);
}

/* Deleted, or about to be: load balancers have finalizers, so that a deletion begins by a change
 * that takes the service's names. */
static bool is_deleted(const struct object *object, bool gone)
{
	uint32_t metadata = node_member(object->nodes, NODE_ROOT, "metadata");
	return gone ||
	       !node_is_void(object->nodes, node_member(object->nodes, metadata, "deletionTimestamp"));
}

/* A withdrawal that was held before somebody deleted the service needs no approval any more, though
 * nothing moves by that. */
static void service_changed(const struct part *part, struct bytes key, bool deleted, bool any)
{
	struct merge *merge = part->origin->merge;
	if (any || (deleted && merge_holds(merge, key)))
		merge_service_moved(merge, key, deleted);
}

static enum err changed(void *arg, const struct object *object, bool gone, struct why *why)
{
	const struct part *part = arg;
	if (part->part == PART_ENDPOINTS)
		return endpoints_changed(part, object, gone, why);
	struct key key;
	bool any = false;
	struct buf *packed = &part->origin->merge->packed;
	key_of(object, part->part == PART_SERVICES, &key);
	packed->size = 0;
	enum err err = gone ? ERR_OK : value_of(part, object, why);
	if (err != ERR_OK || key.size == 0)
		return err;
	err = kept(catalog_set(catalog_of(part), key_bytes(&key), buf_bytes(packed), &any), why);
	if (err != ERR_OK)
		return err;
	if (part->part == PART_SERVICES)
		service_changed(part, key_bytes(&key), is_deleted(object, gone), any);
	else if (any)
		moved(arg, key_bytes(&key));
	return ERR_OK;
}

/* --- life --------------------------------------------------------------------------------- */

static bool has_part(enum origin_kind kind, enum origin_part part)
{
	if (part == PART_SERVICES)
		return true;
	return (part == PART_CLUSTERS) == (kind == ORIGIN_FEDERATION);
}

struct origin *origin_new(enum origin_kind kind, const char *name, struct merge *merge,
                          uint64_t seed)
{
	struct origin *origin = calloc(1, sizeof *origin);
	if (origin == NULL)
		return NULL;
	origin->kind = kind;
	origin->merge = merge;
	origin->name = strdup(name);
	bool good = origin->name != NULL;
	for (unsigned i = 0; i < ORIGIN_PARTS; i++) {
		origin->args[i] = (struct part){origin, (enum origin_part)i};
		origin->sinks[i] =
			(struct sink){&origin->args[i], list_begin, listed, list_done, list_dropped, changed};
		origin->synced[i] = !has_part(kind, (enum origin_part)i);
		if (origin->synced[i])
			continue;
		origin->parts[i] = catalog_new(seed, CATALOG_KEYS_MAX);
		good &= origin->parts[i] != NULL;
	}
	if (good)
		return origin;
	origin_free(origin);
	return NULL;
}

void origin_free(struct origin *origin)
{
	if (origin == NULL)
		return;
	for (unsigned i = 0; i < ORIGIN_PARTS; i++)
		catalog_free(origin->parts[i]);
	free(origin->name);
	free(origin);
}

bool origin_synced(const struct origin *origin)
{
	for (unsigned i = 0; i < ORIGIN_PARTS; i++) {
		if (!origin->synced[i])
			return false;
	}
	return true;
}

void origin_give_up(struct origin *origin, enum origin_part part)
{
	assert(part == PART_NODES);
	if (!origin->synced[part])
		part_synced(&origin->args[part]);
}

/* --- what it says ------------------------------------------------------------------------- */

/* At least one endpoint: ready, or, where the service publishes those that aren't, serving. Pods
 * that end but still serve keep a service alive that has no others (as kube-proxy has it). */
static bool healthy(const struct origin *origin, struct bytes key, uint8_t flags)
{
	struct endpoint_counts counts = slices_counts(origin->parts[PART_ENDPOINTS], key);
	uint32_t good = (flags & PUBLISH_NOT_READY) != 0 ? counts.serving : counts.ready;
	return good != 0 || counts.draining != 0;
}

bool origin_service(const struct origin *origin, struct bytes key, struct unpacked *out)
{
	struct bytes value = catalog_get(origin->parts[PART_SERVICES], key);
	if (value.size == 0)
		return false;
	size_t before = out->seen.ingress_count;
	uint8_t flags = value.data[value.size - 1];
	record_unpack((struct bytes){value.data, value.size - 1}, out);
	if (origin->kind == ORIGIN_FEDERATION || healthy(origin, key, flags))
		return true;
	for (size_t i = before; i < out->seen.ingress_count; i++)
		out->ingresses[i].address_count = out->ingresses[i].host_count = 0;
	return true;
}

bool origin_cluster(const struct origin *origin, struct bytes name, struct bytes *zones,
                    struct cluster_seen *out)
{
	struct bytes value = catalog_get(origin->parts[PART_CLUSTERS], name);
	struct cluster_value head;
	if (value.size == 0)
		return false;
	memcpy(&head, value.data, sizeof head);
	const uint8_t *at = value.data + sizeof head;
	*out = (struct cluster_seen){.name = name,
	                             .region = {at, head.region_size},
	                             .zones = zones,
	                             .zone_count = head.zone_count,
	                             .ready = (enum ready)head.ready,
	                             .ready_since_ms = head.ready_since_ms};
	at += head.region_size;
	for (unsigned i = 0; i < head.zone_count; i++) {
		uint16_t size;
		memcpy(&size, at, sizeof size);
		zones[i] = (struct bytes){at + sizeof size, size};
		at += sizeof size + size;
	}
	return true;
}

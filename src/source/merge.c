#include "merge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Values of dirty keys. */
static const uint8_t MOVED[] = {1};  /* look at it again */
static const uint8_t FORCED[] = {2}; /* and let go what goes, whatever the budget says */

static struct bytes mark(const uint8_t *octets)
{
	return (struct bytes){octets, 1};
}

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory to join what the API servers say");
	return ERR_NOMEM;
}

/* --- what is dirty ------------------------------------------------------------------------ */

static void news(struct merge *merge)
{
	bool before = merge->news;
	merge->news = true;
	if (!before && merge->wake != NULL)
		merge->wake(merge->wake_arg);
}

/* Without memory for a key everything is dirty. A forced key stays forced. False: that it is forced
 * is lost. */
static bool dirty_add(struct merge *merge, struct catalog *dirty, struct bytes key,
                      const uint8_t *why_dirty)
{
	bool moved, kept = true;
	struct bytes have = catalog_get(dirty, key);
	if (have.size == 0 || have.data[0] < why_dirty[0])
		kept = catalog_set(dirty, key, mark(why_dirty), &moved) == ERR_OK;
	merge->all_dirty |= !kept;
	news(merge);
	return kept || why_dirty == MOVED;
}

/* A deletion that there is no memory to note counts like a list that lacks the service: the budget
 * may hold it, which withholds something and breaks nothing. */
void merge_service_moved(struct merge *merge, struct bytes key, bool deleted)
{
	(void)dirty_add(merge, merge->dirty, key, deleted ? FORCED : MOVED);
}

void merge_cluster_moved(struct merge *merge, struct bytes name)
{
	if (name.size <= CATALOG_KEY_SIZE_MAX)
		(void)dirty_add(merge, merge->dirty_clusters, name, MOVED);
}

static void view_moved(struct merge *merge, const struct service_view *view,
                       const uint8_t *why_dirty)
{
	uint8_t key[SERVICE_KEY_SIZE_MAX];
	memcpy(key, view->namespace.data, view->namespace.size);
	key[view->namespace.size] = '/';
	memcpy(key + view->namespace.size + 1, view->name.data, view->name.size);
	const struct bytes whole = {key, view->namespace.size + 1 + view->name.size};
	/* Of the model's services only those of clusters that leave are forced. */
	merge->leaving_forced |= !dirty_add(merge, merge->dirty, whole, why_dirty);
}

static struct origin *origin_named(const struct merge *merge, struct bytes name)
{
	for (size_t i = 0; i < merge->origin_count; i++) {
		if (bytes_equal(bytes_of(merge->origins[i]->name), name))
			return merge->origins[i];
	}
	return NULL;
}

/* Which of the model's services are meant. */
enum listing {
	LISTING_ANY,
	LISTING_CLUSTER, /* those that list `cluster` */
	LISTING_STRANGE, /* those that list a cluster that is no origin */
};

static bool view_lists(const struct merge *merge, struct service_view view, enum listing listing,
                       struct bytes cluster)
{
	struct ingress_view ingress;
	while (model_ingress_next(&view, &ingress)) {
		struct cluster_view listed;
		if (!model_cluster(merge->model, ingress.cluster, &listed))
			continue;
		if (listing == LISTING_CLUSTER ? bytes_equal(listed.name, cluster)
		                               : origin_named(merge, listed.name) == NULL)
			return true;
	}
	return false;
}

static void model_services_moved(struct merge *merge, enum listing listing, struct bytes cluster,
                                 const uint8_t *why_dirty)
{
	size_t limit = model_service_limit(merge->model);
	for (size_t id = 0; id < limit; id++) {
		struct service_view view;
		if (model_service(merge->model, (uint32_t)id, &view) &&
		    (listing == LISTING_ANY || view_lists(merge, view, listing, cluster)))
			view_moved(merge, &view, why_dirty);
	}
}

/* The model's clusters that `source` told of; with `strange` those alone that are no origin. */
static void model_clusters_moved(struct merge *merge, bool strange)
{
	size_t limit = model_cluster_limit(merge->model);
	for (size_t id = 0; id < limit; id++) {
		struct cluster_view view;
		if (model_cluster(merge->model, (uint16_t)id, &view) && view.in_source &&
		    (!strange || origin_named(merge, view.name) == NULL))
			merge_cluster_moved(merge, view.name);
	}
}

static void each_moved(void *arg, struct bytes key)
{
	merge_service_moved(arg, key, false);
}

static void each_leaving(void *arg, struct bytes key)
{
	struct merge *merge = arg;
	merge->leaving_forced |= !dirty_add(merge, merge->dirty, key, FORCED);
}

static void each_approved(void *arg, struct bytes key)
{
	struct merge *merge = arg;
	merge->held_forced |= !dirty_add(merge, merge->dirty, key, FORCED);
}

static void each_cluster_moved(void *arg, struct bytes key)
{
	merge_cluster_moved(arg, key);
}

/* What was forced when memory ran out, again. */
static void forced_again(struct merge *merge)
{
	bool leaving = merge->leaving_forced, held = merge->held_forced;
	merge->leaving_forced = merge->held_forced = false;
	if (leaving)
		model_services_moved(merge, LISTING_STRANGE, (struct bytes){NULL, 0}, FORCED);
	if (held)
		catalog_each(merge->held, each_approved, merge);
}

void merge_everything_moved(struct merge *merge)
{
	merge->all_dirty = false;
	forced_again(merge);
	model_services_moved(merge, LISTING_ANY, (struct bytes){NULL, 0}, MOVED);
	model_clusters_moved(merge, false);
	for (size_t i = 0; i < merge->origin_count; i++) {
		struct origin *origin = merge->origins[i];
		catalog_each(origin->parts[PART_SERVICES], each_moved, merge);
		if (origin->kind == ORIGIN_FEDERATION)
			catalog_each(origin->parts[PART_CLUSTERS], each_cluster_moved, merge);
		else
			merge_cluster_moved(merge, bytes_of(origin->name));
	}
}

void merge_origin_moved(struct merge *merge, struct origin *origin)
{
	if (origin->told || !origin_synced(origin))
		return;
	origin->told = true;
	catalog_each(origin->parts[PART_SERVICES], each_moved, merge);
	if (origin->kind == ORIGIN_FEDERATION) {
		/* What the last-known-good state holds and the federation doesn't. */
		model_services_moved(merge, LISTING_ANY, (struct bytes){NULL, 0}, MOVED);
		model_clusters_moved(merge, false);
	} else {
		merge_cluster_moved(merge, bytes_of(origin->name));
		model_services_moved(merge, LISTING_CLUSTER, bytes_of(origin->name), MOVED);
	}
	news(merge);
}

bool merge_wants(const struct merge *merge, struct bytes namespace)
{
	for (size_t i = 0; i < merge->namespace_count; i++) {
		if (bytes_equal(namespace, bytes_of(merge->namespaces[i])))
			return true;
	}
	return merge->namespace_count == 0;
}

/* --- origins ------------------------------------------------------------------------------ */

static uint64_t addresses_count(const struct model *model)
{
	uint64_t count = 0;
	size_t limit = model_service_limit(model);
	for (size_t id = 0; id < limit; id++) {
		struct service_view view;
		if (model_service(model, (uint32_t)id, &view))
			count += service_address_count(&view);
	}
	return count;
}

enum err merge_init(struct merge *merge, struct model *model, struct findings *findings,
                    unsigned max_withdraw_percent, struct why *why)
{
	uint64_t seed = model_seed(model);
	*merge = (struct merge){.model = model, .findings = findings};
	buf_init(&merge->packed, STATE_OBJECT_SIZE_MAX);
	enum err err = decoder_init(&merge->decoder, model, findings, why);
	if (err != ERR_OK)
		return err;
	merge->unpacked = malloc(sizeof *merge->unpacked);
	merge->dirty = catalog_new(seed, MERGE_KEYS_MAX);
	merge->dirty_clusters = catalog_new(seed, MERGE_KEYS_MAX);
	merge->held = catalog_new(seed, MERGE_KEYS_MAX);
	merge->holding = catalog_new(seed, MERGE_KEYS_MAX);
	merge->no_room = catalog_new(seed, MERGE_KEYS_MAX);
	err = losses_init(&merge->losses, max_withdraw_percent, seed, MERGE_KEYS_MAX);
	merge->services_max = SERVICES_MAX;
	if (merge->unpacked != NULL && merge->dirty != NULL && merge->dirty_clusters != NULL &&
	    merge->held != NULL && merge->holding != NULL && merge->no_room != NULL && err == ERR_OK)
		return ERR_OK;
	merge_clear(merge);
	return no_memory(why);
}

void merge_clear(struct merge *merge)
{
	for (size_t i = 0; i < merge->origin_count; i++)
		origin_free(merge->origins[i]);
	catalog_free(merge->dirty);
	catalog_free(merge->dirty_clusters);
	catalog_free(merge->held);
	catalog_free(merge->holding);
	losses_clear(&merge->losses);
	catalog_free(merge->no_room);
	free(merge->unpacked);
	buf_free(&merge->packed);
	decoder_clear(&merge->decoder);
	*merge = (struct merge){.origin_count = 0};
}

enum err merge_add(struct merge *merge, enum origin_kind kind, const char *name,
                   struct origin **out, struct why *why)
{
	assert(kind == ORIGIN_MEMBER || merge->origin_count == 0);
	*out = NULL;
	if (merge->origin_count == ORIGINS_MAX) {
		why_set(why, "more than %d clusters", ORIGINS_MAX);
		return ERR_LIMIT;
	}
	if (origin_named(merge, bytes_of(name)) != NULL) {
		why_set(why, "a cluster of that name is there");
		return ERR_CONFLICT;
	}
	struct origin *origin = origin_new(kind, name, merge, model_seed(merge->model));
	if (origin == NULL)
		return no_memory(why);
	merge->origins[merge->origin_count++] = origin;
	*out = origin;
	return ERR_OK;
}

void merge_remove(struct merge *merge, struct origin *origin)
{
	size_t at = 0;
	while (merge->origins[at] != origin)
		at++;
	memmove(&merge->origins[at], &merge->origins[at + 1],
	        (merge->origin_count - at - 1) * sizeof merge->origins[0]);
	merge->origin_count--;
	catalog_each(origin->parts[PART_SERVICES], each_leaving, merge);
	model_services_moved(merge, LISTING_CLUSTER, bytes_of(origin->name), FORCED);
	merge_cluster_moved(merge, bytes_of(origin->name));
	origin_free(origin);
}

void merge_begin(struct merge *merge)
{
	merge->addresses = addresses_count(merge->model);
	if (merge->origin_count == 1 && merge->origins[0]->kind == ORIGIN_FEDERATION)
		return; /* it tells of its clusters itself */
	model_services_moved(merge, LISTING_STRANGE, (struct bytes){NULL, 0}, FORCED);
	model_clusters_moved(merge, true);
}

void merge_approve(struct merge *merge)
{
	catalog_each(merge->held, each_approved, merge);
}

bool merge_holds(const struct merge *merge, struct bytes key)
{
	return catalog_get(merge->held, key).size != 0;
}

size_t merge_held(const struct merge *merge)
{
	return catalog_count(merge->held);
}

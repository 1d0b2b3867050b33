/* From dirty keys to a commit. */
#include "merge.h"

#include <assert.h>
#include <string.h>

/* One walk over what is dirty. */
struct settling {
	struct merge *merge;
	struct why *why;
	enum err err;
	bool deny;              /* services that would lose addresses are held back */
	uint64_t loss;          /* addresses that go, of services that nobody forced */
	uint64_t before;        /* addresses of the staged services in the model */
	uint64_t after;         /* and once they are committed */
	size_t coming;          /* services that the model hasn't yet */
	size_t clusters_coming; /* likewise */
	int64_t now_ms;         /* of the commit */
};

/* --- one service -------------------------------------------------------------------------- */

static void key_split(struct bytes key, struct bytes *namespace, struct bytes *name)
{
	const uint8_t *slash = memchr(key.data, '/', key.size);
	assert(slash != NULL);
	size_t size = (size_t)(slash - key.data);
	*namespace = (struct bytes){key.data, size};
	*name = (struct bytes){slash + 1, key.size - size - 1};
}

static void addresses_carry(struct unpacked *out, struct ingress_seen *ingress,
                            const struct address_set *set)
{
	for (size_t i = 0; i < address_set_count(set); i++) {
		if (out->address_count == ANNOTATION_ADDRESSES_MAX)
			return;
		out->addresses[out->address_count++] = address_set_at(set, i);
		ingress->address_count++;
	}
}

static void ingress_carry(const struct model *model, struct unpacked *out, struct bytes cluster,
                          const struct ingress_view *view)
{
	struct ingress_seen ingress = {.cluster = cluster,
	                               .addresses = out->addresses + out->address_count,
	                               .hosts = out->hosts + out->host_count};
	addresses_carry(out, &ingress, &view->direct);
	for (unsigned i = 0; i < view->host_count; i++) {
		struct host_view host;
		if (!model_host(model, view->hosts[i], &host) || out->host_count == ANNOTATION_HOSTS_MAX)
			continue;
		out->hosts[out->host_count++] = *host.name;
		ingress.host_count++;
	}
	if (out->seen.ingress_count < ANNOTATION_ENTRIES_MAX)
		out->ingresses[out->seen.ingress_count++] = ingress;
}

static void options_carry(struct unpacked *out, struct service_view view)
{
	out->seen.ttl_s = view.ttl_s;
	out->seen.fallback = view.fallback;
	out->seen.all_down = view.all_down;
	out->seen.probe = view.probe;
	out->seen.tcp_port = view.tcp_port;
	while (out->seen.port_count < PORTS_MAX &&
	       model_port_next(&view, &out->ports[out->seen.port_count]))
		out->seen.port_count++;
}

/* What members that aren't synced yet said last, as the model has it. */
static void unsynced_carry(const struct merge *merge, const struct service_view *now,
                           struct unpacked *out)
{
	struct service_view walk = *now;
	struct ingress_view ingress;
	bool first = out->seen.ingress_count == 0;
	while (model_ingress_next(&walk, &ingress)) {
		struct cluster_view cluster;
		if (!model_cluster(merge->model, ingress.cluster, &cluster))
			continue;
		for (size_t i = 0; i < merge->origin_count; i++) {
			const struct origin *origin = merge->origins[i];
			if (!origin_synced(origin) && bytes_equal(bytes_of(origin->name), cluster.name))
				ingress_carry(merge->model, out, cluster.name, &ingress);
		}
	}
	if (first && out->seen.ingress_count != 0)
		options_carry(out, *now);
}

/* Put together what all origins say of `key`; no ingresses: it has no names. */
static void compose(const struct merge *merge, struct bytes key, const struct service_view *now)
{
	struct bytes namespace, name;
	struct unpacked *out = merge->unpacked;
	key_split(key, &namespace, &name);
	unpacked_begin(out, namespace, name);
	for (size_t i = 0; i < merge->origin_count; i++) {
		if (origin_synced(merge->origins[i]))
			(void)origin_service(merge->origins[i], key, out);
	}
	if (now != NULL)
		unsynced_carry(merge, now, out);
}

/* The addresses count as many as the ingresses in force hold: an unhealthy one's were emptied. */
static uint64_t composed_count(const struct unpacked *unpacked)
{
	uint64_t count = 0;
	for (size_t i = 0; i < unpacked->seen.ingress_count; i++)
		count += unpacked->ingresses[i].address_count + unpacked->ingresses[i].host_count;
	assert(count <= unpacked->address_count + unpacked->host_count);
	return count;
}

/* Keep `key` in `keys`, or forget it there, which needs no memory. */
static void key_keep(struct settling *settling, struct catalog *keys, struct bytes key, bool keep)
{
	static const uint8_t YES[] = {1};
	bool moved;
	const struct bytes value = {YES, keep};
	if (settling->err == ERR_OK)
		settling->err = catalog_set(keys, key, value, &moved);
}

/* Values of merge->holding. */
static const uint8_t HOLDING_MORE[] = {1}; /* held from now on: stands in `held` already */
static const uint8_t HOLDING_LESS[] = {2}; /* held no more, once that is committed */

/* Let `key` be held or not. What that takes of memory is taken here: neither holding_commit() nor
 * holding_rollback() can fail. */
static void held_set(struct settling *settling, struct bytes key, bool held)
{
	struct merge *merge = settling->merge;
	bool moved;
	if (settling->err != ERR_OK || held == (catalog_get(merge->held, key).size != 0))
		return;
	const struct bytes value = {held ? HOLDING_MORE : HOLDING_LESS, 1};
	settling->err = catalog_set(merge->holding, key, value, &moved);
	if (held)
		key_keep(settling, merge->held, key, true);
}

static void release(struct merge *merge, struct bytes key, const uint8_t *holding)
{
	if (catalog_get(merge->holding, key).data[0] == holding[0])
		catalog_remove(merge->held, key);
}

static void each_less(void *merge, struct bytes key)
{
	release(merge, key, HOLDING_LESS);
}

static void each_more(void *merge, struct bytes key)
{
	release(merge, key, HOLDING_MORE);
}

static void holding_commit(struct merge *merge)
{
	catalog_each(merge->holding, each_less, merge);
	catalog_clear(merge->holding);
}

static void holding_rollback(struct merge *merge)
{
	catalog_each(merge->holding, each_more, merge);
	catalog_clear(merge->holding);
}

static bool is_full(struct settling *settling, const struct unpacked *unpacked, bool there)
{
	const struct merge *merge = settling->merge;
	if (there || unpacked->seen.ingress_count == 0)
		return false;
	if (model_service_count(merge->model) + settling->coming < merge->services_max) {
		settling->coming++;
		return false;
	}
	findings_add(merge->findings, SEVERITY_ERROR, FINDING_LIMIT,
	             "service %.*s/%.*s: more than %zu services; it is left out until others go",
	             BYTES_SHOWN(unpacked->seen.namespace), BYTES_SHOWN(unpacked->seen.name),
	             merge->services_max);
	return true;
}

static void service_stage(struct settling *settling, const struct unpacked *unpacked)
{
	struct model *model = settling->merge->model;
	const struct service_seen *seen = &unpacked->seen;
	settling->err =
		seen->ingress_count == 0
			? model_stage_service_gone(model, seen->namespace, seen->name, settling->why)
			: model_stage_service(model, seen, settling->merge->findings, settling->why);
}

static void loss_stage(struct settling *settling, struct bytes key, uint64_t now, uint64_t next,
                       bool forced)
{
	if (settling->err == ERR_OK)
		settling->err = losses_stage(&settling->merge->losses, key, now, next, forced);
}

static void service_settle(void *arg, struct bytes key)
{
	struct settling *settling = arg;
	struct merge *merge = settling->merge;
	struct bytes namespace, name;
	struct service_view view;
	if (settling->err != ERR_OK)
		return;
	key_split(key, &namespace, &name);
	bool there = model_service_named(merge->model, namespace, name, &view);
	compose(merge, key, there ? &view : NULL);
	uint64_t now = there ? service_address_count(&view) : 0;
	uint64_t next = composed_count(merge->unpacked), loss = next < now ? now - next : 0;
	bool forced = catalog_get(merge->dirty, key).data[0] == 2;
	bool held = catalog_get(merge->held, key).size != 0;
	if (loss != 0 && !forced && (held || settling->deny)) {
		held_set(settling, key, true);
		loss_stage(settling, key, 0, 0, true);
		return;
	}
	bool full = is_full(settling, merge->unpacked, there);
	key_keep(settling, merge->no_room, key, full);
	if (full)
		return;
	held_set(settling, key, false);
	loss_stage(settling, key, now, next, forced);
	settling->loss += forced ? 0 : loss;
	settling->before += now;
	if (settling->err == ERR_OK)
		service_stage(settling, merge->unpacked);
}

/* --- one cluster -------------------------------------------------------------------------- */

static const struct origin *member_named(const struct merge *merge, struct bytes name)
{
	for (size_t i = 0; i < merge->origin_count; i++) {
		const struct origin *origin = merge->origins[i];
		if (origin->kind == ORIGIN_MEMBER && bytes_equal(bytes_of(origin->name), name))
			return origin;
	}
	return NULL;
}

static bool is_federation(const struct merge *merge)
{
	return merge->origin_count == 1 && merge->origins[0]->kind == ORIGIN_FEDERATION;
}

/* How many clusters the model knows; `*there`: `name` is one of them. */
static size_t clusters_known(const struct model *model, struct bytes name, bool *there)
{
	size_t count = 0, limit = model_cluster_limit(model);
	*there = false;
	for (size_t id = 0; id < limit; id++) {
		struct cluster_view view;
		if (!model_cluster(model, (uint16_t)id, &view) || !view.known)
			continue;
		count++;
		*there |= bytes_equal(view.name, name);
	}
	return count;
}

static bool clusters_full(struct settling *settling, struct bytes name)
{
	const struct merge *merge = settling->merge;
	bool there;
	size_t known = clusters_known(merge->model, name, &there);
	if (there || known + settling->clusters_coming++ < CLUSTERS_MAX)
		return false;
	findings_add(merge->findings, SEVERITY_ERROR, FINDING_LIMIT,
	             "cluster %.*s: more than %d clusters; it is left out", BYTES_SHOWN(name),
	             CLUSTERS_MAX);
	return true;
}

static void cluster_settle(void *arg, struct bytes name)
{
	struct settling *settling = arg;
	struct merge *merge = settling->merge;
	struct bytes zones[ZONES_READ_MAX];
	struct cluster_seen seen = {.name = name, .ready = READY_TRUE};
	if (settling->err != ERR_OK)
		return;
	const struct origin *member = member_named(merge, name);
	bool there = member != NULL;
	if (is_federation(merge))
		there = origin_cluster(merge->origins[0], name, zones, &seen);
	else if (there && !origin_synced(member))
		return; /* as it was */
	else if (there)
		origin_place(member, zones, &seen);
	if (there && clusters_full(settling, name))
		return;
	settling->err = there ? model_stage_cluster(merge->model, &seen, merge->findings, settling->why)
	                      : model_stage_cluster_gone(merge->model, name, settling->why);
}

/* --- all of it ---------------------------------------------------------------------------- */

static enum err stage_all(struct merge *merge, bool deny, struct settling *out, struct why *why)
{
	*out = (struct settling){.merge = merge, .why = why, .deny = deny};
	catalog_each(merge->dirty_clusters, cluster_settle, out);
	catalog_each(merge->dirty, service_settle, out);
	if (out->err == ERR_NOMEM)
		why_set(why, "no memory to join what the API servers say");
	return out->err;
}

static void after_count(void *arg, struct bytes key)
{
	struct settling *settling = arg;
	losses_commit(&settling->merge->losses, key, settling->now_ms);
	struct bytes namespace, name;
	struct service_view view;
	key_split(key, &namespace, &name);
	if (catalog_get(settling->merge->held, key).size == 0 &&
	    model_service_named(settling->merge->model, namespace, name, &view))
		settling->after += service_address_count(&view);
}

/* Services that found no room, and as many of them as there is room for by now. */
struct roomy {
	struct merge *merge;
	size_t room;
};

static size_t room(const struct merge *merge)
{
	size_t count = model_service_count(merge->model);
	return count < merge->services_max ? merge->services_max - count : 0;
}

static void room_found(void *arg, struct bytes key)
{
	struct roomy *roomy = arg;
	if (roomy->room == 0)
		return;
	roomy->room--;
	merge_service_moved(roomy->merge, key, false);
}

/* A federation that isn't known whole says nothing yet. */
static bool waits(const struct merge *merge)
{
	return is_federation(merge) && !origin_synced(merge->origins[0]);
}

static void rollback(struct merge *merge)
{
	model_rollback(merge->model);
	holding_rollback(merge);
}

static enum err commit(struct merge *merge, struct settling *settling, int64_t now_ms,
                       struct why *why)
{
	enum err err = model_commit(merge->model, COMMIT_CHANGES, now_ms, merge->findings, why);
	if (err != ERR_OK)
		return err;
	holding_commit(merge);
	settling->now_ms = now_ms;
	catalog_each(merge->dirty, after_count, settling);
	merge->addresses = merge->addresses - settling->before + settling->after;
	losses_sweep(&merge->losses, now_ms);
	catalog_clear(merge->dirty);
	catalog_clear(merge->dirty_clusters);
	/* Nothing will move by itself because others went: look once more. */
	merge->news = merge->all_dirty || (catalog_count(merge->no_room) != 0 && room(merge) != 0);
	return ERR_OK;
}

enum err merge_settle(struct merge *merge, int64_t now_ms, bool *committed, struct why *why)
{
	struct settling settling;
	struct roomy roomy = {merge, room(merge)};
	*committed = false;
	if (merge->all_dirty)
		merge_everything_moved(merge);
	catalog_each(merge->no_room, room_found, &roomy);
	if (waits(merge) ||
	    (catalog_count(merge->dirty) == 0 && catalog_count(merge->dirty_clusters) == 0)) {
		merge->news = merge->all_dirty;
		return ERR_OK;
	}
	enum err err = stage_all(merge, false, &settling, why);
	if (err == ERR_OK &&
	    !budget_allows(&merge->losses.budget, merge->addresses, settling.loss, now_ms)) {
		rollback(merge);
		err = stage_all(merge, true, &settling, why);
	}
	if (err == ERR_OK)
		err = commit(merge, &settling, now_ms, why);
	if (err != ERR_OK)
		rollback(merge);
	*committed = err == ERR_OK;
	return err;
}

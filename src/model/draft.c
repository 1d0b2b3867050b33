/* From what a source saw of a service to its block. Limits are told and never half done. */
#include "model_internal.h"

#include <stdlib.h>
#include <string.h>

#define DRAFT_ROOM_MIN       512
#define PROBE_BLOCK_SIZE_MAX (sizeof(struct probe_block) + PROBE_PATH_SIZE_MAX)
/* What the bits of a block's head hold. */
#define TTL_KEPT_MAX_S ((1u << 24) - 1)
#define BLOCK_SIZE_MAX ((1u << 20) - 1)

static int order_compare(const void *left, const void *right)
{
	const struct ingress_seen *a = *(const struct ingress_seen *const *)left;
	const struct ingress_seen *b = *(const struct ingress_seen *const *)right;
	int order = bytes_compare(a->cluster, b->cluster);
	return order != 0 ? order : (a > b) - (a < b);
}

/** Fill stage.order: the entries by cluster name. */
static enum err order_fill(struct stage *stage, const struct service_seen *seen)
{
	if (seen->ingress_count > stage->order_room) {
		const struct ingress_seen **order =
			realloc(stage->order, seen->ingress_count * sizeof order[0]);
		if (order == NULL)
			return ERR_NOMEM;
		stage->order = order;
		stage->order_room = seen->ingress_count;
	}
	for (size_t i = 0; i < seen->ingress_count; i++)
		stage->order[i] = &seen->ingresses[i];
	if (seen->ingress_count > 1)
		qsort(stage->order, seen->ingress_count, sizeof stage->order[0], order_compare);
	return ERR_OK;
}

/** End of the run of entries of one cluster that begins at `from`. */
static size_t group_end(const struct stage *stage, size_t from, size_t count)
{
	size_t to = from + 1;
	while (to < count && bytes_equal(stage->order[from]->cluster, stage->order[to]->cluster))
		to++;
	return to;
}

static size_t group_count(const struct stage *stage, size_t count)
{
	size_t groups = 0;
	for (size_t at = 0; at < count; at = group_end(stage, at, count))
		groups++;
	return groups;
}

/** Room for the block at its largest, before duplicates go. */
static enum err draft_reserve(struct stage *stage, const struct service_seen *seen,
                              size_t name_size)
{
	size_t room = service_head_size(name_size) + PROBE_BLOCK_SIZE_MAX + PORT_BLOCKS_SIZE_MAX;
	for (size_t i = 0; i < seen->ingress_count; i++)
		room += sizeof(struct ingress) + V6_SIZE * seen->ingresses[i].address_count +
		        sizeof(uint32_t) * seen->ingresses[i].host_count;
	if (room <= stage->draft_room)
		return ERR_OK;
	if (room < DRAFT_ROOM_MIN)
		room = DRAFT_ROOM_MIN;
	free(stage->draft);
	stage->draft = malloc(room);
	stage->draft_room = stage->draft != NULL ? room : 0;
	return stage->draft != NULL ? ERR_OK : ERR_NOMEM;
}

static int octets_compare(const void *a, const void *b, void *size)
{
	return memcmp(a, b, *(const size_t *)size);
}

/** Sort the draft's last `count` items of `size` octets and drop doubles; returns how many are
 * left. */
static size_t items_unique(struct stage *stage, size_t count, size_t size)
{
	uint8_t *items = stage->draft + stage->draft_size - count * size;
	if (count < 2)
		return count;
	qsort_r(items, count, size, octets_compare, &size);
	size_t kept = 1;
	for (size_t i = 1; i < count; i++)
		if (memcmp(items + (kept - 1) * size, items + i * size, size) != 0)
			memmove(items + kept++ * size, items + i * size, size);
	stage->draft_size -= (count - kept) * size;
	return kept;
}

static void put(struct stage *stage, const void *octets, size_t size)
{
	assert(stage->draft_size + size <= stage->draft_room);
	memcpy(stage->draft + stage->draft_size, octets, size);
	stage->draft_size += size;
}

static size_t addresses_put(struct stage *stage, size_t from, size_t to, uint8_t family)
{
	size_t count = 0, size = address_size(family);
	for (size_t i = from; i < to; i++) {
		const struct ingress_seen *seen = stage->order[i];
		for (size_t j = 0; j < seen->address_count; j++) {
			assert(seen->addresses[j].family == 4 || seen->addresses[j].family == 6);
			if (seen->addresses[j].family != family)
				continue;
			put(stage, seen->addresses[j].octets, size);
			count++;
		}
	}
	return items_unique(stage, count, size);
}

static int host_compare(const void *left, const void *right)
{
	const struct name *a = *(const struct name *const *)left;
	const struct name *b = *(const struct name *const *)right;
	return bytes_compare(name_bytes(a), name_bytes(b));
}

/** How many different ones there are among the `count` host names of `seen`. */
static enum err hosts_count(const struct service_seen *seen, size_t count, size_t *out)
{
	*out = 0;
	const struct name **hosts = malloc(count * sizeof hosts[0]);
	if (hosts == NULL)
		return ERR_NOMEM;
	size_t filled = 0;
	for (size_t i = 0; i < seen->ingress_count; i++)
		for (size_t j = 0; j < seen->ingresses[i].host_count; j++)
			hosts[filled++] = &seen->ingresses[i].hosts[j];
	assert(filled == count);
	qsort(hosts, count, sizeof hosts[0], host_compare);
	for (size_t i = 0; i < count; i++)
		*out += i == 0 || host_compare(&hosts[i - 1], &hosts[i]) != 0;
	free(hosts);
	return ERR_OK;
}

/**
 * Fill stage.hosts_refused. One service must not fill the resolver's line, on which all of them
 * wait: of too many host names none is taken; addresses, which cost no lookup, stay.
 */
static enum err hosts_judge(struct stage *stage, const struct service_seen *seen,
                            struct findings *findings)
{
	size_t given = 0, count;
	for (size_t i = 0; i < seen->ingress_count; i++)
		given += seen->ingresses[i].host_count;
	stage->hosts_refused = false;
	if (given <= SERVICE_HOSTS_MAX)
		return ERR_OK;
	if (hosts_count(seen, given, &count) != ERR_OK)
		return ERR_NOMEM;
	if (count <= SERVICE_HOSTS_MAX)
		return ERR_OK;
	stage->hosts_refused = true;
	findings_add(findings, SEVERITY_ERROR, FINDING_LIMIT,
	             "service %.*s/%.*s: %zu host names, more than %d; all of them are left out",
	             BYTES_SHOWN(seen->namespace), BYTES_SHOWN(seen->name), count, SERVICE_HOSTS_MAX);
	return ERR_OK;
}

static enum err hosts_put(struct model *model, size_t from, size_t to,
                          const struct service_seen *of, struct findings *findings, size_t *out)
{
	struct stage *stage = &model->stage;
	*out = 0;
	for (size_t i = from; i < to; i++) {
		const struct ingress_seen *seen = stage->order[i];
		for (size_t j = 0; j < seen->host_count; j++) {
			uint32_t id;
			enum err err = host_intern(model, &seen->hosts[j], &id);
			if (err == ERR_NOMEM)
				return err;
			if (err == ERR_OK) {
				put(stage, &id, sizeof id);
				(*out)++;
				continue;
			}
			char text[NAME_TEXT_SIZE];
			name_text(name_bytes(&seen->hosts[j]), text);
			findings_add(
				findings, SEVERITY_ERROR, FINDING_LIMIT,
				"service %.*s/%.*s: cluster %.*s: host %s is left out: more than %d host names",
				BYTES_SHOWN(of->namespace), BYTES_SHOWN(of->name), BYTES_SHOWN(seen->cluster), text,
				HOSTS_MAX);
		}
	}
	*out = items_unique(stage, *out, sizeof(uint32_t));
	return ERR_OK;
}

/** Add the ingress of the cluster whose entries are order[from..to). */
static enum err group_put(struct model *model, size_t from, size_t to, uint16_t cluster,
                          const struct service_seen *of, struct findings *findings)
{
	struct stage *stage = &model->stage;
	size_t head_at = stage->draft_size, hosts = 0, given_hosts = 0;
	struct ingress head = {.cluster = cluster & 0x7ffu};
	put(stage, &head, sizeof head);
	for (size_t i = from; i < to; i++)
		given_hosts += stage->order[i]->host_count;
	if (given_hosts > 0 && !stage->hosts_refused &&
	    hosts_put(model, from, to, of, findings, &hosts) != ERR_OK)
		return ERR_NOMEM;
	size_t v4 = addresses_put(stage, from, to, 4);
	size_t v6 = addresses_put(stage, from, to, 6);
	assert(hosts <= SERVICE_HOSTS_MAX);
	if (v4 + v6 > ADDRESSES_MAX) {
		findings_add(findings, SEVERITY_ERROR, FINDING_LIMIT,
		             "service %.*s/%.*s: cluster %.*s: %zu addresses, more than %d; all of them "
		             "are left out, "
		             "and its host names",
		             BYTES_SHOWN(of->namespace), BYTES_SHOWN(of->name),
		             BYTES_SHOWN(stage->order[from]->cluster), v4 + v6, ADDRESSES_MAX);
		stage->draft_size = head_at + sizeof head;
		model->hosts.orphans = true;
		return ERR_OK;
	}
	head.v4_count = v4 & 0x7f;
	head.v6_count = v6 & 0x7f;
	head.host_count = hosts & 0x7f;
	memcpy(stage->draft + head_at, &head, sizeof head);
	return ERR_OK;
}

/** All ingresses, by cluster name. `*out`: how many. */
static enum err groups_put(struct model *model, const struct service_seen *seen,
                           struct findings *findings, size_t *out, struct why *why)
{
	size_t end;
	*out = 0;
	for (size_t at = 0; at < seen->ingress_count; at = end) {
		end = group_end(&model->stage, at, seen->ingress_count);
		struct bytes name = model->stage.order[at]->cluster;
		uint16_t cluster;
		enum err err = cluster_intern(model, name, true, &cluster, why);
		if (err == ERR_LIMIT) {
			findings_add(findings, SEVERITY_ERROR, FINDING_LIMIT,
			             "service %.*s/%.*s: cluster %.*s is left out: %s",
			             BYTES_SHOWN(seen->namespace), BYTES_SHOWN(seen->name), BYTES_SHOWN(name),
			             why->text);
			continue;
		}
		if (err == ERR_OK)
			err = group_put(model, at, end, cluster, seen, findings);
		if (err != ERR_OK)
			return err;
		(*out)++;
	}
	return ERR_OK;
}

static void head_put(struct stage *stage, const struct service_seen *seen, uint32_t namespace,
                     struct bytes name)
{
	assert(name.size > 0 && name.size <= LABEL_SIZE_MAX && seen->ttl_s <= TTL_KEPT_MAX_S);
	struct service head = {
		.namespace = namespace,
		.ttl_s = seen->ttl_s & TTL_KEPT_MAX_S,
		.name_size = (uint8_t)name.size,
		.fallback = (unsigned)seen->fallback & 15u,
		.all_down = (unsigned)seen->all_down & 15u,
		.probe = (unsigned)seen->probe.kind & 15u,
		.tcp_port = seen->tcp_port,
	};
	memset(stage->draft, 0, service_head_size(name.size));
	memcpy(stage->draft, &head, sizeof head);
	memcpy(stage->draft + sizeof head, name.data, name.size);
	stage->draft_size = service_head_size(name.size);
}

static void probe_put(struct stage *stage, const struct probe_wish *wish)
{
	static const uint8_t zero[3] = {0};
	if (wish->kind == PROBE_DEFAULT)
		return;
	assert(wish->path.size <= PROBE_PATH_SIZE_MAX);
	const struct probe_block head = {.port = wish->port, .path_size = (uint16_t)wish->path.size};
	put(stage, &head, sizeof head);
	if (wish->path.size > 0)
		put(stage, wish->path.data, wish->path.size);
	put(stage, zero, padded(wish->path.size) - wish->path.size);
}

static void ports_put(struct stage *stage, const struct service_seen *seen,
                      struct findings *findings)
{
	uint8_t count;
	size_t size = port_blocks_build(seen, findings, stage->draft + stage->draft_size, &count);
	((struct service *)stage->draft)->port_count = count;
	stage->draft_size += size;
}

enum err draft_build(struct model *model, const struct service_seen *seen, uint32_t namespace,
                     struct bytes name, struct findings *findings, struct why *why)
{
	struct stage *stage = &model->stage;
	if (order_fill(stage, seen) != ERR_OK || draft_reserve(stage, seen, name.size) != ERR_OK)
		return ERR_NOMEM;
	size_t clusters = group_count(stage, seen->ingress_count);
	if (clusters > INGRESSES_MAX) {
		findings_add(findings, SEVERITY_ERROR, FINDING_LIMIT,
		             "service %.*s/%.*s: %zu clusters, more than %d; the service is left out",
		             BYTES_SHOWN(seen->namespace), BYTES_SHOWN(seen->name), clusters,
		             INGRESSES_MAX);
		return ERR_LIMIT;
	}
	if (hosts_judge(stage, seen, findings) != ERR_OK)
		return ERR_NOMEM;
	head_put(stage, seen, namespace, name);
	probe_put(stage, &seen->probe);
	ports_put(stage, seen, findings);
	size_t count;
	enum err err = groups_put(model, seen, findings, &count, why);
	if (err != ERR_OK)
		return err;
	if (count == 0)
		return ERR_LIMIT;
	struct service *draft = (struct service *)stage->draft;
	assert(stage->draft_size <= BLOCK_SIZE_MAX);
	draft->size = stage->draft_size & BLOCK_SIZE_MAX;
	draft->ingress_count = (uint8_t)count;
	return ERR_OK;
}

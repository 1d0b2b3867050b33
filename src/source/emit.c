#include "emit.h"

#include "decode.h"
#include "fedns/source.h"
#include "fedns/when.h"

#include <assert.h>
#include <inttypes.h>

/* Objects between two looks at the clock: some 20 us of work. */
#define CLOCK_STRIDE 16

static enum err put(struct buf *out, const char *text)
{
	return buf_add(out, bytes_of(text));
}

enum err emit_string(struct buf *out, struct bytes text)
{
	enum err err = put(out, "\"");
	size_t begin = 0;
	for (size_t at = 0; at < text.size && err == ERR_OK; at++) {
		uint8_t octet = text.data[at];
		if (octet >= 0x20 && octet != '"' && octet != '\\')
			continue;
		err = buf_add(out, (struct bytes){text.data + begin, at - begin});
		begin = at + 1;
		if (err == ERR_OK)
			err = octet < 0x20 ? buf_printf(out, "\\u%04x", octet)
			                   : buf_add(out, (struct bytes){(uint8_t[]){'\\', octet}, 2});
	}
	if (err == ERR_OK)
		err = buf_add(out, (struct bytes){text.data + begin, text.size - begin});
	return err == ERR_OK ? put(out, "\"") : err;
}

/* Append `before`, and `text` as a JSON string. */
static enum err put_string(struct buf *out, const char *before, struct bytes text)
{
	enum err err = put(out, before);
	return err == ERR_OK ? emit_string(out, text) : err;
}

static enum err put_head(struct emit *emit)
{
	char when[WHEN_TEXT_SIZE];
	when_text(emit->written_ms, when);
	return buf_printf(&emit->slice,
	                  "{\"apiVersion\":\"" FEDNS_API "\",\"kind\":\"LastKnownGood\","
	                  "\"written\":\"%s\",\"writtenMs\":%" PRId64 ",\"serial\":%" PRIu32 "}\n",
	                  when, emit->written_ms, emit->serial);
}

static enum err put_condition(struct buf *out, const struct cluster_view *cluster)
{
	static const char *const STATUS[] = {
		[READY_UNKNOWN] = "Unknown", [READY_TRUE] = "True", [READY_FALSE] = "False"};
	enum err err =
		buf_printf(out, "},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"%s\"",
	               STATUS[cluster->ready]);
	if (err == ERR_OK && cluster->ready_since_ms > 0) {
		char when[WHEN_TEXT_SIZE];
		when_text(cluster->ready_since_ms, when);
		err = buf_printf(out, ",\"lastTransitionTime\":\"%s\"", when);
	}
	return err == ERR_OK ? put(out, "}]") : err;
}

static enum err put_cluster(struct emit *emit, const struct cluster_view *cluster)
{
	struct buf *out = &emit->slice;
	enum err err = put_string(out,
	                          "{\"apiVersion\":\"federation/v1beta1\",\"kind\":\"Cluster\","
	                          "\"metadata\":{\"name\":",
	                          cluster->name);
	if (err == ERR_OK)
		err = put_condition(out, cluster);
	for (size_t i = 0; i < cluster->source_zone_count && err == ERR_OK; i++)
		err = put_string(out, i == 0 ? ",\"zones\":[" : ",", cluster->source_zones[i]);
	if (err == ERR_OK && cluster->source_zone_count != 0)
		err = put(out, "]");
	if (err == ERR_OK && cluster->source_region.size != 0)
		err = put_string(out, ",\"region\":", cluster->source_region);
	return err == ERR_OK ? put(out, "}}\n") : err;
}

/* Address `i` of the set, IPv4 first, into `text[ADDRESS_TEXT_SIZE]`. */
static void set_text(const struct address_set *set, size_t i, char *text)
{
	struct address address = address_set_at(set, i);
	address_text(&address, text);
}

/* The items of one cluster, addresses first. */
static enum err put_items(struct emit *emit, const struct ingress_view *ingress)
{
	struct buf *out = &emit->scratch;
	const struct address_set *set = &ingress->direct;
	size_t direct = address_set_count(set);
	enum err err = ERR_OK;
	for (size_t i = 0; i < direct && err == ERR_OK; i++) {
		char text[ADDRESS_TEXT_SIZE];
		set_text(set, i, text);
		err = buf_printf(out, "%s{\"ip\":\"%s\"}", i == 0 ? "" : ",", text);
	}
	for (size_t i = 0; i < ingress->host_count && err == ERR_OK; i++) {
		struct host_view host;
		if (!model_host(emit->model, ingress->hosts[i], &host))
			continue;
		char text[NAME_TEXT_SIZE];
		name_text(name_bytes(host.name), text);
		err =
			put_string(out, direct + i == 0 ? "{\"hostname\":" : ",{\"hostname\":", bytes_of(text));
		if (err == ERR_OK)
			err = put(out, "}");
	}
	return err;
}

/* The annotation's text, into `scratch`. */
static enum err put_annotation(struct emit *emit, const struct service_view *service)
{
	struct buf *out = &emit->scratch;
	struct service_view rest = *service;
	struct ingress_view ingress;
	out->size = 0;
	enum err err = put(out, "{\"items\":[");
	for (bool first = true; err == ERR_OK && model_ingress_next(&rest, &ingress); first = false) {
		struct cluster_view cluster;
		bool there = model_cluster(emit->model, ingress.cluster, &cluster);
		assert(there);
		(void)there;
		err = put_string(out, first ? "{\"cluster\":" : ",{\"cluster\":", cluster.name);
		if (err == ERR_OK)
			err = put(out, ",\"items\":[");
		if (err == ERR_OK)
			err = put_items(emit, &ingress);
		if (err == ERR_OK)
			err = put(out, "]}");
	}
	return err == ERR_OK ? put(out, "]}") : err;
}

static enum err put_options(struct buf *out, const struct service_view *service)
{
	static const char *const ALL_DOWN[] = {
		[ALL_DOWN_LAST] = "last", [ALL_DOWN_ALL] = "all", [ALL_DOWN_EMPTY] = "empty"};
	enum err err = ERR_OK;
	if (service->ttl_s != 0)
		err = buf_printf(out, ",\"fedns.io/ttl\":\"%" PRIu32 "\"", service->ttl_s);
	if (err == ERR_OK && service->fallback != FALLBACK_DEFAULT)
		err = buf_printf(out, ",\"fedns.io/fallback\":\"%s\"",
		                 service->fallback == FALLBACK_CNAME ? "cname" : "flatten");
	if (err == ERR_OK && service->all_down != ALL_DOWN_DEFAULT)
		err = buf_printf(out, ",\"fedns.io/all-down\":\"%s\"", ALL_DOWN[service->all_down]);
	return err;
}

/* As an annotation says it. */
static enum err put_probe(struct emit *emit, const struct probe_wish *wish)
{
	static const char *const KINDS[] = {
		[PROBE_NONE] = "none", [PROBE_TCP] = "tcp", [PROBE_HTTP] = "http", [PROBE_HTTPS] = "https"};
	struct buf *text = &emit->scratch;
	if (wish->kind == PROBE_DEFAULT)
		return ERR_OK;
	text->size = 0;
	enum err err = put(text, KINDS[wish->kind]);
	if (err == ERR_OK && wish->port != 0)
		err = buf_printf(text, ":%u", wish->port);
	if (err == ERR_OK)
		err = buf_add(text, wish->path);
	return err == ERR_OK ? put_string(&emit->slice, ",\"fedns.io/probe\":", buf_bytes(text)) : err;
}

/* Would a reader find it, the named ones being in the order of their names? Else a nameless one
 * stands before them, as a service's only port may be. */
static bool tcp_port_shows(struct service_view walk)
{
	struct port port;
	while (model_port_next(&walk, &port)) {
		if (port.protocol == PROTOCOL_TCP)
			return port.number == walk.tcp_port;
	}
	return false;
}

static enum err put_spec(struct buf *out, const struct service_view *service)
{
	struct service_view walk = *service; /* reading ports moves the view */
	struct port port;
	enum err err = put(out, ",\"spec\":{\"type\":\"LoadBalancer\"");
	bool nameless = walk.tcp_port != 0 && !tcp_port_shows(walk);
	if (err == ERR_OK && nameless)
		err = buf_printf(out, ",\"ports\":[{\"port\":%u}", walk.tcp_port);
	const char *before = nameless ? ",{\"name\":" : ",\"ports\":[{\"name\":";
	while (err == ERR_OK && model_port_next(&walk, &port)) {
		err = put_string(out, before, port.name);
		if (err == ERR_OK)
			err = buf_printf(out, ",\"protocol\":\"%s\",\"port\":%u}", protocol_text(port.protocol),
			                 port.number);
		before = ",{\"name\":";
	}
	if (err == ERR_OK && (service->port_count != 0 || nameless))
		err = put(out, "]");
	return err == ERR_OK ? put(out, "}") : err;
}

static enum err put_service(struct emit *emit, const struct service_view *service)
{
	struct buf *out = &emit->slice;
	enum err err = put_annotation(emit, service);
	if (err == ERR_OK)
		err = put_string(out,
		                 "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"namespace\":",
		                 service->namespace);
	if (err == ERR_OK)
		err = put_string(out, ",\"name\":", service->name);
	if (err == ERR_OK)
		err = put_string(
			out, ",\"annotations\":{\"" ANNOTATION_INGRESSES "\":", buf_bytes(&emit->scratch));
	if (err == ERR_OK)
		err = put_options(out, service);
	if (err == ERR_OK)
		err = put_probe(emit, &service->probe);
	if (err == ERR_OK)
		err = put(out, "}}");
	if (err == ERR_OK)
		err = put_spec(out, service);
	return err == ERR_OK ? put(out, "}\n") : err;
}

static enum err put_host(struct emit *emit, const struct host_view *host)
{
	struct buf *out = &emit->slice;
	const struct address_set *set = &host->addresses;
	char text[NAME_TEXT_SIZE];
	name_text(name_bytes(host->name), text);
	enum err err = put_string(
		out, "{\"apiVersion\":\"" FEDNS_API "\",\"kind\":\"Host\",\"name\":", bytes_of(text));
	if (err == ERR_OK)
		err = put(out, ",\"addresses\":[");
	size_t count = address_set_count(set);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		char literal[ADDRESS_TEXT_SIZE];
		set_text(set, i, literal);
		err = buf_printf(out, "%s\"%s\"", i == 0 ? "" : ",", literal);
	}
	return err == ERR_OK ? put(out, "]}\n") : err;
}

/* Append the object `next` of the part at hand; nothing where there is none by that id. */
static enum err put_next(struct emit *emit)
{
	struct cluster_view cluster;
	struct service_view service;
	struct host_view host;
	size_t id = emit->next++;
	switch (emit->part) {
	case EMIT_HEAD:
		return put_head(emit);
	case EMIT_CLUSTERS:
		/* What only `topology` knows is not the source's to keep. */
		if (model_cluster(emit->model, (uint16_t)id, &cluster) && cluster.in_source)
			return put_cluster(emit, &cluster);
		return ERR_OK;
	case EMIT_SERVICES:
		return model_service(emit->model, (uint32_t)id, &service) ? put_service(emit, &service)
		                                                          : ERR_OK;
	case EMIT_HOSTS:
		if (model_host(emit->model, (uint32_t)id, &host) && host.resolved)
			return put_host(emit, &host);
		return ERR_OK;
	case EMIT_DONE:
		break;
	}
	assert(false); /* nothing follows the end */
	return ERR_OK;
}

/* How many ids the part at hand has now. */
static size_t part_limit(const struct emit *emit)
{
	switch (emit->part) {
	case EMIT_HEAD:
		return 1;
	case EMIT_CLUSTERS:
		return model_cluster_limit(emit->model);
	case EMIT_SERVICES:
		return model_service_limit(emit->model);
	case EMIT_HOSTS:
		return model_host_limit(emit->model);
	case EMIT_DONE:
		break;
	}
	return 0;
}

void emit_init(struct emit *emit, const struct model *model, int64_t written_ms, uint32_t serial)
{
	assert(written_ms > 0);
	*emit = (struct emit){
		.model = model, .written_ms = written_ms, .serial = serial, .room = STATE_FILE_SIZE_MAX};
	buf_init(&emit->slice, EMIT_SLICE_SIZE + STATE_OBJECT_SIZE_MAX);
	buf_init(&emit->scratch, STATE_OBJECT_SIZE_MAX);
}

void emit_clear(struct emit *emit)
{
	buf_free(&emit->slice);
	buf_free(&emit->scratch);
}

enum err emit_slice(struct emit *emit, uint64_t deadline_ns)
{
	emit->slice.size = 0;
	for (unsigned count = 1; emit->part != EMIT_DONE; count++) {
		if (emit->next >= part_limit(emit)) {
			emit->part++;
			emit->next = 0;
			continue;
		}
		size_t before = emit->slice.size;
		enum err err = put_next(emit);
		size_t size = emit->slice.size - before;
		bool too_large = err == ERR_LIMIT || size > STATE_OBJECT_SIZE_MAX || size > emit->room;
		if (too_large) {
			emit->left_out++;
			emit->slice.size = before;
		} else if (err != ERR_OK) {
			return err;
		} else {
			emit->room -= size;
		}
		if (emit->slice.size >= EMIT_SLICE_SIZE ||
		    (count % CLOCK_STRIDE == 0 && uv_hrtime() >= deadline_ns))
			return ERR_OK;
	}
	return ERR_OK;
}

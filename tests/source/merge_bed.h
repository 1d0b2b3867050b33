/* merge_bed: several API servers, whose objects come through the sinks as reflectors would bring
 * them, and what the model makes of them, in a line. */
#ifndef FEDNS_TESTS_SOURCE_MERGE_BED_H
#define FEDNS_TESTS_SOURCE_MERGE_BED_H

#include "rig.h"

#include "merge.h"

struct bench {
	struct rig rig;
	struct merge merge;
	int64_t now_ms;
	unsigned wakes;
	char text[4096];
};

static inline void wake(void *arg)
{
	struct bench *bench = arg;
	bench->wakes++;
}

static inline void begin(struct bench *bench, unsigned percent)
{
	memset(bench, 0, sizeof *bench);
	bench->now_ms = RIG_NOW_MS;
	rig_init(&bench->rig);
	assert_int_equal(
		merge_init(&bench->merge, bench->rig.model, &bench->rig.findings, percent, &bench->rig.why),
		ERR_OK);
	bench->merge.wake = wake;
	bench->merge.wake_arg = bench;
}

static inline void end(struct bench *bench)
{
	merge_clear(&bench->merge);
	rig_clear(&bench->rig);
}

static inline struct origin *add(struct bench *bench, enum origin_kind kind, const char *name)
{
	struct origin *origin;
	assert_int_equal(merge_add(&bench->merge, kind, name, &origin, &bench->rig.why), ERR_OK);
	return origin;
}

/* Parse `text` and give it to `take`. */
static inline void object_each(const char *text, object_taker *take, void *arg)
{
	struct findings nobody = {0};
	struct why why = {{0}};
	if (*text != '\0' && walk_objects(bytes_of(text), &nobody, take, arg, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static inline void list(struct origin *origin, enum origin_part part, const char *objects)
{
	const struct sink *sink = &origin->sinks[part];
	struct why why = {{0}};
	sink->list_begin(sink->arg);
	object_each(objects, sink->listed, sink->arg);
	assert_int_equal(sink->list_done(sink->arg, &why), ERR_OK);
}

struct event {
	const struct sink *sink;
	bool gone;
};

static inline enum err event_take(void *arg, const struct object *object, struct why *why)
{
	const struct event *event = arg;
	return event->sink->changed(event->sink->arg, object, event->gone, why);
}

static inline void happens(struct origin *origin, enum origin_part part, const char *object,
                           bool gone)
{
	struct event event = {&origin->sinks[part], gone};
	object_each(object, event_take, &event);
}

static inline bool settle(struct bench *bench)
{
	bool committed;
	enum err err = merge_settle(&bench->merge, bench->now_ms, &committed, &bench->rig.why);
	if (err != ERR_OK)
		fail_msg("%s", bench->rig.why.text);
	return committed;
}

static inline int part_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sort the parts of `text`, each of which ends in "; ". */
static inline const char *parts_sorted(char *text)
{
	static char sorted[4096];
	char *parts[64];
	size_t count = 0;
	for (char *end; (end = strstr(text, "; ")) != NULL; text = end + 2) {
		*end = '\0';
		parts[count++] = text;
	}
	qsort(parts, count, sizeof parts[0], part_compare);
	size_t used = 0;
	sorted[0] = '\0';
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(sorted + used, sizeof sorted - used, "%s; ", parts[i]);
	return sorted;
}

/* The model in short: "cluster REGION/ZONES; ns/name cluster=address,... ; ". */
static inline const char *model_text(struct bench *bench)
{
	struct model *model = bench->rig.model;
	char *text = bench->text;
	size_t used = 0, room = sizeof bench->text;
	size_t places;
	const struct place *place = model_places(model, &places);
	text[0] = '\0';
	for (size_t id = 0; id < model_cluster_limit(model); id++) {
		struct cluster_view view;
		if (!model_cluster(model, (uint16_t)id, &view) || !view.in_source)
			continue;
		used += (size_t)snprintf(text + used, room - used, "%.*s %.*s", BYTES_ARG(view.name),
		                         BYTES_ARG(place[view.region].region));
		for (size_t z = 0; z < view.zone_count; z++)
			used += (size_t)snprintf(text + used, room - used, "/%.*s",
			                         BYTES_ARG(place[view.zones[z]].zone));
		used += (size_t)snprintf(text + used, room - used, "; ");
	}
	for (size_t id = 0; id < model_service_limit(model); id++) {
		struct service_view view;
		struct ingress_view ingress;
		struct port port;
		if (!model_service(model, (uint32_t)id, &view))
			continue;
		used += (size_t)snprintf(text + used, room - used, "%.*s/%.*s", BYTES_ARG(view.namespace),
		                         BYTES_ARG(view.name));
		while (model_port_next(&view, &port))
			used += (size_t)snprintf(text + used, room - used, " %.*s:%u", BYTES_ARG(port.name),
			                         port.number);
		while (model_ingress_next(&view, &ingress)) {
			struct cluster_view cluster;
			assert_true(model_cluster(model, ingress.cluster, &cluster));
			used += (size_t)snprintf(text + used, room - used, " %.*s=", BYTES_ARG(cluster.name));
			for (size_t i = 0; i < ingress.direct.v4_count; i++)
				used += (size_t)snprintf(text + used, room - used, "%s%u", i > 0 ? "," : "",
				                         ingress.direct.v4[4 * i + 3]);
			for (size_t i = 0; i < ingress.host_count; i++)
				used += (size_t)snprintf(text + used, room - used, "host");
		}
		used += (size_t)snprintf(text + used, room - used, "; ");
	}
	return parts_sorted(text);
}

static inline void expect(struct bench *bench, const char *text)
{
	assert_string_equal(model_text(bench), text);
}

/* A Service of a member with `ingress` items; `more` in its spec. */
#define SERVICE_IN(namespace, name, ingress, more)                                                 \
	"{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"" name                   \
	"\",\"namespace\":\"" namespace "\"},\"spec\":{\"type\":\"LoadBalancer\"" more                 \
									"},\"status\":{\"loadBalancer\":{\"ingress\":[" ingress "]}}}"
#define SERVICE(name, ingress) SERVICE_IN("n", name, ingress, "")
#define IP(last)               "{\"ip\":\"192.0.2." last "\"}"
#define SLICE(service, endpoints)                                                                  \
	"{\"kind\":\"EndpointSlice\",\"apiVersion\":\"discovery.k8s.io/"                               \
	"v1\",\"metadata\":{\"name\":\"" service                                                       \
	"-1\",\"namespace\":\"n\",\"labels\":{\"kubernetes.io/service-name\":\"" service               \
	"\"}},\"endpoints\":[" endpoints "]}"
#define UP   "{}"
#define DOWN "{\"conditions\":{\"ready\":false}}"
#define NODE(name, region, zone)                                                                   \
	"{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{"         \
	"\"name\":\"" name "\",\"labels\":{\"topology.kubernetes.io/region\":\"" region                \
	"\",\"topology.kubernetes.io/zone\":\"" zone "\"}}}"

/* A member that is synced with one service "s" at 192.0.2.LAST, healthy. */
static inline struct origin *member(struct bench *bench, const char *name, const char *service)
{
	struct origin *origin = add(bench, ORIGIN_MEMBER, name);
	list(origin, PART_SERVICES, service);
	list(origin, PART_ENDPOINTS, SLICE("s", UP));
	list(origin, PART_NODES, "");
	return origin;
}

#define STATE                                                                                      \
	"{\"apiVersion\":\"federation/v1beta1\",\"kind\":\"Cluster\",\"metadata\":{\"name\":\"a\"},"   \
	"\"status\":{\"region\":\"r\",\"zones\":[\"z\"]}}"                                             \
	"{\"apiVersion\":\"federation/v1beta1\",\"kind\":\"Cluster\",\"metadata\":{\"name\":\"b\"}}"   \
	"{\"apiVersion\":\"federation/v1beta1\",\"kind\":\"Cluster\",\"metadata\":{\"name\":\"old\"}}"
#define KEPT(name, ingresses)                                                                      \
	"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"" name                   \
	"\",\"namespace\":\"n\",\"annotations\":{\"federation.kubernetes.io/service-ingresses\":"      \
	"\"{\\\"items\\\":[" ingresses "]}\"}},\"spec\":{\"type\":\"LoadBalancer\"}}"
#define AT(cluster, last)                                                                          \
	"{\\\"cluster\\\":\\\"" cluster "\\\",\\\"items\\\":[{\\\"ip\\\":\\\"192.0.2." last "\\\"}]}"

#endif

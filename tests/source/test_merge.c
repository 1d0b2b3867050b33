/* merge: several API servers and what the model makes of them. Objects come through the sinks, as
 * reflectors would bring them. */
#include "rig.h"

#include "merge.h"

#include <inttypes.h>

struct bench {
	struct rig rig;
	struct merge merge;
	int64_t now_ms;
	unsigned wakes;
	char text[4096];
};

static void wake(void *arg)
{
	struct bench *bench = arg;
	bench->wakes++;
}

static void begin(struct bench *bench, unsigned percent)
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

static void end(struct bench *bench)
{
	merge_clear(&bench->merge);
	rig_clear(&bench->rig);
}

static struct origin *add(struct bench *bench, enum origin_kind kind, const char *name)
{
	struct origin *origin;
	assert_int_equal(merge_add(&bench->merge, kind, name, &origin, &bench->rig.why), ERR_OK);
	return origin;
}

/* Parse `text` and give it to `take`. */
static void object_each(const char *text, object_taker *take, void *arg)
{
	struct findings nobody = {0};
	struct why why = {{0}};
	if (*text != '\0' && walk_objects(bytes_of(text), &nobody, take, arg, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static void list(struct origin *origin, enum origin_part part, const char *objects)
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

static enum err event_take(void *arg, const struct object *object, struct why *why)
{
	const struct event *event = arg;
	return event->sink->changed(event->sink->arg, object, event->gone, why);
}

static void happens(struct origin *origin, enum origin_part part, const char *object, bool gone)
{
	struct event event = {&origin->sinks[part], gone};
	object_each(object, event_take, &event);
}

static bool settle(struct bench *bench)
{
	bool committed;
	enum err err = merge_settle(&bench->merge, bench->now_ms, &committed, &bench->rig.why);
	if (err != ERR_OK)
		fail_msg("%s", bench->rig.why.text);
	return committed;
}

static int part_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sort the parts of `text`, each of which ends in "; ". */
static const char *parts_sorted(char *text)
{
	static char sorted[4096];
	char *parts[64];
	size_t count = 0;
	for (char *end; (end = strstr(text, "; ")) != NULL; text = end + 2) {
		*end = '\0';
		parts[count++] = text;
	}
	qsort(parts, count, sizeof parts[0], part_compare);
	sorted[0] = '\0';
	for (size_t i = 0; i < count; i++)
		strncat(strncat(sorted, parts[i], 1000), "; ", 3);
	return sorted;
}

/* The model in short: "cluster REGION/ZONES; ns/name cluster=address,... ; ". */
static const char *model_text(struct bench *bench)
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

static void expect(struct bench *bench, const char *text)
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
static struct origin *member(struct bench *bench, const char *name, const char *service)
{
	struct origin *origin = add(bench, ORIGIN_MEMBER, name);
	list(origin, PART_SERVICES, service);
	list(origin, PART_ENDPOINTS, SLICE("s", UP));
	list(origin, PART_NODES, "");
	return origin;
}

static void services_are_joined_by_namespace_and_name(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a = add(&bench, ORIGIN_MEMBER, "a");
	list(a, PART_SERVICES, SERVICE("s", IP("1") "," IP("2")) SERVICE("t", IP("3")));
	assert_int_equal(bench.wakes, 1);
	list(a, PART_ENDPOINTS, SLICE("s", UP) SLICE("t", DOWN));
	assert_false(origin_synced(a));
	(void)settle(&bench);
	expect(&bench, ""); /* nothing is said of a cluster before all of it is known */
	list(a, PART_NODES, NODE("1", "r", "z"));
	assert_true(settle(&bench));
	expect(&bench, "a r/z; n/s a=1,2; n/t a=; ");
	(void)member(&bench, "b", SERVICE("s", IP("7")) SERVICE("none", ""));
	assert_true(settle(&bench));
	expect(&bench, "a r/z; b ; n/s a=1,2 b=7; n/t a=; ");
	assert_false(settle(&bench));
	end(&bench);
}

static void evidence_withdraws_and_returns(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")));
	(void)member(&bench, "b", SERVICE("s", IP("2")));
	(void)settle(&bench);
	const struct {
		enum origin_part part;
		const char *object;
		bool gone;
		const char *text;
	} cases[] = {
		{PART_ENDPOINTS, SLICE("s", DOWN), false, "a ; b ; n/s a= b=2; "},
		{PART_ENDPOINTS, SLICE("s", UP), false, "a ; b ; n/s a=1 b=2; "},
		{PART_ENDPOINTS,
	     SLICE("s", "{\"conditions\":{\"ready\":false,\"serving\":true,\"terminating\":true}}"),
	     false, "a ; b ; n/s a=1 b=2; "},
		{PART_ENDPOINTS, SLICE("s", ""), true, "a ; b ; n/s a= b=2; "},
		{PART_ENDPOINTS, SLICE("s", UP), false, "a ; b ; n/s a=1 b=2; "},
		{PART_SERVICES, SERVICE("s", ""), false, "a ; b ; n/s b=2; "},
		{PART_SERVICES, SERVICE("s", IP("9")), false, "a ; b ; n/s a=9 b=2; "},
		{PART_SERVICES, SERVICE("s", "{\"hostname\":\"lb.example\"}"), false,
	     "a ; b ; n/s a=host b=2; "},
		{PART_SERVICES,
	     "{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"s\",\"namespace\":"
	     "\"n\"},\"spec\":{\"type\":\"ClusterIP\"}}",
	     false, "a ; b ; n/s b=2; "},
		{PART_SERVICES, SERVICE("s", IP("1")), false, "a ; b ; n/s a=1 b=2; "},
		{PART_SERVICES, SERVICE("s", IP("1")), true, "a ; b ; n/s b=2; "},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		happens(a, cases[i].part, cases[i].object, cases[i].gone);
		(void)settle(&bench);
		expect(&bench, cases[i].text);
	}
	end(&bench);
}

/* publishNotReadyAddresses: conditions.ready is always true then; serving is what tells. */
static void services_that_publish_what_is_not_ready_are_judged_by_serving(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a =
		member(&bench, "a", SERVICE_IN("n", "s", IP("1"), ",\"publishNotReadyAddresses\":true"));
	happens(a, PART_ENDPOINTS,
	        SLICE("s", "{\"conditions\":{\"ready\":true,\"serving\":false,\"terminating\":false}}"),
	        false);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=; ");
	happens(a, PART_ENDPOINTS,
	        SLICE("s", "{\"conditions\":{\"ready\":true,\"serving\":true,\"terminating\":false}}"),
	        false);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; ");
	end(&bench);
}

static void ports_of_all_members_count_once(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	(void)member(&bench, "a",
	             SERVICE_IN("n", "s", IP("1"), ",\"ports\":[{\"name\":\"http\",\"port\":80}]"));
	(void)member(&bench, "b",
	             SERVICE_IN("n", "s", IP("2"),
	                        ",\"ports\":[{\"name\":\"http\",\"port\":81},"
	                        "{\"name\":\"x\",\"port\":9}]"));
	(void)settle(&bench);
	expect(&bench, "a ; b ; n/s http:80 x:9 a=1 b=2; ");
	end(&bench);
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

/* Blindness is not death: what a member isn't heard to say stays as it was. */
static void members_that_are_not_synced_keep_what_was_last_known(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	assert_int_equal(rig_decode(&bench.rig,
	                            STATE KEPT("s", AT("a", "1") "," AT("b", "2") "," AT("old", "3"))
	                                KEPT("t", AT("old", "4")) KEPT("u", AT("b", "5"))),
	                 ERR_OK);
	struct origin *a = add(&bench, ORIGIN_MEMBER, "a"), *b = add(&bench, ORIGIN_MEMBER, "b");
	merge_begin(&bench.merge);
	(void)settle(&bench);
	/* What was configured no more is gone; a and b stay. */
	expect(&bench, "a r/z; b ; n/s a=1 b=2; n/u b=5; ");
	list(a, PART_SERVICES, SERVICE("s", IP("9")));
	list(a, PART_ENDPOINTS, SLICE("s", UP));
	list(a, PART_NODES, "");
	(void)settle(&bench);
	expect(&bench, "a r/z; b ; n/s a=9 b=2; n/u b=5; ");
	list(b, PART_SERVICES, SERVICE("s", IP("8")));
	list(b, PART_ENDPOINTS, "");
	list(b, PART_NODES, "");
	(void)settle(&bench);
	expect(&bench, "a r/z; b ; n/s a=9 b=; ");
	end(&bench);
}

static void a_cluster_that_leaves_goes_at_once(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 1); /* whatever the budget says */
	(void)member(&bench, "a", SERVICE("s", IP("1")) SERVICE("t", IP("2")));
	struct origin *b = member(&bench, "b", SERVICE("s", IP("3")) SERVICE("u", IP("4")));
	(void)settle(&bench);
	merge_remove(&bench.merge, b);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; n/t a=; ");
	assert_int_equal(merge_held(&bench.merge), 0);
	end(&bench);
}

static void a_sudden_mass_withdrawal_waits_for_an_approval(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 50);
	struct origin *a = add(&bench, ORIGIN_MEMBER, "a");
	list(a, PART_SERVICES,
	     SERVICE("s", IP("1")) SERVICE("t", IP("2")) SERVICE("u", IP("3")) SERVICE("v", IP("4")));
	list(a, PART_ENDPOINTS, SLICE("s", UP) SLICE("t", UP) SLICE("u", UP) SLICE("v", UP));
	list(a, PART_NODES, "");
	merge_begin(&bench.merge);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; n/t a=2; n/u a=3; n/v a=4; ");
	happens(a, PART_ENDPOINTS, SLICE("s", DOWN), false);
	(void)settle(&bench);
	happens(a, PART_ENDPOINTS, SLICE("t", DOWN), false);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=; n/t a=; n/u a=3; n/v a=4; "); /* a half in a minute may go */
	happens(a, PART_ENDPOINTS, SLICE("u", DOWN), false);
	happens(a, PART_ENDPOINTS, SLICE("s", UP), false);
	(void)settle(&bench);
	/* One more may not; what comes back comes. */
	expect(&bench, "a ; n/s a=1; n/t a=; n/u a=3; n/v a=4; ");
	assert_int_equal(merge_held(&bench.merge), 1);
	bench.now_ms += 61000; /* held is held, however long it takes */
	happens(a, PART_SERVICES, SERVICE("u", IP("3")), true);
	(void)settle(&bench);
	assert_int_equal(merge_held(&bench.merge), 1);
	happens(a, PART_SERVICES, SERVICE("u", IP("3")), false);
	happens(a, PART_ENDPOINTS, SLICE("u", UP), false);
	(void)settle(&bench);
	assert_int_equal(merge_held(&bench.merge), 0); /* the addresses are back */
	list(a, PART_ENDPOINTS, "");
	(void)settle(&bench);
	assert_int_equal(merge_held(&bench.merge), 3);
	expect(&bench, "a ; n/s a=1; n/t a=; n/u a=3; n/v a=4; ");
	merge_approve(&bench.merge);
	(void)settle(&bench);
	assert_int_equal(merge_held(&bench.merge), 0);
	expect(&bench, "a ; n/s a=; n/t a=; n/u a=; n/v a=; ");
	end(&bench);
}

static void only_the_namespaces_that_are_wanted_count(void **state)
{
	(void)state;
	static const char *const WANTED[] = {"n", "m"};
	struct bench bench;
	begin(&bench, 100);
	bench.merge.namespaces = WANTED;
	bench.merge.namespace_count = 2;
	(void)member(&bench, "a",
	             SERVICE("s", IP("1")) SERVICE_IN("other", "s", IP("2"), "")
	                 SERVICE_IN("m", "x", IP("3"), ""));
	(void)settle(&bench);
	expect(&bench, "a ; m/x a=; n/s a=1; ");
	end(&bench);
}

static void most_nodes_tell_the_region(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")));
	list(a, PART_NODES, NODE("1", "r", "z1") NODE("2", "q", "y") NODE("3", "r", "z2"));
	(void)settle(&bench);
	expect(&bench, "a r/z1/z2; n/s a=1; ");
	happens(a, PART_NODES, NODE("3", "q", "y"), false);
	(void)settle(&bench);
	expect(&bench, "a q/y; n/s a=1; ");
	happens(a, PART_NODES,
	        "{\"kind\":\"PartialObjectMetadata\",\"metadata\":{\"name\":\"1\",\"labels\":{"
	        "\"failure-domain.beta.kubernetes.io/region\":\"old\","
	        "\"failure-domain.beta.kubernetes.io/zone\":\"o\"}}}",
	        false);
	happens(a, PART_NODES, NODE("2", "", ""), true);
	happens(a, PART_NODES, NODE("3", "", ""), true);
	(void)settle(&bench);
	expect(&bench, "a old/o; n/s a=1; ");
	happens(a, PART_NODES, NODE("1", "", ""), true);
	(void)settle(&bench);
	expect(&bench, "a old/o; n/s a=1; "); /* the last known place stays */
	end(&bench);
}

#define CLUSTER(name, region)                                                                      \
	"{\"kind\":\"Cluster\",\"apiVersion\":\"federation/v1beta1\",\"metadata\":{\"name\":\"" name   \
	"\"},\"status\":{\"region\":\"" region "\",\"zones\":[\"" region "-a\",\"" region "-b\"]}}"

static void a_federation_tells_clusters_and_services(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	assert_int_equal(rig_decode(&bench.rig, STATE KEPT("s", AT("a", "1")) KEPT("w", AT("a", "2"))),
	                 ERR_OK);
	struct origin *federation = add(&bench, ORIGIN_FEDERATION, "federation");
	merge_begin(&bench.merge);
	list(federation, PART_SERVICES, KEPT("s", AT("a", "5") "," AT("c", "6")));
	(void)settle(&bench);
	expect(&bench, "a r/z; b ; n/s a=1; n/w a=2; old ; "); /* half a federation says nothing */
	list(federation, PART_CLUSTERS, CLUSTER("a", "ra") CLUSTER("b", "rb"));
	(void)settle(&bench);
	expect(&bench, "a ra/ra-a/ra-b; b rb/rb-a/rb-b; n/s a=5 c=6; ");
	happens(federation, PART_CLUSTERS, CLUSTER("c", "rc"), false);
	happens(federation, PART_CLUSTERS, CLUSTER("b", "rb"), true);
	happens(federation, PART_SERVICES, KEPT("x", AT("c", "7")), false);
	(void)settle(&bench);
	expect(&bench, "a ra/ra-a/ra-b; c rc/rc-a/rc-b; n/s a=5 c=6; n/x c=7; ");
	happens(federation, PART_SERVICES, KEPT("s", ""), false);
	happens(federation, PART_SERVICES, KEPT("x", AT("c", "7")), true);
	(void)settle(&bench);
	expect(&bench, "a ra/ra-a/ra-b; c rc/rc-a/rc-b; ");
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_are_joined_by_namespace_and_name),
		cmocka_unit_test(evidence_withdraws_and_returns),
		cmocka_unit_test(services_that_publish_what_is_not_ready_are_judged_by_serving),
		cmocka_unit_test(ports_of_all_members_count_once),
		cmocka_unit_test(members_that_are_not_synced_keep_what_was_last_known),
		cmocka_unit_test(a_cluster_that_leaves_goes_at_once),
		cmocka_unit_test(a_sudden_mass_withdrawal_waits_for_an_approval),
		cmocka_unit_test(only_the_namespaces_that_are_wanted_count),
		cmocka_unit_test(most_nodes_tell_the_region),
		cmocka_unit_test(a_federation_tells_clusters_and_services),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

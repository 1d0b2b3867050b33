/* What real API servers said (tests/source/data), through reflectors and origins into the model: a
 * Kubernetes 1.35 as member, and a Federation v1. */
#include "merge_bed.h"

#define V135 "kubernetes-v1.35/"

static const struct resource SERVICES = {
	.path = "/api/v1/services", .kind = "Service", .list_kind = "ServiceList", .bookmarks = true};
static const struct resource SLICES = {.path = "/apis/discovery.k8s.io/v1/endpointslices",
                                       .kind = "EndpointSlice",
                                       .list_kind = "EndpointSliceList",
                                       .bookmarks = true};
static const struct resource ENDPOINTS = {.path = "/api/v1/endpoints",
                                          .kind = "Endpoints",
                                          .list_kind = "EndpointsList",
                                          .bookmarks = true};
static const struct resource NODES = {.path = "/api/v1/nodes",
                                      .kind = "PartialObjectMetadata",
                                      .list_kind = "PartialObjectMetadataList",
                                      .bookmarks = true,
                                      .metadata_only = true};
static const struct resource WHOLE_NODES = {
	.path = "/api/v1/nodes", .kind = "Node", .list_kind = "NodeList", .bookmarks = true};
static const struct resource OLD_SERVICES = {
	.path = "/api/v1/services", .kind = "Service", .list_kind = "ServiceList"};
static const struct resource CLUSTERS = {
	.path = "/apis/federation/v1beta1/clusters", .kind = "Cluster", .list_kind = "ClusterList"};

/* The server's side of one resource. */
struct server {
	struct reflector *reflector;
	int64_t now_ms;
	struct reflector_request asked;
};

static void serve(struct server *server, const struct resource *resource, struct origin *origin,
                  enum origin_part part)
{
	*server = (struct server){.now_ms = 1000};
	server->reflector = reflector_new(resource, &origin->sinks[part], 7);
	assert_non_null(server->reflector);
}

static const struct reflector_state *state_of(const struct server *server)
{
	return reflector_state(server->reflector);
}

static struct buf load(const char *file)
{
	char path[1024];
	struct buf text;
	struct why why;
	(void)snprintf(path, sizeof path, "%s/source/data/%s", TESTS_DIR, file);
	if (file_read(path, 1 << 20, &text, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return text;
}

/* What it wants; a wait is waited for. */
static const char *ask(struct server *server, enum reflector_want want)
{
	reflector_next(server->reflector, server->now_ms, &server->asked);
	if (server->asked.want == WANT_WAIT) {
		server->now_ms = server->asked.at_ms;
		reflector_next(server->reflector, server->now_ms, &server->asked);
	}
	assert_int_equal(server->asked.want, want);
	return server->asked.path;
}

static void head(struct server *server, unsigned status)
{
	reflector_head(server->reflector, status, 0, server->now_ms);
}

static void over(struct server *server)
{
	reflector_end(server->reflector, ERR_OK, NULL, server->now_ms);
}

/* The list that was asked for gets `file`. */
static void reply(struct server *server, unsigned status, const char *file)
{
	struct buf text = load(file);
	head(server, status);
	assert_true(reflector_body(server->reflector, buf_bytes(&text), server->now_ms));
	over(server);
	buf_free(&text);
}

static void list_is(struct server *server, const char *file)
{
	(void)ask(server, WANT_LIST);
	reply(server, 200, file);
	assert_string_equal(state_of(server)->why.text, "");
}

/* The whole of `text` in runs of `size` octets. */
static void stream(struct server *server, struct bytes text, size_t size)
{
	for (size_t at = 0; at < text.size; at += size) {
		const struct bytes run = {text.data + at, text.size - at < size ? text.size - at : size};
		assert_true(reflector_body(server->reflector, run, server->now_ms));
	}
}

/* One chunk of an HTTP reply's body (RFC 9112 section 7.1); size 0: that was the last. */
static struct bytes chunk(const uint8_t **at)
{
	char *end;
	unsigned long size = strtoul((const char *)*at, &end, 16);
	const uint8_t *data = (const uint8_t *)end + 2;
	*at = data + size + 2;
	return (struct bytes){data, size};
}

/* A recorded reply, NUL-terminated, and where its chunks begin. */
static const uint8_t *chunks_of(struct buf *reply)
{
	assert_int_equal(buf_add(reply, (struct bytes){(const uint8_t *)"", 1}), ERR_OK);
	const char *blank = strstr((const char *)reply->data, "\r\n\r\n");
	assert_non_null(blank);
	return (const uint8_t *)blank + 4;
}

/* --- Kubernetes 1.35 ---------------------------------------------------------------------- */

struct cluster {
	struct bench bench;
	struct origin *origin;
	struct server services, endpoints, nodes;
};

#define AS_LISTED                                                                                  \
	"a cn-hangzhou/cn-hangzhou-b/cn-hangzhou-h; shop/cart dns:53 http:80 a=1; "                    \
	"shop/pay http:80 a=; "

/* Everything is listed, and as it was recorded. */
static void cluster_begin(struct cluster *cluster)
{
	begin(&cluster->bench, 100);
	cluster->origin = add(&cluster->bench, ORIGIN_MEMBER, "a");
	merge_begin(&cluster->bench.merge);
	serve(&cluster->services, &SERVICES, cluster->origin, PART_SERVICES);
	serve(&cluster->endpoints, &SLICES, cluster->origin, PART_ENDPOINTS);
	serve(&cluster->nodes, &NODES, cluster->origin, PART_NODES);
	list_is(&cluster->services, V135 "services.json");
	list_is(&cluster->endpoints, V135 "endpointslices.json");
	list_is(&cluster->nodes, V135 "nodes_metadata.json");
	(void)settle(&cluster->bench);
}

static void cluster_expect(struct cluster *cluster, const char *text)
{
	(void)settle(&cluster->bench);
	expect(&cluster->bench, text);
}

static void cluster_end(struct cluster *cluster)
{
	assert_string_equal(cluster->bench.rig.notes, "");
	reflector_free(cluster->services.reflector);
	reflector_free(cluster->endpoints.reflector);
	reflector_free(cluster->nodes.reflector);
	end(&cluster->bench);
}

static void the_lists_of_a_member_are_understood(void **state)
{
	(void)state;
	struct cluster cluster;
	cluster_begin(&cluster);
	cluster_expect(&cluster, AS_LISTED);
	struct service_view view;
	assert_true(
		model_service_named(cluster.bench.rig.model, bytes_of("shop"), bytes_of("cart"), &view));
	assert_int_equal(view.ttl_s, 60);
	assert_int_equal(service_address_count(&view), 2); /* IPv6 as well */
	cluster_end(&cluster);
}

static void old_endpoints_and_whole_nodes_tell_the_same(void **state)
{
	(void)state;
	struct cluster cluster;
	cluster_begin(&cluster);
	reflector_free(cluster.endpoints.reflector);
	reflector_free(cluster.nodes.reflector);
	cluster.origin->endpoints_v1 = true;
	serve(&cluster.endpoints, &ENDPOINTS, cluster.origin, PART_ENDPOINTS);
	serve(&cluster.nodes, &WHOLE_NODES, cluster.origin, PART_NODES);
	list(cluster.origin, PART_ENDPOINTS, "");
	list(cluster.origin, PART_NODES, "");
	cluster_expect(&cluster, "a cn-hangzhou/cn-hangzhou-b/cn-hangzhou-h; shop/cart dns:53 http:80 "
	                         "a=; shop/pay http:80 a=; ");
	list_is(&cluster.endpoints, V135 "endpoints.json");
	list_is(&cluster.nodes, V135 "nodes.json");
	cluster_expect(&cluster, AS_LISTED);
	cluster_end(&cluster);
}

/* Pages, of which one is told to be too old: with a token to go on from, which would mix two
 * states, so that the list begins anew. */
static void pages_follow_their_tokens_until_one_is_too_old(void **state)
{
	(void)state;
	struct cluster cluster;
	cluster_begin(&cluster);
	struct server *services = &cluster.services;
	services->now_ms += INT64_C(67) * 60000; /* a list is due */
	assert_null(strstr(ask(services, WANT_LIST), "continue="));
	reply(services, 200, V135 "services_page_1.json");
	assert_non_null(strstr(ask(services, WANT_LIST),
	                       "&continue="
	                       "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MjI1LCJzdGFydCI6Ii9z"
	                       "aG9wL2NhcnRcdTAwMDAifQ"));
	reply(services, 200, V135 "services_page_2.json");
	assert_non_null(strstr(ask(services, WANT_LIST),
	                       "&continue="
	                       "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MjI1LCJzdGFydCI6InNo"
	                       "b3AvcGF5XHUwMDAwIn0"));
	reply(services, 410, V135 "error_410_page.json");
	cluster_expect(&cluster, AS_LISTED); /* no page came into force */
	assert_null(strstr(ask(services, WANT_LIST), "continue="));
	reply(services, 200, V135 "services.json");
	cluster_expect(&cluster, AS_LISTED);
	assert_non_null(strstr(ask(services, WANT_WATCH), "resourceVersion=225"));
	over(services);
	cluster_end(&cluster);
}

/* A service comes, gets an address, and goes; then a bookmark whose typed fields are empty. */
static void a_watch_of_services_is_understood_chunk_by_chunk(void **state)
{
	(void)state;
	static const char *const AFTER[] = {
		AS_LISTED,
		"a cn-hangzhou/cn-hangzhou-b/cn-hangzhou-h; shop/cart dns:53 http:80 a=1; "
		"shop/new http:80 a=; shop/pay http:80 a=; ",
		AS_LISTED,
		AS_LISTED,
	};
	struct cluster cluster;
	cluster_begin(&cluster);
	struct buf text = load(V135 "watch_services.http");
	const uint8_t *at = chunks_of(&text);
	(void)ask(&cluster.services, WANT_WATCH);
	head(&cluster.services, 200);
	for (size_t i = 0; i < 4; i++) {
		stream(&cluster.services, chunk(&at), SIZE_MAX / 2);
		cluster_expect(&cluster, AFTER[i]);
	}
	assert_int_equal(chunk(&at).size, 0);
	over(&cluster.services);
	assert_int_equal(state_of(&cluster.services)->events, 3);
	assert_string_equal(state_of(&cluster.services)->why.text, "");
	assert_non_null(strstr(ask(&cluster.services, WANT_WATCH), "resourceVersion=236"));
	buf_free(&text);
	cluster_end(&cluster);
}

/* However the network cuts it: the recorded chunks end inside of events already. */
static void a_watch_of_slices_is_understood_however_it_is_cut(void **state)
{
	(void)state;
	static const size_t SIZES[] = {1, 7, 1000, SIZE_MAX / 2};
	for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
		struct cluster cluster;
		cluster_begin(&cluster);
		list(cluster.origin, PART_ENDPOINTS, "");
		struct buf text = load(V135 "watch_list_endpointslices.http");
		const uint8_t *at = chunks_of(&text);
		(void)ask(&cluster.endpoints, WANT_WATCH);
		head(&cluster.endpoints, 200);
		for (struct bytes part; (part = chunk(&at)).size != 0;)
			stream(&cluster.endpoints, part, SIZES[i]);
		over(&cluster.endpoints);
		cluster_expect(&cluster, AS_LISTED);
		assert_int_equal(state_of(&cluster.endpoints)->events, 3);
		assert_non_null(strstr(ask(&cluster.endpoints, WANT_WATCH), "resourceVersion=236"));
		buf_free(&text);
		cluster_end(&cluster);
	}
}

static void a_watch_whose_version_is_too_old_is_listed_anew(void **state)
{
	(void)state;
	struct cluster cluster;
	cluster_begin(&cluster);
	struct buf text = load(V135 "watch_expired.http");
	const uint8_t *at = chunks_of(&text);
	(void)ask(&cluster.services, WANT_WATCH);
	head(&cluster.services, 200);
	assert_false(reflector_body(cluster.services.reflector, chunk(&at), 1000));
	over(&cluster.services);
	(void)ask(&cluster.services, WANT_LIST);
	reply(&cluster.services, 200, V135 "services.json");
	cluster_expect(&cluster, AS_LISTED);
	buf_free(&text);
	cluster_end(&cluster);
}

/* A "no" takes nothing away, and its words are the operator's. */
static void refusals_are_understood_and_take_nothing_away(void **state)
{
	(void)state;
	static const struct {
		unsigned status;
		const char *file, *why;
		enum reflector_trouble trouble;
		int64_t wait_ms;
	} CASES[] = {
		{401, "error_401.json", "HTTP 401: Unauthorized: Unauthorized", TROUBLE_UNAUTHORIZED, 800},
		{403, "error_403.json", "HTTP 403: Forbidden: secrets is forbidden: User \"fedns\"",
	     TROUBLE_FORBIDDEN, 800},
		{404, "error_404.json", "HTTP 404: NotFound: ", TROUBLE_NOT_FOUND, 800},
		{422, "error_422.json", "HTTP 422: Invalid: ListOptions.meta.k8s.io \"\" is invalid",
	     TROUBLE_SERVER, 800},
		{504, "error_504_version_too_large.json",
	     "HTTP 504: Timeout: Timeout: Too large resource version: 99999999, current: 225",
	     TROUBLE_SERVER, 1000},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		char file[128];
		struct cluster cluster;
		cluster_begin(&cluster);
		struct server *services = &cluster.services;
		(void)snprintf(file, sizeof file, V135 "%s", CASES[i].file);
		(void)ask(services, WANT_WATCH);
		reply(services, CASES[i].status, file);
		assert_int_equal(state_of(services)->trouble, CASES[i].trouble);
		if (strstr(state_of(services)->why.text, CASES[i].why) == NULL)
			fail_msg("%s", state_of(services)->why.text);
		assert_int_equal(reflector_refused(services->reflector), CASES[i].status == 401);
		reflector_next(services->reflector, services->now_ms, &services->asked);
		assert_int_equal(services->asked.want, WANT_WAIT);
		assert_true(services->asked.at_ms - services->now_ms >= CASES[i].wait_ms);
		cluster_expect(&cluster, AS_LISTED);
		cluster_end(&cluster);
	}
}

/* --- Federation v1 ------------------------------------------------------------------------ */

struct federation {
	struct bench bench;
	struct server services, clusters;
};

static void federation_begin(struct federation *federation)
{
	begin(&federation->bench, 100);
	struct origin *origin = add(&federation->bench, ORIGIN_FEDERATION, "federation");
	merge_begin(&federation->bench.merge);
	serve(&federation->services, &OLD_SERVICES, origin, PART_SERVICES);
	serve(&federation->clusters, &CLUSTERS, origin, PART_CLUSTERS);
	list_is(&federation->clusters, "clusters_list.json");
	list_is(&federation->services, "services_list_limit1.json");
	assert_non_null(strstr(ask(&federation->services, WANT_LIST),
	                       "&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NTMxLCJzdGFydCI6ImRlZmF1"
	                       "bHQvbmdpbnhcdTAwMDAifQ"));
	reply(&federation->services, 200, "services_list_limit1_page2.json");
	(void)settle(&federation->bench);
	expect(&federation->bench, "beijing cn-beijing/cn-beijing-a; default/nginx http:80 beijing=146 "
	                           "hangzhou=69; hangzhou cn-hangzhou/cn-hangzhou-b; ");
}

static void federation_end(struct federation *federation)
{
	reflector_free(federation->services.reflector);
	reflector_free(federation->clusters.reflector);
	end(&federation->bench);
}

/* Lines of a recorded watch, and what the model holds after each. */
static void lines_take(struct bench *bench, struct server *server, const char *file,
                       const char *const *after, size_t count)
{
	struct buf text = load(file);
	const uint8_t *at = text.data;
	assert_null(strstr(ask(server, WANT_WATCH), "allowWatchBookmarks"));
	head(server, 200);
	for (size_t i = 0; i < count; i++) {
		const uint8_t *end = memchr(at, '\n', (size_t)(text.data + text.size - at));
		assert_non_null(end);
		stream(server, (struct bytes){at, (size_t)(end - at) + 1}, 100);
		(void)settle(bench);
		expect(bench, after[i]);
		at = end + 1;
	}
	assert_ptr_equal(at, text.data + text.size);
	over(server);
	assert_string_equal(state_of(server)->why.text, "");
	buf_free(&text);
}

#define PLACES     "hangzhou cn-hangzhou/cn-hangzhou-b; "
#define BEIJING    "beijing cn-beijing/cn-beijing-a; "
#define NGINX      "default/nginx http:80 beijing=146 hangzhou=69; "
#define NGINX_LESS "default/nginx http:80 beijing= hangzhou=69; "
#define GONE       "default/gone hangzhou=4; "

static void the_life_of_federated_services_is_understood(void **state)
{
	(void)state;
	static const char *const AFTER[] = {
		BEIJING NGINX PLACES,           BEIJING NGINX_LESS PLACES,
		BEIJING NGINX_LESS PLACES,      BEIJING NGINX_LESS PLACES,
		BEIJING GONE NGINX_LESS PLACES, BEIJING NGINX_LESS PLACES, /* it is being deleted */
		BEIJING NGINX_LESS PLACES,
	};
	struct federation federation;
	federation_begin(&federation);
	lines_take(&federation.bench, &federation.services, "watch_services_full_lifecycle.jsonl",
	           AFTER, 7);
	assert_non_null(strstr(ask(&federation.services, WANT_WATCH), "resourceVersion=13"));
	over(&federation.services);
	federation_end(&federation);
}

/* A cluster that has told no place yet keeps its last known one. */
static void clusters_that_join_are_understood(void **state)
{
	(void)state;
	static const char *const AFTER[] = {BEIJING NGINX PLACES, BEIJING NGINX PLACES,
	                                    BEIJING NGINX PLACES, BEIJING NGINX PLACES};
	struct federation federation;
	federation_begin(&federation);
	lines_take(&federation.bench, &federation.clusters, "watch_clusters.jsonl", AFTER, 4);
	federation_end(&federation);
}

/* "Gone" where later servers say "Expired". */
static void an_old_server_says_gone(void **state)
{
	(void)state;
	struct federation federation;
	federation_begin(&federation);
	struct buf text = load("watch_410_gone_http.txt");
	assert_int_equal(buf_add(&text, (struct bytes){(const uint8_t *)"", 1}), ERR_OK);
	const char *body = strchr((const char *)text.data, '{');
	assert_non_null(body);
	(void)ask(&federation.services, WANT_WATCH);
	head(&federation.services, 200);
	assert_false(reflector_body(federation.services.reflector, bytes_of(body), 1000));
	over(&federation.services);
	(void)ask(&federation.services, WANT_LIST);
	over(&federation.services);
	buf_free(&text);
	federation_end(&federation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lists_of_a_member_are_understood),
		cmocka_unit_test(old_endpoints_and_whole_nodes_tell_the_same),
		cmocka_unit_test(pages_follow_their_tokens_until_one_is_too_old),
		cmocka_unit_test(a_watch_of_services_is_understood_chunk_by_chunk),
		cmocka_unit_test(a_watch_of_slices_is_understood_however_it_is_cut),
		cmocka_unit_test(a_watch_whose_version_is_too_old_is_listed_anew),
		cmocka_unit_test(refusals_are_understood_and_take_nothing_away),
		cmocka_unit_test(the_life_of_federated_services_is_understood),
		cmocka_unit_test(clusters_that_join_are_understood),
		cmocka_unit_test(an_old_server_says_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

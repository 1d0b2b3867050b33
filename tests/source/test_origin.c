/* origin: where a member is, and what a federation tells. */
#include "merge_bed.h"

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

/* A part of what a server holds would make the rest seem to be gone. */
static void an_api_server_that_holds_too_much_is_refused_as_a_whole(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")));
	catalog_free(a->parts[PART_SERVICES]);
	a->parts[PART_SERVICES] = catalog_new(1, 1);
	list(a, PART_SERVICES, SERVICE("s", IP("1")));
	(void)settle(&bench);
	const struct sink *sink = &a->sinks[PART_SERVICES];
	struct findings nobody = {0};
	struct why why = {{0}};
	sink->list_begin(sink->arg);
	assert_int_equal(walk_objects(bytes_of(SERVICE("t", IP("2")) SERVICE("u", IP("3"))), &nobody,
	                              sink->listed, sink->arg, &why),
	                 ERR_LIMIT);
	assert_non_null(strstr(why.text, "the API server holds more than 1000000 objects"));
	sink->list_dropped(sink->arg);
	struct event event = {sink, false};
	assert_int_equal(
		walk_objects(bytes_of(SERVICE("t", IP("2"))), &nobody, event_take, &event, &why),
		ERR_LIMIT);
	(void)settle(&bench);
	expect(&bench, "a ; n/s a=1; ");
	end(&bench);
}

static void slices_that_do_not_count_are_reported(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")));
	struct slice_seen seen = {.key = "n/t", .key_size = 3, .counts = {.any = true}};
	bool moved;
	while (seen.name_hash++ < SLICES_MAX)
		(void)!slices_set(a->parts[PART_ENDPOINTS], &seen, false, &moved);
	happens(a, PART_ENDPOINTS, SLICE("t", UP), false);
	assert_int_equal(bench.rig.count, 1);
	assert_non_null(strstr(bench.rig.notes, "cluster a: service n/t has more than 2048 "
	                                        "EndpointSlices; further ones don't count"));
	happens(a, PART_ENDPOINTS, SLICE("t", UP), true);
	assert_int_equal(bench.rig.count, 1);
	end(&bench);
}

#define LARGE               "\x01" /* stands for more than an object may have */
#define TOO_LARGE(metadata) "{\"metadata\":{" metadata "},\"x\":\"" LARGE "\"}"
#define SIZE                "more than 4194304 octets\n"
#define NAMESPACED(name)    "\"name\":\"" name "\",\"namespace\":\"n\""
#define LIST_OF(kind, items)                                                                       \
	"{\"kind\":\"" kind "List\",\"apiVersion\":\"v1\",\"items\":[" items "]}"

/* The pattern with what LARGE stands for. */
static char *expanded(const char *pattern)
{
	size_t count = 0, size = 0;
	for (const char *at = pattern; *at != '\0'; at++)
		count += *at == *LARGE;
	char *text = malloc(strlen(pattern) + count * STATE_OBJECT_SIZE_MAX + 1);
	assert_non_null(text);
	for (; *pattern != '\0'; pattern++) {
		size_t run = *pattern == *LARGE ? STATE_OBJECT_SIZE_MAX : 1;
		memset(text + size, *pattern == *LARGE ? 'x' : *pattern, run);
		size += run;
	}
	text[size] = '\0';
	return text;
}

static void list_large(struct origin *origin, enum origin_part part, const char *pattern)
{
	char *text = expanded(pattern);
	list(origin, part, text);
	free(text);
}

static void what_can_not_be_read_stays_as_it_was(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench, 100);
	struct origin *a = member(&bench, "a", SERVICE("s", IP("1")) SERVICE("t", IP("2")));
	list(a, PART_NODES, NODE("1", "r", "z"));
	(void)settle(&bench);
	list_large(a, PART_SERVICES,
	           LIST_OF("Service", SERVICE("v", IP("4")) "," TOO_LARGE(
									  NAMESPACED("s")) "," TOO_LARGE(NAMESPACED("w"))));
	list_large(a, PART_ENDPOINTS,
	           LIST_OF("EndpointSlice",
	                   TOO_LARGE(NAMESPACED("s-1") ",\"labels\":{\"kubernetes.io/service-name\":"
	                                               "\"s\"}") "," SLICE("v", UP)));
	list_large(a, PART_NODES, LIST_OF("Node", TOO_LARGE("\"name\":\"1\"")));
	(void)settle(&bench);
	expect(&bench, "a r/z; n/s a=1; n/v a=4; ");
	static const char NOTES[] =
		"0 limit cluster a: the Service of n/s can't be read, what was known stays: " SIZE
		"0 limit cluster a: the Service of n/w can't be read, it is left out: " SIZE
		"0 limit cluster a: the EndpointSlice of n/s can't be read, what was known stays: " SIZE
		"0 limit cluster a: the Node of 1 can't be read, what was known stays: " SIZE;
	assert_string_equal(bench.rig.notes, NOTES);
	end(&bench);
}

static void what_does_not_even_tell_its_name_fails_the_list(void **state)
{
	(void)state;
	static const char *const CASES[] = {
		"{\"items\":[" TOO_LARGE("") "]}",
		"{\"items\":[" TOO_LARGE("\"name\":1") "]}",
		"{\"items\":[" TOO_LARGE("\"name\":\"\\u0061\"") "]}",
	};
	struct bench bench;
	begin(&bench, 100);
	struct origin *a = add(&bench, ORIGIN_MEMBER, "a");
	const struct sink *sink = &a->sinks[PART_SERVICES];
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		char *text = expanded(CASES[i]);
		struct findings nobody = {0};
		struct why why = {{0}};
		sink->list_begin(sink->arg);
		assert_int_equal(walk_objects(bytes_of(text), &nobody, sink->listed, sink->arg, &why),
		                 ERR_INVALID);
		assert_non_null(
			strstr(why.text, "an object that doesn't tell its name: more than 4194304"));
		sink->list_dropped(sink->arg);
		free(text);
	}
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(most_nodes_tell_the_region),
		cmocka_unit_test(a_federation_tells_clusters_and_services),
		cmocka_unit_test(an_api_server_that_holds_too_much_is_refused_as_a_whole),
		cmocka_unit_test(slices_that_do_not_count_are_reported),
		cmocka_unit_test(what_can_not_be_read_stays_as_it_was),
		cmocka_unit_test(what_does_not_even_tell_its_name_fails_the_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

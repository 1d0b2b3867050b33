/* slices: endpoints by number, of EndpointSlices and Endpoints. */
#include "check.h"

#include "slices.h"

#include <stdio.h>
#include <string.h>

/* Numbers as text: "ready/serving/draining", "-" where there is no slice. */
static const char *counts_text(struct endpoint_counts counts)
{
	static char text[64];
	if (!counts.any)
		return "-";
	(void)snprintf(text, sizeof text, "%u/%u/%u", counts.ready, counts.serving, counts.draining);
	return text;
}

static void read_by(const char *text, bool slice, uint64_t seed, struct slice_seen *out)
{
	struct nodes nodes;
	struct why why = {{0}};
	nodes_init(&nodes);
	if (nodes_read_whole(&nodes, bytes_of(text), &why) != ERR_OK)
		fail_msg("%s: %s", text, why.text);
	const struct object object = {.nodes = &nodes};
	if (slice)
		slice_read(&object, seed, out);
	else
		endpoints_read(&object, seed, out);
	nodes_clear(&nodes);
}

static void read(const char *text, bool slice, struct slice_seen *out)
{
	read_by(text, slice, 1, out);
}

#define SLICE(name, service, endpoints)                                                            \
	"{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"n\",\"labels\":{"                        \
	"\"kubernetes.io/service-name\":\"" service                                                    \
	"\"}},\"addressType\":\"IPv4\",\"endpoints\":[" endpoints "]}"
#define READY    "{\"conditions\":{\"ready\":true,\"serving\":true,\"terminating\":false}}"
#define NIL      "{\"conditions\":{}}"
#define BARE     "{}"
#define UNREADY  "{\"conditions\":{\"ready\":false,\"serving\":false,\"terminating\":false}}"
#define OLD      "{\"conditions\":{\"ready\":false}}"
#define DRAINING "{\"conditions\":{\"ready\":false,\"serving\":true,\"terminating\":true}}"
#define GOING    "{\"conditions\":{\"ready\":false,\"serving\":false,\"terminating\":true}}"

static void conditions_are_counted_as_the_api_means_them(void **state)
{
	(void)state;
	const struct {
		const char *text, *counts;
	} cases[] = {
		{SLICE("x", "s", ""), "0/0/0"},
		{SLICE("x", "s", READY), "1/1/0"},
		{SLICE("x", "s", NIL), "1/1/0"}, /* nil ready is true, nil serving as ready */
		{SLICE("x", "s", BARE), "1/1/0"},
		{SLICE("x", "s", UNREADY), "0/0/0"},
		{SLICE("x", "s", OLD), "0/0/0"},
		{SLICE("x", "s", DRAINING), "0/0/1"},
		{SLICE("x", "s", GOING), "0/0/0"},
		{SLICE("x", "s", READY "," READY "," DRAINING "," UNREADY), "2/2/1"},
		{"{\"metadata\":{\"name\":\"x\",\"namespace\":\"n\",\"labels\":{"
	     "\"kubernetes.io/service-name\":\"s\"}},\"endpoints\":null}",
	     "0/0/0"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct slice_seen seen;
		read(cases[i].text, true, &seen);
		assert_string_equal(counts_text(seen.counts), cases[i].counts);
		assert_int_equal(seen.key_size, 3);
		assert_memory_equal(seen.key, "n/s", 3);
	}
}

static void slices_of_no_service_count_for_none(void **state)
{
	(void)state;
	static const char *const TEXTS[] = {
		"{}",
		"{\"metadata\":{\"name\":\"x\",\"namespace\":\"n\"}}",
		SLICE("x", "", READY),
		("{\"metadata\":{\"name\":\"x\",\"namespace\":\"n\",\"labels\":{"
	     "\"kubernetes.io/service-name\":\"s\"}},\"addressType\":\"FQDN\",\"endpoints\":[{}]}"),
	};
	for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
		struct slice_seen seen;
		read(TEXTS[i], true, &seen);
		assert_int_equal(seen.key_size, 0);
	}
}

static void endpoints_count_ready_addresses_alone(void **state)
{
	(void)state;
	struct slice_seen seen;
	read("{\"metadata\":{\"name\":\"s\",\"namespace\":\"n\"},\"subsets\":["
	     "{\"addresses\":[{\"ip\":\"1\"},{\"ip\":\"2\"}],\"notReadyAddresses\":[{\"ip\":\"3\"}]},"
	     "{\"notReadyAddresses\":[{\"ip\":\"4\"}]},{\"addresses\":[{\"ip\":\"5\"}]}]}",
	     false, &seen);
	assert_string_equal(counts_text(seen.counts), "3/3/0");
	assert_memory_equal(seen.key, "n/s", 3);
	read("{\"metadata\":{\"name\":\"s\"}}", false, &seen);
	assert_string_equal(counts_text(seen.counts), "0/0/0");
	assert_memory_equal(seen.key, "default/s", 9);
}

static bool set(struct catalog *slices, const char *text, bool gone)
{
	struct slice_seen seen;
	bool moved;
	read(text, true, &seen);
	assert_int_equal(slices_set(slices, &seen, gone, &moved), ERR_OK);
	return moved;
}

static void the_slices_of_a_service_add_up(void **state)
{
	(void)state;
	struct catalog *slices = catalog_new(1, CATALOG_KEYS_MAX);
	const struct bytes key = bytes_of("n/s");
	assert_string_equal(counts_text(slices_counts(slices, key)), "-");
	assert_true(set(slices, SLICE("x", "s", READY), false));
	assert_true(set(slices, SLICE("y", "s", READY "," DRAINING), false));
	assert_string_equal(counts_text(slices_counts(slices, key)), "2/2/1");
	assert_false(set(slices, SLICE("y", "s", READY "," DRAINING "," UNREADY), false));
	assert_true(set(slices, SLICE("x", "s", ""), false));
	assert_string_equal(counts_text(slices_counts(slices, key)), "1/1/1");
	assert_true(set(slices, SLICE("y", "s", ""), true));
	assert_string_equal(counts_text(slices_counts(slices, key)), "0/0/0");
	assert_true(set(slices, SLICE("x", "s", ""), true));
	assert_false(set(slices, SLICE("x", "s", ""), true));
	assert_string_equal(counts_text(slices_counts(slices, key)), "-");
	assert_int_equal(catalog_count(slices), 0);
	catalog_free(slices);
}

static void told(void *arg, struct bytes key)
{
	unsigned *count = arg;
	(*count)++;
	assert_true(bytes_equal(key, bytes_of("n/s")) || bytes_equal(key, bytes_of("n/t")));
}

static void a_list_of_slices_adds_up_too(void **state)
{
	(void)state;
	static const char *const TEXTS[] = {SLICE("x", "s", READY), SLICE("y", "s", READY "," READY),
	                                    SLICE("z", "t", UNREADY)};
	struct catalog *slices = catalog_new(1, CATALOG_KEYS_MAX);
	unsigned count = 0;
	catalog_list_begin(slices);
	for (size_t i = 0; i < 3; i++) {
		struct slice_seen seen;
		read(TEXTS[i], true, &seen);
		assert_int_equal(slices_list_add(slices, &seen), ERR_OK);
	}
	catalog_list_done(slices, told, &count);
	assert_int_equal(count, 2);
	assert_string_equal(counts_text(slices_counts(slices, bytes_of("n/s"))), "3/3/0");
	assert_string_equal(counts_text(slices_counts(slices, bytes_of("n/t"))), "0/0/0");
	catalog_free(slices);
}

/* Names whose hashes share 32 bits under the seed 0 are two slices, and nobody can aim at a seed.
 */
static void slices_with_names_alike_count_both(void **state)
{
	(void)state;
	static const char *const TEXTS[] = {SLICE("web-313ee", "s", READY),
	                                    SLICE("web-0e480", "s", READY)};
	struct catalog *slices = catalog_new(1, CATALOG_KEYS_MAX);
	struct slice_seen seen[2], other;
	bool moved;
	for (size_t i = 0; i < 2; i++) {
		read_by(TEXTS[i], true, 0, &seen[i]);
		assert_int_equal(slices_set(slices, &seen[i], false, &moved), ERR_OK);
	}
	assert_int_equal((uint32_t)seen[0].name_hash, (uint32_t)seen[1].name_hash);
	assert_string_equal(counts_text(slices_counts(slices, bytes_of("n/s"))), "2/2/0");
	read_by(TEXTS[0], true, 1, &other);
	assert_true(other.name_hash != seen[0].name_hash);
	catalog_free(slices);
}

static void slices_beyond_the_maximum_do_not_fit(void **state)
{
	(void)state;
	struct slice_seen seen = {
		.key = "n/s", .key_size = 3, .counts = {.ready = 1, .serving = 1, .any = true}};
	struct catalog *slices = catalog_new(1, CATALOG_KEYS_MAX);
	bool moved;
	catalog_list_begin(slices);
	for (seen.name_hash = 1; seen.name_hash <= SLICES_MAX; seen.name_hash++) {
		assert_true(slices_fit(slices, &seen, true));
		assert_int_equal(slices_list_add(slices, &seen), ERR_OK);
	}
	assert_false(slices_fit(slices, &seen, true));
	assert_int_equal(slices_list_add(slices, &seen), ERR_OK);
	catalog_list_done(slices, told, &(unsigned){0});
	assert_false(slices_fit(slices, &seen, false));
	assert_int_equal(slices_set(slices, &seen, false, &moved), ERR_OK);
	assert_false(moved);
	assert_int_equal(slices_counts(slices, bytes_of("n/s")).ready, SLICES_MAX);
	seen.name_hash = 1; /* one that is there */
	assert_true(slices_fit(slices, &seen, false));
	assert_int_equal(slices_set(slices, &seen, true, &moved), ERR_OK);
	assert_true(moved);
	seen.name_hash = SLICES_MAX + 1;
	assert_true(slices_fit(slices, &seen, false));
	catalog_free(slices);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_are_counted_as_the_api_means_them),
		cmocka_unit_test(slices_of_no_service_count_for_none),
		cmocka_unit_test(endpoints_count_ready_addresses_alone),
		cmocka_unit_test(the_slices_of_a_service_add_up),
		cmocka_unit_test(slices_with_names_alike_count_both),
		cmocka_unit_test(a_list_of_slices_adds_up_too),
		cmocka_unit_test(slices_beyond_the_maximum_do_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Memory that runs out while API servers tell: each allocation fails in turn, and in the end the
 * model is what it would have been without that. */
#include "merge_bed.h"

#include "nomem.h"

#include "walk.h"

#define ALLOCATIONS_MAX 2000 /* of one story: more, and the sweep has no end */
#define TRIES_MAX       8

/* --- catalogs ----------------------------------------------------------------------------- */

static void forget(void *arg, struct bytes key)
{
	(void)arg;
	(void)key;
}

static size_t told_count;

static void tell(void *arg, struct bytes key)
{
	(void)arg;
	(void)key;
	told_count++;
}

/* 0 keys and 48, where the set grows. */
static struct catalog *catalog_of(size_t count)
{
	struct catalog *catalog = catalog_new(1, CATALOG_KEYS_MAX);
	bool moved;
	for (size_t i = 0; i < count; i++) {
		const struct bytes key = {(const uint8_t[]){'k', (uint8_t)i}, 2};
		assert_int_equal(catalog_set(catalog, key, bytes_of("v"), &moved), ERR_OK);
	}
	return catalog;
}

static void a_value_that_finds_no_memory_leaves_the_old_one(void **state)
{
	(void)state;
	for (size_t count = 0; count <= 48; count += 48) {
		bool failed = true, moved;
		for (size_t n = 1; failed; n++) {
			struct catalog *catalog = catalog_of(count);
			nomem_fail_at(n);
			enum err err = catalog_set(catalog, bytes_of("new"), bytes_of("1"), &moved);
			failed = nomem_failed();
			nomem_fail_at(0);
			assert_int_equal(err, failed ? ERR_NOMEM : ERR_OK);
			assert_int_equal(catalog_count(catalog), count + !failed);
			assert_int_equal(catalog_get(catalog, bytes_of("new")).size, !failed);
			assert_int_equal(catalog_set(catalog, bytes_of("new"), bytes_of("2"), &moved), ERR_OK);
			nomem_fail_at(1); /* another value for what is there */
			assert_int_equal(catalog_set(catalog, bytes_of("new"), bytes_of("3"), &moved),
			                 ERR_NOMEM);
			assert_true(bytes_equal(catalog_get(catalog, bytes_of("new")), bytes_of("2")));
			nomem_fail_at(1); /* what goes needs none */
			assert_int_equal(catalog_set(catalog, bytes_of("new"), bytes_of(""), &moved), ERR_OK);
			assert_false(nomem_failed());
			nomem_fail_at(0);
			assert_int_equal(catalog_count(catalog), count);
			catalog_free(catalog);
			assert_true(n < 10);
		}
	}
}

static void a_list_that_finds_no_memory_is_dropped_alone(void **state)
{
	(void)state;
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		struct catalog *catalog = catalog_of(3);
		enum err err = ERR_OK;
		nomem_fail_at(n);
		catalog_list_begin(catalog);
		for (unsigned i = 0; i < 60 && err == ERR_OK; i++) {
			const struct bytes key = {(const uint8_t[]){'l', (uint8_t)i}, 2};
			err = catalog_list_add(catalog, key, bytes_of("1"));
		}
		failed = nomem_failed();
		nomem_fail_at(0);
		assert_int_equal(err, failed ? ERR_NOMEM : ERR_OK);
		told_count = 0;
		if (failed)
			catalog_list_drop(catalog);
		else
			catalog_list_done(catalog, tell, NULL);
		assert_int_equal(catalog_count(catalog), failed ? 3 : 60);
		assert_int_equal(told_count, failed ? 0 : 63);
		catalog_free(catalog);
		assert_true(n < 100);
	}
}

static void a_list_comes_into_force_without_memory(void **state)
{
	(void)state;
	struct catalog *catalog = catalog_of(100);
	catalog_list_begin(catalog);
	assert_int_equal(catalog_list_add(catalog, bytes_of("only"), bytes_of("1")), ERR_OK);
	nomem_fail_at(1);
	catalog_list_done(catalog, forget, NULL);
	assert_false(nomem_failed());
	nomem_fail_at(0);
	assert_int_equal(catalog_count(catalog), 1);
	catalog_free(catalog);
}

static void slices_that_find_no_memory_leave_the_numbers(void **state)
{
	(void)state;
	struct slice_seen seen = {.key = "n/s",
	                          .key_size = 3,
	                          .name_hash = 1,
	                          .counts = {.ready = 1, .serving = 1, .any = true}};
	struct catalog *slices = catalog_new(1, CATALOG_KEYS_MAX);
	bool moved;
	assert_int_equal(slices_set(slices, &seen, false, &moved), ERR_OK);
	seen.name_hash = 2;
	nomem_fail_at(1);
	assert_int_equal(slices_set(slices, &seen, false, &moved), ERR_NOMEM);
	assert_false(moved);
	assert_int_equal(slices_counts(slices, bytes_of("n/s")).ready, 1);
	catalog_list_begin(slices);
	nomem_fail_at(1);
	assert_int_equal(slices_list_add(slices, &seen), ERR_NOMEM);
	nomem_fail_at(0);
	assert_int_equal(catalog_listed(slices, bytes_of("n/s")).size, 0);
	assert_int_equal(slices_list_add(slices, &seen), ERR_OK);
	catalog_list_drop(slices);
	catalog_free(slices);
}

/* --- the whole of it ---------------------------------------------------------------------- */

/* As a reflector does: an error drops the list, and it comes again. */
static void relist(struct origin *origin, enum origin_part part, const char *objects)
{
	const struct sink *sink = &origin->sinks[part];
	enum err err = ERR_NOMEM;
	for (unsigned i = 0; err != ERR_OK; i++) {
		struct findings nobody = {0};
		struct why why = {{0}};
		sink->list_begin(sink->arg);
		err = *objects == '\0'
		          ? ERR_OK
		          : walk_objects(bytes_of(objects), &nobody, sink->listed, sink->arg, &why);
		if (err == ERR_OK)
			err = sink->list_done(sink->arg, &why);
		else
			sink->list_dropped(sink->arg);
		assert_int_equal(why.text[0] != '\0', err != ERR_OK);
		assert_true(err == ERR_OK || err == ERR_NOMEM);
		assert_true(i < TRIES_MAX);
	}
}

/* One event; if there is no memory for it, what a list says then: `after`. */
static void event_or_list(struct origin *origin, enum origin_part part, const char *object,
                          bool gone, const char *after)
{
	struct event event = {&origin->sinks[part], gone};
	struct findings nobody = {0};
	struct why why = {{0}};
	enum err err = walk_objects(bytes_of(object), &nobody, event_take, &event, &why);
	assert_true(err == ERR_OK || err == ERR_NOMEM);
	if (err != ERR_OK)
		relist(origin, part, after);
}

/* Until nothing is left to be done. A settling that fails leaves model and held ones alone. */
static void settle_all(struct bench *bench)
{
	bench->merge.news = true;
	for (unsigned i = 0; bench->merge.news; i++) {
		bool committed;
		struct why why = {{0}};
		size_t held = merge_held(&bench->merge);
		uint64_t addresses = bench->merge.addresses;
		enum err err = merge_settle(&bench->merge, bench->now_ms, &committed, &why);
		assert_true(err == ERR_OK || err == ERR_NOMEM);
		assert_int_equal(why.text[0] != '\0', err != ERR_OK);
		assert_true(err == ERR_OK || !committed);
		if (err != ERR_OK) {
			assert_int_equal(merge_held(&bench->merge), held);
			assert_int_equal(bench->merge.addresses, addresses);
			assert_int_equal(catalog_count(bench->merge.holding), 0);
		}
		assert_true(i < TRIES_MAX);
	}
}

/* Tells a story with the n-th allocation failing. */
typedef void story(struct bench *bench, size_t n);

static bool told_with(story *tell_story, size_t n, const char *expected, size_t held)
{
	struct bench bench;
	begin(&bench, 100);
	tell_story(&bench, n);
	bool failed = nomem_failed();
	nomem_fail_at(0);
	expect(&bench, expected);
	assert_int_equal(merge_held(&bench.merge), held);
	assert_false(bench.merge.news);
	assert_false(bench.merge.all_dirty);
	assert_int_equal(catalog_count(bench.merge.dirty), 0);
	end(&bench);
	return failed;
}

static void sweep(story *tell_story, const char *expected, size_t held)
{
	size_t n = 1;
	while (told_with(tell_story, n, expected, held)) {
		n++;
		assert_true(n < ALLOCATIONS_MAX);
	}
	assert_true(n > 1); /* it did allocate */
}

static void lists_and_events(struct bench *bench, size_t n)
{
	struct origin *a = add(bench, ORIGIN_MEMBER, "a"), *b = add(bench, ORIGIN_MEMBER, "b");
	static const char ALL[] = SERVICE("s", IP("1")) SERVICE("t", IP("2") "," IP("3"));
	merge_begin(&bench->merge);
	nomem_fail_at(n);
	relist(a, PART_SERVICES, ALL);
	relist(a, PART_ENDPOINTS, SLICE("s", UP) SLICE("t", UP));
	relist(a, PART_NODES, NODE("1", "r", "z"));
	settle_all(bench);
	relist(b, PART_SERVICES, SERVICE("s", IP("7")));
	relist(b, PART_ENDPOINTS, SLICE("s", UP));
	relist(b, PART_NODES, "");
	settle_all(bench);
	event_or_list(a, PART_SERVICES, SERVICE("s", IP("1")), true, SERVICE("t", IP("2") "," IP("3")));
	event_or_list(b, PART_SERVICES, SERVICE("u", "{\"hostname\":\"lb.example\"}"), false,
	              SERVICE("s", IP("7")) SERVICE("u", "{\"hostname\":\"lb.example\"}"));
	event_or_list(b, PART_ENDPOINTS, SLICE("u", UP), false, SLICE("s", UP) SLICE("u", UP));
	event_or_list(a, PART_NODES, NODE("1", "r", "y"), false, NODE("1", "r", "y"));
	settle_all(bench);
}

static void what_is_told_while_memory_runs_out_is_known_in_the_end(void **state)
{
	(void)state;
	sweep(lists_and_events, "a r/y; b ; n/s b=7; n/t a=2,3; n/u b=host; ", 0);
}

/* The second of two passes: more would go than may. */
static void mass_withdrawal(struct bench *bench, size_t n)
{
	bench->merge.losses.budget.percent = 50;
	struct origin *a = add(bench, ORIGIN_MEMBER, "a");
	list(a, PART_SERVICES, SERVICE("s", IP("1")) SERVICE("t", IP("2")) SERVICE("u", IP("3")));
	list(a, PART_ENDPOINTS, SLICE("s", UP) SLICE("t", UP) SLICE("u", UP));
	list(a, PART_NODES, "");
	merge_begin(&bench->merge);
	(void)settle(bench);
	nomem_fail_at(n);
	relist(a, PART_ENDPOINTS, SLICE("s", UP));
	settle_all(bench);
}

static void a_mass_withdrawal_is_held_while_memory_runs_out(void **state)
{
	(void)state;
	sweep(mass_withdrawal, "a ; n/s a=1; n/t a=2; n/u a=3; ", 2);
}

static void approval(struct bench *bench, size_t n)
{
	mass_withdrawal(bench, 0);
	nomem_fail_at(n);
	merge_approve(&bench->merge);
	settle_all(bench);
}

static void an_approval_is_not_lost_while_memory_runs_out(void **state)
{
	(void)state;
	sweep(approval, "a ; n/s a=1; n/t a=; n/u a=; ", 0);
}

/* Whatever the budget says, but of the cluster that leaves alone. */
static void unjoin(struct bench *bench, size_t n)
{
	(void)member(bench, "a", SERVICE("s", IP("1")));
	struct origin *b = member(bench, "b", SERVICE("s", IP("3")) SERVICE("u", IP("4")));
	struct origin *c = member(bench, "c", SERVICE("s", IP("5")));
	merge_begin(&bench->merge);
	(void)settle(bench);
	bench->merge.losses.budget.percent = 1;
	list(c, PART_ENDPOINTS, "");
	(void)settle(bench);
	assert_int_equal(merge_held(&bench->merge), 1);
	list(c, PART_ENDPOINTS, SLICE("s", UP));
	(void)settle(bench);
	assert_int_equal(merge_held(&bench->merge), 0);
	nomem_fail_at(n);
	merge_remove(&bench->merge, b);
	settle_all(bench);
}

static void an_unjoin_is_at_once_while_memory_runs_out(void **state)
{
	(void)state;
	sweep(unjoin, "a ; c ; n/s a=1 c=5; ", 0);
}

/* One that was never heard: the model alone knows what it had. */
static void unjoin_unheard(struct bench *bench, size_t n)
{
	assert_int_equal(rig_decode(&bench->rig, STATE KEPT("s", AT("a", "1") "," AT("b", "3"))
	                                             KEPT("t", AT("b", "4"))),
	                 ERR_OK);
	bench->merge.losses.budget.percent = 1;
	(void)add(bench, ORIGIN_MEMBER, "a");
	struct origin *b = add(bench, ORIGIN_MEMBER, "b");
	(void)add(bench, ORIGIN_MEMBER, "old");
	merge_begin(&bench->merge);
	nomem_fail_at(n);
	merge_remove(&bench->merge, b);
	settle_all(bench);
}

static void an_unjoin_of_what_was_never_heard_is_at_once_too(void **state)
{
	(void)state;
	sweep(unjoin_unheard, "a r/z; n/s a=1; old ; ", 0);
}

/* Configured no more: what the last-known-good state has of it. */
static void start_without(struct bench *bench, size_t n)
{
	assert_int_equal(rig_decode(&bench->rig, STATE KEPT("s", AT("a", "1") "," AT("old", "3"))
	                                             KEPT("t", AT("old", "4"))),
	                 ERR_OK);
	bench->merge.losses.budget.percent = 1;
	(void)add(bench, ORIGIN_MEMBER, "a");
	nomem_fail_at(n);
	merge_begin(&bench->merge);
	settle_all(bench);
}

static void clusters_that_are_no_more_go_while_memory_runs_out(void **state)
{
	(void)state;
	sweep(start_without, "a r/z; n/s a=1; ", 0);
}

static void no_room(struct bench *bench, size_t n)
{
	bench->merge.services_max = 1;
	struct origin *a = member(bench, "a", SERVICE("s", IP("1")));
	(void)settle(bench);
	nomem_fail_at(n);
	event_or_list(a, PART_SERVICES, SERVICE("t", IP("2")), false,
	              SERVICE("s", IP("1")) SERVICE("t", IP("2")));
	settle_all(bench);
	event_or_list(a, PART_SERVICES, SERVICE("s", IP("1")), true, SERVICE("t", IP("2")));
	settle_all(bench);
}

static void services_without_room_are_not_forgotten_while_memory_runs_out(void **state)
{
	(void)state;
	sweep(no_room, "a ; n/t a=; ", 0);
}

#define CLUSTER(name, region)                                                                      \
	"{\"kind\":\"Cluster\",\"apiVersion\":\"federation/v1beta1\",\"metadata\":{\"name\":\"" name   \
	"\"},\"status\":{\"region\":\"" region "\",\"zones\":[\"" region "-a\"]}}"

static void federation(struct bench *bench, size_t n)
{
	struct origin *origin = add(bench, ORIGIN_FEDERATION, "federation");
	merge_begin(&bench->merge);
	nomem_fail_at(n);
	relist(origin, PART_SERVICES, KEPT("s", AT("a", "5") "," AT("c", "6")));
	settle_all(bench);
	relist(origin, PART_CLUSTERS, CLUSTER("a", "ra") CLUSTER("b", "rb"));
	settle_all(bench);
	event_or_list(origin, PART_CLUSTERS, CLUSTER("c", "rc"), false,
	              CLUSTER("a", "ra") CLUSTER("b", "rb") CLUSTER("c", "rc"));
	settle_all(bench);
}

static void a_federation_is_known_in_the_end(void **state)
{
	(void)state;
	sweep(federation, "a ra/ra-a; b rb/rb-a; c rc/rc-a; n/s a=5 c=6; ", 0);
}

/* --- beginnings --------------------------------------------------------------------------- */

static void a_merge_or_an_origin_that_finds_no_memory_is_none(void **state)
{
	(void)state;
	struct rig rig;
	rig_init(&rig);
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		struct merge merge;
		struct origin *origin = NULL;
		struct why why = {{0}};
		nomem_fail_at(n);
		enum err err = merge_init(&merge, rig.model, &rig.findings, 100, &why);
		bool begun = err == ERR_OK;
		if (begun)
			err = merge_add(&merge, ORIGIN_MEMBER, "a", &origin, &why);
		failed = nomem_failed();
		nomem_fail_at(0);
		assert_int_equal(err, failed ? ERR_NOMEM : ERR_OK);
		assert_int_equal(why.text[0] != '\0', failed);
		assert_int_equal(origin != NULL, !failed);
		if (begun && failed)
			assert_int_equal(merge_add(&merge, ORIGIN_MEMBER, "a", &origin, &why), ERR_OK);
		merge_clear(&merge); /* twice, where it failed: kube_new() does */
		assert_true(n < 100);
	}
	rig_clear(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_that_finds_no_memory_leaves_the_old_one),
		cmocka_unit_test(a_list_that_finds_no_memory_is_dropped_alone),
		cmocka_unit_test(a_list_comes_into_force_without_memory),
		cmocka_unit_test(slices_that_find_no_memory_leave_the_numbers),
		cmocka_unit_test(what_is_told_while_memory_runs_out_is_known_in_the_end),
		cmocka_unit_test(a_mass_withdrawal_is_held_while_memory_runs_out),
		cmocka_unit_test(an_approval_is_not_lost_while_memory_runs_out),
		cmocka_unit_test(an_unjoin_is_at_once_while_memory_runs_out),
		cmocka_unit_test(an_unjoin_of_what_was_never_heard_is_at_once_too),
		cmocka_unit_test(clusters_that_are_no_more_go_while_memory_runs_out),
		cmocka_unit_test(services_without_room_are_not_forgotten_while_memory_runs_out),
		cmocka_unit_test(a_federation_is_known_in_the_end),
		cmocka_unit_test(a_merge_or_an_origin_that_finds_no_memory_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

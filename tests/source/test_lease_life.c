/* lease_life: what a Lease's holder is made of, and its end, whenever that comes. */
#include "lease_bed.h"

/* --- the end ------------------------------------------------------------------------------ */

static void it_is_given_back(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	become_leader(&bed);
	lease_release(bed.lease, released, &bed);
	assert_false(lease_held(bed.lease));
	assert_int_equal(bed.told, 1);
	answer(&bed, "200 OK", object(4, bed.identity, 15, 0));
	answer(&bed, "200 OK", object(5, "", 1, 0));
	expect_request(&bed, "PUT " ITEM, "\"holderIdentity\":\"\",\"leaseDurationSeconds\":1,");
	while (bed.released == 0)
		turn(&bed);
	assert_int_equal(bed.told, 2);
	assert_false(bed.leader);
	assert_int_equal(log_count(&bed, "info source: lease n/l: no longer leader: it is given"), 1);
	pass(&bed, 100000);
	turn(&bed);
	assert_int_equal(bed.released, 1);
	assert_null(bed.lease->call.url);
	bed_end(&bed);
}

static void giving_back_does_not_take_longer_than_it_may(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	become_leader(&bed);
	lease_release(bed.lease, released, &bed);
	answer(&bed, NULL, NULL);
	pass(&bed, LEASE_RETRY_MS);
	assert_int_equal(bed.released, 0); /* not from within */
	while (bed.released == 0)
		turn(&bed);
	bed_end(&bed);
}

static void who_has_nothing_to_give_back_is_done_at_the_next_turn(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	lease_release(bed.lease, released, &bed);
	assert_int_equal(bed.released, 0);
	while (bed.released == 0)
		turn(&bed);
	assert_int_equal(bed.server.requests, 0);
	assert_int_equal(bed.told, 0);
	bed_end(&bed);
}

static void who_is_told_may_end_it(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	bed.free_when_told = true;
	answer(&bed, "404 Not Found", "{}");
	answer(&bed, "201 Created", object(1, bed.identity, 15, 0));
	wait_told(&bed, 1);
	assert_null(bed.lease);
	bed_end(&bed);
}

static void it_may_end_in_the_middle_of_a_call(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	bed_end(&bed); /* before the first turn */
	bed_make(&bed);
	answer(&bed, NULL, NULL);
	bed_end(&bed);
	lease_free(NULL);
}

/* --- what it is made of ------------------------------------------------------------------- */

static void an_identity_is_the_host_and_a_random_uuid(void **state)
{
	(void)state;
	struct bed one, other;
	char host[UV_MAXHOSTNAMESIZE];
	size_t size = sizeof host;
	bed_make(&one);
	bed_make(&other);
	assert_int_equal(uv_os_gethostname(host, &size), 0);
	assert_memory_equal(one.identity, host, size);
	assert_int_equal(strlen(one.identity), size + 1 + 36);
	assert_int_equal(one.identity[size], '_');
	assert_int_equal(one.identity[size + 15], '4'); /* RFC 9562 section 5.4 */
	assert_string_not_equal(one.identity, other.identity);
	bed_end(&one);
	bed_end(&other);
}

static void expect_refused(const struct lease_setup *setup, enum err err, const char *words)
{
	struct lease *lease;
	struct why why;
	assert_int_equal(lease_new(setup, &lease, &why), err);
	assert_null(lease);
	if (strstr(why.text, words) == NULL)
		fail_msg("%s", why.text);
}

static void what_it_cannot_be_made_of_is_refused(void **state)
{
	(void)state;
	static const char *const BAD[] = {"", "..", "a/b", "A", "a b", "a?b", "a%2e"};
	struct bed bed;
	bed_make(&bed);
	struct lease_setup setup = setup_of(&bed);
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		setup.namespace = BAD[i];
		expect_refused(&setup, ERR_INVALID, "namespace: a name of 1 to 253 ");
	}
	setup.namespace = "n";
	setup.name = "../secrets";
	expect_refused(&setup, ERR_INVALID, "name: a name of 1 to 253 ");
	setup.name = "l";
	setup.context = "gone";
	expect_refused(&setup, ERR_MISSING, "gone");
	setup.context = NULL;
	setup.kubeconfig = folder_path(&bed.folder, "gone");
	expect_refused(&setup, ERR_MISSING, "gone");
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_given_back),
		cmocka_unit_test(giving_back_does_not_take_longer_than_it_may),
		cmocka_unit_test(who_has_nothing_to_give_back_is_done_at_the_next_turn),
		cmocka_unit_test(who_is_told_may_end_it),
		cmocka_unit_test(it_may_end_in_the_middle_of_a_call),
		cmocka_unit_test(an_identity_is_the_host_and_a_random_uuid),
		cmocka_unit_test(what_it_cannot_be_made_of_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* lease: what goes to an API server, what its user is told, and what the log hears. */
#include "lease_bed.h"

/* --- leading ------------------------------------------------------------------------------ */

static void a_lease_that_is_not_there_is_made(void **state)
{
	(void)state;
	struct bed bed;
	char words[256];
	bed_make(&bed);
	assert_false(lease_held(bed.lease));
	assert_string_equal(lease_holder(bed.lease), "");
	answer(&bed, "404 Not Found", "{}");
	expect_request(&bed, "GET " ITEM " HTTP/1.1\r\n", "\r\nAuthorization: Bearer testtoken-1\r\n");
	assert_null(strstr(bed.server.request, "Content-Type"));
	answer(&bed, "201 Created", object(1, bed.identity, 15, 0));
	expect_request(&bed, "POST " COLLECTION " HTTP/1.1\r\n",
	               "\r\nContent-Type: application/json\r\n");
	(void)snprintf(words, sizeof words, "\"holderIdentity\":\"%s\"", bed.identity);
	expect_request(&bed, "POST", words);
	expect_request(&bed, "POST", "\"renewTime\":\"" WRITTEN "\"");
	settle(&bed);
	wait_told(&bed, 1);
	assert_true(bed.leader && lease_held(bed.lease));
	assert_string_equal(lease_holder(bed.lease), bed.identity);
	assert_int_equal(lease_transitions(bed.lease), 0);
	assert_int_equal(log_count(&bed, "info source: lease n/l: became leader, as "), 1);
	bed_end(&bed);
}

static void it_is_renewed_with_all_that_others_wrote_into_it(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	become_leader(&bed);
	pass(&bed, 1999);
	assert_null(bed.lease->call.url);
	pass(&bed, 1);
	answer(&bed, "200 OK", object(2, bed.identity, 15, 0));
	expect_request(&bed, "PUT " ITEM, "\"resourceVersion\":\"1\",\"labels\":{\"a\":\"b\"}");
	/* the wall clock stands still, and all see that it is renewed */
	expect_request(&bed, "PUT", "\"renewTime\":\"2026-01-01T00:00:01.123000Z\"");
	settle(&bed);
	pass(&bed, 2000);
	answer(&bed, "200 OK", object(3, bed.identity, 15, 0));
	expect_request(&bed, "PUT " ITEM, "\"resourceVersion\":\"2\"");
	settle(&bed);
	assert_int_equal(bed.told, 1);
	bed_end(&bed);
}

static void who_asks_after_the_deadline_holds_nothing_before_the_loop_knows(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	become_leader(&bed);
	bed.now_ms += 9999;
	assert_true(lease_held(bed.lease));
	bed.now_ms += 1;
	assert_false(lease_held(bed.lease));
	assert_int_equal(bed.told, 1);
	lease_look(bed.lease);
	assert_int_equal(bed.told, 1); /* not from within */
	wait_told(&bed, 2);
	assert_false(bed.leader);
	assert_int_equal(log_count(&bed, "no longer leader: not renewed for 10 s\n"), 1);
	bed_end(&bed);
}

static void an_api_server_that_says_nothing_costs_the_lease(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	become_leader(&bed);
	pass(&bed, 2000);
	answer(&bed, NULL, NULL);
	pass(&bed, 7999);
	assert_true(lease_held(bed.lease));
	pass(&bed, 1);
	assert_false(lease_held(bed.lease));
	wait_told(&bed, 2);
	bed_end(&bed);
}

static void what_another_has_taken_is_lost(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	become_leader(&bed);
	pass(&bed, 2000);
	answer(&bed, "409 Conflict", "{}");
	answer(&bed, "200 OK", object(9, "other_1", 15, 1));
	settle(&bed);
	wait_told(&bed, 2);
	assert_false(bed.leader || lease_held(bed.lease));
	assert_string_equal(lease_holder(bed.lease), "other_1");
	assert_int_equal(lease_transitions(bed.lease), 1);
	assert_int_equal(log_count(&bed, "warn source: lease n/l: no longer leader: other_1 has"), 1);
	assert_int_equal(log_count(&bed, "info source: lease n/l: other_1 holds it\n"), 1);
	bed_end(&bed);
}

/* --- trouble ------------------------------------------------------------------------------ */

static void a_401_has_the_token_read_again_once(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	answer(&bed, "401 Unauthorized", "{}");
	folder_write(&bed.folder, "token", "testtoken-2");
	answer(&bed, "401 Unauthorized", "{}");
	expect_request(&bed, "GET " ITEM, "\r\nAuthorization: Bearer testtoken-2\r\n");
	settle(&bed);
	assert_int_equal(bed.server.requests, 2);
	assert_int_equal(log_count(&bed, "warn source: lease n/l: HTTP 401\n"), 1);
	bed_end(&bed);
}

static void trouble_is_said_once_and_again_after_a_minute(void **state)
{
	(void)state;
	static const char BODY[] =
		"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":"
		"\"Forbidden\",\"message\":\"leases \\\"l\\\" is forbidden\",\"code\":403}";
	struct bed bed;
	bed_make(&bed);
	for (unsigned i = 0; i < 20; i++) {
		answer(&bed, "403 Forbidden", BODY);
		settle(&bed);
		pass(&bed, 4400);
	}
	const char *line = "warn source: lease n/l: HTTP 403: Forbidden: leases \"l\" is forbidden\n";
	assert_int_equal(log_count(&bed, line), 2);
	answer(&bed, "200 OK", object(9, "other", 15, 1));
	settle(&bed);
	assert_int_equal(log_count(&bed, "in sight again"), 1);
	bed_end(&bed);
}

/* It comes within the pace of the lines, and stays. */
static void a_new_trouble_is_said_as_soon_as_the_pace_allows(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	answer(&bed, "403 Forbidden", "{}");
	settle(&bed);
	for (unsigned i = 0; i < 4; i++) {
		pass(&bed, 4400);
		answer(&bed, "500 Internal Server Error", "{}");
		settle(&bed);
	}
	assert_int_equal(log_count(&bed, "warn source: lease n/l: HTTP 403\n"), 1);
	assert_int_equal(log_count(&bed, "warn source: lease n/l: HTTP 500\n"), 1);
	bed_end(&bed);
}

static void what_is_no_lease_is_trouble(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	answer(&bed, "200 OK", "<html>");
	settle(&bed);
	assert_int_equal(log_count(&bed, "warn source: lease n/l: line 1: not JSON"), 1);
	pass(&bed, 4400);
	answer(&bed, "200 OK", "{\"kind\":\"Status\",\"apiVersion\":\"v1\"}");
	settle(&bed);
	assert_string_equal(lease_holder(bed.lease), "");
	assert_false(lease_held(bed.lease));
	bed_end(&bed);
}

static void credentials_that_cannot_be_read_are_trouble(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	assert_int_equal(remove(folder_path(&bed.folder, "token")), 0);
	while (log_count(&bed, "token: open: No such file") == 0)
		turn(&bed);
	assert_int_equal(bed.server.requests, 0);
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lease_that_is_not_there_is_made),
		cmocka_unit_test(it_is_renewed_with_all_that_others_wrote_into_it),
		cmocka_unit_test(who_asks_after_the_deadline_holds_nothing_before_the_loop_knows),
		cmocka_unit_test(an_api_server_that_says_nothing_costs_the_lease),
		cmocka_unit_test(what_another_has_taken_is_lost),
		cmocka_unit_test(a_401_has_the_token_read_again_once),
		cmocka_unit_test(trouble_is_said_once_and_again_after_a_minute),
		cmocka_unit_test(a_new_trouble_is_said_as_soon_as_the_pace_allows),
		cmocka_unit_test(what_is_no_lease_is_trouble),
		cmocka_unit_test(credentials_that_cannot_be_read_are_trouble),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

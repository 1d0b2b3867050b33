/* reflector: whatever a server does to a list, and whatever status it answers with, nothing is lost
 * by a call that fails. */
#include "reflector_bed.h"

static void pages_come_into_force_together_and_the_first_ones_version_is_watched(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench);
	expect_list(&bench);
	reply(&bench, 200, PAGE("5", ITEM("a"), "x/+="));
	assert_string_equal(bench.names.text, "");
	assert_false(reflector_state(bench.reflector)->synced);
	expect_path(&bench, WANT_LIST, "/api/v1/services?limit=500&continue=x%2F%2B%3D");
	reply(&bench, 200, PAGE("5", "", "y"));
	expect_path(&bench, WANT_LIST, "/api/v1/services?limit=500&continue=y");
	reply(&bench, 200, LIST("6", ITEM("b")));
	assert_string_equal(bench.names.text, " a b");
	assert_int_equal(bench.names.begun, 1);
	assert_true(reflector_state(bench.reflector)->synced);
	expect_watch(&bench, "5");
	end(&bench);
}

static void a_list_may_come_in_any_pieces(void **state)
{
	(void)state;
	static const char TEXT[] = LIST("5", ITEM("a") "," ITEM("b"));
	for (size_t cut = 0; cut < sizeof TEXT - 1; cut++) {
		struct bench bench;
		begin(&bench);
		expect_list(&bench);
		head(&bench, 200);
		const uint8_t *octets = (const uint8_t *)TEXT;
		assert_true(reflector_body(bench.reflector, (struct bytes){octets, cut}, 1));
		assert_true(reflector_body(bench.reflector,
		                           (struct bytes){octets + cut, sizeof TEXT - 1 - cut}, 1));
		done(&bench);
		assert_string_equal(bench.names.text, " a b");
		end(&bench);
	}
}

static void half_a_list_is_never_in_force(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench);
	expect_list(&bench);
	reply(&bench, 200, PAGE("5", ITEM("a"), "x"));
	assert_int_equal(ask(&bench), WANT_LIST);
	head(&bench, 200);
	assert_true(body(&bench, "{\"kind\":\"ServiceList\","));
	lost(&bench);
	assert_int_equal(bench.names.dropped, 1);
	assert_string_equal(bench.names.text, "");
	expect_trouble(&bench, TROUBLE_CONNECT, "list /api/v1/services: connection lost");
	expect_wait(&bench, BACKOFF_FIRST_MS, 2 * BACKOFF_FIRST_MS);
	expect_list(&bench);
	reply(&bench, 200, LIST("6", ITEM("b")));
	assert_string_equal(bench.names.text, " b");
	expect_trouble(&bench, TROUBLE_NONE, "");
	end(&bench);
}

static void an_expired_token_begins_the_list_anew_and_at_last_without_pages(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench);
	for (unsigned tries = 0; tries < 4; tries++) {
		expect_list(&bench);
		reply(&bench, 200, PAGE("5", ITEM("a"), "x"));
		assert_int_equal(ask(&bench), WANT_LIST);
		reply(&bench, 410, STATUS("410", "Expired"));
	}
	expect_path(&bench, WANT_LIST, "/api/v1/services?limit=0");
	reply(&bench, 200, LIST("9", ITEM("b")));
	assert_string_equal(bench.names.text, " b");
	expect_watch(&bench, "9");
	end(&bench);
}

/* A list of another kind, a page for people, half a JSON: nothing of it means "there is nothing".
 */
static void what_is_no_list_is_not_an_empty_one(void **state)
{
	(void)state;
	static const char *const BAD[] = {
		"",
		"{}",
		"<html>",
		"{\"kind\":\"ServiceList\"",
		"{\"kind\":\"ServiceList\",\"metadata\":{}}",
		"{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"\"},\"items\":[]}",
		"{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[]}",
		"{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[]}",
		STATUS("200", "OK"),
		LIST("5", "") "x",
		LIST("5", "1"),
	};
	struct bench bench;
	synced(&bench);
	head(&bench, 410); /* so that it lists again */
	done(&bench);
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		assert_int_equal(ask(&bench), WANT_LIST);
		reply(&bench, 200, BAD[i]);
		if (reflector_state(bench.reflector)->trouble != TROUBLE_CONTENT)
			fail_msg("%s", BAD[i]);
		assert_string_equal(bench.names.text, " a b");
		bench.now_ms += 2 * BACKOFF_MAX_MS;
	}
	end(&bench);
}

static void no_memory_is_a_reason_to_list_again(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench);
	bench.names.no_memory = true;
	expect_list(&bench);
	reply(&bench, 200, LIST("5", ITEM("a")));
	expect_trouble(&bench, TROUBLE_MEMORY, "no memory");
	assert_int_equal(bench.names.dropped, 1);
	bench.names.no_memory = false;
	expect_wait(&bench, 800, 1600);
	expect_list(&bench);
	reply(&bench, 200, LIST("5", ITEM("a")));
	expect_watch(&bench, "5");
	head(&bench, 200);
	bench.names.no_memory = true;
	assert_false(body(&bench, EVENT("ADDED", "c", "6")));
	lost(&bench);
	bench.names.no_memory = false;
	bench.now_ms += 60000;
	expect_list(&bench);
	end(&bench);
}

/* --- statuses ----------------------------------------------------------------------------- */

static void refusals_wait_and_take_nothing_away(void **state)
{
	(void)state;
	const struct {
		unsigned status, retry_after_s;
		enum reflector_trouble trouble;
		int64_t from_ms, to_ms;
	} cases[] = {
		{401, 0, TROUBLE_UNAUTHORIZED, 800, 1600}, {403, 0, TROUBLE_FORBIDDEN, 800, 1600},
		{404, 0, TROUBLE_NOT_FOUND, 800, 1600},    {429, 0, TROUBLE_BUSY, 800, 1600},
		{429, 7, TROUBLE_BUSY, 7000, 7000},        {429, 9999, TROUBLE_BUSY, 600000, 600000},
		{500, 0, TROUBLE_SERVER, 800, 1600},       {503, 3, TROUBLE_SERVER, 3000, 3000},
		{504, 0, TROUBLE_SERVER, 800, 1600},       {302, 5, TROUBLE_SERVER, 800, 1600},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (unsigned listing = 0; listing < 2; listing++) {
			struct bench bench;
			synced(&bench);
			if (listing) {
				head(&bench, 410);
				done(&bench);
				expect_list(&bench);
			}
			reflector_head(bench.reflector, cases[i].status, cases[i].retry_after_s, bench.now_ms);
			assert_true(body(&bench, STATUS("499", "Nope")));
			done(&bench);
			expect_trouble(&bench, cases[i].trouble, ": Nope: because");
			assert_string_equal(bench.names.text, " a b");
			expect_wait(&bench, cases[i].from_ms, cases[i].to_ms);
			if (listing)
				expect_list(&bench);
			else
				expect_watch(&bench, "5");
			end(&bench);
		}
	}
}

/* A server that has just started denies everybody, until it has read who may do what. */
static void a_denial_keeps_us_away_for_long_only_when_it_lasts(void **state)
{
	(void)state;
	struct bench bench;
	synced(&bench);
	for (unsigned round = 0; round < 2; round++) {
		for (int64_t from_ms = 800; from_ms <= 6400; from_ms *= 2) {
			reply(&bench, 403, "no");
			expect_wait(&bench, from_ms, 2 * from_ms);
			expect_watch(&bench, "5");
		}
		reply(&bench, 403, "no");
		expect_wait(&bench, 60000, 60000);
		expect_watch(&bench, "5");
		head(&bench, 200); /* and one good word makes it forget */
		bench.now_ms += 121000;
		done(&bench);
		expect_watch(&bench, "5");
	}
	end(&bench);
}

static void a_401_is_tried_again_at_once_with_new_credentials_but_only_once(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench);
	expect_list(&bench);
	assert_false(reflector_refused(bench.reflector));
	reply(&bench, 401, "no");
	assert_true(reflector_refused(bench.reflector));
	reflector_hurry(bench.reflector);
	expect_list(&bench);
	reply(&bench, 401, "no");
	assert_true(reflector_refused(bench.reflector));
	reflector_hurry(bench.reflector);
	expect_wait(&bench, 1600, 3200);
	expect_list(&bench);
	reply(&bench, 200, LIST("5", ""));
	expect_watch(&bench, "5");
	reply(&bench, 401, "no"); /* after a success it counts anew */
	reflector_hurry(bench.reflector);
	expect_watch(&bench, "5");
	end(&bench);
}

static void failures_in_a_row_wait_ever_longer(void **state)
{
	(void)state;
	static const int64_t BASES[] = {800, 1600, 3200, 6400, 12800, 25600, 30000, 30000};
	struct bench bench;
	begin(&bench);
	for (size_t i = 0; i < sizeof BASES / sizeof BASES[0]; i++) {
		expect_list(&bench);
		lost(&bench);
		expect_wait(&bench, BASES[i], 2 * BASES[i]);
	}
	bench.now_ms += BACKOFF_QUIET_MS;
	expect_list(&bench);
	lost(&bench);
	expect_wait(&bench, 800, 1600);
	end(&bench);
}

/* Nothing reached the server: the word is what kept it back, and what was known stays. */
static void a_call_that_cant_be_sent_has_a_trouble_of_its_own(void **state)
{
	(void)state;
	struct bench bench;
	struct why why;
	why_set(&why, "no token");
	begin(&bench);
	expect_list(&bench);
	reflector_unsent(bench.reflector, TROUBLE_CREDENTIALS, &why, bench.now_ms);
	expect_trouble(&bench, TROUBLE_CREDENTIALS, "list /api/v1/services: no token");
	assert_string_equal(trouble_text(TROUBLE_CREDENTIALS), "credentials");
	assert_int_equal(bench.names.dropped, 1);
	expect_wait(&bench, BACKOFF_FIRST_MS, 2 * BACKOFF_FIRST_MS);
	expect_list(&bench);
	reply(&bench, 200, LIST("5", ITEM("a")));
	expect_watch(&bench, "5");
	reflector_unsent(bench.reflector, TROUBLE_CREDENTIALS, &why, bench.now_ms);
	assert_int_equal(ask(&bench), WANT_WAIT);
	bench.now_ms = bench.asked.at_ms;
	expect_watch(&bench, "5");
	assert_string_equal(bench.names.text, " a");
	end(&bench);
}

static void repeat(char *out, char octet, size_t count)
{
	memset(out, octet, count);
	out[count] = '\0';
}

/* The list's first page, which says how it goes on: by a token of slashes. */
static void first_page(struct bench *bench, size_t token_size)
{
	static char token[CONTINUE_TEXT_SIZE], page[CONTINUE_TEXT_SIZE + 256];
	repeat(token, '/', token_size);
	(void)snprintf(page, sizeof page,
	               "{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"metadata\":{"
	               "\"resourceVersion\":\"5\",\"continue\":\"%s\"},\"items\":[]}",
	               token);
	assert_int_equal(ask(bench), WANT_LIST);
	reply(bench, 200, page);
}

/* What a server and the configuration may say at most fits, though every octet is escaped. */
static void the_longest_token_and_selector_fit(void **state)
{
	(void)state;
	static char selector[KUBE_SELECTOR_SIZE_MAX + 1];
	struct resource resource = SERVICES;
	struct bench bench;
	repeat(selector, ',', KUBE_SELECTOR_SIZE_MAX);
	resource.label_selector = selector;
	begin_with(&bench, &resource);
	first_page(&bench, CONTINUE_TEXT_SIZE - 1);
	assert_int_equal(ask(&bench), WANT_LIST);
	assert_int_equal(strlen(bench.asked.path),
	                 strlen("/api/v1/services?limit=500&labelSelector=&continue=") +
	                     3 * (KUBE_SELECTOR_SIZE_MAX + CONTINUE_TEXT_SIZE - 1));
	reply(&bench, 200, LIST("6", ""));
	assert_int_equal(ask(&bench), WANT_WATCH);
	end(&bench);
}

/* One that is longer all the same is never written past the end: it is trouble, and waits. */
static void what_makes_a_request_too_long_is_not_asked(void **state)
{
	(void)state;
	static char selector[REQUEST_TEXT_SIZE];
	static const size_t SIZES[] = {KUBE_SELECTOR_SIZE_MAX + 1024, REQUEST_TEXT_SIZE - 1};
	for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
		struct resource resource = SERVICES;
		struct bench bench;
		repeat(selector, ',', SIZES[i]);
		resource.label_selector = selector;
		begin_with(&bench, &resource);
		if (i == 0)
			first_page(&bench, CONTINUE_TEXT_SIZE - 1);
		assert_int_equal(ask(&bench), WANT_WAIT);
		assert_true(bench.asked.at_ms > bench.now_ms);
		expect_trouble(&bench, TROUBLE_CONTENT, "makes the URL too long");
		assert_int_equal(bench.names.dropped, bench.names.begun);
		bench.now_ms = bench.asked.at_ms; /* and it tries again */
		assert_int_equal(ask(&bench), i == 0 ? WANT_LIST : WANT_WAIT);
		end(&bench);
	}
}

/* Nothing listed, and more to come, for ever: that would keep the loop busy. */
static void a_list_without_end_is_given_up(void **state)
{
	(void)state;
	struct bench bench;
	unsigned pages = 0;
	begin(&bench);
	while (ask(&bench) == WANT_LIST && pages < 20000) {
		reply(&bench, 200, PAGE("5", "", "x"));
		pages++;
	}
	assert_in_range(pages, 2000, 10001);
	expect_trouble(&bench, TROUBLE_CONTENT, "a list of more than 10000 pages");
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_come_into_force_together_and_the_first_ones_version_is_watched),
		cmocka_unit_test(a_list_may_come_in_any_pieces),
		cmocka_unit_test(half_a_list_is_never_in_force),
		cmocka_unit_test(an_expired_token_begins_the_list_anew_and_at_last_without_pages),
		cmocka_unit_test(what_is_no_list_is_not_an_empty_one),
		cmocka_unit_test(no_memory_is_a_reason_to_list_again),
		cmocka_unit_test(refusals_wait_and_take_nothing_away),
		cmocka_unit_test(a_denial_keeps_us_away_for_long_only_when_it_lasts),
		cmocka_unit_test(a_401_is_tried_again_at_once_with_new_credentials_but_only_once),
		cmocka_unit_test(failures_in_a_row_wait_ever_longer),
		cmocka_unit_test(a_call_that_cant_be_sent_has_a_trouble_of_its_own),
		cmocka_unit_test(the_longest_token_and_selector_fit),
		cmocka_unit_test(a_list_without_end_is_given_up),
		cmocka_unit_test(what_makes_a_request_too_long_is_not_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

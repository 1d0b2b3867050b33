/* reflector: whatever a server does to a watch, what the sink holds is what the server said last.
 */
#include "reflector_bed.h"

#define EVENTS                                                                                     \
	EVENT("ADDED", "c", "6")                                                                       \
	EVENT("MODIFIED", "a", "7")                                                                    \
	EVENT("DELETED", "b", "8")                                                                     \
	EVENT("MODIFIED", "d\\u00e9\\\"}", "9") EVENT("ADDED", "\xe2\x82\xac", "10")
#define AFTER " c a d\xc3\xa9\"} \xe2\x82\xac"

static void events_may_be_cut_at_every_octet(void **state)
{
	(void)state;
	const struct bytes events = bytes_of(EVENTS);
	for (size_t cut = 0; cut <= events.size; cut++) {
		struct bench bench;
		synced(&bench);
		head(&bench, 200);
		assert_true(reflector_body(bench.reflector, (struct bytes){events.data, cut}, 1));
		assert_true(reflector_body(bench.reflector,
		                           (struct bytes){events.data + cut, events.size - cut}, 1));
		assert_string_equal(bench.names.text, AFTER);
		assert_true(reflector_state(bench.reflector)->watching);
		done(&bench);
		expect_watch(&bench, "10");
		end(&bench);
	}
}

/* A stream that breaks off goes on behind the last whole event. */
static void a_lost_watch_goes_on_from_the_last_whole_event(void **state)
{
	(void)state;
	const struct bytes events = bytes_of(EVENTS);
	for (size_t cut = 0; cut <= events.size; cut++) {
		struct bench bench;
		synced(&bench);
		head(&bench, 200);
		assert_true(reflector_body(bench.reflector, (struct bytes){events.data, cut}, 1));
		bench.now_ms += 1000;
		lost(&bench);
		assert_false(reflector_state(bench.reflector)->watching);
		assert_int_equal(ask(&bench), WANT_WATCH);
		unsigned long version = strtoul(strrchr(bench.asked.path, '=') + 1, NULL, 10);
		assert_in_range(version, 5, 10);
		head(&bench, 200);
		/* The server sends what is later than that version. */
		size_t at = 0;
		for (unsigned long v = 5; v < version; v++) {
			const uint8_t *feed = memchr(events.data + at, '\n', events.size - at);
			at = (size_t)(feed - events.data) + 1;
		}
		assert_true(
			reflector_body(bench.reflector, (struct bytes){events.data + at, events.size - at}, 1));
		assert_string_equal(bench.names.text, AFTER);
		end(&bench);
	}
}

static void an_expired_watch_lists_at_once(void **state)
{
	(void)state;
	static const char *const ENDS[] = {ERROR("410", "Expired"), ERROR("410", "Gone"),
	                                   ERROR("410", ""), NULL};
	for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++) {
		struct bench bench;
		synced(&bench);
		head(&bench, ENDS[i] != NULL ? 200 : 410);
		if (ENDS[i] != NULL)
			assert_false(body(&bench, ENDS[i]));
		done(&bench);
		expect_list(&bench);
		assert_string_equal(bench.names.text, " a b");
		reply(&bench, 200, LIST("9", ITEM("b")));
		assert_string_equal(bench.names.text, " b");
		expect_watch(&bench, "9");
		head(&bench, 410); /* at once again: that may go on for ever */
		done(&bench);
		expect_trouble(&bench, TROUBLE_EXPIRED, "410");
		expect_wait(&bench, 800, 1600);
		expect_list(&bench);
		end(&bench);
	}
}

/* As of a server that was killed: connections end before they say a word, then its past is gone. */
static void a_version_expired_after_short_watches_lists_at_once(void **state)
{
	(void)state;
	struct bench bench;
	synced(&bench);
	for (unsigned i = 0; i < 2; i++) {
		head(&bench, 200);
		lost(&bench);
		bench.now_ms += 2 * BACKOFF_MAX_MS;
		expect_watch(&bench, "5");
	}
	head(&bench, 200);
	assert_false(body(&bench, ERROR("410", "Expired")));
	done(&bench);
	expect_list(&bench);
	end(&bench);
}

/* As of a server that was restarted, and killed again before the list's watch could say anything.
 */
static void a_version_that_expires_again_some_time_later_lists_at_once_too(void **state)
{
	(void)state;
	for (int64_t later_ms = 9999; later_ms <= 10000; later_ms++) {
		struct bench bench;
		synced(&bench);
		int64_t first_ms = bench.now_ms;
		head(&bench, 200);
		assert_false(body(&bench, ERROR("410", "Expired")));
		done(&bench);
		expect_list(&bench);
		reply(&bench, 200, LIST("6", ITEM("a")));
		bench.now_ms = first_ms + later_ms;
		expect_watch(&bench, "6");
		head(&bench, 200);
		assert_false(body(&bench, ERROR("410", "Expired")));
		done(&bench);
		if (later_ms < 10000)
			expect_wait(&bench, BACKOFF_FIRST_MS, 2 * BACKOFF_FIRST_MS);
		else
			expect_wait(&bench, 1000, 1000); /* the pace of watches that hardly live */
		expect_list(&bench);
		end(&bench);
	}
}

static void nothing_counts_behind_an_error(void **state)
{
	(void)state;
	struct bench bench;
	synced(&bench);
	head(&bench, 200);
	assert_false(body(&bench, EVENT("ADDED", "c", "6") ERROR("500", "InternalError")
	                              EVENT("DELETED", "a", "7")));
	done(&bench);
	assert_string_equal(bench.names.text, " a b c");
	expect_trouble(&bench, TROUBLE_SERVER, "HTTP 500: InternalError: because");
	expect_wait(&bench, 800, 1600);
	expect_watch(&bench, "6");
	/* not even what is no JSON, in the same octets */
	head(&bench, 200);
	assert_false(body(&bench, ERROR("500", "InternalError") "]"));
	done(&bench);
	expect_trouble(&bench, TROUBLE_SERVER, "HTTP 500: InternalError: because");
	bench.now_ms += BACKOFF_MAX_MS;
	expect_watch(&bench, "6");
	end(&bench);
}

static void bookmarks_move_the_version_and_are_waited_for(void **state)
{
	(void)state;
	struct bench bench;
	synced(&bench);
	assert_in_range(bench.asked.idle_ms, 330000, 630000);
	head(&bench, 200);
	assert_true(body(&bench, BOOKMARK("77")));
	assert_string_equal(bench.names.text, " a b");
	done(&bench);
	expect_watch(&bench, "77");
	assert_int_equal(bench.asked.idle_ms, 180000);
	end(&bench);
}

static void watches_that_say_a_word_and_end_are_asked_once_a_second(void **state)
{
	(void)state;
	struct bench bench;
	synced(&bench);
	for (unsigned i = 0; i < 5; i++) {
		head(&bench, 200);
		assert_true(body(&bench, BOOKMARK("77")));
		done(&bench);
		expect_trouble(&bench, TROUBLE_NONE, "");
		assert_true(reflector_in_sight(reflector_state(bench.reflector))); /* between watches too */
		if (i > 0)
			expect_wait(&bench, 1000, 1000);
		expect_watch(&bench, "77");
	}
	end(&bench);
}

static void watches_that_say_nothing_and_end_are_trouble(void **state)
{
	(void)state;
	struct bench bench;
	synced(&bench);
	for (unsigned i = 0; i < 3; i++) {
		head(&bench, 200);
		done(&bench);
		expect_trouble(&bench, TROUBLE_CONNECT, "ended as soon as it began");
		bench.now_ms += BACKOFF_MAX_MS;
		if (i < 2)
			expect_watch(&bench, "5");
	}
	expect_list(&bench);
	reply(&bench, 200, LIST("6", ""));
	expect_watch(&bench, "6");
	head(&bench, 200);
	bench.now_ms += 1000; /* and one that lasted is none */
	done(&bench);
	expect_trouble(&bench, TROUBLE_NONE, "");
	expect_watch(&bench, "6");
	end(&bench);
}

static void a_server_that_is_away_keeps_the_version(void **state)
{
	(void)state;
	struct bench bench;
	synced(&bench);
	for (unsigned i = 0; i < 10; i++) {
		lost(&bench); /* connection refused */
		expect_trouble(&bench, TROUBLE_CONNECT, "watch /api/v1/services: connection lost");
		bench.now_ms += 2 * BACKOFF_MAX_MS;
		expect_watch(&bench, "5");
	}
	assert_string_equal(bench.names.text, " a b");
	assert_true(reflector_state(bench.reflector)->synced);
	end(&bench);
}

static void unknown_events_are_passed_over_and_wrong_ones_are_not(void **state)
{
	(void)state;
	static const char *const BAD[] = {
		"x",
		"{}",
		"{\"type\":\"ADDED\"}",
		"{\"type\":\"ADDED\",\"object\":1}",
		"{\"type\":\"ADDED\",\"object\":{\"kind\":\"Table\",\"metadata\":{\"name\":\"x\"}}}",
		"{\"type\":\"ADDED\",\"object\":{\"kind\":\"Service\",\"metadata\":{\"name\":\"x\"}}}",
		"{\"type\":\"ADDED\",\"object\":{\"kind\":\"Service\",}}",
		"{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Service\"}}",
		"{\"type\":\"ERROR\",\"object\":{\"kind\":\"Pod\"}}",
	};
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		struct bench bench;
		synced(&bench);
		head(&bench, 200);
		assert_true(body(&bench, "{\"type\":\"LATER\",\"object\":{}}"));
		if (body(&bench, BAD[i]))
			fail_msg("%s", BAD[i]);
		lost(&bench);
		expect_trouble(&bench, TROUBLE_CONTENT, "watch /api/v1/services: ");
		expect_wait(&bench, 800, 1600);
		expect_list(&bench);
		end(&bench);
	}
}

static void an_hour_later_it_lists_again(void **state)
{
	(void)state;
	struct bench bench;
	synced(&bench);
	head(&bench, 200);
	bench.now_ms += INT64_C(66) * 60000;
	done(&bench);
	expect_list(&bench);
	reply(&bench, 200, LIST("9", ITEM("a")));
	assert_string_equal(bench.names.text, " a");
	end(&bench);
}

/* Federation v1 knows no bookmarks; a selector narrows both calls. */
static void requests_say_what_the_resource_wants(void **state)
{
	(void)state;
	static const struct resource ODD = {.path = "/apis/x/v1/y",
	                                    .kind = "Service",
	                                    .list_kind = "ServiceList",
	                                    .label_selector = "a in (b,c)"};
	struct bench bench;
	begin_with(&bench, &ODD);
	expect_path(&bench, WANT_LIST, "/apis/x/v1/y?limit=500&labelSelector=a%20in%20%28b%2Cc%29");
	reply(&bench, 200, LIST("5", ""));
	assert_int_equal(ask(&bench), WANT_WATCH);
	assert_null(strstr(bench.asked.path, "Bookmarks"));
	assert_non_null(strstr(bench.asked.path, "&labelSelector=a%20in%20%28b%2Cc%29&resource"));
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_may_be_cut_at_every_octet),
		cmocka_unit_test(a_lost_watch_goes_on_from_the_last_whole_event),
		cmocka_unit_test(an_expired_watch_lists_at_once),
		cmocka_unit_test(a_version_expired_after_short_watches_lists_at_once),
		cmocka_unit_test(a_version_that_expires_again_some_time_later_lists_at_once_too),
		cmocka_unit_test(nothing_counts_behind_an_error),
		cmocka_unit_test(bookmarks_move_the_version_and_are_waited_for),
		cmocka_unit_test(watches_that_say_a_word_and_end_are_asked_once_a_second),
		cmocka_unit_test(watches_that_say_nothing_and_end_are_trouble),
		cmocka_unit_test(a_server_that_is_away_keeps_the_version),
		cmocka_unit_test(unknown_events_are_passed_over_and_wrong_ones_are_not),
		cmocka_unit_test(an_hour_later_it_lists_again),
		cmocka_unit_test(requests_say_what_the_resource_wants),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

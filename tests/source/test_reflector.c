/* reflector: whatever a server does, what the sink holds is what the server said last, and nothing
 * is lost by a call that fails. The server is the test; so is the clock. */
#include "check.h"

#include "backoff.h"
#include "fedns/source.h"
#include "reflector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_SIZE 1024

/* A sink that knows names: " a b". */
struct names {
	char text[NAMES_SIZE], listed[NAMES_SIZE];
	unsigned begun, done, dropped;
	bool no_memory;
};

struct bench {
	struct reflector *reflector;
	struct names names;
	struct sink sink;
	int64_t now_ms;
	struct reflector_request asked;
};

static const struct resource SERVICES = {
	.path = "/api/v1/services", .kind = "Service", .list_kind = "ServiceList", .bookmarks = true};

static void name_of(const struct object *object, char *out)
{
	struct bytes name = node_text(
		object->nodes,
		node_member(object->nodes, node_member(object->nodes, NODE_ROOT, "metadata"), "name"));
	assert_in_range(name.size, 1, 60);
	(void)snprintf(out, 64, " %.*s", BYTES_ARG(name));
}

static void names_remove(char *names, const char *name)
{
	size_t size = strlen(name);
	for (char *at = names; (at = strstr(at, name)) != NULL; at++) {
		if (at[size] == ' ' || at[size] == '\0') {
			memmove(at, at + size, strlen(at + size) + 1);
			return;
		}
	}
}

static void names_add(char *names, const char *name)
{
	names_remove(names, name);
	assert_true(strlen(names) + strlen(name) < NAMES_SIZE);
	strncat(names, name, 64);
}

static void list_begin(void *arg)
{
	struct names *names = arg;
	names->listed[0] = '\0';
	names->begun++;
}

static enum err listed(void *arg, const struct object *object, struct why *why)
{
	struct names *names = arg;
	char name[64];
	if (names->no_memory) {
		why_set(why, "no memory");
		return ERR_NOMEM;
	}
	name_of(object, name);
	names_add(names->listed, name);
	return ERR_OK;
}

static enum err list_done(void *arg, struct why *why)
{
	(void)why;
	struct names *names = arg;
	memcpy(names->text, names->listed, NAMES_SIZE);
	names->done++;
	return ERR_OK;
}

static void list_dropped(void *arg)
{
	struct names *names = arg;
	names->dropped++;
}

static enum err changed(void *arg, const struct object *object, bool gone, struct why *why)
{
	struct names *names = arg;
	char name[64];
	if (names->no_memory) {
		why_set(why, "no memory");
		return ERR_NOMEM;
	}
	name_of(object, name);
	if (gone)
		names_remove(names->text, name);
	else
		names_add(names->text, name);
	return ERR_OK;
}

static void begin_with(struct bench *bench, const struct resource *resource)
{
	*bench = (struct bench){.now_ms = 1000};
	bench->sink =
		(struct sink){&bench->names, list_begin, listed, list_done, list_dropped, changed};
	bench->reflector = reflector_new(resource, &bench->sink, 7);
	assert_non_null(bench->reflector);
}

static void begin(struct bench *bench)
{
	begin_with(bench, &SERVICES);
}

static void end(struct bench *bench)
{
	reflector_free(bench->reflector);
}

/* What it wants now. */
static enum reflector_want ask(struct bench *bench)
{
	reflector_next(bench->reflector, bench->now_ms, &bench->asked);
	return bench->asked.want;
}

/* It waits, for `from` to `to` ms; let that pass. */
static void expect_wait(struct bench *bench, int64_t from_ms, int64_t to_ms)
{
	assert_int_equal(ask(bench), WANT_WAIT);
	assert_in_range(bench->asked.at_ms - bench->now_ms, from_ms, to_ms);
	bench->now_ms = bench->asked.at_ms - 1;
	assert_int_equal(ask(bench), WANT_WAIT);
	bench->now_ms++;
}

static void expect_path(struct bench *bench, enum reflector_want want, const char *path)
{
	assert_int_equal(ask(bench), want);
	assert_string_equal(bench->asked.path, path);
}

static void expect_list(struct bench *bench)
{
	expect_path(bench, WANT_LIST, "/api/v1/services?limit=500");
}

/* A watch from `version`. */
static void expect_watch(struct bench *bench, const char *version)
{
	char tail[64];
	(void)snprintf(tail, sizeof tail, "&allowWatchBookmarks=true&resourceVersion=%s", version);
	assert_int_equal(ask(bench), WANT_WATCH);
	assert_memory_equal(bench->asked.path, "/api/v1/services?watch=1&timeoutSeconds=", 40);
	unsigned long timeout_s = strtoul(bench->asked.path + 40, NULL, 10);
	assert_in_range(timeout_s, 300, 599);
	assert_string_equal(strchr(bench->asked.path, '&') + strlen("&timeoutSeconds=333"), tail);
}

static bool body(struct bench *bench, const char *text)
{
	return reflector_body(bench->reflector, bytes_of(text), bench->now_ms);
}

static void head(struct bench *bench, unsigned status)
{
	reflector_head(bench->reflector, status, 0, bench->now_ms);
}

static void done(struct bench *bench)
{
	reflector_end(bench->reflector, ERR_OK, NULL, bench->now_ms);
}

static void lost(struct bench *bench)
{
	struct why why;
	why_set(&why, "connection lost");
	reflector_end(bench->reflector, ERR_IO, &why, bench->now_ms);
}

static void reply(struct bench *bench, unsigned status, const char *text)
{
	head(bench, status);
	assert_true(body(bench, text));
	done(bench);
}

#define ITEM(name) "{\"metadata\":{\"name\":\"" name "\",\"resourceVersion\":\"1\"}}"
#define LIST(version, items)                                                                       \
	"{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" version \
	"\"},\"items\":[" items "]}"
#define PAGE(version, items, token)                                                                \
	"{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" version \
	"\",\"continue\":\"" token "\"},\"items\":[" items "]}"
#define EVENT(type, name, version)                                                                 \
	"{\"type\":\"" type "\",\"object\":{\"kind\":\"Service\",\"apiVersion\":\"v1\","               \
	"\"metadata\":{\"name\":\"" name "\",\"resourceVersion\":\"" version "\"}}}\n"
#define BOOKMARK(version)                                                                          \
	"{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Service\",\"apiVersion\":\"v1\","               \
	"\"metadata\":{\"resourceVersion\":\"" version "\"}}}\n"
#define STATUS(code, reason)                                                                       \
	"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","           \
	"\"message\":\"because\",\"reason\":\"" reason "\",\"code\":" code "}"
#define ERROR(code, reason) "{\"type\":\"ERROR\",\"object\":" STATUS(code, reason) "}\n"

/* Synced with names a and b, watching from version 5. */
static void synced(struct bench *bench)
{
	begin(bench);
	expect_list(bench);
	reply(bench, 200, LIST("5", ITEM("a") "," ITEM("b")));
	expect_watch(bench, "5");
}

static void expect_trouble(const struct bench *bench, enum reflector_trouble trouble,
                           const char *words)
{
	const struct reflector_state *state = reflector_state(bench->reflector);
	assert_string_equal(trouble_text(state->trouble), trouble_text(trouble));
	if (strstr(state->why.text, words) == NULL)
		fail_msg("%s", state->why.text);
}

/* --- lists -------------------------------------------------------------------------------- */

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
		{401, 0, TROUBLE_UNAUTHORIZED, 800, 1600}, {403, 0, TROUBLE_FORBIDDEN, 60000, 60000},
		{404, 0, TROUBLE_NOT_FOUND, 60000, 60000}, {429, 0, TROUBLE_BUSY, 800, 1600},
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

/* --- watches ------------------------------------------------------------------------------ */

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
		cmocka_unit_test(pages_come_into_force_together_and_the_first_ones_version_is_watched),
		cmocka_unit_test(a_list_may_come_in_any_pieces),
		cmocka_unit_test(half_a_list_is_never_in_force),
		cmocka_unit_test(an_expired_token_begins_the_list_anew_and_at_last_without_pages),
		cmocka_unit_test(what_is_no_list_is_not_an_empty_one),
		cmocka_unit_test(no_memory_is_a_reason_to_list_again),
		cmocka_unit_test(refusals_wait_and_take_nothing_away),
		cmocka_unit_test(a_401_is_tried_again_at_once_with_new_credentials_but_only_once),
		cmocka_unit_test(failures_in_a_row_wait_ever_longer),
		cmocka_unit_test(events_may_be_cut_at_every_octet),
		cmocka_unit_test(a_lost_watch_goes_on_from_the_last_whole_event),
		cmocka_unit_test(an_expired_watch_lists_at_once),
		cmocka_unit_test(nothing_counts_behind_an_error),
		cmocka_unit_test(bookmarks_move_the_version_and_are_waited_for),
		cmocka_unit_test(watches_that_say_nothing_and_end_are_trouble),
		cmocka_unit_test(a_server_that_is_away_keeps_the_version),
		cmocka_unit_test(unknown_events_are_passed_over_and_wrong_ones_are_not),
		cmocka_unit_test(an_hour_later_it_lists_again),
		cmocka_unit_test(requests_say_what_the_resource_wants),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

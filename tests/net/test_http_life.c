/* http: connections are kept or not as asked, calls don't disturb one another, and whatever a
 * callback does to calls and client, nothing is told that should not be. */
#include "check.h"

#include "http_bench.h"

#include <stdlib.h>
#include <string.h>

static const struct script_route ROUTES[] = {
	{.path = "/plain", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
	{.path = "/drip", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", .drip = true},
	{.path = "/bye",
     .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
     .then = THEN_CLOSE},
	{.path = "/stalls", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"},
	{.path = NULL},
};

static const struct http_request PLAIN = {.method = NULL};

static void a_connection_is_kept_for_the_next_call(void **state)
{
	(void)state;
	struct bench bench;
	struct talk talk;
	bench_start(&bench, ROUTES);
	for (unsigned i = 0; i < 3; i++) {
		talk_get(&talk, &bench, "/plain");
		talk_expect(&talk, ERR_OK, "");
	}
	assert_int_equal(bench.server.accepted, 1);
	assert_int_equal(bench.server.open, 1);
	bench_stop(&bench);
}

static void a_call_may_have_its_own_connection(void **state)
{
	(void)state;
	const struct http_request own = {.own_connection = true};
	struct bench bench;
	struct talk talk;
	bench_start(&bench, ROUTES);
	talk_get(&talk, &bench, "/plain");
	for (unsigned i = 0; i < 2; i++) {
		talk = (struct talk){.bench = NULL};
		talk_start(&talk, &bench, &own, "/plain");
		talk_finish(&talk);
		talk_expect(&talk, ERR_OK, "");
	}
	talk_get(&talk, &bench, "/plain"); /* the first connection again */
	assert_int_equal(bench.server.accepted, 3);
	bench_turns(&bench);
	assert_int_equal(bench.server.open, 1);
	bench_stop(&bench);
}

/* The server closes while nobody looks; libcurl sees it before it sends, or sends again. */
static void a_kept_connection_that_closed_costs_nobody_a_call(void **state)
{
	(void)state;
	struct bench bench;
	struct talk talk;
	bench_start(&bench, ROUTES);
	for (unsigned i = 1; i <= 3; i++) {
		talk_get(&talk, &bench, "/bye");
		talk_expect(&talk, ERR_OK, "");
		assert_string_equal(talk.body, "hello");
		assert_int_equal(bench.server.accepted, i);
	}
	bench_stop(&bench);
}

/* As the header says of `own_connection`. */
static void a_request_on_a_kept_connection_may_be_sent_twice(void **state)
{
	(void)state;
	static const struct script_route resetting[] = {
		{.path = "/plain", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
		{.path = "/gone", .octets = "", .then = THEN_CLOSE},
		{.path = NULL},
	};
	const struct http_request post = {.method = "POST", .body = {(const uint8_t *)"x", 1}};
	const struct http_request own = {
		.method = "POST", .body = {(const uint8_t *)"x", 1}, .own_connection = true};
	struct bench bench;
	struct talk talk;
	bench_start(&bench, resetting);
	talk_get(&talk, &bench, "/plain");
	talk = (struct talk){.bench = NULL};
	talk_start(&talk, &bench, &post, "/gone");
	talk_finish(&talk);
	talk_expect(&talk, ERR_IO, "Empty reply from server");
	assert_int_equal(bench.server.requests, 3);
	talk = (struct talk){.bench = NULL};
	talk_start(&talk, &bench, &own, "/gone");
	talk_finish(&talk);
	talk_expect(&talk, ERR_IO, "Empty reply from server");
	assert_int_equal(bench.server.requests, 4);
	bench_stop(&bench);
}

static void many_calls_go_on_at_once(void **state)
{
	(void)state;
	enum { COUNT = 150 };
	struct bench bench;
	struct talk *talks = calloc(COUNT, sizeof *talks);
	assert_non_null(talks);
	bench_start(&bench, ROUTES);
	for (size_t i = 0; i < COUNT; i++)
		talk_start(&talks[i], &bench, &PLAIN, i % 2 == 0 ? "/plain" : "/drip");
	for (size_t i = 0; i < COUNT; i++) {
		talk_finish(&talks[i]);
		talk_expect(&talks[i], ERR_OK, "");
		assert_string_equal(talks[i].body, "hello");
		assert_int_equal(talks[i].heads, 1);
	}
	assert_int_equal(bench.server.requests, COUNT);
	bench_stop(&bench);
	free(talks);
}

static void too_many_calls_are_refused(void **state)
{
	(void)state;
	struct bench bench;
	struct talk talk = {.bench = NULL};
	struct why why = {{0}};
	bench_start(&bench, ROUTES);
	struct http_call *first = NULL;
	for (size_t i = 0; i < HTTP_CALLS_MAX; i++) {
		talk_start(&talk, &bench, &PLAIN, "/plain");
		if (first == NULL)
			first = talk.call;
	}
	const struct http_request request = {.url = "http://127.0.0.1/", .body_size_max = 1};
	struct http_call *call = (void *)1;
	const struct http_handlers none = {.done = (http_done *)(uintptr_t)1};
	assert_int_equal(http_start(bench.http, &request, &none, &call, &why), ERR_LIMIT);
	assert_null(call);
	assert_string_equal(why.text, "2048 HTTP calls are under way already");
	/* Never run, all of them end with the client. */
	http_cancel(first);
	bench_stop(&bench);
	assert_int_equal(talk.dones, 0);
}

/* --- callbacks that do things -------------------------------------------------------------------
 */

enum moment { ON_HEAD, ON_RUN, ON_DONE, MOMENTS };

static bool run_hook(struct talk *talk)
{
	void (**hook)(struct talk *) = talk->arg;
	(*hook)(talk);
	return true;
}

/* Have `*hook` run at `moment`. */
static void hook_set(struct talk *talk, enum moment moment, void (**hook)(struct talk *))
{
	if (moment == ON_HEAD)
		talk->on_head = *hook;
	else if (moment == ON_DONE)
		talk->on_done = *hook;
	else
		talk->on_run = run_hook;
	talk->arg = hook;
}

static void expect_moment(const struct talk *talk, enum moment moment)
{
	assert_int_equal(talk->heads, 1);
	assert_int_equal(talk->runs, moment == ON_HEAD ? 0 : 1);
	assert_int_equal(talk->dones, moment == ON_DONE ? 1 : 0);
}

static void cancel_own(struct talk *talk)
{
	http_cancel(talk->call);
}

static void a_callback_may_cancel_its_own_call(void **state)
{
	(void)state;
	void (*hook)(struct talk *) = cancel_own;
	for (enum moment moment = ON_HEAD; moment < MOMENTS; moment++) {
		struct bench bench;
		struct talk talk = {.bench = NULL}, other = {.bench = NULL};
		bench_start(&bench, ROUTES);
		hook_set(&talk, moment, &hook);
		talk_start(&talk, &bench, &PLAIN, "/plain");
		talk_start(&other, &bench, &PLAIN, "/drip");
		talk_finish(&other);
		talk_expect(&other, ERR_OK, "");
		bench_turns(&bench);
		expect_moment(&talk, moment);
		bench_stop(&bench);
		expect_moment(&talk, moment);
	}
}

static struct talk *victim; /* of the hooks below */

static void cancel_victim(struct talk *talk)
{
	(void)talk;
	http_cancel(victim->call);
}

static void a_callback_may_cancel_another_call(void **state)
{
	(void)state;
	static const char *const paths[] = {"/stalls", "/silent", "/drip"};
	void (*hook)(struct talk *) = cancel_victim;
	for (enum moment moment = ON_HEAD; moment < MOMENTS; moment++) {
		for (size_t i = 0; i < 3; i++) {
			struct bench bench;
			struct talk talk = {.bench = NULL}, other = {.bench = NULL};
			bench_start(&bench, ROUTES);
			victim = &other;
			hook_set(&talk, moment, &hook);
			talk_start(&other, &bench, &PLAIN, paths[i]);
			talk_start(&talk, &bench, &PLAIN, "/plain");
			talk_finish(&talk);
			talk_expect(&talk, ERR_OK, "");
			unsigned told = other.heads + other.runs;
			bench_turns(&bench);
			assert_int_equal(other.heads + other.runs, told);
			assert_int_equal(other.dones, 0);
			assert_int_equal(bench.server.open, 1); /* the victim's is closed */
			bench_stop(&bench);
		}
	}
}

static void start_victim(struct talk *talk)
{
	talk_start(victim, talk->bench, &PLAIN, "/plain");
}

static void a_callback_may_start_a_call(void **state)
{
	(void)state;
	void (*hook)(struct talk *) = start_victim;
	for (enum moment moment = ON_HEAD; moment < MOMENTS; moment++) {
		struct bench bench;
		struct talk talk = {.bench = NULL}, other = {.bench = NULL};
		bench_start(&bench, ROUTES);
		victim = &other;
		hook_set(&talk, moment, &hook);
		talk_start(&talk, &bench, &PLAIN, "/plain");
		talk_finish(&talk);
		talk_finish(&other);
		talk_expect(&talk, ERR_OK, "");
		talk_expect(&other, ERR_OK, "");
		/* what `done` starts finds the connection free already */
		assert_true(moment != ON_DONE || bench.server.accepted == 1);
		bench_stop(&bench);
	}
}

static void free_client(struct talk *talk)
{
	struct why why = {{0}};
	struct http_call *call;
	const struct http_request request = {.url = "http://127.0.0.1/", .body_size_max = 1};
	const struct http_handlers handlers = {.done = (http_done *)(uintptr_t)1};
	http_free(talk->bench->http);
	assert_int_equal(http_start(talk->bench->http, &request, &handlers, &call, &why), ERR_CONFLICT);
	talk->bench->http = NULL;
}

static void a_callback_may_free_the_client(void **state)
{
	(void)state;
	static const char *const paths[] = {"/stalls", "/silent", "/drip", "/plain"};
	void (*hook)(struct talk *) = free_client;
	for (enum moment moment = ON_HEAD; moment < MOMENTS; moment++) {
		struct bench bench;
		struct talk talk = {.bench = NULL}, others[4];
		memset(others, 0, sizeof others);
		bench_start(&bench, ROUTES);
		hook_set(&talk, moment, &hook);
		talk_start(&talk, &bench, &PLAIN, "/plain");
		for (size_t i = 0; i < 4; i++)
			talk_start(&others[i], &bench, &PLAIN, paths[i]);
		while (bench.http != NULL)
			uv_run(&bench.loop, UV_RUN_ONCE);
		unsigned done = 0;
		for (size_t i = 0; i < 4; i++)
			done += others[i].dones;
		expect_moment(&talk, moment);
		bench_turns(&bench);
		expect_moment(&talk, moment);
		for (size_t i = 0; i < 4; i++)
			done -= others[i].dones;
		assert_int_equal(done, 0);
		assert_int_equal(bench.server.open, 0);
		bench_stop(&bench);
	}
}

static bool enough(struct talk *talk)
{
	(void)talk;
	return false;
}

static void a_reader_that_has_enough_is_told_the_end(void **state)
{
	(void)state;
	struct bench bench;
	struct talk talk = {.on_run = enough};
	bench_start(&bench, ROUTES);
	talk_start(&talk, &bench, &PLAIN, "/stalls");
	talk_finish(&talk);
	talk_expect(&talk, ERR_INVALID, "the response's reader stopped");
	assert_int_equal(talk.done_status, 200);
	assert_int_equal(talk.runs, 1);
	bench_stop(&bench);
}

static void freeing_tells_nobody(void **state)
{
	(void)state;
	static const char *const paths[] = {"/stalls", "/silent", "/drip", "/plain"};
	/* Never run, connecting, under way. */
	for (unsigned turns = 0; turns < 12; turns++) {
		struct bench bench;
		struct talk talks[8];
		memset(talks, 0, sizeof talks);
		bench_start(&bench, ROUTES);
		for (size_t i = 0; i < 8; i++)
			talk_start(&talks[i], &bench, &PLAIN, paths[i % 4]);
		for (unsigned i = 0; i < turns; i++)
			uv_run(&bench.loop, UV_RUN_NOWAIT);
		unsigned told = 0;
		for (size_t i = 0; i < 8; i++)
			told += talks[i].heads + talks[i].runs + talks[i].dones;
		bench_stop(&bench);
		for (size_t i = 0; i < 8; i++)
			told -= talks[i].heads + talks[i].runs + talks[i].dones;
		assert_int_equal(told, 0);
	}
}

static void cancelling_at_any_time_tells_nothing_more(void **state)
{
	(void)state;
	for (unsigned turns = 0; turns < 70; turns++) {
		struct bench bench;
		struct talk talk = {.bench = NULL};
		bench_start(&bench, ROUTES);
		talk_start(&talk, &bench, &PLAIN, "/drip");
		for (unsigned i = 0; i < turns && talk.dones == 0; i++)
			uv_run(&bench.loop, UV_RUN_NOWAIT);
		if (talk.dones == 0)
			http_cancel(talk.call);
		unsigned told = talk.heads + talk.runs + talk.dones;
		bench_turns(&bench);
		assert_int_equal(talk.heads + talk.runs + talk.dones, told);
		bench_stop(&bench);
	}
}

static void a_gathered_body_comes_whole(void **state)
{
	(void)state;
	const struct http_request request = {.body_size_max = 5};
	struct bench bench;
	struct talk talk = {.bench = NULL};
	bench_start(&bench, ROUTES);
	talk_start_gathering(&talk, &bench, &request, "/drip");
	talk_finish(&talk);
	talk_expect(&talk, ERR_OK, "");
	assert_int_equal(talk.heads + talk.runs, 0);
	assert_int_equal(talk.done_status, 200);
	assert_string_equal(talk.body, "hello");
	bench_stop(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_kept_for_the_next_call),
		cmocka_unit_test(a_call_may_have_its_own_connection),
		cmocka_unit_test(a_kept_connection_that_closed_costs_nobody_a_call),
		cmocka_unit_test(a_request_on_a_kept_connection_may_be_sent_twice),
		cmocka_unit_test(many_calls_go_on_at_once),
		cmocka_unit_test(too_many_calls_are_refused),
		cmocka_unit_test(a_callback_may_cancel_its_own_call),
		cmocka_unit_test(a_callback_may_cancel_another_call),
		cmocka_unit_test(a_callback_may_start_a_call),
		cmocka_unit_test(a_callback_may_free_the_client),
		cmocka_unit_test(a_reader_that_has_enough_is_told_the_end),
		cmocka_unit_test(freeing_tells_nobody),
		cmocka_unit_test(cancelling_at_any_time_tells_nothing_more),
		cmocka_unit_test(a_gathered_body_comes_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

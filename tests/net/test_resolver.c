/* resolver: every lookup is told once, with the right outcome, and the end of the resolver breaks
 * nothing. */
#include "check.h"

#include "resolver_internal.h"
#include "script_server.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>

/* Short, as "silent" waits it out; still far above what a loopback takes. */
static const struct resolver_limits LIMITS = {
	.timeout_ms = 100, .tries = 2, .waiting_max = RESOLVER_WAITING_MAX};

struct bench {
	uv_loop_t loop;
	struct script_server server;
	struct resolver *resolver;
};

struct outcome {
	unsigned told;
	enum resolved_status status;
	size_t address_count;
	struct address first;
	uint32_t ttl_s;
	uint8_t family;
	struct name host;
	char why[WHY_TEXT_SIZE];
	void (*then)(struct outcome *outcome);
	struct bench *bench;
};

static void told(void *arg, const struct resolved *resolved)
{
	struct outcome *outcome = arg;
	outcome->told++;
	outcome->status = resolved->status;
	outcome->address_count = resolved->address_count;
	if (resolved->address_count != 0)
		outcome->first = resolved->addresses[0];
	outcome->ttl_s = resolved->ttl_s;
	outcome->family = resolved->family;
	outcome->host = *resolved->host;
	snprintf(outcome->why, sizeof outcome->why, "%s", resolved->why);
	if (outcome->then != NULL)
		outcome->then(outcome);
	uv_stop(&outcome->bench->loop); /* or it may go to sleep before anybody looks */
}

static void bench_start_limited(struct bench *bench, const struct resolver_limits *limits)
{
	struct why why = {{0}};
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	script_start(&bench->server, &bench->loop);
	const char *servers[] = {bench->server.text};
	if (resolver_new_limited(&bench->loop, servers, 1, limits, &bench->resolver, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static void bench_start(struct bench *bench)
{
	bench_start_limited(bench, &LIMITS);
}

static void bench_stop(struct bench *bench)
{
	resolver_free(bench->resolver);
	script_stop(&bench->server);
	while (uv_run(&bench->loop, UV_RUN_DEFAULT) != 0)
		continue;
	assert_int_equal(uv_loop_close(&bench->loop), 0);
}

static void ask_in(struct bench *bench, enum resolver_line line, const char *host, uint8_t family,
                   struct outcome *outcome)
{
	struct name name = name_of(host);
	struct why why = {{0}};
	unsigned before = outcome->told;
	outcome->bench = bench;
	if (resolver_ask(bench->resolver, &name, family, line, told, outcome, &why) != ERR_OK)
		fail_msg("%s", why.text);
	assert_int_equal(outcome->told, before); /* never from within */
}

static void ask(struct bench *bench, const char *host, uint8_t family, struct outcome *outcome)
{
	ask_in(bench, RESOLVER_FIRST, host, family, outcome);
}

static void run_until_told(struct bench *bench, const struct outcome *outcomes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		while (outcomes[i].told == 0)
			uv_run(&bench->loop, UV_RUN_ONCE);
	}
}

static void outcomes_are_told_as_they_are(void **state)
{
	(void)state;
	const struct {
		const char *host;
		uint8_t family;
		enum resolved_status status;
		uint32_t ttl_s;
		size_t count;
		const char *first, *why;
	} cases[] = {
		{"good.example.", 4, RESOLVED_ADDRESSES, 90, 2, "192.0.2.1", ""},
		{"good.example.", 6, RESOLVED_ADDRESSES, 70, 1, "2001:db8::1", ""},
		{"chain.example.", 4, RESOLVED_ADDRESSES, 25, 1, "192.0.2.3", ""},
		{"chain.example.", 6, RESOLVED_NODATA, 0, 0, NULL, ""},
		{"nodata.example.", 4, RESOLVED_NODATA, 40, 0, NULL, ""},
		{"noname.example.", 6, RESOLVED_NONAME, 50, 0, NULL, ""},
		{"servfail.example.", 4, RESOLVED_FAILED, 0, 0, NULL, "no server gave a usable reply"},
		{"silent.example.", 4, RESOLVED_FAILED, 0, 0, NULL, "Timeout"},
		{"garbage.example.", 4, RESOLVED_FAILED, 0, 0, NULL, "not a DNS message"},
		{"forged.example.", 4, RESOLVED_ADDRESSES, 90, 2, "192.0.2.1", ""},
		{"large.example.", 4, RESOLVED_ADDRESSES, 60, 100, "192.0.2.4", ""},
		{"good\\.dotted.example.", 4, RESOLVED_ADDRESSES, 90, 2, "192.0.2.1", ""},
		{"hidden.onion.", 4, RESOLVED_NONAME, 0, 0, NULL, ""}, /* RFC 7686 */
	};
	struct bench bench;
	bench_start(&bench);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct outcome outcome = {.told = 0};
		struct name host = name_of(cases[i].host);
		ask(&bench, cases[i].host, cases[i].family, &outcome);
		run_until_told(&bench, &outcome, 1);
		assert_int_equal(outcome.status, cases[i].status);
		assert_int_equal(outcome.ttl_s, cases[i].ttl_s);
		assert_int_equal(outcome.address_count, cases[i].count);
		assert_int_equal(outcome.family, cases[i].family);
		assert_true(bytes_equal(name_bytes(&outcome.host), name_bytes(&host)));
		if (cases[i].first != NULL) {
			struct address first = address_of(cases[i].first);
			assert_int_equal(address_compare(&outcome.first, &first), 0);
		}
		if (cases[i].why[0] == '\0')
			assert_string_equal(outcome.why, "");
		else if (strstr(outcome.why, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].host, outcome.why);
	}
	bench_stop(&bench);
}

/* Lookups beyond RESOLVER_FLIGHT_MAX wait, and go when there is room; nobody is forgotten. */
static void the_rest_waits_in_line(void **state)
{
	(void)state;
	enum { COUNT = 3 * RESOLVER_FLIGHT_MAX + 7 };
	static struct outcome outcomes[COUNT];
	const struct resolver_limits patient = {
		.timeout_ms = 20000, .tries = 1, .waiting_max = RESOLVER_WAITING_MAX};
	struct bench bench;
	bench_start_limited(&bench, &patient);
	for (size_t i = 0; i < COUNT; i++) {
		char host[32];
		snprintf(host, sizeof host, "hold%zu.example.", i);
		outcomes[i] = (struct outcome){.told = 0};
		ask(&bench, host, 4, &outcomes[i]);
	}
	while (bench.server.asked < RESOLVER_FLIGHT_MAX)
		uv_run(&bench.loop, UV_RUN_ONCE);
	for (unsigned i = 0; i < 100; i++)
		uv_run(&bench.loop, UV_RUN_NOWAIT);
	assert_int_equal(bench.server.asked, RESOLVER_FLIGHT_MAX);
	script_release(&bench.server);
	run_until_told(&bench, outcomes, COUNT);
	assert_int_equal(bench.server.asked, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(outcomes[i].told, 1);
		assert_int_equal(outcomes[i].status, RESOLVED_ADDRESSES);
	}
	bench_stop(&bench);
}

/*
 * The servers of 200 names are deaf, and were before: a name that is not of them does not notice.
 */
static void names_that_failed_hold_up_nobody(void **state)
{
	(void)state;
	enum { BAD = 200, GOOD = RESOLVER_FLIGHT_MAX };
	static struct outcome bad[BAD], good[GOOD];
	const struct resolver_limits patient = {
		.timeout_ms = 20000, .tries = 1, .waiting_max = RESOLVER_WAITING_MAX};
	struct bench bench;
	bench_start_limited(&bench, &patient);
	for (size_t i = 0; i < BAD; i++) {
		bad[i] = (struct outcome){.told = 0};
		ask_in(&bench, RESOLVER_LATER, "silent.example.", 4, &bad[i]);
	}
	while (bench.server.asked < RESOLVER_LATER_MAX)
		uv_run(&bench.loop, UV_RUN_ONCE);
	for (size_t i = 0; i < GOOD; i++) {
		good[i] = (struct outcome){.told = 0};
		ask(&bench, "good.example.", 4, &good[i]);
	}
	run_until_told(&bench, good, GOOD);
	for (size_t i = 0; i < GOOD; i++)
		assert_int_equal(good[i].status, RESOLVED_ADDRESSES);
	assert_int_equal(bench.server.asked, RESOLVER_LATER_MAX + GOOD); /* no bad one more */
	for (size_t i = 0; i < BAD; i++)
		assert_int_equal(bad[i].told, 0);
	bench_stop(&bench);
	for (size_t i = 0; i < BAD; i++)
		assert_int_equal(bad[i].status, RESOLVED_CANCELLED);
}

static void the_first_line_goes_first_and_the_later_one_goes(void **state)
{
	(void)state;
	enum { FIRST = RESOLVER_FLIGHT_MAX, LATER = 3 * RESOLVER_LATER_MAX };
	static struct outcome first[FIRST], later[LATER];
	const struct resolver_limits patient = {
		.timeout_ms = 20000, .tries = 1, .waiting_max = RESOLVER_WAITING_MAX};
	struct bench bench;
	bench_start_limited(&bench, &patient);
	for (size_t i = 0; i < LATER; i++) {
		later[i] = (struct outcome){.told = 0};
		ask_in(&bench, RESOLVER_LATER, "good.example.", 4, &later[i]);
	}
	for (size_t i = 0; i < FIRST; i++) {
		first[i] = (struct outcome){.told = 0};
		ask(&bench, "hold.example.", 4, &first[i]);
	}
	while (bench.server.asked < FIRST)
		uv_run(&bench.loop, UV_RUN_ONCE);
	for (unsigned i = 0; i < 100; i++)
		uv_run(&bench.loop, UV_RUN_NOWAIT);
	assert_int_equal(bench.server.held_count, FIRST);
	assert_int_equal(bench.server.asked, FIRST);
	script_release(&bench.server);
	run_until_told(&bench, later, LATER);
	run_until_told(&bench, first, FIRST);
	for (size_t i = 0; i < LATER; i++)
		assert_int_equal(later[i].status, RESOLVED_ADDRESSES);
	bench_stop(&bench);
}

static void a_full_line_refuses(void **state)
{
	(void)state;
	const struct resolver_limits narrow = {.timeout_ms = 100, .tries = 1, .waiting_max = 3};
	struct outcome outcomes[3] = {{.told = 0}}, refused = {.told = 0};
	struct bench bench;
	bench_start_limited(&bench, &narrow);
	for (size_t i = 0; i < 3; i++)
		ask(&bench, "good.example.", 4, &outcomes[i]);
	struct name name = name_of("good.example.");
	struct why why = {{0}};
	assert_int_equal(resolver_ask(bench.resolver, &name, 4, RESOLVER_FIRST, told, &refused, &why),
	                 ERR_LIMIT);
	assert_string_equal(why.text, "more than 3 lookups are waiting");
	struct outcome later = {.told = 0}; /* the other line has room of its own */
	ask_in(&bench, RESOLVER_LATER, "good.example.", 4, &later);
	run_until_told(&bench, outcomes, 3);
	run_until_told(&bench, &later, 1);
	assert_int_equal(refused.told, 0);
	bench_stop(&bench);
}

static void ask_again(struct outcome *outcome)
{
	if (outcome->told < 5)
		ask(outcome->bench, "good.example.", 4, outcome);
}

static void a_callback_may_ask_again(void **state)
{
	(void)state;
	struct outcome outcome = {.told = 0, .then = ask_again};
	struct bench bench;
	bench_start(&bench);
	ask(&bench, "good.example.", 4, &outcome);
	while (outcome.told < 5)
		uv_run(&bench.loop, UV_RUN_ONCE);
	assert_int_equal(outcome.status, RESOLVED_ADDRESSES);
	bench_stop(&bench);
}

/* In flight and in line alike are told, once; asking a resolver that ends is refused. */
static void ask_too_late(struct outcome *outcome)
{
	struct name name = name_of("good.example.");
	struct why why = {{0}};
	assert_int_equal(
		resolver_ask(outcome->bench->resolver, &name, 4, RESOLVER_FIRST, told, outcome, &why),
		ERR_CONFLICT);
}

static void freeing_cancels_what_flies_and_what_waits(void **state)
{
	(void)state;
	enum { COUNT = 2 * RESOLVER_FLIGHT_MAX };
	static struct outcome outcomes[COUNT];
	struct bench bench;
	bench_start(&bench);
	for (size_t i = 0; i < COUNT; i++) {
		outcomes[i] = (struct outcome){.told = 0, .then = ask_too_late};
		ask(&bench, "silent.example.", 4, &outcomes[i]);
	}
	while (bench.server.asked < RESOLVER_FLIGHT_MAX)
		uv_run(&bench.loop, UV_RUN_ONCE);
	bench_stop(&bench);
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(outcomes[i].told, 1);
		assert_int_equal(outcomes[i].status, RESOLVED_CANCELLED);
	}
}

static void free_it(struct outcome *outcome)
{
	resolver_free(outcome->bench->resolver);
	outcome->bench->resolver = NULL;
}

static void a_callback_may_free_the_resolver(void **state)
{
	(void)state;
	struct outcome first = {.told = 0, .then = free_it}, others[100];
	struct bench bench;
	bench_start(&bench);
	ask(&bench, "good.example.", 4, &first);
	for (size_t i = 0; i < 100; i++) {
		others[i] = (struct outcome){.told = 0};
		ask(&bench, i % 2 == 0 ? "good.example." : "silent.example.", 4, &others[i]);
	}
	run_until_told(&bench, &first, 1);
	assert_int_equal(first.status, RESOLVED_ADDRESSES);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(others[i].told, 1);
	bench_stop(&bench);
}

static void bad_servers_are_refused(void **state)
{
	(void)state;
	uv_loop_t loop;
	struct resolver *resolver = (void *)1;
	struct why why = {{0}};
	const char *bad[] = {"127.0.0.1", "nonsense"};
	const char *many[RESOLVERS_MAX + 1];
	for (size_t i = 0; i <= RESOLVERS_MAX; i++)
		many[i] = "127.0.0.1";
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(resolver_new(&loop, bad, 2, &resolver, &why), ERR_INVALID);
	assert_null(resolver);
	assert_non_null(strstr(why.text, "nonsense"));
	assert_int_equal(resolver_new(&loop, many, RESOLVERS_MAX + 1, &resolver, &why), ERR_LIMIT);
	assert_null(resolver);
	/* Without servers those of /etc/resolv.conf are taken, and an unused resolver ends cleanly. */
	assert_int_equal(resolver_new(&loop, NULL, 0, &resolver, &why), ERR_OK);
	resolver_free(resolver);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* The first server is deaf; the second answers. */
static void the_next_server_is_asked(void **state)
{
	(void)state;
	struct bench bench;
	struct script_server second;
	struct why why = {{0}};
	struct outcome outcome = {.told = 0};
	assert_int_equal(uv_loop_init(&bench.loop), 0);
	script_start(&bench.server, &bench.loop);
	script_start(&second, &bench.loop);
	second.holding = false;
	const char *servers[] = {bench.server.text, second.text};
	assert_int_equal(resolver_new_limited(&bench.loop, servers, 2, &LIMITS, &bench.resolver, &why),
	                 ERR_OK);
	ask(&bench, "hold.example.", 4, &outcome);
	run_until_told(&bench, &outcome, 1);
	assert_int_equal(outcome.status, RESOLVED_ADDRESSES);
	assert_int_equal(second.asked, 1);
	script_stop(&second);
	bench_stop(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes_are_told_as_they_are),
		cmocka_unit_test(the_rest_waits_in_line),
		cmocka_unit_test(names_that_failed_hold_up_nobody),
		cmocka_unit_test(the_first_line_goes_first_and_the_later_one_goes),
		cmocka_unit_test(a_full_line_refuses),
		cmocka_unit_test(a_callback_may_ask_again),
		cmocka_unit_test(freeing_cancels_what_flies_and_what_waits),
		cmocka_unit_test(a_callback_may_free_the_resolver),
		cmocka_unit_test(bad_servers_are_refused),
		cmocka_unit_test(the_next_server_is_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

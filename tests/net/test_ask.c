/* asker: each question is told once, with all that the one server said, by whichever transport; and
 * nobody else's words count. */
#include "check.h"

#include "ask_internal.h"
#include "script_server.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>

struct bench {
	uv_loop_t loop;
	struct script_server server;
	struct ask_server at;
	struct asker *asker;
};

struct outcome {
	struct bench *bench;
	unsigned told;
	bool answered, aa, tc, tcp;
	uint16_t rcode;
	size_t rr_count[ASK_SECTIONS];
	struct name owners[ASK_SECTIONS]; /* of the first in each */
	uint32_t ttls_s[ASK_SECTIONS];
	uint16_t types[ASK_SECTIONS];
	uint8_t rdata[NAME_SIZE_MAX]; /* of the first in the last section */
	size_t rdata_size;
	char why[WHY_TEXT_SIZE];
	void (*then)(struct outcome *outcome);
};

static void told(void *arg, const struct ask_reply *reply)
{
	struct outcome *outcome = arg;
	outcome->told++;
	outcome->answered = reply->answered;
	outcome->aa = reply->aa;
	outcome->tc = reply->tc;
	outcome->tcp = reply->tcp;
	outcome->rcode = reply->rcode;
	snprintf(outcome->why, sizeof outcome->why, "%s", reply->why);
	for (size_t i = 0; i < ASK_SECTIONS; i++) {
		outcome->rr_count[i] = reply->rr_count[i];
		if (reply->rr_count[i] == 0)
			continue;
		const struct ask_rr *rr = &reply->rrs[i][0];
		outcome->owners[i] = rr->owner;
		outcome->ttls_s[i] = rr->ttl_s;
		outcome->types[i] = rr->type;
		assert_true(rr->rdata.size <= sizeof outcome->rdata);
		memcpy(outcome->rdata, rr->rdata.data, rr->rdata.size);
		outcome->rdata_size = rr->rdata.size;
	}
	if (outcome->then != NULL)
		outcome->then(outcome);
	uv_stop(&outcome->bench->loop);
}

static void bench_start(struct bench *bench)
{
	struct why why = {{0}};
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	script_start(&bench->server, &bench->loop);
	assert_int_equal(ask_server_parse(bench->server.text, &bench->at, &why), ERR_OK);
	assert_int_equal(asker_new(&bench->loop, &bench->asker, &why), ERR_OK);
}

static void loop_end(uv_loop_t *loop)
{
	while (uv_run(loop, UV_RUN_DEFAULT) != 0)
		continue;
	assert_int_equal(uv_loop_close(loop), 0);
}

static void bench_stop(struct bench *bench)
{
	asker_free(bench->asker);
	script_stop(&bench->server);
	loop_end(&bench->loop);
}

static void ask(struct bench *bench, const char *host, uint16_t type, bool tcp,
                struct outcome *outcome)
{
	struct why why = {{0}};
	struct name name = name_of(host);
	const struct ask ask = {bench->at.address, bench->at.port, &name, type, tcp, false};
	unsigned before = outcome->told;
	outcome->bench = bench;
	if (asker_ask(bench->asker, &ask, told, outcome, &why) != ERR_OK)
		fail_msg("%s", why.text);
	assert_int_equal(outcome->told, before); /* never from within */
}

static void wait_for(struct bench *bench, const struct outcome *outcome)
{
	while (outcome->told == 0)
		uv_run(&bench->loop, UV_RUN_ONCE);
	assert_int_equal(outcome->told, 1);
}

static const struct {
	const char *host;
	uint16_t type;
	bool ask_tcp, answered, aa, tc, tcp;
	uint16_t rcode;
	size_t rr_count[ASK_SECTIONS];
	const char *why;
} ANSWERS[] = {
	{"good.example.", TYPE_A, false, true, false, false, false, 0, {2, 0, 0}, ""},
	{"good.example.", TYPE_A, true, true, false, false, true, 0, {2, 0, 0}, ""},
	{"full.example.", TYPE_A, false, true, true, false, false, 0, {1, 1, 1}, ""},
	{"nodata.example.", TYPE_NS, false, true, false, false, false, 0, {0, 1, 0}, ""},
	{"noname.example.", TYPE_A, false, true, false, false, false, 3, {0, 1, 0}, ""},
	{"refused.example.", TYPE_SOA, false, true, false, false, false, 5, {0, 0, 0}, ""},
	{"refused.example.", TYPE_SOA, true, true, false, false, true, 5, {0, 0, 0}, ""},
	{"servfail.example.", TYPE_A, false, true, false, false, false, 2, {0, 0, 0}, ""},
	{"large.example.", TYPE_A, false, true, false, true, true, 0, {100, 0, 0}, ""},
	{"forged.example.", TYPE_A, false, true, false, false, false, 0, {2, 0, 0}, ""},
	{"a\\.b.good.example.", TYPE_A, false, true, false, false, false, 0, {0, 0, 0}, ""},
	{"garbage.example.",
     TYPE_A,
     false,
     false,
     false,
     false,
     false,
     0,
     {0, 0, 0},
     "by UDP: the answer is no DNS message"},
	{"garbage.example.",
     TYPE_A,
     true,
     false,
     false,
     false,
     true,
     0,
     {0, 0, 0},
     "by TCP: the answer is no DNS message"},
};

static void answers_are_told_as_they_are(void **state)
{
	(void)state;
	struct bench bench;
	bench_start(&bench);
	for (size_t i = 0; i < sizeof ANSWERS / sizeof ANSWERS[0]; i++) {
		struct outcome outcome = {.told = 0};
		ask(&bench, ANSWERS[i].host, ANSWERS[i].type, ANSWERS[i].ask_tcp, &outcome);
		wait_for(&bench, &outcome);
		bool same = outcome.answered == ANSWERS[i].answered && outcome.aa == ANSWERS[i].aa &&
		            outcome.tc == ANSWERS[i].tc && outcome.tcp == ANSWERS[i].tcp &&
		            outcome.rcode == ANSWERS[i].rcode;
		for (size_t j = 0; j < ASK_SECTIONS; j++)
			same = same && outcome.rr_count[j] == ANSWERS[i].rr_count[j];
		if (ANSWERS[i].why[0] == '\0')
			same = same && outcome.why[0] == '\0';
		else
			same = same && strstr(outcome.why, ANSWERS[i].why) != NULL;
		if (!same)
			fail_msg("%zu: %s: %s", i, ANSWERS[i].host, outcome.why);
	}
	bench_stop(&bench);
}

static void all_three_sections_come_whole_and_in_lower_case(void **state)
{
	(void)state;
	struct bench bench;
	struct outcome outcome = {.told = 0};
	bench_start(&bench);
	ask(&bench, "full.example.", TYPE_A, false, &outcome);
	wait_for(&bench, &outcome);
	const char *owners[] = {"full.example.", "example.", "ns1.example."};
	const uint32_t ttls_s[] = {120, 600, 700};
	const uint16_t types[] = {TYPE_A, TYPE_NS, TYPE_AAAA};
	for (size_t i = 0; i < ASK_SECTIONS; i++) {
		struct name owner = name_of(owners[i]);
		assert_true(bytes_equal(name_bytes(&outcome.owners[i]), name_bytes(&owner)));
		assert_int_equal(outcome.ttls_s[i], ttls_s[i]);
		assert_int_equal(outcome.types[i], types[i]);
	}
	struct address address = address_of("2001:db8::53");
	assert_int_equal(outcome.rdata_size, V6_SIZE);
	assert_memory_equal(outcome.rdata, address.octets, V6_SIZE);
	bench_stop(&bench);
}

/* RD only where it is wanted, and the EDNS size that no path has to fragment. */
static void the_question_is_put_as_it_should_be(void **state)
{
	(void)state;
	const uint8_t opt[] = {0, 0, TYPE_OPT, UDP_SIZE_DEFAULT >> 8, UDP_SIZE_DEFAULT & 0xff};
	struct bench bench;
	bench_start(&bench);
	for (unsigned i = 0; i < 4; i++) {
		struct outcome outcome = {.bench = &bench};
		struct why why = {{0}};
		struct name name = name_of("good.example.");
		bool recurse = (i & 1) != 0, tcp = (i & 2) != 0;
		const struct ask ask = {bench.at.address, bench.at.port, &name, TYPE_A, tcp, recurse};
		assert_int_equal(asker_ask(bench.asker, &ask, told, &outcome, &why), ERR_OK);
		wait_for(&bench, &outcome);
		const struct script_server *server = &bench.server;
		assert_int_equal(server->query[2], recurse ? 1 : 0);
		assert_memory_equal(server->query + server->query_size - 11, opt, sizeof opt);
	}
	bench_stop(&bench);
}

/* RFC 5452 section 9: IDs that can't be foreseen. */
static void no_two_questions_have_one_id(void **state)
{
	(void)state;
	enum { COUNT = 8 };
	uint16_t ids[COUNT];
	size_t same = 0;
	struct bench bench;
	bench_start(&bench);
	for (size_t i = 0; i < COUNT; i++) {
		struct outcome outcome = {.told = 0};
		ask(&bench, "good.example.", TYPE_A, false, &outcome);
		wait_for(&bench, &outcome);
		ids[i] = (uint16_t)(bench.server.query[0] << 8 | bench.server.query[1]);
		for (size_t j = 0; j < i; j++)
			same += ids[j] == ids[i];
	}
	assert_true(same <= 1); /* by chance one in 2,000 runs has a pair */
	bench_stop(&bench);
}

static void nobody_there_is_told_at_once(void **state)
{
	(void)state;
	struct bench bench;
	bench_start(&bench);
	script_stop(&bench.server);
	uv_run(&bench.loop, UV_RUN_NOWAIT);
	for (unsigned i = 0; i < 2; i++) {
		struct outcome outcome = {.told = 0};
		ask(&bench, "good.example.", TYPE_A, i == 1, &outcome);
		wait_for(&bench, &outcome);
		assert_false(outcome.answered);
		assert_non_null(strstr(outcome.why, i == 1 ? "by TCP: nobody" : "by UDP: nobody"));
		assert_int_equal(strncmp(outcome.why, "127.0.0.1:", 10), 0);
	}
	asker_free(bench.asker);
	loop_end(&bench.loop);
}

static void silence_ends_by_itself(void **state)
{
	(void)state;
	struct bench bench;
	struct outcome outcome = {.told = 0};
	struct why why;
	bench_start(&bench);
	asker_free(bench.asker);
	assert_int_equal(asker_new_timed(&bench.loop, 150, &bench.asker, &why), ERR_OK);
	ask(&bench, "silent.example.", TYPE_A, false, &outcome);
	wait_for(&bench, &outcome);
	assert_false(outcome.answered);
	assert_non_null(strstr(outcome.why, "by UDP: no answer within 0.15 s"));
	assert_int_equal(bench.server.asked, 2); /* sent once more */
	bench_stop(&bench);
}

static void more_than_fly_at_once_wait_in_line(void **state)
{
	(void)state;
	enum { COUNT = 2 * ASK_FLIGHT_MAX + 7 };
	static struct outcome outcomes[COUNT];
	struct bench bench;
	bench_start(&bench);
	for (size_t i = 0; i < COUNT; i++) {
		outcomes[i] = (struct outcome){.told = 0};
		ask(&bench, "hold.example.", TYPE_A, false, &outcomes[i]);
	}
	while (bench.server.held_count < ASK_FLIGHT_MAX)
		uv_run(&bench.loop, UV_RUN_ONCE);
	for (unsigned i = 0; i < 50; i++)
		uv_run(&bench.loop, UV_RUN_NOWAIT);
	assert_int_equal(bench.server.held_count, ASK_FLIGHT_MAX);
	script_release(&bench.server);
	for (size_t i = 0; i < COUNT; i++)
		wait_for(&bench, &outcomes[i]);
	bench_stop(&bench);
}

static void a_full_line_refuses(void **state)
{
	(void)state;
	struct bench bench;
	struct outcome outcome = {.bench = &bench};
	struct why why = {{0}};
	struct name name = name_of("silent.example."), zero = {3, {1, 0, 0}};
	bench_start(&bench);
	const struct ask ask = {.server = bench.at.address, .port = bench.at.port, .name = &name};
	for (size_t i = 0; i < ASK_WAITING_MAX; i++)
		assert_int_equal(asker_ask(bench.asker, &ask, told, &outcome, &why), ERR_OK);
	assert_int_equal(asker_ask(bench.asker, &ask, told, &outcome, &why), ERR_LIMIT);
	assert_string_equal(why.text, "more than 8192 questions are waiting");
	bench_stop(&bench);
	assert_int_equal(outcome.told, 0); /* the end tells nobody */
	bench_start(&bench);
	const struct ask bad = {.server = bench.at.address, .name = &zero};
	assert_int_equal(asker_ask(bench.asker, &bad, told, &outcome, &why), ERR_INVALID);
	bench_stop(&bench);
}

static void ask_again(struct outcome *outcome)
{
	if (outcome->told < 5)
		ask(outcome->bench, "good.example.", TYPE_A, outcome->told % 2 == 0, outcome);
}

static void a_callback_may_ask_again(void **state)
{
	(void)state;
	struct bench bench;
	struct outcome outcome = {.then = ask_again};
	bench_start(&bench);
	ask(&bench, "good.example.", TYPE_A, false, &outcome);
	while (outcome.told < 5)
		uv_run(&bench.loop, UV_RUN_ONCE);
	bench_stop(&bench);
}

static void end_it(struct outcome *outcome)
{
	asker_free(outcome->bench->asker);
	outcome->bench->asker = NULL;
}

static void a_callback_may_end_it(void **state)
{
	(void)state;
	struct bench bench;
	struct outcome first = {.then = end_it}, others[100];
	unsigned told_too = 0;
	bench_start(&bench);
	ask(&bench, "good.example.", TYPE_A, false, &first);
	for (size_t i = 0; i < 100; i++) {
		others[i] = (struct outcome){.told = 0};
		ask(&bench, "silent.example.", TYPE_A, i % 2 == 0, &others[i]);
	}
	wait_for(&bench, &first);
	bench_stop(&bench);
	for (size_t i = 0; i < 100; i++)
		told_too += others[i].told;
	assert_int_equal(told_too, 0);
}

static void servers_are_read_and_written(void **state)
{
	(void)state;
	const struct {
		const char *text, *back;
	} cases[] = {
		{"192.0.2.1", "192.0.2.1:53"},
		{"192.0.2.1:5300", "192.0.2.1:5300"},
		{"[2001:db8::1]:5300", "[2001:db8::1]:5300"},
		{"2001:db8::1", "[2001:db8::1]:53"},
	};
	struct ask_server servers[RESOLVERS_MAX];
	struct why why = {{0}};
	size_t count;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[ASK_SERVER_TEXT_SIZE];
		assert_int_equal(ask_resolvers(&cases[i].text, 1, servers, &count, &why), ERR_OK);
		assert_int_equal(count, 1);
		ask_server_text(&servers[0], text);
		assert_string_equal(text, cases[i].back);
	}
	const char *bad = "nonsense";
	assert_int_equal(ask_resolvers(&bad, 1, servers, &count, &why), ERR_INVALID);
	assert_int_equal(count, 0);
	/* Those of the system, or a sentence. */
	if (ask_resolvers(NULL, 0, servers, &count, &why) == ERR_OK)
		assert_true(count >= 1 && count <= RESOLVERS_MAX && servers[0].port != 0);
	struct address loopback = address_of("127.0.0.1"), elsewhere = address_of("192.0.2.1");
	assert_true(ask_route(&loopback));
	assert_true(ask_local(&loopback));
	assert_false(ask_local(&elsewhere));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_told_as_they_are),
		cmocka_unit_test(all_three_sections_come_whole_and_in_lower_case),
		cmocka_unit_test(the_question_is_put_as_it_should_be),
		cmocka_unit_test(no_two_questions_have_one_id),
		cmocka_unit_test(nobody_there_is_told_at_once),
		cmocka_unit_test(silence_ends_by_itself),
		cmocka_unit_test(more_than_fly_at_once_wait_in_line),
		cmocka_unit_test(a_full_line_refuses),
		cmocka_unit_test(a_callback_may_ask_again),
		cmocka_unit_test(a_callback_may_end_it),
		cmocka_unit_test(servers_are_read_and_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

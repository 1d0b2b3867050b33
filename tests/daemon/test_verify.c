/* verify: asked of servers on loopback, from the resolver to the report. What the parent and our
 * own servers can get wrong is tests/system's; here it is the provider's part, and the limits. */
#include "check.h"

#include "fedns/daemon.h"
#include "stage.h"
#include "verify_errand.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* fed.z.test. lies in z.test., which the provider hosts; test. delegates that to v1.nic.test. at
 * 127.0.0.2. The first server is the resolver and test.'s in one, told apart by RD. */
struct world {
	struct stage stage;
	const char *address;      /* of s.fed.z.test. at the provider */
	bool deaf;                /* nobody answers */
	atomic_uint sample_count; /* questions for records */
};

static bool is(const struct stage_question *question, const char *name, uint16_t type)
{
	return question->type == type && strcmp(question->name, name) == 0;
}

static void resolver_play(const struct stage_question *question, struct wire *out)
{
	if (question->type == TYPE_SOA && strstr(question->name, "z.test.") != NULL)
		wire_soa(out, "z.test.", 60, 60);
	else if (question->type == TYPE_SOA)
		wire_soa_in(out, WIRE_ANSWER, "test.", 60, 60);
	else if (is(question, "test.", TYPE_NS))
		wire_name(out, WIRE_ANSWER, "test.", TYPE_NS, 60, "a.nic.test.");
	else if (is(question, "a.nic.test.", TYPE_A))
		wire_address(out, WIRE_ANSWER, "a.nic.test.", 60, "127.0.0.1");
	else if (is(question, "v1.nic.test.", TYPE_A))
		wire_address(out, WIRE_ANSWER, "v1.nic.test.", 60, "127.0.0.2");
}

static bool provider_play(struct world *world, const struct stage_question *question,
                          struct wire *out)
{
	out->octets[2] |= 0x04; /* AA */
	if (is(question, "z.test.", TYPE_SOA)) {
		wire_soa_in(out, WIRE_ANSWER, "z.test.", 600, 60);
	} else if (is(question, "z.test.", TYPE_NS)) {
		wire_name(out, WIRE_ANSWER, "z.test.", TYPE_NS, 600, "v1.nic.test.");
	} else if (is(question, "s.fed.z.test.", TYPE_A)) {
		atomic_fetch_add(&world->sample_count, 1);
		wire_address(out, WIRE_ANSWER, "s.fed.z.test.", 60, world->address);
	}
	return true;
}

static bool play(void *arg, const struct stage_question *question, struct wire *out)
{
	struct world *world = arg;
	if (world->deaf)
		return false;
	if (question->server == 1)
		return provider_play(world, question, out);
	if (question->recurse)
		resolver_play(question, out);
	else if (is(question, "z.test.", TYPE_NS))
		wire_name(out, WIRE_AUTHORITY, "z.test.", TYPE_NS, 600, "v1.nic.test.");
	return true;
}

struct run {
	struct config *config;
	struct verify_sample sample;
	struct verify_report *report;
	char resolver[32], provider[32];
	const char *servers[1];
};

static void run_start(struct run *run, const struct world *world)
{
	run->config = calloc(1, sizeof *run->config);
	assert_non_null(run->config);
	snprintf(run->resolver, sizeof run->resolver, "127.0.0.1:%u", world->stage.port);
	snprintf(run->provider, sizeof run->provider, "127.0.0.2:%u", world->stage.port);
	run->servers[0] = run->provider;
	run->config->resolvers[0] = run->resolver;
	run->config->resolver_count = 1;
	run->config->answer.zone.zone = name_of("fed.z.test.");
	run->config->answer.zone.ttl_s = 180;
	run->sample = (struct verify_sample){.owner = name_of("s.fed.z.test."),
	                                     .type = TYPE_A,
	                                     .addresses = {address_of("192.0.2.1")},
	                                     .address_count = 1};
}

static struct verify_ask hosted(const struct run *run, const struct world *world)
{
	return (struct verify_ask){.config = run->config,
	                           .hosted = true,
	                           .port = world->stage.port,
	                           .samples = &run->sample,
	                           .sample_count = 1};
}

static const struct verify_report *verified(struct run *run, const struct verify_ask *ask)
{
	struct why why = {{0}};
	verify_report_free(run->report);
	if (verify_run(ask, &run->report, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return run->report;
}

static void run_end(struct run *run)
{
	verify_report_free(run->report);
	free(run->config);
}

static void the_provider_answers_for_a_zone_above(void **state)
{
	(void)state;
	struct world world = {.address = "192.0.2.1"};
	struct run run = {.config = NULL};
	stage_start(&world.stage, play, &world);
	run_start(&run, &world);
	struct verify_ask ask = hosted(&run, &world);
	const struct verify_report *report = verified(&run, &ask);
	struct name zone = name_of("z.test."), parent = name_of("test."), v1 = name_of("v1.nic.test.");
	assert_true(bytes_equal(name_bytes(&report->zone), name_bytes(&zone)));
	assert_true(bytes_equal(name_bytes(&report->parent), name_bytes(&parent)));
	assert_int_equal(report->finding_count, 0);
	assert_int_equal(report->row_count, 2);
	assert_int_equal(report->rows[0].role, VERIFY_PARENT);
	assert_string_equal(report->rows[0].udp, "ok");
	assert_true(bytes_equal(name_bytes(&report->rows[1].server), name_bytes(&v1)));
	assert_string_equal(report->rows[1].udp, "ok");
	assert_string_equal(report->rows[1].tcp, "ok");
	assert_int_equal(report->rows[1].serial, 1);
	assert_int_equal(atomic_load(&world.sample_count), 1);
	run_end(&run);
	stage_stop(&world.stage);
}

static void what_the_provider_says_otherwise_is_found(void **state)
{
	(void)state;
	const struct {
		const char *address;
		bool by_text;
	} cases[] = {
		{"192.0.2.2", false},
		{"192.0.2.3", true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct world world = {.address = cases[i].address};
		struct run run = {.config = NULL};
		stage_start(&world.stage, play, &world);
		run_start(&run, &world);
		struct verify_ask ask = hosted(&run, &world);
		ask.servers = run.servers;
		ask.server_count = cases[i].by_text ? 1 : 0;
		const struct verify_report *report = verified(&run, &ask);
		assert_int_equal(report->finding_count, 1);
		assert_string_equal(report->findings[0].reason, "record-differs");
		assert_int_equal(report->rows[1].server.size == 0, cases[i].by_text);
		run_end(&run);
		stage_stop(&world.stage);
	}
}

static void what_stands_in_the_way_is_said(void **state)
{
	(void)state;
	struct world world = {.address = "192.0.2.1"};
	struct run run = {.config = NULL};
	struct why why = {{0}};
	struct name beside = name_of("other.test.");
	stage_start(&world.stage, play, &world);
	run_start(&run, &world);
	struct verify_ask ask = hosted(&run, &world);
	ask.parent = &beside;
	assert_int_equal(verify_run(&ask, &run.report, &why), ERR_INVALID);
	assert_string_equal(why.text, "the parent other.test. is not above the zone z.test.");
	ask = hosted(&run, &world);
	run.servers[0] = "nonsense";
	ask.servers = run.servers;
	ask.server_count = 1;
	assert_int_equal(verify_run(&ask, &run.report, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "nonsense"));
	ask.config = run.config;
	run.config->answer.zone.zone = name_of(".");
	ask.hosted = false;
	assert_int_equal(verify_run(&ask, &run.report, &why), ERR_INVALID);
	assert_null(run.report);
	run_end(&run);
	stage_stop(&world.stage);
}

/* --- rounds ---------------------------------------------------------------------------------- */

struct outcome {
	unsigned told;
	bool answered;
	char why[WHY_TEXT_SIZE];
};

static void told(void *subject, size_t index, const struct ask_reply *reply)
{
	struct outcome *outcome = (struct outcome *)subject + index;
	outcome->told++;
	outcome->answered = reply->answered;
	snprintf(outcome->why, sizeof outcome->why, "%s", reply->why);
}

static void the_time_for_all_ends_all(void **state)
{
	(void)state;
	enum { COUNT = 100 };
	static struct outcome outcomes[COUNT + 2];
	struct world world = {.deaf = true};
	struct rounds *rounds;
	struct why why = {{0}};
	struct name name = name_of("z.test.");
	stage_start(&world.stage, play, &world);
	const struct ask_server at = {address_of("127.0.0.1"), world.stage.port};
	char text[ASK_SERVER_TEXT_SIZE];
	const char *const resolver = text;
	ask_server_text(&at, text);
	assert_int_equal(rounds_new(&resolver, 1, 100, &rounds, &why), ERR_OK);
	for (size_t i = 0; i < COUNT; i++) {
		const struct errand_to to = {told, outcomes, i};
		rounds_ask(rounds, &at, &name, TYPE_NS, false, to);
	}
	rounds_wait(rounds);
	const struct errand_to late = {told, outcomes, COUNT}, later = {told, outcomes, COUNT + 1};
	rounds_ask(rounds, &at, &name, TYPE_NS, false, late);
	rounds_look_up(rounds, &name, TYPE_NS, later);
	rounds_wait(rounds);
	for (size_t i = 0; i < COUNT + 2; i++) {
		assert_int_equal(outcomes[i].told, 1);
		assert_false(outcomes[i].answered);
		assert_non_null(strstr(outcomes[i].why, "for all questions are over"));
	}
	rounds_free(rounds);
	stage_stop(&world.stage);
}

/* The first resolver is not there; the second answers. */
static void the_next_resolver_is_asked(void **state)
{
	(void)state;
	struct world world = {.address = "192.0.2.1"};
	struct outcome outcomes[3] = {{.told = 0}};
	struct rounds *rounds;
	struct why why = {{0}};
	struct name name = name_of("test.");
	char text[32];
	stage_start(&world.stage, play, &world);
	snprintf(text, sizeof text, "127.0.0.1:%u", world.stage.port);
	const char *const resolvers[] = {"127.0.0.9:1", text};
	assert_int_equal(rounds_new(resolvers, 2, 10000, &rounds, &why), ERR_OK);
	for (size_t i = 0; i < 3; i++) {
		const struct errand_to to = {told, outcomes, i};
		rounds_look_up(rounds, &name, TYPE_NS, to);
		rounds_wait(rounds);
		assert_int_equal(outcomes[i].told, 1);
		assert_true(outcomes[i].answered);
	}
	rounds_free(rounds);
	stage_stop(&world.stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_provider_answers_for_a_zone_above),
		cmocka_unit_test(what_the_provider_says_otherwise_is_found),
		cmocka_unit_test(what_stands_in_the_way_is_said),
		cmocka_unit_test(the_time_for_all_ends_all),
		cmocka_unit_test(the_next_resolver_is_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

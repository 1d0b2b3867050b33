/* compile_service: which addresses stand on which rung, who stays when all are withdrawn, and where
 * a message is full. */
#include "world.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static struct world world;
static struct compiler *compiler;

static int set_up(void **state)
{
	(void)state;
	world_init(&world);
	compiler = compiler_new();
	assert_non_null(compiler);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	compiler_free(compiler);
	world_clear(&world);
	return 0;
}

static void text_add(char *text, const char *fmt, ...) PRINTF(2, 3);

static void text_add(char *text, const char *fmt, ...)
{
	size_t used = strlen(text);
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text + used, WORLD_TEXT_SIZE - used, fmt, args);
	va_end(args);
}

static void rung_text(const struct rung *rung, char *text)
{
	size_t count;
	const struct place *place = &model_places(world.model, &count)[rung->place];
	text_add(text, "%.*s%s%.*s:", BYTES_ARG(place->zone), place->level == LEVEL_ZONE ? "." : "",
	         BYTES_ARG(place->region));
	for (uint16_t i = 0; i < rung->addresses.v4_count; i++)
		text_add(text, " .%u", rung->addresses.v4[4 * i + 3]);
	for (uint16_t i = 0; i < rung->addresses.v6_count; i++)
		text_add(text, " :%u", rung->addresses.v6[16 * i + 15]);
	text_add(text, "; ");
}

/* The rungs of the first service: "PLACE: .LAST-OCTET :LAST-OCTET; ". */
static const char *compiled(struct ladder *ladder)
{
	static char text[WORLD_TEXT_SIZE];
	text[0] = '\0';
	assert_int_equal(compile_service(compiler, world.model, &world.policy.zone, 0, &world.findings,
	                                 ladder, &world.why),
	                 ERR_OK);
	for (size_t i = 0; i < ladder->rung_count; i++)
		rung_text(&ladder->rungs[i], text);
	return text;
}

static void a_rung_is_the_union_sorted_and_once_each(void **state)
{
	(void)state;
	struct ladder ladder;
	world_cluster(&world, "a", "ra: za", READY_TRUE, 0);
	world_cluster(&world, "b", "ra: za, zb", READY_TRUE, 0);
	world_cluster(&world, "c", "rc", READY_TRUE, 0);
	world_service(&world, "ns/svc",
	              "a=192.0.2.9,192.0.2.1 b=192.0.2.1,192.0.2.5,2001:db8::1 c=192.0.2.7 d=192.0.2.8 "
	              "e=");
	world_commit(&world, COMMIT_REPLACE);
	assert_string_equal(compiled(&ladder), ": .1 .5 .7 .8 .9 :1; ra: .1 .5 .9 :1; rc: .7; "
	                                       "za.ra: .1 .5 .9 :1; zb.ra: .1 .5 :1; ");
	assert_int_equal(ladder.key_size, 7);
	assert_memory_equal(ladder.key, "\3svc\2ns", 7);
	assert_null(ladder_rung(&ladder, 6));
	assert_int_equal(ladder_rung(&ladder, 2)->place, 2);
}

static void host_names_give_their_addresses(void **state)
{
	(void)state;
	struct ladder ladder;
	world_cluster(&world, "a", "ra: za", READY_TRUE, 0);
	world_service(&world, "ns/svc", "a=192.0.2.1,lb.example.net,gone.example.net");
	world_commit(&world, COMMIT_REPLACE);
	world_resolved(&world, "lb.example.net", 4, "192.0.2.7,192.0.2.1");
	world_resolved(&world, "lb.example.net", 6, "2001:db8::7");
	assert_string_equal(compiled(&ladder), ": .1 .7 :7; ra: .1 .7 :7; za.ra: .1 .7 :7; ");
}

static void options_of_the_service_win(void **state)
{
	(void)state;
	struct ladder ladder;
	world_service(&world, "ns/svc", "a=192.0.2.1");
	world_commit(&world, COMMIT_REPLACE);
	(void)compiled(&ladder);
	assert_int_equal(ladder.ttl_s, 180);
	assert_int_equal(ladder.rungs[0].ttl_s, 180);
	assert_false(ladder.flatten);
	world_service_with(&world, "ns/svc", "a=192.0.2.1", 7, FALLBACK_FLATTEN, ALL_DOWN_DEFAULT);
	world_commit(&world, COMMIT_CHANGES);
	(void)compiled(&ladder);
	assert_int_equal(ladder.ttl_s, 7);
	assert_int_equal(ladder.rungs[0].ttl_s, 7);
	assert_true(ladder.flatten);
}

/* Rule 9: `a` is withdrawn 60 s after it went down, `b` 40 s later. */
static void time_pass(int64_t after_ms)
{
	world.now_ms += after_ms;
	(void)model_tick(world.model, world.now_ms);
	world_publish(&world);
}

static void when_all_are_withdrawn_the_policy_decides(void **state)
{
	(void)state;
	const struct {
		enum all_down all_down;
		const char *rungs;
	} cases[] = {{ALL_DOWN_DEFAULT, ": .2; rb: .2; "},
	             {ALL_DOWN_LAST, ": .2; rb: .2; "},
	             {ALL_DOWN_ALL, ": .1 .2; ra: .1; rb: .2; "},
	             {ALL_DOWN_EMPTY, ""}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ladder ladder;
		world_cluster(&world, "a", "ra", READY_FALSE, world.now_ms);
		world_service_with(&world, "ns/svc", "a=192.0.2.1 b=192.0.2.2", 0, FALLBACK_DEFAULT,
		                   cases[i].all_down);
		world_cluster(&world, "b", "rb", READY_TRUE, 0);
		world_commit(&world, COMMIT_REPLACE);
		time_pass(59999);
		assert_string_equal(compiled(&ladder), ": .1 .2; ra: .1; rb: .2; ");
		time_pass(1);
		assert_string_equal(compiled(&ladder), ": .2; rb: .2; ");
		world_cluster(&world, "b", "rb", READY_FALSE, world.now_ms);
		world_commit(&world, COMMIT_CHANGES);
		time_pass(60000);
		assert_string_equal(compiled(&ladder), cases[i].rungs);
	}
}

static void withdrawn_together_all_stay(void **state)
{
	(void)state;
	struct ladder ladder;
	world_cluster(&world, "a", "ra", READY_FALSE, 1);
	world_cluster(&world, "b", "rb", READY_FALSE, 2);
	world_service(&world, "ns/svc", "a=192.0.2.1 b=192.0.2.2 c=");
	world_commit(&world, COMMIT_REPLACE);
	assert_string_equal(compiled(&ladder), ": .1 .2; ra: .1; rb: .2; ");
	world_service(&world, "ns/svc", "a=192.0.2.1 b=192.0.2.2 c=192.0.2.3");
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(compiled(&ladder), ": .3; ");
}

/* "LEVEL REASON; ", each that climbs. */
static const char *climbs(const struct ladder *ladder)
{
	static char text[WORLD_TEXT_SIZE];
	size_t count;
	const struct place *places = model_places(world.model, &count);
	text[0] = '\0';
	for (size_t i = 0; i < ladder->climb_count; i++)
		text_add(text, "%s %s; ", level_text(places[ladder->climbs[i].place].level),
		         reason_text(ladder->climbs[i].reason));
	return text;
}

static struct verdict out_of(const char *cluster, uint8_t octet, int64_t since_ms,
                             enum reason reason)
{
	return (struct verdict){.cluster = world_cluster_id(&world, cluster),
	                        .address = {4, {192, 0, 2, octet}},
	                        .out = true,
	                        .since_ms = since_ms,
	                        .reason = (uint8_t)reason};
}

static void tells_why_a_level_has_no_rung(void **state)
{
	(void)state;
	struct ladder ladder;
	world.policy.zone.min_healthy.count = 2;
	world_cluster(&world, "a", "ra: za", READY_TRUE, 0);
	world_cluster(&world, "b", "rb", READY_TRUE, 0);
	world_service(&world, "ns/svc", "a=192.0.2.1,192.0.2.2 b=192.0.2.3");
	world_commit(&world, COMMIT_REPLACE);
	const struct verdict verdicts[] = {out_of("a", 1, 9, REASON_PROBE_BAD),
	                                   out_of("a", 2, 5, REASON_DRAINED),
	                                   out_of("b", 3, 7, REASON_FORCED_DOWN)};
	world_verdicts(&world, "ns/svc", verdicts, 1);
	assert_string_equal(compiled(&ladder), ": .2 .3; rb: .3; ");
	assert_false(ladder.all_down);
	assert_string_equal(climbs(&ladder), "region min-healthy; zone min-healthy; ");
	world_verdicts(&world, "ns/svc", verdicts, 2);
	assert_string_equal(compiled(&ladder), ": .3; rb: .3; ");
	/* the last one that went, for with it went the level */
	assert_string_equal(climbs(&ladder), "region probe-bad; zone probe-bad; ");
	world_verdicts(&world, "ns/svc", verdicts, 3);
	assert_string_equal(compiled(&ladder), ": .1; ra: .1; za.ra: .1; ");
	assert_true(ladder.all_down);
	assert_string_equal(climbs(&ladder), "global probe-bad; region forced-down; ");
	world_verdicts(&world, "ns/svc", NULL, 0);
	(void)compiled(&ladder);
	assert_false(ladder.all_down);
	assert_int_equal(ladder.climb_count, 0);
}

/* What changes nothing in the records changes nothing in the entry: no new serial, no push. */
static void who_is_on_the_way_back_is_still_out_for_his_probes(void **state)
{
	(void)state;
	static const enum reason REASONS_BACK[] = {REASON_PROBE_BAD, REASON_RISING, REASON_HOLD};
	struct ladder ladder;
	world_cluster(&world, "a", "ra", READY_TRUE, 0);
	world_cluster(&world, "b", "rb", READY_TRUE, 0);
	world_service(&world, "ns/svc", "a=192.0.2.1 b=192.0.2.3");
	world_commit(&world, COMMIT_REPLACE);
	for (size_t i = 0; i < 3; i++) {
		const struct verdict verdict = out_of("a", 1, 9, REASONS_BACK[i]);
		world_verdicts(&world, "ns/svc", &verdict, 1);
		assert_string_equal(compiled(&ladder), ": .3; rb: .3; ");
		assert_string_equal(climbs(&ladder), "region probe-bad; ");
	}
}

static void a_level_climbs_for_its_cluster_or_for_want_of_one_family(void **state)
{
	(void)state;
	struct ladder ladder;
	world_cluster(&world, "a", "ra", READY_TRUE, 0);
	world_cluster(&world, "b", "rb", READY_TRUE, 0);
	world_service(&world, "ns/svc", "a=192.0.2.1,2001:db8::1 b=192.0.2.3,2001:db8::3");
	world_commit(&world, COMMIT_REPLACE);
	const struct verdict verdict = out_of("a", 1, 9, REASON_PROBE_BAD);
	world_verdicts(&world, "ns/svc", &verdict, 1);
	assert_string_equal(compiled(&ladder), ": .3 :1 :3; rb: .3 :3; ");
	assert_string_equal(climbs(&ladder), "region one-family; ");
	world_verdicts(&world, "ns/svc", NULL, 0);
	world_cluster(&world, "a", "ra", READY_FALSE, world.now_ms - 60000);
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(compiled(&ladder), ": .3 :3; rb: .3 :3; ");
	assert_string_equal(climbs(&ladder), "region not-ready; ");
}

static void a_level_holds_what_a_message_carries(void **state)
{
	(void)state;
	struct ladder ladder;
	char ingresses[65536] = "";
	size_t used = 0;
	for (unsigned c = 0; c < 90; c++) {
		used += (size_t)snprintf(ingresses + used, sizeof ingresses - used, "c%u=", c);
		for (unsigned i = 0; i < 64; i++)
			used +=
				(size_t)snprintf(ingresses + used, sizeof ingresses - used, "10.%u.0.%u,", c, i);
		used += (size_t)snprintf(ingresses + used, sizeof ingresses - used, " ");
	}
	world_service(&world, "ns/svc", ingresses);
	assert_int_equal(
		model_commit(world.model, COMMIT_REPLACE, world.now_ms, &world.findings, &world.why),
		ERR_OK);
	world.finding_count = 0;
	(void)compiled(&ladder);
	assert_int_equal(ladder.rungs[0].addresses.v4_count, LEVEL_V4_MAX);
	assert_int_equal(world.finding_count, 1);
	assert_int_equal(world.last_finding.reason, FINDING_LIMIT);
	assert_non_null(strstr(world.last_finding.text, "service ns/svc: 5760 IPv4 addresses"));
	world_publish(&world);
	assert_true(strlen(world_ask(&world, "svc.ns.fed.svc.example", TYPE_A)) > 1000);
	assert_non_null(strstr(world.text, "NOERROR aa; svc.ns.fed.svc.example. A 10.0.0.0, "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_rung_is_the_union_sorted_and_once_each),
		TEST(host_names_give_their_addresses),
		TEST(options_of_the_service_win),
		TEST(when_all_are_withdrawn_the_policy_decides),
		TEST(withdrawn_together_all_stay),
		TEST(tells_why_a_level_has_no_rung),
		TEST(who_is_on_the_way_back_is_still_out_for_his_probes),
		TEST(a_level_climbs_for_its_cluster_or_for_want_of_one_family),
		TEST(a_level_holds_what_a_message_carries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

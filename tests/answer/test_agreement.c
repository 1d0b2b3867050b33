/* Random federations, changed step by step: every RRset that the compiler gives is what the answers
 * give, and a zone that lived through all changes answers as one that was built at the end.
 * Deterministic: the seed is the step.
 */
#include "world.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

enum { ROUNDS = 4, STEPS = 25, SERVICES = 12, CLUSTERS = 5 };

struct random {
	uint32_t state;
};

static unsigned pick(struct random *random, unsigned below)
{
	random->state = random->state * 1664525u + 1013904223u;
	return (random->state >> 8) % below;
}

static void random_cluster(struct random *random, struct world *world, unsigned i)
{
	static const char *const PLACES[] = {"", "ra", "ra: z1", "rb: z1, z2", "ra: z1, z2", "rc: z9"};
	char name[8];
	(void)snprintf(name, sizeof name, "c%u", i);
	enum ready ready = pick(random, 4) == 0 ? READY_FALSE : READY_TRUE;
	world_cluster(world, name, PLACES[pick(random, 6)], ready, world->now_ms - 70000);
}

static void random_service(struct random *random, struct world *world, unsigned i)
{
	char name[32], ingresses[512] = "";
	(void)snprintf(name, sizeof name, "ns%u/svc%u", i % 3, i);
	for (unsigned c = 0; c < CLUSTERS + 1; c++) {
		size_t used = strlen(ingresses);
		if (pick(random, 2) == 0)
			continue;
		(void)snprintf(ingresses + used, sizeof ingresses - used, "c%u=%s10.0.%u.%u,%s ", c,
		               pick(random, 4) == 0 ? "lb.example.net," : "", c, pick(random, 4),
		               pick(random, 3) == 0 ? "2001:db8::1" : "");
	}
	static const char *const PORTS[] = {NULL, "http:80", "http:81 dns:53/UDP dns:53"};
	world_ports(world, PORTS[pick(random, 3)]);
	if (ingresses[0] == '\0' || pick(random, 4) == 0)
		world_gone(world, name);
	else
		world_service_with(world, name, ingresses, pick(random, 3), pick(random, 3),
		                   pick(random, 4));
}

/* Health speaks of some of a service's addresses, and of some that it has not. */
static void random_verdicts(struct random *random, struct world *world, uint32_t id)
{
	struct service_view view;
	struct ingress_view ingress;
	struct verdict verdicts[32];
	size_t count = 0;
	if (!model_service(world->model, id, &view))
		return;
	while (model_ingress_next(&view, &ingress)) {
		for (uint16_t i = 0; i < ingress.direct.v4_count && count < 16; i++) {
			struct verdict *verdict = &verdicts[count];
			*verdict = (struct verdict){.cluster = ingress.cluster, .address = {.family = 4}};
			memcpy(verdict->address.octets, ingress.direct.v4 + V4_SIZE * i, V4_SIZE);
			verdict->out = pick(random, 2) == 0;
			verdict->unsteady = pick(random, 4) == 0;
			verdict->since_ms = world->now_ms - pick(random, 30000);
			count += pick(random, 3) != 0;
		}
		verdicts[count++] = (struct verdict){.cluster = ingress.cluster,
		                                     .address = {6, {0x20, 1, 0x0d, 0xb8, [15] = 1}},
		                                     .out = pick(random, 3) == 0,
		                                     .unsteady = pick(random, 3) == 0,
		                                     .since_ms = 1};
	}
	assert_int_equal(model_set_verdicts(world->model, id, verdicts, count, &world->why), ERR_OK);
}

/* One change of the world, as a source would bring it. */
static void random_step(struct random *random, struct world *world)
{
	for (unsigned n = pick(random, 4); n > 0; n--)
		random_service(random, world, pick(random, SERVICES));
	if (pick(random, 5) == 0)
		random_cluster(random, world, pick(random, CLUSTERS));
	world_commit(world, COMMIT_CHANGES);
	for (unsigned n = pick(random, 4); n > 0; n--)
		random_verdicts(random, world, pick(random, SERVICES));
	if (pick(random, 4) == 0)
		world_resolved(world, "lb.example.net.", 4, pick(random, 2) == 0 ? "10.9.0.1" : "");
	world->now_ms += 20000;
	(void)model_tick(world->model, world->now_ms);
	world_publish(world);
}

/* --- the compiler and the answers agree --------------------------------------------------- */

static enum err set_check(void *arg, const struct rrset *set, struct why *why)
{
	struct world *world = arg;
	char owner[NAME_TEXT_SIZE];
	struct buf expected;
	buf_init(&expected, WORLD_TEXT_SIZE);
	name_text(set->owner, owner);
	assert_int_equal(buf_printf(&expected, "NOERROR aa; "), ERR_OK);
	for (uint16_t i = 0; i < set->count; i++) {
		char type[16];
		type_text(set->type, type);
		assert_int_equal(buf_printf(&expected, "%s%s %s ", i == 0 ? "" : ", ", owner, type),
		                 ERR_OK);
		assert_int_equal(rdata_text(set, i, &expected, why), ERR_OK);
	}
	const char *answer = world_ask(world, owner, set->type);
	assert_true(strlen(answer) > expected.size);
	assert_memory_equal(answer, expected.data, expected.size);
	assert_int_equal(answer[expected.size], ';');
	assert_int_equal(world_ask_ttl(world, owner, set->type), set->ttl_s);
	buf_free(&expected);
	return ERR_OK;
}

static enum err set_tally(void *arg, const struct rrset *set, struct why *why)
{
	struct record_counts *counts = arg;
	(void)why;
	uint32_t *count = set->type == TYPE_A      ? &counts->a
	                  : set->type == TYPE_AAAA ? &counts->aaaa
	                  : set->type == TYPE_SRV  ? &counts->srv
	                                           : &counts->cname;
	*count += (uint32_t)set->count;
	return ERR_OK;
}

/* What is said of the RRsets, type by type, is what they are. */
static size_t counts_check(struct world *world, const struct ladder *ladder,
                           const struct tail *tails, size_t count)
{
	struct record_counts told, are = {.a = 0};
	ladder_records(ladder, tails, count, &told);
	assert_int_equal(
		ladder_rrsets(ladder, tails, count, &world->findings, set_tally, &are, &world->why),
		ERR_OK);
	assert_int_equal(told.a, are.a);
	assert_int_equal(told.aaaa, are.aaaa);
	assert_int_equal(told.cname, are.cname);
	assert_int_equal(told.srv, are.srv);
	return record_total(&told);
}

static size_t agreement_check(struct world *world)
{
	static struct tail tails[PLACES_MAX];
	struct compiler *compiler = compiler_new();
	size_t count = compile_tails(world->model, &world->policy.zone, &world->findings, tails);
	size_t records = 0;
	for (uint32_t id = 0; id < model_service_limit(world->model); id++) {
		struct service_view view;
		struct ladder ladder;
		if (!model_service(world->model, id, &view))
			continue;
		assert_int_equal(compile_service(compiler, world->model, &world->policy.zone, id,
		                                 &world->findings, &ladder, &world->why),
		                 ERR_OK);
		records += counts_check(world, &ladder, tails, count);
		assert_int_equal(
			ladder_rrsets(&ladder, tails, count, &world->findings, set_check, world, &world->why),
			ERR_OK);
	}
	compiler_free(compiler);
	return records;
}

/* --- a zone with a past answers as a new one ---------------------------------------------- */

static void names_check(struct world *world, struct zone *fresh)
{
	static const char *const HEADS[] = {"",
	                                    "svc.",
	                                    "fed.svc.",
	                                    "ns0.fed.svc.",
	                                    "ns1.fed.svc.",
	                                    "svc0.ns0.fed.svc.",
	                                    "svc1.ns1.fed.svc.",
	                                    "svc5.ns2.fed.svc.",
	                                    "svc9.ns0.fed.svc.",
	                                    "_tcp.svc0.ns0.fed.svc.",
	                                    "_http._tcp.svc0.ns0.fed.svc.",
	                                    "_dns._udp.svc5.ns2.fed.svc."};
	static const uint16_t TYPES[] = {TYPE_A, TYPE_SRV};
	static const char *const TAILS[] = {"example.", "ra.example.", "z1.ra.example.",
	                                    "z2.rb.example.", "z9.rc.example."};
	struct zone *lived = world->zone;
	for (size_t h = 0; h < sizeof HEADS / sizeof HEADS[0]; h++) {
		for (size_t t = 0; t < sizeof TAILS / sizeof TAILS[0]; t++) {
			char name[128], answer[WORLD_TEXT_SIZE];
			const uint16_t type = TYPES[(h + t) % 2];
			(void)snprintf(name, sizeof name, "%s%s", HEADS[h], TAILS[t]);
			world->zone = fresh;
			(void)snprintf(answer, sizeof answer, "%s", world_ask(world, name, type));
			world->zone = lived;
			assert_string_equal(world_ask(world, name, type), answer);
		}
	}
}

static void fresh_check(struct world *world, size_t records)
{
	struct zone *fresh = zone_new(1, 99);
	struct zone_stats lived_stats, fresh_stats;
	assert_int_equal(zone_set_policy(fresh, &world->policy, &world->why), ERR_OK);
	assert_int_equal(zone_update(fresh, world->model, 1, &world->findings, &world->why), ERR_OK);
	zone_stats(world->zone, &lived_stats);
	zone_stats(fresh, &fresh_stats);
	assert_int_equal(lived_stats.records, records);
	assert_int_equal(fresh_stats.records, records);
	assert_int_equal(lived_stats.services, fresh_stats.services);
	assert_int_equal(fresh_stats.services, model_service_count(world->model));
	names_check(world, fresh);
	zone_free(fresh);
}

static void answers_agree_with_records_after_any_changes(void **state)
{
	(void)state;
	size_t records = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct world world;
		struct random random = {round};
		world_init(&world);
		world.policy.zone.ttl_min_s = round;
		world.policy.zone.last_window_ms = 10000;
		world.policy.zone.min_healthy.count = round == 2 ? 2 : 0;
		world.policy.zone.min_healthy.percent = round == 3 ? 60 : 0;
		assert_int_equal(zone_set_policy(world.zone, &world.policy, &world.why), ERR_OK);
		for (unsigned i = 0; i < CLUSTERS; i++)
			random_cluster(&random, &world, i);
		for (unsigned step = 0; step < STEPS; step++) {
			random_step(&random, &world);
			size_t now = agreement_check(&world);
			records += now;
			fresh_check(&world, now);
		}
		world_clear(&world);
	}
	assert_true(records > ROUNDS * STEPS); /* there was something to compare */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_agree_with_records_after_any_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

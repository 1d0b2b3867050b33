/* The path from a question to its answer asks for no memory and takes no lock, whatever is asked.
 * (That the thread makes no system calls beside the two is seen in serve/test_batch_path and, of
 * the real program, in system/test_path.) */
#include "tally.h"
#include "world.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

enum { ROUNDS = 500, MUTATIONS = 20 };

static const struct kind {
	const char *name;
	uint16_t type;
	uint8_t class;
} KINDS[] = {
	{"one.ns.fed.svc.example", TYPE_A, CLASS_IN},
	{"one.ns.fed.svc.example", TYPE_AAAA, CLASS_IN},
	{"one.ns.fed.svc.example", 255, CLASS_IN},
	{"one.ns.fed.svc.za.ra.example", TYPE_A, CLASS_IN},
	{"one.ns.fed.svc.zb.rb.example", TYPE_A, CLASS_IN}, /* the ladder */
	{"many.ns.fed.svc.example", TYPE_A, CLASS_IN},      /* truncated */
	{"OnE.nS.fEd.SvC.eXaMpLe", TYPE_A, CLASS_IN},
	{"no.ns.fed.svc.example", TYPE_A, CLASS_IN},
	{"ns.fed.svc.example", TYPE_A, CLASS_IN},
	{"example", TYPE_SOA, CLASS_IN},
	{"example", TYPE_NS, CLASS_IN},
	{"ns1.example", TYPE_A, CLASS_IN},
	{"elsewhere", TYPE_A, CLASS_IN},
	{"version.bind", TYPE_TXT, CLASS_CH},
};

static struct world world;
static uint8_t message[1024], answer[MESSAGE_SIZE_MAX];
static uint32_t chance = 1;

static void set_up_world(void)
{
	char many[2048] = "c=";
	for (unsigned i = 1; i <= 60; i++) {
		size_t used = strlen(many);
		(void)snprintf(many + used, sizeof many - used, "192.0.2.%u,", i);
	}
	world_init(&world);
	world_cluster(&world, "c", "ra: za", READY_TRUE, 0);
	world_cluster(&world, "d", "rb: zb", READY_TRUE, 0);
	world_service(&world, "ns/one", "c=192.0.2.1,192.0.2.2,192.0.2.3");
	world_service(&world, "ns/many", many);
	world_commit(&world, COMMIT_REPLACE);
	(void)snprintf(world.policy.identity.version, IDENTITY_TEXT_SIZE, "fedns 1");
	(void)snprintf(world.policy.identity.id, IDENTITY_TEXT_SIZE, "pod-7");
	memset(world.policy.cookies.secrets[0], 7, COOKIE_SECRET_SIZE);
	world.policy.cookies.secret_count = 1;
	assert_int_equal(zone_set_policy(world.zone, &world.policy, &world.why), ERR_OK);
	zone_set_stale(world.zone, true);
	world_publish(&world);
}

static unsigned chance_of(unsigned below)
{
	chance = chance * 1664525u + 1013904223u;
	return (chance >> 8) % below;
}

/* The question, with EDNS, a client cookie and a wish for NSID if `edns`. */
static size_t make(const struct kind *kind, bool edns)
{
	static const uint8_t OPT[] = {0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 16, 0, 3, 0,
	                              0, 0, 10, 0, 8,    1, 2, 3, 4, 5, 6,  7, 8};
	size_t size = world_query(kind->name, kind->type, message);
	message[size - 1] = kind->class;
	if (!edns)
		return size;
	message[11] = 1;
	memcpy(message + size, OPT, sizeof OPT);
	return size + sizeof OPT;
}

/* As a worker does: enter, answer, leave. Nothing of the test's own is in what is counted. */
static void answer_counted(size_t size, bool tcp, struct answer_counters *counters)
{
	const struct query query = {.data = message,
	                            .size = size,
	                            .client = {4, {198, 51, 100, 1}},
	                            .tcp = tcp,
	                            .keepalive_100ms = 100,
	                            .now_s = 1559731985};
	tally_begin();
	const struct root *root = zone_enter(world.zone, 0);
	(void)respond(root, counters, &query, answer, tcp ? sizeof answer : 4096);
	zone_leave(world.zone, 0);
	struct tally tally = tally_end();
	assert_int_equal(tally.memory, 0);
	assert_int_equal(tally.locks, 0);
	assert_int_equal(tally.receives + tally.sends + tally.clocks + tally.other_calls, 0);
}

static void ask_all_ways(const struct kind *kind, struct answer_counters *counters)
{
	for (unsigned way = 0; way < 4; way++) {
		size_t size = make(kind, (way & 1) != 0);
		answer_counted(size, (way & 2) != 0, counters);
	}
}

static void no_memory_and_no_lock_for_any_kind_of_question(void **state)
{
	(void)state;
	struct answer_counters counters = {0};
	for (unsigned i = 0; i < ROUNDS; i++) {
		for (size_t k = 0; k < sizeof KINDS / sizeof KINDS[0]; k++)
			ask_all_ways(&KINDS[k], &counters);
	}
	/* The questions were of all kinds indeed. */
	assert_int_equal(counters.queries, ROUNDS * 4 * sizeof KINDS / sizeof KINDS[0]);
	assert_true(counters.truncated >= ROUNDS);
	assert_true(counters.rcodes[RCODE_NOERROR] >= ROUNDS);
	assert_true(counters.rcodes[RCODE_NXDOMAIN] >= ROUNDS);
	assert_true(counters.rcodes[RCODE_REFUSED] >= ROUNDS);
}

static void no_memory_and_no_lock_for_garbage(void **state)
{
	(void)state;
	struct answer_counters counters = {0};
	for (unsigned i = 0; i < ROUNDS * 10; i++) {
		size_t size = make(&KINDS[i % (sizeof KINDS / sizeof KINDS[0])], true);
		for (unsigned m = chance_of(MUTATIONS); m > 0; m--)
			message[chance_of((unsigned)size)] = (uint8_t)chance_of(256);
		answer_counted(chance_of(4) == 0 ? chance_of((unsigned)size) : size, i % 2 == 0, &counters);
	}
	assert_true(counters.dropped[ANSWER_DROP_SHORT] > 0 && counters.rcodes[RCODE_FORMERR] > 0);
}

/* What the two above would see if there were anything. */
static void what_is_done_is_counted(void **state)
{
	(void)state;
	tally_begin();
	world_service(&world, "ns/one", "c=192.0.2.9");
	struct tally tally = tally_end();
	assert_true(tally.memory > 0);
}

static int set_up(void **state)
{
	(void)state;
	set_up_world();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_clear(&world);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_memory_and_no_lock_for_any_kind_of_question),
		cmocka_unit_test(no_memory_and_no_lock_for_garbage),
		cmocka_unit_test(what_is_done_is_counted),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* lease_state: several replicas and one API server on a simulated network, each replica with a
 * clock of its own that runs fast or slow and a wall clock that jumps. Calls are late, lost, or
 * done without a word, long after they were given up too; replicas are stopped for a while, killed,
 * and end. At no moment do two of them hold the Lease, each judging by its own clock. */
#include "check.h"

#include "lease_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_MS      20
#define HOURS_MS     (INT64_C(2) * 3600 * 1000)
#define REPLICAS_MAX 3
#define FLYING_MAX   64 /* calls that were given up fly on for half a minute at most */
#define WALL_MS      INT64_C(1767225600000)

/* A call on its way. */
struct flight {
	bool flying, silent; /* silent: no word comes back */
	unsigned replica, number;
	enum lease_want want;
	unsigned version;
	struct lease_record record;
	int64_t arrives_ms, replies_ms; /* true time */
	bool arrived;
	enum lease_reply reply;
	unsigned reply_version;
};

struct replica {
	struct lease_state state;
	bool gone;          /* until it is started again */
	int64_t stopped_ms; /* true time until which it doesn't run */
	int64_t from_ms;    /* of its clock: what it says when the true time is 0 */
	int64_t permille;   /* how much faster it runs */
	int64_t wall_from_ms;
	bool wall_stands;     /* its wall clock, still */
	unsigned version;     /* of the object as read last */
	unsigned call, calls; /* the call that is out, and how many there were */
	int64_t sent_ms;      /* by its own clock */
};

struct world {
	struct backoff random;
	int64_t now_ms;  /* the true time */
	unsigned faults; /* in a thousand */
	struct replica replicas[REPLICAS_MAX];
	unsigned count, born;
	struct flight flights[FLYING_MAX];
	bool exists;
	unsigned version;
	struct lease_record record;
	unsigned leader; /* who held it last, and since when nobody does */
	unsigned changes;
	int64_t held_ms, nobody_ms;
};

static int64_t pick(struct world *world, int64_t from, int64_t to)
{
	return from + (int64_t)backoff_random(&world->random, 0, (uint64_t)(to - from));
}

static bool fault(struct world *world)
{
	return pick(world, 0, 1000) < world->faults;
}

static int64_t local_ms(const struct world *world, const struct replica *replica)
{
	return replica->from_ms + world->now_ms + world->now_ms * replica->permille / 1000;
}

static void replica_start(struct world *world, unsigned at)
{
	struct replica *replica = &world->replicas[at];
	char identity[LEASE_IDENTITY_SIZE];
	*replica = (struct replica){.from_ms = pick(world, 0, 1000000),
	                            .permille = pick(world, -100, 101),
	                            .wall_from_ms = WALL_MS + pick(world, -1000000, 1000000),
	                            .calls = 1000 * ++world->born};
	(void)snprintf(identity, sizeof identity, "replica_%u", world->born);
	lease_state_init(&replica->state, identity, (uint64_t)pick(world, 0, INT32_MAX),
	                 local_ms(world, replica));
}

/* --- the API server ----------------------------------------------------------------------- */

static void arrive(struct world *world, struct flight *flight)
{
	flight->arrived = true;
	if (flight->want == LEASE_GET) {
		flight->reply = world->exists ? LEASE_FOUND : LEASE_MISSING;
	} else if (world->exists == (flight->want == LEASE_CREATE) ||
	           (world->exists && flight->version != world->version)) {
		flight->reply = LEASE_CONFLICT;
	} else {
		world->exists = true;
		world->version++;
		world->record = flight->record;
		flight->reply = LEASE_WRITTEN;
	}
	flight->record = world->record;
	flight->reply_version = world->version;
}

static void reply(struct world *world, struct flight *flight)
{
	struct replica *replica = &world->replicas[flight->replica];
	bool read = flight->reply == LEASE_FOUND || flight->reply == LEASE_WRITTEN;
	flight->flying = false;
	if (replica->call != flight->number || flight->silent)
		return;
	replica->call = 0;
	if (read)
		replica->version = flight->reply_version;
	lease_state_reply(&replica->state, flight->reply, read ? &flight->record : NULL,
	                  replica->sent_ms, local_ms(world, replica));
}

/* What is read by a replica that doesn't run waits until it does. */
static void flights_go(struct world *world)
{
	for (unsigned i = 0; i < FLYING_MAX; i++) {
		struct flight *flight = &world->flights[i];
		if (!flight->flying)
			continue;
		if (!flight->arrived && world->now_ms >= flight->arrives_ms)
			arrive(world, flight);
		const struct replica *replica = &world->replicas[flight->replica];
		if (flight->arrived && world->now_ms >= flight->replies_ms &&
		    world->now_ms >= replica->stopped_ms && !replica->gone)
			reply(world, flight);
		else if (flight->arrived && replica->gone)
			flight->flying = false;
	}
}

/* --- a replica ---------------------------------------------------------------------------- */

/* As client-go sees it: to the second. */
static struct lease_record record_of(struct world *world, struct replica *replica)
{
	const struct lease_claim *claim = &replica->state.claim;
	struct lease_record record = {.duration_s = claim->release ? 1 : 15,
	                              .transitions = claim->transitions};
	int64_t wall_ms = replica->wall_from_ms + (replica->wall_stands ? 0 : world->now_ms);
	int64_t renewal_ms = lease_state_renewal(&replica->state, wall_ms);
	if (!claim->release)
		(void)snprintf(record.holder, sizeof record.holder, "%s", replica->state.identity);
	record.mark = hash_bytes(bytes_of(record.holder), (uint64_t)(renewal_ms / 1000));
	return record;
}

static void send_off(struct world *world, unsigned at, enum lease_want want)
{
	struct replica *replica = &world->replicas[at];
	struct flight *flight = world->flights;
	while (flight->flying)
		assert_true(++flight < world->flights + FLYING_MAX);
	bool late = fault(world);
	replica->call = ++replica->calls;
	replica->sent_ms = local_ms(world, replica);
	*flight = (struct flight){.flying = true,
	                          .replica = at,
	                          .number = replica->call,
	                          .want = want,
	                          .version = replica->version,
	                          .silent = fault(world),
	                          .arrives_ms = world->now_ms + pick(world, 1, late ? 20000 : 50)};
	flight->replies_ms = flight->arrives_ms + pick(world, 1, fault(world) ? 12000 : 50);
	if (want != LEASE_GET)
		flight->record = record_of(world, replica);
}

static void replica_run(struct world *world, unsigned at)
{
	struct replica *replica = &world->replicas[at];
	int64_t now_ms = local_ms(world, replica), at_ms;
	if (replica->call != 0 && now_ms - replica->sent_ms >= LEASE_CALL_MS) {
		replica->call = 0;
		lease_state_reply(&replica->state, LEASE_FAILED, NULL, replica->sent_ms, now_ms);
	}
	enum lease_want want = lease_state_next(&replica->state, now_ms, &at_ms);
	if (want != LEASE_WAIT)
		send_off(world, at, want);
	if (replica->state.role == LEASE_RELEASED)
		replica->gone = true;
}

/* Once in two minutes or so of each. */
static void replica_hurt(struct world *world, unsigned at)
{
	struct replica *replica = &world->replicas[at];
	if (world->faults == 0 || pick(world, 0, 120000 / STEP_MS) != 0)
		return;
	switch (pick(world, 0, 5)) {
	case 0:
		replica->gone = true;
		break;
	case 1:
		if (replica->state.role == LEASE_LEADER || replica->state.role == LEASE_CANDIDATE) {
			replica->call = 0;
			lease_state_release(&replica->state, local_ms(world, replica));
		}
		break;
	case 2:
		replica->wall_from_ms += pick(world, -100000, 100000);
		break;
	default:
		replica->stopped_ms = world->now_ms + pick(world, 1, 40000);
		break;
	}
}

/* --- the world ---------------------------------------------------------------------------- */

static void holders_check(struct world *world)
{
	unsigned holders = 0, who = 0;
	for (unsigned i = 0; i < world->count; i++) {
		const struct replica *replica = &world->replicas[i];
		if (replica->gone || !lease_state_held(&replica->state, local_ms(world, replica)))
			continue;
		holders++;
		who = i;
	}
	assert_true(holders <= 1);
	if (holders == 0)
		return;
	world->changes += who != world->leader;
	world->leader = who;
	world->held_ms += STEP_MS;
	world->nobody_ms = world->now_ms;
}

static void step(struct world *world)
{
	world->now_ms += STEP_MS;
	flights_go(world);
	holders_check(world);
	for (unsigned i = 0; i < world->count; i++) {
		struct replica *replica = &world->replicas[i];
		if (replica->gone) {
			if (world->faults != 0 && pick(world, 0, 20000 / STEP_MS) == 0)
				replica_start(world, i);
			continue;
		}
		if (world->now_ms >= replica->stopped_ms)
			replica_run(world, i);
		replica_hurt(world, i);
	}
	holders_check(world);
}

static void begin(struct world *world, unsigned count, unsigned faults, uint64_t seed)
{
	*world = (struct world){
		.random = {.random = seed}, .faults = faults, .count = count, .leader = count};
	for (unsigned i = 0; i < count; i++)
		replica_start(world, i);
}

static void run_on(struct world *world, int64_t for_ms)
{
	for (int64_t end_ms = world->now_ms + for_ms; world->now_ms < end_ms;)
		step(world);
}

static void never_two_of(unsigned count)
{
	static struct world world;
	static const unsigned FAULTS[] = {1, 20, 100, 300};
	for (uint64_t seed = 1; seed <= 8; seed++) {
		begin(&world, count, FAULTS[seed % 4], seed);
		run_on(&world, HOURS_MS);
		/* it wasn't for want of trying */
		assert_true(world.held_ms > HOURS_MS / 4);
		assert_true(world.changes > 20);
	}
}

static void two_replicas_never_hold_it_both(void **state)
{
	(void)state;
	never_two_of(2);
}

static void of_three_replicas_never_two_hold_it(void **state)
{
	(void)state;
	never_two_of(3);
}

static void of_one_that_is_killed_another_takes_over_within_20_s(void **state)
{
	(void)state;
	static struct world world;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		begin(&world, 2, 0, seed);
		run_on(&world, 30000);
		assert_int_equal(world.nobody_ms, world.now_ms);
		unsigned killed = world.leader;
		world.replicas[killed].gone = true;
		run_on(&world, 22000); /* 20 s by a clock that runs slow by a tenth */
		assert_int_equal(world.nobody_ms, world.now_ms);
		assert_int_not_equal(world.leader, killed);
	}
}

static void what_is_given_back_another_has_within_5_s(void **state)
{
	(void)state;
	static struct world world;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		begin(&world, 2, 0, seed);
		run_on(&world, 30000);
		struct replica *leader = &world.replicas[world.leader];
		unsigned first = world.leader;
		leader->call = 0;
		lease_state_release(&leader->state, local_ms(&world, leader));
		run_on(&world, 5200);
		assert_int_equal(world.nobody_ms, world.now_ms);
		assert_int_not_equal(world.leader, first);
	}
}

static void one_that_is_not_disturbed_leads_for_ever(void **state)
{
	(void)state;
	static struct world world;
	begin(&world, 3, 0, 1);
	run_on(&world, HOURS_MS);
	assert_int_equal(world.changes, 1);
	assert_true(world.held_ms > HOURS_MS);
}

/* The others see that it renews all the same. */
static void a_wall_clock_that_stands_still_costs_nobody_the_lease(void **state)
{
	(void)state;
	static struct world world;
	begin(&world, 2, 0, 1);
	world.replicas[0].wall_stands = world.replicas[1].wall_stands = true;
	run_on(&world, HOURS_MS);
	assert_int_equal(world.changes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_replicas_never_hold_it_both),
		cmocka_unit_test(of_three_replicas_never_two_hold_it),
		cmocka_unit_test(of_one_that_is_killed_another_takes_over_within_20_s),
		cmocka_unit_test(what_is_given_back_another_has_within_5_s),
		cmocka_unit_test(one_that_is_not_disturbed_leads_for_ever),
		cmocka_unit_test(a_wall_clock_that_stands_still_costs_nobody_the_lease),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

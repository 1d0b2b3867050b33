/* Publishing under query load, for ThreadSanitizer: readers never see half a change, never an older
 * state after a newer one, and nothing leaks. The two services change in one commit each time;
 * every answer must show them at the same step.
 */
#include "world.h"

#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READERS = 3, STEPS = 600 };

struct reader {
	pthread_t thread;
	struct zone *zone;
	unsigned slot;
	atomic_bool *stop;
	unsigned long answers;
	uint32_t newest; /* the step last seen */
};

/* The last three octets of the first address are the step. */
static uint32_t ask_step(const struct root *root, const char *name)
{
	uint8_t query[512], reply[512];
	struct answer_counters counters = {0};
	const struct query asked = {
		.data = query, .size = world_query(name, TYPE_A, query), .client = {4, {127, 0, 0, 1}}};
	size_t size = respond(root, &counters, &asked, reply, sizeof reply);
	if (size != asked.size + 16 || reply[7] != 1)
		abort();
	const uint8_t *address = reply + size - 4;
	return (uint32_t)(address[1] << 16 | address[2] << 8 | address[3]);
}

static void *read_on(void *arg)
{
	struct reader *reader = arg;
	while (!atomic_load(reader->stop) || reader->answers == 0) {
		const struct root *root = zone_enter(reader->zone, reader->slot);
		uint32_t one = ask_step(root, "one.ns.fed.svc.example");
		uint32_t two = ask_step(root, "two.other.fed.svc.example");
		zone_leave(reader->zone, reader->slot);
		if (one != two || one < reader->newest)
			abort();
		reader->newest = one;
		reader->answers++;
	}
	return NULL;
}

static void publish_step(struct world *world, unsigned step)
{
	char ingress[64];
	(void)snprintf(ingress, sizeof ingress, "c=10.%u.%u.%u", step >> 16 & 255, step >> 8 & 255,
	               step & 255);
	world_service(world, "ns/one", ingress);
	world_service(world, "other/two", ingress);
	world_cluster(world, "c", step % 100 == 0 ? "ra: za" : "rb: zb", READY_TRUE, 0);
	world_commit(world, COMMIT_REPLACE);
}

static void readers_see_whole_changes_in_order(void **state)
{
	(void)state;
	struct world world;
	world_init(&world);
	zone_free(world.zone);
	world.zone = zone_new(READERS, 3);
	assert_int_equal(zone_set_policy(world.zone, &world.policy, &world.why), ERR_OK);
	publish_step(&world, 0);

	atomic_bool stop = false;
	struct reader readers[READERS];
	for (unsigned i = 0; i < READERS; i++) {
		readers[i] = (struct reader){.zone = world.zone, .slot = i, .stop = &stop};
		assert_int_equal(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
	}
	for (unsigned step = 1; step <= STEPS; step++)
		publish_step(&world, step);
	atomic_store(&stop, true);
	for (unsigned i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
		assert_true(readers[i].answers > 0);
	}
	assert_int_equal(zone_sweep(world.zone), 0);
	world_clear(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(readers_see_whole_changes_in_order)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

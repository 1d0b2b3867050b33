/* note_ring between two threads: each note comes out once, whole, in its order. For TSan. */
#include "check.h"
#include "note_ring.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

enum { QUESTIONS = 20000, REPLY_SIZE = 200 };

/* All octets of a reply are alike, so that a torn one would be seen. */
static void *write_notes(void *arg)
{
	struct note_ring *ring = arg;
	const struct query query = {.client = {.family = 4}};
	for (unsigned i = 0; i < QUESTIONS; i++) {
		uint8_t reply[REPLY_SIZE];
		for (size_t at = 0; at < sizeof reply; at++)
			reply[at] = (uint8_t)i;
		note_ring_put(ring, &query, reply, sizeof reply);
	}
	return NULL;
}

static void notes_come_out_whole_and_in_order(void **state)
{
	(void)state;
	struct note_ring *ring = note_ring_new(1);
	pthread_t writer;
	unsigned taken = 0;
	assert_non_null(ring);
	assert_int_equal(pthread_create(&writer, NULL, write_notes, ring), 0);
	for (bool over = false; !over;) {
		struct query_note note;
		over = taken + note_ring_dropped(ring) == QUESTIONS;
		while (note_ring_take(ring, &note)) {
			taken++;
			assert_int_equal(note.head_size, REPLY_SIZE);
			for (size_t at = 1; at < note.head_size; at++)
				assert_int_equal(note.head[at], note.head[0]);
		}
		(void)sched_yield();
	}
	assert_int_equal(pthread_join(writer, NULL), 0);
	assert_true(taken >= NOTES_MAX);
	free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(notes_come_out_whole_and_in_order)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

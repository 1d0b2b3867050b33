/* note_ring: which questions are noted, in which order, and what becomes of those that don't fit.
 */
#include "check.h"
#include "note_ring.h"

#include <stdlib.h>
#include <string.h>

/* A question and its reply, both known by a number. */
static void put(struct note_ring *ring, uint16_t number, size_t size)
{
	static uint8_t reply[MESSAGE_SIZE_MAX];
	reply[0] = (uint8_t)(number >> 8);
	reply[1] = (uint8_t)number;
	const struct query query = {.client = {.family = 4, .octets = {192, 0, 2, 1}},
	                            .tcp = number % 2 == 1};
	note_ring_put(ring, &query, reply, size);
}

static int take(struct note_ring *ring)
{
	struct query_note note;
	if (!note_ring_take(ring, &note))
		return -1;
	int number = note.head[0] << 8 | note.head[1];
	assert_int_equal(note.tcp, number % 2 == 1);
	assert_int_equal(note.client.octets[3], 1);
	return number;
}

static void notes_one_in_so_many(void **state)
{
	(void)state;
	static const struct {
		unsigned every;
		int first[4]; /* of questions 0, 1, 2, ... */
	} CASES[] = {{1, {0, 1, 2, 3}}, {3, {0, 3, 6, 9}}, {100, {0, 100, 200, 300}}};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct note_ring *ring = note_ring_new(CASES[i].every);
		assert_non_null(ring);
		for (uint16_t number = 0; number < 400; number++)
			put(ring, number, 50);
		for (size_t j = 0; j < 4; j++)
			assert_int_equal(take(ring), CASES[i].first[j]);
		assert_int_equal(note_ring_dropped(ring), 0);
		free(ring);
	}
}

/* A long wait that was begun doesn't outlive a change to a short one. */
static void another_rate_counts_at_once(void **state)
{
	(void)state;
	struct note_ring *ring = note_ring_new(1000000);
	assert_non_null(ring);
	put(ring, 0, 50);
	put(ring, 1, 50);
	note_ring_set(ring, 2);
	for (uint16_t number = 2; number < 6; number++)
		put(ring, number, 50);
	assert_int_equal(take(ring), 0);
	assert_int_equal(take(ring), 2);
	assert_int_equal(take(ring), 4);
	assert_int_equal(take(ring), -1);
	free(ring);
}

static void a_full_ring_drops_and_counts(void **state)
{
	(void)state;
	struct note_ring *ring = note_ring_new(1);
	assert_non_null(ring);
	/* Several times around, so that places are used again. */
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < NOTES_MAX + 5; i++)
			put(ring, (uint16_t)i, 50);
		assert_int_equal(note_ring_dropped(ring), 5 * (round + 1));
		for (int i = 0; i < NOTES_MAX; i++)
			assert_int_equal(take(ring), i);
		assert_int_equal(take(ring), -1);
	}
	free(ring);
}

static void takes_replies_of_any_size(void **state)
{
	(void)state;
	static const size_t SIZES[] = {1, 12, NOTE_HEAD_SIZE, NOTE_HEAD_SIZE + 1, MESSAGE_SIZE_MAX};
	struct note_ring *ring = note_ring_new(1);
	assert_non_null(ring);
	for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
		struct query_note note;
		put(ring, 0, SIZES[i]);
		assert_true(note_ring_take(ring, &note));
		assert_int_equal(note.size, SIZES[i]);
		assert_int_equal(note.head_size, SIZES[i] < NOTE_HEAD_SIZE ? SIZES[i] : NOTE_HEAD_SIZE);
	}
	free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_one_in_so_many),
		cmocka_unit_test(another_rate_counts_at_once),
		cmocka_unit_test(a_full_ring_drops_and_counts),
		cmocka_unit_test(takes_replies_of_any_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

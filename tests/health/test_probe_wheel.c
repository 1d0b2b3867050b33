/* probe_wheel: everything is taken once, in the order of its slots, never early and never more than
 * a slot late; beside a plain list that does the same by looking at all of it. */
#include "check.h"

#include "probe_wheel.h"

#include <string.h>

#define ROUND_MS ((int64_t)WHEEL_SLOTS * WHEEL_SLOT_MS)

struct thing {
	struct wheel_node node;
	int64_t due_ms;
	bool inside;
};

static uint64_t drawn = 7;

static int64_t draw(int64_t below)
{
	drawn = drawn * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (int64_t)((drawn >> 20) % (uint64_t)below);
}

static void what_is_due_is_taken_and_nothing_else(void **state)
{
	(void)state;
	const int64_t begin_ms = 123456787;
	static const int64_t AFTER_MS[] = {-5000,        0,        1,           9, 10, 5000,
	                                   ROUND_MS - 1, ROUND_MS, 7 * ROUND_MS};
	for (size_t i = 0; i < sizeof AFTER_MS / sizeof AFTER_MS[0]; i++) {
		struct wheel wheel;
		struct wheel_node node = {0};
		int64_t due_ms = begin_ms + AFTER_MS[i], now_ms = begin_ms;
		wheel_init(&wheel, begin_ms);
		assert_true(wheel_next_ms(&wheel) == INT64_MAX);
		wheel_add(&wheel, &node, due_ms);
		unsigned wakes = 0;
		while (wheel_take(&wheel, now_ms) == NULL) {
			int64_t next_ms = wheel_next_ms(&wheel);
			assert_true(next_ms > now_ms || now_ms == begin_ms);
			now_ms = next_ms > now_ms ? next_ms : now_ms + 1;
			assert_true(++wakes < 12);
		}
		assert_true(now_ms >= due_ms && now_ms - due_ms < WHEEL_SLOT_MS + 5000 * (i == 0));
		assert_true(wheel_next_ms(&wheel) == INT64_MAX);
		assert_null(node.link);
	}
}

static size_t overdue(const struct thing *things, size_t count, int64_t now_ms)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++)
		found += things[i].inside && things[i].due_ms <= now_ms - WHEEL_SLOT_MS;
	return found;
}

static void a_crowd_comes_and_goes(void **state)
{
	(void)state;
	enum { COUNT = 400, STEPS = 20000 };
	static struct thing things[COUNT];
	static const int64_t FAR_MS[] = {20, 3000, ROUND_MS, 5 * ROUND_MS};
	static const int64_t STEP_MS[] = {1, 30, 2000, 2 * ROUND_MS};
	static struct wheel wheel;
	int64_t now_ms = 5;
	size_t taken = 0;
	wheel_init(&wheel, now_ms);
	for (size_t step = 0; step < STEPS; step++) {
		struct thing *thing = &things[draw(COUNT)];
		if (thing->inside) {
			wheel_remove(&wheel, &thing->node);
			thing->inside = false;
		} else {
			thing->due_ms = now_ms + draw(FAR_MS[draw(4)]);
			thing->inside = true;
			wheel_add(&wheel, &thing->node, thing->due_ms);
		}
		if (draw(4) != 0)
			continue;
		now_ms += draw(STEP_MS[draw(draw(20) == 0 ? 4 : 2)]);
		struct wheel_node *node;
		while ((node = wheel_take(&wheel, now_ms)) != NULL) {
			struct thing *due = (struct thing *)node;
			assert_true(due->inside && due->due_ms <= now_ms);
			due->inside = false;
			taken++;
		}
		assert_int_equal(overdue(things, COUNT, now_ms), 0);
		for (size_t i = 0; i < COUNT; i++)
			assert_true(!things[i].inside ||
			            wheel_next_ms(&wheel) < things[i].due_ms + WHEEL_SLOT_MS);
	}
	assert_true(taken > STEPS / 10);
}

static void a_line_keeps_its_order(void **state)
{
	(void)state;
	struct wheel_line line = {0};
	struct wheel_node nodes[5] = {0};
	assert_null(line_take(&line));
	for (size_t round = 0; round < 5; round++) {
		for (size_t i = 0; i < 5; i++)
			line_add(&line, &nodes[i]);
		line_remove(&line, &nodes[round]); /* the first, the last, and those between */
		for (size_t i = 0; i < 5; i++) {
			if (i != round)
				assert_ptr_equal(line_take(&line), &nodes[i]);
		}
		assert_null(line_take(&line));
	}
	line_add(&line, &nodes[0]);
	line_remove(&line, &nodes[0]);
	line_add(&line, &nodes[1]);
	assert_ptr_equal(line_take(&line), &nodes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_due_is_taken_and_nothing_else),
		cmocka_unit_test(a_crowd_comes_and_goes),
		cmocka_unit_test(a_line_keeps_its_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

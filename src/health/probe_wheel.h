/* probe_wheel: what is to happen when. Pure: times are handed in.
 *
 * A wheel of slots, each a list of what is due in its 10 ms of one turn or a later one; adding and
 * removing cost the same however many there are. What is due is taken up to a slot late, never
 * early. */
#ifndef FEDNS_HEALTH_PROBE_WHEEL_H
#define FEDNS_HEALTH_PROBE_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Small beside any interval, and 100 probes each at 10,000 a second: a wake-up for a crowd. */
#define WHEEL_SLOT_MS 10
/* 41 s a turn: what is due later is looked at once a turn. */
#define WHEEL_SLOTS 4096

/** Part of what waits, in a wheel or in a line; zeroed it is in neither. */
struct wheel_node {
	struct wheel_node *next, **link;
	int64_t slot; /* in a wheel: counted from the clock's zero */
};

/** Set up by wheel_init(). */
struct wheel {
	struct wheel_node *slots[WHEEL_SLOTS];
	uint64_t filled[WHEEL_SLOTS / 64]; /* a bit a slot that is not empty */
	int64_t at;                        /* all before this slot have been taken */
};

void wheel_init(struct wheel *wheel, int64_t now_ms);
void wheel_add(struct wheel *wheel, struct wheel_node *node, int64_t due_ms);
void wheel_remove(struct wheel *wheel, struct wheel_node *node);
/** Take one that is due. NULL: none is. `now_ms` never goes back. */
struct wheel_node *wheel_take(struct wheel *wheel, int64_t now_ms);
/** When it is worth taking again, perhaps for nothing once a turn of the wheel; INT64_MAX: there is
 * nothing in it. */
int64_t wheel_next_ms(const struct wheel *wheel);

/** First in, first out. Zeroed it is empty. */
struct wheel_line {
	struct wheel_node *first, *last;
};

void line_add(struct wheel_line *line, struct wheel_node *node);
void line_remove(struct wheel_line *line, struct wheel_node *node);
/** NULL: empty. */
struct wheel_node *line_take(struct wheel_line *line);

#endif

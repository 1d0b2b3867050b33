#include "probe_wheel.h"

#include <assert.h>

static size_t index_of(int64_t slot)
{
	return (size_t)(slot & (WHEEL_SLOTS - 1));
}

static void mark(struct wheel *wheel, size_t i, bool filled)
{
	uint64_t bit = UINT64_C(1) << (i % 64);
	if (filled)
		wheel->filled[i / 64] |= bit;
	else
		wheel->filled[i / 64] &= ~bit;
}

void wheel_init(struct wheel *wheel, int64_t now_ms)
{
	static_assert((WHEEL_SLOTS & (WHEEL_SLOTS - 1)) == 0 && WHEEL_SLOTS % 64 == 0, "whole words");
	assert(now_ms >= 0);
	*wheel = (struct wheel){.at = now_ms / WHEEL_SLOT_MS};
}

static void push(struct wheel_node **head, struct wheel_node *node)
{
	node->next = *head;
	node->link = head;
	if (node->next != NULL)
		node->next->link = &node->next;
	*head = node;
}

static void unlink_node(struct wheel_node *node)
{
	*node->link = node->next;
	if (node->next != NULL)
		node->next->link = node->link;
	node->next = NULL;
	node->link = NULL;
}

void wheel_add(struct wheel *wheel, struct wheel_node *node, int64_t due_ms)
{
	assert(node->link == NULL);
	int64_t slot = due_ms / WHEEL_SLOT_MS + (due_ms % WHEEL_SLOT_MS > 0);
	node->slot = slot > wheel->at ? slot : wheel->at;
	push(&wheel->slots[index_of(node->slot)], node);
	mark(wheel, index_of(node->slot), true);
}

void wheel_remove(struct wheel *wheel, struct wheel_node *node)
{
	size_t i = index_of(node->slot);
	assert(node->link != NULL);
	unlink_node(node);
	if (wheel->slots[i] == NULL)
		mark(wheel, i, false);
}

/* Slots from `wheel->at` on to the next that is not empty, `at` itself left out; WHEEL_SLOTS: none
 * is. */
static int64_t gap(const struct wheel *wheel)
{
	for (int64_t ahead = 1; ahead < WHEEL_SLOTS;) {
		size_t i = index_of(wheel->at + ahead);
		uint64_t word = wheel->filled[i / 64] >> (i % 64);
		if (word != 0) {
			ahead += __builtin_ctzll(word);
			return ahead < WHEEL_SLOTS ? ahead : WHEEL_SLOTS;
		}
		ahead += 64 - (int64_t)(i % 64);
	}
	return WHEEL_SLOTS;
}

struct wheel_node *wheel_take(struct wheel *wheel, int64_t now_ms)
{
	int64_t now = now_ms / WHEEL_SLOT_MS;
	for (;;) {
		struct wheel_node *node = wheel->slots[index_of(wheel->at)];
		while (node != NULL && node->slot > now)
			node = node->next;
		if (node != NULL) {
			wheel_remove(wheel, node);
			return node;
		}
		if (wheel->at >= now)
			return NULL;
		int64_t ahead = gap(wheel);
		wheel->at = ahead < now - wheel->at ? wheel->at + ahead : now;
	}
}

int64_t wheel_next_ms(const struct wheel *wheel)
{
	const struct wheel_node *node = wheel->slots[index_of(wheel->at)];
	int64_t ahead = gap(wheel);
	for (const struct wheel_node *at = node; at != NULL; at = at->next) {
		if (at->slot == wheel->at)
			ahead = 0; /* added since */
	}
	if (ahead == WHEEL_SLOTS && node == NULL)
		return INT64_MAX;
	return (wheel->at + ahead) * WHEEL_SLOT_MS;
}

void line_add(struct wheel_line *line, struct wheel_node *node)
{
	assert(node->link == NULL);
	node->next = NULL;
	node->link = line->last == NULL ? &line->first : &line->last->next;
	*node->link = node;
	line->last = node;
}

void line_remove(struct wheel_line *line, struct wheel_node *node)
{
	assert(node->link != NULL);
	if (line->last == node) {
		/* `next` is the first of a node, and `first` of a line, so that a link to the one before
		 * is its node. */
		static_assert(offsetof(struct wheel_node, next) == 0, "a link is a node");
		line->last = node->link == &line->first ? NULL : (struct wheel_node *)(void *)node->link;
	}
	unlink_node(node);
}

struct wheel_node *line_take(struct wheel_line *line)
{
	struct wheel_node *node = line->first;
	if (node != NULL)
		line_remove(line, node);
	return node;
}

#include "cell.h"

#include "root.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

/* One cache line per reader, so that pinning never bounces a neighbour's line. */
struct pin {
	alignas(64) _Atomic(struct root *) root;
};

struct cell {
	struct pin pins[READERS_MAX];
	alignas(64) _Atomic(struct root *) current;
	unsigned readers;
	/* Retired, perhaps still pinned: a ring, oldest at `first`. */
	size_t first, count;
	struct root *retired[RETIRED_MAX];
};

struct cell *cell_new(unsigned readers, struct root *first)
{
	assert(readers >= 1 && readers <= READERS_MAX && first != NULL);
	struct cell *cell = aligned_alloc(alignof(struct cell), sizeof *cell);
	if (cell == NULL)
		return NULL;
	for (unsigned i = 0; i < READERS_MAX; i++)
		atomic_init(&cell->pins[i].root, NULL);
	atomic_init(&cell->current, first);
	cell->readers = readers;
	cell->first = cell->count = 0;
	return cell;
}

static bool pinned(struct cell *cell, const struct root *root)
{
	for (unsigned i = 0; i < cell->readers; i++) {
		if (atomic_load(&cell->pins[i].root) == root)
			return true;
	}
	return false;
}

size_t cell_sweep(struct cell *cell)
{
	while (cell->count != 0 && !pinned(cell, cell->retired[cell->first])) {
		root_free(cell->retired[cell->first]);
		cell->first = (cell->first + 1) % RETIRED_MAX;
		cell->count--;
	}
	return cell->count;
}

bool cell_ready(struct cell *cell)
{
	return cell_sweep(cell) < RETIRED_MAX;
}

void cell_publish(struct cell *cell, struct root *next)
{
	assert(cell->count < RETIRED_MAX);
	struct root *old = atomic_exchange(&cell->current, next);
	cell->retired[(cell->first + cell->count++) % RETIRED_MAX] = old;
	(void)cell_sweep(cell);
}

struct root *cell_current(struct cell *cell)
{
	return atomic_load(&cell->current);
}

const struct root *cell_enter(struct cell *cell, unsigned slot)
{
	assert(slot < cell->readers);
	_Atomic(struct root *) *pin = &cell->pins[slot].root;

	/* Pin, then look again: had the publisher swapped in between, it may have swept before it could
	 * see our pin. Sequential consistency makes one of the two see the other. The loop repeats only
	 * when a publish fell into this very gap. */
	struct root *root;
	do {
		root = atomic_load(&cell->current);
		atomic_store(pin, root);
	} while (root != atomic_load(&cell->current));
	return root;
}

void cell_leave(struct cell *cell, unsigned slot)
{
	assert(slot < cell->readers);
	atomic_store_explicit(&cell->pins[slot].root, NULL, memory_order_release);
}

void cell_free(struct cell *cell)
{
	if (cell == NULL)
		return;
	size_t held = cell_sweep(cell);
	assert(held == 0);
	(void)held;
	root_free_last(atomic_load(&cell->current));
	free(cell);
}

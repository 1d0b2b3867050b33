/* cell: one published root, many lock-free readers, one publisher.
 *
 * Every reader thread owns one slot. It pins the root it reads by writing the pointer into its
 * slot; the publisher frees retired roots, oldest first, up to the first that a slot still holds.
 * In this order, because an older root shares parts with younger ones. Nobody waits: a slow reader
 * only delays frees.
 */
#ifndef FEDNS_ANSWER_CELL_H
#define FEDNS_ANSWER_CELL_H

#include "fedns/answer.h"

/** Roots that may wait for slow readers: at 1,000 publishes a second one second, and 64 MiB. */
#define RETIRED_MAX 1024

struct cell;

/** A cell with `readers` slots (1..READERS_MAX) that publishes `first`, which it owns from now on.
 * NULL: no memory. */
MUST_CHECK struct cell *cell_new(unsigned readers, struct root *first);
/** Frees the published and all retired roots. Every reader has left. NULL is fine. */
void cell_free(struct cell *cell);

/** Is there room for one more retired root? Sweeps first. False: publish later. */
bool cell_ready(struct cell *cell);
/** Publisher only, after cell_ready() said true. Takes ownership of `next`, retires the present
 * root. */
void cell_publish(struct cell *cell, struct root *next);
/** Free retired roots that nobody pins; returns how many stay. */
size_t cell_sweep(struct cell *cell);
/** The published root; publisher only. */
struct root *cell_current(struct cell *cell);

/** Reader `slot` only. Valid until cell_leave(); pairs do not nest. */
const struct root *cell_enter(struct cell *cell, unsigned slot);
void cell_leave(struct cell *cell, unsigned slot);

#endif

/* note_ring: answered questions on their way from the thread that answers to the one that logs.
 *
 * batch.c, connection.c (one writer) --> [note_ring.h] --> crew.c (one reader)
 *
 * No lock, no allocation, no system call on the writer's side: a full ring drops the note and
 * counts it.
 */
#ifndef FEDNS_SERVE_NOTE_RING_H
#define FEDNS_SERVE_NOTE_RING_H

#include "fedns/serve.h"

#include <stdalign.h>

/* Notes that wait. The reader comes several times a second; what is beyond, no log could take. */
#define NOTES_MAX 512

struct note_ring {
	alignas(64) size_t written; /* by the writer: all notes ever put in */
	uint64_t dropped;
	unsigned every, left;    /* one in `every` questions is noted; until the next one */
	alignas(64) size_t read; /* by the reader: all notes ever taken out */
	alignas(64) struct query_note notes[NOTES_MAX];
};

/** One in `every` questions (1 or more). NULL: no memory. Free by free(). */
MUST_CHECK struct note_ring *note_ring_new(unsigned every);
/** Any thread. */
void note_ring_set(struct note_ring *ring, unsigned every);

/** The writer: a question was answered by the `reply`, which is not empty. */
void note_ring_put(struct note_ring *ring, const struct query *query, const uint8_t *reply,
                   size_t size);

/** The reader: take the oldest note. False: there is none. */
bool note_ring_take(struct note_ring *ring, struct query_note *out);
uint64_t note_ring_dropped(const struct note_ring *ring);

#endif

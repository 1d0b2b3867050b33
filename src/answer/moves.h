/* moves: which levels climb since the last publish, and which don't any more. */
#ifndef FEDNS_ANSWER_MOVES_H
#define FEDNS_ANSWER_MOVES_H

#include "root.h"

/** Do both have the same places under the same numbers? Only then can their entries be compared. */
bool moves_comparable(const struct root *before, const struct root *after);
/** The entry of service `id` is replaced: what has moved? */
void moves_note(struct zone_moves *moves, const struct fixed *fixed, const struct entry *before,
                const struct entry *after, uint32_t id);
void counters_add(struct zone_counters *to, const struct zone_counters *more);

#endif

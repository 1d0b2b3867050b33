/* seen: which services a text has held so far, those without names too, to tell duplicates. */
#ifndef FEDNS_SOURCE_SEEN_H
#define FEDNS_SOURCE_SEEN_H

#include "fedns/base.h"

enum seen_state {
	SEEN_NEVER,
	SEEN_WITHOUT_NAMES, /* it publishes nothing (rule 1) */
	SEEN_WITH_NAMES,    /* it is staged in the model */
};

/**
 * A set of keys by their 63-bit hashes: 16 octets a service at most, 100,000 times less than a
 * collision's odds matter (it would cost a false warning). Zeroed is empty; the owner sets `seed`,
 * which nobody outside can know, so that no names can be chosen to collide.
 */
struct seen {
	uint64_t seed;
	uint64_t *slots; /* hash with the lowest bit telling the state; 0: free */
	size_t count, room;
};

void seen_clear(struct seen *seen);

/** Note that NAMESPACE/NAME (ASCII case doesn't count, as in the model) came in `state`; `*before`
 * is its state until now. ERR_NOMEM: nothing is noted. */
MUST_CHECK enum err seen_note(struct seen *seen, struct bytes namespace, struct bytes name,
                              enum seen_state state, enum seen_state *before);

#endif

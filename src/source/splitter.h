/* splitter: from octets as they come to whole JSON objects: the edges of chunks mean nothing.
 *
 * A watch is a run of objects without end. Only brackets and quotes are counted here; what an
 * object holds is judged by whoever takes it.
 */
#ifndef FEDNS_SOURCE_SPLITTER_H
#define FEDNS_SOURCE_SPLITTER_H

#include "fedns/base.h"

/** Octets of one object, twice what an API server lets in (its request limit is 3 MiB). */
#define SPLIT_SIZE_MAX ((size_t)8 << 20)

/** Zeroed by splitter_init(); ended by splitter_clear(). */
struct splitter {
	struct buf text;  /* an object's beginning, and what follows */
	size_t looked_at; /* octets of `text` that were counted */
	unsigned depth;
	bool in_string, escaped;
};

void splitter_init(struct splitter *splitter);
void splitter_clear(struct splitter *splitter);
/** Forget the beginning of an object. */
void splitter_reset(struct splitter *splitter);

/** Takes one object, borrowed for the call; anything but ERR_OK ends the feeding. */
typedef enum err split_taker(void *arg, struct bytes object, struct why *why);

/**
 * Take the next octets and give every object that is whole now. ERR_INVALID: something other than
 * an object stands there; ERR_LIMIT: an object above SPLIT_SIZE_MAX; ERR_NOMEM; the taker's own.
 * After an error the splitter must be reset.
 */
MUST_CHECK enum err splitter_feed(struct splitter *splitter, struct bytes more, split_taker *take,
                                  void *arg, struct why *why);

#endif

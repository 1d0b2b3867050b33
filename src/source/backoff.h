/* backoff: how long to wait after the n-th failure in a row, with jitter. */
#ifndef FEDNS_SOURCE_BACKOFF_H
#define FEDNS_SOURCE_BACKOFF_H

#include "fedns/base.h"

/* client-go's reflector: 0.8 s, doubled up to 30 s, each stretched by up to its own length; two
 * quiet minutes begin anew. */
#define BACKOFF_FIRST_MS 800
#define BACKOFF_MAX_MS   30000
#define BACKOFF_QUIET_MS 120000

struct backoff {
	uint64_t random;   /* state of the jitter */
	int64_t failed_ms; /* of the last failure; 0: none */
	unsigned count;    /* failures in a row */
};

/** A failure at `now_ms`: how many ms to wait. */
int64_t backoff_after(struct backoff *backoff, int64_t now_ms);
/** A number in [from, to), from < to. */
uint64_t backoff_random(struct backoff *backoff, uint64_t from, uint64_t to);

#endif

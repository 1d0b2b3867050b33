/* seen: what was told already, so that only what is new is told again. Pure. */
#ifndef FEDNS_CLI_SEEN_H
#define FEDNS_CLI_SEEN_H

#include "fedns/base.h"

/* Octets of all keys: a million names of records at some 200 each, and of some that have gone. */
#define SEEN_KEYS_MAX ((size_t)1 << 30)

struct seen;

enum seen_how {
	SEEN_SAME,
	SEEN_NEW,
	SEEN_CHANGED,
};

/** NULL: no memory. */
MUST_CHECK struct seen *seen_new(void);
void seen_free(struct seen *seen);

/** A round begins; things are told in it in any order, each once. */
void seen_begin(struct seen *seen);
/** `key` is there, and `content` (a hash) is what is told of it. ERR_NOMEM, ERR_LIMIT: nothing is
 * kept of it. */
MUST_CHECK enum err seen_take(struct seen *seen, const char *key, uint64_t content,
                              enum seen_how *how);

/** Takes the key of what is gone, borrowed for the call. */
typedef enum err gone_taker(void *arg, const char *key);
/** All that is there was told in this round: hand `take` what was there before and is not, and
 * forget it. */
MUST_CHECK enum err seen_sweep(struct seen *seen, gone_taker *take, void *arg);

#endif

/* target: all targets by what is asked, each with its verdict and the services that use it.
 *
 *     health.c --> [target.h] --> verdict.h
 */
#ifndef FEDNS_HEALTH_TARGET_H
#define FEDNS_HEALTH_TARGET_H

#include "verdict.h"

#define TARGET_NONE UINT32_MAX
/* Of a probe's sentence, its NUL included: room for OpenSSL's longest. Longer ones are cut. */
#define TARGET_WHY_SIZE 88

/* What a target waits for; one thing at a time. */
enum wait {
	WAIT_NOTHING,
	WAIT_PROOF,    /* it would be out, if it were sure that our own network works */
	WAIT_APPROVAL, /* it would be out, if max_withdraw allowed it */
	WAIT_FAILBACK, /* good again: it will be in by and by */
	WAITS          /* how many */
};

/** A link (of links.c) that leads here. */
struct use {
	uint32_t service;
	uint32_t link; /* which one of the service */
};

struct target {
	struct health_target spec; /* its texts are behind it */
	uint64_t hash;
	struct verdict_machine machine;
	int64_t out_ms;   /* since when it is out */
	struct use *uses; /* in no order */
	uint32_t use_count, use_room;
	uint32_t before, after; /* of the same wait; TARGET_NONE: the end */
	uint32_t maker;         /* the namespace that it counts to */
	uint8_t wait;           /* enum wait */
	bool out;               /* services leave it out */
	bool counted;           /* max_withdraw counts it */
	bool probed;            /* the prober knows it */
	char why[TARGET_WHY_SIZE];
	char texts[]; /* path, NUL, host, NUL */
};

/** Those that wait for one thing, the longest first. */
struct queue {
	uint32_t first, last; /* meaningless while empty */
	uint32_t count;
};

struct targets {
	struct target **at; /* [limit]; NULL: free */
	uint32_t limit, room, count;
	uint32_t count_max; /* for whoever wants the next one */
	uint32_t *slots;    /* hash table of ids + 1 */
	uint32_t slot_room;
	uint32_t *unused; /* ids to be given again */
	uint32_t unused_count;
	struct queue queues[WAITS]; /* but for WAIT_NOTHING */
	uint64_t seed;
};

void targets_free(struct targets *targets);
/** The target of `spec`, made where there is none (`*made`). ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err target_get(struct targets *targets, const struct health_target *spec,
                               uint32_t *id, bool *made);
/** NULL: no such target. */
struct target *target_at(const struct targets *targets, uint32_t id);
/** One more use. Returns its index in `uses`, or TARGET_NONE: no memory. */
uint32_t target_use(struct target *target, struct use use);
/** Once less: use `at`. Its place is taken by another one, which is returned, or NULL. */
const struct use *target_unuse(struct target *target, uint32_t at);
/** Let it wait for that, behind all others that do. */
void target_wait(struct targets *targets, uint32_t id, enum wait wait);
/** Gone; its id may be given to another one. */
void target_drop(struct targets *targets, uint32_t id);

#endif

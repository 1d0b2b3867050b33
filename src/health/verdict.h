/* verdict: the state machine of one target; its table stands in README.md. Pure.
 *
 *     target.c --results, time--> [verdict.h]
 */
#ifndef FEDNS_HEALTH_VERDICT_H
#define FEDNS_HEALTH_VERDICT_H

#include "fedns/health.h"

/** How results become a verdict. */
struct verdict_rule {
	unsigned rise, fall; /* 1.. */
	enum failback failback;
	int64_t hold_ms;
};

/** Zeroed: unknown. */
struct verdict_machine {
	uint8_t state;        /* enum health_state */
	bool risen;           /* of RECOVERING: good for long enough, its failback waits */
	bool served;          /* it was good once: what it loses now, somebody may have used */
	uint16_t good, bad;   /* results in a row, up to 65,535 */
	int64_t since_ms;     /* of the state */
	int64_t result_ms;    /* of the last result; 0: none */
	int64_t bad_first_ms; /* of the first bad result of the row; 0: none in a row */
	int64_t risen_ms;
};

/** Take a result. Returns whether the state is another one than before. */
bool verdict_result(struct verdict_machine *machine, const struct verdict_rule *rule, bool good,
                    int64_t now_ms);
/** Let time pass; returns likewise. */
bool verdict_tick(struct verdict_machine *machine, const struct verdict_rule *rule, int64_t now_ms);
/** Its failback waits no more; returns likewise. */
bool verdict_release(struct verdict_machine *machine, int64_t now_ms);
/** It recovers from what nobody saw, for it was never left out: it is healthy. Likewise. */
bool verdict_spare(struct verdict_machine *machine, int64_t now_ms);
/** Its bad results were ours, not its: they count no more. Likewise. */
bool verdict_restart(struct verdict_machine *machine, int64_t now_ms);
/** When verdict_tick() will change something; INT64_MAX: never. */
int64_t verdict_next(const struct verdict_machine *machine, const struct verdict_rule *rule);

#endif

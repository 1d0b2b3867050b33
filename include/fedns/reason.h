/* reason: why an address, or a level of names, is answered or is not. One list: the words of the
 * log, of `explain`, of metrics, and of extended DNS errors (RFC 8914).
 *
 * [reason.h] --> model.h (verdicts), compile.h (levels), answer.h (EDE), health.h, daemon
 */
#ifndef FEDNS_REASON_H
#define FEDNS_REASON_H

#include "fedns/base.h"

/** In a verdict it is a uint8_t. */
enum reason {
	REASON_NONE, /* nothing is known against it */
	/* of an address: what its probe says */
	REASON_PROBE_GOOD,
	REASON_PROBE_BAD,
	REASON_RISING, /* good again, not for long enough */
	REASON_HOLD,   /* good again; failback waits */
	/* what an operator said */
	REASON_DRAINED,
	REASON_FORCED_UP,
	REASON_FORCED_DOWN,
	/* probes say bad, and it is answered all the same */
	REASON_SUSPECTED, /* all targets are: our own network is suspected */
	REASON_HELD,      /* max_withdraw: it waits for an approval */
	/* what its cluster's API says */
	REASON_NOT_READY, /* Ready=False for longer than offline_grace (rule 9) */
	/* of a level */
	REASON_ALL_DOWN,    /* nothing of the service serves: all_down says what is answered */
	REASON_MIN_HEALTHY, /* some serve, and are not answered here: too few */
	REASON_ONE_FAMILY,  /* likewise: of IPv4 or IPv6 none is left here, and above there is */
	REASON_STALE,       /* what is served is older than what the source would say */
	REASONS             /* how many */
};

/** "probe-bad", "not-ready", ...: stable words; of what is no reason "none". */
const char *reason_text(unsigned reason);

#endif

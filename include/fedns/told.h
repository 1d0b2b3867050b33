/* told: what a log was told of a trouble that lasts. A new reason is news, though the trouble is
 * the same; the same reason again and again isn't, nor are two that take turns.
 *
 * Who retries (source, provider) --> [told.h]
 */
#ifndef FEDNS_TOLD_H
#define FEDNS_TOLD_H

#include "fedns/base.h"

/** Reasons that are told one after the other, each as it comes; what comes then, and what was told
 * before the last one, waits until TOLD_PACE_MS are over. So much for a peer that makes up a new
 * one each time. */
#define TOLD_REASONS_MAX 4
#define TOLD_PACE_MS     60000

/** Zeroed: it was told nothing. */
struct told {
	uint64_t reasons[TOLD_REASONS_MAX]; /* hashes; the last one was told last */
	size_t count;
	int64_t at_ms; /* when that was */
};

/** Is `reason` to be told now? Then it counts as told. Reasons that differ in numbers alone are
 * one ("after 1003 ms"), but for those of HTTP ("HTTP 502"). A clock that jumps back is no reason
 * to be silent. */
bool told_is_news(struct told *told, const char *reason, int64_t now_ms);
/** The trouble is over: whatever comes is news. */
void told_forget(struct told *told);

#endif

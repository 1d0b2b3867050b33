/* clock: the wall clock and the seed, which the pure rooms are given. */
#ifndef FEDNS_DAEMON_CLOCK_H
#define FEDNS_DAEMON_CLOCK_H

#include "fedns/base.h"

/** Milliseconds since 1970. */
int64_t clock_now_ms(void);
/** 64 bits that outsiders can't guess. ERR_IO. */
MUST_CHECK enum err seed_draw(uint64_t *out, struct why *why);

#endif

/* clock: the wall clock and the seed, which the pure rooms are given. */
#ifndef FEDNS_DAEMON_CLOCK_H
#define FEDNS_DAEMON_CLOCK_H

#include "fedns/base.h"

/** Milliseconds since 1970. */
int64_t clock_now_ms(void);
/** `size` octets, at most 256, that outsiders can't guess. ERR_IO: they are zero. */
MUST_CHECK enum err secret_draw(void *out, size_t size, struct why *why);
/** 64 bits that outsiders can't guess. ERR_IO. */
MUST_CHECK enum err seed_draw(uint64_t *out, struct why *why);

#endif

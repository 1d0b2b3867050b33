/* asker, for its tests: the time as a parameter. */
#ifndef FEDNS_NET_ASK_INTERNAL_H
#define FEDNS_NET_ASK_INTERNAL_H

#include "fedns/ask.h"

/** asker_new() with a time of one's own in the place of ASK_TIMEOUT_MS. */
MUST_CHECK enum err asker_new_timed(uv_loop_t *loop, int timeout_ms, struct asker **out,
                                    struct why *why);

#endif

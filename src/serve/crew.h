/* crew, for its tests: the limits as a parameter. */
#ifndef FEDNS_SERVE_CREW_H
#define FEDNS_SERVE_CREW_H

#include "serve_limits.h"

/** crew_start() with limits of one's own. */
MUST_CHECK enum err crew_start_limited(struct zone *zone, const struct listeners *listeners,
                                       unsigned workers, unsigned slot_first,
                                       const struct limits *limits, struct crew **out,
                                       struct why *why);

#endif

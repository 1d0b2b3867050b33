/* region: memory that is given back all at once; for trees and configurations, which live and die
 * as a whole. */
#ifndef FEDNS_DAEMON_REGION_H
#define FEDNS_DAEMON_REGION_H

#include "fedns/base.h"

struct region;

/** An empty region. NULL: no memory. */
MUST_CHECK struct region *region_new(void);
void region_free(struct region *region);

/** Zeroed memory, aligned for anything, until region_free(). NULL: no memory. */
MUST_CHECK void *region_alloc(struct region *region, size_t size);
/** A copy of `text` with a NUL behind it. NULL: no memory. */
MUST_CHECK char *region_text(struct region *region, struct bytes text);

#endif

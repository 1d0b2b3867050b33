/* wants: what the model gives a provider to hold.
 *
 * compile.h, plan.h --> [wants.h] --> pushing.c, push_once.c
 */
#ifndef FEDNS_DAEMON_WANTS_H
#define FEDNS_DAEMON_WANTS_H

#include "fedns/config.h"
#include "fedns/model.h"

/**
 * The records of all services, relative to `domain`; or, with `provider.delegate`, NS and glue of
 * our zone. What the provider can't hold is a finding, and left out. Caller frees. ERR_NOMEM,
 * ERR_LIMIT (more than PLAN_RECORDS_MAX).
 */
MUST_CHECK enum err wants_make(const struct config *config, const struct model *model,
                               const struct name *domain, struct findings *findings,
                               struct record_list **out, struct why *why);

#endif

/* live: a source that watches API servers, wired to model, zone and configuration. */
#ifndef FEDNS_DAEMON_LIVE_H
#define FEDNS_DAEMON_LIVE_H

#include "fedns/config.h"
#include "fedns/findings.h"
#include "fedns/kube.h"
#include "members.h"

#include <uv.h>

/* What is said of a configured member that left by hand: a format for its name. */
#define LIVE_LEFT "cluster %s is configured, but has left: \"fedns join\" brings it back"

/** Put a live source together: what of `base` follows from the configuration, and its members, with
 * those who joined and without those who left (NULL: nobody did). `keep`: as kube_join(). Errors as
 * of kube_new() and kube_join(); `*out` is NULL then, and handles close on the loop. */
MUST_CHECK enum err live_open(const struct config *config, const struct members *members,
                              const struct kube_setup *base, bool keep, struct kube **out,
                              struct why *why);

/**
 * Watch until everything is known, or `deadline_ms` are over, and commit it to `model`: for
 * `render` and `check`. ERR_AGAIN: not everything was told in time, `why` says by whom.
 */
MUST_CHECK enum err live_once(const struct config *config, struct model *model,
                              const struct log *log, struct findings *findings,
                              uint64_t deadline_ms, struct why *why);

#endif

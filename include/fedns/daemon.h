/* daemon: the wiring of all rooms into the running program. */
#ifndef FEDNS_DAEMON_H
#define FEDNS_DAEMON_H

#include "fedns/base.h"
#include "fedns/config.h"

/**
 * Run until SIGTERM or SIGINT; SIGHUP reads the configuration again. Returns ERR_OK after a clean
 * stop. Any other value means that it could not start, with `why`; nothing is left running.
 */
MUST_CHECK enum err daemon_run(const struct config_flags *flags, struct why *why);

/**
 * Read configuration and state once, resolve host names once (5 s in all), and hold model and
 * policy for `render` and `check`.
 */
struct once;
MUST_CHECK enum err once_load(const struct config *config, struct findings *findings,
                              struct once **out, struct why *why);
struct model *once_model(struct once *once);
void once_free(struct once *once);

#endif

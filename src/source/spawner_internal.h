/* spawner_internal: the process that spawner.c forks. */
#ifndef FEDNS_SOURCE_SPAWNER_INTERNAL_H
#define FEDNS_SOURCE_SPAWNER_INTERNAL_H

#include "fedns/spawner.h"

#include <stdnoreturn.h>

/* What goes with a new run, as descriptors: the run's socket, standard output, standard error. */
#define SPAWNER_FDS 3

/** Is `command` in the list? */
bool spawn_is_allowed(const struct spawner_setup *setup, const char *command);

/** The whole life of the spawner, whose end of the socket is `control`. It first says there that it
 * is ready: an empty sentence, or why it isn't. With all signals blocked. */
noreturn void spawner_live(const struct spawner_setup *setup, int control);

/** The whole life of one that runs a command: read what is to be run from fds[0], run it, write how
 * it ended; kill it as soon as the other end is closed. */
noreturn void spawn_runner_live(const struct spawner_setup *setup, const int fds[SPAWNER_FDS]);

#endif

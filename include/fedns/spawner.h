/* spawner: a small process that runs commands for one that must not: the daemon in its sandbox.
 *
 *     daemon, in the sandbox --run, its output's pipes--> spawner --fork--> runner --> command
 *                            <-----------how it ended------------------------'
 *
 * It is forked before the sandbox and before threads, and knows the allowed commands from then on:
 * who takes the daemon over can have those run, with arguments of their choice, and no others. A
 * command lives as long as the daemon's end of its run is open. The spawner ends with the daemon.
 */
#ifndef FEDNS_SPAWNER_H
#define FEDNS_SPAWNER_H

#include "fedns/kubeconfig.h"

/** Commands at once. */
#define SPAWNER_RUNS_MAX 128

struct spawner;

struct spawner_setup {
	const char *const *allow; /* as of a kubeconfig_ask; copied */
	size_t allow_count;
	/** What spawner and commands give up, called in the spawner; NULL: nothing. */
	enum err (*confine)(struct why *why);
};

/** Fork it, and wait until it is confined. Only where this process has one thread. ERR_IO,
 * ERR_NOMEM, errors of `confine`: there is none. */
MUST_CHECK enum err spawner_start(const struct spawner_setup *setup, struct spawner **out,
                                  struct why *why);
/** It ends by itself once nobody talks to it any more; it isn't waited for, which the sandbox
 * wouldn't let us. NULL is fine. */
void spawner_stop(struct spawner *spawner);

/** Is it no more? Known for sure once a run that it can't have given up has ended without an
 * answer: a process closes the socket of the runs before those that wait there. */
bool spawner_is_gone(const struct spawner *spawner);

/** Is `command` among those that it runs? */
bool spawner_allows(const struct spawner *spawner, const char *command);

/**
 * Begin a run, whose standard output and error are `output` and `noise`, borrowed. `*run` is the
 * caller's: what is to be run is written there (spawn_message.h), how it ended is read there, and
 * closing it kills the command. ERR_IO: `why` says whether the spawner is gone; ERR_AGAIN.
 */
MUST_CHECK enum err spawner_begin(const struct spawner *spawner, int output, int noise, int *run,
                                  struct why *why);

#endif

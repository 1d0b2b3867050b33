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

/* --- one push, for `plan` and `push` ------------------------------------------------------- */

struct push_ask {
	bool dry_run; /* plan only */
	/** Called now and then while it goes on, and at its end. */
	void (*progress)(void *arg, const struct provider_state *state);
	void *arg;
};

/**
 * Read the state once, and bring what it gives to the provider; or only plan that. `*out` is how it
 * ended, also where ERR_AGAIN says that it did not come to its end (the provider, its account, or
 * the lease, which another holds). ERR_INVALID, ERR_IO, ERR_CONFLICT (a running daemon pushes),
 * ERR_MISSING (no provider in the configuration), ERR_NOMEM: nothing was asked, `*out` is NULL.
 */
struct push_once;
MUST_CHECK enum err push_once_run(const struct config *config, const struct push_ask *ask,
                                  struct findings *findings, struct push_once **out,
                                  struct why *why);
/** The plan that was made last; NULL: none. Borrowed. */
const struct plan *push_once_plan(const struct push_once *once, const struct record_list **have,
                                  const struct record_list **want);
void push_once_state(const struct push_once *once, struct provider_state *out);
void push_once_free(struct push_once *once);

#endif

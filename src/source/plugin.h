/* plugin: one run of a command that prints credentials. */
#ifndef FEDNS_SOURCE_PLUGIN_H
#define FEDNS_SOURCE_PLUGIN_H

#include "fedns/kubeconfig.h"
#include "fedns/log.h"
#include "fedns/spawner.h"

#include <uv.h>

struct plugin;

/** What it printed, borrowed and overwritten after the call. On error empty, and `why` the
 * sentence. */
typedef void plugin_done(void *arg, enum err err, struct bytes output, const struct why *why);

struct plugin_run {
	const struct kube_exec *exec;
	const struct spawner *spawner; /* who starts it; NULL: this process */
	const char *info;              /* the value of KUBERNETES_EXEC_INFO */
	const struct log *log;         /* its standard error goes there, at level debug */
	uint64_t timeout_ms;
	plugin_done *done;
	void *arg;
};

/**
 * Run it, in a session of its own (it can't ask at a terminal), with nothing on standard input.
 * `done` is called once, on the loop, never from within this call. ERR_MISSING: there is no such
 * command; ERR_IO, ERR_NOMEM, ERR_LIMIT, ERR_AGAIN: `done` is not called.
 */
MUST_CHECK enum err plugin_start(uv_loop_t *loop, const struct plugin_run *run, struct plugin **out,
                                 struct why *why);

/** Kill it; `done` is not called any more. Only before it was. Handles close on the loop. */
void plugin_cancel(struct plugin *plugin);

#endif

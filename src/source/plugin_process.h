/* plugin_process: the process of a plugin, started by this one or by the spawner. */
#ifndef FEDNS_SOURCE_PLUGIN_PROCESS_H
#define FEDNS_SOURCE_PLUGIN_PROCESS_H

#include "fedns/spawner.h"
#include "spawn_message.h"

#include <uv.h>

struct plugin_process_setup {
	uv_loop_t *loop;
	const struct spawner *spawner; /* borrowed until `closed`; NULL: this process starts it */
	const struct kube_exec *exec;
	const char *info;  /* the value of KUBERNETES_EXEC_INFO */
	int output, noise; /* its standard output and error; borrowed for the call */
	/** It ended, or couldn't be started after all: ERR_OK is status 0. Once. */
	void (*ended)(void *arg, enum err err, const struct why *why);
	/** The handle is closed, the memory the caller's again. */
	void (*closed)(void *arg);
	void *arg;
};

struct plugin_process {
	bool open; /* `closed` follows; also after a start that failed */
	bool over; /* it ended or was killed: `ended` isn't called any more */
	const char *command;
	const struct spawner *spawner; /* `run` is what counts then; NULL: `child` */
	uv_process_t child;
	uv_pipe_t run;
	uv_write_t write;
	struct buf request;
	struct spawn_answer answer;
	size_t answer_size;
	void (*ended)(void *arg, enum err err, const struct why *why);
	void (*closed)(void *arg);
	void *arg;
};

/** In a session of its own, with nothing on standard input. ERR_MISSING: there is no such command;
 * ERR_IO, ERR_NOMEM, ERR_LIMIT, ERR_AGAIN. The spawner's errors may come by `ended` as well. */
MUST_CHECK enum err plugin_process_start(struct plugin_process *process,
                                         const struct plugin_process_setup *setup, struct why *why);
/** Kill it with all of its session; it may have ended before. */
void plugin_process_kill(struct plugin_process *process);

#endif

/* beat: what the control thread does time and again beside its work: the log's counts, the
 * questions that were noted, a sign of life. */
#ifndef FEDNS_DAEMON_BEAT_H
#define FEDNS_DAEMON_BEAT_H

#include "notify.h"

#include <stdint.h>
#include <uv.h>

/* Rings of NOTES_MAX notes are emptied so often: some 5000 questions a second of each thread. */
#define BEAT_MS_NOTES 100
/* Without any to empty. */
#define BEAT_MS_IDLE 1000

struct daemon_beat {
	uv_timer_t timer;
	struct notifier notifier;
	uint64_t alive_ms;      /* loop time: the last sign of life */
	struct why status;      /* that the manager was told last */
	uint64_t notes_dropped; /* by crews that are no more */
	uint64_t dropped_told;  /* by all, and told of so far */
	uint64_t told_ms;       /* loop time: when */
};

#endif

/* health_wiring: the daemon's health: the core, its prober, and the file of its orders. */
#ifndef FEDNS_DAEMON_HEALTH_WIRING_H
#define FEDNS_DAEMON_HEALTH_WIRING_H

#include "fedns/health.h"
#include "fedns/prober.h"
#include "health_log.h"

/** Zeroed but for `health` and its handles where nothing is probed. */
struct daemon_health {
	struct health *health;
	struct prober *prober; /* NULL: nothing is probed */
	size_t targets;        /* that the prober was given, without self checks */
	size_t self_checks;    /* added, or malformed */
	uv_timer_t tick;       /* the core's next moment */
	bool orders_unread;    /* the file: it is kept beside what is written next */
	int64_t tick_at_ms;    /* when that is, since 1970; INT64_MAX: never */
	struct health_log log;
	size_t waiting; /* control jobs that wait for a publish */
};

#endif

/* service_look: how a service is, by a look that costs no compile, so that all of them can be
 * looked at for one page. */
#ifndef FEDNS_DAEMON_SERVICE_LOOK_H
#define FEDNS_DAEMON_SERVICE_LOOK_H

#include "control_commands.h"

/** The worst first. */
enum service_state {
	SERVICE_DOWN,     /* nothing that it lists serves */
	SERVICE_DEGRADED, /* a part does not, or should not and waits for somebody's word */
	SERVICE_UNSTEADY, /* all serves, and an address may soon go, or one come back */
	SERVICE_DRAINED,  /* what does not serve was taken out by an order */
	SERVICE_FINE,
};

/** "down", "degraded", "unsteady", "drained", "fine". */
const char *service_state_text(enum service_state state);

enum service_state service_look(const struct daemon *daemon, uint32_t id,
                                const struct service_view *service);

#endif

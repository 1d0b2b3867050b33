/* sandbox_calls: the list of system calls, by what they are for. Names that an architecture or an
 * older library doesn't know are passed over. */
#ifndef FEDNS_DAEMON_SANDBOX_CALLS_H
#define FEDNS_DAEMON_SANDBOX_CALLS_H

#include <stddef.h>

/** Allowed, whatever their arguments. NULL at the end. */
extern const char *const SANDBOX_ALLOWED[];
/** How other programs are started. They end the process. NULL at the end. */
extern const char *const SANDBOX_PROGRAMS[];
/** What neither we nor a command needs. They end the process. NULL at the end. */
extern const char *const SANDBOX_FATAL[];

#endif

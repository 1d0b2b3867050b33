/* sandbox: what is given up for good once the daemon has started: capabilities, the way to any
 * others, and the system calls that it doesn't need.
 *
 * What becomes of a call that isn't on the list depends on what it would mean:
 *
 * - Those that only somebody makes who has taken the process over (start a program, trace, mount,
 *   load code into the kernel, leave the namespaces) end the process at once: SIGSYS, which the
 *   kernel's audit log and whoever supervises us show. Each further moment would be theirs.
 * - All others fail with ENOSYS, and the audit log shows them. A libc or a library of tomorrow that
 *   tries a newer call falls back to the one that it replaced, as on an old kernel, while EPERM
 *   would be taken for the answer; and a call that the list should have had costs one function,
 *   with an error of ours in the log, and not the DNS.
 */
#ifndef FEDNS_DAEMON_SANDBOX_H
#define FEDNS_DAEMON_SANDBOX_H

#include "fedns/base.h"

/** Use what a file capability permits for port 53. */
void capabilities_raise(void);
/** As root, and before that is given up: no program that we became could have capabilities, and
 * being root gives none. Not being root, there is nothing to do. */
void capabilities_bound(void);
/** Drop every capability of this thread, from all sets, and let no program gain any. Before there
 * are other threads. ERR_IO. */
MUST_CHECK enum err capabilities_drop(struct why *why);

/** From now on, and in all threads that there are and will be, only the listed system calls; and no
 * core file, nor a way to our memory by /proc for others than root.
 * ERR_IO, ERR_NOMEM: nothing is in force. */
MUST_CHECK enum err sandbox_enter(struct why *why);

/** For a process that starts commands, and for these: all system calls but those that would end us,
 * which fail with EPERM; starting programs is allowed. What else a cloud's command needs is
 * anybody's guess. ERR_IO, ERR_NOMEM: nothing is in force. */
MUST_CHECK enum err sandbox_enter_for_commands(struct why *why);

#endif

/* notify: tell the service manager how we are (sd_notify(3)): one datagram a message, so no library
 * is needed for it. */
#ifndef FEDNS_DAEMON_NOTIFY_H
#define FEDNS_DAEMON_NOTIFY_H

#include "fedns/base.h"

#include <sys/socket.h>
#include <sys/un.h>

/** Octets of one message; a longer status is cut. */
#define NOTIFY_SIZE_MAX 512

struct notifier {
	int fd; /* -1: nobody wants to be told */
	struct sockaddr_un to;
	socklen_t to_size;
	uint64_t watchdog_ms; /* a sign of life at least this often, or we are restarted; 0: no need */
};

/** What the manager's environment variables say; NULL: not set. */
struct notify_wish {
	const char *socket;       /* NOTIFY_SOCKET: a path, or "@NAME": an abstract address */
	const char *watchdog_us;  /* WATCHDOG_USEC */
	const char *watchdog_pid; /* WATCHDOG_PID: whom it is meant for */
};

/** A wish that can't be read or met is `why` and ERR_INVALID or ERR_IO: then nobody is told. */
MUST_CHECK enum err notifier_open(struct notifier *notifier, const struct notify_wish *wish,
                                  struct why *why);
void notifier_close(struct notifier *notifier);

/* Each of these is lost where the manager doesn't take it at once; none waits. */

void notify_ready(const struct notifier *notifier);
/** A reload begins; it ends with notify_ready(). */
void notify_reloading(const struct notifier *notifier);
void notify_stopping(const struct notifier *notifier);
void notify_alive(const struct notifier *notifier);
/** A line for `systemctl status`. */
void notify_status(const struct notifier *notifier, const char *text);

#endif

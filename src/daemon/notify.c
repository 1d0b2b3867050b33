#include "notify.h"

#include "fedns/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool address_set(struct notifier *notifier, const char *path)
{
	size_t size = strlen(path);
	if (size < 2 || size > sizeof notifier->to.sun_path || (path[0] != '/' && path[0] != '@'))
		return false;
	notifier->to.sun_family = AF_UNIX;
	memcpy(notifier->to.sun_path, path, size);
	if (path[0] == '@')
		notifier->to.sun_path[0] = '\0'; /* unix(7): abstract; its length counts, not a NUL */
	notifier->to_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
	return true;
}

/* For others than us it says nothing. */
static bool watchdog_set(struct notifier *notifier, const struct notify_wish *wish)
{
	uint64_t us, pid;
	if (wish->watchdog_us == NULL)
		return true;
	if (!bytes_number(bytes_of(wish->watchdog_us), UINT64_MAX / 2, &us))
		return false;
	if (wish->watchdog_pid != NULL && !bytes_number(bytes_of(wish->watchdog_pid), UINT32_MAX, &pid))
		return false;
	if (wish->watchdog_pid == NULL || pid == (uint64_t)getpid())
		notifier->watchdog_ms = us / 1000;
	return true;
}

enum err notifier_open(struct notifier *notifier, const struct notify_wish *wish, struct why *why)
{
	*notifier = (struct notifier){.fd = -1};
	if (wish->socket == NULL)
		return ERR_OK;
	if (!address_set(notifier, wish->socket)) {
		why_set(why, "NOTIFY_SOCKET \"%s\": neither a path nor @NAME", wish->socket);
		return ERR_INVALID;
	}
	if (!watchdog_set(notifier, wish)) {
		why_set(why, "WATCHDOG_USEC \"%s\", WATCHDOG_PID \"%s\": not numbers", wish->watchdog_us,
		        wish->watchdog_pid != NULL ? wish->watchdog_pid : "");
		return ERR_INVALID;
	}
	notifier->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (notifier->fd >= 0)
		return ERR_OK;
	why_set(why, "NOTIFY_SOCKET: %s", strerror(errno));
	notifier->watchdog_ms = 0;
	return ERR_IO;
}

void notifier_close(struct notifier *notifier)
{
	if (notifier->fd >= 0)
		(void)close(notifier->fd);
	notifier->fd = -1;
}

static void tell(const struct notifier *notifier, const char *text)
{
	if (notifier->fd >= 0)
		(void)sendto(notifier->fd, text, strlen(text), MSG_NOSIGNAL,
		             (const struct sockaddr *)&notifier->to, notifier->to_size);
}

void notify_ready(const struct notifier *notifier)
{
	tell(notifier, "READY=1");
}

void notify_reloading(const struct notifier *notifier)
{
	char text[64];
	struct timespec now = {0};
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	(void)snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, us);
	tell(notifier, text);
}

void notify_stopping(const struct notifier *notifier)
{
	tell(notifier, "STOPPING=1\nSTATUS=stopping");
}

void notify_alive(const struct notifier *notifier)
{
	if (notifier->watchdog_ms != 0)
		tell(notifier, "WATCHDOG=1");
}

void notify_status(const struct notifier *notifier, const char *text)
{
	char message[NOTIFY_SIZE_MAX];
	(void)snprintf(message, sizeof message, "STATUS=%s", text);
	utf8_clean(message); /* a line feed would begin another assignment */
	tell(notifier, message);
}

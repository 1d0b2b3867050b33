#include "fedns/spawner.h"

#include "spawner_internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct spawner {
	struct spawner_setup setup;
	char **allow; /* what setup.allow is */
	int control;  /* each message there begins a run */
};

bool spawn_is_allowed(const struct spawner_setup *setup, const char *command)
{
	for (size_t i = 0; i < setup->allow_count; i++) {
		if (strcmp(setup->allow[i], command) == 0)
			return true;
	}
	return false;
}

bool spawner_allows(const struct spawner *spawner, const char *command)
{
	return spawn_is_allowed(&spawner->setup, command);
}

static enum err failed(const char *what, struct why *why)
{
	why_set(why, "the process that runs commands: %s: %s", what, strerror(errno));
	return ERR_IO;
}

/* With all signals blocked, so that the child doesn't act as the daemon on one of them. */
static pid_t fork_blocked(void)
{
	sigset_t all, before;
	(void)sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, &before) != 0)
		return -1;
	pid_t child = fork();
	if (child != 0)
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return child;
}

static enum err ready_wait(int control, struct why *why)
{
	struct why said;
	ssize_t got;
	do {
		got = recv(control, &said, sizeof said, 0);
	} while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof said) {
		errno = got < 0 ? errno : ECHILD;
		return failed("it doesn't begin", why);
	}
	if (said.text[0] == '\0')
		return ERR_OK;
	*why = said;
	why_wrap(why, "the process that runs commands");
	return ERR_IO;
}

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory for the process that runs commands");
	return ERR_NOMEM;
}

static enum err spawner_new(const struct spawner_setup *setup, struct spawner **out,
                            struct why *why)
{
	struct spawner *spawner = calloc(1, sizeof *spawner);
	if (spawner == NULL)
		return no_memory(why);
	spawner->control = -1;
	spawner->setup = *setup;
	spawner->setup.allow_count = 0;
	spawner->allow = calloc(setup->allow_count + 1, sizeof *spawner->allow);
	spawner->setup.allow = (const char *const *)spawner->allow;
	for (size_t i = 0; spawner->allow != NULL && i < setup->allow_count; i++) {
		spawner->allow[i] = strdup(setup->allow[i]);
		if (spawner->allow[i] == NULL)
			break;
		spawner->setup.allow_count++;
	}
	if (spawner->allow != NULL && spawner->setup.allow_count == setup->allow_count) {
		*out = spawner;
		return ERR_OK;
	}
	spawner_stop(spawner);
	return no_memory(why);
}

enum err spawner_start(const struct spawner_setup *setup, struct spawner **out, struct why *why)
{
	int ends[2];
	struct spawner *spawner = NULL;
	*out = NULL;
	enum err err = spawner_new(setup, &spawner, why);
	if (err != ERR_OK)
		return err;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		err = failed("socketpair", why);
		spawner_stop(spawner);
		return err;
	}
	pid_t child = fork_blocked();
	if (child == 0)
		spawner_live(&spawner->setup, ends[1]);
	spawner->control = ends[0];
	(void)close(ends[1]);
	err = child < 0 ? failed("fork", why) : ready_wait(spawner->control, why);
	if (err == ERR_OK)
		*out = spawner;
	else
		spawner_stop(spawner);
	return err;
}

void spawner_stop(struct spawner *spawner)
{
	if (spawner == NULL)
		return;
	if (spawner->control >= 0)
		(void)close(spawner->control);
	for (size_t i = 0; i < spawner->setup.allow_count; i++)
		free(spawner->allow[i]);
	free(spawner->allow);
	free(spawner);
}

bool spawner_is_gone(const struct spawner *spawner)
{
	struct pollfd control = {.fd = spawner->control}; /* POLLHUP comes unasked */
	return poll(&control, 1, 0) == 1;
}

static ssize_t fds_send(int control, const int fds[SPAWNER_FDS])
{
	char octet = 0;
	struct iovec text = {&octet, 1};
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(SPAWNER_FDS * sizeof(int))];
	} with = {.room = {0}};
	struct msghdr message = {.msg_iov = &text,
	                         .msg_iovlen = 1,
	                         .msg_control = with.room,
	                         .msg_controllen = sizeof with.room};
	with.head.cmsg_level = SOL_SOCKET;
	with.head.cmsg_type = SCM_RIGHTS;
	with.head.cmsg_len = CMSG_LEN(SPAWNER_FDS * sizeof(int));
	memcpy(CMSG_DATA(&with.head), fds, SPAWNER_FDS * sizeof(int));
	return sendmsg(control, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

enum err spawner_begin(const struct spawner *spawner, int output, int noise, int *run,
                       struct why *why)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return failed("socketpair", why);
	ssize_t sent = fds_send(spawner->control, (int[SPAWNER_FDS]){ends[1], output, noise});
	int error = errno;
	(void)close(ends[1]);
	if (sent == 1) {
		*run = ends[0];
		return ERR_OK;
	}
	(void)close(ends[0]);
	if (error == EAGAIN) {
		why_set(why, "the process that runs commands has too much to do");
		return ERR_AGAIN;
	}
	why_set(why, "the process that runs commands is gone (%s): that needs a restart",
	        strerror(error));
	return ERR_IO;
}

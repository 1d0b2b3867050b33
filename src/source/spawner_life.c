/* The spawner: it takes new runs, gives each a process of its own, and buries those that ended. */
#include "spawner_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where its end of the socket goes: behind standard input, output and error. */
#define CONTROL_FD 3

struct life {
	const struct spawner_setup *setup;
	pid_t runners[SPAWNER_RUNS_MAX]; /* 0: none */
};

static void on_child(int number)
{
	(void)number; /* poll() ends by it, and that is all */
}

/* Nothing of the daemon's: no socket, no signal that was meant for it. A manager that stops a
 * service tells each process of it; the daemon may need commands still, so we end when it does. */
static void signals_set(void)
{
	static const int IGNORED[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE};
	const struct sigaction nothing = {.sa_handler = on_child};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t child;
	for (size_t i = 0; i < sizeof IGNORED / sizeof IGNORED[0]; i++)
		(void)sigaction(IGNORED[i], &ignore, NULL);
	(void)sigaction(SIGCHLD, &nothing, NULL);
	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigprocmask(SIG_SETMASK, &child, NULL); /* it comes while we wait, and never else */
}

static void fds_close_from(int first)
{
	struct rlimit limit;
	if (close_range((unsigned)first, ~0U, 0) == 0)
		return;
	/* a kernel of before 5.9 */
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		_exit(EXIT_FAILURE);
	for (rlim_t fd = (rlim_t)first; fd < limit.rlim_cur; fd++)
		(void)close((int)fd);
}

static void fds_set(int control)
{
	int nothing = open("/dev/null", O_RDWR); /* maybe one of the three already */
	int kept = fcntl(control, F_DUPFD_CLOEXEC, CONTROL_FD + 1);
	if (nothing < 0 || kept < 0)
		_exit(EXIT_FAILURE);
	for (int fd = 0; fd < CONTROL_FD; fd++) {
		if (dup2(nothing, fd) < 0)
			_exit(EXIT_FAILURE);
	}
	if (dup3(kept, CONTROL_FD, O_CLOEXEC) < 0)
		_exit(EXIT_FAILURE);
	fds_close_from(CONTROL_FD + 1);
}

/* Runners, and what commands have left behind: orphans come to us, as the daemon may be the first
 * process of a container, and buries none. */
static void bury(struct life *life)
{
	pid_t ended;
	while ((ended = waitpid(-1, NULL, WNOHANG)) > 0) {
		for (size_t i = 0; i < SPAWNER_RUNS_MAX; i++) {
			if (life->runners[i] == ended)
				life->runners[i] = 0;
		}
	}
}

/* No room, no process: the other end sees that the run's socket closes. _Fork(): libuv's handler of
 * fork() would close descriptors by numbers that are ours by now. */
static void run_begin(struct life *life, const int fds[SPAWNER_FDS])
{
	size_t at = 0;
	while (at < SPAWNER_RUNS_MAX && life->runners[at] != 0)
		at++;
	if (at == SPAWNER_RUNS_MAX)
		return;
	pid_t child = _Fork();
	if (child == 0) {
		(void)close(CONTROL_FD);
		spawn_runner_live(life->setup, fds);
	}
	life->runners[at] = child < 0 ? 0 : child;
}

/* False: the daemon has ended. */
static bool control_take(struct life *life)
{
	char octet;
	struct iovec text = {&octet, 1};
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(SPAWNER_FDS * sizeof(int))];
	} with;
	struct msghdr message = {.msg_iov = &text,
	                         .msg_iovlen = 1,
	                         .msg_control = with.room,
	                         .msg_controllen = sizeof with.room};
	int fds[SPAWNER_FDS];
	ssize_t got = recvmsg(CONTROL_FD, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (got <= 0)
		return got < 0 && (errno == EAGAIN || errno == EINTR);
	const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	if (head == NULL || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
		return true;
	size_t size = head->cmsg_len - CMSG_LEN(0), count = size / sizeof(int);
	memcpy(fds, CMSG_DATA(head), count * sizeof(int)); /* there was room for no more */
	if (count == SPAWNER_FDS)
		run_begin(life, fds);
	for (size_t i = 0; i < count; i++)
		(void)close(fds[i]);
	return true;
}

noreturn void spawner_live(const struct spawner_setup *setup, int control)
{
	struct life life = {.setup = setup};
	struct why why = {{0}};
	sigset_t none;
	fds_set(control);
	signals_set();
	(void)prctl(PR_SET_NAME, "fedns-spawner", 0, 0, 0);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* else the daemon could write to /proc/PID/mem */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	enum err err = setup->confine != NULL ? setup->confine(&why) : ERR_OK;
	if (err == ERR_OK)
		why.text[0] = '\0';
	if (send(CONTROL_FD, &why, sizeof why, MSG_NOSIGNAL) < 0 || err != ERR_OK)
		_exit(EXIT_FAILURE);
	(void)sigemptyset(&none);
	for (bool goes_on = true; goes_on;) {
		struct pollfd in = {.fd = CONTROL_FD, .events = POLLIN};
		int ready = ppoll(&in, 1, NULL, &none);
		bury(&life);
		if (ready > 0)
			goes_on = control_take(&life);
	}
	_exit(EXIT_SUCCESS);
}

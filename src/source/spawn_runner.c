/* One run: a process that starts a command, and waits for its end or for that of the wish. */
#include "plugin_command.h"
#include "spawn_message.h"
#include "spawner_internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* All of it, or the wish is over. */
static void take(int run, void *out, size_t size)
{
	size_t at = 0;
	while (at < size) {
		ssize_t got = recv(run, (char *)out + at, size - at, 0);
		if (got <= 0 && !(got < 0 && errno == EINTR))
			_exit(EXIT_FAILURE);
		at += got > 0 ? (size_t)got : 0;
	}
}

static noreturn void answer(int run, enum spawn_end end, int value)
{
	const struct spawn_answer said = {(uint32_t)end, value};
	(void)send(run, &said, sizeof said, MSG_NOSIGNAL);
	_exit(EXIT_SUCCESS);
}

/* In a session of its own, so that it can't ask at a terminal and all of it can be killed; with
 * signals as a program expects them. 0 or an errno. */
static int start(const struct plugin_command *command, const int fds[SPAWNER_FDS], pid_t *out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	int error = posix_spawn_file_actions_init(&files);
	if (error != 0)
		return error;
	error = posix_spawnattr_init(&attributes);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&files, fds[1], STDOUT_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&files, fds[2], STDERR_FILENO);
	if (error == 0)
		error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
		                                                  POSIX_SPAWN_SETSIGDEF);
	if (error == 0)
		error = posix_spawnattr_setsigmask(&attributes, &none);
	if (error == 0)
		error = posix_spawnattr_setsigdefault(&attributes, &all);
	if (error == 0)
		error = posix_spawn(out, command->path, &files, &attributes, command->args, command->env);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&files);
	return error;
}

/* Its number is its own until it was waited for. */
static noreturn void watch(int run, pid_t command)
{
	sigset_t none;
	int status;
	(void)sigemptyset(&none);
	for (;;) {
		struct pollfd in = {.fd = run, .events = POLLIN};
		int ready = ppoll(&in, 1, NULL, &none); /* SIGCHLD ends it, and is blocked else */
		pid_t ended = waitpid(command, &status, WNOHANG);
		if (ended == command && WIFSIGNALED(status))
			answer(run, SPAWN_SIGNALLED, WTERMSIG(status));
		if (ended == command)
			answer(run, SPAWN_EXITED, WEXITSTATUS(status));
		if (ready <= 0)
			continue;
		(void)kill(-command, SIGKILL); /* nobody says anything here: the other end is closed */
		(void)waitpid(command, &status, 0);
		_exit(EXIT_SUCCESS);
	}
}

noreturn void spawn_runner_live(const struct spawner_setup *setup, const int fds[SPAWNER_FDS])
{
	struct spawn_request request;
	struct spawn_head head;
	struct plugin_command command;
	struct why why;
	pid_t process;
	int run = fds[0];
	take(run, &head, sizeof head);
	if (head.size > SPAWN_SIZE_MAX)
		_exit(EXIT_FAILURE);
	char *texts = malloc((size_t)head.size + 1);
	if (texts == NULL)
		answer(run, SPAWN_FAILED, ENOMEM);
	take(run, texts, head.size);
	if (spawn_request_read(&head, texts, &request) != ERR_OK)
		_exit(EXIT_FAILURE);
	if (!spawn_is_allowed(setup, request.exec.command))
		answer(run, SPAWN_NOT_ALLOWED, 0);
	enum err err = plugin_command_make(&request.exec, request.info, &command, &why);
	if (err != ERR_OK)
		answer(run, err == ERR_MISSING ? SPAWN_MISSING : SPAWN_FAILED, ENOMEM);
	int error = start(&command, fds, &process);
	if (error != 0)
		answer(run, SPAWN_FAILED, error);
	(void)close(fds[1]);
	(void)close(fds[2]);
	watch(run, process);
}

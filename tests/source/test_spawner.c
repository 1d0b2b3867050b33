/* spawner: what it runs and what it doesn't, whatever is said to it; and that nothing is left of a
 * run once nobody wants it. What the runs of kube_auth need of it is in test_kube_auth_exec.c. */
#include "fedns/spawner.h"

#include "secret.h"
#include "spawn_message.h"

#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 10000

struct run {
	int run, output;
};

static struct spawner *start(const char *const *allow, size_t count)
{
	struct spawner *spawner = NULL;
	struct why why;
	const struct spawner_setup setup = {.allow = allow, .allow_count = count};
	if (spawner_start(&setup, &spawner, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return spawner;
}

static struct run begin(const struct spawner *spawner)
{
	struct run run;
	struct why why;
	int output[2];
	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	if (spawner_begin(spawner, output[1], output[1], &run.run, &why) != ERR_OK)
		fail_msg("%s", why.text);
	assert_int_equal(close(output[1]), 0);
	run.output = output[0];
	return run;
}

static void end(const struct run *run)
{
	assert_int_equal(close(run->run), 0);
	assert_int_equal(close(run->output), 0);
}

static void ask(const struct run *run, const char *command, const char *const *args, size_t count)
{
	struct buf request;
	struct why why;
	const struct kube_exec exec = {.command = command, .args = args, .arg_count = count};
	assert_int_equal(spawn_request_write(&exec, "told", &request, &why), ERR_OK);
	assert_int_equal(send(run->run, request.data, request.size, 0), request.size);
	buf_wipe(&request);
}

static ssize_t take(int fd, void *out, size_t size)
{
	struct pollfd in = {.fd = fd, .events = POLLIN};
	assert_int_equal(poll(&in, 1, WAIT_MS), 1);
	return read(fd, out, size);
}

static struct spawn_answer answer(const struct run *run)
{
	struct spawn_answer said;
	assert_int_equal(take(run->run, &said, sizeof said), sizeof said);
	return said;
}

static void runs_an_allowed_command_and_no_other(void **state)
{
	(void)state;
	static const char *const ALLOW[] = {"/bin/echo", "fedns-not-there"};
	static const char *const ARGS[] = {"a b", "c"};
	char text[16] = "";
	struct spawner *spawner = start(ALLOW, 2);
	assert_true(spawner_allows(spawner, "/bin/echo"));
	assert_false(spawner_allows(spawner, "echo"));
	struct run run = begin(spawner);
	ask(&run, "/bin/echo", ARGS, 2);
	assert_int_equal(answer(&run).end, SPAWN_EXITED);
	assert_int_equal(take(run.output, text, sizeof text), 6);
	assert_memory_equal(text, "a b c\n", 6);
	end(&run);
	static const struct {
		const char *command;
		enum spawn_end end;
	} CASES[] = {
		{"echo", SPAWN_NOT_ALLOWED},        {"/bin/../bin/echo", SPAWN_NOT_ALLOWED},
		{"/bin/echoo", SPAWN_NOT_ALLOWED},  {"", SPAWN_NOT_ALLOWED},
		{"fedns-not-there", SPAWN_MISSING},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		run = begin(spawner);
		ask(&run, CASES[i].command, ARGS, 2);
		if (answer(&run).end != CASES[i].end)
			fail_msg("%s", CASES[i].command);
		assert_int_equal(take(run.output, text, sizeof text), 0); /* it said nothing */
		end(&run);
	}
	spawner_stop(spawner);
}

/* It hangs up, and takes the next one. */
static void nonsense_ends_its_run_alone(void **state)
{
	(void)state;
	static const char *const ALLOW[] = {"/bin/true"};
	static const struct {
		struct spawn_head head;
		const char *texts;
	} CASES[] = {
		{{UINT32_MAX, 0, 0}, ""},
		{{5, UINT32_MAX, 1}, "a\0b\0c"},
		{{5, 0, UINT32_MAX}, "a\0b\0c"},
		{{5, 1, 0}, "a\0b\0c"},
		{{6, 0, 1}, "a\0b\0c"},
		{{6, 0, 0}, "a\0b\0c"},
		{{1, 0, 0}, "a"},
		{{0, 0, 0}, ""},
	};
	char octet;
	struct spawner *spawner = start(ALLOW, 1);
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct run run = begin(spawner);
		assert_int_equal(send(run.run, &CASES[i].head, sizeof CASES[i].head, 0),
		                 sizeof CASES[i].head);
		if (CASES[i].head.size != 0 && CASES[i].head.size <= 6) /* else it hangs up at the head */
			assert_int_equal(send(run.run, CASES[i].texts, CASES[i].head.size, 0),
			                 CASES[i].head.size);
		assert_true(take(run.run, &octet, 1) <= 0);
		end(&run);
	}
	struct run run = begin(spawner);
	ask(&run, "/bin/true", NULL, 0);
	assert_int_equal(answer(&run).end, SPAWN_EXITED);
	end(&run);
	spawner_stop(spawner);
}

/* Whoever goes away takes the command along, and so does the daemon. */
static void a_run_that_nobody_wants_is_killed(void **state)
{
	(void)state;
	static const char *const ALLOW[] = {"/bin/sh"};
	static const char *const ARGS[] = {"-c", "echo begun; sleep 600 & sleep 600"};
	char text[16];
	for (unsigned spawner_first = 0; spawner_first < 2; spawner_first++) {
		struct spawner *spawner = start(ALLOW, 1);
		struct run run = begin(spawner);
		ask(&run, "/bin/sh", ARGS, 2);
		assert_int_equal(take(run.output, text, sizeof text), 6);
		if (spawner_first == 1)
			spawner_stop(spawner);
		assert_int_equal(close(run.run), 0);
		assert_int_equal(take(run.output, text, sizeof text), 0); /* nobody holds it */
		assert_int_equal(close(run.output), 0);
		if (spawner_first == 0)
			spawner_stop(spawner);
	}
}

/* More than it runs at once: the others hear so at once, and later ones are run again. */
static void there_are_so_many_at_once(void **state)
{
	(void)state;
	static const char *const ALLOW[] = {"/bin/true"};
	static struct run runs[SPAWNER_RUNS_MAX + 1];
	char octet;
	struct spawner *spawner = start(ALLOW, 1);
	for (size_t i = 0; i <= SPAWNER_RUNS_MAX; i++)
		runs[i] = begin(spawner);
	assert_int_equal(take(runs[SPAWNER_RUNS_MAX].run, &octet, 1), 0);
	for (size_t i = 0; i <= SPAWNER_RUNS_MAX; i++)
		end(&runs[i]);
	for (enum spawn_end how = SPAWN_FAILED; how != SPAWN_EXITED;) { /* until they are buried */
		struct spawn_answer said = {.end = SPAWN_FAILED};
		runs[0] = begin(spawner);
		ask(&runs[0], "/bin/true", NULL, 0);
		if (take(runs[0].run, &said, sizeof said) > 0)
			how = said.end;
		end(&runs[0]);
	}
	spawner_stop(spawner);
}

/* Others may stand before it that have ended: nobody waits for them. */
static pid_t newest_child(void)
{
	long child = 0;
	char path[64];
	(void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (fscanf(file, "%ld", &child) == 1) {
	}
	assert_int_not_equal(child, 0);
	assert_int_equal(fclose(file), 0);
	return (pid_t)child;
}

/* A run that waited for it then ends without an answer, and whoever asks is told why. */
static void one_that_is_killed_is_seen_to_be_gone(void **state)
{
	(void)state;
	static const char *const ALLOW[] = {"/bin/true"};
	int status;
	char octet;
	for (unsigned round = 0; round < 50; round++) { /* in this order whatever the moment */
		struct spawner *spawner = start(ALLOW, 1);
		pid_t process = newest_child();
		assert_int_equal(kill(process, SIGSTOP), 0);
		assert_int_equal(waitpid(process, &status, WUNTRACED), process);
		struct run run = begin(spawner);
		ask(&run, "/bin/true", NULL, 0);
		assert_false(spawner_is_gone(spawner));
		assert_int_equal(kill(process, SIGKILL), 0);
		assert_true(take(run.run, &octet, 1) <= 0);
		assert_true(spawner_is_gone(spawner));
		assert_int_equal(waitpid(process, &status, 0), process);
		end(&run);
		spawner_stop(spawner);
	}
}

static enum err refuse(struct why *why)
{
	why_set(why, "not here");
	return ERR_IO;
}

static void one_that_cannot_be_confined_is_none(void **state)
{
	(void)state;
	struct spawner *spawner;
	struct why why;
	const struct spawner_setup setup = {.confine = refuse};
	assert_int_equal(spawner_start(&setup, &spawner, &why), ERR_IO);
	assert_null(spawner);
	assert_string_equal(why.text, "the process that runs commands: not here");
}

static enum err look_out(struct why *why)
{
	why_set(why, "others may write into its memory");
	return prctl(PR_GET_DUMPABLE) == 0 ? ERR_OK : ERR_IO;
}

/* Or the daemon, which is the same user, would have what the sandbox takes from it. */
static void its_memory_is_its_own(void **state)
{
	(void)state;
	struct spawner *spawner = NULL;
	struct why why;
	const struct spawner_setup setup = {.confine = look_out};
	if (spawner_start(&setup, &spawner, &why) != ERR_OK)
		fail_msg("%s", why.text);
	spawner_stop(spawner);
}

/* It holds none of the daemon's descriptors, and a command has three. */
static void commands_inherit_nothing(void **state)
{
	(void)state;
	static const char *const ALLOW[] = {"/bin/ls"};
	static const char *const ARGS[] = {"/proc/self/fd"};
	char text[64] = "";
	int ours = dup(STDERR_FILENO); /* without O_CLOEXEC */
	assert_true(ours >= 0);
	struct spawner *spawner = start(ALLOW, 1);
	struct run run = begin(spawner);
	ask(&run, "/bin/ls", ARGS, 1);
	assert_int_equal(answer(&run).end, SPAWN_EXITED);
	assert_int_equal(take(run.output, text, sizeof text), 8);
	assert_memory_equal(text, "0\n1\n2\n3\n", 8); /* 3: of the folder itself */
	end(&run);
	spawner_stop(spawner);
	assert_int_equal(close(ours), 0);
}

static void requests_have_limits(void **state)
{
	(void)state;
	static const char *args[SPAWN_TEXTS_MAX + 1];
	struct buf request;
	struct why why;
	struct kube_exec exec = {.command = "c", .args = args, .arg_count = SPAWN_TEXTS_MAX + 1};
	for (size_t i = 0; i <= SPAWN_TEXTS_MAX; i++)
		args[i] = "x";
	assert_int_equal(spawn_request_write(&exec, "", &request, &why), ERR_LIMIT);
	exec.arg_count = SPAWN_TEXTS_MAX;
	assert_int_equal(spawn_request_write(&exec, "", &request, &why), ERR_OK);
	buf_wipe(&request);
	char *much = calloc(1, SPAWN_SIZE_MAX + 1);
	assert_non_null(much);
	memset(much, 'x', SPAWN_SIZE_MAX);
	assert_int_equal(spawn_request_write(&exec, much, &request, &why), ERR_LIMIT);
	free(much);
}

int main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_an_allowed_command_and_no_other),
		cmocka_unit_test(nonsense_ends_its_run_alone),
		cmocka_unit_test(a_run_that_nobody_wants_is_killed),
		cmocka_unit_test(there_are_so_many_at_once),
		cmocka_unit_test(one_that_is_killed_is_seen_to_be_gone),
		cmocka_unit_test(one_that_cannot_be_confined_is_none),
		cmocka_unit_test(its_memory_is_its_own),
		cmocka_unit_test(commands_inherit_nothing),
		cmocka_unit_test(requests_have_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

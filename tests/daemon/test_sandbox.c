/* sandbox: each call that must not be made is made, by a process that is in the sandbox; and what
 * is needed goes on, in every thread. */
#include "sandbox.h"

#include "check.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef FEDNS_SANITIZED
static const bool SANITIZED = true; /* its list lacks what a sanitizer needs: sandbox_calls.c */
#else
static const bool SANITIZED = false;
#endif

/* What becomes of a process that goes in and does one thing. */
enum end {
	KILLED = -1, /* by SIGSYS */
	WORKED = 0,
	NO_SANDBOX = 255,
	/* else: the errno of what it did */
};

typedef long deed(void);

static int end_within(enum err (*enter)(struct why *why), deed *act)
{
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct why why;
		const struct rlimit no_core = {0, 0};
		(void)setrlimit(RLIMIT_CORE, &no_core);
		capabilities_bound();
		if (capabilities_drop(&why) != ERR_OK || enter(&why) != ERR_OK)
			_exit(NO_SANDBOX);
		errno = 0;
		_exit(act() < 0 ? errno : WORKED);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGSYS);
		return KILLED;
	}
	return WEXITSTATUS(status);
}

static int end_of(deed *act)
{
	return end_within(sandbox_enter, act);
}

/* --- what only somebody does who has taken the process over -------------------------------- */

static long start_program(void)
{
	char *const arguments[] = {(char[]){"true"}, NULL};
	return execve("/bin/true", arguments, NULL);
}

static long start_program_by_descriptor(void)
{
	char *const arguments[] = {(char[]){"true"}, NULL};
	return syscall(SYS_execveat, AT_FDCWD, "/bin/true", arguments, NULL, 0);
}

static long trace_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static long write_into_parent(void)
{
	return syscall(SYS_process_vm_writev, getppid(), NULL, 0UL, NULL, 0UL, 0UL);
}

static long mount_tmpfs(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL);
}

static long unmount_proc(void)
{
	return umount2("/proc", MNT_DETACH);
}

static long new_namespaces(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNS);
}

static long other_namespace(void)
{
	return setns(0, 0);
}

static long load_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0);
}

static long load_kernel(void)
{
	return syscall(SYS_kexec_load, 0UL, 0UL, NULL, 0UL);
}

static long load_module(void)
{
	return syscall(SYS_finit_module, 0, "", 0);
}

static long open_perf(void)
{
	return syscall(SYS_perf_event_open, NULL, 0, 0, -1, 0UL);
}

static long fault_handler(void)
{
	return syscall(SYS_userfaultfd, 0);
}

static long read_keys(void)
{
	return syscall(SYS_keyctl, 0, 0, 0, 0, 0);
}

static long leave_root(void)
{
	return chroot("/");
}

static long restart_machine(void)
{
	return syscall(SYS_reboot, 0, 0, 0, NULL);
}

static const struct {
	const char *what;
	deed *act;
	bool sanitizer; /* such a build needs it */
	bool program;   /* a command may */
} INTRUDER[] = {
	{"execve", start_program, true, true},
	{"execveat", start_program_by_descriptor, true, true},
	{"ptrace", trace_parent, true, false},
	{"process_vm_writev", write_into_parent, false, false},
	{"mount", mount_tmpfs, false, false},
	{"umount2", unmount_proc, false, false},
	{"unshare", new_namespaces, false, false},
	{"setns", other_namespace, false, false},
	{"bpf", load_bpf, false, false},
	{"kexec_load", load_kernel, false, false},
	{"finit_module", load_module, false, false},
	{"perf_event_open", open_perf, false, false},
	{"userfaultfd", fault_handler, false, false},
	{"keyctl", read_keys, false, false},
	{"chroot", leave_root, false, false},
	{"reboot", restart_machine, false, false},
};

static void ends_who_has_taken_over(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof INTRUDER / sizeof INTRUDER[0]; i++) {
		if (INTRUDER[i].sanitizer && SANITIZED)
			continue;
		int end = end_of(INTRUDER[i].act);
		if (end != KILLED)
			fail_msg("%s: %d", INTRUDER[i].what, end);
	}
}

/* The spawner and its commands: they start programs, and the rest fails. */
static void commands_are_refused_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof INTRUDER / sizeof INTRUDER[0]; i++) {
		if (INTRUDER[i].sanitizer && SANITIZED)
			continue;
		int end = end_within(sandbox_enter_for_commands, INTRUDER[i].act);
		if (end != (INTRUDER[i].program ? WORKED : EPERM))
			fail_msg("%s: %d", INTRUDER[i].what, end);
	}
}

/* --- what is refused as if there were no such call ----------------------------------------- */

static long packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

static long raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, 1);
}

static long netfilter_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 12);
}

static long vsock_socket(void)
{
	return socket(AF_VSOCK, SOCK_STREAM, 0);
}

static long written_and_run(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	            0) == MAP_FAILED
	           ? -1
	           : 0;
}

static long run_what_was_written(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static long another_process(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0UL);
}

static long clone_of_tomorrow(void)
{
	return syscall(SYS_clone3, NULL, 0UL);
}

static long stop_parent(void)
{
	return kill(getppid(), SIGSTOP);
}

static long stop_thread_of_parent(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), SIGSTOP);
}

static long more_descriptors(void)
{
	const struct rlimit limit = {16, 16};
	return setrlimit(RLIMIT_NOFILE, &limit);
}

static long type_at_the_terminal(void)
{
	return syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI */, "x");
}

static long dump_again(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long io_uring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL);
}

static long another_user(void)
{
	return syscall(SYS_setresuid, 1, 1, 1);
}

static long no_such_call(void)
{
	return syscall(1023);
}

static void refuses_what_is_not_listed(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		deed *act;
		bool sanitizer;
	} CASES[] = {
		{"AF_PACKET", packet_socket, false},
		{"SOCK_RAW", raw_socket, false},
		{"NETLINK_NETFILTER", netfilter_socket, false},
		{"AF_VSOCK", vsock_socket, false},
		{"mmap W+X", written_and_run, true},
		{"mprotect X", run_what_was_written, true},
		{"clone", another_process, true},
		{"clone3", clone_of_tomorrow, false},
		{"kill", stop_parent, true},
		{"tgkill", stop_thread_of_parent, true},
		{"setrlimit", more_descriptors, true},
		{"TIOCSTI", type_at_the_terminal, true},
		{"PR_SET_DUMPABLE", dump_again, true},
		{"io_uring_setup", io_uring, false},
		{"setresuid", another_user, false},
		{"a call of tomorrow", no_such_call, false},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		if (CASES[i].sanitizer && SANITIZED)
			continue;
		int end = end_of(CASES[i].act);
		if (end != ENOSYS)
			fail_msg("%s: %d", CASES[i].what, end);
	}
}

/* --- what goes on --------------------------------------------------------------------------- */

static void *thread_main(void *arg)
{
	return arg;
}

static long another_thread(void)
{
	pthread_t thread;
	void *result = NULL;
	if (pthread_create(&thread, NULL, thread_main, &result) != 0)
		return -1;
	return pthread_join(thread, &result) == 0 && result != NULL ? 0 : -1;
}

static long new_sockets(void)
{
	static const int KINDS[][2] = {{AF_INET, SOCK_DGRAM},
	                               {AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK},
	                               {AF_UNIX, SOCK_STREAM}};
	for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
		if (socket(KINDS[i][0], KINDS[i][1], 0) < 0 && errno != EAFNOSUPPORT)
			return -1;
	}
	return 0;
}

static long look_up_a_name(void)
{
	struct addrinfo *found = NULL;
	const struct addrinfo hints = {.ai_flags = AI_ADDRCONFIG, .ai_socktype = SOCK_STREAM};
	int status = getaddrinfo("localhost", "53", &hints, &found);
	if (found != NULL)
		freeaddrinfo(found);
	return status == 0 || status == EAI_NONAME || status == EAI_AGAIN ? 0 : -1;
}

static long write_a_file(void)
{
	char path[] = "/tmp/fedns-sandbox-XXXXXX", other[64];
	int fd = mkstemp(path);
	if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) != 0 || fchmod(fd, 0640) != 0)
		return -1;
	(void)snprintf(other, sizeof other, "%s.new", path);
	return close(fd) == 0 && rename(path, other) == 0 && unlink(other) == 0 ? 0 : -1;
}

static long load_a_library(void)
{
	return dlopen("libresolv.so.2", RTLD_NOW) != NULL ? 0 : -1;
}

/* By somebody else than root, whose files they all are then. */
static void code_is_not_written_by_way_of_proc(void **state)
{
	(void)state;
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct why why;
		if (getuid() == 0 && setresuid(65534, 65534, 65534) != 0)
			_exit(NO_SANDBOX);
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* as a service manager leaves it */
		if (capabilities_drop(&why) != ERR_OK || sandbox_enter(&why) != ERR_OK)
			_exit(NO_SANDBOX);
		_exit(open("/proc/self/mem", O_RDWR | O_CLOEXEC) >= 0 ? WORKED : errno);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EACCES);
}

static long nothing_is_kept(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
	if (syscall(SYS_capget, &head, sets) != 0)
		return -1;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		if ((sets[i].effective | sets[i].permitted | sets[i].inheritable) != 0)
			return -1;
	}
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : -1;
}

static void what_is_needed_goes_on(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		deed *act;
	} CASES[] = {
		{"a thread", another_thread},    {"sockets", new_sockets},
		{"getaddrinfo", look_up_a_name}, {"a file", write_a_file},
		{"a library", load_a_library},   {"no capability, no new privileges", nothing_is_kept},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		int end = end_of(CASES[i].act);
		if (end != WORKED)
			fail_msg("%s: %s", CASES[i].what, end < 0 ? "killed" : strerror(end));
	}
}

/* --- every thread, also one that was there before ------------------------------------------- */

struct waiter {
	int go[2], came[2];
};

static void *wait_and_try(void *arg)
{
	struct waiter *waiter = arg;
	char octet;
	if (read(waiter->go[0], &octet, 1) != 1)
		return NULL;
	bool refused = socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == ENOSYS;
	octet = refused ? 'y' : 'n';
	(void)!write(waiter->came[1], &octet, 1);
	return NULL;
}

static void threads_that_are_there_are_in_it(void **state)
{
	(void)state;
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct waiter waiter;
		struct why why;
		pthread_t thread;
		char octet = 0;
		if (pipe(waiter.go) != 0 || pipe(waiter.came) != 0 ||
		    pthread_create(&thread, NULL, wait_and_try, &waiter) != 0)
			_exit(2);
		/* of this thread alone, as a daemon's is that has no other yet */
		if (capabilities_drop(&why) != ERR_OK || sandbox_enter(&why) != ERR_OK)
			_exit(3);
		if (write(waiter.go[1], "x", 1) != 1 || read(waiter.came[0], &octet, 1) != 1)
			_exit(4);
		(void)pthread_join(thread, NULL);
		_exit(octet == 'y' ? 0 : 5);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_who_has_taken_over),
		cmocka_unit_test(commands_are_refused_the_same),
		cmocka_unit_test(refuses_what_is_not_listed),
		cmocka_unit_test(code_is_not_written_by_way_of_proc),
		cmocka_unit_test(what_is_needed_goes_on),
		cmocka_unit_test(threads_that_are_there_are_in_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "sandbox.h"

#include "sandbox_calls.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Being root gives a program nothing, no capability can be kept for one, and neither can be changed
 * any more. */
#define SECUREBITS                                                                                 \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED |                        \
	 SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* A type of socket without SOCK_CLOEXEC and SOCK_NONBLOCK. */
#define SOCKET_TYPE_MASK 0xf

/* Flags of clone() that mean a thread, for nothing else has them all. */
#define THREAD_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)

/* --- capabilities ------------------------------------------------------------------------- */

void capabilities_raise(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
	if (syscall(SYS_capget, &head, sets) != 0)
		return; /* then binding says what is missing */
	sets[0].effective |= sets[0].permitted & CAP_TO_MASK(CAP_NET_BIND_SERVICE);
	(void)syscall(SYS_capset, &head, sets);
}

void capabilities_bound(void)
{
	/* Each of these fails where it isn't ours to do; then what is bounded has no root to begin
	 * with. */
	(void)prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0);
	for (unsigned long one = 0; prctl(PR_CAPBSET_READ, one, 0, 0, 0) >= 0; one++)
		(void)prctl(PR_CAPBSET_DROP, one, 0, 0, 0);
}

static enum err failed(const char *what, struct why *why)
{
	why_set(why, "%s: %s", what, strerror(errno));
	return ERR_IO;
}

enum err capabilities_drop(struct why *why)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &head, sets) != 0)
		return failed("drop all capabilities", why);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return failed("no new privileges", why);
	if (syscall(SYS_capget, &head, sets) != 0)
		return failed("read the capabilities back", why);
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		if ((sets[i].effective | sets[i].permitted | sets[i].inheritable) != 0) {
			why_set(why, "capabilities are there after they were dropped");
			return ERR_IO;
		}
	}
	return ERR_OK;
}

/* --- system calls ------------------------------------------------------------------------- */

static int rules_add(scmp_filter_ctx filter, uint32_t action, const char *const *names)
{
	for (; *names != NULL; names++) {
		int number = seccomp_syscall_resolve_name(*names);
		if (number == __NR_SCMP_ERROR)
			continue;
		int status = seccomp_rule_add(filter, action, number, 0);
		if (status != 0)
			return status;
	}
	return 0;
}

/* A call that is allowed with these arguments alone. */
struct narrow {
	const char *name;
	unsigned count;
	struct scmp_arg_cmp args[2];
};

#define ARG_IS(at, value)                                                                          \
	{                                                                                              \
		at, SCMP_CMP_EQ, (scmp_datum_t)(value), 0                                                  \
	}
#define ARG_MASKED(at, mask, value)                                                                \
	{                                                                                              \
		at, SCMP_CMP_MASKED_EQ, (scmp_datum_t)(mask), value                                        \
	}

static int narrow_add(scmp_filter_ctx filter)
{
	const struct narrow rules[] = {
		/* TCP and UDP, sockets of this machine, and what libc asks about addresses and routes */
		{"socket", 2, {ARG_IS(0, AF_INET), ARG_MASKED(1, SOCKET_TYPE_MASK, SOCK_STREAM)}},
		{"socket", 2, {ARG_IS(0, AF_INET), ARG_MASKED(1, SOCKET_TYPE_MASK, SOCK_DGRAM)}},
		{"socket", 2, {ARG_IS(0, AF_INET6), ARG_MASKED(1, SOCKET_TYPE_MASK, SOCK_STREAM)}},
		{"socket", 2, {ARG_IS(0, AF_INET6), ARG_MASKED(1, SOCKET_TYPE_MASK, SOCK_DGRAM)}},
		{"socket", 1, {ARG_IS(0, AF_UNIX)}},
		{"socket", 2, {ARG_IS(0, AF_NETLINK), ARG_IS(2, 0)}}, /* NETLINK_ROUTE */
		{"socketpair", 1, {ARG_IS(0, AF_UNIX)}},
		/* threads; clone3() hides its flags from us, so libc must do with clone() */
		{"clone", 1, {ARG_MASKED(0, THREAD_FLAGS, THREAD_FLAGS)}},
		/* memory that is written, or run, and never both (libraries are still loaded) */
		{"mmap", 1, {ARG_MASKED(2, PROT_EXEC, 0)}},
		{"mmap", 1, {ARG_MASKED(2, PROT_WRITE, 0)}},
		{"mprotect", 1, {ARG_MASKED(2, PROT_EXEC, 0)}},
		{"ioctl", 1, {ARG_IS(1, FIONBIO)}},
		{"ioctl", 1, {ARG_IS(1, FIONREAD)}},
		{"ioctl", 1, {ARG_IS(1, FIOCLEX)}},
		{"ioctl", 1, {ARG_IS(1, TCGETS)}}, /* isatty() */
		{"ioctl", 1, {ARG_IS(1, TIOCGWINSZ)}},
		{"prctl", 1, {ARG_IS(0, PR_SET_NAME)}},
		{"prctl", 1, {ARG_IS(0, PR_GET_NAME)}},
		{"prctl", 2, {ARG_IS(0, PR_SET_DUMPABLE), ARG_IS(1, 0)}},
		{"prctl", 1, {ARG_IS(0, PR_GET_NO_NEW_PRIVS)}},
		{"prctl", 1, {ARG_IS(0, PR_GET_SECCOMP)}},
		/* limits are read; abort() */
		{"prlimit64", 2, {ARG_IS(0, 0), ARG_IS(2, 0)}},
		{"tgkill", 1, {ARG_IS(0, getpid())}},
	};
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		int number = seccomp_syscall_resolve_name(rules[i].name);
		int status =
			seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, rules[i].count, rules[i].args);
		if (status != 0)
			return status;
	}
	return 0;
}

static int filter_set(scmp_filter_ctx filter)
{
	/* A kernel of before 4.14 can't log, or finds its way more slowly: not a reason for none. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	int status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (status == 0)
		status = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	return status;
}

static int filter_fill(scmp_filter_ctx filter)
{
	int status = filter_set(filter);
	if (status == 0)
		status = rules_add(filter, SCMP_ACT_ALLOW, SANDBOX_ALLOWED);
	if (status == 0)
		status = rules_add(filter, SCMP_ACT_KILL_PROCESS, SANDBOX_PROGRAMS);
	if (status == 0)
		status = rules_add(filter, SCMP_ACT_KILL_PROCESS, SANDBOX_FATAL);
	return status == 0 ? narrow_add(filter) : status;
}

static int filter_fill_for_commands(scmp_filter_ctx filter)
{
	int status = filter_set(filter);
	return status == 0 ? rules_add(filter, SCMP_ACT_ERRNO(EPERM), SANDBOX_FATAL) : status;
}

static enum err enter(uint32_t else_action, int (*fill)(scmp_filter_ctx filter), struct why *why)
{
	scmp_filter_ctx filter = seccomp_init(else_action);
	if (filter == NULL) {
		why_set(why, "no memory for the list of system calls");
		return ERR_NOMEM;
	}
	int status = fill(filter);
	if (status == 0)
		status = seccomp_load(filter);
	seccomp_release(filter);
	if (status == 0)
		return ERR_OK;
	why_set(why, "the list of system calls: %s; `sandbox: false` does without", strerror(-status));
	return ERR_IO;
}

enum err sandbox_enter(struct why *why)
{
	/* What mmap() mustn't do could be done by /proc/self/mem, which is ours no more by this. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return enter(SCMP_ACT_ERRNO(ENOSYS), filter_fill, why);
}

enum err sandbox_enter_for_commands(struct why *why)
{
	return enter(SCMP_ACT_ALLOW, filter_fill_for_commands, why);
}

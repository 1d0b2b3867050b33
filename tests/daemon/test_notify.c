/* notify: what a service manager hears, at both kinds of address, and when it doesn't listen. */
#include "notify.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A manager's socket; `name` as in NOTIFY_SOCKET. */
struct manager {
	int fd;
	char name[64];
	char folder[32]; /* empty: an abstract address */
};

static void manager_open(struct manager *manager, bool abstract)
{
	*manager = (struct manager){.folder = ""};
	if (abstract) {
		(void)snprintf(manager->name, sizeof manager->name, "@fedns-test-%d", (int)getpid());
	} else {
		(void)snprintf(manager->folder, sizeof manager->folder, "/tmp/fedns-test-XXXXXX");
		assert_non_null(mkdtemp(manager->folder));
		(void)snprintf(manager->name, sizeof manager->name, "%s/notify", manager->folder);
	}
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	size_t size = strlen(manager->name);
	memcpy(at.sun_path, manager->name, size);
	if (abstract)
		at.sun_path[0] = '\0';
	manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(manager->fd >= 0);
	assert_int_equal(bind(manager->fd, (struct sockaddr *)&at,
	                      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)),
	                 0);
}

static void manager_close(struct manager *manager)
{
	(void)close(manager->fd);
	if (manager->folder[0] != '\0') {
		(void)unlink(manager->name);
		(void)rmdir(manager->folder);
	}
}

/* The next message; empty: there is none. */
static const char *heard(const struct manager *manager)
{
	static char text[4096];
	ssize_t size = recv(manager->fd, text, sizeof text - 1, 0);
	text[size < 0 ? 0 : size] = '\0';
	return text;
}

static void tells_all_at_both_kinds_of_address(void **state)
{
	(void)state;
	for (int abstract = 0; abstract < 2; abstract++) {
		struct manager manager;
		struct notifier notifier;
		struct why why = {{0}};
		char pid[16];
		manager_open(&manager, abstract == 1);
		(void)snprintf(pid, sizeof pid, "%d", (int)getpid());
		const struct notify_wish wish = {manager.name, "30000000", pid};
		assert_int_equal(notifier_open(&notifier, &wish, &why), ERR_OK);
		assert_int_equal(notifier.watchdog_ms, 30000);
		notify_ready(&notifier);
		assert_string_equal(heard(&manager), "READY=1");
		notify_status(&notifier, "serving\nREADY=1 \xff");
		assert_string_equal(heard(&manager), "STATUS=serving?READY=1 ?");
		notify_alive(&notifier);
		assert_string_equal(heard(&manager), "WATCHDOG=1");
		struct timespec now;
		assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
		notify_reloading(&notifier);
		const char *text = heard(&manager);
		assert_memory_equal(text, "RELOADING=1\nMONOTONIC_USEC=", 27);
		uint64_t us = strtoull(text + 27, NULL, 10);
		assert_in_range(us / 1000000, (uint64_t)now.tv_sec, (uint64_t)now.tv_sec + 2);
		notify_stopping(&notifier);
		assert_string_equal(heard(&manager), "STOPPING=1\nSTATUS=stopping");
		assert_string_equal(heard(&manager), "");
		notifier_close(&notifier);
		notify_ready(&notifier); /* to nobody */
		assert_string_equal(heard(&manager), "");
		manager_close(&manager);
	}
}

static void a_watchdog_is_for_whom_it_names(void **state)
{
	(void)state;
	static const struct {
		const char *us, *pid;
		uint64_t ms;
		enum err err;
	} CASES[] = {
		{NULL, NULL, 0, ERR_OK},
		{"2000000", NULL, 2000, ERR_OK},
		{"2000000", "1", 0, ERR_OK},
		{"2s", NULL, 0, ERR_INVALID},
		{"", NULL, 0, ERR_INVALID},
		{"2000000", "we", 0, ERR_INVALID},
		{"99999999999999999999", NULL, 0, ERR_INVALID},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct notifier notifier;
		struct why why = {{0}};
		const struct notify_wish wish = {"@fedns-nobody", CASES[i].us, CASES[i].pid};
		assert_int_equal(notifier_open(&notifier, &wish, &why), CASES[i].err);
		assert_int_equal(notifier.watchdog_ms, CASES[i].ms);
		assert_int_equal(notifier.fd >= 0, CASES[i].err == ERR_OK);
		notify_alive(&notifier); /* nobody listens: that is nothing */
		notifier_close(&notifier);
	}
}

static void takes_no_other_addresses(void **state)
{
	(void)state;
	char long_path[200];
	memset(long_path, 'x', sizeof long_path);
	long_path[0] = '/';
	long_path[sizeof long_path - 1] = '\0';
	const char *const bad[] = {"", "/", "@", "run/notify", "vsock:2:1234", long_path};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct notifier notifier;
		struct why why = {{0}};
		const struct notify_wish wish = {.socket = bad[i]};
		assert_int_equal(notifier_open(&notifier, &wish, &why), ERR_INVALID);
		assert_memory_equal(why.text, "NOTIFY_SOCKET", 13);
		assert_int_equal(notifier.fd, -1);
	}
}

/* Its queue is full, for it reads nothing: no call waits. */
static void a_manager_who_reads_nothing_stops_nobody(void **state)
{
	(void)state;
	enum { MORE_THAN_FIT = 10000 };
	struct manager manager;
	struct notifier notifier;
	struct why why = {{0}};
	manager_open(&manager, true);
	const struct notify_wish wish = {.socket = manager.name};
	assert_int_equal(notifier_open(&notifier, &wish, &why), ERR_OK);
	for (unsigned i = 0; i < MORE_THAN_FIT; i++)
		notify_ready(&notifier);
	unsigned count = 0;
	while (*heard(&manager) != '\0')
		count++;
	assert_in_range(count, 1, MORE_THAN_FIT - 1);
	notifier_close(&notifier);
	manager_close(&manager);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_all_at_both_kinds_of_address),
		cmocka_unit_test(a_watchdog_is_for_whom_it_names),
		cmocka_unit_test(takes_no_other_addresses),
		cmocka_unit_test(a_manager_who_reads_nothing_stops_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

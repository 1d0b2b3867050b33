/* daemon_run as a process of its own: it says when it is ready, answers, reloads, refuses, and
 * stops with status 0. */
#include "fedns/daemon.h"

#include "check.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a line of the log may let us wait; a sanitizer build on a busy machine is slow. */
#define PATIENCE_MS 20000

struct rig {
	char dir[64], config[128], state[128];
	pid_t child;
	int log; /* the child's standard error */
	char said[16384];
	size_t said_size, read_to;
	unsigned port;
};

static const char CONFIG[] =
	"federation: fed\nzone: example.com\nttl: %u\n"
	"nameservers: [{name: ns1.example.com, addresses: [192.0.2.53]}]\n"
	"listen: [\"127.0.0.1:0\"]\nworkers: 1\nstate_dir: kept\nsource: {file: state.json}\n%s";

static const char STATE[] =
	"[{\"kind\":\"Cluster\",\"apiVersion\":\"federation/v1beta1\",\"metadata\":{\"name\":\"a\"},"
	"\"status\":{\"region\":\"r\",\"zones\":[\"z\"]}},"
	"{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"namespace\":\"default\",\"name\":"
	"\"nginx\","
	"\"annotations\":{\"federation.kubernetes.io/service-ingresses\":"
	"\"{\\\"items\\\":[{\\\"cluster\\\":\\\"a\\\",\\\"items\\\":[{\\\"ip\\\":\\\"%s\\\"}]}]}\"}},"
	"\"spec\":{\"type\":\"LoadBalancer\"}}]";

static void file_write(const char *path, const char *text)
{
	char next[160];
	(void)snprintf(next, sizeof next, "%s.next", path);
	FILE *file = fopen(next, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(next, path), 0);
}

static void config_write(const struct rig *rig, unsigned ttl_s, const char *more)
{
	char text[1024];
	(void)snprintf(text, sizeof text, CONFIG, ttl_s, more);
	file_write(rig->config, text);
}

static void state_write(const struct rig *rig, const char *address)
{
	char text[2048];
	(void)snprintf(text, sizeof text, STATE, address);
	file_write(rig->state, text);
}

static void rig_start(struct rig *rig)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	rig->said_size = rig->read_to = 0;
	rig->said[0] = 0;
	rig->child = fork();
	assert_true(rig->child >= 0);
	if (rig->child == 0) {
		struct why why = {{0}};
		(void)close(ends[0]);
		(void)dup2(ends[1], STDERR_FILENO);
		const struct config_flags flags = {.file = rig->config};
		enum err err = daemon_run(&flags, &why);
		(void)fprintf(stderr, "end %d: %s\n", (int)err, why.text);
		_exit(err == ERR_OK ? 0 : 1);
	}
	(void)close(ends[1]);
	rig->log = ends[0];
}

/* Wait until the log says `word` behind what was waited for before; returns the rest of it. */
static const char *wait_for(struct rig *rig, const char *word)
{
	for (;;) {
		const char *at = strstr(rig->said + rig->read_to, word);
		if (at != NULL) {
			rig->read_to = (size_t)(at - rig->said) + strlen(word);
			return at;
		}
		struct pollfd log = {.fd = rig->log, .events = POLLIN};
		ssize_t size = -1;
		if (poll(&log, 1, PATIENCE_MS) == 1)
			size =
				read(rig->log, rig->said + rig->said_size, sizeof rig->said - 1 - rig->said_size);
		if (size <= 0)
			fail_msg("no \"%s\" in: %s", word, rig->said);
		rig->said_size += (size_t)size;
		rig->said[rig->said_size] = '\0';
	}
}

static void rig_ready(struct rig *rig)
{
	const char *at = wait_for(rig, "listening at 127.0.0.1:");
	(void)wait_for(rig, " worker");
	rig->port = (unsigned)strtoul(at + strlen("listening at 127.0.0.1:"), NULL, 10);
}

static int rig_stop(struct rig *rig, int number)
{
	int status = 0;
	assert_int_equal(kill(rig->child, number), 0);
	(void)wait_for(rig, "end ");
	assert_int_equal(waitpid(rig->child, &status, 0), rig->child);
	rig->child = 0;
	(void)close(rig->log);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The RCODE of the answer to nginx.default.fed.svc.example.com A, and its last four octets: of one
 * A, the address. */
static int ask(const struct rig *rig, uint8_t address[4], uint32_t *ttl_s)
{
	static const uint8_t QUERY[] =
		"\x12\x34\1\0\0\1\0\0\0\0\0\0\5nginx\7default\3fed\3svc\7example\3com\0\0\1\0\1";
	uint8_t reply[512];
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)rig->port)};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(sendto(fd, QUERY, sizeof QUERY - 1, 0, (struct sockaddr *)&to, sizeof to),
	                 sizeof QUERY - 1);
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
	ssize_t size = recv(fd, reply, sizeof reply, 0);
	(void)close(fd);
	assert_true(size >= 12);
	if (reply[7] == 1) { /* one answer: NAME TYPE CLASS TTL 4 ADDRESS at the end */
		memcpy(address, reply + size - 4, 4);
		*ttl_s = (uint32_t)reply[size - 7] | (uint32_t)reply[size - 8] << 8;
	}
	return reply[3] & 15;
}

static void answers(const struct rig *rig, uint8_t last_octet, uint32_t ttl_s)
{
	uint8_t address[4] = {0};
	uint32_t ttl_seen_s = 0;
	assert_int_equal(ask(rig, address, &ttl_seen_s), 0);
	const uint8_t expected[4] = {192, 0, 2, last_octet};
	assert_memory_equal(address, expected, 4);
	assert_int_equal(ttl_seen_s, ttl_s);
}

static int rig_make(void **state)
{
	static struct rig rig;
	memset(&rig, 0, sizeof rig);
	(void)snprintf(rig.dir, sizeof rig.dir, "/tmp/fedns-test-XXXXXX");
	if (mkdtemp(rig.dir) == NULL)
		return -1;
	(void)snprintf(rig.config, sizeof rig.config, "%s/fedns.yaml", rig.dir);
	(void)snprintf(rig.state, sizeof rig.state, "%s/state.json", rig.dir);
	*state = &rig;
	return 0;
}

static int rig_remove(void **state)
{
	struct rig *rig = *state;
	char path[192];
	if (rig->child > 0) {
		(void)kill(rig->child, SIGKILL);
		(void)waitpid(rig->child, NULL, 0);
	}
	(void)unlink(rig->config);
	(void)unlink(rig->state);
	(void)snprintf(path, sizeof path, "%s/kept/last-known-good.json", rig->dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/kept", rig->dir);
	(void)rmdir(path);
	return rmdir(rig->dir);
}

static void answers_follows_the_file_and_stops(void **state)
{
	struct rig *rig = *state;
	config_write(rig, 77, "");
	state_write(rig, "192.0.2.1");
	rig_start(rig);
	rig_ready(rig);
	(void)wait_for(rig, "ready: 1 service, 3 records");
	answers(rig, 1, 77);
	state_write(rig, "192.0.2.2");
	(void)wait_for(rig, "state read: 1 service, 3 records, 1 changed");
	answers(rig, 2, 77);
	file_write(rig->state, "{ \"kind\"");
	(void)wait_for(rig, "state refused, the old one is served on: ");
	answers(rig, 2, 77);
	assert_int_equal(rig_stop(rig, SIGTERM), 0);
}

static void starts_by_what_was_last_known_good(void **state)
{
	struct rig *rig = *state;
	config_write(rig, 77, "");
	state_write(rig, "192.0.2.1");
	rig_start(rig);
	(void)wait_for(rig, "ready:");
	assert_int_equal(rig_stop(rig, SIGINT), 0);
	file_write(rig->state, "");
	rig_start(rig);
	rig_ready(rig);
	(void)wait_for(rig, "serving the last-known-good state, which is ");
	(void)wait_for(rig, "ready:");
	answers(rig, 1, 77);
	assert_int_equal(rig_stop(rig, SIGTERM), 0);
}

static void without_any_state_it_says_servfail_until_there_is_one(void **state)
{
	struct rig *rig = *state;
	uint8_t address[4];
	uint32_t ttl_s;
	config_write(rig, 77, "");
	rig_start(rig);
	rig_ready(rig);
	(void)wait_for(rig, "every answer is SERVFAIL");
	assert_int_equal(ask(rig, address, &ttl_s), 2);
	state_write(rig, "192.0.2.3");
	(void)wait_for(rig, "ready: 1 service");
	answers(rig, 3, 77);
	assert_int_equal(rig_stop(rig, SIGTERM), 0);
}

static void a_reload_is_whole_or_not_at_all(void **state)
{
	struct rig *rig = *state;
	config_write(rig, 77, "");
	state_write(rig, "192.0.2.1");
	rig_start(rig);
	rig_ready(rig);
	(void)wait_for(rig, "ready:");
	config_write(rig, 0, "");
	assert_int_equal(kill(rig->child, SIGHUP), 0);
	(void)wait_for(rig, "fedns.yaml:3: \"ttl\" is \"0\"");
	(void)wait_for(rig, "configuration refused, the old one stays");
	answers(rig, 1, 77);
	config_write(rig, 99, "workers: 2\n"); /* a duplicate key: refused, too */
	assert_int_equal(kill(rig->child, SIGHUP), 0);
	(void)wait_for(rig, "configuration refused, the old one stays");
	answers(rig, 1, 77);
	config_write(rig, 99, "");
	assert_int_equal(kill(rig->child, SIGHUP), 0);
	(void)wait_for(rig, "configuration read again");
	(void)wait_for(rig, "state read");
	answers(rig, 1, 99);
	assert_int_equal(rig_stop(rig, SIGTERM), 0);
}

static void a_reload_that_can_not_bind_changes_nothing(void **state)
{
	struct rig *rig = *state;
	config_write(rig, 77, "");
	state_write(rig, "192.0.2.1");
	rig_start(rig);
	rig_ready(rig);
	(void)wait_for(rig, "ready:");
	/* TEST-NET-1 is nobody's address. */
	file_write(
		rig->config,
		"federation: fed\nzone: example.com\nttl: 5\nlisten: [\"192.0.2.77:0\"]\nworkers: 2\n"
		"nameservers: [{name: ns1.example.com, addresses: [192.0.2.53]}]\n"
		"source: {file: state.json}\n");
	assert_int_equal(kill(rig->child, SIGHUP), 0);
	(void)wait_for(rig, "configuration refused, the old one stays: ");
	answers(rig, 1, 77);
	state_write(rig, "192.0.2.2");
	(void)wait_for(rig, "1 changed");
	answers(rig, 2, 77);
	assert_int_equal(rig_stop(rig, SIGTERM), 0);
}

static void refuses_to_start_by_a_bad_configuration(void **state)
{
	struct rig *rig = *state;
	struct why why = {{0}};
	const struct config_flags flags = {.file = rig->config};
	assert_int_equal(daemon_run(&flags, &why), ERR_INVALID); /* there is no file */
	config_write(rig, 0, "log: {level: error}\n");
	assert_int_equal(daemon_run(&flags, &why), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_follows_the_file_and_stops, rig_make, rig_remove),
		cmocka_unit_test_setup_teardown(starts_by_what_was_last_known_good, rig_make, rig_remove),
		cmocka_unit_test_setup_teardown(without_any_state_it_says_servfail_until_there_is_one,
	                                    rig_make, rig_remove),
		cmocka_unit_test_setup_teardown(a_reload_is_whole_or_not_at_all, rig_make, rig_remove),
		cmocka_unit_test_setup_teardown(a_reload_that_can_not_bind_changes_nothing, rig_make,
	                                    rig_remove),
		cmocka_unit_test_setup_teardown(refuses_to_start_by_a_bad_configuration, rig_make,
	                                    rig_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

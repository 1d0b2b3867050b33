/* listeners: which sockets they open, which they share with older ones, and that a refusal leaves
 * none. */
#include "rig.h"

#include "listen.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct listeners *open_at(const struct endpoint *at, size_t count, unsigned workers,
                                 const struct listeners *old)
{
	struct listeners *listeners;
	struct why why = {{0}};
	if (listeners_open(at, count, workers, old, &listeners, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return listeners;
}

/* Descriptors of one kernel socket have one inode. */
static ino_t inode(int fd)
{
	struct stat info;
	assert_int_equal(fstat(fd, &info), 0);
	return info.st_ino;
}

static size_t fds_open(void)
{
	size_t count = 0;
	DIR *dir = opendir("/proc/self/fd");
	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static uint16_t port_of(int fd)
{
	struct endpoint at = {.size = sizeof at.address};
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at.address, &at.size), 0);
	return endpoint_port(&at);
}

static void port_0_gives_one_port_to_all_sockets(void **state)
{
	(void)state;
	struct endpoint wanted[] = {endpoint_of("127.0.0.1:0"), endpoint_of("[::1]:0")};
	struct listeners *listeners = open_at(wanted, 2, 3, NULL);
	for (size_t i = 0; i < 2; i++) {
		struct endpoint at = listeners_endpoint(listeners, i);
		assert_int_not_equal(endpoint_port(&at), 0);
		assert_int_equal(listeners->items[i].pair_count, 3);
		for (unsigned pair = 0; pair < 3; pair++) {
			assert_int_equal(port_of(listeners->items[i].pairs[pair].udp), endpoint_port(&at));
			assert_int_equal(port_of(listeners->items[i].pairs[pair].tcp), endpoint_port(&at));
		}
	}
	listeners_close(listeners);
}

/* Same kernel sockets for what stays, at any number of workers; by the wanted and by the bound
 * address. */
static void same_endpoints_are_shared(void **state)
{
	(void)state;
	struct endpoint wanted[] = {endpoint_of("127.0.0.1:0"), endpoint_of("127.0.0.2:0")};
	struct listeners *old = open_at(wanted, 2, 2, NULL);
	struct endpoint other_text[] = {listeners_endpoint(old, 1), wanted[0]};
	const unsigned workers[] = {1, 2, 4};
	for (size_t i = 0; i < 3; i++) {
		struct listeners *next = open_at(other_text, 2, workers[i], old);
		assert_int_equal(next->items[0].pair_count, workers[i] < 2 ? 2 : workers[i]);
		for (unsigned pair = 0; pair < 2; pair++) {
			for (size_t at = 0; at < 2; at++) {
				const struct socket_pair *before = &old->items[1 - at].pairs[pair];
				const struct socket_pair *after = &next->items[at].pairs[pair];
				assert_int_not_equal(before->udp, after->udp);
				assert_int_equal(inode(before->udp), inode(after->udp));
				assert_int_equal(inode(before->tcp), inode(after->tcp));
			}
		}
		struct endpoint before = listeners_endpoint(old, 1), after = listeners_endpoint(next, 0);
		assert_true(endpoint_equal(&before, &after));
		listeners_close(next);
	}
	listeners_close(old);
}

static void a_refusal_names_the_endpoint_and_leaves_nothing_open(void **state)
{
	(void)state;
	struct endpoint any = endpoint_of("127.0.0.1:0");
	/* Held without SO_REUSEPORT: as by another program. */
	int held = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(held, (struct sockaddr *)&any.address, any.size), 0);
	struct endpoint wanted[] = {any, any};
	endpoint_set_port(&wanted[1], port_of(held));
	char text[64];
	endpoint_text(&wanted[1], text);

	size_t before = fds_open();
	struct listeners *listeners = (void *)1;
	struct why why = {{0}};
	assert_int_equal(listeners_open(wanted, 2, 2, NULL, &listeners, &why), ERR_IO);
	assert_null(listeners);
	assert_non_null(strstr(why.text, text));
	assert_non_null(strstr(why.text, "TCP: Address already in use"));
	assert_int_equal(fds_open(), before);
	close(held);
}

/* Both are of one user and set SO_REUSEPORT: the kernel alone would let the second in. */
static void a_second_daemon_at_the_same_endpoint_is_refused(void **state)
{
	(void)state;
	struct endpoint wanted = endpoint_of("127.0.0.1:0");
	struct listeners *first = open_at(&wanted, 1, 2, NULL);
	struct endpoint bound = listeners_endpoint(first, 0);
	struct listeners *second;
	struct why why = {{0}};
	assert_int_equal(listeners_open(&bound, 1, 2, NULL, &second, &why), ERR_IO);
	assert_non_null(strstr(why.text, "UDP: Address already in use"));
	listeners_close(first);
}

static void closing_closes_every_socket(void **state)
{
	(void)state;
	struct endpoint wanted = endpoint_of("127.0.0.1:0");
	size_t before = fds_open();
	struct listeners *old = open_at(&wanted, 1, 3, NULL);
	struct listeners *next = open_at(&wanted, 1, 3, old);
	listeners_close(old);
	assert_int_equal(fds_open(), before + 6);
	listeners_close(next);
	assert_int_equal(fds_open(), before);
}

static void impossible_lists_are_refused(void **state)
{
	(void)state;
	struct endpoint wanted[LISTEN_MAX + 1];
	for (size_t i = 0; i <= LISTEN_MAX; i++) {
		wanted[i] = endpoint_of("127.0.0.1:0");
		endpoint_set_port(&wanted[i], (uint16_t)(40000 + i));
	}
	wanted[1] = wanted[0];
	const struct {
		size_t count;
		enum err err;
	} cases[] = {{0, ERR_INVALID}, {2, ERR_CONFLICT}, {LISTEN_MAX + 1, ERR_LIMIT}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct listeners *listeners = (void *)1;
		struct why why = {{0}};
		assert_int_equal(listeners_open(wanted, cases[i].count, 1, NULL, &listeners, &why),
		                 cases[i].err);
		assert_null(listeners);
		assert_string_not_equal(why.text, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_0_gives_one_port_to_all_sockets),
		cmocka_unit_test(same_endpoints_are_shared),
		cmocka_unit_test(a_refusal_names_the_endpoint_and_leaves_nothing_open),
		cmocka_unit_test(a_second_daemon_at_the_same_endpoint_is_refused),
		cmocka_unit_test(closing_closes_every_socket),
		cmocka_unit_test(impossible_lists_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

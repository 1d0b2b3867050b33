/* http_listen: addresses as they are written, and one that two want. */
#include "http_rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const BAD[] = {
	"",
	"127.0.0.1",
	"127.0.0.1:",
	"127.0.0.1:65536",
	"127.0.0.1:http",
	":9153",
	"::1:9153",
	"[::1]",
	"[::1:9153",
	"[127.0.0.1:9153",
	"localhost:9153",
	"127.1:9153",
	"1.2.3.4:-1",
	"[fe80::1%lo]:9",
	"127.0.0.1:9153 ",
};

static void what_is_no_address_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		struct why why = {{0}};
		int fd;
		assert_int_equal(http_listen(BAD[i], &fd, &why), ERR_INVALID);
		assert_int_equal(fd, -1);
		assert_non_null(strstr(why.text, "give ADDRESS:PORT or [ADDRESS]:PORT"));
	}
}

static void the_address_is_told_as_bound(void **state)
{
	(void)state;
	static const struct {
		const char *listen, *begins;
	} CASES[] = {{"127.0.0.1:0", "127.0.0.1:"}, {"[::1]:0", "[::1]:"}, {"0.0.0.0:0", "0.0.0.0:"}};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct why why = {{0}};
		char text[64];
		int fd, other;
		if (http_listen(CASES[i].listen, &fd, &why) != ERR_OK) {
			assert_int_equal(i, 1); /* a machine may have no IPv6 */
			continue;
		}
		http_listen_text(fd, text);
		assert_memory_equal(text, CASES[i].begins, strlen(CASES[i].begins));
		assert_string_not_equal(text + strlen(CASES[i].begins), "0");
		assert_int_equal(http_listen(text, &other, &why), ERR_CONFLICT);
		assert_non_null(strstr(why.text, text));
		(void)close(fd);
	}
}

/* As a reload does: nobody who comes between the two is refused. */
static void a_successor_shares_the_socket(void **state)
{
	struct http_rig *rig = *state;
	struct why why = {{0}};
	struct admin *next;
	http_rig_listen(rig);
	char address[64];
	memcpy(address, rig->address, sizeof address);
	admin_free(rig->admin);
	rig->policy.listen = address; /* a port of its own, which can be named again */
	http_rig_listen(rig);

	struct admin_setup setup = http_rig_admin(rig);
	assert_int_equal(admin_new(&setup, NULL, &next, &why), ERR_CONFLICT);
	assert_int_equal(admin_new(&setup, rig->admin, &next, &why), ERR_OK);
	int fd = http_open(rig, 0);       /* before the old one goes */
	int asked = http_open(rig, 4096); /* and one whose answer is on its way */
	http_send(rig, asked,
	          "GET /api/v1/rows?rows=30000&size=63 HTTP/1.1\r\nHost: localhost\r\n"
	          "Connection: close\r\n\r\n");
	for (size_t i = 0; i < 20; i++)
		http_turn(rig);
	assert_int_equal(rig->jobs, 1);
	admin_succeed(next, rig->admin);
	rig->admin = next;
	/* at once: who says nothing for long has to go with the old one */
	http_send(rig, fd, "GET /open?rows=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	http_receive(rig, asked);
	(void)close(asked);
	assert_true(http_whole(rig));
	http_receive(rig, fd);
	(void)close(fd);
	assert_int_equal(http_status(rig), 200);
	admin_address(rig->admin, rig->address);
	assert_string_equal(rig->address, address);
}

static void a_successor_that_comes_to_nothing_leaves_all_as_it_was(void **state)
{
	struct http_rig *rig = *state;
	struct why why = {{0}};
	struct admin *next;
	http_rig_listen(rig);
	struct admin_setup setup = http_rig_admin(rig);
	setup.policy.token_file = rig->folder;
	assert_int_equal(admin_new(&setup, rig->admin, &next, &why), ERR_INVALID);
	setup.policy.token_file = NULL;
	assert_int_equal(admin_new(&setup, rig->admin, &next, &why), ERR_OK);
	admin_free(next);
	for (size_t i = 0; i < 3; i++) {
		http_get(rig, "/open");
		assert_int_equal(http_status(rig), 200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(the_address_is_told_as_bound),
		cmocka_unit_test_setup_teardown(a_successor_shares_the_socket, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(a_successor_that_comes_to_nothing_leaves_all_as_it_was,
	                                    http_rig_setup, http_rig_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

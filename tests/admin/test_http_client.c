/* http_client: how many may be connected, of whom, and for how long. */
#include "http_rig.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void turns(struct http_rig *rig)
{
	for (size_t i = 0; i < 20; i++)
		http_turn(rig);
}

static struct http_server *server_of(const struct http_rig *rig)
{
	return rig->admin->server;
}

static uint64_t after_s(const struct http_rig *rig, uint64_t seconds)
{
	return uv_now(&rig->loop) + seconds * 1000;
}

static int client(struct http_rig *rig, const char *text)
{
	unsigned before = server_of(rig)->client_count;
	int fd = http_open(rig, 4096);
	http_send(rig, fd, text);
	while (server_of(rig)->client_count == before)
		http_turn(rig);
	turns(rig);
	return fd;
}

static const struct {
	const char *text; /* sent, and then nothing more */
	uint64_t stays_s, gone_s;
} QUIET[] = {
	{"", ADMIN_IDLE_S - 1, ADMIN_IDLE_S},
	{"GET /open HTTP/1.1\r\nHost: localhost\r\nX-Slow", ADMIN_IDLE_S - 1, ADMIN_IDLE_S},
	{"GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n", ADMIN_IDLE_S - 1, ADMIN_IDLE_S},
	{"GET /api/v1/rows?rows=100000&size=63 HTTP/1.1\r\nHost: localhost\r\n\r\n", ADMIN_ANSWER_S - 1,
     ADMIN_ANSWER_S},
	{"GET /api/v1/rows?work=1000000000 HTTP/1.1\r\nHost: localhost\r\n\r\n", ADMIN_ANSWER_S - 1,
     ADMIN_ANSWER_S},
};

static void nobody_stays_for_good(void **state)
{
	struct http_rig *rig = *state;
	http_rig_listen(rig);
	for (size_t i = 0; i < sizeof QUIET / sizeof QUIET[0]; i++) {
		int fd = client(rig, QUIET[i].text);
		http_clients_expire(server_of(rig), after_s(rig, QUIET[i].stays_s));
		turns(rig);
		assert_int_equal(server_of(rig)->client_count, 1);
		http_clients_expire(server_of(rig), after_s(rig, QUIET[i].gone_s));
		if (i == 4)
			break; /* its end comes with its work's */
		turns(rig);
		assert_int_equal(server_of(rig)->client_count, 0);
		assert_int_equal(rig->jobs, 0);
		http_receive(rig, fd); /* to the end that there is */
		(void)close(fd);
	}
}

/* Octets that drip in don't make it younger. */
static void dripping_octets_keep_nobody_alive(void **state)
{
	struct http_rig *rig = *state;
	http_rig_listen(rig);
	int fd = client(rig, "GET /open HTTP/1.1\r\n");
	uint64_t came_ms = uv_now(&rig->loop);
	for (size_t i = 0; i < 10; i++) {
		http_send(rig, fd, "X: y\r\n");
		turns(rig);
	}
	http_clients_expire(server_of(rig), came_ms + ADMIN_IDLE_S * UINT64_C(1000));
	turns(rig);
	assert_int_equal(server_of(rig)->client_count, 0);
	(void)close(fd);
}

/* The end of what it sends came with its request. */
static void who_has_no_more_to_ask_goes(void **state)
{
	struct http_rig *rig = *state;
	http_rig_listen(rig);
	int fd = http_open(rig, 0);
	static const char HEAD[] = "GET /open?rows=1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
	assert_int_equal(send(fd, HEAD, sizeof HEAD - 1, 0), sizeof HEAD - 1);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	while (server_of(rig)->client_count == 0 || server_of(rig)->clients[0].request != NULL ||
	       rig->steps == 0)
		http_turn(rig);
	http_clients_expire(server_of(rig), after_s(rig, 1));
	http_receive(rig, fd);
	assert_int_equal(http_status(rig), 200);
	assert_string_equal(http_body(rig), "0");
	(void)close(fd);
}

static void idle_ones_make_room(void **state)
{
	struct http_rig *rig = *state;
	int fds[ADMIN_CONNECTIONS_MAX];
	http_rig_listen(rig);
	for (size_t i = 1; i < ADMIN_CONNECTIONS_MAX; i++)
		fds[i] = client(rig, "");
	fds[0] = client(rig, "GET /api/v1/rows?work=1000000000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
	int late = http_open(rig, 0);
	http_send(rig, late,
	          "GET /open?rows=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	turns(rig);
	assert_int_equal(server_of(rig)->client_count, ADMIN_CONNECTIONS_MAX);
	assert_int_equal(rig->jobs, 1);                    /* it waits */
	for (size_t i = 0; i < ADMIN_CONNECTIONS_MAX; i++) /* on a busy machine that took its time */
		server_of(rig)->clients[i].since_ms = uv_now(&rig->loop);
	http_clients_expire(server_of(rig), after_s(rig, ADMIN_SPARE_S - 1));
	turns(rig);
	assert_int_equal(server_of(rig)->client_count, ADMIN_CONNECTIONS_MAX);
	http_clients_expire(server_of(rig), after_s(rig, ADMIN_SPARE_S));
	http_receive(rig, late);
	assert_int_equal(http_status(rig), 200);
	(void)close(late);
	assert_int_equal(rig->jobs, 1); /* who is at work stays */
	for (size_t i = 0; i < ADMIN_CONNECTIONS_MAX; i++)
		(void)close(fds[i]);
}

/* All but one have their answers and don't read them: a probe must not wait for minutes. */
static void who_does_not_read_makes_room(void **state)
{
	struct http_rig *rig = *state;
	int fds[ADMIN_CONNECTIONS_MAX];
	http_rig_listen(rig);
	for (size_t i = 1; i < ADMIN_CONNECTIONS_MAX; i++)
		fds[i] = client(rig, "GET /open?rows=100000&size=8000 HTTP/1.1\r\n"
		                     "Host: localhost\r\n\r\n");
	fds[0] = client(rig, "GET /api/v1/rows?work=1000000000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
	int late = http_open(rig, 0);
	http_send(rig, late,
	          "GET /open?rows=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	for (size_t i = 0; i < 200; i++)
		http_turn(rig);
	assert_int_equal(rig->jobs, ADMIN_CONNECTIONS_MAX);
	for (size_t i = 0; i < ADMIN_CONNECTIONS_MAX; i++)
		server_of(rig)->clients[i].since_ms = uv_now(&rig->loop);
	http_clients_expire(server_of(rig), after_s(rig, ADMIN_SPARE_ANSWER_S - 1));
	turns(rig);
	assert_int_equal(rig->jobs, ADMIN_CONNECTIONS_MAX);
	/* until the sockets of one are full, and only then does it not read */
	while (rig->jobs == ADMIN_CONNECTIONS_MAX) {
		http_clients_expire(server_of(rig), after_s(rig, ADMIN_SPARE_ANSWER_S));
		http_turn(rig);
	}
	http_receive(rig, late);
	assert_int_equal(http_status(rig), 200);
	(void)close(late);
	bool at_work = false;
	for (size_t i = 0; i < ADMIN_CONNECTIONS_MAX; i++)
		at_work |=
			server_of(rig)->clients[i].request != NULL && server_of(rig)->clients[i].request->waits;
	assert_true(at_work);
	for (size_t i = 0; i < ADMIN_CONNECTIONS_MAX; i++)
		(void)close(fds[i]);
}

static enum MHD_Result may_come(const struct http_rig *rig, const char *text)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct sockaddr_in four = {.sin_family = AF_INET};
	if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
		return http_client_may_come(server_of(rig), (struct sockaddr *)&four, sizeof four);
	assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
	return http_client_may_come(server_of(rig), (struct sockaddr *)&six, sizeof six);
}

static void one_address_has_its_share(void **state)
{
	struct http_rig *rig = *state;
	struct why why;
	http_rig_listen(rig);
	struct http_server *server = server_of(rig);
	static const struct {
		const char *connected, *asks;
		enum MHD_Result may;
	} CASES[] = {
		{"192.0.2.1", "192.0.2.1", MHD_NO},          {"192.0.2.1", "192.0.2.2", MHD_YES},
		{"2001:db8::1", "2001:db8::2", MHD_NO}, /* who has one has 2^64 of them */
		{"2001:db8::1", "2001:db8:0:1::1", MHD_YES}, {"192.0.2.1", "2001:db8::1", MHD_YES},
		{"127.0.0.1", "127.0.0.1", MHD_YES},         {"::1", "::1", MHD_YES},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct address address;
		assert_int_equal(address_parse(bytes_of(CASES[i].connected), &address, &why), ERR_OK);
		for (size_t j = 0; j < ADMIN_CLIENT_MAX; j++)
			server->clients[j] = (struct http_client){.used = true, .from = address};
		assert_int_equal(may_come(rig, CASES[i].asks), CASES[i].may);
		server->clients[0].used = false; /* one less */
		assert_int_equal(may_come(rig, CASES[i].asks), MHD_YES);
	}
	memset(server->clients, 0, sizeof server->clients);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nobody_stays_for_good, http_rig_setup, http_rig_teardown),
		cmocka_unit_test_setup_teardown(dripping_octets_keep_nobody_alive, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(who_has_no_more_to_ask_goes, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(idle_ones_make_room, http_rig_setup, http_rig_teardown),
		cmocka_unit_test_setup_teardown(who_does_not_read_makes_room, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(one_address_has_its_share, http_rig_setup,
	                                    http_rig_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

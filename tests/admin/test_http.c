/* http: what is found where, by which status; what may be asked and how much; and that neither
 * large answers nor slow clients hold anything up. */
#include "http_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- what is found ------------------------------------------------------------------------ */

static const struct {
	const char *path;
	unsigned status;
	const char *body;
} PATHS[] = {
	{"/open?rows=3", 200, "000"},
	{"/open", 200, ""},
	{"/open?rows=1&status=503", 503, "0"},
	{"/open?rows=3&fail=2", 500, "the page failed\n"},
	{"/open?bad=1", 400, "\"bad\" is bad\n"},
	{"/?rows=1", 200, "0"},
	{"/none", 404, "there is nothing at /none\n"},
	{"/open/", 404, "there is nothing at /open/\n"},
	{"//open", 404, "there is nothing at //open\n"},
	{"/%6fpen?rows=%31", 200, "0"},
	{"/api/v1/rows", 200, "[]\n"},
	{"/api/v1/rows?rows=2&size=2", 200,
     "[\n{\"i\":0,\"text\":\"xx\"},\n{\"i\":1,\"text\":\"xx\"}\n]\n"},
	{"/api/v1/rows?rows=2&work=1000", 200,
     "[\n{\"i\":0,\"text\":\"\"},\n{\"i\":1,\"text\":\"\"}\n]\n"},
	{"/api/v1/one?rows=1", 200, "{\n  \"i\": 0,\n  \"text\": \"\"\n}\n"},
	{"/api/v1/rows?bad=1", 400, "{\"error\": \"\\\"bad\\\" is bad\"}\n"},
	{"/api/v1/rows?rows=9&fail=3", 404, "{\"error\": \"it \\\"failed\\\" ?\"}\n"},
	{"/api/v1/rows?a=1&a=2", 400, "{\"error\": \"the query has one name twice\"}\n"},
	{"/api/v1/rows?=1", 400, "{\"error\": \"the query has a value without a name\"}\n"},
	{"/api/v1/rows?rows=%ff", 400, "{\"error\": \"the query is no UTF-8 text\"}\n"},
	{"/api/v1/rows?rows=1%00", 400, "{\"error\": \"the query is no UTF-8 text\"}\n"},
	{"/api/v1/rows?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q", 400,
     "{\"error\": \"the query has more than 16 names\"}\n"},
	{"/api/v1/wait", 503, "{\"error\": \"the command waits for something\"}\n"},
	{"/api/v1/change", 404,
     "{\"error\": \"/api/v1/change changes something, which is not done by HTTP: use the "
     "program\"}\n"},
	{"/api/v1/", 404, "{\"error\": \"there is no /api/v1/\"}\n"},
	{"/api/v1/none", 404, "{\"error\": \"there is no /api/v1/none\"}\n"},
	{"/api/v1/rows/x", 404, "{\"error\": \"there is no /api/v1/rows/x\"}\n"},
	{"/api/v1", 404, "there is nothing at /api/v1\n"},
	{"http://localhost/open?rows=2", 200, "00"},
	{"HTTPS://127.0.0.1:1/open?rows=1", 200, "0"},
	{"http://localhost?rows=1", 200, "0"},
	{"http://localhost/api/v1/none", 404, "{\"error\": \"there is no /api/v1/none\"}\n"},
	{"http://localhost", 200, ""},
	{"http:///open", 404, "there is nothing at http:///open\n"},
	{"ftp://localhost/open", 404, "there is nothing at ftp://localhost/open\n"},
};

static void each_path_has_its_answer(void **state)
{
	struct http_rig *rig = *state;
	http_rig_listen(rig);
	for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
		http_get(rig, PATHS[i].path);
		if (http_status(rig) != PATHS[i].status || strcmp(http_body(rig), PATHS[i].body) != 0)
			fail_msg("%s: %s", PATHS[i].path, rig->answer);
		assert_true(http_has_header(rig, "Cache-Control: no-store"));
		assert_true(http_has_header(rig, "X-Content-Type-Options: nosniff"));
		assert_true(http_has_header(rig, "Referrer-Policy: no-referrer"));
	}
}

static void pages_may_load_their_own_and_nothing_else(void **state)
{
	struct http_rig *rig = *state;
	http_rig_listen(rig);
	http_get(rig, "/");
	assert_non_null(strstr(rig->answer, "Content-Security-Policy: default-src 'none'; style-src "
	                                    "'self'; script-src 'self';"));
	assert_null(strstr(rig->answer, "unsafe"));
	http_get(rig, "/open");
	assert_true(http_has_header(
		rig, "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'"));
}

/* --- what may be asked -------------------------------------------------------------------- */

static const struct {
	const char *head;
	unsigned status;
	const char *header; /* NULL: any */
} REQUESTS[] = {
	{"HEAD /open?rows=3 HTTP/1.1\r\nHost: localhost\r\n", 200, "Content-Length: 3"},
	{"HEAD /api/v1/none HTTP/1.1\r\nHost: localhost\r\n", 404, NULL},
	{"POST /open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n", 405, "Allow: GET, HEAD"},
	{"POST /open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n", 405, "Connection: close"},
	{"PUT /api/v1/change HTTP/1.1\r\nHost: localhost\r\n", 405, "Allow: GET, HEAD"},
	{"DELETE / HTTP/1.1\r\nHost: localhost\r\n", 405, "Allow: GET, HEAD"},
	{"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n", 405, "Allow: GET, HEAD"},
	{"BREW /open HTTP/1.1\r\nHost: localhost\r\n", 405, "Allow: GET, HEAD"},
	{"get /open HTTP/1.1\r\nHost: localhost\r\n", 405, "Allow: GET, HEAD"},
	{"GET /open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n", 413, "Connection: close"},
	{"GET /open HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n", 413,
     "Connection: close"},
	{"GET /open HTTP/1.1\r\n", 400, NULL},
	/* what a proxy may read otherwise */
	{"GET /open HTTP/1.1\r\nHost: localhost\r\nContent-Length : 5\r\n", 400, "Connection: close"},
	{"GET /open HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding\t: chunked\r\n", 400,
     "Connection: close"},
	{"GET /open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 5\r\n", 400,
     "Connection: close"},
	{"GET /open HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n", 400, "Connection: close"},
	{"GET /open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n", 200, NULL},
	{"GET /open HTTP/1.0\r\n", 200, NULL},
};

static void only_looking_is_allowed(void **state)
{
	struct http_rig *rig = *state;
	http_rig_listen(rig);
	for (size_t i = 0; i < sizeof REQUESTS / sizeof REQUESTS[0]; i++) {
		http_ask(rig, REQUESTS[i].head);
		if (http_status(rig) != REQUESTS[i].status ||
		    (REQUESTS[i].header != NULL && !http_has_header(rig, REQUESTS[i].header)))
			fail_msg("%s: %s", REQUESTS[i].head, rig->answer);
		if (strncmp(REQUESTS[i].head, "HEAD", 4) == 0)
			assert_string_equal(http_body(rig), "");
	}
}

static void requests_have_a_size(void **state)
{
	struct http_rig *rig = *state;
	static const size_t SIZES[] = {ADMIN_REQUEST_SIZE_MAX + 1, 2 * ADMIN_REQUEST_SIZE_MAX,
	                               16 * ADMIN_REQUEST_SIZE_MAX};
	http_rig_listen(rig);
	for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
		char *head = malloc(SIZES[i] + 64);
		assert_non_null(head);
		int used = snprintf(head, 64, "GET /open HTTP/1.1\r\nHost: localhost\r\nX: ");
		memset(head + used, 'x', SIZES[i]);
		memcpy(head + (size_t)used + SIZES[i], "\r\n", 3);
		http_ask(rig, head);
		free(head);
		assert_int_equal(http_status(rig), 431);
	}
	http_get(rig, "/open");
	assert_int_equal(http_status(rig), 200);
}

/* The library has so much memory for them, and must not wait with what is lost. */
static void arguments_have_a_number(void **state)
{
	struct http_rig *rig = *state;
	static const struct {
		size_t count, name_size;
		bool answered;
	} CASES[] = {
		{300, 1, true},   {400, 1, false},  {500, 1, false},   {2000, 1, false},
		{7000, 1, false}, {1, 20000, true}, {20, 1200, false}, {16, 1400, true},
	};
	http_rig_listen(rig);
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		size_t room = CASES[i].count * (CASES[i].name_size + 1) + 128, used;
		char *head = malloc(room);
		assert_non_null(head);
		used = (size_t)snprintf(head, room, "GET /open?");
		for (size_t j = 0; j < CASES[i].count; j++) {
			memset(head + used, 'a', CASES[i].name_size);
			used += CASES[i].name_size;
			head[used++] = '&';
		}
		(void)snprintf(head + used, room - used,
		               " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
		int fd = http_open(rig, 0);
		http_send(rig, fd, head);
		http_receive(rig, fd);
		(void)close(fd);
		free(head);
		if ((rig->size != 0) != CASES[i].answered)
			fail_msg("%zu of %zu: %s", CASES[i].count, CASES[i].name_size, rig->answer);
	}
	http_get(rig, "/open");
	assert_int_equal(http_status(rig), 200);
}

static void one_connection_asks_again_and_again(void **state)
{
	struct http_rig *rig = *state;
	http_rig_listen(rig);
	int fd = http_open(rig, 0);
	http_send(rig, fd,
	          "GET /open?rows=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
	          "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n"
	          "GET /api/v1/rows?work=500 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	http_receive(rig, fd);
	(void)close(fd);
	const char *first = strstr(rig->answer, "HTTP/1.1 200 OK");
	const char *second = strstr(rig->answer, "HTTP/1.1 404 Not Found");
	assert_true(first == rig->answer && second > first);
	assert_non_null(strstr(second, "HTTP/1.1 200 OK"));
}

/* --- large answers ------------------------------------------------------------------------ */

static void rows_expect(struct http_rig *rig, size_t count)
{
	json_error_t error;
	json_t *rows = json_loads(http_body(rig), 0, &error);
	if (rows == NULL)
		fail_msg("%s at %d", error.text, error.position);
	assert_int_equal(json_array_size(rows), count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(json_integer_value(json_object_get(json_array_get(rows, i), "i")), i);
	json_decref(rows);
}

static void a_large_answer_comes_in_parts(void **state)
{
	struct http_rig *rig = *state;
	http_rig_listen(rig);
	http_get(rig, "/api/v1/rows?rows=20000&size=63");
	assert_int_equal(http_status(rig), 200);
	assert_true(http_has_header(rig, "Transfer-Encoding: chunked"));
	assert_true(http_whole(rig));
	rows_expect(rig, 20000);
	http_ask(rig, "GET /api/v1/rows?rows=20000 HTTP/1.0\r\n"); /* knows no parts: to the end */
	rows_expect(rig, 20000);
	http_ask(rig, "HEAD /api/v1/rows?rows=20000&size=63 HTTP/1.1\r\nHost: localhost\r\n");
	assert_string_equal(http_body(rig), "");
}

static void what_fails_late_breaks_off(void **state)
{
	struct http_rig *rig = *state;
	http_rig_listen(rig);
	http_get(rig, "/api/v1/rows?rows=20000&size=63&fail=15000");
	assert_int_equal(http_status(rig), 200);
	assert_false(http_whole(rig));
}

/* No more is made than what goes out. */
static void a_client_that_does_not_read_is_waited_for(void **state)
{
	struct http_rig *rig = *state;
	http_rig_listen(rig);
	int fd = http_open(rig, 4096);
	http_send(rig, fd,
	          "GET /api/v1/rows?rows=100000&size=63 HTTP/1.1\r\nHost: localhost\r\n"
	          "Connection: close\r\n\r\n");
	size_t before;
	do {
		before = rig->steps;
		for (size_t i = 0; i < 50; i++)
			http_turn(rig);
	} while (rig->steps != before);
	assert_in_range(rig->steps, 1, 90000);
	http_get(rig, "/open?rows=1");
	assert_int_equal(http_status(rig), 200);
	assert_int_equal(rig->jobs, 1);
	http_receive(rig, fd);
	(void)close(fd);
	rows_expect(rig, 100000);
	assert_int_equal(rig->jobs, 0);
}

static void who_goes_ends_the_work(void **state)
{
	struct http_rig *rig = *state;
	static const char *const PATHS_THEN[] = {"/api/v1/rows?rows=100000&size=63",
	                                         "/api/v1/rows?work=1000000000"};
	http_rig_listen(rig);
	for (size_t i = 0; i < 2; i++) {
		char head[128];
		(void)snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n",
		               PATHS_THEN[i]);
		int fd = http_open(rig, 4096);
		http_send(rig, fd, head);
		while (rig->jobs == 0)
			http_turn(rig);
		(void)close(fd);
		if (i == 1)
			break; /* it is found out when the answer begins: the end below ends it */
		uint64_t end_ns = uv_hrtime() + HTTP_WAIT_MS * UINT64_C(1000000);
		while (rig->jobs != 0 && uv_hrtime() < end_ns)
			http_turn(rig);
		assert_int_equal(rig->jobs, 0);
	}
}

static void long_work_holds_up_nobody(void **state)
{
	struct http_rig *rig = *state;
	int fds[8];
	http_rig_listen(rig);
	for (size_t i = 0; i < 8; i++) {
		fds[i] = http_open(rig, 0);
		http_send(rig, fds[i],
		          "GET /api/v1/rows?work=1000000000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
	}
	while (rig->jobs != 8)
		http_turn(rig);
	for (size_t i = 0; i < 3; i++) {
		http_get(rig, "/api/v1/rows?rows=1000&size=40&work=1000");
		rows_expect(rig, 1000);
	}
	/* A turn has its time; the limit is far above it, for busy machines. */
	uint64_t begun_ns = uv_hrtime();
	for (size_t i = 0; i < 20; i++)
		http_turn(rig);
	assert_in_range(uv_hrtime() - begun_ns, 1, 20 * 20 * UINT64_C(1000000));
	for (size_t i = 0; i < 8; i++)
		(void)close(fds[i]);
}

#define FAST 8

static void drain(int fd)
{
	char octets[65536];
	while (recv(fd, octets, sizeof octets, MSG_DONTWAIT) > 0)
		;
}

/* Those could go on at each turn before anybody who waits for one. */
static void clients_that_read_fast_have_no_turn_before_others(void **state)
{
	struct http_rig *rig = *state;
	char octet;
	int fast[FAST];
	http_rig_listen(rig);
	for (size_t i = 0; i < FAST; i++) {
		fast[i] = http_open(rig, 0);
		http_send(rig, fast[i],
		          "GET /?rows=1000000&size=70000&spin=1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
	}
	for (size_t i = 0; i < 100; i++) {
		http_turn(rig);
		drain(fast[i % FAST]);
	}
	int fd = http_open(rig, 0);
	http_send(rig, fd, "GET /open?rows=1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
	size_t turns = 0;
	while (recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) != 1 && ++turns < 1000) {
		http_turn(rig);
		for (size_t i = 0; i < FAST; i++)
			drain(fast[i]);
	}
	assert_in_range(turns, 0, 10 * FAST);
	(void)close(fd);
	for (size_t i = 0; i < FAST; i++)
		(void)close(fast[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_path_has_its_answer, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(pages_may_load_their_own_and_nothing_else, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(only_looking_is_allowed, http_rig_setup, http_rig_teardown),
		cmocka_unit_test_setup_teardown(requests_have_a_size, http_rig_setup, http_rig_teardown),
		cmocka_unit_test_setup_teardown(arguments_have_a_number, http_rig_setup, http_rig_teardown),
		cmocka_unit_test_setup_teardown(one_connection_asks_again_and_again, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(a_large_answer_comes_in_parts, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(what_fails_late_breaks_off, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(a_client_that_does_not_read_is_waited_for, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(who_goes_ends_the_work, http_rig_setup, http_rig_teardown),
		cmocka_unit_test_setup_teardown(clients_that_read_fast_have_no_turn_before_others,
	                                    http_rig_setup, http_rig_teardown),
		cmocka_unit_test_setup_teardown(long_work_holds_up_nobody, http_rig_setup,
	                                    http_rig_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* http: memory that runs out, ours or libcurl's, at any moment: a call is refused or ends once, and
 * nothing is left. */
#include "check.h"

#include "fedns/http.h"
#include "nomem.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define ALLOCATIONS_MAX 2000 /* no run below takes as many */

/* One connection and its answer, without an allocation. */
struct answering {
	uv_tcp_t listener, conn;
	uv_write_t request;
	char received[4096];
	char url[64];
	bool conn_open;
};

static void answered(uv_write_t *request, int status)
{
	(void)request;
	(void)status;
}

static void room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct answering *server = handle->data;
	(void)suggested;
	*buf = uv_buf_init(server->received, sizeof server->received);
}

/* A small request comes in one piece. */
static void received(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
	static char text[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
						 "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
	struct answering *server = stream->data;
	uv_buf_t out = uv_buf_init(text, sizeof text - 1);
	(void)buf;
	if (size > 0)
		assert_int_equal(uv_write(&server->request, stream, &out, 1, answered), 0);
	if (size < 0)
		uv_read_stop(stream);
}

static void connected(uv_stream_t *listener, int status)
{
	struct answering *server = listener->data;
	assert_int_equal(status, 0);
	assert_false(server->conn_open);
	server->conn_open = true;
	uv_tcp_init(listener->loop, &server->conn);
	server->conn.data = server;
	assert_int_equal(uv_accept(listener, (uv_stream_t *)&server->conn), 0);
	assert_int_equal(uv_read_start((uv_stream_t *)&server->conn, room, received), 0);
}

static void answering_start(struct answering *server, uv_loop_t *loop)
{
	struct sockaddr_in at;
	int size = sizeof at;
	server->conn_open = false;
	assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &at), 0);
	uv_tcp_init(loop, &server->listener);
	server->listener.data = server;
	assert_int_equal(uv_tcp_bind(&server->listener, (struct sockaddr *)&at, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&server->listener, 16, connected), 0);
	assert_int_equal(uv_tcp_getsockname(&server->listener, (struct sockaddr *)&at, &size), 0);
	(void)snprintf(server->url, sizeof server->url, "http://127.0.0.1:%u/", ntohs(at.sin_port));
}

struct told {
	unsigned dones;
	enum err err;
	uv_loop_t *loop;
};

static void told_done(void *arg, enum err err, const struct http_response *response,
                      const struct why *why)
{
	struct told *told = arg;
	told->dones++;
	told->err = err;
	if (err == ERR_OK)
		assert_true(bytes_equal(response->body, bytes_of("hello")));
	else if (why->text[0] == '\0')
		fail_msg("an error without a sentence");
	uv_stop(told->loop);
}

/* One call; an error comes from http_new(), http_start() or `done`. */
static enum err exchange(struct http **http, struct answering *server, uv_loop_t *loop)
{
	static const char *const headers[] = {"A: b", "Empty:"};
	struct http_call *call;
	struct why why = {{0}};
	struct told told = {.loop = loop};
	const struct http_request request = {.url = server->url,
	                                     .method = "POST",
	                                     .headers = headers,
	                                     .header_count = 2,
	                                     .body = bytes_of("x"),
	                                     .tls.server_name = "localhost",
	                                     .tls.ca = bytes_of("unused"),
	                                     .proxy = "",
	                                     .gzip = true,
	                                     .total_timeout_ms = 10000,
	                                     .body_size_max = 100};
	const struct http_handlers handlers = {.done = told_done, .arg = &told};
	enum err err = http_new(loop, http, &why);
	if (err == ERR_OK)
		err = http_start(*http, &request, &handlers, &call, &why);
	if (err != ERR_OK) {
		assert_string_not_equal(why.text, "");
		return err;
	}
	while (told.dones == 0)
		uv_run(loop, UV_RUN_ONCE);
	return told.err;
}

static void a_call_ends_once_or_is_refused(void **state)
{
	(void)state;
	bool ran_out = true;
	for (size_t n = 1; ran_out; n++) {
		uv_loop_t loop;
		struct answering server;
		struct http *http = NULL;
		assert_true(n < ALLOCATIONS_MAX);
		assert_int_equal(uv_loop_init(&loop), 0);
		answering_start(&server, &loop);
		nomem_fail_at(n);
		enum err err = exchange(&http, &server, &loop);
		ran_out = nomem_failed();
		nomem_fail_at(0);
		/* libcurl goes on without some of what it wanted, or says what it couldn't do. */
		assert_true(ran_out ? err != ERR_LIMIT && err != ERR_CONFLICT : err == ERR_OK);
		http_free(http);
		uv_close((uv_handle_t *)&server.listener, NULL);
		if (server.conn_open)
			uv_close((uv_handle_t *)&server.conn, NULL);
		while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
			continue;
		assert_int_equal(uv_loop_close(&loop), 0);
	}
}

static char *strdup_failing(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = malloc(size);
	if (copy != NULL)
		memcpy(copy, text, size);
	return copy;
}

/* libcurl takes its memory where the test has it fail; http_new() only counts one user more. */
static int curl_memory(void **state)
{
	(void)state;
	return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, free, realloc, strdup_failing,
	                            calloc) == CURLE_OK
	           ? 0
	           : 1;
}

static int curl_memory_end(void **state)
{
	(void)state;
	curl_global_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_ends_once_or_is_refused),
	};
	return cmocka_run_group_tests(tests, curl_memory, curl_memory_end);
}

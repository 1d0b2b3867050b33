/* http: a response is told as it is, whatever its framing, and a call ends once, with words that
 * say how. */
#include "check.h"

#include "http_bench.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "HTTP/1.1 200 OK\r\n"

/* "hello, gzip" by gzip -n. */
static const char GZIP[] =
	HEAD "Content-Encoding: gzip\r\nContent-Length: 31\r\n\r\n"
		 "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\xd7\x51\x48\xaf\xca\x2c"
		 "\x00\x00\x4a\x9b\xb1\x5c\x0b\x00\x00\x00";

static const struct script_route ROUTES[] = {
	{.path = "/plain", .octets = HEAD "Content-Length: 5\r\n\r\nhello"},
	{.path = "/drip", .octets = HEAD "Content-Length: 5\r\n\r\nhello", .drip = true},
	{.path = "/chunked",
     .octets = HEAD "Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n3;x=y\r\nell\r\n1\r\no\r\n0\r\n"
                    "Retry-After: 9\r\n\r\n",
     .drip = true},
	{.path = "/close", .octets = "HTTP/1.0 200 OK\r\n\r\nhello", .then = THEN_CLOSE},
	{.path = "/empty", .octets = HEAD "Content-Length: 0\r\n\r\n"},
	{.path = "/204", .octets = "HTTP/1.1 204 No Content\r\n\r\n"},
	{.path = "/304", .octets = "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"},
	{.path = "/404", .octets = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone"},
	{.path = "/429",
     .octets = "HTTP/1.1 429 Too Many\r\nRETRY-after:\t 7 \r\nContent-Length: 0\r\n\r\n"},
	{.path = "/401",
     .octets = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\n"
               "Content-Length: 2\r\n\r\nno"},
	{.path = "/302",
     .octets = "HTTP/1.1 302 Found\r\nLocation: /plain\r\n"
               "Content-Length: 2\r\n\r\nno"},
	{.path = "/interim",
     .octets = "HTTP/1.1 100 Continue\r\nRetry-After: 1\r\n\r\n"
               "HTTP/1.1 103 Early Hints\r\nRetry-After: 2\r\n\r\n" HEAD
               "Content-Length: 5\r\n\r\nhello"},
	{.path = "/gzip", .octets = GZIP, .size = sizeof GZIP - 1},
	{.path = "/cut", .octets = HEAD "Content-Length: 50\r\n\r\nhello", .then = THEN_CLOSE},
	{.path = "/cut-chunk",
     .octets = HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhe",
     .then = THEN_CLOSE},
	{.path = "/cut-chunks",
     .octets = HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
     .then = THEN_CLOSE},
	{.path = "/cut-head", .octets = HEAD "Content-Len", .then = THEN_CLOSE},
	{.path = "/nothing", .octets = "", .then = THEN_CLOSE},
	{.path = "/reset", .octets = "", .then = THEN_RESET},
	{.path = "/noise", .octets = "\x80\x01\x1b[31m no HTTP\r\n\r\n", .then = THEN_CLOSE},
	{.path = "/bad-chunk", .octets = HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\n"},
	{.path = "/bad-length", .octets = HEAD "Content-Length: many\r\n\r\n"},
	{.path = "/stalls", .octets = HEAD "Content-Length: 50\r\n\r\nhello"},
	{.path = NULL},
};

static void responses_are_told_as_they_are(void **state)
{
	(void)state;
	const struct {
		const char *path, *body;
		unsigned status;
		const char *retry_after;
	} cases[] = {
		{"/plain", "hello", 200, ""},
		{"/plain?a=%2F../b&c", "hello", 200, ""},
		{"/drip", "hello", 200, ""},
		{"/chunked", "hello", 200, ""}, /* nor is a trailer a header */
		{"/close", "hello", 200, ""},
		{"/empty", "", 200, ""},
		{"/204", "", 204, ""},
		{"/304", "", 304, ""},
		{"/404", "none", 404, ""},
		{"/429", "", 429, "7"},
		{"/401", "no", 401, ""},
		{"/302", "no", 302, ""},
		{"/interim", "hello", 200, ""},
	};
	struct bench bench;
	bench_start(&bench, ROUTES);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct talk talk;
		talk_get(&talk, &bench, cases[i].path);
		talk_expect(&talk, ERR_OK, "");
		assert_string_equal(talk.why, "");
		assert_int_equal(talk.status, cases[i].status);
		assert_int_equal(talk.done_status, cases[i].status);
		assert_string_equal(talk.body, cases[i].body);
		assert_string_equal(talk.retry_after, cases[i].retry_after);
		assert_int_equal(bench.server.requests, i + 1); /* no redirect, no second try */
	}
	bench_stop(&bench);
}

static void a_broken_response_is_an_error_with_words(void **state)
{
	(void)state;
	const struct {
		const char *path;
		unsigned status;
		const char *body, *words;
	} cases[] = {
		{"/cut", 200, "hello", "transfer closed with 45 bytes remaining to read"},
		{"/cut-chunk", 200, "he", "transfer closed with outstanding read data remaining"},
		{"/cut-chunks", 200, "hello", "transfer closed with outstanding read data remaining"},
		{"/cut-head", 0, "", ""},
		{"/nothing", 0, "", "Empty reply from server"},
		{"/reset", 0, "", "Connection reset by peer"},
		{"/noise", 0, "", "HTTP/0.9"},
		{"/bad-chunk", 200, "", ""},
		{"/bad-length", 0, "", ""},
	};
	struct bench bench;
	bench_start(&bench, ROUTES);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct talk talk;
		talk_get(&talk, &bench, cases[i].path);
		talk_expect(&talk, ERR_IO, cases[i].words);
		assert_string_not_equal(talk.why, "");
		assert_int_equal(talk.done_status, cases[i].status);
		assert_string_equal(talk.body, cases[i].body);
	}
	bench_stop(&bench);
}

static void a_refused_connection_says_so(void **state)
{
	(void)state;
	struct bench bench;
	struct talk talk = {.bench = NULL};
	bench_start(&bench, ROUTES);
	/* A port that was free a moment ago: bound, and nobody listens. */
	struct sockaddr_in at;
	int size = sizeof at;
	uv_tcp_t deaf;
	char url[64];
	assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &at), 0);
	uv_tcp_init(&bench.loop, &deaf);
	assert_int_equal(uv_tcp_bind(&deaf, (struct sockaddr *)&at, 0), 0);
	assert_int_equal(uv_tcp_getsockname(&deaf, (struct sockaddr *)&at, &size), 0);
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/", ntohs(at.sin_port));
	const struct http_request request = {.url = url};
	talk_start(&talk, &bench, &request, NULL);
	talk_finish(&talk);
	talk_expect(&talk, ERR_IO, "Connection refused");
	assert_int_equal(talk.heads, 0);
	uv_close((uv_handle_t *)&deaf, NULL);
	bench_stop(&bench);
}

static void time_runs_out(void **state)
{
	(void)state;
	const struct {
		const char *path;
		struct http_request request;
		const char *words; /* of the connection's or of the whole's: a busy machine connects late */
	} cases[] = {
		{"/silent", {.total_timeout_ms = 60}, " timed out after"},
		{"/silent", {.idle_timeout_ms = 60}, "not an octet came for 60 ms"},
		{"/stalls", {.idle_timeout_ms = 60}, "not an octet came for 60 ms"},
	};
	enum { CASES = sizeof cases / sizeof cases[0] };
	struct bench bench;
	struct talk talks[CASES];
	bench_start(&bench, ROUTES);
	memset(talks, 0, sizeof talks);
	for (size_t i = 0; i < CASES; i++)
		talk_start(&talks[i], &bench, &cases[i].request, cases[i].path);
	for (size_t i = 0; i < CASES; i++) {
		talk_finish(&talks[i]);
		talk_expect(&talks[i], ERR_IO, cases[i].words);
	}
	bench_stop(&bench);
}

/* What came in time doesn't make it a success. On a busy machine nothing may come: twice the time.
 */
static void time_runs_out_midway(void **state)
{
	(void)state;
	struct bench bench;
	struct talk talk;
	bench_start(&bench, ROUTES);
	for (unsigned ms = 125;; ms *= 2) {
		const struct http_request request = {.total_timeout_ms = ms};
		memset(&talk, 0, sizeof talk);
		talk_start(&talk, &bench, &request, "/stalls");
		talk_finish(&talk);
		talk_expect(&talk, ERR_IO, " timed out after");
		if (strstr(talk.why, "with 5 out of 50 bytes received") != NULL)
			break;
		assert_true(ms < 8000);
	}
	bench_stop(&bench);
}

/* Each octet takes a turn of the loop, and some turns take their time: the whole more than the
 * limit, no gap as much. */
static void octets_keep_an_idle_call_alive(void **state)
{
	(void)state;
	enum { IDLE_MS = 400, GAP_MS = 150, GAPS = 3 };
	static_assert(GAP_MS < IDLE_MS && GAPS * GAP_MS > IDLE_MS, "a call that only its octets save");
	struct bench bench;
	struct talk talk = {.bench = NULL};
	const struct http_request request = {.idle_timeout_ms = IDLE_MS};
	unsigned gaps = 0;
	bench_start(&bench, ROUTES);
	talk_start(&talk, &bench, &request, "/drip");
	while (talk.dones == 0) {
		uv_run(&bench.loop, UV_RUN_ONCE);
		if (talk.heads == 0 || gaps == GAPS)
			continue;
		gaps++;
		for (uint64_t end = uv_hrtime() + GAP_MS * 1000000; uv_hrtime() < end;)
			continue;
	}
	talk_expect(&talk, ERR_OK, "");
	assert_string_equal(talk.body, "hello");
	assert_int_equal(gaps, GAPS);
	bench_stop(&bench);
}

static void gzip_is_unpacked_where_it_is_asked_for_only(void **state)
{
	(void)state;
	struct bench bench;
	struct talk talk = {.bench = NULL};
	struct http_request request = {.gzip = true};
	bench_start(&bench, ROUTES);
	talk_start(&talk, &bench, &request, "/gzip");
	talk_finish(&talk);
	talk_expect(&talk, ERR_OK, "");
	assert_string_equal(talk.body, "hello, gzip");
	assert_non_null(strstr(bench.server.request, "\r\nAccept-Encoding: gzip\r\n"));

	talk_get(&talk, &bench, "/gzip");
	talk_expect(&talk, ERR_OK, "");
	assert_int_equal(talk.body_size, 31);
	assert_null(strcasestr(bench.server.request, "Accept-Encoding"));
	bench_stop(&bench);
}

/* What newer API servers make of a watch, and why a watch doesn't ask for gzip. */
static void a_second_gzip_member_ends_the_call(void **state)
{
	(void)state;
	const size_t head = (size_t)(strstr(GZIP, "\r\n\r\n") + 4 - GZIP), member = 31;
	char octets[256];
	int size = snprintf(octets, sizeof octets,
	                    HEAD "Content-Encoding: gzip\r\nContent-Length: 62\r\n\r\n");
	memcpy(octets + size, GZIP + head, member);
	memcpy(octets + size + member, GZIP + head, member);
	const struct script_route routes[] = {
		{.path = "/two", .octets = octets, .size = (size_t)size + 2 * member},
		{.path = NULL},
	};
	struct bench bench;
	struct talk talk = {.bench = NULL};
	struct http_request request = {.gzip = true};
	bench_start(&bench, routes);
	talk_start(&talk, &bench, &request, "/two");
	talk_finish(&talk);
	talk_expect(&talk, ERR_IO, "");
	assert_string_equal(talk.body, "hello, gzip");
	bench_stop(&bench);
}

static void too_much_is_refused(void **state)
{
	(void)state;
	enum { SIZE = HTTP_HEAD_SIZE_MAX + 1000 };
	char *head = calloc(1, SIZE), *lines = calloc(1, SIZE), *interim = calloc(1, SIZE);
	assert_true(head != NULL && lines != NULL && interim != NULL);
	(void)snprintf(head, SIZE, HEAD "X-Long: ");
	memset(head + strlen(head), 'x', HTTP_HEAD_SIZE_MAX);
	(void)snprintf(lines, SIZE, HEAD);
	while (strlen(lines) < HTTP_HEAD_SIZE_MAX)
		memcpy(lines + strlen(lines), "X-Many: of them\r\n", 17);
	while (strlen(interim) < HTTP_HEAD_SIZE_MAX)
		memcpy(interim + strlen(interim), "HTTP/1.1 102 Wait\r\n\r\n", 21);
	memcpy(head + strlen(head), "\r\n\r\n", 4);
	memcpy(lines + strlen(lines), "\r\n", 2);
	const struct script_route routes[] = {
		{.path = "/head", .octets = head},
		{.path = "/lines", .octets = lines},
		{.path = "/interim", .octets = interim},
		{.path = "/five", .octets = HEAD "Content-Length: 5\r\n\r\nhello"},
		{.path = "/chunks",
	     .octets = HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n"},
		{.path = "/gzip", .octets = GZIP, .size = sizeof GZIP - 1},
		{.path = NULL},
	};
	const struct {
		const char *path;
		size_t body_size_max;
		enum err err;
		const char *words;
	} cases[] = {
		{"/head", 0, ERR_LIMIT, "response headers of more than 65536 octets"},
		{"/lines", 0, ERR_LIMIT, "response headers of more than 65536 octets"},
		{"/interim", 0, ERR_LIMIT, "response headers of more than 65536 octets"},
		{"/five", 5, ERR_OK, ""},
		{"/five", 4, ERR_LIMIT, "response body of more than 4 octets"},
		{"/chunks", 4, ERR_LIMIT, "response body of more than 4 octets"},
		{"/gzip", 10, ERR_LIMIT, "response body of more than 10 octets"}, /* unpacked: 11 */
	};
	struct bench bench;
	bench_start(&bench, routes);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct talk talk = {.bench = NULL}, gathering = {.bench = NULL};
		const struct http_request request = {.gzip = true, .body_size_max = cases[i].body_size_max};
		talk_start(&talk, &bench, &request, cases[i].path);
		talk_finish(&talk);
		talk_expect(&talk, cases[i].err, cases[i].words);
		if (cases[i].body_size_max == 0)
			continue;
		talk_start_gathering(&gathering, &bench, &request, cases[i].path);
		talk_finish(&gathering);
		talk_expect(&gathering, cases[i].err, cases[i].words);
		assert_string_equal(gathering.body, cases[i].err == ERR_OK ? "hello" : gathering.body);
	}
	bench_stop(&bench);
	free(head);
	free(lines);
	free(interim);
}

static void headers_are_found_by_name(void **state)
{
	(void)state;
	static const char TEXT[] =
		"HTTP/1.1 200 OK\r\nContent-Type: text/a\r\nwarning: 299 - \"a: b\"\r\n"
		"Warning:299 - \"c\"\r\nEmpty:\r\nFolded: a\r\n Date: b\r\n\r\n";
	const struct http_response response = {.status = 200, .head = bytes_of(TEXT)};
	const struct {
		const char *name;
		size_t nth;
		const char *value;
	} cases[] = {
		{"content-type", 0, "text/a"},
		{"Content-Type", 1, NULL},
		{"Warning", 0, "299 - \"a: b\""},
		{"WARNING", 1, "299 - \"c\""},
		{"Warning", 2, NULL},
		{"Empty", 0, ""},
		{"Date", 0, NULL},
		{"Folded", 0, "a"},
		{"Content", 0, NULL},
		{"HTTP/1.1 200 OK", 0, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bytes value = http_header(&response, cases[i].name, cases[i].nth);
		assert_int_equal(value.data == NULL, cases[i].value == NULL);
		assert_true(bytes_equal(value, bytes_of(cases[i].value)));
	}
	const struct http_response none = {.status = 0};
	assert_null(http_header(&none, "Date", 0).data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(responses_are_told_as_they_are),
		cmocka_unit_test(a_broken_response_is_an_error_with_words),
		cmocka_unit_test(a_refused_connection_says_so),
		cmocka_unit_test(time_runs_out),
		cmocka_unit_test(time_runs_out_midway),
		cmocka_unit_test(octets_keep_an_idle_call_alive),
		cmocka_unit_test(gzip_is_unpacked_where_it_is_asked_for_only),
		cmocka_unit_test(a_second_gzip_member_ends_the_call),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(headers_are_found_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* probe_http: a response is judged by what it says, however it is cut into reads. */
#include "check.h"

#include "fedns/prober.h"
#include "probe_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OK       "HTTP/1.1 200 OK\r\n"
#define CHUNKED  "Transfer-Encoding: chunked\r\n\r\n"
#define NOT_IN   "the text is not in the body"
#define NO_FRAME "the body's length or chunks can't be read"

/* Read `octets`, `step` at a time, then the end. */
static bool judged(const char *octets, size_t size, const char *text, size_t step, struct why *why)
{
	uint16_t left[PROBE_CONTAINS_SIZE_MAX];
	const struct probe_wanted wanted = {200, 399, {bytes_of(text), left}};
	struct probe_reader reader = {0};
	why_set(why, "%s", "");
	probe_text_prepare(wanted.contains.text, left);
	for (size_t at = 0; at < size; at += step) {
		size_t more = size - at < step ? size - at : step;
		enum probe_verdict verdict =
			probe_read(&reader, &wanted, (struct bytes){(const uint8_t *)octets + at, more}, why);
		if (verdict != PROBE_MORE)
			return verdict == PROBE_GOOD;
	}
	probe_ended(&reader, why);
	return false;
}

struct response {
	const char *octets, *text;
	const char *why; /* "": good */
};

/* Each, cut into reads of every size. */
static void judge_all(const struct response *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t size = strlen(cases[i].octets);
		for (size_t step = 1; step <= size + 1; step++) {
			struct why why;
			bool good = judged(cases[i].octets, size, cases[i].text, step, &why);
			if (good != (cases[i].why[0] == '\0') || strcmp(why.text, cases[i].why) != 0)
				fail_msg("%zu by %zu: %s", i, step, why.text);
		}
	}
}

static void responses_are_judged(void **state)
{
	(void)state;
	static const struct response CASES[] = {
		{OK "\r\n", "", ""},
		{"HTTP/1.0 204 No Content\r\n\r\n", "", ""},
		{"HTTP/1.1 200\r\n\r\n", "", ""},
		{"HTTP/1.1 200\n\n", "", ""},
		{"HTTP/1.1 399 ", "", ""},
		{"HTTP/1.1 503 Service Unavailable\r\n\r\n", "", "HTTP 503"},
		{"HTTP/1.1 400 Bad\r\n\r\nok", "ok", "HTTP 400"},
		{"HTTP/1.1 199 x", "", "closed within the response's head"},
		{"HTTP/1.1 101 Switching\r\n\r\n", "", "HTTP 101"},
		{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\na: b\r\n\r\n" OK "\r\n", "", ""},
		{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 No\r\n\r\n", "", "HTTP 500"},
		{"HTTP/1.1 100 Continue\r\n\r\n", "", "closed within the response's head"},
		{"", "", "closed without a response"},
		{"HTTP/1.1 20", "", "closed within the response's head"},
		{"HTTP/2 200 OK\r\n", "", "no HTTP response"},
		{"HTTP/1.1  200 OK\r\n", "", "no HTTP response"},
		{"HTTP/1.1 2000 OK\r\n", "", "no HTTP response"},
		{"HTTP/1.1 20 OK\r\n", "", "no HTTP response"},
		{"HTTP/1.1 000 OK\r\n", "", "no HTTP response"},
		{"HTTP/1.1 -20 OK\r\n", "", "no HTTP response"},
		{"http/1.1 200 OK\r\n", "", "no HTTP response"},
		{"\r\nHTTP/1.1 200 OK\r\n", "", "no HTTP response"},
		{"SSH-2.0-OpenSSH_9.2\r\n", "", "no HTTP response"},
		{OK "a: ready\r\n\r\nready", "ready", ""},
		{OK "\r\nnot yet, ready", "ready", ""},
		{OK "a: ready\r\n\r\nno", "ready", "the text is not in the body"},
		{OK "a: ready\r\n", "ready", "closed within the response's head"},
		{OK "a: b\n\nready", "ready", ""},
		{OK "a: b\r\n\r\r\n\r\nready", "ready", ""},
		{OK "\r\naaaaaab", "aaab", ""},
		{OK "\r\nabacabacabad", "abacabad", ""},
		{OK "\r\nababababac", "ababac", ""},
		{OK "\r\naaaaaa", "aaab", "the text is not in the body"},
		{OK "\r\n4\r\nrea\n\r\n3\r\ndy\n\r\n0\r\n\r\n", "rea\ndy", "the text is not in the body"},
	};
	judge_all(CASES, sizeof CASES / sizeof CASES[0]);
}

static void bodies_end_where_the_head_says(void **state)
{
	(void)state;
	static const struct response CASES[] = {
		{OK CHUNKED "4\r\nrea\n\r\n3\r\ndy\n\r\n0\r\n\r\n", "rea\ndy", ""},
		{OK CHUNKED "4\r\nrea\n\r\n3\r\ndi\n\r\n0\r\n\r\n", "rea\ndy", NOT_IN},
		{OK CHUNKED "5\r\nready", "5", NOT_IN},
		{OK CHUNKED "0005;a=\"b\"\r\nready", "ready", ""},
		{OK CHUNKED "5 \r\nready", "ready", ""},
		{OK CHUNKED "5\nrea\r\n\n2\ndy", "rea\r\ndy", ""},
		{OK CHUNKED "1F\r\n0123456789012345678901234567890\r\n5\r\nready", "0ready", ""},
		{OK CHUNKED "0\r\na: ready\r\n\r\n", "ready", NOT_IN},
		{OK CHUNKED "0\r\n\r\nready", "ready", NOT_IN},
		{OK CHUNKED "\r\nready", "ready", NO_FRAME},
		{OK CHUNKED "x\r\nready", "ready", NO_FRAME},
		{OK CHUNKED "-5\r\nready", "ready", NO_FRAME},
		{OK CHUNKED "5x\r\nready", "ready", NO_FRAME},
		{OK CHUNKED "fffffffffffff\r\nready", "ready", NO_FRAME},
		{OK CHUNKED "3\r\nready", "ready", NO_FRAME},
		{OK "TRANSFER-ENCODING:\tChunked \r\n\r\n3\r\nrea\r\n2\r\ndy\r\n0\r\n\r\n", "ready", ""},
		{OK "Transfer-Encoding: gzip\r\n\r\n3\r\nrea\r\n2\r\ndy", "rea\r\n2", ""},
		{OK "X-Transfer-Encoding: chunked\r\n\r\n3\r\nrea", "3\r\nrea", ""},
		{OK "Content-Length: 3\r\n\r\nready", "ready", NOT_IN},
		{OK "Content-Length: 5\r\n\r\nready", "ready", ""},
		{OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\nready", "ready", ""},
		{OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\nready", "ready", NO_FRAME},
		{OK "Content-Length: -5\r\n\r\nready", "ready", NO_FRAME},
		{OK "Content-Length: 0\r\n\r\nready", "ready", NOT_IN},
		{OK "Content-Length: 3\r\n" CHUNKED "3\r\nrea\r\n2\r\ndy", "ready", ""},
		{"HTTP/1.1 204 No\r\n\r\nready", "ready", NOT_IN},
		{"HTTP/1.1 103 Hints\r\n" CHUNKED OK "\r\nready", "ready", ""},
	};
	judge_all(CASES, sizeof CASES / sizeof CASES[0]);
}

/* `octets`, then `fill` times 'x', then `tail`. */
static bool judged_long(const char *octets, size_t fill, const char *tail, size_t step,
                        struct why *why)
{
	size_t head = strlen(octets), end = strlen(tail);
	char *all = malloc(head + fill + end);
	assert_non_null(all);
	memcpy(all, octets, head);
	memset(all + head, 'x', fill);
	memcpy(all + head + fill, tail, end);
	bool good = judged(all, head + fill + end, "ready", step, why);
	free(all);
	return good;
}

static void no_response_is_read_for_ever(void **state)
{
	(void)state;
	static const char IN_HEAD[] = OK "a: ";
	static const size_t STEPS[] = {1, 1000, 1 << 20};
	const size_t head = PROBE_HEAD_MAX - (sizeof IN_HEAD - 1) - 4;
	for (size_t i = 0; i < 3; i++) {
		struct why why;
		assert_true(judged_long(OK "\r\n", PROBE_BODY_MAX - 5, "ready", STEPS[i], &why));
		assert_false(judged_long(OK "\r\n", PROBE_BODY_MAX - 4, "ready", STEPS[i], &why));
		assert_string_equal(why.text, "the text is not in the first 64 KiB of the body");
		assert_true(judged_long(IN_HEAD, head, "\r\n\r\nready", STEPS[i], &why));
		assert_false(judged_long(IN_HEAD, head + 1, "\r\n\r\nready", STEPS[i], &why));
		assert_string_equal(why.text, "a head of more than 16 KiB");
	}
}

static void interim_heads_are_bounded_too(void **state)
{
	(void)state;
	static char all[2 * PROBE_HEAD_MAX];
	static const char INTERIM[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct why why;
	for (size_t at = 0; at + sizeof INTERIM < sizeof all; at += sizeof INTERIM - 1)
		memcpy(all + at, INTERIM, sizeof INTERIM - 1);
	assert_false(judged(all, sizeof all, "", 100, &why));
	assert_string_equal(why.text, "a head of more than 16 KiB");
}

/* Nor is the framing of chunks, however small they are. */
static void chunks_are_bounded_too(void **state)
{
	(void)state;
	static char all[3 * FRAME_CHUNKS_MAX];
	static const char HEAD[] = OK CHUNKED, ONE[] = "1\r\nx\r\n";
	struct why why;
	size_t at = sizeof HEAD - 1;
	memcpy(all, HEAD, at);
	for (; at + sizeof ONE < sizeof all; at += sizeof ONE - 1)
		memcpy(all + at, ONE, sizeof ONE - 1);
	assert_false(judged(all, at, "ready", 1000, &why));
	assert_string_equal(why.text, NO_FRAME);
	memset(all + sizeof HEAD, ' ', sizeof all - sizeof HEAD);
	assert_false(judged(all, sizeof all, "ready", 1000, &why));
	assert_string_equal(why.text, NO_FRAME);
}

/* What stands behind the verdict says whether the connection is good for another request. */
static void connections_are_kept_where_the_response_ends(void **state)
{
	(void)state;
	static const struct {
		const char *octets;
		bool keeps, whole;
	} CASES[] = {
		{OK "Content-Length: 2\r\n\r\nok", true, true},
		{OK "Content-Length: 2\r\nConnection: keep-alive\r\n\r\nok", true, true},
		{OK "Content-Length: 2\r\n\r\no", true, false},
		{OK "Content-Length: 2\r\n", true, false},
		{OK CHUNKED "2\r\nok\r\n0\r\n\r\n", true, true},
		{OK CHUNKED "2\r\nok\r\n0\r\na: b\r\n", true, false},
		{OK CHUNKED "2\r\nok\n\n", false, false},
		{"HTTP/1.1 304 As before\r\nContent-Length: 7\r\n\r\n", true, true},
		{OK "Content-Length: 2\r\nConnection: close\r\n\r\nok", false, true},
		{OK "Content-Length: 2\r\nConnection: a, close\r\n\r\nok", false, true},
		{"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false, true},
		{OK "\r\nok", false, false},
		{OK "Content-Length: 4000\r\n\r\nok", false, false},
		{OK "Content-Length: 2\r\n" CHUNKED "0\r\n\r\n", false, true},
	};
	const struct probe_wanted wanted = {.status_low = 200, .status_high = 399};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct probe_reader reader = {0};
		struct why why;
		assert_int_equal(probe_read(&reader, &wanted, bytes_of(CASES[i].octets), &why), PROBE_GOOD);
		if (frame_keeps(&reader.frame, 1000) != CASES[i].keeps ||
		    (reader.frame.state == FRAME_WHOLE) != CASES[i].whole)
			fail_msg("%zu", i);
	}
}

/* The search beside a plain one. */
static void a_text_is_found_wherever_it_is(void **state)
{
	(void)state;
	uint64_t drawn = 11;
	for (size_t round = 0; round < 20000; round++) {
		char text[8] = "", body[64] = OK "\r\n";
		size_t head = strlen(body), bits = 0;
		drawn = drawn * UINT64_C(6364136223846793005) + 1442695040888963407U;
		size_t text_size = 1 + (drawn >> 40) % 6, body_size = (drawn >> 50) % 30;
		for (size_t i = 0; i < text_size; i++)
			text[i] = (char)('a' + (drawn >> bits++) % 2);
		for (size_t i = 0; i < body_size; i++)
			body[head + i] = (char)('a' + (drawn >> bits++) % 2);
		struct why why;
		bool good = judged(body, head + body_size, text, 1 + round % 7, &why);
		assert_int_equal(good, strstr(body + head, text) != NULL);
	}
}

static void time_runs_out_in_words(void **state)
{
	(void)state;
	static const struct {
		bool body;
		int64_t timeout_ms;
		const char *why;
	} CASES[] = {
		{false, 2000, "no answer within 2 s"},
		{false, 1500, "no answer within 1500 ms"},
		{true, 2000, "the text did not come within 2 s"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct probe_reader reader = {0};
		struct why why;
		if (CASES[i].body)
			reader.frame.state = FRAME_BODY;
		probe_timed_out(&reader, CASES[i].timeout_ms, &why);
		assert_string_equal(why.text, CASES[i].why);
	}
}

static void requests_say_what_the_target_says(void **state)
{
	(void)state;
	static const struct {
		struct health_target target;
		const char *line, *host;
	} CASES[] = {
		{{{4, {192, 0, 2, 1}}, 80, PROBE_HTTP, "/healthz", "a.example"}, "/healthz", "a.example"},
		{{{4, {192, 0, 2, 1}}, 8080, PROBE_HTTP, "/a?b=c", "a.example."}, "/a?b=c", "a.example"},
		{{{4, {192, 0, 2, 1}}, 80, PROBE_HTTP, "", ""}, "/", "192.0.2.1"},
		{{{4, {192, 0, 2, 1}}, 8080, PROBE_HTTP, NULL, NULL}, "/", "192.0.2.1:8080"},
		{{{6, {0x20, 1, 0xd, 0xb8, [15] = 1}}, 8080, PROBE_HTTP, "/", ""},
	     "/",
	     "[2001:db8::1]:8080"},
		{{{4, {192, 0, 2, 1}}, 443, PROBE_HTTPS, "/", ""}, "/", "192.0.2.1"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		char request[PROBE_REQUEST_SIZE_MAX], expected[PROBE_REQUEST_SIZE_MAX];
		struct why why;
		assert_int_equal(probe_target_check(&CASES[i].target, &why), ERR_OK);
		size_t size = probe_request(&CASES[i].target, i % 2 != 0, request);
		assert_int_equal(size, strlen(request));
		(void)snprintf(expected, sizeof expected,
		               "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: fedns/%s\r\nAccept: */*\r\n"
		               "%s\r\n",
		               CASES[i].line, CASES[i].host, FEDNS_VERSION,
		               i % 2 != 0 ? "" : "Connection: close\r\n");
		assert_string_equal(request, expected);
	}
}

static void what_would_break_a_request_is_refused(void **state)
{
	(void)state;
	static char long_path[PROBE_PATH_SIZE_MAX + 2], long_host[HEALTH_HOST_SIZE_MAX + 2];
	memset(long_path, '/', sizeof long_path - 1);
	memset(long_host, 'a', sizeof long_host - 1);
	const struct {
		const char *path, *host;
		bool good;
	} cases[] = {
		{"/", "", true},        {"healthz", "", false},       {"/a b", "", false},
		{"/a\r\nb", "", false}, {"/\x7f", "", false},         {"/\xc3\xa4", "", false},
		{"/", "a b", false},    {"/", "a\r\nHost: b", false}, {"/", long_host, false},
		{long_path, "", false}, {"/", long_host + 1, true},   {long_path + 1, long_host + 1, true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char request[PROBE_REQUEST_SIZE_MAX];
		const struct health_target target = {
			{4, {127}}, 80, PROBE_HTTP, cases[i].path, cases[i].host};
		struct why why;
		assert_int_equal(probe_target_check(&target, &why), cases[i].good ? ERR_OK : ERR_INVALID);
		if (cases[i].good)
			assert_true(probe_request(&target, false, request) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(responses_are_judged),
		cmocka_unit_test(bodies_end_where_the_head_says),
		cmocka_unit_test(no_response_is_read_for_ever),
		cmocka_unit_test(interim_heads_are_bounded_too),
		cmocka_unit_test(chunks_are_bounded_too),
		cmocka_unit_test(connections_are_kept_where_the_response_ends),
		cmocka_unit_test(a_text_is_found_wherever_it_is),
		cmocka_unit_test(time_runs_out_in_words),
		cmocka_unit_test(requests_say_what_the_target_says),
		cmocka_unit_test(what_would_break_a_request_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* alidns: memory that runs out at any moment: a call is refused or told once, and nothing is left.
 */
#include "check.h"

#include "alidns_reply.h"
#include "alidns_sign.h"
#include "fake_credentials.h"
#include "nomem.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define ALLOCATIONS_MAX 2000 /* no run below takes as many */

struct told {
	uv_loop_t *loop;
	unsigned dones;
	enum alidns_class class;
	char message[WHY_TEXT_SIZE];
};

static void told_done(void *arg, const struct alidns_reply *reply)
{
	struct told *told = arg;
	told->dones++;
	told->class = reply->class;
	(void)snprintf(told->message, sizeof told->message, "%s", reply->message);
	uv_stop(told->loop);
}

static int64_t now_ms(void *arg)
{
	(void)arg;
	return 1767323045000;
}

/* A port that nobody listens at: what can be sent is lost at once. */
static void nobodys_port(uv_loop_t *loop, uv_tcp_t *tcp, char *endpoint, size_t size)
{
	struct sockaddr_in at;
	int at_size = sizeof at;
	assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &at), 0);
	uv_tcp_init(loop, tcp);
	assert_int_equal(uv_tcp_bind(tcp, (struct sockaddr *)&at, 0), 0);
	assert_int_equal(uv_tcp_getsockname(tcp, (struct sockaddr *)&at, &at_size), 0);
	(void)snprintf(endpoint, size, "http://127.0.0.1:%u", ntohs(at.sin_port));
}

static void call_once(struct alidns_setup *setup, struct told *told)
{
	struct alidns *alidns;
	struct alidns_call *call;
	const struct alidns_param param = {"DomainName", bytes_of("example.com")};
	struct why why = {{0}};
	enum err err = alidns_new(setup, &alidns, &why);
	if (err == ERR_OK)
		err = alidns_call(alidns, "DescribeDomains", &param, 1, told_done, told, &call, &why);
	if (err != ERR_OK) {
		assert_int_equal(err, ERR_NOMEM);
		assert_string_not_equal(why.text, "");
		alidns_free(alidns);
		return;
	}
	while (told->dones == 0)
		uv_run(setup->loop, UV_RUN_ONCE);
	alidns_free(alidns);
}

static void a_call_is_told_once_or_refused(void **state)
{
	(void)state;
	bool ran_out = true;
	for (size_t n = 1; ran_out; n++) {
		uv_loop_t loop;
		uv_tcp_t tcp;
		struct http *http;
		char endpoint[64];
		struct told told = {.loop = &loop};
		struct why why = {{0}};
		struct credentials credentials = {.give = {"testid", "testsecret", "token"}};
		assert_true(n < ALLOCATIONS_MAX);
		assert_int_equal(uv_loop_init(&loop), 0);
		assert_int_equal(http_new(&loop, &http, &why), ERR_OK);
		nobodys_port(&loop, &tcp, endpoint, sizeof endpoint);
		struct alidns_setup setup = {.loop = &loop,
		                             .http = http,
		                             .credentials = &credentials,
		                             .endpoint = endpoint,
		                             .signature = n % 2 != 0 ? ALIDNS_ACS3 : ALIDNS_V1,
		                             .now_ms = now_ms};
		nomem_fail_at((n + 1) / 2);
		call_once(&setup, &told);
		ran_out = nomem_failed() || n % 2 != 0;
		nomem_fail_at(0);
		if (told.dones != 0 && !ran_out)
			assert_int_equal(told.class, ALIDNS_LOST);
		http_free(http);
		uv_close((uv_handle_t *)&tcp, NULL);
		while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
			continue;
		assert_int_equal(uv_loop_close(&loop), 0);
	}
}

#define PAGE                                                                                       \
	"{\"RequestId\":\"A\",\"RecordId\":5,\"TotalCount\":2,\"DomainRecords\":{\"Record\":["         \
	"{\"RecordId\":\"1\",\"RR\":\"a\",\"Type\":\"A\",\"Value\":\"192.0.2.1\"},"                    \
	"{\"RecordId\":2,\"RR\":\"b\",\"Type\":\"TXT\",\"Value\":\"x\"}]}}"

/* jansson's memory as well. An answer that could not be read is one that nobody has read. */
static void a_page_is_read_whole_or_not(void **state)
{
	(void)state;
	const struct http_response response = {
		.status = 200, .head = bytes_of("HTTP/1.1 200 OK\r\n\r\n"), .body = bytes_of(PAGE)};
	bool ran_out = true;
	json_set_alloc_funcs(malloc, free);
	for (size_t n = 1; ran_out; n++) {
		struct answer answer;
		struct why why = {{0}};
		size_t total = 0;
		enum err err = ERR_NOMEM;
		assert_true(n < ALLOCATIONS_MAX);
		struct record_list *records = record_list_new();
		assert_non_null(records);
		nomem_fail_at(n);
		answer_read(&response, &answer);
		if (answer.reply.class == ALIDNS_DONE)
			err = alidns_read_records(answer.reply.body, "prod", records, &total, &why);
		else
			assert_int_equal(answer.reply.class, ALIDNS_LOST);
		answer_clear(&answer);
		ran_out = nomem_failed();
		nomem_fail_at(0);
		if (!ran_out)
			assert_int_equal(record_list_count(records), 2);
		assert_int_equal(err, ran_out ? ERR_NOMEM : ERR_OK);
		record_list_free(records);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_told_once_or_refused),
		cmocka_unit_test(a_page_is_read_whole_or_not),
	};
	setenv("no_proxy", "*", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* alidns_reply: what a server says is told to people without what it was sent, in one line. */
#include "alidns_reply.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static void read_body(struct answer *answer, unsigned status, const char *head, const char *body)
{
	const struct http_response response = {
		.status = status, .head = bytes_of(head), .body = bytes_of(body)};
	answer_read(&response, answer);
}

static void expect_message(const char *said, const char *told)
{
	char body[4096];
	struct answer answer;
	json_t *json = json_pack("{s:s,s:s}", "Code", "Some.Code", "Message", said);
	assert_non_null(json);
	size_t size = json_dumpb(json, body, sizeof body - 1, JSON_COMPACT);
	assert_true(size > 0 && size < sizeof body);
	body[size] = '\0';
	json_decref(json);
	read_body(&answer, 400, "HTTP/1.1 400 Bad\r\n\r\n", body);
	assert_string_equal(answer.reply.message, told);
	answer_clear(&answer);
}

#define MISMATCH "Specified signature is not matched with our calculation."
#define LONG     "0123456789012345678901234567890123456789"

static void a_message_tells_no_secret(void **state)
{
	(void)state;
	static const struct {
		const char *said, *told;
	} cases[] = {
		{"The DNS record already exists.", "The DNS record already exists."},
		{MISMATCH " server string to sign is:GET&%2F&AccessKeyId%3Dtestid%26SecurityToken%3DCAIS",
	     MISMATCH},
		{MISMATCH " Server String To Sign is:x", MISMATCH},
		{"sent SecurityToken=CAIS x", "sent"},
		{"sent AccessKeyId%3Dtestid x", "sent"},
		{"got x-acs-security-token:CAIS", "got x-acs-"},
		{"got Authorization: ACS3-HMAC-SHA256 Credential=testid", "got"},
		{"bad Credential=testid,Signature=00", "bad"},
		{"a " LONG LONG " b", "a " LONG LONG " b"},
		{"a " LONG LONG "x b", "a ... b"},
		{"two\r\nlines\tand \x1b[31m\xc2\x9b", "two lines and ?[31m?"},
		{"SecurityToken is mandatory for this action.",
	     "SecurityToken is mandatory for this action."},
		{"  ", ""},
		{"", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_message(cases[i].said, cases[i].told);
}

static void a_long_message_is_cut_between_words(void **state)
{
	(void)state;
	char said[2048];
	struct answer answer;
	char body[2200];
	for (size_t i = 0; i < sizeof said - 1; i++)
		said[i] = i % 8 == 7 ? ' ' : 'w';
	said[sizeof said - 1] = '\0';
	(void)snprintf(body, sizeof body, "{\"Code\":\"X\",\"Message\":\"%s\"}", said);
	read_body(&answer, 400, "HTTP/1.1 400 Bad\r\n\r\n", body);
	size_t size = strlen(answer.reply.message);
	assert_true(size > REPLY_MESSAGE_SIZE - 16 && size < REPLY_MESSAGE_SIZE);
	assert_int_equal(size % 8, 7);
	answer_clear(&answer);
}

static void codes_and_ids_are_plain(void **state)
{
	(void)state;
	char body[1024];
	struct answer answer;
	read_body(&answer, 400, "HTTP/1.1 400 Bad\r\n\r\n",
	          "{\"Code\":\"Bad\\n\\u001b.Code\xc3\xa9\",\"RequestId\":\"a b\"}");
	assert_string_equal(answer.reply.code, "Bad??.Code??");
	assert_string_equal(answer.reply.request_id, "a?b");
	answer_clear(&answer);
	(void)snprintf(body, sizeof body, "{\"Code\":\"%0300d\",\"RequestId\":\"%0200d\"}", 0, 0);
	read_body(&answer, 400, "HTTP/1.1 400 Bad\r\n\r\n", body);
	assert_int_equal(strlen(answer.reply.code), REPLY_CODE_SIZE - 1);
	assert_int_equal(strlen(answer.reply.request_id), REPLY_ID_SIZE - 1);
	answer_clear(&answer);
	/* what isn't text is no Code */
	read_body(&answer, 200, "HTTP/1.1 200 OK\r\n\r\n",
	          "{\"Code\":5,\"Message\":[],\"RequestId\":\"A\"}");
	assert_int_equal(answer.reply.class, ALIDNS_DONE);
	answer_clear(&answer);
}

static void an_id_is_text_however_it_came(void **state)
{
	(void)state;
	static const struct {
		const char *body, *id;
	} cases[] = {
		{"{\"RecordId\":\"9999985\",\"RequestId\":\"A\"}", "9999985"},
		{"{\"RequestId\":\"A\",\"RecordId\":1854329574218719232}", "1854329574218719232"},
		{"{\"RequestId\":\"A\",\"RecordId\":\"\"}", NULL},
		{"{\"RequestId\":\"A\",\"RecordId\":null}", NULL},
		{"{\"RequestId\":\"A\"}", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct answer answer;
		read_body(&answer, 200, "HTTP/1.1 200 OK\r\n\r\n", cases[i].body);
		assert_int_equal(answer.reply.class, ALIDNS_DONE);
		const char *id = alidns_read_id(answer.reply.body);
		if (cases[i].id == NULL)
			assert_null(id);
		else
			assert_string_equal(id, cases[i].id);
		answer_clear(&answer);
	}
}

static void somebodys_page_is_not_repeated(void **state)
{
	(void)state;
	struct answer answer;
	read_body(&answer, 503,
	          "HTTP/1.1 503 No\r\nContent-Type: text/html; charset=x\r\nDate: Fri, 02 Jan 2026 "
	          "03:04:05 GMT\r\n\r\n",
	          "<html>secret</html>");
	assert_string_equal(answer.reply.message,
	                    "HTTP 503 with text/html, and not an answer of the API");
	assert_true(answer.dated);
	assert_int_equal(answer.date_s, 1767323045);
	answer_clear(&answer);
	read_body(&answer, 502, "HTTP/1.1 502 No\r\n\r\n", "");
	assert_string_equal(answer.reply.message, "HTTP 502, and not an answer of the API");
	assert_false(answer.dated);
	answer_clear(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_tells_no_secret),
		cmocka_unit_test(a_long_message_is_cut_between_words),
		cmocka_unit_test(codes_and_ids_are_plain),
		cmocka_unit_test(an_id_is_text_however_it_came),
		cmocka_unit_test(somebodys_page_is_not_repeated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

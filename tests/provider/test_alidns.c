/* alidns: what stands on the wire, and what each kind of answer, or none, is told as. */
#include "alidns_bed.h"

#include "alidns_sign.h"
#include "net/fake_ca.h"

#define ID   "\"RequestId\":\"536E9CAD-DB30-4647-AC87-AA5CC38C5382\""
#define GOOD "{\"RecordId\":\"9999985\"," ID "}"

/* --- what stands on the wire -------------------------------------------------------------- */

/* The value of a header of the request, up to its line's end, into `out`. */
static const char *sent_header(const struct bed *bed, const char *name, char out[4096])
{
	char needle[128];
	(void)snprintf(needle, sizeof needle, "\r\n%s: ", name);
	const char *at = strcasestr(bed->bench.server.request, needle);
	out[0] = '\0';
	if (at == NULL)
		return NULL;
	at += strlen(needle);
	(void)snprintf(out, 4096, "%.*s", (int)strcspn(at, "\r"), at);
	return out;
}

static void expect_sent(const struct bed *bed, const char *name, const char *value)
{
	char got[4096];
	if (sent_header(bed, name, got) == NULL || strcmp(got, value) != 0)
		fail_msg("%s: %s, expected %s", name, got, value);
}

static const struct alidns_param ADD[] = {
	{"DomainName", {(const uint8_t *)"example.com", 11}},
	{"RR", {(const uint8_t *)"*.svc", 5}},
	{"Value", {(const uint8_t *)"a b\xc3\xa9", 5}},
};

/* The same request, signed by the test with the nonce that was sent. */
static void sign_again(const struct bed *bed, const char *nonce, enum alidns_signature signature,
                       struct signed_request *request)
{
	char host[64];
	struct why why = {{0}};
	struct alidns_param params[4];
	memcpy(params, ADD, sizeof ADD);
	params[3] = (struct alidns_param){"Lang", bytes_of("en")};
	(void)snprintf(host, sizeof host, "127.0.0.1:%u", bed->bench.server.port);
	const struct sign_ask ask = {.method = "POST",
	                             .host = host,
	                             .action = "AddDomainRecord",
	                             .params = params,
	                             .param_count = 4,
	                             .credential = &bed->credentials.give,
	                             .nonce = nonce,
	                             .time_s = BED_NOW_MS / 1000};
	enum err err =
		signature == ALIDNS_V1 ? sign_v1(&ask, request, &why) : sign_acs3(&ask, request, &why);
	if (err != ERR_OK)
		fail_msg("%s", why.text);
}

static void expect_acs3(struct bed *bed)
{
	char octets[512], host[64], nonce[4096];
	struct heard heard;
	struct signed_request request;
	bed_answers(bed, answer_of(octets, sizeof octets, 200, "", GOOD), THEN_KEEP);
	bed_call(bed, &heard, "AddDomainRecord", ADD, 3);
	heard_expect(&heard, ALIDNS_DONE, "", "");
	assert_string_equal(heard.record_id, "9999985");
	static const char LINE[] =
		"POST /?DomainName=example.com&Lang=en&RR=%2A.svc&Value=a%20b%C3%A9 HTTP/1.1\r\n";
	assert_memory_equal(bed->bench.server.request, LINE, sizeof LINE - 1);
	(void)snprintf(host, sizeof host, "127.0.0.1:%u", bed->bench.server.port);
	expect_sent(bed, "Host", host);
	expect_sent(bed, "Accept", "application/json");
	expect_sent(bed, "Content-Length", "0");
	expect_sent(bed, "x-acs-date", "2026-01-02T03:04:05Z");
	assert_non_null(sent_header(bed, "x-acs-signature-nonce", nonce));
	assert_int_equal(strlen(nonce), 32);
	assert_null(strcasestr(bed->bench.server.request, "content-type"));
	assert_null(strstr(bed->bench.server.request, "testsecret"));
	sign_again(bed, nonce, ALIDNS_ACS3, &request);
	for (size_t i = 0; i < request.header_count; i++) {
		if (strcasestr(bed->bench.server.request, request.headers[i]) == NULL)
			fail_msg("not sent: %s", request.headers[i]);
	}
	signed_request_clear(&request);
}

static void a_request_is_signed_as_it_is_sent(void **state)
{
	(void)state;
	struct bed bed;
	bed_start(&bed);
	expect_acs3(&bed);
	assert_null(strcasestr(bed.bench.server.request, "token"));
	bed.credentials.give = (struct credential){"STS.testid", "testsecret", "CAIS+fake/STS=="};
	expect_acs3(&bed);
	expect_sent(&bed, "x-acs-security-token", "CAIS+fake/STS==");
	assert_int_equal(bed.bench.server.accepted, 1); /* the connection is kept */
	bed_stop(&bed);
}

static void v1_has_it_all_in_the_body(void **state)
{
	(void)state;
	char octets[512];
	struct bed bed;
	struct heard heard;
	struct signed_request request;
	bed_start_as(&bed, ALIDNS_V1, 0, NULL);
	bed.credentials.give.token = "CAIS+fake/STS==";
	bed_answers(&bed, answer_of(octets, sizeof octets, 200, "", GOOD), THEN_KEEP);
	bed_call(&bed, &heard, "AddDomainRecord", ADD, 3);
	heard_expect(&heard, ALIDNS_DONE, "", "");
	assert_memory_equal(bed.bench.server.request, "POST / HTTP/1.1\r\n", 17);
	expect_sent(&bed, "Content-Type", "application/x-www-form-urlencoded");
	const char *at = strstr(bed.bench.server.request, "SignatureNonce=");
	assert_non_null(at);
	char nonce[33];
	(void)snprintf(nonce, sizeof nonce, "%s", at + 15);
	sign_again(&bed, nonce, ALIDNS_V1, &request);
	const char *body = strstr(bed.bench.server.request, "\r\n\r\n");
	assert_true(bytes_equal(bytes_of(body + 4), buf_bytes(&request.query)));
	signed_request_clear(&request);
	bed_stop(&bed);
}

static void a_second_call_is_signed_anew(void **state)
{
	(void)state;
	char octets[512], first[4096], second[4096];
	struct bed bed;
	struct heard heard;
	bed_start(&bed);
	(void)answer_of(octets, sizeof octets, 400, "", "{\"Code\":\"Throttling\"}");
	bed_ask(&bed, &heard, octets, THEN_KEEP);
	assert_non_null(sent_header(&bed, "x-acs-signature-nonce", first));
	bed.now_ms += 2000;
	bed_ask(&bed, &heard, octets, THEN_KEEP);
	assert_non_null(sent_header(&bed, "x-acs-signature-nonce", second));
	assert_string_not_equal(first, second);
	expect_sent(&bed, "x-acs-date", "2026-01-02T03:04:07Z");
	assert_int_equal(bed.credentials.asked, 2);
	assert_int_equal(bed.credentials.refused, 0);
	bed_stop(&bed);
}

/* --- answers ------------------------------------------------------------------------------ */

struct answer_case {
	unsigned status;
	const char *headers, *body;
	enum alidns_class class;
	const char *code, *words;
	uint32_t wait_ms;
	unsigned refused; /* the credentials were told so */
};

static const struct answer_case ANSWERS[] = {
	{200, "", GOOD, ALIDNS_DONE, "", "", 0, 0},
	{200, "x-acs-request-id: A-1\r\n", "{}", ALIDNS_DONE, "", "", 0, 0},
	{400, "x-acs-retry-after: 1500\r\n",
     "{" ID ",\"Code\":\"Throttling.User\",\"Message\":\"Request was denied due to user flow "
     "control.\"}",
     ALIDNS_THROTTLED, "Throttling.User", "user flow control", 1500, 0},
	{400, "Retry-After: 3\r\n", "{\"Code\":\"LastOperationNotFinished\"}", ALIDNS_BUSY,
     "LastOperationNotFinished", "", 3000, 0},
	{400, "x-acs-retry-after: 99999999\r\n", "{\"Code\":\"DnsSystemBusyness\"}", ALIDNS_AGAIN,
     "DnsSystemBusyness", "", 600000, 0},
	{400, "", "{\"Code\":\"DomainRecordDuplicate\"}", ALIDNS_EXISTS, "DomainRecordDuplicate", "", 0,
     0},
	{400, "", "{\"Code\":\"DomainRecordNotBelongToUser\"}", ALIDNS_GONE,
     "DomainRecordNotBelongToUser", "", 0, 0},
	{400, "", "{\"Code\":\"QuotaExceeded.TTL\",\"Message\":\"600 to\\u0007 86400\"}", ALIDNS_RECORD,
     "QuotaExceeded.TTL", "600 to? 86400", 0, 0},
	{400, "", "{\"Code\":\"InvalidDomainName.NoExist\"}", ALIDNS_DOMAIN,
     "InvalidDomainName.NoExist", "", 0, 0},
	{404, "", "{\"Code\":\"InvalidAccessKeyId.NotFound\"}", ALIDNS_CREDENTIALS,
     "InvalidAccessKeyId.NotFound", "", 0, 1},
	{400, "", "{\"Code\":\"InvalidSecurityToken.Expired\"}", ALIDNS_CREDENTIALS,
     "InvalidSecurityToken.Expired", "", 0, 1},
	{403, "", "{\"Code\":\"Forbidden.RAM\"}", ALIDNS_CREDENTIALS, "Forbidden.RAM", "", 0, 0},
	{500, "", "{\"Code\":\"InternalError\"}", ALIDNS_LOST, "InternalError", "", 0, 0},
	/* by Code, whatever the status is */
	{200, "", "{\"Code\":\"DomainRecordLocked\"," ID "}", ALIDNS_RECORD, "DomainRecordLocked", "",
     0, 0},
	{503, "", "{\"Code\":\"DomainRecordLocked\"," ID "}", ALIDNS_RECORD, "DomainRecordLocked", "",
     0, 0},
	/* not the API's */
	{200, "", "{}", ALIDNS_LOST, "", "HTTP 200 with application/json", 0, 0},
	{200, "", "[" GOOD "]", ALIDNS_LOST, "", "not an answer of the API", 0, 0},
	{200, "", "", ALIDNS_LOST, "", "not an answer of the API", 0, 0},
	{200, "", "{\"RecordId\":\"1\"", ALIDNS_LOST, "", "not an answer of the API", 0, 0},
	{302, "Location: /portal\r\n", "", ALIDNS_AGAIN, "", "HTTP 302", 0, 0},
	{403, "", "<html>no</html>", ALIDNS_AGAIN, "", "HTTP 403", 0, 0},
	{404, "", "<html>not found</html>", ALIDNS_AGAIN, "", "HTTP 404", 0, 0},
	{429, "Retry-After: 7\r\n", "slow down", ALIDNS_THROTTLED, "", "HTTP 429", 7000, 0},
	{502, "", "<html>bad gateway</html>", ALIDNS_LOST, "", "HTTP 502", 0, 0},
	{503, "Retry-After: tomorrow\r\n", "<html>later</html>", ALIDNS_LOST, "", "HTTP 503", 0, 0},
};

static void an_answer_is_told_by_its_code(void **state)
{
	(void)state;
	struct bed bed;
	bed_start(&bed);
	for (size_t i = 0; i < sizeof ANSWERS / sizeof ANSWERS[0]; i++) {
		const struct answer_case *row = &ANSWERS[i];
		char octets[1024];
		struct heard heard;
		unsigned refused = bed.credentials.refused;
		(void)answer_of(octets, sizeof octets, row->status, row->headers, row->body);
		bed_ask(&bed, &heard, octets, THEN_KEEP);
		heard_expect(&heard, row->class, row->code, row->words);
		assert_int_equal(heard.status, row->status);
		assert_int_equal(heard.wait_ms, row->wait_ms);
		assert_int_equal(heard.has_body, row->class == ALIDNS_DONE);
		assert_int_equal(bed.credentials.refused - refused, row->refused);
		if (strstr(row->body, "RequestId") != NULL && row->body[0] == '{')
			assert_string_equal(heard.request_id, "536E9CAD-DB30-4647-AC87-AA5CC38C5382");
	}
	assert_int_equal(bed.bench.server.accepted, 1);
	bed_stop(&bed);
}

static void no_whole_answer_is_lost(void **state)
{
	(void)state;
	static const struct {
		const char *octets;
		enum script_then then;
		const char *words;
	} cases[] = {
		{"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n" GOOD, THEN_CLOSE, "no answer"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n" GOOD, THEN_RESET, "no answer"},
		{"", THEN_CLOSE, "127.0.0.1"},
		{"", THEN_RESET, "no answer"},
		{"garbage\r\n\r\n", THEN_CLOSE, "no answer"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 4194305\r\n\r\n{", THEN_CLOSE, "no answer"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bed bed;
		struct heard heard;
		bed_start(&bed);
		bed_ask(&bed, &heard, cases[i].octets, cases[i].then);
		heard_expect(&heard, ALIDNS_LOST, "", cases[i].words);
		assert_false(heard.has_body);
		assert_int_equal(bed.bench.server.requests, 1);
		bed_stop(&bed);
	}
}

static void a_server_that_hangs_is_lost_in_time(void **state)
{
	(void)state;
	struct bed bed;
	struct heard heard;
	bed_start_as(&bed, ALIDNS_ACS3, 40, NULL);
	bed_ask(&bed, &heard, "", THEN_KEEP);
	heard_expect(&heard, ALIDNS_LOST, "", "timed out");
	assert_int_equal(heard.status, 0);
	bed_ask(&bed, &heard, "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", THEN_KEEP);
	heard_expect(&heard, ALIDNS_LOST, "", "timed out");
	bed_stop(&bed);
}

/* A certificate that nobody vouches for: it isn't asked anything. */
static void a_stranger_is_not_spoken_to(void **state)
{
	(void)state;
	struct fake_identity ca, server;
	struct bed bed;
	struct heard heard;
	fake_identity_make(&ca, "fake CA", NULL, NULL);
	fake_identity_make(&server, "server", "IP:127.0.0.1", &ca);
	SSL_CTX *tls = fake_server_context(&server, NULL);
	bed_start_as(&bed, ALIDNS_ACS3, 0, tls);
	bed_ask(&bed, &heard, "", THEN_KEEP);
	heard_expect(&heard, ALIDNS_LOST, "", "certificate");
	assert_int_equal(bed.bench.server.requests, 0);
	bed_stop(&bed);
	SSL_CTX_free(tls);
	fake_identity_free(&server);
	fake_identity_free(&ca);
}

/* --- a kept connection that was closed ---------------------------------------------------- */

struct stale {
	uv_check_t check;
	struct bed *bed;
	char used[512], nonce[4096];
};

/* The second request was read, and its connection reset: what comes next is its repetition. */
static void stale_turn(uv_check_t *check)
{
	struct stale *stale = check->data;
	if (stale->bed->bench.server.requests != 2 || stale->nonce[0] != '\0')
		return;
	(void)sent_header(stale->bed, "x-acs-signature-nonce", stale->nonce);
	bed_answers(stale->bed, stale->used, THEN_KEEP);
}

static void a_request_that_got_there_twice_is_lost(void **state)
{
	(void)state;
	char octets[512], nonce[4096];
	struct bed bed;
	struct heard heard;
	struct stale stale = {.bed = &bed};
	bed_start(&bed);
	bed_ask(&bed, &heard, answer_of(octets, sizeof octets, 200, "", GOOD), THEN_KEEP);
	(void)answer_of(stale.used, sizeof stale.used, 400, "", "{\"Code\":\"SignatureNonceUsed\"}");
	uv_check_init(&bed.bench.loop, &stale.check);
	stale.check.data = &stale;
	uv_check_start(&stale.check, stale_turn);
	bed_answers(&bed, "", THEN_RESET);
	bed_call(&bed, &heard, "AddDomainRecord", ADD, 3);
	heard_expect(&heard, ALIDNS_LOST, "SignatureNonceUsed", "");
	assert_int_equal(bed.bench.server.requests, 3);
	assert_string_equal(sent_header(&bed, "x-acs-signature-nonce", nonce), stale.nonce);
	uv_close((uv_handle_t *)&stale.check, NULL);
	bed_stop(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_signed_as_it_is_sent),
		cmocka_unit_test(v1_has_it_all_in_the_body),
		cmocka_unit_test(a_second_call_is_signed_anew),
		cmocka_unit_test(an_answer_is_told_by_its_code),
		cmocka_unit_test(no_whole_answer_is_lost),
		cmocka_unit_test(a_server_that_hangs_is_lost_in_time),
		cmocka_unit_test(a_stranger_is_not_spoken_to),
		cmocka_unit_test(a_request_that_got_there_twice_is_lost),
	};
	setenv("no_proxy", "*", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

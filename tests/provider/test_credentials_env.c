/* Keys that are said outright: alidns.yaml's, and the environment's; and the credentials URI. */
#include "credentials_bed.h"

#define ID     "ALIBABA_CLOUD_ACCESS_KEY_ID"
#define SECRET "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
#define URI    "ALIBABA_CLOUD_CREDENTIALS_URI"

static void keys_of_the_environment(void **state)
{
	(void)state;
	static const struct {
		const char *token, *given;
	} cases[] = {{NULL, "none"}, {"", "none"}, {"CAIS+fake/STS token==", "CAIS+fake/STS token=="}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bed bed;
		bed_make(&bed);
		bed_setenv(ID, "testid");
		bed_setenv(SECRET, "testsecret");
		bed_setenv("ALIBABA_CLOUD_SECURITY_TOKEN", cases[i].token);
		struct said said = get(&bed);
		assert_string_equal(said.id, "testid");
		assert_string_equal(said.secret, "testsecret");
		assert_string_equal(said.token, cases[i].given);
		bed.now_ms += INT64_C(1000000) * MINUTE_MS; /* they hold for ever */
		assert_id(&bed, "testid");
		bed_end(&bed);
	}
}

static void one_without_the_other_is_named(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	bed_setenv(SECRET, "testsecret");
	bed_setenv(ID, "");
	assert_error(&bed, ERR_INVALID,
	             "environment: " SECRET " is set and " ID " is not: set both, or neither");
	bed_setenv(ID, "testid");
	bed_setenv(SECRET, "testsecret\n");
	bed.now_ms += MINUTE_MS;
	assert_error(&bed, ERR_INVALID,
	             "environment: the access key secret is no plain text: it has control");
	bed_end(&bed);
}

static void keys_of_the_file(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	bed_setenv(ID, "other");
	bed_setenv(SECRET, "testsecret2");
	bed.file.access_key_id = "testid";
	bed.file.access_key_secret = "testsecret";
	bed.file.security_token = "CAIS";
	struct said said = get(&bed);
	assert_string_equal(said.id, "testid");
	assert_string_equal(said.secret, "testsecret");
	assert_string_equal(said.token, "CAIS");
	assert_string_equal(credentials_origin(bed.credentials), "alidns.yaml");
	bed_end(&bed);
}

static void a_uri_is_asked(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	bed_setenv(URI, bench_url(&bed.bench, "/keys?who=s3cr3t"));
	bed_route(&bed, "/keys", 200,
	          "{\"AccessKeyId\":\"uri\",\"AccessKeySecret\":\"testsecret\","
	          "\"SecurityToken\":\"CAIS\",\"Expiration\":\"" IN_AN_HOUR "\"}");
	assert_id(&bed, "uri");
	assert_asked(&bed, 0, "GET /keys?who=s3cr3t HTTP/1.1\r\n");
	assert_string_equal(credentials_origin(bed.credentials), URI);
	bed_end(&bed);
}

static void a_uri_that_fails_is_not_shown(void **state)
{
	(void)state;
	static const struct {
		const char *uri; /* NULL: of the server */
		unsigned status;
		const char *body;
		enum err err;
		const char *said;
	} cases[] = {
		{NULL, 404, "", ERR_IO, URI ": HTTP 404"},
		{NULL, 200, "testsecret", ERR_INVALID, URI ": its answer is not JSON"},
		{NULL, 200, FLAT_KEYS("uri", "2026-11-23T02:31:14Z"), ERR_INVALID,
	     URI ": its keys have expired already: is the clock of this machine right?"},
		{"ftp://s3cr3t", 0, "", ERR_INVALID, URI " is no URL of http or https"},
		{"http://user:s3cr3t@h/", 0, "", ERR_INVALID, URI " is no URL of http or https"},
		{"http://127.0.0.1:1/s3cr3t", 0, "", ERR_IO, URI ": Failed to connect"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bed bed;
		bed_make(&bed);
		bed_setenv(URI, cases[i].uri != NULL ? cases[i].uri : bench_url(&bed.bench, "/s3cr3t"));
		bed_route(&bed, "/s3cr3t", cases[i].status, cases[i].body);
		assert_error(&bed, cases[i].err, cases[i].said);
		bed_end(&bed);
	}
}

static void an_answer_without_end_is_cut(void **state)
{
	(void)state;
	static char large[EXCHANGE_ANSWER_SIZE_MAX + 200];
	struct bed bed;
	bed_make(&bed);
	bed_setenv(URI, bench_url(&bed.bench, "/large"));
	int head = snprintf(large, sizeof large, "HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n");
	memset(large + head, 'x', EXCHANGE_ANSWER_SIZE_MAX + 1);
	bed.routes[0] = (struct script_route){.path = "/large", .octets = large};
	assert_error(&bed, ERR_LIMIT, URI ": its answer is above 65536 octets");
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_the_environment),
		cmocka_unit_test(one_without_the_other_is_named),
		cmocka_unit_test(keys_of_the_file),
		cmocka_unit_test(a_uri_is_asked),
		cmocka_unit_test(a_uri_that_fails_is_not_shown),
		cmocka_unit_test(an_answer_without_end_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

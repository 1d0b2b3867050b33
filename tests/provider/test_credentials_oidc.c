/* AssumeRoleWithOIDC: the request is that of the vendor's SDK, the token is read anew each time,
 * STS is where the environment says, and what goes wrong is said without the token. */
#include "credentials_bed.h"
#include "sts.h"

#define FLOWS TESTS_DIR "/cases/alidns/credential_flows.json"
#define TOKEN "eyJhbGciOiJSUzI1NiJ9.fake.token"

static void oidc_make(struct bed *bed)
{
	bed_make(bed);
	bed_setenv("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1234567890123456:role/pod-role");
	bed_setenv("ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
	           "acs:ram::1234567890123456:oidc-provider/ack-rrsa-c1234");
	bed_setenv("ALIBABA_CLOUD_ROLE_SESSION_NAME", "kfed");
	bed_setenv_path(bed, "ALIBABA_CLOUD_OIDC_TOKEN_FILE", "token");
	folder_write(&bed->folder, "token", TOKEN);
}

/* "%XX" of `text` become octets, in place. */
static void decode(char *text)
{
	char *to = text;
	for (const char *at = text; *at != '\0'; at++) {
		unsigned octet = (unsigned char)*at;
		if (*at == '%') {
			assert_int_equal(sscanf(at + 1, "%2x", &octet), 1);
			at += 2;
		}
		*to++ = (char)octet;
	}
	*to = '\0';
}

/* The body of `request` has these members and no other. */
static void expect_form(const char *request, const json_t *form)
{
	char body[4096];
	size_t count = 0;
	char *rest = body;
	const char *from = strstr(request, "\r\n\r\n");
	assert_non_null(from);
	(void)snprintf(body, sizeof body, "%s", from + 4);
	while (rest != NULL) {
		char *pair = strsep(&rest, "&");
		char *value = strchr(pair, '=');
		assert_non_null(value);
		*value++ = '\0';
		decode(value);
		const char *wanted = json_string_value(json_object_get(form, pair));
		if (wanted == NULL || strcmp(value, wanted) != 0)
			fail_msg("%s is %s, not %s", pair, value, wanted);
		count++;
	}
	assert_int_equal(count, json_object_size(form));
}

static void it_asks_as_the_vendors_sdk_does(void **state)
{
	(void)state;
	struct bed bed;
	char line[512], base[STS_BASE_SIZE];
	struct why why;
	json_t *flows = json_load_file(FLOWS, 0, NULL);
	const json_t *step = json_array_get(json_object_get(flows, "credential_flows"), 0);
	const json_t *answered = json_object_get(step, "answered");
	const char *url = json_string_value(json_object_get(step, "url"));
	assert_non_null(url);
	oidc_make(&bed);
	bed_route(&bed, "/", 200, json_string_value(json_object_get(answered, "body")));
	struct said said = get(&bed);
	assert_string_equal(said.id, "STS.testid");
	assert_string_equal(said.secret, "testsecret");
	assert_string_equal(said.token, "CAIS.fake");
	assert_string_equal(credentials_origin(bed.credentials),
	                    "OIDC role acs:ram::1234567890123456:role/pod-role");
	/* where it is asked: this server, but by the same rule the recorded host */
	bed_setenv("ALIBABA_CLOUD_STS_ENDPOINT", NULL);
	bed_setenv("ALIBABA_CLOUD_STS_REGION", "cn-hangzhou");
	bed_setenv("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED", "true");
	const struct way way = {.kind = WAY_OIDC};
	assert_int_equal(sts_base(bed.credentials, &way, base, &why), ERR_OK);
	assert_int_equal(strncmp(url, base, strlen(base)), 0);
	(void)snprintf(line, sizeof line, "POST %s HTTP/1.1\r\n", url + strlen(base));
	assert_asked(&bed, 0, line);
	assert_non_null(
		strstr(bed.asked[0], "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
	assert_null(strstr(bed.asked[0], "\r\nAuthorization:"));
	expect_form(bed.asked[0], json_object_get(step, "body_form"));
	json_decref(flows);
	bed_end(&bed);
}

static void sts_is_where_the_environment_says(void **state)
{
	(void)state;
	static const struct {
		const char *endpoint, *region, *vpc, *base; /* base NULL: refused */
	} cases[] = {
		{NULL, NULL, NULL, "https://sts.aliyuncs.com"},
		{NULL, NULL, "true", "https://sts.aliyuncs.com"},
		{NULL, "cn-beijing", NULL, "https://sts.cn-beijing.aliyuncs.com"},
		{NULL, "cn-beijing", "false", "https://sts.cn-beijing.aliyuncs.com"},
		{NULL, "cn-beijing", "True", "https://sts-vpc.cn-beijing.aliyuncs.com"},
		{"sts.example:444", "cn-beijing", "true", "https://sts.example:444"},
		{"https://sts.example", NULL, NULL, "https://sts.example"},
		{"http://127.0.0.1:8053", NULL, NULL, "http://127.0.0.1:8053"},
		{"http://", NULL, NULL, NULL},
		{"sts.example/path", NULL, NULL, NULL},
		{"user@sts.example", NULL, NULL, NULL},
		{NULL, "evil.example/", NULL, NULL},
	};
	struct bed bed;
	bed_make(&bed);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char base[STS_BASE_SIZE];
		struct why why;
		const struct way way = {.kind = WAY_OIDC};
		bed_setenv("ALIBABA_CLOUD_STS_ENDPOINT", cases[i].endpoint);
		bed_setenv("ALIBABA_CLOUD_STS_REGION", cases[i].region);
		bed_setenv("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED", cases[i].vpc);
		enum err err = sts_base(bed.credentials, &way, base, &why);
		assert_int_equal(err, cases[i].base != NULL ? ERR_OK : ERR_INVALID);
		if (err == ERR_OK)
			assert_string_equal(base, cases[i].base);
	}
	bed_end(&bed);
}

static void variables_that_lack_their_fellows_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *name, *said;
	} cases[] = {
		{"ALIBABA_CLOUD_ROLE_ARN", "OIDC: ALIBABA_CLOUD_ROLE_ARN is not set, and of"},
		{"ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "OIDC: ALIBABA_CLOUD_OIDC_PROVIDER_ARN is not set"},
		{"ALIBABA_CLOUD_OIDC_TOKEN_FILE", "OIDC: ALIBABA_CLOUD_OIDC_TOKEN_FILE is not set"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bed bed;
		oidc_make(&bed);
		bed_setenv(cases[i].name, NULL);
		assert_error(&bed, ERR_INVALID, cases[i].said);
		assert_int_equal(bed.asked_count, 0);
		bed_end(&bed);
	}
}

static void tokens_that_are_none_are_not_sent(void **state)
{
	(void)state;
	static char large[20004];
	memset(large, 'e', sizeof large - 1);
	static const struct {
		const char *text, *said;
		enum err err;
	} cases[] = {
		{"", "/token: not a token: it has 0 octets, and 4 to 20000 are allowed", ERR_INVALID},
		{"\n\n", "/token: not a token: it has 0 octets", ERR_INVALID},
		{"eyJ two words", "/token: not a token: it has blanks or other signs in it", ERR_INVALID},
		{"eyJ\x01secret", "/token: not a token: it has blanks or other signs in it", ERR_INVALID},
		{large, "/token: above 20002 octets, the most that is read", ERR_LIMIT},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bed bed;
		oidc_make(&bed);
		folder_write(&bed.folder, "token", cases[i].text);
		assert_error(&bed, cases[i].err, cases[i].said);
		assert_int_equal(bed.asked_count, 0);
		bed_end(&bed);
	}
}

static void the_largest_token_is_sent_whole(void **state)
{
	(void)state;
	static char token[20001];
	struct bed bed;
	oidc_make(&bed);
	memset(token, '/', sizeof token - 1); /* each takes three octets */
	folder_write(&bed.folder, "token", token);
	bed_route(&bed, "/", 200, STS_KEYS("one", IN_AN_HOUR));
	assert_id(&bed, "one");
	assert_true(strlen(bed.asked[0]) > 60000);
	bed_end(&bed);
}

static void refusals_are_said_without_what_they_quote(void **state)
{
	(void)state;
	static const struct {
		unsigned status;
		const char *body, *said;
	} cases[] = {
		{400,
	     "{\"Code\":\"AuthenticationFail.OIDCToken.Expired\",\"Message\":\"This OIDC Token is "
	     "expired.\",\"RequestId\":\"R\"}",
	     "HTTP 400 AuthenticationFail.OIDCToken.Expired: This OIDC Token is expired.; looked"},
		{400, "{\"Code\":\"Bad\",\"Message\":\"" TOKEN " is none\"}", "HTTP 400 Bad; looked"},
		{400, "{\"Code\":\"" TOKEN "\",\"Message\":\"no\"}", "HTTP 400: no; looked"},
		{400, "{\"Code\":\"Two\\nlines\"}", "HTTP 400 Two?lines; looked"},
		{503, "<html>eyJ</html>", "HTTP 503; looked"},
		{500, "", "HTTP 500; looked"},
		{302, "[1]", "HTTP 302; looked"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bed bed;
		oidc_make(&bed);
		bed_route(&bed, "/", cases[i].status, cases[i].body);
		assert_error(&bed, ERR_IO, cases[i].said);
		assert_error(&bed, ERR_IO, "OIDC: role acs:ram::1234567890123456:role/pod-role: HTTP");
		bed_end(&bed);
	}
}

static void nobody_there_is_said(void **state)
{
	(void)state;
	struct bed bed;
	oidc_make(&bed);
	bed_setenv("ALIBABA_CLOUD_STS_ENDPOINT", "http://127.0.0.1:1");
	assert_error(&bed, ERR_IO, "role acs:ram::1234567890123456:role/pod-role: Failed to connect");
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_asks_as_the_vendors_sdk_does),
		cmocka_unit_test(sts_is_where_the_environment_says),
		cmocka_unit_test(variables_that_lack_their_fellows_are_named),
		cmocka_unit_test(tokens_that_are_none_are_not_sent),
		cmocka_unit_test(the_largest_token_is_sent_whole),
		cmocka_unit_test(refusals_are_said_without_what_they_quote),
		cmocka_unit_test(nobody_there_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

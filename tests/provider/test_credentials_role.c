/* AssumeRole: signed as RPC HMAC-SHA1 has it, with the keys that were got before; roles in a row;
 * and what STS gives back of a signature is not shown. */
#include "credentials_bed.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

/* The value of `name` in the body of `request`, as it was sent. */
static const char *sent(const char *request, const char *name)
{
	static char value[2048];
	char wanted[64];
	(void)snprintf(wanted, sizeof wanted, "%s=", name);
	const char *body = strstr(request, "\r\n\r\n");
	assert_non_null(body);
	for (const char *at = body + 4; at != NULL; at = strchr(at, '&')) {
		at += *at == '&';
		if (strncmp(at, wanted, strlen(wanted)) != 0)
			continue;
		at += strlen(wanted);
		(void)snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "&"), at);
		return value;
	}
	return "none";
}

/* Section 2.1 of the signature's rule, once more: the body is sorted and encoded already. */
static void expect_signature(const char *request, const char *key)
{
	char to_sign[4096], signature[64];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	const char *body = strstr(request, "\r\n\r\n") + 4;
	const char *end = strstr(body, "&Signature=");
	assert_non_null(end);
	size_t used = (size_t)snprintf(to_sign, sizeof to_sign, "POST&%%2F&");
	for (const char *at = body; at < end; at++) {
		const char *code = *at == '&' ? "%26" : *at == '=' ? "%3D" : *at == '%' ? "%25" : NULL;
		used += (size_t)snprintf(to_sign + used, sizeof to_sign - used, "%.*s",
		                         code != NULL ? 3 : 1, code != NULL ? code : at);
	}
	assert_non_null(HMAC(EVP_sha1(), key, (int)strlen(key), (const unsigned char *)to_sign, used,
	                     digest, &size));
	EVP_EncodeBlock((unsigned char *)signature, digest, (int)size);
	char encoded[128] = "";
	for (const char *at = signature; *at != '\0'; at++) {
		const char *code = *at == '+' ? "%2B" : *at == '/' ? "%2F" : *at == '=' ? "%3D" : NULL;
		size_t room = strlen(encoded);
		(void)snprintf(encoded + room, sizeof encoded - room, "%.*s", code != NULL ? 3 : 1,
		               code != NULL ? code : at);
	}
	assert_string_equal(sent(request, "Signature"), encoded);
}

static void role_make(struct bed *bed)
{
	bed_make(bed);
	bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "testid");
	bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testsecret");
	bed->file.role_arn = "acs:ram::1:role/dns";
	bed_route(bed, "/", 200, STS_KEYS("role", IN_AN_HOUR));
}

static void a_role_is_assumed_by_a_signed_form(void **state)
{
	(void)state;
	struct bed bed;
	role_make(&bed);
	assert_id(&bed, "role");
	assert_string_equal(credentials_origin(bed.credentials),
	                    "environment as role acs:ram::1:role/dns");
	assert_int_equal(bed.asked_count, 1);
	assert_asked(&bed, 0, "POST / HTTP/1.1\r\n");
	static const struct {
		const char *name, *value;
	} form[] = {
		{"AccessKeyId", "testid"},
		{"Action", "AssumeRole"},
		{"DurationSeconds", "3600"},
		{"Format", "JSON"},
		{"RoleArn", "acs%3Aram%3A%3A1%3Arole%2Fdns"},
		{"RoleSessionName", "fedns"},
		{"SecurityToken", "none"},
		{"SignatureMethod", "HMAC-SHA1"},
		{"SignatureVersion", "1.0"},
		{"Timestamp", "2026-11-23T02%3A31%3A14Z"},
		{"Version", "2015-04-01"},
		{"Policy", "none"},
	};
	for (size_t i = 0; i < sizeof form / sizeof form[0]; i++)
		assert_string_equal(sent(bed.asked[0], form[i].name), form[i].value);
	assert_int_equal(strlen(sent(bed.asked[0], "SignatureNonce")), 32);
	expect_signature(bed.asked[0], "testsecret&");
	bed_end(&bed);
}

static void a_role_is_assumed_anew_with_another_nonce(void **state)
{
	(void)state;
	struct bed bed;
	char nonce[64];
	role_make(&bed);
	assert_id(&bed, "role");
	bed.now_ms += 45 * MINUTE_MS;
	bed_route(&bed, "/", 200, STS_KEYS("again", "2026-11-23T04:31:14Z"));
	assert_id(&bed, "role");
	bed_settle(&bed);
	assert_id(&bed, "again");
	(void)snprintf(nonce, sizeof nonce, "%s", sent(bed.asked[0], "SignatureNonce"));
	assert_string_not_equal(sent(bed.asked[1], "SignatureNonce"), nonce);
	assert_string_equal(sent(bed.asked[1], "AccessKeyId"), "testid"); /* not the role's own */
	bed_end(&bed);
}

static void one_role_after_the_other(void **state)
{
	(void)state;
	struct bed bed;
	role_make(&bed);
	bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", NULL);
	bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", NULL);
	bed_folder(&bed, ".aliyun");
	folder_write(&bed.folder, ".aliyun/config.json",
	             "{\"profiles\":[{\"name\":\"default\",\"mode\":\"RamRoleArn\",\"access_key_id\":"
	             "\"testid\",\"access_key_secret\":\"testsecret\",\"ram_role_arn\":"
	             "\"acs:ram::1:role/first\",\"ram_session_name\":\"s\",\"expired_seconds\":900}]}");
	assert_id(&bed, "role");
	assert_int_equal(bed.asked_count, 2);
	assert_string_equal(sent(bed.asked[0], "RoleArn"), "acs%3Aram%3A%3A1%3Arole%2Ffirst");
	assert_string_equal(sent(bed.asked[0], "RoleSessionName"), "s");
	assert_string_equal(sent(bed.asked[0], "DurationSeconds"), "900");
	assert_string_equal(sent(bed.asked[1], "RoleArn"), "acs%3Aram%3A%3A1%3Arole%2Fdns");
	assert_string_equal(sent(bed.asked[1], "AccessKeyId"), "role");
	assert_string_equal(sent(bed.asked[1], "SecurityToken"), "CAIS.fake");
	expect_signature(bed.asked[1], "testsecret&");
	assert_string_equal(credentials_origin(bed.credentials),
	                    "profile \"default\" of ~/.aliyun/config.json as role "
	                    "acs:ram::1:role/first as role acs:ram::1:role/dns");
	bed_end(&bed);
}

static void what_was_signed_is_not_shown(void **state)
{
	(void)state;
	struct bed bed;
	role_make(&bed);
	bed_setenv("ALIBABA_CLOUD_SECURITY_TOKEN", "CAIS+fake/STS token==");
	bed_route(
		&bed, "/", 400,
		"{\"Code\":\"SignatureDoesNotMatch\",\"Message\":\"Specified signature is not matched "
		"with our calculation. server string to sign is:POST&%2F&SecurityToken%3DCAIS%252B\"}");
	assert_error(&bed, ERR_IO,
	             "environment: role acs:ram::1:role/dns: HTTP 400 SignatureDoesNotMatch: Specified "
	             "signature is not matched with our calculation. ; looked");
	bed_end(&bed);
}

static void a_clock_that_is_wrong_is_suspected(void **state)
{
	(void)state;
	struct bed bed;
	role_make(&bed);
	bed_route(&bed, "/", 400,
	          "{\"Code\":\"InvalidTimeStamp.Expired\",\"Message\":\"Specified time stamp or date "
	          "value is expired.\"}");
	assert_error(&bed, ERR_IO, "value is expired. (is the clock of this machine right?); looked");
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_role_is_assumed_by_a_signed_form),
		cmocka_unit_test(a_role_is_assumed_anew_with_another_nonce),
		cmocka_unit_test(one_role_after_the_other),
		cmocka_unit_test(what_was_signed_is_not_shown),
		cmocka_unit_test(a_clock_that_is_wrong_is_suspected),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

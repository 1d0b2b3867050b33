/* alidns_sign: the requests of the vendor's own SDKs, signed alike, and on the wire alike wherever
 * the SDK follows its own rule. */
#include "alidns_sign.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VECTORS       TESTS_DIR "/cases/alidns/signed.json"
#define VECTORS_COUNT 38

static const char *text_of(const json_t *vector, const char *key)
{
	return json_string_value(json_object_get(vector, key)); /* NULL: null, or not there */
}

static int64_t time_of(const char *timestamp)
{
	struct tm parts = {.tm_sec = 0};
	const char *end = strptime(timestamp, "%Y-%m-%dT%H:%M:%SZ", &parts);
	assert_non_null(end);
	assert_string_equal(end, "");
	return (int64_t)timegm(&parts);
}

static void expect_bytes(const char *name, const char *what, struct bytes got, const char *want)
{
	if (!bytes_equal(got, bytes_of(want)))
		fail_msg("%s: %s:\n got %.*s\nwant %s", name, what, BYTES_ARG(got), want);
}

static void expect_text(const char *name, const char *what, const char *got, const char *want)
{
	expect_bytes(name, what, bytes_of(got), want);
}

/* --- each vector -------------------------------------------------------------------------- */

static void v1_expect(const json_t *vector, const struct signed_request *request)
{
	const char *name = text_of(vector, "name"), *target = text_of(vector, "target");
	struct bytes query = buf_bytes(&request->query);
	expect_bytes(name, "string to sign", buf_bytes(&request->canonical),
	             text_of(vector, "canonical"));
	assert_int_equal(request->header_count, 0);
	if (strcmp(text_of(vector, "method"), "POST") == 0) {
		expect_text(name, "target", target, "/");
		expect_bytes(name, "body", query, text_of(vector, "body"));
	} else {
		assert_memory_equal(target, "/?", 2);
		expect_bytes(name, "query", query, target + 2);
	}
}

/* The SDK sends what it was given, in that order, and leaves some signs as they are; the server
 * signs what it has decoded. */
static bool sent_otherwise(const char *name)
{
	static const char *const NAMES[] = {"acs3-add-txt-special", "acs3-add-wildcard",
	                                    "acs3-add-wildcard-sub", "acs3-remark-unicode",
	                                    "acs3-batch"};
	for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
		if (strcmp(NAMES[i], name) == 0)
			return true;
	}
	return false;
}

static void acs3_headers_expect(const json_t *vector, const struct signed_request *request)
{
	const json_t *headers = json_object_get(vector, "headers");
	const char *name = text_of(vector, "name");
	char line[2048];
	assert_int_equal(request->header_count, json_array_size(headers) + 1);
	for (size_t i = 0; i < json_array_size(headers); i++) {
		const json_t *header = json_array_get(headers, i);
		(void)snprintf(line, sizeof line, "%s: %s", json_string_value(json_array_get(header, 0)),
		               json_string_value(json_array_get(header, 1)));
		expect_text(name, "header", request->headers[i], line);
	}
	(void)snprintf(line, sizeof line, "Authorization: %s", text_of(vector, "authorization"));
	expect_text(name, "header", request->headers[request->header_count - 1], line);
}

static void acs3_expect(const json_t *vector, const struct signed_request *request)
{
	const char *name = text_of(vector, "name"), *target = text_of(vector, "target");
	char query[32768];
	struct bytes got = buf_bytes(&request->query);
	expect_bytes(name, "canonical request", buf_bytes(&request->canonical),
	             text_of(vector, "canonical"));
	acs3_headers_expect(vector, request);
	int size = snprintf(query, sizeof query, "%s%.*s", got.size != 0 ? "/?" : "/", BYTES_ARG(got));
	assert_true(size > 0 && (size_t)size < sizeof query);
	if (sent_otherwise(name))
		assert_string_not_equal(query, target);
	else
		expect_text(name, "target", query, target);
}

static size_t params_of(const json_t *list, struct alidns_param *params, size_t max)
{
	size_t count = json_array_size(list);
	assert_true(count <= max);
	/* from the end: the order that they are given in doesn't count */
	for (size_t i = 0; i < count; i++) {
		const json_t *pair = json_array_get(list, count - 1 - i);
		const json_t *value = json_array_get(pair, 1);
		params[i].name = json_string_value(json_array_get(pair, 0));
		params[i].value =
			(struct bytes){(const uint8_t *)json_string_value(value), json_string_length(value)};
	}
	return count;
}

static void vector_check(const json_t *vector)
{
	struct alidns_param params[SIGN_PARAMS_MAX];
	struct signed_request request;
	struct why why = {{0}};
	const struct credential who = {text_of(vector, "id"), text_of(vector, "secret"),
	                               text_of(vector, "token")};
	bool v1 = strncmp(text_of(vector, "scheme"), "RPC", 3) == 0;
	bool form = text_of(vector, "content_type") != NULL;
	struct sign_ask ask = {
		.method = text_of(vector, "method"),
		.host = text_of(vector, "host"),
		.action = text_of(vector, "action"),
		.params = params,
		.param_count = params_of(json_object_get(vector, "params"), params, SIGN_PARAMS_MAX),
		.credential = &who,
		.nonce = text_of(vector, "nonce"),
		.time_s = time_of(text_of(vector, "timestamp")),
		.origin = text_of(vector, "origin"),
		.content_type = text_of(vector, "content_type"),
	};
	if (form)
		ask.body = bytes_of(text_of(vector, "body"));
	enum err err = v1 ? sign_v1(&ask, &request, &why) : sign_acs3(&ask, &request, &why);
	if (err != ERR_OK)
		fail_msg("%s: %s", text_of(vector, "name"), why.text);
	if (v1)
		v1_expect(vector, &request);
	else
		acs3_expect(vector, &request);
	signed_request_clear(&request);
	signed_request_clear(&request);
}

static void the_sdks_requests_are_signed_alike(void **state)
{
	(void)state;
	json_error_t error;
	json_t *root = json_load_file(VECTORS, 0, &error);
	if (root == NULL)
		fail_msg("%s: %s", VECTORS, error.text);
	const json_t *vectors = json_object_get(root, "vectors");
	assert_int_equal(json_array_size(vectors), VECTORS_COUNT);
	for (size_t i = 0; i < VECTORS_COUNT; i++)
		vector_check(json_array_get(vectors, i));
	json_decref(root);
}

/* --- what is published -------------------------------------------------------------------- */

/* The text book example of the vendor's page on RPC signatures. */
static void the_published_v1_signature(void **state)
{
	(void)state;
	const struct alidns_param params[] = {{"DomainName", bytes_of("example.com")},
	                                      {"Format", bytes_of("XML")}};
	const struct credential who = {"testid", "testsecret", NULL};
	const struct sign_ask ask = {.method = "GET",
	                             .host = "alidns.aliyuncs.com",
	                             .action = "DescribeDomainRecords",
	                             .params = params,
	                             .param_count = 2,
	                             .credential = &who,
	                             .nonce = "f59ed6a9-83fc-473b-9cc6-99c95df3856e",
	                             .time_s = time_of("2016-03-24T16:41:54Z")};
	struct signed_request request;
	struct why why = {{0}};
	char query[1024];
	assert_int_equal(sign_v1(&ask, &request, &why), ERR_OK);
	(void)snprintf(query, sizeof query, "%.*s", BYTES_ARG(buf_bytes(&request.query)));
	assert_non_null(strstr(query, "&Signature=uRpHwaSEt3J%2B6KQD%2F%2FsvCh%2Fx%2BpI%3D"));
	signed_request_clear(&request);
}

/* --- limits ------------------------------------------------------------------------------- */

typedef enum err sign_function(const struct sign_ask *ask, struct signed_request *out,
                               struct why *why);
static sign_function *const SIGN[] = {sign_acs3, sign_v1};

static void expect_refusal(const struct sign_ask *ask, enum err err, const char *words)
{
	for (size_t i = 0; i < 2; i++) {
		struct signed_request request;
		struct why why = {{0}};
		assert_int_equal(SIGN[i](ask, &request, &why), err);
		assert_non_null(strstr(why.text, words));
		assert_null(request.query.data);
		signed_request_clear(&request);
	}
}

static void too_much_is_refused(void **state)
{
	(void)state;
	static uint8_t octets[SIGN_PARAMS_SIZE_MAX];
	struct alidns_param params[SIGN_PARAMS_MAX + 1];
	const struct credential who = {"testid", "testsecret", NULL};
	struct sign_ask ask = {.method = "POST",
	                       .host = "h",
	                       .action = "A",
	                       .params = params,
	                       .credential = &who,
	                       .nonce = "n"};
	for (size_t i = 0; i <= SIGN_PARAMS_MAX; i++)
		params[i] = (struct alidns_param){"N", bytes_of("v")};
	ask.param_count = SIGN_PARAMS_MAX + 1;
	expect_refusal(&ask, ERR_LIMIT, "parameters");
	params[0].value = (struct bytes){octets, sizeof octets};
	ask.param_count = 1;
	expect_refusal(&ask, ERR_LIMIT, "octets");
	ask.param_count = 0;
	ask.time_s = INT64_MAX;
	expect_refusal(&ask, ERR_INVALID, "clock");
	ask.time_s = -62135596800 * 8;
	expect_refusal(&ask, ERR_INVALID, "clock");
}

/* Each octet tripled, by either signature, and just within the limit. */
static void the_most_fits(void **state)
{
	(void)state;
	static uint8_t octets[SIGN_PARAMS_SIZE_MAX - 1];
	static char token[CREDENTIAL_SIZE_MAX];
	memset(octets, 0xff, sizeof octets);
	memset(token, '/', sizeof token - 1);
	const struct alidns_param param = {"V", {octets, sizeof octets}};
	const struct credential who = {token, token, token};
	const struct sign_ask ask = {.method = "POST",
	                             .host = "h",
	                             .action = "A",
	                             .params = &param,
	                             .param_count = 1,
	                             .credential = &who,
	                             .nonce = "n",
	                             .origin = "o"};
	for (size_t i = 0; i < 2; i++) {
		struct signed_request request;
		struct why why = {{0}};
		if (SIGN[i](&ask, &request, &why) != ERR_OK)
			fail_msg("%s", why.text);
		signed_request_clear(&request);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sdks_requests_are_signed_alike),
		cmocka_unit_test(the_published_v1_signature),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(the_most_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Answers with keys: what is taken, what is refused, and that nothing of them is quoted. */
#include "credentials_answer.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW_MS INT64_C(1795401074000) /* 2026-11-23T02:31:14Z */

#define KEYS(id, secret, token, expires)                                                           \
	"\"AccessKeyId\":" id ",\"AccessKeySecret\":" secret ",\"SecurityToken\":" token               \
	",\"Expiration\":" expires
#define GOOD       KEYS("\"id\"", "\"s3cr3t\"", "\"s3cr3t\"", "\"2026-11-23T02:31:15Z\"")
#define FLAT(keys) "{" keys "}"
#define STS(keys)  "{\"Credentials\":{" keys "}}"

static void good_ones_are_taken(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum grant_form form;
	} cases[] = {
		{FLAT(GOOD), GRANT_FLAT},
		{"{\"Code\":\"Success\"," GOOD "}", GRANT_FLAT},
		{STS(GOOD), GRANT_STS},
		{" {\"Credentials\": {" GOOD ", \"More\": [1]}, \"Code\": 5 }\n", GRANT_STS},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct grant grant = {.got_ms = 0};
		struct why why;
		assert_int_equal(grant_read(bytes_of(cases[i].text), cases[i].form, NOW_MS, &grant, &why),
		                 ERR_OK);
		assert_string_equal(grant.credential.id, "id");
		assert_string_equal(grant.credential.secret, "s3cr3t");
		assert_string_equal(grant.credential.token, "s3cr3t");
		assert_int_equal(grant.got_ms, NOW_MS);
		assert_int_equal(grant.expires_ms, NOW_MS + 1000);
		grant_clear(&grant);
		assert_null(grant.credential.id);
	}
}

static void bad_ones_are_refused_and_not_quoted(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum grant_form form;
		const char *why;
	} cases[] = {
		{"", GRANT_STS, "its answer is not JSON"},
		{"s3cr3t", GRANT_STS, "its answer is not JSON"},
		{FLAT(GOOD) "s3cr3t", GRANT_FLAT, "its answer is not JSON"},
		{"[\"s3cr3t\"]", GRANT_FLAT, "its answer is no JSON object"},
		{FLAT(GOOD), GRANT_STS, "its answer has no Credentials"},
		{"{\"Credentials\":\"s3cr3t\"}", GRANT_STS, "its answer has no Credentials"},
		{"{\"Code\":7," GOOD "}", GRANT_FLAT, "it answers Code \"\""},
		{"{\"Code\":\"Gone\\u0007\"," GOOD "}", GRANT_FLAT, "it answers Code \"Gone?\""},
		{FLAT(KEYS("\"\"", "\"s3cr3t\"", "\"s3cr3t\"", "\"2099-01-01T00:00:00Z\"")), GRANT_FLAT,
	     "the access key id is empty"},
		{FLAT(KEYS("\"id\"", "5", "\"s3cr3t\"", "\"2099-01-01T00:00:00Z\"")), GRANT_FLAT,
	     "the access key secret is empty"},
		{FLAT(KEYS("\"id\"", "\"s3cr3t\"", "null", "\"2099-01-01T00:00:00Z\"")), GRANT_FLAT,
	     "it has no SecurityToken"},
		{FLAT(KEYS("\"id\"", "\"s3cr3t\\r\\nX: y\"", "\"t\"", "\"2099-01-01T00:00:00Z\"")),
	     GRANT_FLAT, "the access key secret is no plain text: it has control or other signs in it"},
		{FLAT(KEYS("\"id\"", "\"s3cr3t\"", "\"t\"", "\"s3cr3t\"")), GRANT_FLAT,
	     "its Expiration is not there, or no time as of ISO 8601"},
		{FLAT(KEYS("\"id\"", "\"s3cr3t\"", "\"t\"", "1795401075")), GRANT_FLAT,
	     "its Expiration is not there, or no time as of ISO 8601"},
		{FLAT(KEYS("\"id\"", "\"s3cr3t\"", "\"t\"", "\"2026-11-23T02:31:14Z\"")), GRANT_FLAT,
	     "its keys have expired already: is the clock of this machine right?"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct grant grant = {.got_ms = 0};
		struct why why;
		enum err err = grant_read(bytes_of(cases[i].text), cases[i].form, NOW_MS, &grant, &why);
		if (err != ERR_INVALID || strcmp(why.text, cases[i].why) != 0)
			fail_msg("%s: error %d: %s", cases[i].text, err, why.text);
		assert_null(grant.credential.id);
	}
}

static void keys_have_a_largest_size(void **state)
{
	(void)state;
	static char text[CREDENTIAL_SIZE_MAX + 1];
	struct grant grant = {.got_ms = 0};
	struct why why;
	memset(text, 't', CREDENTIAL_SIZE_MAX);
	assert_int_equal(grant_set(&grant, "id", "secret", text, &why), ERR_LIMIT);
	assert_string_equal(why.text, "the security token is longer than 8191 octets");
	assert_null(grant.credential.id);
	text[CREDENTIAL_SIZE_MAX - 1] = '\0';
	assert_int_equal(grant_set(&grant, text, text, text, &why), ERR_OK);
	assert_string_equal(grant.credential.token, text);
	assert_int_equal(grant.expires_ms, INT64_MAX);
	grant_clear(&grant);
}

/* What is to be seen given back; free() has no argument for a test's own state. */
static char *wiped_text;

/* The string's memory as it is given back. */
static void seeing_free(void *memory)
{
	if (memory == wiped_text && memory != NULL) {
		for (size_t i = 0; i < 10; i++)
			assert_int_equal(((const char *)memory)[i], 0);
		wiped_text = NULL;
	}
	free(memory);
}

static void strings_are_overwritten_before_they_are_given_back(void **state)
{
	(void)state;
	json_set_alloc_funcs(malloc, seeing_free);
	json_t *wiped = json_loads("{\"a\":[{\"b\":\"testsecret\"}]}", 0, NULL);
	const json_t *inner = json_array_get(json_object_get(wiped, "a"), 0);
	wiped_text = (char *)json_string_value(json_object_get(inner, "b"));
	assert_string_equal(wiped_text, "testsecret");
	json_wipe(wiped);
	assert_null(wiped_text); /* it was given back, and seen */
	json_set_alloc_funcs(malloc, free);
	json_wipe(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_are_taken),
		cmocka_unit_test(bad_ones_are_refused_and_not_quoted),
		cmocka_unit_test(keys_have_a_largest_size),
		cmocka_unit_test(strings_are_overwritten_before_they_are_given_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

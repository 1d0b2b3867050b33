/* ECS metadata: the requests are those of the vendor's SDK (which gets its session token twice);
 * version 1 where version 2 isn't there, unless that is forbidden; machines that are no instance.
 */
#include "credentials_bed.h"

#define FLOWS   TESTS_DIR "/cases/alidns/credential_flows.json"
#define TOKEN   "/latest/api/token"
#define LIST    "/latest/meta-data/ram/security-credentials/"
#define KEYS_OF "/latest/meta-data/ram/security-credentials/my-role"
#define HEADER  "\r\nX-aliyun-ecs-metadata-token: MDTOKEN\r\n"

static void ecs_make(struct bed *bed)
{
	bed_make(bed);
	bed_setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", NULL);
	bed_route(bed, TOKEN, 200, "MDTOKEN");
	bed_route(bed, LIST, 200, "my-role\n");
	bed_route(bed, KEYS_OF, 200, FLAT_KEYS("ecs", IN_AN_HOUR));
}

/* Request `i` is the step of the flow, but for what HTTP itself says. */
static void expect_step(const struct bed *bed, unsigned i, const json_t *step)
{
	char line[256];
	const char *url = json_string_value(json_object_get(step, "url"));
	const char *name;
	const json_t *value;
	static const char BASE[] = "http://100.100.100.200";
	assert_int_equal(strncmp(url, BASE, sizeof BASE - 1), 0);
	(void)snprintf(line, sizeof line, "%s %s HTTP/1.1\r\n",
	               json_string_value(json_object_get(step, "method")), url + sizeof BASE - 1);
	assert_asked(bed, i, line);
	json_object_foreach((json_t *)json_object_get(step, "headers"), name, value)
	{
		(void)snprintf(line, sizeof line, "\r\n%s: %s\r\n", name, json_string_value(value));
		assert_non_null(strcasestr(bed->asked[i], line));
	}
}

static void it_asks_as_the_vendors_sdk_does(void **state)
{
	(void)state;
	struct bed bed;
	json_t *file = json_load_file(FLOWS, 0, NULL);
	const json_t *flows = json_object_get(file, "credential_flows");
	static const size_t steps[] = {1, 2, 4};
	static const char *const paths[] = {TOKEN, LIST, KEYS_OF};
	ecs_make(&bed);
	for (size_t i = 0; i < 3; i++) {
		const json_t *answered = json_object_get(json_array_get(flows, steps[i]), "answered");
		bed_route(&bed, paths[i], 200, json_string_value(json_object_get(answered, "body")));
	}
	struct said said = get(&bed);
	assert_string_equal(said.id, "STS.testid");
	assert_string_equal(said.secret, "testsecret");
	assert_string_equal(said.token, "CAIS.fake");
	assert_int_equal(bed.asked_count, 3);
	for (unsigned i = 0; i < 3; i++)
		expect_step(&bed, i, json_array_get(flows, steps[i]));
	assert_string_equal(credentials_origin(bed.credentials), "ECS RAM role my-role");
	json_decref(file);
	bed_end(&bed);
}

static void a_role_that_is_named_is_not_asked_for(void **state)
{
	(void)state;
	struct bed bed;
	ecs_make(&bed);
	bed_setenv("ALIBABA_CLOUD_ECS_METADATA", "my-role");
	assert_id(&bed, "ecs");
	assert_int_equal(bed.asked_count, 2);
	assert_asked(&bed, 1, "GET " KEYS_OF " HTTP/1.1\r\n");
	assert_non_null(strstr(bed.asked[1], HEADER));
	bed_end(&bed);
}

static void version_1_where_version_2_is_not_there(void **state)
{
	(void)state;
	struct bed bed;
	ecs_make(&bed);
	bed_route(&bed, TOKEN, 404, "");
	assert_id(&bed, "ecs");
	assert_int_equal(bed.asked_count, 3);
	assert_null(strcasestr(bed.asked[1], "metadata-token"));
	assert_null(strcasestr(bed.asked[2], "metadata-token"));
	bed_end(&bed);
}

static void version_1_may_be_forbidden(void **state)
{
	(void)state;
	struct bed bed;
	ecs_make(&bed);
	bed_route(&bed, TOKEN, 404, "");
	bed_setenv("ALIBABA_CLOUD_IMDSV1_DISABLED", "true");
	assert_error(&bed, ERR_IO,
	             "ECS metadata: no session token: HTTP 404, and "
	             "ALIBABA_CLOUD_IMDSV1_DISABLED forbids to go on without");
	assert_int_equal(bed.asked_count, 1);
	bed_end(&bed);
}

static void other_machines_have_no_such_server(void **state)
{
	(void)state;
	struct bed bed;
	ecs_make(&bed);
	memcpy(bed.metadata_base, "http://127.0.0.1:1", sizeof "http://127.0.0.1:1");
	assert_error(&bed, ERR_MISSING, "~/.alibabacloud/credentials, ECS metadata (no answer), ALI");
	bed.now_ms += MINUTE_MS;
	bed_setenv("ALIBABA_CLOUD_ECS_METADATA", "my-role"); /* it is meant */
	assert_error(&bed, ERR_IO, "ECS metadata: Failed to connect");
	bed_end(&bed);
}

static void what_goes_wrong_is_said(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		unsigned status;
		const char *body;
		enum err err;
		const char *said;
	} cases[] = {
		{LIST, 404, "", ERR_MISSING, "ECS metadata (no RAM role is attached to this instance)"},
		{LIST, 500, "", ERR_IO, "ECS metadata: which RAM role the instance has: HTTP 500"},
		{LIST, 200, "", ERR_IO, "ECS metadata: which RAM role the instance has: HTTP 200"},
		{LIST, 200, "../evil", ERR_INVALID, "ECS metadata: the name of the RAM role is none"},
		{KEYS_OF, 403, "", ERR_IO, "ECS metadata: RAM role my-role: HTTP 403"},
		{KEYS_OF, 200, "{\"Code\":\"Failed\"}", ERR_INVALID,
	     "ECS metadata: RAM role my-role: it answers Code \"Failed\""},
		{KEYS_OF, 200, "MDTOKEN", ERR_INVALID, "RAM role my-role: its answer is not JSON"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bed bed;
		ecs_make(&bed);
		bed_route(&bed, cases[i].path, cases[i].status, cases[i].body);
		assert_error(&bed, cases[i].err, cases[i].said);
		bed_end(&bed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_asks_as_the_vendors_sdk_does),
		cmocka_unit_test(a_role_that_is_named_is_not_asked_for),
		cmocka_unit_test(version_1_where_version_2_is_not_there),
		cmocka_unit_test(version_1_may_be_forbidden),
		cmocka_unit_test(other_machines_have_no_such_server),
		cmocka_unit_test(what_goes_wrong_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

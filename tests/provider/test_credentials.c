/* The chain and its state: the order, what is kept, refreshing before the end, failing with the old
 * ones alive, refusals, and those who wait. */
#include "credentials_bed.h"

static void bed_oidc(struct bed *bed)
{
	bed_setenv("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/pod");
	bed_setenv("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/ack");
	bed_setenv_path(bed, "ALIBABA_CLOUD_OIDC_TOKEN_FILE", "token");
	folder_write(&bed->folder, "token", "eyJhbGciOiJSUzI1NiJ9.fake.token\n");
}

static void bed_uri(struct bed *bed, const char *path)
{
	bed_setenv("ALIBABA_CLOUD_CREDENTIALS_URI", bench_url(&bed->bench, path));
}

static void the_chain_has_the_vendors_order(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	bed_uri(&bed, "/uri");
	bed_route(&bed, "/uri", 200, FLAT_KEYS("uri", IN_AN_HOUR));
	assert_id(&bed, "uri");
	bed_setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", NULL);
	bed_route(&bed, "/latest/api/token", 200, "MDTOKEN");
	bed_route(&bed, "/latest/meta-data/ram/security-credentials/", 200, "role");
	bed_route(&bed, "/latest/meta-data/ram/security-credentials/role", 200,
	          FLAT_KEYS("ecs", IN_AN_HOUR));
	static const struct {
		const char *id, *origin;
	} order[] = {
		{"ecs", "ECS RAM role role"},
		{"ini", "[default] of ~/.alibabacloud/credentials"},
		{"cli", "profile \"default\" of ~/.aliyun/config.json"},
		{"oidc", "OIDC role acs:ram::1:role/pod"},
		{"env", "environment"},
		{"file", "alidns.yaml"},
	};
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		if (i == 1) {
			bed_folder(&bed, ".alibabacloud");
			folder_write(&bed.folder, ".alibabacloud/credentials",
			             "[default]\ntype = access_key\naccess_key_id = ini\n"
			             "access_key_secret = testsecret\n");
		} else if (i == 2) {
			bed_folder(&bed, ".aliyun");
			folder_write(&bed.folder, ".aliyun/config.json",
			             "{\"profiles\":[{\"name\":\"default\",\"mode\":\"AK\",\"access_key_id\":"
			             "\"cli\",\"access_key_secret\":\"testsecret\"}]}");
		} else if (i == 3) {
			bed_oidc(&bed);
			bed_route(&bed, "/", 200, STS_KEYS("oidc", IN_AN_HOUR));
		} else if (i == 4) {
			bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "env");
			bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testsecret");
		} else if (i == 5) {
			bed.file.access_key_id = "file";
			bed.file.access_key_secret = "testsecret";
		}
		/* what is kept gives way to what stands before it only when it is refused */
		bed.now_ms += MINUTE_MS;
		credentials_refused(bed.credentials);
		assert_id(&bed, order[i].id);
		assert_string_equal(credentials_origin(bed.credentials), order[i].origin);
	}
	bed_end(&bed);
}

static void without_any_the_sentence_lists_what_was_looked_for(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	assert_error(&bed, ERR_MISSING,
	             "no credentials: looked in vain for keys in alidns.yaml, "
	             "ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_OIDC_TOKEN_FILE, "
	             "~/.aliyun/config.json, ~/.alibabacloud/credentials, ECS metadata (disabled), "
	             "ALIBABA_CLOUD_CREDENTIALS_URI");
	bed_end(&bed);
}

static void a_broken_member_is_named_and_the_next_is_asked(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "env");
	assert_error(&bed, ERR_INVALID,
	             "environment: ALIBABA_CLOUD_ACCESS_KEY_ID is set and "
	             "ALIBABA_CLOUD_ACCESS_KEY_SECRET is not");
	bed_oidc(&bed);
	bed_setenv("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/nowhere/token");
	bed.now_ms += MINUTE_MS;
	assert_error(&bed, ERR_INVALID, "; OIDC: /nowhere/token: open: No such file or directory; ");
	bed_uri(&bed, "/uri");
	bed_route(&bed, "/uri", 200, FLAT_KEYS("uri", IN_AN_HOUR));
	bed.now_ms += MINUTE_MS;
	assert_id(&bed, "uri");
	assert_null(credentials_trouble(bed.credentials));
	bed_end(&bed);
}

static void keys_of_the_file_give_way_to_nobody(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	bed.file.access_key_id = "file";
	bed.file.access_key_secret = "testsecret";
	bed.file.role_arn = "acs:ram::1:role/dns";
	bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "env");
	bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testsecret");
	bed_route(&bed, "/", 403,
	          "{\"Code\":\"NoPermission\",\"Message\":\"You are not authorized.\"}");
	assert_error(
		&bed, ERR_IO,
		"no credentials: alidns.yaml: role acs:ram::1:role/dns: HTTP 403 NoPermission: You "
		"are not authorized.");
	bed_end(&bed);
}

static void fresh_ones_are_given_at_once_and_without_asking_again(void **state)
{
	(void)state;
	struct bed bed;
	struct said said;
	bed_make(&bed);
	bed_oidc(&bed);
	bed_route(&bed, "/", 200, STS_KEYS("one", IN_AN_HOUR));
	ask(&bed, &said);
	assert_int_equal(said.calls, 0);
	credentials_cancel(&said.wait);
	credentials_cancel(&said.wait);
	assert_id(&bed, "one");
	assert_int_equal(said.calls, 0);
	bed.now_ms += 44 * MINUTE_MS;
	ask(&bed, &said);
	assert_int_equal(said.calls, 1);
	assert_string_equal(said.id, "one");
	assert_string_equal(said.secret, "testsecret");
	assert_string_equal(said.token, "CAIS.fake");
	bed_settle(&bed);
	assert_int_equal(bed.asked_count, 1);
	bed_end(&bed);
}

static void several_who_wait_share_one_fetch(void **state)
{
	(void)state;
	struct bed bed;
	struct said said[3];
	bed_make(&bed);
	bed_oidc(&bed);
	bed_route(&bed, "/", 200, STS_KEYS("one", IN_AN_HOUR));
	for (size_t i = 0; i < 3; i++)
		ask(&bed, &said[i]);
	credentials_cancel(&said[1].wait);
	bed_settle(&bed);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(said[i].calls, i != 1);
	assert_string_equal(said[2].id, "one");
	assert_int_equal(bed.asked_count, 1);
	bed_end(&bed);
}

static void new_ones_are_got_a_quarter_of_an_hour_before_the_end(void **state)
{
	(void)state;
	struct bed bed;
	struct said said;
	bed_make(&bed);
	bed_oidc(&bed);
	bed_route(&bed, "/", 200, STS_KEYS("one", IN_AN_HOUR));
	assert_id(&bed, "one");
	bed.now_ms += 45 * MINUTE_MS;
	bed_route(&bed, "/", 200, STS_KEYS("two", "2026-11-23T04:31:14Z"));
	folder_write(&bed.folder, "token", "eyJ.second.token");
	ask(&bed, &said);
	assert_int_equal(said.calls, 1); /* the old ones hold: nobody waits for the new */
	assert_string_equal(said.id, "one");
	bed_settle(&bed);
	ask(&bed, &said);
	assert_string_equal(said.id, "two");
	assert_int_equal(bed.asked_count, 2);
	assert_non_null(strstr(bed.asked[1], "&OIDCToken=eyJ.second.token&"));
	bed_end(&bed);
}

static void short_lives_are_renewed_at_their_half(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	bed_oidc(&bed);
	bed_route(&bed, "/", 200, STS_KEYS("one", "2026-11-23T02:41:14Z")); /* ten minutes */
	assert_id(&bed, "one");
	bed.now_ms += 5 * MINUTE_MS - 1;
	assert_id(&bed, "one");
	bed_settle(&bed);
	assert_int_equal(bed.asked_count, 1);
	bed.now_ms += 1;
	assert_id(&bed, "one");
	bed_settle(&bed);
	assert_int_equal(bed.asked_count, 2);
	bed_end(&bed);
}

static void in_the_last_minute_new_ones_are_waited_for(void **state)
{
	(void)state;
	struct bed bed;
	struct said said;
	bed_make(&bed);
	bed_oidc(&bed);
	bed_route(&bed, "/", 200, STS_KEYS("one", IN_AN_HOUR));
	assert_id(&bed, "one");
	bed.now_ms += 59 * MINUTE_MS;
	bed_route(&bed, "/", 200, STS_KEYS("two", "2026-11-23T04:31:14Z"));
	ask(&bed, &said);
	assert_int_equal(said.calls, 0);
	bed_settle(&bed);
	assert_string_equal(said.id, "two");
	bed_end(&bed);
}

static void failures_back_off_while_the_old_ones_hold(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	bed_oidc(&bed);
	bed_route(&bed, "/", 200, STS_KEYS("one", IN_AN_HOUR));
	assert_id(&bed, "one");
	bed_route(&bed, "/", 500, "");
	bed.now_ms += 50 * MINUTE_MS;
	/* asked at 0, 1, 3, 7, 15, 31, 63 s, then once a minute */
	static const unsigned after_s[] = {0, 1, 2, 4, 8, 16, 32, 60, 60};
	for (unsigned i = 0; i < 9; i++) {
		if (after_s[i] != 0) {
			bed.now_ms += (int64_t)after_s[i] * 1000 - 1;
			assert_id(&bed, "one");
			bed_settle(&bed);
			assert_int_equal(bed.asked_count, 1 + i);
			bed.now_ms += 1;
		}
		assert_id(&bed, "one");
		bed_settle(&bed);
		assert_int_equal(bed.asked_count, 2 + i);
		assert_non_null(credentials_trouble(bed.credentials));
	}
	bed.now_ms = NOW_MS + 59 * MINUTE_MS + 30000; /* the last minute: waited for in vain */
	assert_id(&bed, "one");
	bed.now_ms = NOW_MS + 60 * MINUTE_MS;
	assert_error(&bed, ERR_IO, "OIDC: role acs:ram::1:role/pod: HTTP 500");
	unsigned count = bed.asked_count;
	assert_error(&bed, ERR_IO, "HTTP 500"); /* from memory */
	assert_int_equal(bed.asked_count, count);
	bed.now_ms += MINUTE_MS;
	bed_route(&bed, "/", 200, STS_KEYS("two", "2026-11-23T04:31:14Z"));
	assert_id(&bed, "two");
	assert_null(credentials_trouble(bed.credentials));
	bed_end(&bed);
}

static void a_clock_set_back_does_not_stop_the_asking(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	assert_error(&bed, ERR_MISSING, "");
	bed.now_ms -= 1000 * MINUTE_MS;
	bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "env");
	bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testsecret");
	assert_id(&bed, "env");
	bed_end(&bed);
}

static void refused_ones_are_looked_up_anew_once_a_minute(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	bed_oidc(&bed);
	bed_route(&bed, "/", 200, STS_KEYS("one", IN_AN_HOUR));
	assert_id(&bed, "one");
	credentials_refused(bed.credentials);
	bed_route(&bed, "/", 200, STS_KEYS("two", IN_AN_HOUR));
	assert_id(&bed, "two");
	credentials_refused(bed.credentials); /* within the minute */
	assert_id(&bed, "two");
	assert_int_equal(bed.asked_count, 2);
	bed.now_ms += MINUTE_MS;
	credentials_refused(bed.credentials);
	bed_route(&bed, "/", 500, "");
	assert_id(&bed, "two"); /* better than none: what is wrong is said by who refuses them */
	assert_int_equal(bed.asked_count, 3);
	bed_end(&bed);
}

/* --- those who wait, and end ---------------------------------------------------------------- */

static void on_said_free(void *arg, enum err err, const struct credential *credential,
                         const struct why *why)
{
	struct bed *bed = arg;
	(void)err;
	(void)credential;
	(void)why;
	credentials_free(bed->credentials);
	bed->credentials = NULL;
}

static void who_is_told_may_end_it_all(void **state)
{
	(void)state;
	for (int with_http = 0; with_http < 2; with_http++) {
		struct bed bed;
		struct said said;
		bed_make(&bed);
		if (with_http == 1)
			bed_oidc(&bed);
		bed_route(&bed, "/", 200, STS_KEYS("one", IN_AN_HOUR));
		struct credentials_wait first = {.done = on_said_free, .arg = &bed};
		credentials_get(bed.credentials, &first);
		ask(&bed, &said);
		while (bed.credentials != NULL)
			uv_run(&bed.bench.loop, UV_RUN_ONCE);
		assert_int_equal(said.calls, 0);
		bed_end(&bed);
	}
}

static void ended_in_the_middle_of_a_fetch_nothing_is_told(void **state)
{
	(void)state;
	struct bed bed;
	struct said said;
	bed_make(&bed);
	bed_oidc(&bed);
	ask(&bed, &said); /* no route: silence */
	while (bed.bench.server.requests == 0)
		uv_run(&bed.bench.loop, UV_RUN_ONCE);
	credentials_free(bed.credentials);
	bed.credentials = NULL;
	bed_end(&bed);
	assert_int_equal(said.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_chain_has_the_vendors_order),
		cmocka_unit_test(without_any_the_sentence_lists_what_was_looked_for),
		cmocka_unit_test(a_broken_member_is_named_and_the_next_is_asked),
		cmocka_unit_test(keys_of_the_file_give_way_to_nobody),
		cmocka_unit_test(fresh_ones_are_given_at_once_and_without_asking_again),
		cmocka_unit_test(several_who_wait_share_one_fetch),
		cmocka_unit_test(new_ones_are_got_a_quarter_of_an_hour_before_the_end),
		cmocka_unit_test(short_lives_are_renewed_at_their_half),
		cmocka_unit_test(in_the_last_minute_new_ones_are_waited_for),
		cmocka_unit_test(failures_back_off_while_the_old_ones_hold),
		cmocka_unit_test(a_clock_set_back_does_not_stop_the_asking),
		cmocka_unit_test(refused_ones_are_looked_up_anew_once_a_minute),
		cmocka_unit_test(who_is_told_may_end_it_all),
		cmocka_unit_test(ended_in_the_middle_of_a_fetch_nothing_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

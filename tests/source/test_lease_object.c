/* lease_object: what is read of a Lease, and that what is written back is all of it. */
#include "check.h"

#include "lease_object.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* 2026-01-01T00:00:00.123Z */
#define WALL_MS INT64_C(1767225600123)
#define WRITTEN "2026-01-01T00:00:00.123000Z"

#define HEAD "{\"kind\":\"Lease\",\"apiVersion\":\"coordination.k8s.io/v1\","
#define META "\"metadata\":{\"name\":\"l\",\"namespace\":\"n\",\"resourceVersion\":\"7\""
#define HELD                                                                                       \
	"{\"holderIdentity\":\"other\",\"leaseDurationSeconds\":15,\"leaseTransitions\":3,"            \
	"\"acquireTime\":\"2026-01-01T00:00:00.000000Z\","                                             \
	"\"renewTime\":\"2026-01-01T00:00:02.000000Z\""

static void read_good(const char *text, struct lease_object **object, struct lease_record *record)
{
	struct why why;
	if (lease_object_read(bytes_of(text), object, record, &why) != ERR_OK)
		fail_msg("%s: %s", text, why.text);
}

static struct lease_record record_of(const char *text)
{
	struct lease_object *object;
	struct lease_record record;
	read_good(text, &object, &record);
	lease_object_free(object);
	return record;
}

static json_t *written(const struct lease_object *object, const struct lease_claim *claim)
{
	struct buf out;
	struct why why;
	buf_init(&out, LEASE_OBJECT_SIZE_MAX);
	assert_int_equal(lease_object_write(object, claim, "me", WALL_MS, &out, &why), ERR_OK);
	json_t *json = json_loadb((const char *)out.data, out.size, 0, NULL);
	assert_non_null(json);
	buf_free(&out);
	return json;
}

/* `text` read, claimed, and written is `wanted`. */
static void expect_written(const char *text, const struct lease_claim *claim, const char *wanted)
{
	struct lease_object *object;
	struct lease_record record;
	read_good(text, &object, &record);
	json_t *got = written(object, claim), *want = json_loads(wanted, 0, NULL);
	assert_non_null(want);
	if (!json_equal(got, want)) {
		char *shown = json_dumps(got, 0);
		fail_msg("%s", shown);
	}
	json_decref(got);
	/* and what was read is as it was */
	json_t *again = written(object, claim);
	assert_true(json_equal(again, want));
	json_decref(again);
	json_decref(want);
	lease_object_free(object);
}

static void a_lease_says_who_holds_it_and_for_how_long(void **state)
{
	(void)state;
	struct lease_record record = record_of(HEAD META "},\"spec\":" HELD "}}");
	assert_string_equal(record.holder, "other");
	assert_string_equal(record.preferred, "");
	assert_int_equal(record.duration_s, 15);
	assert_int_equal(record.transitions, 3);
	record = record_of(HEAD META "},\"spec\":{\"preferredHolder\":\"x\",\"strategy\":\"s\"}}");
	assert_string_equal(record.preferred, "x");
	assert_string_equal(record.holder, "");
}

static void what_is_not_there_is_nobody_and_nothing(void **state)
{
	(void)state;
	static const char *const TEXTS[] = {
		HEAD META "}}",
		HEAD META "},\"spec\":null}",
		HEAD META "},\"spec\":{}}",
		HEAD META "},\"spec\":{\"holderIdentity\":null,\"leaseDurationSeconds\":null,"
				  "\"leaseTransitions\":null,\"preferredHolder\":null}}",
	};
	for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
		struct lease_record record = record_of(TEXTS[i]);
		assert_string_equal(record.holder, "");
		assert_string_equal(record.preferred, "");
		assert_int_equal(record.duration_s, 0);
		assert_int_equal(record.transitions, 0);
	}
}

/* By the spec alone: not by what others write beside it, nor by the order of keys. */
static void a_record_that_changes_has_another_mark(void **state)
{
	(void)state;
	uint64_t mark = record_of(HEAD META "},\"spec\":" HELD "}}").mark;
	static const char SAME[] =
		HEAD "\"metadata\":{\"resourceVersion\":\"8\",\"labels\":{\"a\":\"b\"}},\"spec\":"
			 "{\"renewTime\":\"2026-01-01T00:00:02.000000Z\",\"leaseTransitions\":3,"
			 "\"acquireTime\":\"2026-01-01T00:00:00.000000Z\",\"holderIdentity\":\"other\","
			 "\"leaseDurationSeconds\":15}}";
	assert_true(record_of(SAME).mark == mark);
	static const char *const CHANGES[][2] = {{"other", "Other"},
	                                         {"15", "16"},
	                                         {"\":3", "\":4"},
	                                         {"00:00:00.000000Z", "00:00:00.000001Z"},
	                                         {"00:00:02", "00:00:03"}};
	for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
		char text[] = HEAD META "},\"spec\":" HELD "}}";
		char *at = strstr(text, CHANGES[i][0]);
		assert_non_null(at);
		memcpy(at, CHANGES[i][1], strlen(CHANGES[i][1]));
		assert_true(record_of(text).mark != mark);
	}
}

static void a_holder_that_is_too_long_is_cut(void **state)
{
	(void)state;
	char name[LEASE_HOLDER_SIZE + 50], text[1024];
	memset(name, 'h', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	(void)snprintf(text, sizeof text, HEAD META "},\"spec\":{\"holderIdentity\":\"%s\"}}", name);
	assert_int_equal(strlen(record_of(text).holder), LEASE_HOLDER_SIZE - 1);
}

static void what_is_no_lease_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *words;
	} CASES[] = {
		{"", "not JSON"},
		{HEAD META, "line 1: not JSON"},
		{"[]", "not a Lease"},
		{"{\"kind\":\"Status\",\"apiVersion\":\"v1\"}", "not a Lease of coordination.k8s.io/v1"},
		{"{\"kind\":\"Lease\",\"apiVersion\":\"coordination.k8s.io/v2\"," META "}}", "not a Lease"},
		{HEAD "\"metadata\":{}}", "without a resourceVersion"},
		{HEAD "\"metadata\":{\"resourceVersion\":7}}", "without a resourceVersion"},
		{HEAD "\"metadata\":{\"resourceVersion\":\"\"}}", "without a resourceVersion"},
		{HEAD META "},\"spec\":[]}", "its spec is no object"},
		{HEAD META "},\"spec\":{\"holderIdentity\":1}}", "spec.holderIdentity is no string"},
		{HEAD META "},\"spec\":{\"preferredHolder\":{}}}", "spec.preferredHolder is no string"},
		{HEAD META "},\"spec\":{\"leaseDurationSeconds\":-1}}", "spec.leaseDurationSeconds is no "},
		{HEAD META "},\"spec\":{\"leaseDurationSeconds\":1.5}}", "spec.leaseDurationSeconds is no"},
		{HEAD META "},\"spec\":{\"leaseTransitions\":2147483648}}", "from 0 to 2147483647"},
		{HEAD META "},\"spec\":{\"leaseTransitions\":99999999999999999999}}", "not JSON"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct lease_object *object;
		struct lease_record record;
		struct why why;
		assert_int_equal(lease_object_read(bytes_of(CASES[i].text), &object, &record, &why),
		                 ERR_INVALID);
		assert_null(object);
		if (strstr(why.text, CASES[i].words) == NULL)
			fail_msg("%s: %s", CASES[i].text, why.text);
	}
}

static void a_take_over_changes_the_spec_and_keeps_the_rest(void **state)
{
	(void)state;
	const struct lease_claim claim = {.transitions = 4};
	expect_written(HEAD META ",\"uid\":\"u\",\"labels\":{\"a\":\"b\"},\"future\":[1,2.5,null]},"
	                         "\"spec\":" HELD ",\"strategy\":\"s\",\"preferredHolder\":\"other\","
	                         "\"future\":{\"x\":true}},\"more\":\"\xc3\xbc\"}",
	               &claim,
	               HEAD META ",\"uid\":\"u\",\"labels\":{\"a\":\"b\"},\"future\":[1,2.5,null]},"
	                         "\"spec\":{\"holderIdentity\":\"me\",\"leaseDurationSeconds\":15,"
	                         "\"leaseTransitions\":4,\"acquireTime\":\"" WRITTEN
	                         "\",\"renewTime\":\"" WRITTEN "\",\"strategy\":\"s\","
	                         "\"future\":{\"x\":true}},\"more\":\"\xc3\xbc\"}");
}

static void a_renewal_keeps_the_acquire_time(void **state)
{
	(void)state;
	const struct lease_claim claim = {.keep_acquire = true, .transitions = 3};
	expect_written(HEAD META "},\"spec\":" HELD "}}", &claim,
	               HEAD META "},\"spec\":{\"holderIdentity\":\"me\",\"leaseDurationSeconds\":15,"
	                         "\"leaseTransitions\":3,"
	                         "\"acquireTime\":\"2026-01-01T00:00:00.000000Z\","
	                         "\"renewTime\":\"" WRITTEN "\"}}");
	/* of one that has none */
	expect_written(HEAD META "}}", &claim,
	               HEAD META "},\"spec\":{\"holderIdentity\":\"me\",\"leaseDurationSeconds\":15,"
	                         "\"leaseTransitions\":3,\"acquireTime\":\"" WRITTEN
	                         "\",\"renewTime\":\"" WRITTEN "\"}}");
}

static void what_is_given_back_names_nobody_for_a_second(void **state)
{
	(void)state;
	const struct lease_claim claim = {.release = true, .transitions = 3};
	expect_written(HEAD META "},\"spec\":" HELD "}}", &claim,
	               HEAD META "},\"spec\":{\"holderIdentity\":\"\",\"leaseDurationSeconds\":1,"
	                         "\"leaseTransitions\":3,\"acquireTime\":\"" WRITTEN
	                         "\",\"renewTime\":\"" WRITTEN "\"}}");
}

static void one_that_is_made_has_names_and_a_spec(void **state)
{
	(void)state;
	const struct lease_claim claim = {.transitions = 0}, kept = {.keep_acquire = true};
	struct lease_object *object, *again;
	struct why why;
	assert_int_equal(lease_object_new("n", "l", NULL, &object, &why), ERR_OK);
	json_t *got = written(object, &claim);
	json_t *want = json_loads(
		HEAD "\"metadata\":{\"name\":\"l\",\"namespace\":\"n\"},\"spec\":{\"holderIdentity\":"
			 "\"me\",\"leaseDurationSeconds\":15,\"leaseTransitions\":0,\"acquireTime\":\"" WRITTEN
			 "\",\"renewTime\":\"" WRITTEN "\"}}",
		0, NULL);
	assert_true(json_equal(got, want));
	json_decref(got);
	json_decref(want);
	lease_object_free(object);
	/* anew, by who held it */
	struct lease_record record;
	read_good(HEAD META ",\"uid\":\"u\"},\"spec\":" HELD "}}", &object, &record);
	assert_int_equal(lease_object_new("n", "l", object, &again, &why), ERR_OK);
	got = written(again, &kept);
	assert_null(json_object_get(json_object_get(got, "metadata"), "resourceVersion"));
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(got, "spec"), "acquireTime")),
		"2026-01-01T00:00:00.000000Z");
	json_decref(got);
	lease_object_free(again);
	lease_object_free(object);
}

static void times_have_six_decimals_whatever_the_clock_says(void **state)
{
	(void)state;
	static const struct {
		int64_t wall_ms;
		const char *text;
	} CASES[] = {
		{WALL_MS, WRITTEN},
		{INT64_C(1767225600000), "2026-01-01T00:00:00.000000Z"},
		{0, "1970-01-01T00:00:00.001000Z"},
		{INT64_MIN, "1970-01-01T00:00:00.001000Z"},
		{INT64_MAX, "9999-12-31T23:59:59.000000Z"},
	};
	const struct lease_claim claim = {.transitions = 0};
	struct lease_object *object;
	struct why why;
	assert_int_equal(lease_object_new("n", "l", NULL, &object, &why), ERR_OK);
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct buf out;
		buf_init(&out, 4096);
		assert_int_equal(lease_object_write(object, &claim, "me", CASES[i].wall_ms, &out, &why),
		                 ERR_OK);
		if (memmem(out.data, out.size, CASES[i].text, strlen(CASES[i].text)) == NULL)
			fail_msg("%.*s", BYTES_ARG(buf_bytes(&out)));
		buf_free(&out);
	}
	lease_object_free(object);
}

static void what_is_too_large_is_refused(void **state)
{
	(void)state;
	const struct lease_claim claim = {.transitions = 0};
	struct lease_object *object;
	struct lease_record record;
	struct why why;
	struct buf out;
	static const uint8_t OCTETS[LEASE_OBJECT_SIZE_MAX + 1];
	const struct bytes large = {OCTETS, sizeof OCTETS};
	assert_int_equal(lease_object_read(large, &object, &record, &why), ERR_LIMIT);
	assert_int_equal(lease_object_new("n", "l", NULL, &object, &why), ERR_OK);
	buf_init(&out, 100);
	assert_int_equal(lease_object_write(object, &claim, "me", WALL_MS, &out, &why), ERR_LIMIT);
	assert_string_equal(why.text, "a Lease of more than 100 octets");
	lease_object_free(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lease_says_who_holds_it_and_for_how_long),
		cmocka_unit_test(what_is_not_there_is_nobody_and_nothing),
		cmocka_unit_test(a_record_that_changes_has_another_mark),
		cmocka_unit_test(a_holder_that_is_too_long_is_cut),
		cmocka_unit_test(what_is_no_lease_is_refused),
		cmocka_unit_test(a_take_over_changes_the_spec_and_keeps_the_rest),
		cmocka_unit_test(a_renewal_keeps_the_acquire_time),
		cmocka_unit_test(what_is_given_back_names_nobody_for_a_second),
		cmocka_unit_test(one_that_is_made_has_names_and_a_spec),
		cmocka_unit_test(times_have_six_decimals_whatever_the_clock_says),
		cmocka_unit_test(what_is_too_large_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

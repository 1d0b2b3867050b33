/* alidns: the clock that it learns, the credentials that it waits for, its limits, and the ways in
 * which a call is given up. */
#include "alidns_bed.h"

/* --- the clock ---------------------------------------------------------------------------- */

#define EXPIRED(date)                                                                              \
	"HTTP/1.1 400 Bad Request\r\nDate: " date "\r\nContent-Length: 35\r\n\r\n"                     \
	"{\"Code\":\"InvalidTimeStamp.Expired\"}"
#define NO_DATE                                                                                    \
	"HTTP/1.1 400 Bad Request\r\nContent-Length: 27\r\n\r\n{\"Code\":\"IllegalTimestamp\"}"
#define FINE                                                                                       \
	"HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n"                                                \
	"{\"RequestId\":\"A-1\"}"

static void expect_date(const struct bed *bed, const char *date)
{
	char line[64];
	(void)snprintf(line, sizeof line, "x-acs-date: %s\r\n", date);
	if (strstr(bed->bench.server.request, line) == NULL)
		fail_msg("not at %s: %s", date, bed->bench.server.request);
}

static void the_servers_clock_is_learnt_and_kept(void **state)
{
	(void)state;
	struct bed bed;
	struct heard heard;
	bed_start(&bed);
	bed_ask(&bed, &heard, EXPIRED("Fri, 02 Jan 2026 05:00:00 GMT"), THEN_KEEP);
	heard_expect(&heard, ALIDNS_CLOCK, "InvalidTimeStamp.Expired", "");
	expect_date(&bed, "2026-01-02T03:04:05Z");
	bed_ask(&bed, &heard, FINE, THEN_KEEP);
	heard_expect(&heard, ALIDNS_DONE, "", "");
	expect_date(&bed, "2026-01-02T05:00:00Z");
	bed.now_ms += 60000;
	bed_ask(&bed, &heard, FINE, THEN_KEEP);
	expect_date(&bed, "2026-01-02T05:01:00Z");
	/* then somebody sets our clock right */
	bed.now_ms = BED_NOW_MS + INT64_C(7000000);
	bed_ask(&bed, &heard, EXPIRED("Fri, 02 Jan 2026 05:00:45 GMT"), THEN_KEEP);
	heard_expect(&heard, ALIDNS_CLOCK, "InvalidTimeStamp.Expired", "");
	bed_ask(&bed, &heard, FINE, THEN_KEEP);
	expect_date(&bed, "2026-01-02T05:00:45Z");
	assert_int_equal(bed.credentials.refused, 0);
	bed_stop(&bed);
}

/* Asking again at once would not help. */
static void a_clock_that_was_right_is_no_excuse(void **state)
{
	(void)state;
	struct bed bed;
	struct heard heard;
	bed_start(&bed);
	bed_ask(&bed, &heard, EXPIRED("Fri, 02 Jan 2026 03:04:08 GMT"), THEN_KEEP);
	heard_expect(&heard, ALIDNS_CREDENTIALS, "InvalidTimeStamp.Expired", "");
	bed_ask(&bed, &heard, EXPIRED("soon"), THEN_KEEP);
	heard_expect(&heard, ALIDNS_CREDENTIALS, "InvalidTimeStamp.Expired", "");
	bed_ask(&bed, &heard, NO_DATE, THEN_KEEP);
	heard_expect(&heard, ALIDNS_CREDENTIALS, "IllegalTimestamp", "");
	assert_int_equal(bed.credentials.refused, 0);
	bed_stop(&bed);
}

/* Both were signed by the wrong clock: the second is asked again as well. */
static void calls_under_way_learn_it_together(void **state)
{
	(void)state;
	struct bed bed;
	struct heard first = {.dones = 0}, second = {.dones = 0};
	bed_start(&bed);
	bed_answers(&bed, EXPIRED("Fri, 02 Jan 2026 05:00:00 GMT"), THEN_KEEP);
	heard_begin(&first, &bed, "DescribeDomains", NULL, 0);
	heard_begin(&second, &bed, "DescribeDomains", NULL, 0);
	heard_finish(&first, 1);
	heard_finish(&second, 1);
	heard_expect(&first, ALIDNS_CLOCK, "InvalidTimeStamp.Expired", "");
	heard_expect(&second, ALIDNS_CLOCK, "InvalidTimeStamp.Expired", "");
	bed_stop(&bed);
}

/* --- credentials -------------------------------------------------------------------------- */

static void credentials_are_waited_for(void **state)
{
	(void)state;
	struct bed bed;
	struct heard heard = {.dones = 0};
	bed_start(&bed);
	bed.credentials.later = true;
	bed_answers(&bed, FINE, THEN_KEEP);
	heard_begin(&heard, &bed, "DescribeDomains", NULL, 0);
	bench_turns(&bed.bench);
	assert_int_equal(bed.bench.server.requests, 0);
	bed.now_ms += 5000;
	fake_credentials_come(&bed.credentials);
	heard_finish(&heard, 1);
	heard_expect(&heard, ALIDNS_DONE, "", "");
	expect_date(&bed, "2026-01-02T03:04:10Z"); /* signed when they came */
	bed_stop(&bed);
}

/* The lease ends while credentials are fetched: what began before must not be sent after. */
static void what_may_not_be_sent_any_more_is_not_sent(void **state)
{
	(void)state;
	struct bed bed;
	struct heard heard = {.dones = 0};
	bed_start(&bed);
	bed.credentials.later = true;
	heard_begin(&heard, &bed, "DescribeDomains", NULL, 0);
	bed.shut = true;
	fake_credentials_come(&bed.credentials);
	heard_finish(&heard, 1);
	heard_expect(&heard, ALIDNS_AGAIN, "", "the lease ended before the call could be sent");
	assert_int_equal(bed.bench.server.requests, 0);
	bed_stop(&bed);
}

static void no_credentials_no_request(void **state)
{
	(void)state;
	static const struct {
		enum err err;
		enum alidns_class class;
	} cases[] = {
		{ERR_MISSING, ALIDNS_CREDENTIALS},
		{ERR_INVALID, ALIDNS_CREDENTIALS},
		{ERR_IO, ALIDNS_AGAIN},
		{ERR_NOMEM, ALIDNS_AGAIN},
	};
	struct bed bed;
	bed_start(&bed);
	for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
		struct heard heard = {.dones = 0};
		bed.credentials.err = cases[i / 2].err;
		bed.credentials.later = i % 2 != 0;
		why_set(&bed.credentials.why, "no credentials: %zu", i);
		heard_begin(&heard, &bed, "DescribeDomains", NULL, 0);
		if (bed.credentials.later)
			fake_credentials_come(&bed.credentials);
		heard_finish(&heard, 1);
		heard_expect(&heard, cases[i / 2].class, "", bed.credentials.why.text);
		assert_int_equal(heard.status, 0);
	}
	assert_int_equal(bed.bench.server.requests, 0);
	bed_stop(&bed);
}

/* A key with a line feed would be two headers. */
static void credentials_that_no_header_takes_are_refused(void **state)
{
	(void)state;
	struct bed bed;
	struct heard heard;
	bed_start(&bed);
	bed.credentials.give.id = "test\r\nid";
	bed_ask(&bed, &heard, FINE, THEN_KEEP);
	heard_expect(&heard, ALIDNS_CREDENTIALS, "", "");
	assert_null(strstr(heard.message, "test"));
	assert_int_equal(bed.bench.server.requests, 0);
	bed_stop(&bed);
}

static void again_and_again(struct heard *heard)
{
	if (heard->dones < 1000)
		heard_begin(heard, heard->bed, "DescribeDomains", NULL, 0);
}

/* Whoever asks again at once leaves the loop its turns. */
static void what_fails_at_once_leaves_the_loop_free(void **state)
{
	(void)state;
	struct bed bed;
	struct heard heard = {.then = again_and_again};
	bed_start(&bed);
	bed.credentials.err = ERR_MISSING;
	why_set(&bed.credentials.why, "none");
	heard_begin(&heard, &bed, "DescribeDomains", NULL, 0);
	heard_finish(&heard, 1);
	uv_run(&bed.bench.loop, UV_RUN_NOWAIT);
	assert_true(heard.dones <= 3);
	bed_stop(&bed);
}

/* --- given up ----------------------------------------------------------------------------- */

static void cancel_itself(struct heard *heard)
{
	alidns_cancel(heard->call);
}

static void free_client(struct heard *heard)
{
	alidns_free(heard->bed->alidns);
	heard->bed->alidns = NULL;
}

static void a_cancelled_call_is_not_told(void **state)
{
	(void)state;
	struct bed bed;
	struct heard waiting = {.dones = 0}, failed = {.dones = 0}, sent = {.dones = 0};
	struct heard last = {.then = cancel_itself};
	bed_start(&bed);
	bed.credentials.later = true;
	heard_begin(&waiting, &bed, "DescribeDomains", NULL, 0);
	bed.credentials.later = false;
	bed.credentials.err = ERR_MISSING;
	heard_begin(&failed, &bed, "DescribeDomains", NULL, 0);
	bed.credentials.err = ERR_OK;
	bed_answers(&bed, "", THEN_KEEP);
	heard_begin(&sent, &bed, "DescribeDomains", NULL, 0);
	alidns_cancel(failed.call);
	while (bed.bench.server.requests == 0)
		uv_run(&bed.bench.loop, UV_RUN_ONCE);
	alidns_cancel(sent.call);
	alidns_cancel(waiting.call);
	assert_null(bed.credentials.waiting);
	bed_answers(&bed, FINE, THEN_KEEP);
	heard_begin(&last, &bed, "DescribeDomains", NULL, 0);
	heard_finish(&last, 1);
	assert_int_equal(waiting.dones + failed.dones + sent.dones, 0);
	bed_stop(&bed);
}

static void a_freed_client_tells_nothing(void **state)
{
	(void)state;
	for (unsigned within = 0; within < 2; within++) {
		struct bed bed;
		struct heard waiting = {.dones = 0}, failed = {.dones = 0}, sent = {.dones = 0};
		struct heard first = {.bed = &bed, .then = free_client};
		bed_start(&bed);
		bed.credentials.later = true;
		heard_begin(&waiting, &bed, "DescribeDomains", NULL, 0);
		bed.credentials.later = false;
		bed_answers(&bed, "", THEN_KEEP);
		heard_begin(&sent, &bed, "DescribeDomains", NULL, 0);
		bed.credentials.err = ERR_MISSING;
		if (within != 0)
			heard_begin(&first, &bed, "DescribeDomains", NULL, 0);
		heard_begin(&failed, &bed, "DescribeDomains", NULL, 0);
		if (within != 0)
			heard_finish(&first, 1); /* in the same turn as the other would be */
		else
			free_client(&first);
		assert_null(bed.credentials.waiting);
		bench_turns(&bed.bench);
		assert_int_equal(waiting.dones + failed.dones + sent.dones, 0);
		bed_stop(&bed);
	}
}

static void a_client_may_be_freed_by_an_answer(void **state)
{
	(void)state;
	struct bed bed;
	struct heard heard = {.then = free_client};
	bed_start(&bed);
	bed_answers(&bed, FINE, THEN_KEEP);
	heard_begin(&heard, &bed, "DescribeDomains", NULL, 0);
	heard_finish(&heard, 1);
	bed_stop(&bed);
}

/* --- limits ------------------------------------------------------------------------------- */

static void expect_refused(struct bed *bed, const char *action, const struct alidns_param *params,
                           size_t count, enum err err)
{
	struct alidns_call *call;
	struct heard heard = {.dones = 0};
	struct why why = {{0}};
	assert_int_equal(alidns_call(bed->alidns, action, params, count, bed_told, &heard, &call, &why),
	                 err);
	assert_null(call);
	assert_string_not_equal(why.text, "");
	assert_int_equal(bed->credentials.asked, 0);
}

static void what_cannot_be_sent_is_refused(void **state)
{
	(void)state;
	static uint8_t octets[HTTP_URL_SIZE_MAX];
	struct alidns_param params[ALIDNS_PARAMS_MAX + 1];
	char name[ALIDNS_NAME_SIZE_MAX + 2];
	struct bed bed;
	bed_start(&bed);
	for (size_t i = 0; i <= ALIDNS_PARAMS_MAX; i++)
		params[i] = (struct alidns_param){"N", bytes_of("v")};
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	memset(octets, ' ', sizeof octets);
	expect_refused(&bed, "A", params, ALIDNS_PARAMS_MAX + 1, ERR_LIMIT);
	expect_refused(&bed, "", NULL, 0, ERR_INVALID);
	expect_refused(&bed, "A\nB", NULL, 0, ERR_INVALID);
	expect_refused(&bed, name, NULL, 0, ERR_INVALID);
	params[0].name = "a&b";
	expect_refused(&bed, "A", params, 1, ERR_INVALID);
	params[0] = (struct alidns_param){"N", {octets, sizeof octets}};
	expect_refused(&bed, "A", params, 1, ERR_LIMIT);
	params[0].value.size = sizeof octets / 3;
	expect_refused(&bed, "A", params, 1, ERR_LIMIT);
	bed_stop(&bed);
}

static void a_record_as_long_as_can_be_is_sent(void **state)
{
	(void)state;
	static uint8_t octets[PLAN_TEXT_SIZE_MAX];
	struct bed bed;
	struct heard heard;
	memset(octets, 0xc3, sizeof octets);
	const struct alidns_param param = {"Value", {octets, sizeof octets}};
	bed_start(&bed);
	bed_answers(&bed, FINE, THEN_KEEP);
	bed_call(&bed, &heard, "AddDomainRecord", &param, 1);
	heard_expect(&heard, ALIDNS_DONE, "", "");
	bed_stop(&bed);
}

static void calls_are_counted(void **state)
{
	(void)state;
	struct bed bed;
	struct heard heard = {.dones = 0};
	struct alidns_call *call = NULL;
	struct why why = {{0}};
	bed_start(&bed);
	bed.credentials.later = true;
	for (unsigned i = 0; i < ALIDNS_CALLS_MAX; i++)
		heard_begin(&heard, &bed, "DescribeDomains", NULL, 0);
	assert_int_equal(
		alidns_call(bed.alidns, "DescribeDomains", NULL, 0, bed_told, &heard, &call, &why),
		ERR_LIMIT);
	alidns_cancel(heard.call);
	heard_begin(&heard, &bed, "DescribeDomains", NULL, 0);
	bed_stop(&bed);
}

static void a_bad_endpoint_is_refused(void **state)
{
	(void)state;
	struct alidns *alidns;
	struct why why = {{0}};
	const struct alidns_setup setup = {.endpoint = "https://alidns.aliyuncs.com/v1"};
	assert_int_equal(alidns_new(&setup, &alidns, &why), ERR_INVALID);
	assert_null(alidns);
	alidns_free(alidns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_servers_clock_is_learnt_and_kept),
		cmocka_unit_test(a_clock_that_was_right_is_no_excuse),
		cmocka_unit_test(calls_under_way_learn_it_together),
		cmocka_unit_test(credentials_are_waited_for),
		cmocka_unit_test(what_may_not_be_sent_any_more_is_not_sent),
		cmocka_unit_test(no_credentials_no_request),
		cmocka_unit_test(credentials_that_no_header_takes_are_refused),
		cmocka_unit_test(what_fails_at_once_leaves_the_loop_free),
		cmocka_unit_test(a_cancelled_call_is_not_told),
		cmocka_unit_test(a_freed_client_tells_nothing),
		cmocka_unit_test(a_client_may_be_freed_by_an_answer),
		cmocka_unit_test(what_cannot_be_sent_is_refused),
		cmocka_unit_test(a_record_as_long_as_can_be_is_sent),
		cmocka_unit_test(calls_are_counted),
		cmocka_unit_test(a_bad_endpoint_is_refused),
	};
	setenv("no_proxy", "*", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

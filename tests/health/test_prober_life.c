/* prober: targets that come and go at any moment, policies that change, and what happens where this
 * machine has no more to give. */
#include "probe_bed.h"
#include "prober_internal.h"

#include "net/fake_ca.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>

static const struct script_route ROUTES[] = {
	{.path = "/", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
	{.path = "/bad", .octets = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"},
	{.path = NULL},
};
static const enum probe_kind KINDS[] = {PROBE_TCP, PROBE_HTTP, PROBE_HTTPS};

static struct bed bed;
static struct fake_identity named;

/* Silence, to https as well: the server doesn't speak TLS and waits for a request. */
static struct health_target silent(enum probe_kind kind)
{
	return bed_target(&bed, kind, "/silent", "");
}

static void turns(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		uv_run(&bed.net.loop, UV_RUN_NOWAIT);
}

static void each_is_asked_once_an_interval(void **state)
{
	(void)state;
	enum { COUNT = 200, ROUNDS = 6 };
	bed_start(&bed, ROUTES);
	bed_probe(&bed);
	const struct health_target target = bed_target(&bed, PROBE_TCP, NULL, NULL);
	for (uint32_t i = 0; i < COUNT; i++)
		bed_add(&bed, i, &target);
	uint64_t begun_ms = uv_now(&bed.net.loop);
	while (bed.told < COUNT * ROUNDS)
		uv_run(&bed.net.loop, UV_RUN_ONCE);
	uint64_t took_ms = uv_now(&bed.net.loop) - begun_ms;
	/* The second of each comes within an interval of the first, the others an interval apart. */
	assert_true(took_ms > 40 * (ROUNDS - 4));
	for (uint32_t i = 0; i < COUNT; i++)
		assert_true(bed.heard[i].good + bed.heard[i].bad >= ROUNDS / 2);
	for (uint32_t i = 0; i < COUNT; i++)
		while (bed.heard[i].why[0] != '\0')
			(void)bed_wait(&bed, i);
	struct prober_counters counters = bed_counters(&bed);
	assert_int_equal(counters.targets, COUNT);
	assert_int_equal(counters.good + counters.bad, bed.told);
	assert_true(counters.late_us_p99 <= counters.late_us_max + 1000);
	bed_stop(&bed);
}

static void what_is_removed_is_not_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		bed_start(&bed, ROUTES);
		bed_probe(&bed);
		const struct health_target target = silent(KINDS[i]), other = silent(PROBE_HTTP);
		bed_add(&bed, 7, &target);
		prober_remove(bed.prober, 7); /* at rest */
		prober_remove(bed.prober, 7);
		bed_add(&bed, 7, &target);
		bed_fly(&bed, 1);
		unsigned told = bed.told;
		prober_remove(bed.prober, 7); /* on its way */
		assert_int_equal(bed_counters(&bed).flying, 0);
		bed_add(&bed, 7, &other); /* its id, in its place */
		turns(3);
		assert_true(bed.told == told || strcmp(bed.heard[7].why, "no answer within 30 ms") == 0);
		(void)bed_wait(&bed, 7);
		assert_string_equal(bed.heard[7].why, "no answer within 30 ms");
		bed_stop(&bed);
	}
}

static void the_end_may_come_at_any_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (unsigned flying = 0; flying < 2; flying++) {
			bed_start(&bed, ROUTES);
			bed_probe(&bed);
			const struct health_target target = silent(KINDS[i]);
			for (uint32_t id = 0; id < 20; id++)
				bed_add(&bed, id, &target);
			if (flying != 0)
				bed_fly(&bed, 1);
			unsigned told = bed.told;
			prober_free(bed.prober);
			turns(3);
			assert_int_equal(bed.told, told);
			bench_stop(&bed.net);
		}
	}
	prober_free(NULL);
}

static void free_it(struct bed *at, uint32_t id)
{
	(void)id;
	assert_int_equal(at->hooked++, 0);
	prober_free(at->prober);
}

static void a_result_may_end_it_all(void **state)
{
	(void)state;
	static const char *const PATHS[] = {"/", "/silent"};
	for (size_t i = 0; i < 6; i++) {
		bed_start(&bed, ROUTES);
		bed.hook = free_it;
		bed_probe(&bed);
		const struct health_target target = bed_target(&bed, KINDS[i / 2], PATHS[i % 2], "");
		for (uint32_t id = 0; id < 50; id++)
			bed_add(&bed, id, &target);
		while (bed.told == 0)
			uv_run(&bed.net.loop, UV_RUN_ONCE);
		bench_stop(&bed.net);
		assert_int_equal(bed.told, 1);
	}
}

/* Each result removes its target and the next one, and adds that anew. */
static void remove_and_add(struct bed *at, uint32_t id)
{
	static const char *const PATHS[] = {"/", "/silent", "/bad"};
	uint32_t next = (id + 1) % BED_IDS;
	const struct health_target target =
		bed_target(at, at->hooked % 3 == 0 ? PROBE_TCP : PROBE_HTTP, PATHS[next % 3], "");
	at->hooked++;
	prober_remove(at->prober, id);
	prober_remove(at->prober, next);
	bed_add(at, next, &target);
}

static void results_may_remove_and_add(void **state)
{
	(void)state;
	bed_start(&bed, ROUTES);
	bed.hook = remove_and_add;
	bed_probe(&bed);
	const struct health_target target = bed_target(&bed, PROBE_TCP, NULL, NULL);
	for (uint32_t id = 0; id < 400; id += 4)
		bed_add(&bed, id, &target);
	while (bed.told < 500)
		uv_run(&bed.net.loop, UV_RUN_ONCE);
	bed_stop(&bed);
}

static void policy_set(int64_t interval_ms, int64_t timeout_ms, const char *text)
{
	struct why why;
	bed.policy.interval_ms = interval_ms;
	bed.policy.timeout_ms = timeout_ms;
	bed.policy.contains = bytes_of(text);
	assert_int_equal(prober_set_policy(bed.prober, &bed.policy, &why), ERR_OK);
}

static void until(uint32_t id, const char *why)
{
	while (strcmp(bed_wait(&bed, id)->why, why) != 0)
		continue;
}

static void another_policy_holds_from_the_next_probe_on(void **state)
{
	(void)state;
	bed_start(&bed, ROUTES);
	bed_probe(&bed);
	const struct health_target good = bed_target(&bed, PROBE_HTTP, "/", "");
	const struct health_target quiet = silent(PROBE_HTTP);
	bed_add(&bed, 0, &quiet);
	until(0, "no answer within 30 ms");
	policy_set(3600000, 35, "");
	until(0, "no answer within 35 ms"); /* and now not again for an hour */
	policy_set(60, 60, "");
	bed_fly(&bed, 1);
	policy_set(50, 50, "absent");
	unsigned before = bed.heard[0].bad;
	(void)bed_wait(&bed, 0);
	assert_int_equal(bed.heard[0].bad, before + 1);
	assert_string_equal(bed.heard[0].why, "no answer within 60 ms"); /* it was under way */
	until(0, "no answer within 50 ms");
	bed_add(&bed, 1, &good);
	until(1, "the text is not in the body");
	policy_set(50, 50, "ello");
	until(1, "");
	bed_stop(&bed);
}

/* Its roots are read anew, for those that begin later. */
static void another_policy_while_https_connects(void **state)
{
	(void)state;
	bed_start(&bed, ROUTES);
	bed.net.server.tls = fake_server_context(&named, NULL);
	bed.policy.verify = false;
	bed_probe(&bed);
	const struct health_target target = bed_target(&bed, PROBE_HTTPS, "/", "some.example");
	for (uint32_t id = 0; id < 20; id++)
		bed_add(&bed, id, &target);
	for (unsigned i = 0; i < 20; i++) {
		bed_fly(&bed, 1);
		policy_set(200, 200, "");
		(void)uv_run(&bed.net.loop, UV_RUN_ONCE);
	}
	for (unsigned i = 1; bed_wait(&bed, 0)->why[0] != '\0'; i++)
		if (i % 10 == 0)
			bed_more_time(&bed);
	SSL_CTX *context = bed.net.server.tls;
	bed_stop(&bed);
	SSL_CTX_free(context);
}

/* This program stands still for longer than a probe may take: nothing that anybody else did. */
static void our_own_delay_is_no_bad_result(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		bed_start(&bed, ROUTES);
		bed.net.server.tls = KINDS[i] == PROBE_HTTPS ? fake_server_context(&named, NULL) : NULL;
		bed.policy.verify = false;
		bed.policy.interval_ms = bed.policy.timeout_ms = 150;
		bed_probe(&bed);
		const struct health_target target = bed_target(&bed, KINDS[i], "/", "");
		bed_add(&bed, 0, &target);
		for (bool good = false; !good; good = bed_wait(&bed, 0)->why[0] == '\0') {
			if (bed.told != 0)
				bed_more_time(&bed);
			bed_fly(&bed, 1);
			(void)poll(NULL, 0, (int)bed.policy.timeout_ms + 150);
		}
		SSL_CTX *context = bed.net.server.tls;
		bed_stop(&bed);
		SSL_CTX_free(context);
	}
}

static void a_bad_policy_is_refused(void **state)
{
	(void)state;
	static const uint8_t LONG[PROBE_CONTAINS_SIZE_MAX + 1];
	const struct {
		int64_t interval_ms, timeout_ms;
		size_t contains_size;
		enum err err;
	} cases[] = {
		{1000, 0, 0, ERR_INVALID},
		{1000, -1, 0, ERR_INVALID},
		{1000, 1001, 0, ERR_INVALID},
		{PROBE_INTERVAL_MS_MAX + 1, 1000, 0, ERR_INVALID},
		{1000, 1000, PROBE_CONTAINS_SIZE_MAX + 1, ERR_LIMIT},
		{1000, 1000, PROBE_CONTAINS_SIZE_MAX, ERR_OK},
		{1, 1, 1, ERR_OK},
	};
	bed_start(&bed, ROUTES);
	bed_probe(&bed);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct why why = {{0}};
		struct prober *prober = NULL;
		struct prober_setup setup = {.loop = &bed.net.loop, .result = bed_result, .arg = &bed};
		setup.policy = (struct probe_policy){.interval_ms = cases[i].interval_ms,
		                                     .timeout_ms = cases[i].timeout_ms,
		                                     .contains = {LONG, cases[i].contains_size}};
		assert_int_equal(prober_set_policy(bed.prober, &setup.policy, &why), cases[i].err);
		assert_int_equal(prober_new(&setup, &prober, &why), cases[i].err);
		assert_int_equal(prober != NULL, cases[i].err == ERR_OK);
		assert_int_equal(why.text[0] != '\0', cases[i].err != ERR_OK);
		prober_free(prober);
	}
	const struct health_target bad = bed_target(&bed, PROBE_HTTP, "no slash", "");
	struct why why;
	assert_int_equal(prober_add(bed.prober, 0, &bad, &why), ERR_INVALID);
	assert_int_equal(bed_counters(&bed).targets, 0);
	bed_stop(&bed);
}

static rlim_t descriptors_set(rlim_t count)
{
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	rlim_t before = limit.rlim_cur;
	limit.rlim_cur = count;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return before;
}

static void half_the_descriptors_are_for_others(void **state)
{
	(void)state;
	enum { DESCRIPTORS = 300, PLACES = DESCRIPTORS / 2, COUNT = 400 };
	bed_start(&bed, ROUTES);
	rlim_t before = descriptors_set(DESCRIPTORS);
	bed.policy.interval_ms = bed.policy.timeout_ms = 100;
	bed_probe(&bed);
	descriptors_set(before); /* the server needs its own */
	const struct health_target target = silent(PROBE_HTTP);
	for (uint32_t id = 0; id < COUNT; id++)
		bed_add(&bed, id, &target);
	size_t most = 0;
	while (bed.told < 2 * COUNT) {
		size_t flying = bed_counters(&bed).flying;
		most = flying > most ? flying : most;
		uv_run(&bed.net.loop, UV_RUN_ONCE);
	}
	assert_int_equal(most, PLACES - PLACES / 8); /* the rest is for those that answer */
	for (uint32_t id = 0; id < COUNT; id++)
		assert_true(bed.heard[id].bad >= 1 && bed.heard[id].bad <= 4); /* in turn */
	assert_true(bed_counters(&bed).late > 0);
	bed_stop(&bed);
}

/* Servers that accept and say nothing hold their places for as long as they may; those that answer
 * are asked once an interval all the same. */
static void who_answers_does_not_wait_for_the_silent(void **state)
{
	(void)state;
	enum { DESCRIPTORS = 300, SILENT = 400, GOOD = 10, ROUNDS = 10 };
	for (size_t i = 1; i < 3; i++) {
		unsigned begun[GOOD];
		bed_start(&bed, ROUTES);
		bed.net.server.tls = KINDS[i] == PROBE_HTTPS ? fake_server_context(&named, NULL) : NULL;
		rlim_t before = descriptors_set(DESCRIPTORS);
		bed.policy.interval_ms = bed.policy.timeout_ms = 200;
		bed.policy.verify = false;
		bed_probe(&bed);
		descriptors_set(before);
		const struct health_target good = bed_target(&bed, KINDS[i], "/", "");
		struct health_target quiet = silent(KINDS[i]);
		int listener = bed_dead_port(&quiet.port);
		assert_int_equal(listen(listener, SILENT), 0); /* the kernel accepts, and nobody reads */
		for (uint32_t id = 0; id < SILENT; id++)
			bed_add(&bed, GOOD + id, &quiet);
		for (uint32_t id = 0; id < GOOD; id++)
			bed_add(&bed, id, &good);
		for (uint32_t id = 0; id < GOOD; id++) /* the first answer: until then they are as silent */
			while (bed.heard[id].good == 0)
				(void)bed_wait(&bed, id);
		for (bool in_turn = false; !in_turn;) {
			for (uint32_t id = 0; id < GOOD; id++)
				begun[id] = bed.heard[id].good + bed.heard[id].bad;
			uint64_t end_ms = uv_now(&bed.net.loop) + ROUNDS * (uint64_t)bed.policy.interval_ms;
			while (uv_now(&bed.net.loop) < end_ms)
				uv_run(&bed.net.loop, UV_RUN_ONCE);
			in_turn = bed_counters(&bed).flying > 100; /* the silent ones have what they may */
			for (uint32_t id = 0; id < GOOD; id++)
				in_turn &= bed.heard[id].good + bed.heard[id].bad - begun[id] >= ROUNDS / 2;
			if (!in_turn)
				bed_more_time(&bed);
		}
		SSL_CTX *context = bed.net.server.tls;
		bed_stop(&bed);
		assert_int_equal(close(listener), 0);
		SSL_CTX_free(context);
	}
}

static void what_cannot_begin_here_is_no_bad_result(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		bed_start(&bed, ROUTES);
		bed.policy.interval_ms = bed.policy.timeout_ms = 100;
		bed.policy.verify = false; /* with the system's roots: below */
		bed_probe(&bed);
		const struct health_target target = bed_target(&bed, KINDS[i], "/", "");
		rlim_t before = descriptors_set(3);
		bed_add(&bed, 0, &target);
		while (bed_counters(&bed).stalled == 0 && bed.told == 0)
			uv_run(&bed.net.loop, UV_RUN_ONCE);
		descriptors_set(before);
		assert_int_equal(bed.told, 0);
		(void)bed_wait(&bed, 0);
		assert_string_not_equal(bed.heard[0].why, "connection failed");
		bed_stop(&bed);
	}
}

/* They can't be opened, for want of descriptors. */
static void https_waits_for_its_roots_and_the_others_do_not(void **state)
{
	(void)state;
	bed_start(&bed, ROUTES);
	bed.policy.interval_ms = bed.policy.timeout_ms = 100;
	bed_probe(&bed);
	const struct health_target https = bed_target(&bed, PROBE_HTTPS, "/", "");
	const struct health_target http = bed_target(&bed, PROBE_HTTP, "/", "");
	rlim_t before = descriptors_set(3);
	bed_add(&bed, 0, &https);
	while (bed_counters(&bed).stalled == 0)
		uv_run(&bed.net.loop, UV_RUN_ONCE);
	descriptors_set(before);
	assert_true(bed.prober->tls_retry_ms > prober_now_ms());
	bed.prober->tls_retry_ms = INT64_MAX;
	bed_add(&bed, 1, &http);
	while (bed.heard[1].good < 3)
		(void)bed_wait(&bed, 1);
	assert_int_equal(bed.heard[0].good + bed.heard[0].bad, 0);
	bed.prober->tls_retry_ms = prober_now_ms(); /* they are tried again */
	(void)bed_wait(&bed, 0);                    /* the server doesn't speak TLS, but it is asked */
	assert_int_equal(bed.heard[0].good, 0);
	assert_string_not_equal(bed.heard[0].why, "connection failed");
	bed_stop(&bed);
}

static void two_thousand_come_and_go(void **state)
{
	(void)state;
	enum { COUNT = 2000, ROUNDS = 4 };
	static const char *const PATHS[] = {"/", "/bad", "/silent"};
	struct prober_counters counters;
	uint64_t drawn = 5;
	bed_start(&bed, ROUTES);
	bed.policy.interval_ms = 300;
	bed.policy.timeout_ms = 20;
	bed_probe(&bed);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		for (uint32_t i = 0; i < COUNT; i++) {
			drawn = drawn * UINT64_C(6364136223846793005) + 1442695040888963407U;
			prober_remove(bed.prober, i);
			if ((drawn >> 33) % 4 == 0)
				continue;
			const struct health_target target =
				bed_target(&bed, (drawn >> 40) % 64 == 0 ? PROBE_HTTPS : KINDS[i % 2],
			               PATHS[(drawn >> 50) % 3], "some.example");
			bed_add(&bed, i, &target);
		}
		unsigned told = bed.told;
		while (bed.told < told + COUNT / 4)
			uv_run(&bed.net.loop, UV_RUN_ONCE);
	}
	counters = bed_counters(&bed);
	assert_true(counters.targets > COUNT / 2);
	for (; counters.good == 0 || counters.bad == 0; counters = bed_counters(&bed))
		uv_run(&bed.net.loop, UV_RUN_ONCE);
	bed_stop(&bed);
}

static int identity_make(void **state)
{
	(void)state;
	fake_identity_make(&named, "alone", NULL, NULL);
	return 0;
}

static int identity_free(void **state)
{
	(void)state;
	fake_identity_free(&named);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_asked_once_an_interval),
		cmocka_unit_test(what_is_removed_is_not_told),
		cmocka_unit_test(the_end_may_come_at_any_time),
		cmocka_unit_test(a_result_may_end_it_all),
		cmocka_unit_test(results_may_remove_and_add),
		cmocka_unit_test(another_policy_holds_from_the_next_probe_on),
		cmocka_unit_test(another_policy_while_https_connects),
		cmocka_unit_test(our_own_delay_is_no_bad_result),
		cmocka_unit_test(a_bad_policy_is_refused),
		cmocka_unit_test(half_the_descriptors_are_for_others),
		cmocka_unit_test(who_answers_does_not_wait_for_the_silent),
		cmocka_unit_test(what_cannot_begin_here_is_no_bad_result),
		cmocka_unit_test(https_waits_for_its_roots_and_the_others_do_not),
		cmocka_unit_test(two_thousand_come_and_go),
	};
	return cmocka_run_group_tests(tests, identity_make, identity_free);
}

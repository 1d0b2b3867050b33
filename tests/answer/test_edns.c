/* EDNS options, class CH, types that are only asked for: message by message; RFC sections in the
 * names. */
#include "world.h"

#include "check.h"
#include "cookie.h"

#include <stdio.h>
#include <string.h>

static struct world world;
static uint8_t message[4096], answer[MESSAGE_SIZE_MAX];
static struct query query;

static const uint8_t SECRET[16] = {0xe5, 0xe9, 0x73, 0xe5, 0xa6, 0xb2, 0xa4, 0x3f,
                                   0x48, 0xe7, 0xdc, 0x84, 0x9e, 0x37, 0xbf, 0xcf};

static void publish(void)
{
	assert_int_equal(zone_set_policy(world.zone, &world.policy, &world.why), ERR_OK);
	world_publish(&world);
}

static int set_up(void **state)
{
	(void)state;
	world_init(&world);
	world_cluster(&world, "c", "ra: za", READY_TRUE, 0);
	world_service(&world, "ns/one", "c=192.0.2.1,192.0.2.2,192.0.2.3");
	world_commit(&world, COMMIT_REPLACE);
	struct identity *identity = &world.policy.identity;
	(void)snprintf(identity->version, sizeof identity->version, "fedns 1");
	(void)snprintf(identity->id, sizeof identity->id, "pod-7");
	memcpy(world.policy.cookies.secrets[0], SECRET, sizeof SECRET);
	world.policy.cookies.secret_count = 1;
	publish();
	query =
		(struct query){.data = message, .client = {4, {198, 51, 100, 100}}, .now_s = 1559731985};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_clear(&world);
	return 0;
}

/* A question with an OPT that holds `options`; CH where `class` says so. */
static void make(const char *name, uint16_t type, uint8_t class, const void *options, size_t size)
{
	size_t at = world_query(name, type, message);
	const uint8_t opt[11] = {0, 0, 41, 4, 0xd0, 0, 0, 0, 0, (uint8_t)(size >> 8), (uint8_t)size};
	message[at - 1] = class;
	memcpy(message + at, opt, sizeof opt);
	memcpy(message + at + sizeof opt, options, size);
	message[11] = 1;
	query.size = at + sizeof opt + size;
}

/* Returns the RCODE, the extended part included: the OPT is the last record, without options before
 * `tail` octets. */
static size_t ask(void)
{
	struct answer_counters counters = {0};
	const struct root *root = zone_enter(world.zone, 0);
	size_t size = respond(root, &counters, &query, answer, query.tcp ? sizeof answer : 4096);
	zone_leave(world.zone, 0);
	return size;
}

/* Does the reply of `size` octets end in an OPT that holds just `options`? */
static void expect_options(size_t size, const void *options, size_t options_size)
{
	assert_true(size >= 12 + 11 + options_size);
	const uint8_t *opt = answer + size - options_size - 11;
	assert_memory_equal(opt, "\0\0\x29\x04\xd0", 5);
	assert_int_equal(opt[9] << 8 | opt[10], options_size);
	assert_memory_equal(opt + 11, options, options_size);
}

#define ONE "one.ns.fed.svc.example"

static void rfc6891_6_1_2_unknown_options_are_passed_over(void **state)
{
	(void)state;
	make(ONE, TYPE_A, CLASS_IN, "\xfd\xe9\0\3abc\0\0\0\0", 11);
	size_t size = ask();
	assert_int_equal(answer[3], RCODE_NOERROR);
	expect_options(size, "", 0);
}

static void rfc6891_6_1_2_options_that_do_not_fill_the_rdata_are_format_errors(void **state)
{
	(void)state;
	static const char *const BAD[] = {"\0\3\0", "\0\3\0\1", "\0\3\0\0\0"};
	static const size_t SIZES[] = {3, 4, 5};
	for (size_t i = 0; i < 3; i++) {
		make(ONE, TYPE_A, CLASS_IN, BAD[i], SIZES[i]);
		expect_options(ask(), "", 0);
		assert_int_equal(answer[3], RCODE_FORMERR);
	}
}

static void rfc5001_nsid_is_told_to_who_asks(void **state)
{
	(void)state;
	make(ONE, TYPE_A, CLASS_IN, "\0\3\0\0", 4);
	expect_options(ask(), "\0\3\0\5pod-7", 9);
	world.policy.identity.hide = true;
	publish();
	expect_options(ask(), "", 0);
}

static void rfc7871_7_2_1_subnets_come_back_with_scope_0(void **state)
{
	(void)state;
	make(ONE, TYPE_A, CLASS_IN, "\0\x08\0\7\0\1\x18\0\xc0\0\2", 11);
	expect_options(ask(), "\0\x08\0\7\0\1\x18\0\xc0\0\2", 11);
	static const char BAD[][11] = {
		"\0\x08\0\7\0\3\x18\0\xc0\0\2", /* family */
		"\0\x08\0\7\0\1\x18\1\xc0\0\2", /* scope */
		"\0\x08\0\7\0\1\x10\0\xc0\0\2", /* too many octets */
		"\0\x08\0\7\0\1\x17\0\xc0\0\1", /* bits beyond the length */
		"\0\x08\0\7\0\1\x19\0\xc0\0\2", /* too few octets */
	};
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		make(ONE, TYPE_A, CLASS_IN, BAD[i], 11);
		expect_options(ask(), "", 0);
		assert_int_equal(answer[3], RCODE_FORMERR);
	}
}

/* RFC 9018 appendix A.1 */
static void rfc9018_a_1_learning_a_new_server_cookie(void **state)
{
	(void)state;
	make(ONE, TYPE_A, CLASS_IN, "\0\x0a\0\x08\x24\x64\xc4\xab\xcf\x10\xc9\x57", 12);
	expect_options(ask(),
	               "\0\x0a\0\x18\x24\x64\xc4\xab\xcf\x10\xc9\x57\1\0\0\0\x5c\xf7\x9f\x11"
	               "\x1f\x81\x30\xc3\xee\xe2\x94\x80",
	               28);
}

static void rfc9018_4_3_cookies_age(void **state)
{
	(void)state;
	static const struct {
		int age_s;
		bool valid;
	} CASES[] = {{0, true}, {3600, true}, {3601, false}, {-300, true}, {-301, false}};
	const struct address other = {4, {198, 51, 100, 101}};
	uint8_t cookie[COOKIE_SIZE];
	const struct bytes made = {cookie, sizeof cookie};
	const struct cookie_policy *policy = &world.policy.cookies;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		cookie_make(policy, (const uint8_t *)"clientck", &query.client, query.now_s, cookie);
		uint32_t now_s = query.now_s + (uint32_t)CASES[i].age_s;
		assert_int_equal(cookie_valid(policy, made, &query.client, now_s), CASES[i].valid);
		assert_false(cookie_valid(policy, made, &other, now_s));
	}
	for (size_t i = 0; i < sizeof cookie; i++) {
		cookie_make(policy, (const uint8_t *)"clientck", &query.client, query.now_s, cookie);
		cookie[i] ^= 1;
		assert_false(cookie_valid(policy, made, &query.client, query.now_s));
	}
}

static void rfc9018_5_two_secrets_while_they_rotate(void **state)
{
	(void)state;
	struct cookie_policy before = world.policy.cookies, after = before;
	uint8_t cookie[COOKIE_SIZE];
	const struct bytes made = {cookie, sizeof cookie};
	after.secrets[0][0] ^= 1;
	memcpy(after.secrets[1], before.secrets[0], COOKIE_SECRET_SIZE);
	cookie_make(&before, (const uint8_t *)"clientck", &query.client, 7, cookie);
	after.secret_count = 2;
	assert_true(cookie_valid(&after, made, &query.client, 7));
	after.secret_count = 1;
	assert_false(cookie_valid(&after, made, &query.client, 7));
}

static void rfc7873_5_2_sizes_of_cookies(void **state)
{
	(void)state;
	for (uint8_t size = 0; size <= 44; size++) {
		uint8_t option[64] = {0, 10, 0, size};
		bool good = size == 8 || (size >= 16 && size <= 40);
		make(ONE, TYPE_A, CLASS_IN, option, 4u + size);
		(void)ask();
		assert_int_equal(answer[3], good ? RCODE_NOERROR : RCODE_FORMERR);
	}
}

static void rfc7873_5_2_only_the_first_cookie_counts(void **state)
{
	(void)state;
	make(ONE, TYPE_A, CLASS_IN,
	     "\0\x0a\0\x08"
	     "clientck"
	     "\0\x0a\0\1x",
	     17);
	(void)ask();
	assert_int_equal(answer[3], RCODE_NOERROR);
}

static void rfc7873_5_2_3_badcookie_where_cookies_are_required(void **state)
{
	(void)state;
	world.policy.cookies.required = true;
	publish();
	make(ONE, TYPE_A, CLASS_IN,
	     "\0\x0a\0\x08"
	     "clientck",
	     12);
	size_t size = ask();
	assert_int_equal(size, query.size + 16); /* no answer, but a cookie to come back with */
	assert_int_equal(answer[3], RCODE_BADCOOKIE & 15);
	assert_int_equal(answer[size - 28 - 11 + 5], RCODE_BADCOOKIE >> 4);
	uint8_t option[28];
	memcpy(option, answer + size - 28, sizeof option);
	make(ONE, TYPE_A, CLASS_IN, option, sizeof option);
	(void)ask();
	assert_int_equal(answer[3], RCODE_NOERROR);
	assert_int_equal(answer[7], 3);
	/* Who knows no cookies is answered; and so is TCP. */
	make(ONE, TYPE_A, CLASS_IN, "", 0);
	(void)ask();
	assert_int_equal(answer[7], 3);
	make(ONE, TYPE_A, CLASS_IN,
	     "\0\x0a\0\x08"
	     "clientck",
	     12);
	query.tcp = true;
	(void)ask();
	assert_int_equal(answer[7], 3);
}

static void rfc7873_5_4_a_query_for_the_cookie_alone(void **state)
{
	(void)state;
	static const uint8_t ALONE[] = "\x12\x34\1\0\0\0\0\0\0\0\0\1"
								   "\0\0\x29\4\xd0\0\0\0\0\0\x0c\0\x0a\0\x08"
								   "clientck";
	memcpy(message, ALONE, sizeof ALONE - 1);
	query.size = sizeof ALONE - 1;
	size_t size = ask();
	assert_int_equal(size, 12 + 11 + 28);
	assert_memory_equal(answer, "\x12\x34\x81\0\0\0\0\0\0\0\0\1", 12);
}

static void rfc7828_keepalive_is_told_over_tcp_to_who_asks(void **state)
{
	(void)state;
	query.keepalive_100ms = 100;
	make(ONE, TYPE_A, CLASS_IN, "\0\x0b\0\0", 4);
	expect_options(ask(), "", 0);
	query.tcp = true;
	expect_options(ask(), "\0\x0b\0\2\0\x64", 6);
	make(ONE, TYPE_A, CLASS_IN, "\0\x0b\0\2\0\1", 6);
	expect_options(ask(), "\0\x0b\0\2\0\x64", 6);
}

static void rfc8914_errors_say_why(void **state)
{
	(void)state;
	make(ONE, TYPE_A, CLASS_IN, "", 0);
	world.policy.allow_count = 0;
	publish();
	expect_options(ask(), "\0\x0f\0\2\0\x12", 6); /* prohibited */
	make(ONE, TYPE_A, CLASS_IN, "\0\3\0\0", 4);   /* nor is it told who we are */
	expect_options(ask(), "\0\x0f\0\2\0\x12", 6);
	assert_int_equal(answer[3], RCODE_REFUSED);
	struct zone *ready = world.zone;
	world.zone = zone_new(1, 1);
	expect_options(ask(), "\0\x0f\0\2\0\x0e", 6); /* not ready */
	assert_int_equal(answer[3], RCODE_SERVFAIL);
	zone_free(world.zone);
	world.zone = ready;
}

/* Sections 4.4 and 4.20; the records and the serial are what they were. */
static void rfc8914_stale_answers_say_so(void **state)
{
	(void)state;
	struct zone_stats before, after;
	zone_stats(world.zone, &before);
	zone_set_stale(world.zone, true);
	world_publish(&world);
	make(ONE, TYPE_A, CLASS_IN, "", 0);
	expect_options(ask(), "\0\x0f\0\7\0\3stale", 11);
	assert_int_equal(answer[7], 3);
	make("no.ns.fed.svc.example", TYPE_A, CLASS_IN, "", 0);
	expect_options(ask(), "\0\x0f\0\7\0\x13stale", 11);
	zone_stats(world.zone, &after);
	assert_int_equal(after.serial, before.serial);
	zone_set_stale(world.zone, false);
	world_publish(&world);
	expect_options(ask(), "", 0);
}

/* Section 4.1: another error, and its text. Of one address that is out of three nothing is said. */
static void rfc8914_answers_of_what_is_all_down_say_so(void **state)
{
	(void)state;
	struct verdict out[3];
	for (uint8_t i = 0; i < 3; i++)
		out[i] = (struct verdict){.cluster = world_cluster_id(&world, "c"),
		                          .address = {4, {192, 0, 2, (uint8_t)(i + 1)}},
		                          .out = true,
		                          .since_ms = 1000};
	make(ONE, TYPE_A, CLASS_IN, "", 0);
	world_verdicts(&world, "ns/one", out, 1);
	world_publish(&world);
	expect_options(ask(), "", 0);
	assert_int_equal(answer[7], 2);
	world_verdicts(&world, "ns/one", out, 3);
	world_publish(&world);
	expect_options(ask(), "\0\x0f\0\x0a\0\0all-down", 14);
	assert_int_equal(answer[7], 3);
	world_verdicts(&world, "ns/one", NULL, 0);
	world_publish(&world);
	expect_options(ask(), "", 0);
}

static void out_is(const char *cluster, uint8_t octet, enum reason reason)
{
	const struct verdict out = {.cluster = world_cluster_id(&world, cluster),
	                            .address = {4, {192, 0, 2, octet}},
	                            .out = true,
	                            .since_ms = 1000,
	                            .reason = (uint8_t)reason};
	world_verdicts(&world, "ns/two", &out, 1);
	world_publish(&world);
}

/* Section 4.1. A level that climbs says why, in the words of the log; others say nothing. */
static void rfc8914_a_level_that_climbs_says_why(void **state)
{
	(void)state;
	world_cluster(&world, "d", "rd: zd", READY_TRUE, 0);
	world_ports(&world, "http:80");
	world_service(&world, "ns/two", "c=192.0.2.1 d=192.0.2.2");
	world_commit(&world, COMMIT_CHANGES);
	out_is("c", 1, REASON_DRAINED);
	make("two.ns.fed.svc.za.ra.example", TYPE_A, CLASS_IN, "", 0);
	expect_options(ask(), "\0\x0f\0\x0f\0\0zone: drained", 19);
	make("two.ns.fed.svc.ra.example", TYPE_AAAA, CLASS_IN, "", 0);
	expect_options(ask(), "\0\x0f\0\x11\0\0region: drained", 21);
	make("_http._tcp.two.ns.fed.svc.ra.example", 33, CLASS_IN, "", 0);
	expect_options(ask(), "\0\x0f\0\x11\0\0region: drained", 21);
	make("two.ns.fed.svc.example", TYPE_A, CLASS_IN, "", 0);
	expect_options(ask(), "", 0);
	make("two.ns.fed.svc.zd.rd.example", TYPE_A, CLASS_IN, "", 0);
	expect_options(ask(), "", 0);
	out_is("d", 2, REASON_PROBE_BAD);
	expect_options(ask(), "\0\x0f\0\x11\0\0zone: probe-bad", 21);
	make("two.ns.fed.svc.za.ra.example", TYPE_A, CLASS_IN, "", 0);
	expect_options(ask(), "", 0);
}

static void rfc4892_what_the_server_says_of_itself(void **state)
{
	(void)state;
	static const struct {
		const char *name, *text;
	} CASES[] = {{"version.bind", "\7fedns 1"},
	             {"version.server", "\7fedns 1"},
	             {"hostname.bind", "\5pod-7"},
	             {"id.server", "\5pod-7"}};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		size_t text_size = strlen(CASES[i].text);
		make(CASES[i].name, TYPE_TXT, CLASS_CH, "", 0);
		size_t size = ask();
		assert_int_equal(size, query.size + 12 + text_size);
		assert_memory_equal(answer + size - 11 - text_size, CASES[i].text, text_size);
	}
	make("authors.bind", TYPE_TXT, CLASS_CH, "", 0);
	(void)ask();
	assert_int_equal(answer[3], RCODE_REFUSED);
	world.policy.identity.hide = true;
	publish();
	make("version.bind", TYPE_TXT, CLASS_CH, "", 0);
	(void)ask();
	assert_int_equal(answer[3], RCODE_REFUSED);
}

static void rfc6895_3_1_types_that_are_only_asked_for(void **state)
{
	(void)state;
	static const struct {
		uint16_t type;
		uint8_t rcode;
	} CASES[] = {{TYPE_AXFR, RCODE_REFUSED}, {TYPE_IXFR, RCODE_REFUSED}, {TYPE_OPT, RCODE_FORMERR},
	             {249, RCODE_NOTIMP},        {250, RCODE_NOTIMP},        {253, RCODE_NOTIMP},
	             {254, RCODE_NOTIMP},        {128, RCODE_NOTIMP},        {127, RCODE_NOERROR},
	             {256, RCODE_NOERROR},       {65280, RCODE_NOERROR},     {TYPE_ANY, RCODE_NOERROR}};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		make(ONE, CASES[i].type, CLASS_IN, "", 0);
		(void)ask();
		assert_int_equal(answer[3], CASES[i].rcode);
	}
}

static void rfc6891_6_1_1_who_sends_an_opt_gets_one_whatever_is_asked(void **state)
{
	(void)state;
	static const uint8_t OPCODES[][2] = {{OPCODE_NOTIFY, RCODE_REFUSED},
	                                     {OPCODE_UPDATE, RCODE_REFUSED},
	                                     {2, RCODE_NOTIMP},
	                                     {15, RCODE_NOTIMP}};
	for (size_t i = 0; i < sizeof OPCODES / sizeof OPCODES[0]; i++) {
		make("example", TYPE_SOA, CLASS_IN, "", 0);
		message[2] = (uint8_t)(OPCODES[i][0] << 3);
		size_t size = ask();
		assert_int_equal(answer[3], OPCODES[i][1]);
		expect_options(size, "", 0);
		message[query.size - 5] = 1; /* EDNS version 1 */
		size = ask();
		assert_int_equal(answer[3], RCODE_NOERROR);
		assert_int_equal(answer[size - 11 + 5], RCODE_BADVERS >> 4);
	}
}

static void rfc8914_4_21_names_of_other_zones_are_not_ours(void **state)
{
	(void)state;
	make("one.other", TYPE_A, CLASS_IN, "", 0);
	size_t size = ask();
	assert_int_equal(answer[3], RCODE_REFUSED);
	expect_options(size, "\0\17\0\2\0\24", 6);
}

static void octets_behind_the_message_are_a_format_error(void **state)
{
	(void)state;
	make(ONE, TYPE_A, CLASS_IN, "", 0);
	query.size++;
	(void)ask();
	assert_int_equal(answer[3], RCODE_FORMERR);
}

/* Also for a client that asks for A and AAAA in turn. */
static void addresses_rotate_from_answer_to_answer(void **state)
{
	(void)state;
	struct answer_counters counters = {0};
	unsigned first[4] = {0};
	for (unsigned turn = 0; turn < 600; turn++) {
		make(ONE, turn % 2 == 0 ? TYPE_A : TYPE_AAAA, CLASS_IN, "", 0);
		const struct root *root = zone_enter(world.zone, 0);
		size_t size = respond(root, &counters, &query, answer, 4096);
		zone_leave(world.zone, 0);
		if (turn % 2 != 0)
			continue;
		const uint8_t *last = answer + size - 11 - 1;
		unsigned begin = last[-32];
		first[begin]++;
		assert_int_equal(last[-16], begin % 3 + 1);
		assert_int_equal(last[0], (begin + 1) % 3 + 1);
	}
	for (unsigned i = 1; i <= 3; i++)
		assert_in_range(first[i], 70, 130);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rfc6891_6_1_2_unknown_options_are_passed_over),
		TEST(rfc6891_6_1_2_options_that_do_not_fill_the_rdata_are_format_errors),
		TEST(rfc5001_nsid_is_told_to_who_asks),
		TEST(rfc7871_7_2_1_subnets_come_back_with_scope_0),
		TEST(rfc9018_a_1_learning_a_new_server_cookie),
		TEST(rfc9018_4_3_cookies_age),
		TEST(rfc9018_5_two_secrets_while_they_rotate),
		TEST(rfc7873_5_2_sizes_of_cookies),
		TEST(rfc7873_5_2_only_the_first_cookie_counts),
		TEST(rfc7873_5_2_3_badcookie_where_cookies_are_required),
		TEST(rfc7873_5_4_a_query_for_the_cookie_alone),
		TEST(rfc7828_keepalive_is_told_over_tcp_to_who_asks),
		TEST(rfc8914_errors_say_why),
		TEST(rfc8914_stale_answers_say_so),
		TEST(rfc8914_answers_of_what_is_all_down_say_so),
		TEST(rfc8914_a_level_that_climbs_says_why),
		TEST(rfc4892_what_the_server_says_of_itself),
		TEST(rfc6895_3_1_types_that_are_only_asked_for),
		TEST(rfc6891_6_1_1_who_sends_an_opt_gets_one_whatever_is_asked),
		TEST(rfc8914_4_21_names_of_other_zones_are_not_ours),
		TEST(octets_behind_the_message_are_a_format_error),
		TEST(addresses_rotate_from_answer_to_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

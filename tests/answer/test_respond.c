/* Single messages, octet by octet: header, EDNS, sizes, truncation, refusals; RFC sections in the
 * names. */
#include "world.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static struct world world;
static uint8_t message[MESSAGE_SIZE_MAX], answer[MESSAGE_SIZE_MAX];

static int set_up(void **state)
{
	(void)state;
	char many[2048] = "c=";
	for (unsigned i = 1; i <= 60; i++) {
		size_t used = strlen(many);
		(void)snprintf(many + used, sizeof many - used, "192.0.2.%u,", i);
	}
	world_init(&world);
	world_cluster(&world, "c", "ra: za", READY_TRUE, 0);
	world_service(&world, "ns/one", "c=192.0.2.1");
	world_service(&world, "ns/many", many);
	world_commit(&world, COMMIT_REPLACE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_clear(&world);
	return 0;
}

static size_t send_message(size_t size, bool tcp, const struct address *client)
{
	struct answer_counters counters = {0};
	const struct query query = {.data = message, .size = size, .client = *client, .tcp = tcp};
	const struct root *root = zone_enter(world.zone, 0);
	size_t got = respond(root, &counters, &query, answer, tcp ? sizeof answer : 4096);
	zone_leave(world.zone, 0);
	assert_int_equal(counters.dropped[ANSWER_DROP_SHORT] + counters.dropped[ANSWER_DROP_RESPONSE],
	                 got == 0);
	assert_int_equal(counters.queries, got != 0);
	return got;
}

static size_t send_udp(size_t size)
{
	const struct address client = {4, {127, 0, 0, 1}};
	return send_message(size, false, &client);
}

/* Append an OPT record (RFC 6891 section 6.1.2) and count it. */
static size_t add_opt(size_t size, uint16_t udp_size, uint8_t version, bool dnssec_ok)
{
	const uint8_t opt[11] = {
		0, 0, 41, (uint8_t)(udp_size >> 8), (uint8_t)udp_size, 0, version, dnssec_ok ? 0x80 : 0};
	memcpy(message + size, opt, sizeof opt);
	message[11]++;
	return size + sizeof opt;
}

static unsigned rcode_of(size_t size)
{
	assert_true(size >= 12);
	return answer[3] & 15;
}

static void rfc1035_4_1_1_header_bits(void **state)
{
	(void)state;
	size_t size = world_query("OnE.ns.fed.svc.EXAMPLE", TYPE_A, message);
	memcpy(message + 12, "\3OnE", 4); /* world_query() folds */
	message[3] = 0x70;                /* Z, AD, CD */
	size_t got = send_udp(size);
	assert_int_equal(got, size + 16);
	assert_memory_equal(answer, "\x12\x34\x85\x00\0\1\0\1\0\0\0\0", 12);
	assert_memory_equal(answer + 12, message + 12, size - 12); /* letter case kept */
	message[2] = 0;                                            /* RD */
	(void)send_udp(size);
	assert_int_equal(answer[2], 0x84);
}

static void rfc1035_4_1_1_responses_and_scraps_are_dropped(void **state)
{
	(void)state;
	size_t size = world_query("one.ns.fed.svc.example", TYPE_A, message);
	for (size_t cut = 0; cut < 12; cut++)
		assert_int_equal(send_udp(cut), 0);
	message[2] |= 0x80;
	assert_int_equal(send_udp(size), 0);
}

static void rfc1035_4_1_2_cut_questions_are_format_errors(void **state)
{
	(void)state;
	size_t size = world_query("one.ns.fed.svc.example", TYPE_A, message);
	for (size_t cut = 12; cut < size; cut++) {
		assert_int_equal(send_udp(cut), 12);
		assert_int_equal(rcode_of(12), RCODE_FORMERR);
	}
	message[12] = 0xc0; /* a pointer, to itself */
	message[13] = 12;
	assert_int_equal(rcode_of(send_udp(size)), RCODE_FORMERR);
	message[12] = 0x41; /* RFC 1035 section 4.1.4: reserved */
	assert_int_equal(rcode_of(send_udp(size)), RCODE_FORMERR);
}

static void rfc9619_one_question(void **state)
{
	(void)state;
	size_t size = world_query("one.ns.fed.svc.example", TYPE_A, message);
	message[5] = 2;
	assert_int_equal(rcode_of(send_udp(size)), RCODE_FORMERR);
	message[5] = 0;
	assert_int_equal(rcode_of(send_udp(12)), RCODE_FORMERR);
}

static void rfc1035_4_1_1_other_opcodes(void **state)
{
	(void)state;
	const struct {
		uint8_t opcode;
		unsigned rcode;
	} cases[] = {{1, RCODE_NOTIMP},  {2, RCODE_NOTIMP}, {4, RCODE_REFUSED},
	             {5, RCODE_REFUSED}, {6, RCODE_NOTIMP}, {15, RCODE_NOTIMP}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t size = world_query("example", TYPE_SOA, message);
		message[2] = (uint8_t)(cases[i].opcode << 3);
		assert_int_equal(rcode_of(send_udp(size)), cases[i].rcode);
		assert_int_equal(answer[2], 0x80 | cases[i].opcode << 3);
	}
}

/* What stands behind the header is for those to read who know the opcode. */
static void rfc8906_3_1_4_unknown_opcodes_are_not_implemented_whatever_follows(void **state)
{
	(void)state;
	size_t size = world_query("example", TYPE_SOA, message);
	for (size_t cut = 12; cut < size; cut++) {
		message[2] = 6 << 3;
		assert_int_equal(send_udp(cut), 12);
		assert_int_equal(rcode_of(12), RCODE_NOTIMP);
		message[2] = OPCODE_NOTIFY << 3;
		assert_int_equal(rcode_of(send_udp(cut)), RCODE_FORMERR);
	}
}

static void other_classes_and_transfers_are_refused(void **state)
{
	(void)state;
	size_t size = world_query("example", TYPE_SOA, message);
	message[size - 1] = CLASS_CH;
	assert_int_equal(rcode_of(send_udp(size)), RCODE_REFUSED);
	size = world_query("example", TYPE_AXFR, message);
	assert_int_equal(rcode_of(send_udp(size)), RCODE_REFUSED);
}

static void rfc1035_4_2_1_udp_without_edns_is_512_octets(void **state)
{
	(void)state;
	size_t size = world_query("many.ns.fed.svc.example", TYPE_A, message);
	assert_int_equal(send_udp(size), size); /* the RRset whole or not at all: RFC 2181 section 9 */
	assert_int_equal(answer[2] & 2, 2);
	assert_int_equal(answer[7], 0);
	const struct address client = {4, {127, 0, 0, 1}};
	assert_int_equal(send_message(size, true, &client), size + 60 * 16);
	assert_int_equal(answer[2] & 2, 0);
}

/* Eight name servers elsewhere, with names of 68 octets: 641 octets of NS and one address of ours.
 */
static void rfc2181_9_without_the_name_servers_their_addresses_are_no_help(void **state)
{
	(void)state;
	struct zone_policy *zone = &world.policy.zone;
	for (uint8_t i = 1; i <= 8; i++) {
		struct name *name = &zone->nameservers[i].name;
		*name = (struct name){.size = 1};
		for (unsigned labels = 0; labels < 2; labels++)
			assert_int_equal(name_prepend(name, bytes_of("name-server-with-a-long-label-33c")),
			                 ERR_OK);
		name->octets[1] = (uint8_t)('a' + i);
	}
	zone->nameserver_count = 9;
	assert_int_equal(zone_set_policy(world.zone, &world.policy, &world.why), ERR_OK);
	world_publish(&world);
	size_t size = world_query("example", TYPE_NS, message);
	assert_int_equal(send_udp(size), size);
	assert_memory_equal(answer + 2, "\x87\0\0\1\0\0\0\0\0\0", 10);
	assert_true(send_udp(add_opt(size, 1232, 0, false)) > 512);
	assert_memory_equal(answer + 2, "\x85\0\0\1\0\x09\0\0\0\2", 10);
}

static void rfc6891_6_2_sizes(void **state)
{
	(void)state;
	const struct {
		uint16_t offered;
		bool truncated;
	} cases[] = {{0, true}, {511, true}, {1000, true}, {1024, false}, {65535, false}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t size = world_query("many.ns.fed.svc.example", TYPE_A, message);
		size_t whole = size + 60 * 16 + 11;
		size_t got = send_udp(add_opt(size, cases[i].offered, 0, false));
		assert_int_equal(got, cases[i].truncated ? size + 11 : whole);
		assert_int_equal((answer[2] & 2) != 0, cases[i].truncated);
	}
}

static void rfc6891_6_1_3_opt_in_the_reply(void **state)
{
	(void)state;
	size_t size = world_query("one.ns.fed.svc.example", TYPE_A, message);
	size_t got = send_udp(add_opt(size, 1232, 0, true));
	assert_int_equal(got, size + 16 + 11);
	/* root, OPT, 1232, no extended RCODE, version 0, DO echoed (RFC 3225 section 3), no options */
	assert_memory_equal(answer + got - 11, "\0\0\x29\x04\xd0\0\0\x80\0\0\0", 11);

	size = world_query("one.ns.fed.svc.example", TYPE_A, message);
	got = send_udp(add_opt(size, 1232, 1, false));
	assert_int_equal(got, size + 11);
	assert_memory_equal(answer + got - 11, "\0\0\x29\x04\xd0\1\0\0\0\0\0", 11); /* BADVERS */
	assert_int_equal(rcode_of(got), 0);

	memset(message + 4, 0, 8); /* without a question, too */
	got = send_udp(add_opt(12, 1232, 1, false));
	assert_int_equal(got, 12 + 11);
	assert_memory_equal(answer + 12, "\0\0\x29\x04\xd0\1\0\0\0\0\0", 11);
	assert_int_equal(rcode_of(got), 0);
}

static void rfc6891_6_1_1_opt_twice_or_elsewhere_is_a_format_error(void **state)
{
	(void)state;
	size_t size = world_query("one.ns.fed.svc.example", TYPE_A, message);
	size = add_opt(add_opt(size, 1232, 0, false), 1232, 0, false);
	assert_int_equal(rcode_of(send_udp(size)), RCODE_FORMERR);

	size = add_opt(world_query("one.ns.fed.svc.example", TYPE_A, message), 1232, 0, false);
	message[9] = message[11]; /* in the authority section */
	message[11] = 0;
	assert_int_equal(rcode_of(send_udp(size)), RCODE_FORMERR);

	size = add_opt(world_query("one.ns.fed.svc.example", TYPE_A, message), 1232, 0, false);
	for (size_t cut = size - 10; cut < size; cut++)
		assert_int_equal(rcode_of(send_udp(cut)), RCODE_FORMERR);
}

static void clients_outside_allow_are_refused(void **state)
{
	(void)state;
	struct why why;
	const struct address other = {4, {192, 0, 2, 1}}, mine = {4, {127, 9, 9, 9}};
	assert_int_equal(prefix_parse(bytes_of("127.0.0.0/8"), &world.policy.allow[0], &why), ERR_OK);
	assert_int_equal(zone_set_policy(world.zone, &world.policy, &why), ERR_OK);
	world_publish(&world);
	size_t size = world_query("one.ns.fed.svc.example", TYPE_A, message);
	assert_int_equal(rcode_of(send_message(size, false, &other)), RCODE_REFUSED);
	assert_int_equal(rcode_of(send_message(size, false, &mine)), RCODE_NOERROR);
}

static void without_a_state_it_is_servfail(void **state)
{
	(void)state;
	struct zone *ready = world.zone;
	world.zone = zone_new(1, 1);
	size_t size = world_query("one.ns.fed.svc.example", TYPE_A, message);
	assert_int_equal(rcode_of(send_udp(size)), RCODE_SERVFAIL);
	assert_int_equal(answer[2] & 4, 0);
	zone_free(world.zone);
	world.zone = ready;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rfc1035_4_1_1_header_bits),
		TEST(rfc1035_4_1_1_responses_and_scraps_are_dropped),
		TEST(rfc1035_4_1_2_cut_questions_are_format_errors),
		TEST(rfc9619_one_question),
		TEST(rfc1035_4_1_1_other_opcodes),
		TEST(rfc8906_3_1_4_unknown_opcodes_are_not_implemented_whatever_follows),
		TEST(other_classes_and_transfers_are_refused),
		TEST(rfc1035_4_2_1_udp_without_edns_is_512_octets),
		TEST(rfc2181_9_without_the_name_servers_their_addresses_are_no_help),
		TEST(rfc6891_6_2_sizes),
		TEST(rfc6891_6_1_3_opt_in_the_reply),
		TEST(rfc6891_6_1_1_opt_twice_or_elsewhere_is_a_format_error),
		TEST(clients_outside_allow_are_refused),
		TEST(without_a_state_it_is_servfail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

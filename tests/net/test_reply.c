/* reply: what is read from a resolver's message, and that any other octets are refused with a
 * sentence. */
#include "check.h"

#include "reply.h"
#include "wire.h"

#include <string.h>

static struct wire begin(uint8_t rcode, uint16_t type)
{
	struct wire wire;
	wire_header(&wire, 1, rcode);
	wire_question(&wire, "www.example.", type);
	return wire;
}

static enum err read_reply(const struct wire *wire, uint8_t family, struct reply *out)
{
	struct why why = {{0}};
	struct name host = name_of("www.example.");
	struct bytes message = {wire->octets, wire->size};
	enum err err = reply_read(message, &host, family, out, &why);
	if (err == ERR_OK) {
		assert_string_equal(why.text, "");
	} else {
		assert_string_not_equal(why.text, "");
		assert_int_equal(out->status, RESOLVED_FAILED);
		assert_int_equal(out->address_count, 0);
	}
	return err;
}

static void expect(const struct wire *wire, uint8_t family, enum resolved_status status,
                   uint32_t ttl_s, size_t count)
{
	struct reply reply;
	assert_int_equal(read_reply(wire, family, &reply), ERR_OK);
	assert_int_equal(reply.status, status);
	assert_int_equal(reply.ttl_s, ttl_s);
	assert_int_equal(reply.address_count, count);
}

static void refuse(const struct wire *wire, const char *words)
{
	struct reply reply;
	struct why why = {{0}};
	struct name host = name_of("www.example.");
	assert_int_equal(read_reply(wire, 4, &reply), ERR_INVALID);
	struct bytes message = {wire->octets, wire->size};
	assert_int_equal(reply_read(message, &host, 4, &reply, &why), ERR_INVALID);
	if (strstr(why.text, words) == NULL)
		fail_msg("%s", why.text);
}

static void addresses_of_the_family_with_the_smallest_ttl(void **state)
{
	(void)state;
	struct wire wire = begin(0, TYPE_A);
	struct reply reply;
	wire_address(&wire, WIRE_ANSWER, "www.example.", 300, "192.0.2.1");
	wire_address(&wire, WIRE_ANSWER, "WWW.example.", 200, "192.0.2.2");
	wire_address(&wire, WIRE_ANSWER, "other.example.", 1, "192.0.2.3");
	wire_address(&wire, WIRE_ANSWER, "www.example.", 2, "2001:db8::1");
	expect(&wire, 4, RESOLVED_ADDRESSES, 200, 2);
	expect(&wire, 6, RESOLVED_ADDRESSES, 2, 1);
	assert_int_equal(read_reply(&wire, 4, &reply), ERR_OK);
	const struct address first = address_of("192.0.2.1"), second = address_of("192.0.2.2");
	assert_int_equal(address_compare(&reply.addresses[0], &first), 0);
	assert_int_equal(address_compare(&reply.addresses[1], &second), 0);
}

static void cnames_are_followed_in_any_order_and_count_for_the_ttl(void **state)
{
	(void)state;
	struct wire wire = begin(0, TYPE_A);
	wire_address(&wire, WIRE_ANSWER, "c.example.", 300, "192.0.2.1");
	wire_name(&wire, WIRE_ANSWER, "b.example.", TYPE_CNAME, 20, "c.example.");
	wire_name(&wire, WIRE_ANSWER, "www.example.", TYPE_CNAME, 400, "b.example.");
	expect(&wire, 4, RESOLVED_ADDRESSES, 20, 1);
	expect(&wire, 6, RESOLVED_NODATA, 0, 0);
}

/* RFC 2308 section 5: the lesser of the SOA's own TTL and its MINIMUM. */
static void negative_replies_carry_the_soa_ttl(void **state)
{
	(void)state;
	const struct {
		uint8_t rcode;
		uint32_t ttl_s, minimum_s, expect_s;
		enum resolved_status status;
	} cases[] = {
		{0, 600, 30, 30, RESOLVED_NODATA},
		{0, 30, 600, 30, RESOLVED_NODATA},
		{3, 600, 45, 45, RESOLVED_NONAME},
		{3, 0x80000000u, 45, 0, RESOLVED_NONAME}, /* RFC 2181 section 8 */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct wire wire = begin(cases[i].rcode, TYPE_A);
		wire_soa(&wire, "example.", cases[i].ttl_s, cases[i].minimum_s);
		expect(&wire, 4, cases[i].status, cases[i].expect_s, 0);
	}
	struct wire bare = begin(3, TYPE_A);
	expect(&bare, 4, RESOLVED_NONAME, 0, 0);
	bare = begin(0, TYPE_A);
	expect(&bare, 4, RESOLVED_NODATA, 0, 0);
}

static void a_chain_into_nothing_is_negative_with_the_smallest_ttl(void **state)
{
	(void)state;
	for (uint8_t rcode = 0; rcode <= 3; rcode = (uint8_t)(rcode + 3)) {
		struct wire wire = begin(rcode, TYPE_A);
		wire_name(&wire, WIRE_ANSWER, "www.example.", TYPE_CNAME, 10, "b.example.");
		wire_soa(&wire, "example.", 600, 30);
		expect(&wire, 4, rcode == 0 ? RESOLVED_NODATA : RESOLVED_NONAME, 10, 0);
	}
}

static void too_many_addresses_are_cut(void **state)
{
	(void)state;
	struct wire wire = begin(0, TYPE_A);
	for (unsigned i = 0; i < RESOLVED_ADDRESSES_MAX + 10; i++)
		wire_address(&wire, WIRE_ANSWER, "www.example.", 60, "192.0.2.1");
	expect(&wire, 4, RESOLVED_ADDRESSES, 60, RESOLVED_ADDRESSES_MAX);
}

static void unusable_replies_say_why(void **state)
{
	(void)state;
	struct wire wire = begin(2, TYPE_A);
	refuse(&wire, "SERVFAIL");
	wire = begin(5, TYPE_A);
	refuse(&wire, "REFUSED");
	wire = begin(0, TYPE_A);
	wire.octets[2] &= 0x7f;
	refuse(&wire, "a question");
	wire = begin(0, TYPE_A);
	wire_name(&wire, WIRE_AUTHORITY, "example.", TYPE_NS, 60, "ns.example.");
	refuse(&wire, "referral");
	wire = begin(0, TYPE_A);
	wire_name(&wire, WIRE_ANSWER, "www.example.", TYPE_CNAME, 60, "b.example.");
	wire_name(&wire, WIRE_ANSWER, "b.example.", TYPE_CNAME, 60, "www.example.");
	refuse(&wire, "CNAMEs in a row");
}

static void octets_that_are_no_message_are_refused(void **state)
{
	(void)state;
	struct wire wire = {.size = 0};
	refuse(&wire, "not a DNS message");
	memset(wire.octets, 0xff, sizeof wire.octets);
	wire.size = 512;
	refuse(&wire, "not a DNS message");
	/* The answer's owner is a compression pointer to itself. */
	wire = begin(0, TYPE_A);
	wire.octets[7] = 1;
	wire.octets[wire.size] = 0xc0;
	wire.octets[wire.size + 1] = (uint8_t)wire.size;
	wire.size += 20;
	refuse(&wire, "not a DNS message");
}

/* Any beginning of a good reply, and any octet of it changed, is read or refused; the sanitizers
 * watch. */
static void damaged_replies_do_no_harm(void **state)
{
	(void)state;
	struct wire good = begin(0, TYPE_A);
	wire_name(&good, WIRE_ANSWER, "www.example.", TYPE_CNAME, 60, "b.example.");
	wire_address(&good, WIRE_ANSWER, "b.example.", 60, "192.0.2.1");
	wire_soa(&good, "example.", 600, 30);
	struct reply reply;
	for (size_t size = 0; size < good.size; size++) {
		struct wire cut = good;
		cut.size = size;
		assert_int_equal(read_reply(&cut, 4, &reply), ERR_INVALID);
	}
	for (size_t at = 0; at < good.size; at++) {
		for (unsigned flip = 1; flip < 256; flip++) {
			struct wire changed = good;
			changed.octets[at] ^= (uint8_t)flip;
			enum err err = read_reply(&changed, 4, &reply);
			assert_true(err == ERR_OK || err == ERR_INVALID);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_the_family_with_the_smallest_ttl),
		cmocka_unit_test(cnames_are_followed_in_any_order_and_count_for_the_ttl),
		cmocka_unit_test(negative_replies_carry_the_soa_ttl),
		cmocka_unit_test(a_chain_into_nothing_is_negative_with_the_smallest_ttl),
		cmocka_unit_test(too_many_addresses_are_cut),
		cmocka_unit_test(unusable_replies_say_why),
		cmocka_unit_test(octets_that_are_no_message_are_refused),
		cmocka_unit_test(damaged_replies_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

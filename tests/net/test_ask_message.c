/* ask_message: what is read from a server's answer, and that any other octets are refused with a
 * sentence. */
#include "check.h"

#include "ask_message.h"
#include "wire.h"

#include <string.h>

static struct wire begin(uint8_t rcode)
{
	struct wire wire;
	wire_header(&wire, 1, rcode);
	wire_question(&wire, "example.", TYPE_NS);
	return wire;
}

/* In a referral's shape: names in rdata, one of them a pointer to the question's. */
static struct wire referral(void)
{
	struct wire wire = begin(0);
	static const uint8_t pointing[] = {0xc0, 12, 0, 2, 0,   1,   0,   0,    1,
	                                   0,    0,  6, 3, 'N', 's', '2', 0xc0, 12};
	wire_name(&wire, WIRE_AUTHORITY, "example.", TYPE_NS, 600, "ns1.example.");
	memcpy(wire.octets + wire.size, pointing, sizeof pointing);
	wire.size += sizeof pointing;
	wire.octets[9]++;
	wire_address(&wire, WIRE_ADDITIONAL, "ns1.example.", 600, "192.0.2.53");
	return wire;
}

/* An OPT whose TTL begins with `upper`. */
static void opt_add(struct wire *wire, uint8_t upper)
{
	const uint8_t opt[] = {0, 0, TYPE_OPT, 4, 0xd0, upper, 0, 0, 0, 0, 0};
	memcpy(wire->octets + wire->size, opt, sizeof opt);
	wire->size += sizeof opt;
	wire->octets[11]++;
}

static enum err read_it(const struct wire *wire, struct ask_message *out, struct why *why)
{
	struct name name = name_of("example.");
	*why = (struct why){{0}};
	enum err err =
		ask_message_read((struct bytes){wire->octets, wire->size}, &name, TYPE_NS, out, why);
	assert_int_equal(err == ERR_OK, why->text[0] == '\0');
	return err;
}

static void a_referral_is_read(void **state)
{
	(void)state;
	struct ask_message message;
	struct why why;
	struct wire wire = referral();
	opt_add(&wire, 0);
	assert_int_equal(read_it(&wire, &message, &why), ERR_OK);
	const size_t counts[] = {0, 2, 1};
	assert_memory_equal(message.rr_count, counts, sizeof counts);
	const char *targets[] = {"ns1.example.", "ns2.example."};
	for (size_t i = 0; i < 2; i++) {
		struct name target = name_of(targets[i]);
		assert_true(bytes_equal(message.rrs[i].rdata, name_bytes(&target)));
	}
	assert_int_equal(message.rrs[1].ttl_s, 256);
	assert_int_equal(message.rrs[2].rdata.size, V4_SIZE);
	assert_int_equal(message.rcode, 0);
	ask_message_clear(&message);
}

static void the_rcode_has_twelve_bits(void **state)
{
	(void)state;
	struct ask_message message;
	struct why why;
	struct wire wire = begin(7);
	opt_add(&wire, 1);
	assert_int_equal(read_it(&wire, &message, &why), ERR_OK);
	assert_int_equal(message.rcode, RCODE_BADCOOKIE);
	ask_message_clear(&message);
}

static void refused(const struct wire *wire, const char *words)
{
	struct ask_message message;
	struct why why;
	assert_int_equal(read_it(wire, &message, &why), ERR_INVALID);
	assert_null(message.rrs);
	if (strstr(why.text, words) == NULL)
		fail_msg("%s", why.text);
}

static void what_is_no_answer_to_this_is_refused(void **state)
{
	(void)state;
	struct wire wire = referral();
	wire.octets[2] &= 0x7f;
	refused(&wire, "it is a question");
	wire = referral();
	wire.octets[2] |= 0x20;
	refused(&wire, "OPCODE");
	wire = referral();
	wire.octets[5] = 2;
	refused(&wire, "one question");
	wire = referral();
	wire.octets[13] ^= 1;
	refused(&wire, "another question");
	wire = referral();
	wire.octets[22] ^= 1; /* QTYPE */
	refused(&wire, "another question");
	wire = referral();
	wire.octets[wire.size++] = 0;
	refused(&wire, "left over");
	wire = referral();
	opt_add(&wire, 0);
	opt_add(&wire, 0);
	refused(&wire, "two OPTs");
	wire = referral();
	wire.octets[wire.size - 5] = 3; /* RDLENGTH of an A, and its last octet gone */
	wire.size--;
	refused(&wire, "");
}

/* Wherever it is cut, it is no message any more. */
static void every_prefix_is_refused(void **state)
{
	(void)state;
	struct wire wire = referral();
	size_t size = wire.size;
	for (wire.size = 0; wire.size < size; wire.size++)
		refused(&wire, "no DNS message");
}

static void more_records_than_are_handed_over_are_cut(void **state)
{
	(void)state;
	enum { COUNT = ASK_RRS_MAX + 10 };
	static uint8_t octets[65535];
	static const uint8_t rr[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 1};
	struct wire wire = begin(0);
	struct name name = name_of("example.");
	struct ask_message message;
	struct why why = {{0}};
	memcpy(octets, wire.octets, wire.size);
	size_t size = wire.size;
	for (size_t i = 0; i < COUNT; i++, size += sizeof rr)
		memcpy(octets + size, rr, sizeof rr);
	octets[6] = COUNT >> 8;
	octets[7] = COUNT & 0xff;
	assert_int_equal(ask_message_read((struct bytes){octets, size}, &name, TYPE_NS, &message, &why),
	                 ERR_OK);
	assert_int_equal(message.rr_count[ASK_ANSWER], ASK_RRS_MAX);
	assert_int_equal(message.rrs[ASK_RRS_MAX - 1].rdata.data[0], 192);
	ask_message_clear(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_referral_is_read),
		cmocka_unit_test(the_rcode_has_twelve_bits),
		cmocka_unit_test(what_is_no_answer_to_this_is_refused),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(more_records_than_are_handed_over_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* record_list_add_rrset: from the wire to the provider's text, and what the provider can't hold. */
#include "plan_bed.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

/* A wire text: its octets, and the NUL that the compiler puts behind them where `root` says so. */
#define WIRE(text)                                                                                 \
	{                                                                                              \
		(const uint8_t *)(text), sizeof(text)                                                      \
	}
#define OCTETS(text)                                                                               \
	{                                                                                              \
		(const uint8_t *)(text), sizeof(text) - 1                                                  \
	}

static const struct bytes DOMAIN = WIRE("\7example\3org");

static enum err add(struct record_list *list, struct bytes domain, struct bytes owner,
                    uint16_t type, struct bytes rdata, struct why *why)
{
	struct name name = {.size = (uint8_t)domain.size};
	memcpy(name.octets, domain.data, domain.size);
	const struct rrset set = {
		.owner = owner, .type = type, .count = 1, .ttl_s = 180, .rdata = &rdata};
	return record_list_add_rrset(list, &name, &set, why);
}

static void writes_the_providers_text(void **state)
{
	(void)state;
	static const struct {
		struct bytes owner;
		uint16_t type;
		struct bytes rdata;
		const char *record;
	} CASES[] = {
		{WIRE("\7example\3org"), TYPE_A, OCTETS("\300\0\2\1"), "@ A 180 192.0.2.1"},
		{WIRE("\1b\1a\7example\3org"), TYPE_A, OCTETS("\300\0\2\1"), "b.a A 180 192.0.2.1"},
		{WIRE("\1*\7example\3org"), TYPE_AAAA, OCTETS("\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"),
	     "* AAAA 180 2001:db8::1"},
		{WIRE("\3www\7example\3org"), TYPE_CNAME, WIRE("\1w\7example\3ORG"),
	     "www CNAME 180 w.example.org"},
		{WIRE("\3fed\7example\3org"), TYPE_NS, WIRE("\3ns1\1x"), "fed NS 180 ns1.x"},
		{WIRE("\5_http\4_tcp\1w\7example\3org"), TYPE_SRV, WIRE("\0\012\0\0\377\377\1w\1x"),
	     "_http._tcp.w SRV 180 10 0 65535 w.x"},
		{WIRE("\1t\7example\3org"), TYPE_TXT, OCTETS("\5Hello\0\6 World"), "t TXT 180 Hello World"},
	};
	struct record_list *list = record_list_new();
	struct why why;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		assert_int_equal(add(list, DOMAIN, CASES[i].owner, CASES[i].type, CASES[i].rdata, &why),
		                 ERR_OK);
		char text[512];
		const struct record *record = record_list_at(list, i);
		record_text(record, record->ttl_s, text, sizeof text);
		assert_string_equal(text, CASES[i].record);
		assert_int_equal(record->mark, MARK_OURS);
		assert_int_equal(record->id.size, 0);
	}
	record_list_free(list);
}

static void refuses_what_the_provider_cannot_hold(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		struct bytes owner;
		uint16_t type;
		struct bytes rdata;
	} CASES[] = {
		{"above", WIRE("\3org"), TYPE_A, OCTETS("\300\0\2\1")},
		{"beside", WIRE("\1a\7exbmple\3org"), TYPE_A, OCTETS("\300\0\2\1")},
		{"ends alike, inside a label", WIRE("\011\7example\3org"), TYPE_A, OCTETS("\300\0\2\1")},
		{"octet", WIRE("\3a b\7example\3org"), TYPE_A, OCTETS("\300\0\2\1")},
		{"dot", WIRE("\3a.b\7example\3org"), TYPE_A, OCTETS("\300\0\2\1")},
		{"at", WIRE("\1@\7example\3org"), TYPE_A, OCTETS("\300\0\2\1")},
		{"high", WIRE("\2\303\244\7example\3org"), TYPE_A, OCTETS("\300\0\2\1")},
		{"hyphen first", WIRE("\2-a\7example\3org"), TYPE_A, OCTETS("\300\0\2\1")},
		{"hyphen last", WIRE("\2a-\7example\3org"), TYPE_A, OCTETS("\300\0\2\1")},
		{"star inside", WIRE("\1a\1*\7example\3org"), TYPE_A, OCTETS("\300\0\2\1")},
		{"star with more", WIRE("\2*a\7example\3org"), TYPE_A, OCTETS("\300\0\2\1")},
		{"no name", OCTETS(""), TYPE_A, OCTETS("\300\0\2\1")},
		{"cut name", OCTETS("\7exam"), TYPE_A, OCTETS("\300\0\2\1")},
		{"pointer", OCTETS("\300\14"), TYPE_A, OCTETS("\300\0\2\1")},
		{"short A", WIRE("\1a\7example\3org"), TYPE_A, OCTETS("\300\0\2")},
		{"long AAAA", WIRE("\1a\7example\3org"), TYPE_AAAA, OCTETS("12345678901234567")},
		{"root target", WIRE("\1a\7example\3org"), TYPE_CNAME, OCTETS("\0")},
		{"no target", WIRE("\1a\7example\3org"), TYPE_CNAME, OCTETS("")},
		{"after target", WIRE("\1a\7example\3org"), TYPE_CNAME, OCTETS("\1a\0\1")},
		{"cut target", WIRE("\1a\7example\3org"), TYPE_NS, OCTETS("\5ab")},
		{"target's octet", WIRE("\1a\7example\3org"), TYPE_NS, WIRE("\3a/b")},
		{"short SRV", WIRE("\1a\7example\3org"), TYPE_SRV, OCTETS("\0\1\0\1\0\1")},
		{"SRV to the root", WIRE("\1a\7example\3org"), TYPE_SRV, OCTETS("\0\1\0\1\0\1\0")},
		{"empty TXT", WIRE("\1a\7example\3org"), TYPE_TXT, OCTETS("\0")},
		{"TXT without string", WIRE("\1a\7example\3org"), TYPE_TXT, OCTETS("")},
		{"cut TXT", WIRE("\1a\7example\3org"), TYPE_TXT, OCTETS("\5ab")},
		{"quote", WIRE("\1a\7example\3org"), TYPE_TXT, OCTETS("\3a\"b")},
		{"backslash", WIRE("\1a\7example\3org"), TYPE_TXT, OCTETS("\3a\\b")},
		{"final blank", WIRE("\1a\7example\3org"), TYPE_TXT, OCTETS("\2a ")},
		{"line feed", WIRE("\1a\7example\3org"), TYPE_TXT, OCTETS("\3a\nb")},
		{"SOA", WIRE("\7example\3org"), TYPE_SOA, OCTETS("x")},
	};
	struct record_list *list = record_list_new();
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct why why = {{0}};
		if (add(list, DOMAIN, CASES[i].owner, CASES[i].type, CASES[i].rdata, &why) != ERR_INVALID)
			fail_msg("taken: %s", CASES[i].what);
		assert_int_not_equal(why.text[0], '\0');
	}
	assert_int_equal(record_list_count(list), 0);
	record_list_free(list);
}

static void says_what_is_wrong(void **state)
{
	(void)state;
	struct record_list *list = record_list_new();
	struct why why = {{0}};
	assert_int_equal(add(list, DOMAIN, (struct bytes)WIRE("\1a\3b/c\7example\3org"), TYPE_A,
	                     (struct bytes)OCTETS("\300\0\2\1"), &why),
	                 ERR_INVALID);
	assert_string_equal(
		why.text, "a A: no name in example.org., or one with a label that the provider can't hold");
	assert_int_equal(add(list, DOMAIN, DOMAIN, TYPE_SOA, (struct bytes)OCTETS("x"), &why),
	                 ERR_INVALID);
	assert_string_equal(why.text, "@ SOA: the provider can't hold value 1 of its 1");
	record_list_free(list);
}

static void takes_all_of_a_set_or_nothing(void **state)
{
	(void)state;
	const struct bytes rdata[3] = {OCTETS("\300\0\2\1"), OCTETS("\300\0\2\2"), OCTETS("bad")};
	struct rrset set = {.owner = DOMAIN, .type = TYPE_A, .count = 3, .ttl_s = 180, .rdata = rdata};
	struct name domain = {.size = (uint8_t)DOMAIN.size};
	memcpy(domain.octets, DOMAIN.data, DOMAIN.size);
	struct record_list *list = record_list_new();
	struct why why;
	assert_int_equal(record_list_add_rrset(list, &domain, &set, &why), ERR_INVALID);
	assert_int_equal(record_list_count(list), 0);
	set.count = 2;
	assert_int_equal(record_list_add_rrset(list, &domain, &set, &why), ERR_OK);
	assert_int_equal(record_list_count(list), 2);
	record_list_free(list);
}

/* The longest that there is: 127 labels, a TXT of 511 octets. */
static void takes_the_longest(void **state)
{
	(void)state;
	uint8_t owner[NAME_SIZE_MAX], text[2 + 255 + 256 + 1];
	for (size_t i = 0; i + 1 < sizeof owner; i += 2) {
		owner[i] = 1;
		owner[i + 1] = 'a';
	}
	owner[sizeof owner - 1] = 0;
	memset(text, 'x', sizeof text);
	text[0] = 255;
	text[256] = 255;
	text[512] = 1;
	static const struct bytes ROOT = OCTETS("\0");
	struct record_list *list = record_list_new();
	struct why why;
	struct bytes name = {owner, sizeof owner};
	assert_int_equal(add(list, ROOT, name, TYPE_TXT, (struct bytes){text, sizeof text}, &why),
	                 ERR_OK);
	assert_int_equal(record_list_at(list, 0)->rr.size, 253);
	assert_int_equal(record_list_at(list, 0)->value.size, 511);
	assert_int_equal(add(list, ROOT, name, TYPE_CNAME, name, &why), ERR_OK);
	assert_int_equal(record_list_at(list, 1)->value.size, 253);
	uint8_t longer[2 + 255 + 256 + 2];
	memset(longer, 'x', sizeof longer);
	memcpy(longer, text, 513);
	longer[512] = 2;
	assert_int_equal(add(list, ROOT, name, TYPE_TXT, (struct bytes){longer, sizeof longer}, &why),
	                 ERR_INVALID);
	record_list_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_the_providers_text),
		cmocka_unit_test(refuses_what_the_provider_cannot_hold),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(takes_all_of_a_set_or_nothing),
		cmocka_unit_test(takes_the_longest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

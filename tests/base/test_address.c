/* address: strict text in, RFC 5952 text out; which addresses may be published. */
#include "fedns/address.h"

#include "check.h"

static void reads_and_writes(void **state)
{
	(void)state;
	const struct {
		const char *text;
		uint8_t family;
		const char *written;
	} cases[] = {
		{"120.55.149.69", 4, "120.55.149.69"},
		{"0.0.0.0", 4, "0.0.0.0"},
		{"255.255.255.255", 4, "255.255.255.255"},
		{"::", 6, "::"},
		{"::1", 6, "::1"},
		{"2001:DB8:0:0:1:0:0:1", 6, "2001:db8::1:0:0:1"},
		{"2001:db8:0:1:1:1:1:1", 6, "2001:db8:0:1:1:1:1:1"},
		{"2001:0db8::0001", 6, "2001:db8::1"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", 6,
	     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		{"64:ff9b::192.0.2.1", 6, "64:ff9b::c000:201"},
		{"::ffff:192.0.2.1", 4, "192.0.2.1"},
		{"::FFFF:c000:0201", 4, "192.0.2.1"},
		{"0:0:0:0:0:ffff:192.0.2.1", 4, "192.0.2.1"},
		{"::ffff:0:192.0.2.1", 6, "::ffff:0:c000:201"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct address address;
		struct why why = {{0}};
		assert_int_equal(address_parse(bytes_of(cases[i].text), &address, &why), ERR_OK);
		assert_int_equal(address.family, cases[i].family);
		char text[ADDRESS_TEXT_SIZE];
		address_text(&address, text);
		assert_string_equal(text, cases[i].written);
	}
}

#define BYTES(literal)                                                                             \
	{                                                                                              \
		(const uint8_t *)(literal), sizeof(literal) - 1                                            \
	}

static void refuses_anything_else(void **state)
{
	(void)state;
	static const struct bytes cases[] = {
		{NULL, 0},
		BYTES(" 1.2.3.4"),
		BYTES("1.2.3.4 "),
		BYTES("1.2.3.4\n"),
		BYTES("1.2.3.4\0"),
		BYTES("1.2.3.4\0junk"),
		BYTES("1.2.3"),
		BYTES("1.2.3.4.5"),
		BYTES("1.2.3."),
		BYTES("1.2.3.04"),
		BYTES("01.2.3.4"),
		BYTES("1.2.3.256"),
		BYTES("1.2.3.-4"),
		BYTES("0x1.2.3.4"),
		BYTES("16909060"),
		BYTES("1.2.3.4/32"),
		BYTES("fe80::1%eth0"),
		BYTES("[::1]"),
		BYTES("::1/128"),
		BYTES("1::2::3"),
		BYTES(":::"),
		BYTES("1:2:3:4:5:6:7"),
		BYTES("1:2:3:4:5:6:7:8:9"),
		BYTES("12345::"),
		BYTES("::1.2.3.04"),
		BYTES("::g"),
		BYTES("localhost"),
		BYTES("0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"),
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct address address = {.family = 9};
		struct why why = {{0}};
		assert_int_equal(address_parse(cases[i], &address, &why), ERR_INVALID);
		assert_int_equal(address.family, 0);
		assert_true(why.text[0] != '\0');
	}
}

static void takes_a_run_without_a_nul(void **state)
{
	(void)state;
	struct address address;
	struct why why;
	struct bytes text = {(const uint8_t *)"10.0.0.1234", 8};
	assert_int_equal(address_parse(text, &address, &why), ERR_OK);
	assert_int_equal(address.octets[3], 1);
}

static void says_what_may_be_published(void **state)
{
	(void)state;
	const struct {
		const char *text;
		const char *why; /* NULL: it may */
	} cases[] = {
		{"0.0.0.0", "0.0.0.0 is the unspecified address"},
		{"::", ":: is the unspecified address"},
		{"255.255.255.255", "255.255.255.255 is the limited broadcast address"},
		{"::ffff:255.255.255.255", "255.255.255.255 is the limited broadcast address"},
		{"224.0.0.0", "224.0.0.0 is a multicast address"},
		{"239.255.255.255", "239.255.255.255 is a multicast address"},
		{"ff00::", "ff00:: is a multicast address"},
		{"ffff::1", "ffff::1 is a multicast address"},
		{"223.255.255.255", NULL},
		{"240.0.0.1", NULL},
		{"255.255.255.254", NULL},
		{"0.0.0.1", NULL},
		{"10.0.0.1", NULL},
		{"127.0.0.1", NULL},
		{"169.254.0.1", NULL},
		{"::1", NULL},
		{"fe80::1", NULL},
		{"feff::1", NULL},
		{"e000::", NULL},
		{"ffff::", "ffff:: is a multicast address"},
		{"::255.255.255.255", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct address address;
		struct why why = {{0}};
		assert_int_equal(address_parse(bytes_of(cases[i].text), &address, &why), ERR_OK);
		enum err err = address_publishable(&address, &why);
		assert_int_equal(err, cases[i].why == NULL ? ERR_OK : ERR_INVALID);
		assert_string_equal(why.text, cases[i].why == NULL ? "" : cases[i].why);
	}
}

static void sorts_by_family_then_octets(void **state)
{
	(void)state;
	static const char *const ORDER[] = {"0.0.0.1", "9.0.0.0", "10.0.0.0", "200.0.0.1",
	                                    "::1",     "1::",     "fe80::"};
	for (size_t i = 0; i < sizeof ORDER / sizeof ORDER[0]; i++) {
		for (size_t j = 0; j < sizeof ORDER / sizeof ORDER[0]; j++) {
			struct address a, b;
			struct why why;
			assert_int_equal(address_parse(bytes_of(ORDER[i]), &a, &why), ERR_OK);
			assert_int_equal(address_parse(bytes_of(ORDER[j]), &b, &why), ERR_OK);
			int order = address_compare(&a, &b);
			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes),
		cmocka_unit_test(refuses_anything_else),
		cmocka_unit_test(takes_a_run_without_a_nul),
		cmocka_unit_test(says_what_may_be_published),
		cmocka_unit_test(sorts_by_family_then_octets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

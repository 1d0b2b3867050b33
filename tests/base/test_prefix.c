/* prefix: what is one, and which addresses it holds. */
#include "fedns/address.h"

#include "check.h"

static void holds_its_own(void **state)
{
	(void)state;
	const struct {
		const char *prefix, *inside, *outside;
	} cases[] = {
		{"0.0.0.0/0", "255.255.255.255", "::"},
		{"::/0", "ffff::", "0.0.0.0"},
		{"10.0.0.0/8", "10.255.0.1", "11.0.0.0"},
		{"10.64.0.0/10", "10.127.255.255", "10.128.0.0"},
		{"192.0.2.1", "192.0.2.1", "192.0.2.2"},
		{"192.0.2.1/32", "192.0.2.1", "192.0.2.0"},
		{"192.0.2.2/31", "192.0.2.3", "192.0.2.4"},
		{"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::"},
		{"2001:db8::1", "2001:db8::1", "2001:db8::"},
		{"::1/128", "::1", "::"},
		{"::ffff:10.0.0.0/104", "10.1.2.3", "11.0.0.0"},
		{"::ffff:0.0.0.0/96", "192.0.2.1", "::1"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct prefix prefix;
		struct address inside, outside;
		struct why why = {{0}};
		assert_int_equal(prefix_parse(bytes_of(cases[i].prefix), &prefix, &why), ERR_OK);
		assert_int_equal(address_parse(bytes_of(cases[i].inside), &inside, &why), ERR_OK);
		assert_int_equal(address_parse(bytes_of(cases[i].outside), &outside, &why), ERR_OK);
		assert_true(prefix_holds(&prefix, &inside));
		assert_false(prefix_holds(&prefix, &outside));
	}
}

static void refuses_what_is_none(void **state)
{
	(void)state;
	static const char *const CASES[] = {
		"",
		"/",
		"/8",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/08",
		"10.0.0.0/8 ",
		"10.0.0.0/8/8",
		"10.0.0.0/+8",
		"10.0.0.0/1000",
		"10.0.0.1/31",
		"10.0.0.0/4",
		"::/129",
		"::1/127",
		"8000::/0",
		"10/8",
		"fe80::%1/64",
		"::ffff:10.0.0.0/95",
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct prefix prefix = {.bits = 9};
		struct why why = {{0}};
		assert_int_equal(prefix_parse(bytes_of(CASES[i]), &prefix, &why), ERR_INVALID);
		assert_int_equal(prefix.bits, 0);
		assert_int_equal(prefix.address.family, 0);
		assert_true(why.text[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_its_own),
		cmocka_unit_test(refuses_what_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

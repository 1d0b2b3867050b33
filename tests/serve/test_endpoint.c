/* endpoint: which texts are socket addresses, and their way back to text. */
#include "rig.h"

static void reads_and_writes_both_families(void **state)
{
	(void)state;
	const struct {
		const char *text, *back;
		int family;
		uint16_t port;
		bool wildcard;
	} cases[] = {
		{"127.0.0.1:53", "127.0.0.1:53", AF_INET, 53, false},
		{"0.0.0.0:0", "0.0.0.0:0", AF_INET, 0, true},
		{"255.1.2.3:65535", "255.1.2.3:65535", AF_INET, 65535, false},
		{"[::1]:5300", "[::1]:5300", AF_INET6, 5300, false},
		{"[::]:53", "[::]:53", AF_INET6, 53, true},
		{"[2001:DB8:0:0::1]:53", "[2001:db8::1]:53", AF_INET6, 53, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct endpoint endpoint = endpoint_of(cases[i].text);
		char text[64];
		endpoint_text(&endpoint, text);
		assert_string_equal(text, cases[i].back);
		assert_int_equal(endpoint.address.ss_family, cases[i].family);
		assert_int_equal(endpoint_port(&endpoint), cases[i].port);
		assert_int_equal(endpoint_is_wildcard(&endpoint), cases[i].wildcard);
	}
}

static void refuses_other_texts_with_a_sentence(void **state)
{
	(void)state;
	const char *cases[] = {
		"",
		":53",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:053",
		"127.0.0.1:65536",
		"127.0.0.1:100000",
		"127.0.0.1:-1",
		"127.0.0.1:+1",
		"127.0.0.1: 53",
		"127.0.0.1:53 ",
		"127.0.0.01:53",
		"::1:53",
		"::1",
		"[::1]",
		"[::1]53",
		"[::1:53",
		"[]:53",
		"[127.0.0.1]:53",
		"[::ffff:127.0.0.1]:53",
		"[fe80::1%lo]:53",
		"localhost:53",
		"*:53",
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct endpoint endpoint;
		struct why why = {{0}};
		if (endpoint_parse(bytes_of(cases[i]), &endpoint, &why) != ERR_INVALID)
			fail_msg("'%s' was read", cases[i]);
		assert_int_equal(endpoint.size, 0);
		assert_true(why.text[0] == '\'');
	}
}

static void compares_address_and_port(void **state)
{
	(void)state;
	struct endpoint a = endpoint_of("127.0.0.1:53");
	struct endpoint same = endpoint_of("127.0.0.1:53");
	struct endpoint port = endpoint_of("127.0.0.1:54");
	struct endpoint address = endpoint_of("127.0.0.2:53");
	struct endpoint family = endpoint_of("[7f00:1::]:53");
	assert_true(endpoint_equal(&a, &same));
	assert_false(endpoint_equal(&a, &port));
	assert_false(endpoint_equal(&a, &address));
	assert_false(endpoint_equal(&a, &family));
	endpoint_set_port(&port, 53);
	assert_true(endpoint_equal(&a, &port));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_both_families),
		cmocka_unit_test(refuses_other_texts_with_a_sentence),
		cmocka_unit_test(compares_address_and_port),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

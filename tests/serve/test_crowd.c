/* crowd: what counts as one client. */
#include "check.h"

#include "crowd.h"

static struct address address_of(const char *text)
{
	struct address address;
	struct why why = {{0}};
	if (address_parse(bytes_of(text), &address, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return address;
}

static void an_ipv4_address_or_an_ipv6_64_is_a_client(void **state)
{
	(void)state;
	const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"2001:db8::1", "2001:db8::1", true},
		{"2001:db8::1", "2001:db8::ffff:0:0:2", true},
		{"2001:db8:0:1::1", "2001:db8:0:2::1", false},
		{"2001:db8::1", "32.1.13.184", false}, /* the same first octets */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct address a = address_of(cases[i].a), b = address_of(cases[i].b);
		assert_int_equal(client_same(&a, &b), cases[i].same);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv4_address_or_an_ipv6_64_is_a_client),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

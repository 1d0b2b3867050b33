/* server_parse: which texts name a resolver. */
#include "check.h"

#include "channel.h"

#include <string.h>
#include <sys/socket.h>

static void reads_every_notation(void **state)
{
	(void)state;
	const struct {
		const char *text;
		int family, port;
		uint8_t last;
	} cases[] = {
		{"127.0.0.1", AF_INET, 53, 1},     {"127.0.0.2:5300", AF_INET, 5300, 2},
		{"[::3]:5300", AF_INET6, 5300, 3}, {"[::4]", AF_INET6, 53, 4},
		{"2001:db8::5", AF_INET6, 53, 5},  {"192.0.2.6:65535", AF_INET, 65535, 6},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ares_addr_port_node node;
		struct why why = {{0}};
		if (server_parse(cases[i].text, &node, &why) != ERR_OK)
			fail_msg("%s", why.text);
		assert_int_equal(node.family, cases[i].family);
		assert_int_equal(node.udp_port, cases[i].port);
		assert_int_equal(node.tcp_port, cases[i].port);
		assert_null(node.next);
		const uint8_t *octets = (const uint8_t *)&node.addr;
		assert_int_equal(octets[cases[i].family == AF_INET ? 3 : 15], cases[i].last);
	}
}

static void refuses_other_texts(void **state)
{
	(void)state;
	const char *cases[] = {
		"",        ":53",         "127.0.0.1:",       "127.0.0.1:0", "127.0.0.1:65536",
		"127.0.0", "dns.example", "127.0.0.1:53:53",  "[::1",        "[::1]53",
		"[::1]:",  "[]:53",       "127.0.0.1:000053", "[::1]:port",  "127.0.0.1 ",
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ares_addr_port_node node;
		struct why why = {{0}};
		if (server_parse(cases[i], &node, &why) != ERR_INVALID)
			fail_msg("'%s' was read", cases[i]);
		assert_int_equal(strncmp(why.text, "resolver '", 10), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_notation),
		cmocka_unit_test(refuses_other_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

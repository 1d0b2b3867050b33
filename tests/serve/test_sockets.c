/* sockets: the options that they must have. */
#include "rig.h"

#include "sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof value;
	assert_int_equal(getsockopt(fd, level, name, &value, &size), 0);
	return value;
}

/* RFC 9715 section 3.1: neither fragments nor a path MTU that anybody can forge. */
static void udp_replies_are_not_fragmented(void **state)
{
	(void)state;
	const struct {
		const char *listen;
		int level, name, value;
	} cases[] = {
		{"127.0.0.1:0", IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT},
		{"[::1]:0", IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct endpoint endpoint = endpoint_of(cases[i].listen);
		struct socket_pair pair;
		struct why why = {{0}};
		assert_int_equal(socket_pair_open(&endpoint, &pair, &why), ERR_OK);
		assert_int_equal(option(pair.udp, cases[i].level, cases[i].name), cases[i].value);
		socket_pair_close(&pair);
	}
}

static void listeners_ease_connecting(void **state)
{
	(void)state;
	struct endpoint endpoint = endpoint_of("127.0.0.1:0");
	struct socket_pair pair;
	struct why why = {{0}};
	assert_int_equal(socket_pair_open(&endpoint, &pair, &why), ERR_OK);
	assert_true(option(pair.tcp, IPPROTO_TCP, TCP_FASTOPEN) > 0);
	assert_true(option(pair.tcp, IPPROTO_TCP, TCP_DEFER_ACCEPT) > 0);
	socket_pair_close(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(udp_replies_are_not_fragmented),
		cmocka_unit_test(listeners_ease_connecting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

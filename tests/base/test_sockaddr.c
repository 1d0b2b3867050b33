/* sockaddr: an address comes back from the system's form of it, with its port. */
#include "check.h"

#include "fedns/sockaddr.h"

#include <netinet/in.h>

static void addresses_come_back(void **state)
{
	static const struct {
		struct address address;
		sa_family_t family;
		socklen_t size;
	} CASES[] = {
		{{4, {192, 0, 2, 1}}, AF_INET, sizeof(struct sockaddr_in)},
		{{6, {0x20, 1, 0xd, 0xb8, [15] = 1}}, AF_INET6, sizeof(struct sockaddr_in6)},
	};
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct sockaddr_storage made;
		struct address back;
		assert_int_equal(sockaddr_make(&CASES[i].address, 5300, &made), CASES[i].size);
		assert_int_equal(made.ss_family, CASES[i].family);
		sockaddr_address((const struct sockaddr *)&made, &back);
		assert_int_equal(address_compare(&back, &CASES[i].address), 0);
		assert_int_equal(sockaddr_port((const struct sockaddr *)&made), 5300);
	}
}

static void what_is_neither_has_no_family(void **state)
{
	const struct sockaddr local = {.sa_family = AF_UNIX};
	struct address address;
	(void)state;
	sockaddr_address(&local, &address);
	assert_int_equal(address.family, 0);
	sockaddr_address(NULL, &address);
	assert_int_equal(address.family, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_come_back),
		cmocka_unit_test(what_is_neither_has_no_family),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* udp: every datagram gets its reply, from the address that it was sent to. */
#include "rig.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define DATAGRAM_SIZE 65536

static void expect_reply(int fd, unsigned number, size_t size)
{
	static uint8_t reply[DATAGRAM_SIZE];
	ssize_t got = recv(fd, reply, sizeof reply, 0);
	assert_int_equal(got, size);
	assert_int_equal(reply_number(reply, (size_t)got), number);
}

/* A connected client hears only the address that it asked, so a reply from elsewhere would not be
 * seen. */
static void reply_leaves_from_the_address_that_was_asked(void **state)
{
	(void)state;
	const struct {
		const char *listen, *ask;
	} cases[] = {
		{"127.0.0.1:0", "127.0.0.1:0"}, {"0.0.0.0:0", "127.0.0.1:0"}, {"0.0.0.0:0", "127.0.0.2:0"},
		{"127.0.0.3:0", "127.0.0.3:0"}, {"[::1]:0", "[::1]:0"},       {"[::]:0", "[::1]:0"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rig rig;
		rig_start(&rig, cases[i].listen, 2, &LIMITS_DEFAULT);
		struct endpoint ask = endpoint_of(cases[i].ask);
		endpoint_set_port(&ask, endpoint_port(&rig.at));
		int fd = client_open(&ask, SOCK_DGRAM, 0);
		uint8_t query[64];
		size_t size = query_make(7, NULL, 0, query);
		send_all(fd, query, size);
		expect_reply(fd, 7, size);
		close(fd);
		rig_stop(&rig);
	}
}

/* More than a batch and more than the batches of a wake-up: 600 > 8 * 32. */
static void burst_check(const struct limits *limits)
{
	enum { BURST = 600 };
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, limits);
	int fd = client_open(&rig.at, SOCK_DGRAM, 4 * 1024 * 1024);
	bool seen[BURST] = {false};
	uint8_t octets[64];
	for (unsigned i = 0; i < BURST; i++)
		send_all(fd, octets, query_make(i, NULL, 0, octets));
	for (unsigned i = 0; i < BURST; i++) {
		ssize_t got = recv(fd, octets, sizeof octets, 0);
		assert_true(got > 0);
		unsigned number = reply_number(octets, (size_t)got);
		assert_true(number < BURST && !seen[number]);
		seen[number] = true;
	}
	close(fd);
	rig_stop(&rig);
}

static void a_burst_is_answered_whole(void **state)
{
	(void)state;
	burst_check(&LIMITS_DEFAULT);
}

static void without_slots_for_lanes_the_loop_answers(void **state)
{
	(void)state;
	struct limits limits = LIMITS_DEFAULT;
	limits.slots_max = 1;
	burst_check(&limits);
}

static void odd_datagrams_neither_answer_nor_harm(void **state)
{
	(void)state;
	static uint8_t octets[DATAGRAM_SIZE];
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, &LIMITS_DEFAULT);
	int fd = client_open(&rig.at, SOCK_DGRAM, 0);
	assert_int_equal(send(fd, octets, 0, 0), 0);
	send_all(fd, octets, 5);
	send_all(fd, octets, query_make(1, "D", 1, octets));
	size_t size = query_make(2, NULL, 0, octets);
	octets[FAKE_QR_AT] |= FAKE_QR; /* somebody's reply: answering it could go on for ever */
	send_all(fd, octets, size);
	size = query_make(3, NULL, 0, octets);
	send_all(fd, octets, size);
	expect_reply(fd, 3, size); /* the first to come back */
	expect_silence(fd);
	close(fd);
	rig_stop(&rig);
}

/*
 * The kernel cuts a longer datagram; what came is judged, and no reply is larger than 4,096 octets.
 */
static void large_datagrams_are_cut(void **state)
{
	(void)state;
	static uint8_t octets[DATAGRAM_SIZE];
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, &LIMITS_DEFAULT);
	int fd = client_open(&rig.at, SOCK_DGRAM, 0);
	const size_t sizes[] = {4095, 4096, 4097, 65507};
	for (unsigned i = 0; i < 4; i++) {
		query_make(i, NULL, 0, octets);
		send_all(fd, octets, sizes[i]);
		expect_reply(fd, i, sizes[i] < 4096 ? sizes[i] : 4096);
	}
	query_make(9, "B\xff\xff", 3, octets);
	send_all(fd, octets, 15);
	expect_reply(fd, 9, 4096);
	close(fd);
	rig_stop(&rig);
}

static void source_port_0_is_dropped_unheard(void **state)
{
	(void)state;
	struct rig rig;
	uint8_t datagram[sizeof(struct udphdr) + FAKE_HEADER_SIZE];
	int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);
	if (raw < 0)
		skip(); /* raw sockets are for root */
	rig_start(&rig, "127.0.0.1:0", 1, &LIMITS_DEFAULT);
	struct udphdr header = {.uh_dport = htons(endpoint_port(&rig.at)),
	                        .uh_ulen = htons(sizeof datagram)};
	memcpy(datagram, &header, sizeof header);
	query_make(1, NULL, 0, datagram + sizeof header);
	assert_int_equal(sendto(raw, datagram, sizeof datagram, 0,
	                        (const struct sockaddr *)&rig.at.address, rig.at.size),
	                 sizeof datagram);

	int fd = client_open(&rig.at, SOCK_DGRAM, 0);
	uint8_t query[64];
	size_t size = query_make(2, NULL, 0, query);
	send_all(fd, query, size);
	expect_reply(fd, 2, size);
	struct serve_counters counters = {.tcp_opened = 0};
	while (counters.answers.queries == 0)
		crew_counters(rig.crew, &counters);
	assert_int_equal(counters.answers.queries, 1); /* the later one alone */
	close(fd);
	close(raw);
	rig_stop(&rig);
}

/* What the kernel had taken before the stop is not thrown away. */
static void a_stop_answers_what_has_arrived(void **state)
{
	(void)state;
	enum { BURST = 100 };
	struct rig rig;
	uint8_t octets[64];
	rig_start(&rig, "127.0.0.1:0", 1, &LIMITS_DEFAULT);
	int fd = client_open(&rig.at, SOCK_DGRAM, 1024 * 1024);
	for (unsigned i = 0; i < BURST; i++)
		send_all(fd, octets, query_make(i, NULL, 0, octets));
	crew_stop(rig.crew, NULL);
	rig.crew = NULL;
	for (unsigned i = 0; i < BURST; i++)
		expect_reply(fd, i, FAKE_HEADER_SIZE);
	close(fd);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reply_leaves_from_the_address_that_was_asked),
		cmocka_unit_test(a_burst_is_answered_whole),
		cmocka_unit_test(without_slots_for_lanes_the_loop_answers),
		cmocka_unit_test(odd_datagrams_neither_answer_nor_harm),
		cmocka_unit_test(large_datagrams_are_cut),
		cmocka_unit_test(source_port_0_is_dropped_unheard),
		cmocka_unit_test(a_stop_answers_what_has_arrived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

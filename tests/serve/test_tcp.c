/* tcp: messages are found in the stream however it is cut, and the stream ends as it should (RFC
 * 7766). */
#include "rig.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define FRAME_SIZE (2 + 65535)

static int setup(void **state)
{
	static struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, &LIMITS_DEFAULT);
	*state = &rig;
	return 0;
}

static int teardown(void **state)
{
	rig_stop(*state);
	return 0;
}

static int dial(void **state)
{
	struct rig *rig = *state;
	const int on = 1;
	int fd = client_open(&rig->at, SOCK_STREAM, 0);
	assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
	return fd;
}

static void expect_frame(int fd, unsigned number, size_t size)
{
	static uint8_t reply[FRAME_SIZE];
	assert_int_equal(frame_receive(fd, reply), size);
	assert_int_equal(reply_number(reply, size), number);
}

static void one_after_another(void **state)
{
	uint8_t frame[64];
	int fd = dial(state);
	for (unsigned i = 0; i < 50; i++) {
		send_all(fd, frame, frame_make(i, "xy", 2, frame));
		expect_frame(fd, i, FAKE_HEADER_SIZE + 2);
	}
	close(fd);
}

static void pipelined_in_one_write(void **state)
{
	enum { COUNT = 2000 };
	static uint8_t frames[COUNT * 32];
	size_t size = 0;
	int fd = dial(state);
	for (unsigned i = 0; i < COUNT; i++)
		size += frame_make(i, "abcdefgh", i % 9, frames + size);
	send_all(fd, frames, size);
	for (unsigned i = 0; i < COUNT; i++)
		expect_frame(fd, i, FAKE_HEADER_SIZE + i % 9);
	close(fd);
}

static void octet_by_octet(void **state)
{
	uint8_t frames[128];
	int fd = dial(state);
	size_t size = frame_make(1, "one", 3, frames);
	size += frame_make(2, "three", 5, frames + size);
	for (size_t i = 0; i < size; i++)
		send_all(fd, frames + i, 1);
	expect_frame(fd, 1, FAKE_HEADER_SIZE + 3);
	expect_frame(fd, 2, FAKE_HEADER_SIZE + 5);
	close(fd);
}

/* Two messages, cut once, at every place. */
static void cut_anywhere(void **state)
{
	uint8_t frames[128];
	int fd = dial(state);
	size_t size = frame_make(1, NULL, 0, frames);
	size += frame_make(2, "xyz", 3, frames + size);
	for (size_t at = 0; at <= size; at++) {
		send_all(fd, frames, at);
		if (at >= 2 + FAKE_HEADER_SIZE)
			expect_frame(fd, 1, FAKE_HEADER_SIZE); /* so the first part has been read alone */
		send_all(fd, frames + at, size - at);
		if (at < 2 + FAKE_HEADER_SIZE)
			expect_frame(fd, 1, FAKE_HEADER_SIZE);
		expect_frame(fd, 2, FAKE_HEADER_SIZE + 3);
	}
	close(fd);
}

static void messages_of_65535_octets(void **state)
{
	static uint8_t frames[3 * FRAME_SIZE], reply[FRAME_SIZE];
	int fd = dial(state);
	for (unsigned i = 0; i < 3; i++) {
		uint8_t *frame = frames + (size_t)i * FRAME_SIZE;
		memset(frame, 'a' + (int)i, FRAME_SIZE);
		frame_make(i, NULL, 0, frame);
		frame[0] = frame[1] = 0xff;
	}
	send_all(fd, frames, sizeof frames);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(frame_receive(fd, reply), 65535);
		assert_int_equal(reply_number(reply, 65535), i);
		assert_memory_equal(reply + 3, frames + (size_t)i * FRAME_SIZE + 5, 65535 - 3);
	}
	close(fd);
}

static void half_closed_gets_its_answers_then_the_end(void **state)
{
	enum { COUNT = 40 };
	uint8_t frames[COUNT * 32];
	size_t size = 0;
	int fd = dial(state);
	for (unsigned i = 0; i < COUNT; i++)
		size += frame_make(i, "B\xff\xff", 3, frames + size);
	send_all(fd, frames, size);
	send_all(fd,
	         "\0\x20"
	         "cut",
	         5); /* a message that will not be whole */
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	for (unsigned i = 0; i < COUNT; i++)
		expect_frame(fd, i, 65535);
	expect_closed(fd, 0);
	close(fd);
}

static void length_0_ends_the_connection_after_what_was_asked(void **state)
{
	uint8_t frames[64];
	int fd = dial(state);
	size_t size = frame_make(1, NULL, 0, frames);
	memset(frames + size, 0, 2);
	send_all(fd, frames, size + 2);
	expect_frame(fd, 1, FAKE_HEADER_SIZE);
	expect_closed(fd, 0);
	close(fd);
}

static void a_dropped_message_costs_nothing(void **state)
{
	uint8_t frames[64];
	int fd = dial(state);
	size_t size = frame_make(1, "D", 1, frames);
	/* Shorter than a header. */
	frames[size++] = 0;
	frames[size++] = 1;
	frames[size++] = 'x';
	size += frame_make(2, NULL, 0, frames + size);
	send_all(fd, frames, size);
	expect_frame(fd, 2, FAKE_HEADER_SIZE);
	close(fd);
}

static void clients_that_vanish_are_forgotten(void **state)
{
	uint8_t frame[64];
	for (unsigned i = 0; i < 50; i++) {
		const struct linger abort_it = {.l_onoff = 1};
		int fd = dial(state);
		send_all(fd, frame, frame_make(i, "B\xff\xff", 3, frame));
		if (i % 2 == 0)
			assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort_it, sizeof abort_it), 0);
		close(fd);
	}
	one_after_another(state);
}

static void ipv6_is_served_too(void **state)
{
	(void)state;
	struct rig rig;
	uint8_t frame[64];
	rig_start(&rig, "[::1]:0", 2, &LIMITS_DEFAULT);
	int fd = client_open(&rig.at, SOCK_STREAM, 0);
	send_all(fd, frame, frame_make(1, NULL, 0, frame));
	expect_frame(fd, 1, FAKE_HEADER_SIZE);
	close(fd);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_after_another),
		cmocka_unit_test(pipelined_in_one_write),
		cmocka_unit_test(octet_by_octet),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(messages_of_65535_octets),
		cmocka_unit_test(half_closed_gets_its_answers_then_the_end),
		cmocka_unit_test(length_0_ends_the_connection_after_what_was_asked),
		cmocka_unit_test(a_dropped_message_costs_nothing),
		cmocka_unit_test(clients_that_vanish_are_forgotten),
		cmocka_unit_test(ipv6_is_served_too),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}

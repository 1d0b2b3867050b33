/* tcp: a client that is slow, silent, greedy or one too many costs its own connection and nothing
 * else. */
#include "rig.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#define FRAME_SIZE (2 + 65535)
#define PACE_MS    2
#define BIG_COUNT  400 /* replies of 64 KiB: more than all socket buffers on the way */

static void expect_served(int fd, unsigned number)
{
	static uint8_t octets[FRAME_SIZE];
	send_all(fd, octets, frame_make(number, NULL, 0, octets));
	size_t size = frame_receive(fd, octets);
	assert_int_equal(reply_number(octets, size), number);
}

/* The same for a while, at a pace that leaves the processors to others. */
static unsigned served_until(int fd, uint64_t end_ms)
{
	unsigned number = 0;
	for (; now_ms() < end_ms; (void)poll(NULL, 0, PACE_MS))
		expect_served(fd, number++);
	return number;
}

/* Ask for far more than the client will read. */
static int greedy_open(const struct rig *rig)
{
	uint8_t frames[BIG_COUNT * 32];
	size_t size = 0;
	int fd = client_open(&rig->at, SOCK_STREAM, 4096);
	for (unsigned i = 0; i < BIG_COUNT; i++)
		size += frame_make(i, "B\xff\xff", 3, frames + size);
	send_all(fd, frames, size);
	return fd;
}

static void a_client_that_never_reads_is_cut_while_others_are_served(void **state)
{
	(void)state;
	struct limits limits = LIMITS_DEFAULT;
	limits.idle_ms = 300;
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, &limits);
	int greedy = greedy_open(&rig);
	int polite = client_open(&rig.at, SOCK_STREAM, 0);
	unsigned number = served_until(polite, now_ms() + 700);

	/* Little was answered: with some 64 KiB unsent no more is read. */
	struct serve_counters counters;
	crew_counters(rig.crew, &counters);
	assert_true(counters.answers.queries - number < BIG_COUNT / 8);
	expect_closed(greedy, (size_t)BIG_COUNT / 8 * FRAME_SIZE);
	close(greedy);
	close(polite);
	rig_stop(&rig);
}

static void a_client_that_reads_late_gets_everything(void **state)
{
	(void)state;
	static uint8_t reply[FRAME_SIZE];
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, &LIMITS_DEFAULT);
	int greedy = greedy_open(&rig);
	int polite = client_open(&rig.at, SOCK_STREAM, 0);
	expect_served(polite, 1); /* the greedy one's queries have been read by now */
	for (unsigned i = 0; i < BIG_COUNT; i++) {
		assert_int_equal(frame_receive(greedy, reply), 65535);
		assert_int_equal(reply_number(reply, 65535), i);
	}
	expect_served(greedy, 2);
	close(greedy);
	close(polite);
	rig_stop(&rig);
}

static void idle_connections_are_closed_and_busy_ones_stay(void **state)
{
	(void)state;
	struct limits limits = LIMITS_DEFAULT;
	limits.idle_ms = 400; /* this program may not run for half of that */
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, &limits);
	uint64_t begin_ms = now_ms();
	int silent = client_open(&rig.at, SOCK_STREAM, 0);
	expect_served(silent, 9);
	int dribbling = client_open(&rig.at, SOCK_STREAM, 0);
	int busy = client_open(&rig.at, SOCK_STREAM, 0);
	unsigned number = 0;
	send_all(dribbling, "\xff\xff", 2);
	while (now_ms() - begin_ms < 1000) {
		/* Octets of a message that never gets whole are no activity. */
		(void)send(dribbling, "x", 1, MSG_NOSIGNAL);
		expect_served(busy, number++);
		(void)poll(NULL, 0, PACE_MS);
	}
	expect_closed(silent, 0);
	expect_closed(dribbling, 0);
	expect_served(busy, number);
	assert_true(now_ms() - begin_ms < 5000);
	close(silent);
	close(dribbling);
	close(busy);
	rig_stop(&rig);
}

/* RFC 9210 section 4.2: however busy, a connection ends some day; not in the middle of a message.
 */
static void nobody_stays_for_good(void **state)
{
	(void)state;
	struct limits limits = LIMITS_DEFAULT;
	limits.idle_ms = 2500;
	limits.total_ms = 800; /* this program may not run for half of that */
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, &limits);
	uint64_t begin_ms = now_ms();
	int busy = client_open(&rig.at, SOCK_STREAM, 0);
	int midway = client_open(&rig.at, SOCK_STREAM, 0);
	expect_served(midway, 1);
	send_all(midway, "\xff\xff", 2);
	(void)served_until(busy, begin_ms + 400);
	expect_closed(busy, 0);
	assert_in_range(now_ms() - begin_ms, 700, 2500); /* for being idle it goes later */
	expect_closed(midway, 0);
	close(busy);
	close(midway);
	rig_stop(&rig);
}

static void one_too_many_takes_the_place_of_the_one_idle_longest(void **state)
{
	(void)state;
	struct limits limits = LIMITS_DEFAULT;
	limits.connections_max = 4;
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, &limits);
	int fds[4];
	fds[0] = client_open(&rig.at, SOCK_STREAM, 0);
	expect_served(fds[0], 0);
	send_all(fds[0], "\0", 1); /* a message has begun: not idle, though the oldest */
	for (unsigned i = 1; i < 4; i++) {
		fds[i] = client_open(&rig.at, SOCK_STREAM, 0);
		expect_served(fds[i], i);
	}
	expect_served(fds[1], 5); /* so number 2 is now idle longest */
	int extra = client_open(&rig.at, SOCK_STREAM, 0);
	expect_served(extra, 6);
	expect_closed(fds[2], 0);
	expect_served(fds[1], 7);
	expect_served(fds[3], 8);

	uint8_t rest[64], reply[64];
	size_t size = frame_make(9, NULL, 0, rest);
	send_all(fds[0], rest + 1, size - 1);
	assert_int_equal(frame_receive(fds[0], reply), size - 2);
	assert_int_equal(reply_number(reply, size - 2), 9);
	for (size_t i = 0; i < 4; i++)
		close(fds[i]);
	close(extra);
	rig_stop(&rig);
}

/* Nobody is idle: the one that got nowhere for longest goes, or new clients could be shut out for
 * good. */
static void is_none_idle_the_stuck_one_goes(void **state)
{
	(void)state;
	struct limits limits = LIMITS_DEFAULT;
	limits.connections_max = 2;
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, &limits);
	int stuck[2];
	for (unsigned i = 0; i < 2; i++) {
		stuck[i] = client_open(&rig.at, SOCK_STREAM, 0);
		expect_served(stuck[i], i);
		send_all(stuck[i], "\0", 1);
	}
	int extra = client_open(&rig.at, SOCK_STREAM, 0);
	expect_served(extra, 3);
	expect_closed(stuck[0], 0);
	close(stuck[0]);
	close(stuck[1]);
	close(extra);
	rig_stop(&rig);
}

/* From another address of the loopback net: another client. */
static int client_open_from(const struct rig *rig, const char *from)
{
	struct endpoint source = endpoint_of(from);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct timeval wait = {.tv_sec = CLIENT_WAIT_S};
	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&source.address, source.size), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&rig->at.address, rig->at.size), 0);
	return fd;
}

static void a_client_with_its_share_makes_room_of_its_own(void **state)
{
	(void)state;
	struct limits limits = LIMITS_DEFAULT;
	limits.client_max = 3;
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, &limits);
	int other = client_open_from(&rig, "127.0.0.2:0");
	expect_served(other, 1); /* idle longest of all, but somebody else */
	int fds[3];
	for (unsigned i = 0; i < 3; i++) {
		fds[i] = client_open(&rig.at, SOCK_STREAM, 0);
		expect_served(fds[i], i);
	}
	send_all(fds[0], "\0", 1); /* a message has begun: not idle */
	expect_served(fds[2], 2);  /* by now it has been read */
	int extra = client_open(&rig.at, SOCK_STREAM, 0);
	expect_served(extra, 3);
	expect_closed(fds[1], 0);
	expect_served(fds[2], 4);
	expect_served(other, 5);
	for (size_t i = 0; i < 3; i++)
		close(fds[i]);
	close(extra);
	close(other);
	rig_stop(&rig);
}

static void is_none_of_a_clients_share_idle_the_new_one_goes(void **state)
{
	(void)state;
	struct limits limits = LIMITS_DEFAULT;
	limits.client_max = 1;
	struct rig rig;
	uint8_t octets[64], reply[64];
	rig_start(&rig, "127.0.0.1:0", 1, &limits);
	int busy = client_open(&rig.at, SOCK_STREAM, 0);
	expect_served(busy, 1);
	/* A whole message and a part of the next: its answer shows that both have been read. */
	size_t size = frame_make(2, NULL, 0, octets);
	memcpy(octets + size, octets, size);
	send_all(busy, octets, 2 * size - 1);
	(void)frame_receive(busy, reply);
	int extra = client_open(&rig.at, SOCK_STREAM, 0);
	send_all(extra, octets, size);
	expect_closed(extra, 0);
	send_all(busy, octets + size - 1, 1);
	assert_int_equal(frame_receive(busy, reply), size - 2);
	close(busy);
	close(extra);
	rig_stop(&rig);
}

static void of_too_much_unfinished_input_the_largest_part_goes(void **state)
{
	(void)state;
	static uint8_t octets[FRAME_SIZE];
	const size_t parts[] = {3000, 40000, 3000};
	struct limits limits = LIMITS_DEFAULT;
	limits.input_max = 32 << 10;
	struct rig rig;
	int fds[3];
	rig_start(&rig, "127.0.0.1:0", 1, &limits);
	for (unsigned i = 0; i < 3; i++)
		fds[i] = client_open(&rig.at, SOCK_STREAM, 0);
	memset(octets, 0, sizeof octets);
	octets[0] = 0xff;
	octets[1] = 0xff;
	for (unsigned i = 0; i < 3; i++)
		send_all(fds[i], octets, parts[i]);
	expect_closed(fds[1], 0);
	send_all(fds[0], octets + parts[0], 40000 - parts[0]);
	expect_closed(fds[0], 0);
	int polite = client_open(&rig.at, SOCK_STREAM, 0);
	expect_served(polite, 5);
	close(polite);
	for (unsigned i = 0; i < 3; i++)
		close(fds[i]);
	rig_stop(&rig);
}

/* Long before it would be idle. */
static void beyond_the_limit_of_unread_answers_the_greedy_one_goes(void **state)
{
	(void)state;
	struct limits limits = LIMITS_DEFAULT;
	limits.output_max = 16 << 10;
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, &limits);
	int polite = client_open(&rig.at, SOCK_STREAM, 0);
	expect_served(polite, 1);
	uint64_t begin_ms = now_ms();
	int greedy = greedy_open(&rig);
	expect_closed(greedy, (size_t)BIG_COUNT / 8 * FRAME_SIZE);
	assert_true(now_ms() - begin_ms < TCP_IDLE_MS / 2);
	expect_served(polite, 2);
	close(greedy);
	close(polite);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_that_never_reads_is_cut_while_others_are_served),
		cmocka_unit_test(a_client_that_reads_late_gets_everything),
		cmocka_unit_test(idle_connections_are_closed_and_busy_ones_stay),
		cmocka_unit_test(nobody_stays_for_good),
		cmocka_unit_test(one_too_many_takes_the_place_of_the_one_idle_longest),
		cmocka_unit_test(is_none_idle_the_stuck_one_goes),
		cmocka_unit_test(a_client_with_its_share_makes_room_of_its_own),
		cmocka_unit_test(is_none_of_a_clients_share_idle_the_new_one_goes),
		cmocka_unit_test(of_too_much_unfinished_input_the_largest_part_goes),
		cmocka_unit_test(beyond_the_limit_of_unread_answers_the_greedy_one_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * crew: stopping finishes what is under way, and changing crews on shared sockets loses no query.
 */
#include "rig.h"

#include "listen.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define FRAME_SIZE (2 + 65535)
#define BIG_COUNT  80 /* replies of 64 KiB: more than the socket buffers hold */

static void *stop_crew(void *arg)
{
	struct rig *rig = arg;
	crew_stop(rig->crew, NULL);
	rig->crew = NULL;
	return NULL;
}

/* Ask for BIG_COUNT large replies, and wait until the first one is on its way: all queries are read
 * by then. */
static int big_open(const struct rig *rig)
{
	uint8_t frames[BIG_COUNT * 32], octet;
	size_t size = 0;
	int fd = client_open(&rig->at, SOCK_STREAM, 4096);
	for (unsigned i = 0; i < BIG_COUNT; i++)
		size += frame_make(i, "B\xff\xff", 3, frames + size);
	send_all(fd, frames, size);
	assert_int_equal(recv(fd, &octet, 1, MSG_PEEK), 1);
	return fd;
}

static void a_stop_lets_answers_in_flight_be_written(void **state)
{
	(void)state;
	static uint8_t reply[FRAME_SIZE];
	struct limits limits = LIMITS_DEFAULT;
	limits.drain_ms = 10000;
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 1, &limits);
	int idle = client_open(&rig.at, SOCK_STREAM, 0);
	send_all(idle, reply, frame_make(0, NULL, 0, reply));
	(void)frame_receive(idle, reply);
	int fd = big_open(&rig);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, stop_crew, &rig), 0);
	expect_closed(idle, 0); /* the stop has begun, and idle clients don't hold it up */
	for (unsigned i = 0; i < BIG_COUNT; i++) {
		assert_int_equal(frame_receive(fd, reply), 65535);
		assert_int_equal(reply_number(reply, 65535), i);
	}
	expect_closed(fd, 0);
	uint64_t begin_ms = now_ms();
	pthread_join(thread, NULL);
	assert_true(now_ms() - begin_ms < 5000); /* at the last answer's end, not the time limit's */
	close(fd);
	close(idle);
	rig_stop(&rig);
}

/* Connected, but the question is still on its way when the crew is told to stop. */
static void a_first_question_that_crosses_a_stop_is_answered(void **state)
{
	(void)state;
	struct rig rig;
	uint8_t octets[64];
	rig_start(&rig, "127.0.0.1:0", 1, &LIMITS_DEFAULT);
	int late = client_open(&rig.at, SOCK_STREAM, 0);
	int served = client_open(&rig.at, SOCK_STREAM, 0);
	send_all(served, octets, frame_make(1, NULL, 0, octets));
	(void)frame_receive(served, octets);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, stop_crew, &rig), 0);
	expect_closed(served, 0); /* the stop has begun */
	send_all(late, octets, frame_make(2, NULL, 0, octets));
	size_t size = frame_receive(late, octets);
	assert_int_equal(reply_number(octets, size), 2);
	expect_closed(late, 0);
	pthread_join(thread, NULL);
	close(late);
	close(served);
	rig_stop(&rig);
}

static void a_stop_does_not_wait_for_ever(void **state)
{
	(void)state;
	struct limits limits = LIMITS_DEFAULT;
	limits.drain_ms = 100;
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 2, &limits);
	int fd = big_open(&rig);
	uint64_t begin_ms = now_ms();
	stop_crew(&rig);
	uint64_t took_ms = now_ms() - begin_ms;
	assert_true(took_ms >= 100 && took_ms < 2000);
	expect_closed(fd, (size_t)BIG_COUNT * FRAME_SIZE);
	close(fd);
	rig_stop(&rig);
}

static void counters_are_the_sum_of_all_workers(void **state)
{
	(void)state;
	enum { CLIENTS = 16 };
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 4, &LIMITS_DEFAULT);
	for (unsigned i = 0; i < CLIENTS; i++) {
		uint8_t octets[64];
		int udp = client_open(&rig.at, SOCK_DGRAM, 0);
		int tcp = client_open(&rig.at, SOCK_STREAM, 0);
		send_all(udp, octets, query_make(i, NULL, 0, octets));
		assert_true(recv(udp, octets, sizeof octets, 0) > 0);
		send_all(tcp, octets, frame_make(i, NULL, 0, octets));
		(void)frame_receive(tcp, octets);
		close(udp);
		close(tcp);
	}
	/* A worker shows its counts once its turn is over, a moment after the reply. */
	struct serve_counters counters = {.tcp_opened = 0};
	uint64_t begin_ms = now_ms();
	while (counters.answers.queries < 2 * CLIENTS && now_ms() - begin_ms < 5000)
		crew_counters(rig.crew, &counters);
	assert_int_equal(counters.answers.queries, 2 * CLIENTS);
	assert_int_equal(counters.answers.rcodes[0], 2 * CLIENTS);
	rig_stop(&rig);
}

static atomic_int signal_thread_is_main;
static pthread_t main_thread;

static void signal_caught(int number)
{
	(void)number;
	signal_thread_is_main = pthread_equal(pthread_self(), main_thread) ? 1 : 2;
}

static void signals_reach_the_control_thread_only(void **state)
{
	(void)state;
	struct sigaction action = {.sa_handler = signal_caught}, before;
	sigset_t blocked, mask_before;
	struct rig rig;
	main_thread = pthread_self();
	assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
	rig_start(&rig, "127.0.0.1:0", 4, &LIMITS_DEFAULT);
	/* With the signal blocked here, a worker would get it if it could. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &blocked, &mask_before);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	rig_stop(&rig);
	assert_int_equal(signal_thread_is_main, 0);
	pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
	assert_int_equal(signal_thread_is_main, 1);
	sigaction(SIGUSR1, &before, NULL);
}

/* --- changing crews ----------------------------------------------------------------------- */

#define CLIENTS 8
#define WINDOW  16

struct asker {
	struct endpoint at;
	atomic_bool over, broken;
	atomic_uint asked, answered;
};

/* Each round: WINDOW numbered datagrams from every client, then all their replies. A lost one times
 * out. */
static void *ask_on(void *arg)
{
	struct asker *asker = arg;
	int fds[CLIENTS];
	uint8_t octets[64];
	for (size_t i = 0; i < CLIENTS; i++)
		fds[i] = client_open(&asker->at, SOCK_DGRAM, 0);
	while (!asker->over && !asker->broken) {
		for (unsigned i = 0; i < CLIENTS * WINDOW; i++) {
			size_t size = query_make(i, NULL, 0, octets);
			if (send(fds[i % CLIENTS], octets, size, 0) != (ssize_t)size)
				asker->broken = true;
			asker->asked++;
		}
		for (unsigned i = 0; i < CLIENTS * WINDOW && !asker->broken; i++) {
			ssize_t got = recv(fds[i % CLIENTS], octets, sizeof octets, 0);
			if (got == FAKE_HEADER_SIZE)
				asker->answered++;
			else
				asker->broken = true;
		}
	}
	for (size_t i = 0; i < CLIENTS; i++)
		close(fds[i]);
	return NULL;
}

/* As a reload does: the next crew starts on shared sockets before the last one stops. */
static void crew_change(struct rig *rig, unsigned workers, unsigned slot_first)
{
	struct endpoint wanted = endpoint_of("127.0.0.1:0");
	struct listeners *listeners;
	struct crew *crew;
	struct why why = {{0}};
	assert_int_equal(listeners_open(&wanted, 1, workers, rig->listeners, &listeners, &why), ERR_OK);
	assert_int_equal(crew_start(rig->zone, listeners, workers, slot_first, &crew, &why), ERR_OK);
	crew_stop(rig->crew, NULL);
	listeners_close(rig->listeners);
	rig->crew = crew;
	rig->listeners = listeners;
}

static void changing_crews_loses_no_query(void **state)
{
	(void)state;
	const unsigned workers[] = {2, 1, 3, 2, 4, 1};
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 2, &LIMITS_DEFAULT);
	struct asker asker = {.at = rig.at};
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, ask_on, &asker), 0);
	for (unsigned i = 0; i < 30 && !asker.broken; i++) {
		unsigned before = asker.answered;
		crew_change(&rig, workers[i % 6], i % 2 == 0 ? READERS_MAX / 2 : 0);
		/* Some rounds between two changes, so that every crew has worked. */
		uint64_t begin_ms = now_ms();
		while (asker.answered - before < 4 * CLIENTS * WINDOW && !asker.broken &&
		       now_ms() - begin_ms < 5000)
			(void)poll(NULL, 0, 1); /* the processors are for those that ask and answer */
	}
	asker.over = true;
	pthread_join(thread, NULL);
	assert_false(asker.broken);
	assert_int_equal(asker.answered, asker.asked);
	assert_true(asker.answered > 30 * 4 * CLIENTS * WINDOW);
	rig_stop(&rig);
}

/* What waits in the kernel's queues belongs to the sockets, not to the crew; also when the next
 * crew is smaller. */
static void what_waits_in_the_sockets_is_answered_by_the_next_crew(void **state)
{
	(void)state;
	int udp[CLIENTS], tcp[CLIENTS];
	uint8_t octets[64];
	struct rig rig;
	rig_start(&rig, "127.0.0.1:0", 4, &LIMITS_DEFAULT);
	crew_stop(rig.crew, NULL);
	rig.crew = NULL;
	for (unsigned i = 0; i < CLIENTS; i++) {
		udp[i] = client_open(&rig.at, SOCK_DGRAM, 0);
		send_all(udp[i], octets, query_make(i, NULL, 0, octets));
		tcp[i] = client_open(&rig.at, SOCK_STREAM, 0);
		send_all(tcp[i], octets, frame_make(i, NULL, 0, octets));
	}
	crew_change(&rig, 1, 3);
	for (unsigned i = 0; i < CLIENTS; i++) {
		assert_int_equal(recv(udp[i], octets, sizeof octets, 0), FAKE_HEADER_SIZE);
		assert_int_equal(reply_number(octets, FAKE_HEADER_SIZE), i);
		assert_int_equal(frame_receive(tcp[i], octets), FAKE_HEADER_SIZE);
		assert_int_equal(reply_number(octets, FAKE_HEADER_SIZE), i);
		close(udp[i]);
		close(tcp[i]);
	}
	rig_stop(&rig);
}

/* The loop's sockets don't block; a lane that took them over as they are would spin. */
static void lanes_take_over_from_loops(void **state)
{
	(void)state;
	struct limits limits = LIMITS_DEFAULT;
	limits.slots_max = 1;
	struct rig rig;
	uint8_t octets[64];
	rig_start(&rig, "127.0.0.1:0", 1, &limits);
	int udp = client_open(&rig.at, SOCK_DGRAM, 0);
	for (unsigned i = 0; i < 2; i++) {
		send_all(udp, octets, query_make(i, NULL, 0, octets));
		assert_int_equal(recv(udp, octets, sizeof octets, 0), FAKE_HEADER_SIZE);
		if (i == 0)
			crew_change(&rig, 1, 1);
	}
	uint64_t begin_ms = now_ms();
	int fd = rig.listeners->items[0].pairs[0].udp;
	while ((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0)
		assert_true(now_ms() - begin_ms < 5000);
	close(udp);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stop_lets_answers_in_flight_be_written),
		cmocka_unit_test(a_first_question_that_crosses_a_stop_is_answered),
		cmocka_unit_test(a_stop_does_not_wait_for_ever),
		cmocka_unit_test(counters_are_the_sum_of_all_workers),
		cmocka_unit_test(signals_reach_the_control_thread_only),
		cmocka_unit_test(changing_crews_loses_no_query),
		cmocka_unit_test(lanes_take_over_from_loops),
		cmocka_unit_test(what_waits_in_the_sockets_is_answered_by_the_next_crew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

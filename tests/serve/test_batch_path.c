/* A batch of datagrams is answered by two system calls, without memory and without a lock. (The
 * same of respond() is in answer/test_respond_path, of the real program in system/test_path.) */
#include "rig.h"
#include "tally.h"

#include "batch.h"
#include "sockets.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROUNDS = 300, BURST = 32 };

struct bench {
	struct responder responder;
	struct batch *batch;
	int server, client;
};

static void bench_open(struct bench *bench, const char *at)
{
	struct endpoint endpoint = endpoint_of(at);
	struct socket_pair pair;
	struct why why = {{0}};
	if (socket_pair_open(&endpoint, &pair, &why) != ERR_OK)
		fail_msg("%s", why.text);
	close(pair.tcp);
	*bench = (struct bench){.responder = {.zone = zone_new(1, 0)},
	                        .batch = batch_new(),
	                        .server = pair.udp,
	                        .client = client_open(&endpoint, SOCK_DGRAM, 0)};
	assert_non_null(bench->responder.zone);
	assert_non_null(bench->batch);
}

static void bench_close(struct bench *bench)
{
	close(bench->client);
	close(bench->server);
	batch_free(bench->batch);
	zone_free(bench->responder.zone);
}

/* `count` queries wait; then they are answered, and nothing of the test's own is in what is
 * counted. */
static struct tally burst_serve(struct bench *bench, unsigned count)
{
	uint8_t octets[64];
	for (unsigned i = 0; i < count; i++)
		send_all(bench->client, octets, query_make(i, NULL, 0, octets));
	tally_begin();
	enum batch_state state = batch_serve(bench->batch, bench->server, true, &bench->responder);
	responder_show(&bench->responder);
	struct tally tally = tally_end();
	assert_int_equal(state, count == BURST ? BATCH_FULL : BATCH_PART);
	for (unsigned i = 0; i < count; i++)
		assert_true(recv(bench->client, octets, sizeof octets, 0) > 0);
	return tally;
}

static void bursts_check(const char *at, unsigned note_every)
{
	struct bench bench;
	bench_open(&bench, at);
	assert_int_equal(responder_note_every(&bench.responder, note_every), ERR_OK);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct tally tally = burst_serve(&bench, i % BURST + 1);
		assert_int_equal(tally.memory, 0);
		assert_int_equal(tally.locks, 0);
		assert_int_equal(tally.other_calls, 0);
		assert_int_equal(tally.clocks, 2); /* the latency: one at each end */
		assert_int_equal(tally.receives, 1);
		assert_int_equal(tally.sends, 1);
	}
	if (note_every != 0) /* nobody took the notes: the ring was full for most of the time */
		assert_true(note_ring_dropped(bench.responder.ring) > 0);
	free(bench.responder.ring);
	bench_close(&bench);
}

static void a_batch_costs_two_calls_and_nothing_else(void **state)
{
	(void)state;
	bursts_check("127.0.0.1:0", 0);
}

static void noting_questions_costs_no_call_more(void **state)
{
	(void)state;
	bursts_check("127.0.0.1:0", 1);
	bursts_check("127.0.0.1:0", 3);
}

/* There every reply also says which address it leaves from. */
static void at_a_wildcard_too(void **state)
{
	(void)state;
	struct endpoint any = endpoint_of("0.0.0.0:0");
	assert_true(endpoint_is_wildcard(&any));
	bursts_check("0.0.0.0:0", 0);
}

/* What the two above would see if there were anything. */
static void what_is_done_is_counted(void **state)
{
	(void)state;
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	tally_begin();
	struct batch *batch = batch_new();
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	(void)now_ms();
	batch_free(batch);
	struct tally tally = tally_end();
	assert_int_equal(tally.memory, 2);
	assert_int_equal(tally.locks, 1);
	assert_int_equal(tally.clocks, 1);
	assert_int_equal(tally.other_calls + tally.receives + tally.sends, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_costs_two_calls_and_nothing_else),
		cmocka_unit_test(noting_questions_costs_no_call_more),
		cmocka_unit_test(at_a_wildcard_too),
		cmocka_unit_test(what_is_done_is_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* counters: what is counted is summed whole, and the last of it comes with the crew's end. */
#include "rig.h"

#include "counters.h"

#include <string.h>
#include <unistd.h>

#define WORDS (sizeof(struct serve_counters) / sizeof(uint64_t))

static void every_counter_is_summed(void **state)
{
	(void)state;
	struct serve_counters sum, more;
	uint64_t *to = (uint64_t *)&sum, *from = (uint64_t *)&more;
	for (size_t i = 0; i < WORDS; i++) {
		to[i] = i;
		from[i] = UINT64_C(1) << 40;
	}
	serve_counters_add(&sum, &more);
	for (size_t i = 0; i < WORDS; i++)
		assert_int_equal(to[i], (UINT64_C(1) << 40) + i);
}

static void each_drop_has_a_word_of_its_own(void **state)
{
	(void)state;
	const char *words[SERVE_DROPS + ANSWER_DROPS];
	for (unsigned i = 0; i < SERVE_DROPS; i++)
		words[i] = serve_drop_text((enum serve_drop)i);
	for (unsigned i = 0; i < ANSWER_DROPS; i++)
		words[SERVE_DROPS + i] = answer_drop_text((enum answer_drop)i);
	for (size_t i = 0; i < SERVE_DROPS + ANSWER_DROPS; i++) {
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(words[i], words[j]);
	}
}

static void latencies_make_a_histogram(void **state)
{
	(void)state;
	struct serve_counters counters = {.tcp_opened = 0};
	struct histogram latency;
	serve_latency_add(&counters, 2000, 3);
	serve_latency_add(&counters, 2001, 2);
	serve_latency_add(&counters, UINT64_C(5000000000), 1);
	serve_latency_add(&counters, 7000, 0);
	serve_latency(&counters, &latency);
	assert_int_equal(latency.bound_count, LATENCY_BOUNDS);
	assert_int_equal(latency.counts[0], 3);
	assert_int_equal(latency.counts[1], 2);
	assert_int_equal(latency.counts[LATENCY_BOUNDS], 1);
	assert_int_equal(histogram_count(&latency), 6);
	assert_int_equal(latency.sum_ns, 3 * 2000 + 2 * 2001 + UINT64_C(5000000000));
	for (size_t i = 1; i < LATENCY_BOUNDS; i++)
		assert_true(latency.bounds[i - 1] < latency.bounds[i]);
}

static void the_end_of_a_crew_tells_all(void **state)
{
	(void)state;
	enum { UDP = 70, TCP = 3 };
	struct rig rig;
	uint8_t octets[64];
	rig_start(&rig, "127.0.0.1:0", 2, &LIMITS_DEFAULT);
	int udp = client_open(&rig.at, SOCK_DGRAM, 1024 * 1024);
	int tcp = client_open(&rig.at, SOCK_STREAM, 0);
	for (unsigned i = 0; i < TCP; i++) {
		send_all(tcp, octets, frame_make(i, NULL, 0, octets));
		(void)frame_receive(tcp, octets);
	}
	for (unsigned i = 0; i < UDP; i++)
		send_all(udp, octets, query_make(i, NULL, 0, octets));
	struct serve_counters last;
	struct histogram latency;
	crew_stop(rig.crew, &last);
	rig.crew = NULL;
	serve_latency(&last, &latency);
	assert_int_equal(last.answers.queries, UDP + TCP);
	assert_int_equal(histogram_count(&latency), UDP + TCP);
	assert_true(latency.sum_ns > 0);
	assert_int_equal(last.tcp_opened, 1);
	assert_int_equal(last.tcp_closed, 1);
	close(udp);
	close(tcp);
	rig_stop(&rig);
}

/* Two where one is allowed: the first, idle by then, makes room. */
static void what_limits_take_is_counted(void **state)
{
	(void)state;
	struct limits limits = LIMITS_DEFAULT;
	limits.connections_max = 1;
	struct rig rig;
	uint8_t octets[64];
	rig_start(&rig, "127.0.0.1:0", 1, &limits);
	for (unsigned i = 0; i < 2; i++) {
		int fd = client_open(&rig.at, SOCK_STREAM, 0);
		send_all(fd, octets, frame_make(i, NULL, 0, octets));
		(void)frame_receive(fd, octets);
		if (i == 0)
			continue; /* it is closed by the other end */
		send_all(fd, (const uint8_t[]){0, 0}, 2);
		expect_closed(fd, 0);
		close(fd);
	}
	struct serve_counters last;
	crew_stop(rig.crew, &last);
	rig.crew = NULL;
	assert_int_equal(last.dropped[SERVE_DROP_TCP_CONNECTIONS], 1);
	assert_int_equal(last.dropped[SERVE_DROP_TCP_FRAME], 1);
	assert_int_equal(last.dropped[SERVE_DROP_TCP_INPUT] + last.dropped[SERVE_DROP_TCP_OUTPUT], 0);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_counter_is_summed),
		cmocka_unit_test(each_drop_has_a_word_of_its_own),
		cmocka_unit_test(latencies_make_a_histogram),
		cmocka_unit_test(the_end_of_a_crew_tells_all),
		cmocka_unit_test(what_limits_take_is_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* control: whatever clients send, and however slowly, each gets its reply and nobody is in
 * another's way. */
#include "rig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DONE "{\"done\":true,\"status\":0}"

static void a_reply_ends_well_or_not(void **state)
{
	struct rig *rig = *state;
	int fd = client_open(rig, 0);
	request_send(rig, fd, "{\"command\":\"make\",\"arguments\":{\"rows\":2,\"size\":1}}");
	expect_frame(rig, fd, "{\"rows\":[{\"i\":0,\"text\":\"x\"},{\"i\":1,\"text\":\"x\"}]}");
	expect_frame(rig, fd, DONE);
	request_send(rig, fd, "{\"command\":\"make\",\"arguments\":{\"bad\":true}}");
	expect_frame(rig, fd, "{\"done\":true,\"status\":1}");
	request_send(rig, fd, "{\"command\":\"make\",\"arguments\":{\"rows\":1,\"fails\":true}}");
	expect_frame(rig, fd, "{\"rows\":[{\"i\":0,\"text\":\"\"}]}");
	expect_error(rig, fd, 1, "nothing of this name?");
	(void)close(fd);
}

static void octet_by_octet(void **state)
{
	struct rig *rig = *state;
	uint8_t frames[256];
	size_t size = request_make("{\"command\":\"make\",\"arguments\":{\"rows\":1}}", frames);
	size += request_make("{\"command\":\"make\"}", frames + size);
	int fd = client_open(rig, 0);
	for (size_t i = 0; i < size; i++)
		send_all(rig, fd, frames + i, 1);
	expect_frame(rig, fd, "{\"rows\":[{\"i\":0,\"text\":\"\"}]}");
	expect_frame(rig, fd, DONE);
	expect_frame(rig, fd, DONE);
	(void)close(fd);
}

static void many_requests_at_once_are_answered_in_turn(void **state)
{
	enum { COUNT = 500 };
	struct rig *rig = *state;
	static uint8_t frames[COUNT * 80];
	size_t size = 0;
	for (unsigned i = 0; i < COUNT; i++) {
		char text[80];
		(void)snprintf(text, sizeof text, "{\"command\":\"make\",\"arguments\":{\"rows\":%u}}",
		               i % 3);
		size += request_make(text, frames + size);
	}
	int fd = client_open(rig, 0);
	send_all(rig, fd, frames, size);
	for (unsigned i = 0; i < COUNT; i++) {
		size_t frames_count;
		assert_int_equal(expect_rows(rig, fd, DONE, &frames_count), i % 3);
	}
	(void)close(fd);
}

static void a_bad_request_costs_only_itself(void **state)
{
	struct rig *rig = *state;
	int fd = client_open(rig, 0);
	request_send(rig, fd, "garbage");
	expect_error(rig, fd, 2, "is no JSON object");
	request_send(rig, fd, "{\"command\":\"nonsense\"}");
	expect_error(rig, fd, 2, "no command \"nonsense\"");
	request_send(rig, fd, "{\"command\":\"make\",\"arguments\":{\"no\":1}}");
	expect_error(rig, fd, 2, "bad arguments");
	request_send(rig, fd, "{\"command\":\"make\"}");
	expect_frame(rig, fd, DONE);
	(void)close(fd);
}

static void a_frame_that_is_too_large_is_told_and_ends(void **state)
{
	static const char *const HEADS[] = {"\0\1\0\1", "\0\0\0\0", "GET "};
	struct rig *rig = *state;
	for (size_t i = 0; i < sizeof HEADS / sizeof HEADS[0]; i++) {
		int fd = client_open(rig, 0);
		send_all(rig, fd, HEADS[i], CONTROL_HEAD_SIZE);
		expect_error(rig, fd, 2, "1 to 65536 are taken");
		expect_closed(rig, fd);
		(void)close(fd);
	}
}

static void the_largest_request_is_taken(void **state)
{
	struct rig *rig = *state;
	static char text[CONTROL_REQUEST_SIZE_MAX + 1];
	memset(text, ' ', CONTROL_REQUEST_SIZE_MAX);
	(void)snprintf(text, sizeof text, "{\"command\":\"make\"");
	text[strlen(text)] = ' ';
	text[CONTROL_REQUEST_SIZE_MAX - 1] = '}';
	int fd = client_open(rig, 0);
	request_send(rig, fd, text);
	expect_frame(rig, fd, DONE);
	(void)close(fd);
}

static void a_large_reply_comes_in_parts(void **state)
{
	struct rig *rig = *state;
	size_t frames;
	int fd = client_open(rig, 0);
	request_send(rig, fd, "{\"command\":\"make\",\"arguments\":{\"rows\":30000}}");
	assert_int_equal(expect_rows(rig, fd, DONE, &frames), 30000);
	assert_true(frames >= 30000 / CONTROL_ROWS_MAX);
	request_send(rig, fd, "{\"command\":\"make\",\"arguments\":{\"rows\":10,\"size\":900000}}");
	assert_int_equal(expect_rows(rig, fd, DONE, &frames), 10);
	assert_int_equal(frames, 10);
	(void)close(fd);
}

static void a_row_that_is_too_large_is_an_error(void **state)
{
	struct rig *rig = *state;
	for (unsigned long size = 1 << 20; size <= 4 << 20; size <<= 2) {
		char text[128];
		int fd = client_open(rig, 0);
		(void)snprintf(text, sizeof text,
		               "{\"command\":\"make\",\"arguments\":{\"rows\":1,\"size\":%lu}}", size);
		request_send(rig, fd, text);
		expect_error(rig, fd, 3, "is too large");
		request_send(rig, fd, "{\"command\":\"make\"}");
		expect_frame(rig, fd, DONE);
		(void)close(fd);
	}
}

/* Nothing is made that the client has no room for, beside one frame. */
static void a_slow_reader_holds_nothing_up(void **state)
{
	struct rig *rig = *state;
	size_t frames;
	int fd = client_open(rig, 4096);
	request_send(rig, fd, "{\"command\":\"make\",\"arguments\":{\"rows\":5000,\"size\":1000}}");
	for (unsigned i = 0; i < 50; i++)
		expect_service(rig);
	assert_in_range(rig->steps, 1, 2000);
	assert_int_equal(expect_rows(rig, fd, DONE, &frames), 5000);
	(void)close(fd);
}

static void long_work_without_rows_gives_others_their_turn(void **state)
{
	struct rig *rig = *state;
	int fd = client_open(rig, 0);
	request_send(rig, fd, "{\"command\":\"make\",\"arguments\":{\"work\":400000}}");
	for (unsigned i = 0; i < 3; i++)
		expect_service(rig);
	assert_in_range(rig->steps, 1, 399999);
	expect_frame(rig, fd, DONE);
	(void)close(fd);
}

static void a_job_waits_until_it_is_woken(void **state)
{
	struct rig *rig = *state;
	int first = client_open(rig, 0), second = client_open(rig, 0);
	request_send(rig, first, "{\"command\":\"wait\"}");
	request_send(rig, second, "{\"command\":\"wait\"}");
	for (unsigned i = 0; i < 20; i++)
		expect_service(rig);
	control_wake(rig->control);
	expect_service(rig);
	assert_int_equal(rig->jobs, 2);
	rig->go = true;
	control_wake(rig->control);
	expect_frame(rig, first, DONE);
	expect_frame(rig, second, DONE);
	(void)close(first);
	(void)close(second);
}

static void those_who_leave_in_mid_reply_are_forgotten(void **state)
{
	struct rig *rig = *state;
	for (unsigned i = 0; i < 30; i++) {
		int fd = client_open(rig, 0);
		request_send(rig, fd,
		             i % 2 != 0
		                 ? "{\"command\":\"make\",\"arguments\":{\"rows\":9999,\"size\":999}}"
		                 : "{\"command\":\"make\",\"arguments\":{\"work\":50000,\"rows\":1}}");
		(void)close(fd);
		expect_service(rig);
	}
	while (rig->jobs != 0)
		rig_turn(rig);
}

static void for_one_too_many_the_quietest_goes(void **state)
{
	enum { COUNT = CONTROL_CONNECTIONS_MAX };
	struct rig *rig = *state;
	int fds[COUNT];
	for (unsigned i = 0; i < COUNT; i++) {
		fds[i] = client_open(rig, 0);
		rig_turn(rig);
	}
	/* The first two are at work, the third stalls in mid-frame: it is the quietest. */
	request_send(rig, fds[0], "{\"command\":\"wait\"}");
	request_send(rig, fds[1], "{\"command\":\"make\",\"arguments\":{\"rows\":9999,\"size\":999}}");
	send_all(rig, fds[2], "\0\0\0\x20{\"comm", 10);
	expect_service(rig);
	expect_closed(rig, fds[2]);
	rig->go = true;
	control_wake(rig->control);
	expect_frame(rig, fds[0], DONE);
	for (unsigned i = 3; i < COUNT; i++) {
		request_send(rig, fds[i], "{\"command\":\"make\"}");
		expect_frame(rig, fds[i], DONE);
	}
	for (unsigned i = 0; i < COUNT; i++)
		(void)close(fds[i]);
}

static void many_clients_at_once(void **state)
{
	struct rig *rig = *state;
	for (unsigned round = 0; round < 5; round++) {
		int fds[CONTROL_CONNECTIONS_MAX];
		for (unsigned i = 0; i < CONTROL_CONNECTIONS_MAX; i++) {
			fds[i] = client_open(rig, 0);
			request_send(rig, fds[i], "{\"command\":\"make\",\"arguments\":{\"rows\":300}}");
		}
		for (unsigned i = 0; i < CONTROL_CONNECTIONS_MAX; i++) {
			size_t frames;
			assert_int_equal(expect_rows(rig, fds[i], DONE, &frames), 300);
			(void)close(fds[i]);
			rig_turn(rig);
		}
	}
}

/* By a clock of its own: a whole request or frame keeps a client, single octets don't. */
static void the_idle_go_in_time(void **state)
{
	struct rig *rig = *state;
	int idle = client_open(rig, 0), stalls = client_open(rig, 0), waits = client_open(rig, 0);
	request_send(rig, waits, "{\"command\":\"wait\"}");
	request_send(rig, idle, "{\"command\":\"make\"}");
	expect_frame(rig, idle, DONE);
	uint64_t opened_ms = uv_now(&rig->loop);
	send_all(rig, stalls, "\0\0\0\x20{", 5);
	control_expire(rig->control, opened_ms + CONTROL_IDLE_MS - 2000);
	assert_int_equal(rig->control->peer_count, 3);
	control_expire(rig->control, opened_ms + CONTROL_IDLE_MS + CLIENT_WAIT_MS);
	expect_closed(rig, idle);
	expect_closed(rig, stalls);
	rig->go = true;
	control_wake(rig->control);
	expect_frame(rig, waits, DONE);
	(void)close(idle);
	(void)close(stalls);
	(void)close(waits);
}

static void the_end_comes_to_all_alike(void **state)
{
	struct rig *rig = *state;
	/* What stays open here is ended by the teardown, which looks for what is left. */
	request_send(rig, client_open(rig, 0), "{\"command\":\"wait\"}");
	request_send(rig, client_open(rig, 0),
	             "{\"command\":\"make\",\"arguments\":{\"rows\":9999,\"size\":999}}");
	request_send(rig, client_open(rig, 0),
	             "{\"command\":\"make\",\"arguments\":{\"work\":9999999}}");
	send_all(rig, client_open(rig, 0), "\0\0\0\x20{", 5);
	(void)client_open(rig, 0);
	assert_int_equal(rig->jobs, 3);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reply_ends_well_or_not),
		TEST(octet_by_octet),
		TEST(many_requests_at_once_are_answered_in_turn),
		TEST(a_bad_request_costs_only_itself),
		TEST(a_frame_that_is_too_large_is_told_and_ends),
		TEST(the_largest_request_is_taken),
		TEST(a_large_reply_comes_in_parts),
		TEST(a_row_that_is_too_large_is_an_error),
		TEST(a_slow_reader_holds_nothing_up),
		TEST(long_work_without_rows_gives_others_their_turn),
		TEST(a_job_waits_until_it_is_woken),
		TEST(those_who_leave_in_mid_reply_are_forgotten),
		TEST(for_one_too_many_the_quietest_goes),
		TEST(many_clients_at_once),
		TEST(the_idle_go_in_time),
		TEST(the_end_comes_to_all_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

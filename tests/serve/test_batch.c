/* batch: what a turn at a socket comes to. */
#include "check.h"

#include "batch.h"
#include "fake_answer.h"

#include <sys/socket.h>
#include <unistd.h>

static void a_socket_that_fails_is_told_from_an_empty_one(void **state)
{
	(void)state;
	static struct responder responder;
	struct batch *batch = batch_new();
	assert_non_null(batch);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(batch_serve(batch, fd, false, &responder), BATCH_EMPTY);
	assert_int_equal(close(fd), 0);
	assert_int_equal(batch_serve(batch, fd, false, &responder), BATCH_ERROR);
	assert_int_equal(batch_serve(batch, fd, true, &responder), BATCH_ERROR);
	batch_free(batch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_that_fails_is_told_from_an_empty_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

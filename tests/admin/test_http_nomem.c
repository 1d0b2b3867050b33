/* http: memory that runs out at any moment: nothing is left, and the next one is served. (What the
 * library itself asks for is not ours to fail.) */
#include "http_rig.h"

#include "nomem.h"

#include <string.h>
#include <unistd.h>

#define ALLOCATIONS_MAX 500 /* no run below takes as many */

static void a_server_that_does_not_begin_leaves_nothing(void **state)
{
	struct http_rig *rig = *state;
	size_t n = 0;
	bool failed = true;
	while (failed && ++n < ALLOCATIONS_MAX) {
		struct why why = {{0}};
		struct admin *admin;
		const struct admin_setup setup = http_rig_admin(rig);
		nomem_fail_at(n);
		enum err err = admin_new(&setup, NULL, &admin, &why);
		failed = nomem_failed();
		nomem_fail_at(0);
		assert_int_equal(err, failed ? ERR_NOMEM : ERR_OK);
		assert_true(failed == (why.text[0] != '\0'));
		admin_free(admin);
		http_turn(rig);
	}
	assert_in_range(n, 3, ALLOCATIONS_MAX - 1);
}

static const char *const HEADS[] = {
	"GET /api/v1/rows?rows=3&size=9 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
	"GET /api/v1/rows?rows=3000&size=60 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
	"GET /api/v1/one?rows=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
	"GET /?rows=9 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
	"GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
};

/* Told whole, or an error, or nothing: never a part as if it were all. */
static void expect_honest(struct http_rig *rig, bool failed)
{
	unsigned status = http_status(rig);
	if (!failed)
		assert_true(status == 200 || status == 404);
	if (status == 200 && strstr(rig->answer, "application/json") != NULL &&
	    (http_whole(rig) || http_has_header(rig, "Connection: close"))) {
		bool chunked = http_has_header(rig, "Transfer-Encoding: chunked");
		bool whole = !chunked || http_whole(rig);
		json_t *json = json_loads(http_body(rig), 0, NULL);
		assert_true(json != NULL || !whole);
		json_decref(json);
	}
}

static void a_request_is_refused_or_told_whole(void **state)
{
	struct http_rig *rig = *state;
	http_rig_listen(rig);
	http_get(rig, "/open"); /* the rig's own memory is there then */
	for (size_t i = 0; i < sizeof HEADS / sizeof HEADS[0]; i++) {
		size_t n = 0;
		bool failed = true;
		while (failed && ++n < ALLOCATIONS_MAX) {
			int fd = http_open(rig, 0);
			nomem_fail_at(n);
			http_send(rig, fd, HEADS[i]);
			http_receive(rig, fd);
			failed = nomem_failed();
			nomem_fail_at(0);
			(void)close(fd);
			expect_honest(rig, failed);
		}
		assert_in_range(n, 2, ALLOCATIONS_MAX - 1);
		http_get(rig, "/open");
		assert_int_equal(http_status(rig), 200);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_server_that_does_not_begin_leaves_nothing, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(a_request_is_refused_or_told_whole, http_rig_setup,
	                                    http_rig_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

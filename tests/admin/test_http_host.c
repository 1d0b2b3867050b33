/* http_host: by which names the server is asked for, and that a page of somebody else's, whose name
 * leads to this host, is told nothing. */
#include "http_rig.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *host;
	bool ours;
} HOSTS[] = {
	{"localhost", true},
	{"localhost:9153", true},
	{"LocalHost.", true},
	{"localhost.:9153", true},
	{"fedns.localhost:80", true},
	{"127.0.0.1", true},
	{"127.0.0.1:9153", true},
	{"192.0.2.1:1", true},
	{"[::1]", true},
	{"[::1]:9153", true},
	{"[2001:db8::1]:9153", true},
	{"fedns.example.org", true},
	{"FEDNS.example.org.:443", true},
	{"second.example", true},
	{"h", false},
	{"evil.example", false},
	{"evil.example:9153", false},
	{"localhost.evil.example", false},
	{"notlocalhost", false},
	{".localhost", false},
	{"127.0.0.1.evil.example", false},
	{"127.0.0.1.evil", false},
	{"x.fedns.example.org", false},
	{"fedns.example.org.evil.example", false},
	{"[evil.example]", false},
	{"[]", false},
	{"[", false},
	{":9153", false},
	{".", false},
	{"", false},
};

static void names_are_ours_or_not(void **state)
{
	(void)state;
	const struct admin_policy policy = {.hosts = {"fedns.example.org", "second.example."}};
	for (size_t i = 0; i < sizeof HOSTS / sizeof HOSTS[0]; i++) {
		if (http_host_ours(&policy, bytes_of(HOSTS[i].host)) != HOSTS[i].ours)
			fail_msg("%s", HOSTS[i].host);
	}
}

static void as_many_as_may_be_are_looked_at(void **state)
{
	(void)state;
	struct admin_policy policy = {.listen = ""};
	for (size_t i = 0; i < ADMIN_HOSTS_MAX; i++)
		policy.hosts[i] = i + 1 < ADMIN_HOSTS_MAX ? "a.example" : "b.example";
	assert_true(http_host_ours(&policy, bytes_of("b.example")));
	assert_false(http_host_ours(&policy, bytes_of("c.example")));
}

static void ask_as(struct http_rig *rig, const char *path, const char *host, const char *more)
{
	char head[256];
	(void)snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: %s\r\n%s", path, host, more);
	http_ask(rig, head);
}

static void a_name_that_is_not_ours_is_told_nothing(void **state)
{
	struct http_rig *rig = *state;
	static const char *const PATHS[] = {"/", "/open?rows=1", "/api/v1/rows?rows=1", "/none"};
	http_rig_listen(rig);
	for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
		ask_as(rig, PATHS[i], "evil.example", "");
		assert_int_equal(http_status(rig), 421);
		assert_non_null(strstr(http_body(rig), "admin.hosts"));
		ask_as(rig, PATHS[i], "127.0.0.1:9153", "");
		assert_true(http_status(rig) == 200 || http_status(rig) == 404);
	}
	ask_as(rig, "http://evil.example/open", "localhost", ""); /* the target says it, not the Host */
	assert_int_equal(http_status(rig), 421);
	ask_as(rig, "http://localhost@evil.example/open", "localhost", "");
	assert_int_equal(http_status(rig), 421);
	ask_as(rig, "http://localhost/open", "evil.example", "");
	assert_int_equal(http_status(rig), 200);
	http_ask(rig, "GET http://evil.example/open HTTP/1.0\r\n");
	assert_int_equal(http_status(rig), 421);
	http_ask(rig, "GET /open HTTP/1.0\r\n"); /* no browser of these days */
	assert_int_equal(http_status(rig), 200);
}

static void a_configured_name_is_ours(void **state)
{
	struct http_rig *rig = *state;
	char name[] = "fedns.example.org";
	rig->policy.hosts[0] = name;
	http_rig_listen(rig);
	memset(name, 'x', sizeof name - 1); /* it was borrowed */
	ask_as(rig, "/open", "fedns.example.org:443", "");
	assert_int_equal(http_status(rig), 200);
	ask_as(rig, "/open", "fedns.example.com:443", "");
	assert_int_equal(http_status(rig), 421);
}

/* It can't be told to a page that has its own name lead here, and a proxy may ask by any. */
static void who_shows_the_token_may_ask_by_any_name(void **state)
{
	struct http_rig *rig = *state;
	char path[80];
	http_file(rig, "token", "testsecret\n", path);
	rig->policy.token_file = path;
	http_rig_listen(rig);
	ask_as(rig, "/?rows=1", "fedns.example.org", "Authorization: Bearer testsecret\r\n");
	assert_int_equal(http_status(rig), 200);
	ask_as(rig, "/?rows=1", "fedns.example.org", "");
	assert_int_equal(http_status(rig), 401);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_ours_or_not),
		cmocka_unit_test(as_many_as_may_be_are_looked_at),
		cmocka_unit_test_setup_teardown(a_name_that_is_not_ours_is_told_nothing, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(a_configured_name_is_ours, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(who_shows_the_token_may_ask_by_any_name, http_rig_setup,
	                                    http_rig_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

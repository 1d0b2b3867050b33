/* What `fedns.io/probe` may say, and what a probe may ask for. */
#include "fedns/model.h"

#include "check.h"

#include <string.h>

static void wishes_are_read_strictly(void **state)
{
	(void)state;
	const struct {
		const char *text;
		enum probe_kind kind;
		uint16_t port;
		const char *path;
	} cases[] = {
		{"none", PROBE_NONE, 0, ""},
		{"tcp", PROBE_TCP, 0, ""},
		{"tcp:443", PROBE_TCP, 443, ""},
		{"tcp:65535", PROBE_TCP, 65535, ""},
		{"http", PROBE_HTTP, 0, ""},
		{"http:80", PROBE_HTTP, 80, ""},
		{"http:80/healthz", PROBE_HTTP, 80, "/healthz"},
		{"http:/healthz", PROBE_HTTP, 0, "/healthz"},
		{"http/healthz", PROBE_HTTP, 0, "/healthz"},
		{"https:443/", PROBE_HTTPS, 443, "/"},
		{"https/a:b?c=%20/d", PROBE_HTTPS, 0, "/a:b?c=%20/d"},
		{"", PROBE_DEFAULT, 0, ""},
		{"http:", PROBE_DEFAULT, 0, ""},
		{"tcp:", PROBE_DEFAULT, 0, ""},
		{"tcp:0", PROBE_DEFAULT, 0, ""},
		{"tcp:65536", PROBE_DEFAULT, 0, ""},
		{"tcp:99999999999999999999", PROBE_DEFAULT, 0, ""},
		{"tcp:+80", PROBE_DEFAULT, 0, ""},
		{"tcp:http", PROBE_DEFAULT, 0, ""},
		{"tcp:80/", PROBE_DEFAULT, 0, ""},
		{"tcp/", PROBE_DEFAULT, 0, ""},
		{"none:80", PROBE_DEFAULT, 0, ""},
		{"none/", PROBE_DEFAULT, 0, ""},
		{"TCP", PROBE_DEFAULT, 0, ""},
		{" tcp", PROBE_DEFAULT, 0, ""},
		{"udp:53", PROBE_DEFAULT, 0, ""},
		{"http:80:81", PROBE_DEFAULT, 0, ""},
		{"http://example/", PROBE_DEFAULT, 0, ""},
		{"http:80/a b", PROBE_DEFAULT, 0, ""},
		{"http:80/a#b", PROBE_DEFAULT, 0, ""},
		{"http:80/a\r\nHost: b", PROBE_DEFAULT, 0, ""},
		{"http:80/\xc3\xa9", PROBE_DEFAULT, 0, ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct probe_wish wish;
		bool good = probe_wish_parse(bytes_of(cases[i].text), &wish);
		if (good != (cases[i].kind != PROBE_DEFAULT) || wish.kind != cases[i].kind ||
		    wish.port != cases[i].port || !bytes_equal(wish.path, bytes_of(cases[i].path)))
			fail_msg("%s", cases[i].text);
	}
	struct probe_wish wish;
	assert_false(probe_wish_parse((struct bytes){(const uint8_t *)"tcp\0", 4}, &wish));
	assert_false(probe_wish_parse((struct bytes){(const uint8_t *)"http/\0", 6}, &wish));
}

static void paths_have_a_size(void **state)
{
	(void)state;
	uint8_t path[PROBE_PATH_SIZE_MAX + 1];
	memset(path, 'x', sizeof path);
	path[0] = '/';
	assert_true(probe_path_valid((struct bytes){path, PROBE_PATH_SIZE_MAX}));
	assert_false(probe_path_valid((struct bytes){path, PROBE_PATH_SIZE_MAX + 1}));
	assert_false(probe_path_valid((struct bytes){path, 0}));
	assert_false(probe_path_valid((struct bytes){path + 1, 1}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wishes_are_read_strictly),
		cmocka_unit_test(paths_have_a_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

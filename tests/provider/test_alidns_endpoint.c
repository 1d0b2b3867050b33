/* alidns_endpoint: what an endpoint may look like, and what Host says then. */
#include "alidns_endpoint.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static void an_endpoint_is_a_host_and_perhaps_a_port(void **state)
{
	(void)state;
	static const struct {
		const char *text, *url, *host;
	} cases[] = {
		{"alidns.aliyuncs.com", "https://alidns.aliyuncs.com/", "alidns.aliyuncs.com"},
		{"https://Alidns.Aliyuncs.COM", "https://alidns.aliyuncs.com/", "alidns.aliyuncs.com"},
		{"https://alidns.aliyuncs.com/", "https://alidns.aliyuncs.com/", "alidns.aliyuncs.com"},
		{"HTTPS://h:443", "https://h/", "h"},
		{"https://h:80/", "https://h:80/", "h:80"},
		{"http://h:80", "http://h/", "h"},
		{"http://127.0.0.1:8053", "http://127.0.0.1:8053/", "127.0.0.1:8053"},
		{"h:8443", "https://h:8443/", "h:8443"},
		{"http://[::1]:8053", "http://[::1]:8053/", "[::1]:8053"},
		{"https://[2001:DB8::1]", "https://[2001:db8::1]/", "[2001:db8::1]"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct endpoint endpoint;
		struct why why = {{0}};
		if (endpoint_read(cases[i].text, &endpoint, &why) != ERR_OK)
			fail_msg("%s: %s", cases[i].text, why.text);
		assert_string_equal(endpoint.url, cases[i].url);
		assert_string_equal(endpoint.host, cases[i].host);
	}
}

static void what_is_none_is_refused_with_words(void **state)
{
	(void)state;
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"", "host name"},
		{"https://", "host name"},
		{"https:///", "host name"},
		{"ftp://h", "more than"},
		{"https://h/path", "more than"},
		{"https://h?a", "more than"},
		{"https://h#a", "more than"},
		{"https://user:password@h", "port"},
		{"https://user@h", "host name"},
		{"https://h:", "port"},
		{"https://h:0", "port"},
		{"https://h:65536", "port"},
		{"https://h:80:80", "port"},
		{"https://h h", "host name"},
		{"https://h\nx: y", "host name"},
		{"https://h\xc3\xa9", "host name"},
		{"https://[::1", "host name"},
		{"https://[]", "host name"},
		{"https://[::1]x", "port"},
		{"https://[g::1]", "host name"},
	};
	struct endpoint endpoint;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct why why = {{0}};
		if (endpoint_read(cases[i].text, &endpoint, &why) != ERR_INVALID ||
		    strstr(why.text, cases[i].words) == NULL)
			fail_msg("%s: %s", cases[i].text, why.text);
		assert_null(strstr(why.text, "password"));
	}
	char text[300];
	struct why why = {{0}};
	(void)snprintf(text, sizeof text, "https://%0253d:65535", 0);
	assert_int_equal(endpoint_read(text, &endpoint, &why), ERR_OK);
	(void)snprintf(text, sizeof text, "https://%0254d", 0);
	assert_int_equal(endpoint_read(text, &endpoint, &why), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_endpoint_is_a_host_and_perhaps_a_port),
		cmocka_unit_test(what_is_none_is_refused_with_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

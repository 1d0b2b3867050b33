/* alidns with the real credentials: the keys of alidns.yaml sign what is sent, also after they were
 * refused. */
#include "check.h"

#include "fedns/alidns.h"
#include "net/http_bench.h"

#include <stdlib.h>
#include <string.h>

#define REFUSED "{\"Code\":\"InvalidAccessKeyId.NotFound\"}"

static const struct script_route ROUTES[] = {
	{.path = "/", .octets = "HTTP/1.1 404 Not Found\r\nContent-Length: 38\r\n\r\n" REFUSED},
	{.path = NULL},
};

static const char *no_env(const char *name)
{
	(void)name;
	return NULL;
}

static int64_t now_ms(void *arg)
{
	(void)arg;
	return 1767323045000;
}

struct told {
	struct bench *bench;
	unsigned dones;
};

static void told_done(void *arg, const struct alidns_reply *reply)
{
	struct told *told = arg;
	told->dones++;
	assert_int_equal(reply->class, ALIDNS_CREDENTIALS);
	assert_string_equal(reply->code, "InvalidAccessKeyId.NotFound");
	uv_stop(&told->bench->loop);
}

static void static_keys_sign(void **state)
{
	(void)state;
	const struct alidns_file file = {.access_key_id = "testid", .access_key_secret = "testsecret"};
	struct credentials *credentials;
	struct alidns *alidns;
	struct bench bench;
	struct told told = {.bench = &bench};
	struct why why = {{0}};
	bench_start(&bench, ROUTES);
	const struct credentials_setup keys = {
		.loop = &bench.loop, .http = bench.http, .file = &file, .env = no_env, .now_ms = now_ms};
	if (credentials_new(&keys, &credentials, &why) != ERR_OK)
		fail_msg("%s", why.text);
	const struct alidns_setup setup = {.loop = &bench.loop,
	                                   .http = bench.http,
	                                   .credentials = credentials,
	                                   .endpoint = bench_url(&bench, "/"),
	                                   .now_ms = now_ms};
	if (alidns_new(&setup, &alidns, &why) != ERR_OK)
		fail_msg("%s", why.text);
	for (unsigned i = 1; i <= 3; i++) {
		struct alidns_call *call;
		if (alidns_call(alidns, "DescribeDomains", NULL, 0, told_done, &told, &call, &why) !=
		    ERR_OK)
			fail_msg("%s", why.text);
		while (told.dones < i)
			uv_run(&bench.loop, UV_RUN_ONCE);
		assert_int_equal(bench.server.requests, i);
		assert_non_null(strstr(bench.server.request, "Credential=testid,SignedHeaders="));
	}
	alidns_free(alidns);
	credentials_free(credentials);
	bench_stop(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(static_keys_sign),
	};
	setenv("no_proxy", "*", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

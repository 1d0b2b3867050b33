#include "http_bench.h"

#include "check.h"

#include <signal.h>
#include <string.h>

#define BODY_MAX (sizeof((struct talk *)0)->body - 1)

void bench_start(struct bench *bench, const struct script_route *routes)
{
	struct why why = {{0}};
	/* The server writes to clients that have gone. */
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	script_http_start(&bench->server, &bench->loop, routes);
	if (http_new(&bench->loop, &bench->http, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

void bench_stop(struct bench *bench)
{
	http_free(bench->http);
	script_http_stop(&bench->server);
	while (uv_run(&bench->loop, UV_RUN_DEFAULT) != 0)
		continue;
	assert_int_equal(uv_loop_close(&bench->loop), 0);
}

const char *bench_url(struct bench *bench, const char *path)
{
	static char url[256];
	(void)snprintf(url, sizeof url, "http%s://127.0.0.1:%u%s", bench->server.tls ? "s" : "",
	               bench->server.port, path);
	return url;
}

void bench_turns(struct bench *bench)
{
	for (unsigned i = 0; i < 100; i++)
		uv_run(&bench->loop, UV_RUN_NOWAIT);
}

static void told_head(void *arg, const struct http_response *response)
{
	struct talk *talk = arg;
	assert_int_equal(talk->dones + talk->runs, 0);
	talk->heads++;
	talk->status = response->status;
	struct bytes value = http_header(response, "retry-after", 0);
	(void)snprintf(talk->retry_after, sizeof talk->retry_after, "%.*s", BYTES_ARG(value));
	if (talk->on_head != NULL)
		talk->on_head(talk);
}

static void keep(struct talk *talk, struct bytes more)
{
	assert_true(talk->body_size + more.size <= BODY_MAX);
	memcpy(talk->body + talk->body_size, more.data, more.size);
	talk->body_size += more.size;
}

static bool told_run(void *arg, struct bytes more)
{
	struct talk *talk = arg;
	assert_int_equal(talk->heads, 1);
	assert_int_equal(talk->dones, 0);
	assert_true(more.size > 0);
	talk->runs++;
	keep(talk, more);
	return talk->on_run == NULL || talk->on_run(talk);
}

static void told_done(void *arg, enum err err, const struct http_response *response,
                      const struct why *why)
{
	struct talk *talk = arg;
	assert_int_equal(talk->dones, 0);
	talk->dones++;
	talk->err = err;
	talk->done_status = response->status;
	if (response->body.size != 0)
		keep(talk, response->body);
	(void)snprintf(talk->why, sizeof talk->why, "%s", why->text);
	if (talk->on_done != NULL)
		talk->on_done(talk);
	uv_stop(&talk->bench->loop);
}

static void start(struct talk *talk, struct bench *bench, const struct http_request *request,
                  const struct http_handlers *handlers)
{
	struct why why = {{0}};
	talk->bench = bench;
	if (http_start(bench->http, request, handlers, &talk->call, &why) != ERR_OK)
		fail_msg("%s", why.text);
	assert_int_equal(talk->heads + talk->runs + talk->dones, 0); /* never from within */
}

static struct http_request filled(struct bench *bench, const struct http_request *request,
                                  const char *path)
{
	struct http_request copy = *request;
	if (copy.url == NULL)
		copy.url = bench_url(bench, path);
	if (copy.proxy == NULL)
		copy.proxy = "";
	return copy;
}

void talk_start_as_it_is(struct talk *talk, struct bench *bench, const struct http_request *request)
{
	const struct http_handlers handlers = {told_head, told_run, told_done, talk};
	start(talk, bench, request, &handlers);
}

void talk_start(struct talk *talk, struct bench *bench, const struct http_request *request,
                const char *path)
{
	const struct http_request copy = filled(bench, request, path);
	talk_start_as_it_is(talk, bench, &copy);
}

void talk_start_gathering(struct talk *talk, struct bench *bench,
                          const struct http_request *request, const char *path)
{
	const struct http_request copy = filled(bench, request, path);
	const struct http_handlers handlers = {NULL, NULL, told_done, talk};
	start(talk, bench, &copy, &handlers);
}

void talk_finish(struct talk *talk)
{
	while (talk->dones == 0)
		uv_run(&talk->bench->loop, UV_RUN_ONCE);
}

void talk_get(struct talk *talk, struct bench *bench, const char *path)
{
	const struct http_request request = {.method = NULL};
	memset(talk, 0, sizeof *talk);
	talk_start(talk, bench, &request, path);
	talk_finish(talk);
}

void talk_expect(const struct talk *talk, enum err err, const char *words)
{
	if (talk->err != err || strstr(talk->why, words) == NULL)
		fail_msg("error %d, expected %d: %s", talk->err, err, talk->why);
}

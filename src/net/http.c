/* A call is new, runs (libcurl has it), has ended, is told.
 *
 * libcurl doesn't let transfers be added or removed from within its callbacks, which is where head
 * and body are told. So whatever changes a call's state only puts it into `todo`, and settle() does
 * what follows with libcurl off the stack: when libcurl has returned to the loop, or by the timer
 * `turn`. */
#include "http_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void settle(struct http *http);

static void turn_taken(uv_timer_t *turn)
{
	settle(turn->data);
}

static void todo_add(struct http_call *call)
{
	struct http *http = call->http;
	if (call->todo || http->freeing)
		return;
	call->todo = true;
	call->todo_next = NULL;
	if (http->todo_first == NULL)
		http->todo_first = call;
	else
		http->todo_last->todo_next = call;
	http->todo_last = call;
	uv_timer_start(&http->turn, turn_taken, 0, 0);
}

static struct http_call *todo_take(struct http *http)
{
	struct http_call *call = http->todo_first;
	if (call == NULL)
		return NULL;
	http->todo_first = call->todo_next;
	call->todo = false;
	return call;
}

/* --- the end ------------------------------------------------------------------------------------
 */

static void handle_released(struct http *http)
{
	if (http->handle_count == 0 && http->multi_closed)
		free(http);
}

static void call_closed(uv_handle_t *handle)
{
	struct http_call *call = handle->data;
	struct http *http = call->http;
	buf_free(&call->head);
	buf_free(&call->body);
	free(call);
	http->handle_count--;
	handle_released(http);
}

static void turn_closed(uv_handle_t *handle)
{
	struct http *http = handle->data;
	http->handle_count--;
	handle_released(http);
}

static void http_multi_closed(void *arg)
{
	struct http *http = arg;
	http->multi_closed = true;
	handle_released(http);
}

/* What libcurl has of a call is gone; its memory is not. */
static void call_detach(struct http_call *call)
{
	struct http *http = call->http;
	assert(!http->multi.inside);
	if (call->added)
		curl_multi_remove_handle(http->multi.curl, call->easy);
	curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	curl_slist_free_all(call->connect_to);
	if (call->previous == NULL)
		http->calls = call->next;
	else
		call->previous->next = call->next;
	if (call->next != NULL)
		call->next->previous = call->previous;
	http->call_count--;
	uv_timer_stop(&call->idle);
}

static void call_release(struct http_call *call)
{
	call_detach(call);
	uv_close((uv_handle_t *)&call->idle, call_closed);
}

static void call_tell(struct http_call *call)
{
	call->state = CALL_TOLD;
	call_detach(call);
	struct http_response response = call_response(call);
	call->handlers.done(call->handlers.arg, call->err, &response, &call->why);
	uv_close((uv_handle_t *)&call->idle, call_closed);
}

static void http_close(struct http *http)
{
	http->todo_first = NULL;
	while (http->calls != NULL)
		call_release(http->calls);
	uv_close((uv_handle_t *)&http->turn, turn_closed);
	multi_close(&http->multi);
}

void http_free(struct http *http)
{
	if (http == NULL)
		return;
	assert(!http->freeing);
	http->freeing = true;
	for (struct http_call *call = http->calls; call != NULL; call = call->next)
		call->state = CALL_CANCELLED;
	if (!http->multi.inside)
		http_close(http); /* else when libcurl returns */
}

/* --- a call's ways ------------------------------------------------------------------------------
 */

static void call_why(struct http_call *call, const char *fmt, va_list args)
{
	(void)vsnprintf(call->why.text, sizeof call->why.text, fmt, args);
	/* libcurl's words may hold the peer's, and a log has its lines. */
	for (char *at = call->why.text; *at != '\0'; at++) {
		if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
			*at = '?';
	}
}

void call_fail(struct http_call *call, enum err err, const char *fmt, ...)
{
	if (call->state != CALL_NEW && call->state != CALL_RUNNING)
		return;
	va_list args;
	va_start(args, fmt);
	call_why(call, fmt, args);
	va_end(args);
	call->err = err;
	call->state = CALL_ENDED;
	todo_add(call);
}

bool call_heard(struct http_call *call)
{
	call->heard_ms = uv_now(call->http->multi.loop);
	return call->state == CALL_RUNNING;
}

static void idle_check(uv_timer_t *timer)
{
	struct http_call *call = timer->data;
	uint64_t now_ms = uv_now(timer->loop), end_ms = call->heard_ms + call->idle_timeout_ms;
	if (call->state != CALL_RUNNING)
		return;
	if (now_ms < end_ms) {
		uv_timer_start(timer, idle_check, end_ms - now_ms, 0);
		return;
	}
	call_fail(call, ERR_IO, "not an octet came for %u ms", (unsigned)call->idle_timeout_ms);
	settle(call->http);
}

static void call_run(struct http_call *call)
{
	struct http *http = call->http;
	call->state = CALL_RUNNING;
	CURLMcode code = curl_multi_add_handle(http->multi.curl, call->easy);
	if (code != CURLM_OK) {
		call_fail(call, code == CURLM_OUT_OF_MEMORY ? ERR_NOMEM : ERR_IO, "libcurl: %s",
		          curl_multi_strerror(code));
		return;
	}
	call->added = true;
	call->heard_ms = uv_now(http->multi.loop);
	if (call->idle_timeout_ms != 0)
		uv_timer_start(&call->idle, idle_check, call->idle_timeout_ms, 0);
}

static void settle(struct http *http)
{
	struct http_call *call;
	while (!http->freeing && (call = todo_take(http)) != NULL) {
		if (call->state == CALL_NEW)
			call_run(call);
		else if (call->state == CALL_ENDED)
			call_tell(call);
		else if (call->state == CALL_CANCELLED)
			call_release(call);
	}
}

/* libcurl's result of a call that it has ended by itself. */
static void call_result(struct http_call *call, CURLcode code)
{
	const char *words = call->error[0] != '\0' ? call->error : curl_easy_strerror(code);
	long system_error = 0;
	if (code == CURLE_OK && call->head_told)
		call_fail(call, ERR_OK, "%s", "");
	else if (code == CURLE_OK)
		call_fail(call, ERR_IO, "no HTTP response");
	else if (code == CURLE_OUT_OF_MEMORY)
		call_fail(call, ERR_NOMEM, "out of memory");
	else if (code == CURLE_COULDNT_CONNECT &&
	         curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &system_error) == CURLE_OK &&
	         system_error != 0)
		call_fail(call, ERR_IO, "%s: %s", words, strerror((int)system_error));
	else
		call_fail(call, ERR_IO, "%s", words);
}

static struct http_call *call_of(CURL *easy)
{
	char *call = NULL;
	if (easy != NULL)
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call);
	return (struct http_call *)(void *)call;
}

static void multi_returned(void *arg, CURLMcode code)
{
	struct http *http = arg;
	const CURLMsg *message;
	int left;
	if (http->freeing) {
		http_close(http);
		return;
	}
	while ((message = curl_multi_info_read(http->multi.curl, &left)) != NULL) {
		if (message->msg == CURLMSG_DONE)
			call_result(call_of(message->easy_handle), message->data.result);
	}
	/* Which call it was that memory ran out for isn't told, and one that is not looked after any
	 * more would never end. */
	for (struct http_call *call = http->calls; code != CURLM_OK && call != NULL;
	     call = call->next) {
		if (call->state == CALL_RUNNING)
			call_fail(call, ERR_NOMEM, "libcurl: %s", curl_multi_strerror(code));
	}
	settle(http);
}

static void multi_deaf(void *arg, CURL *easy)
{
	struct http_call *call = call_of(easy);
	(void)arg;
	if (call != NULL)
		call_fail(call, ERR_NOMEM, "out of memory for a socket's handle");
}

/* --- the beginning ------------------------------------------------------------------------------
 */

enum err http_new(uv_loop_t *loop, struct http **out, struct why *why)
{
	*out = NULL;
	struct http *http = calloc(1, sizeof *http);
	if (http == NULL) {
		why_set(why, "HTTP client: out of memory");
		return ERR_NOMEM;
	}
	enum err err = multi_init(&http->multi, loop, why);
	if (err != ERR_OK) {
		why_wrap(why, "HTTP client");
		free(http);
		return err;
	}
	http->multi.returned = multi_returned;
	http->multi.deaf = multi_deaf;
	http->multi.closed = http_multi_closed;
	http->multi.arg = http;
	uv_timer_init(loop, &http->turn);
	http->turn.data = http;
	http->handle_count = 1;
	*out = http;
	return ERR_OK;
}

static struct http_call *call_new(struct http *http, const struct http_request *request,
                                  const struct http_handlers *handlers)
{
	struct http_call *call = calloc(1, sizeof *call);
	if (call == NULL)
		return NULL;
	call->http = http;
	call->handlers = *handlers;
	call->idle_timeout_ms = request->idle_timeout_ms;
	call->body_size_max = request->body_size_max;
	buf_init(&call->head, HTTP_HEAD_SIZE_MAX);
	buf_init(&call->body, request->body_size_max);
	return call;
}

/* From here on the call is the loop's, and ends by it. */
static void call_enter(struct http *http, struct http_call *call)
{
	call->next = http->calls;
	if (call->next != NULL)
		call->next->previous = call;
	http->calls = call;
	http->call_count++;
	uv_timer_init(http->multi.loop, &call->idle);
	call->idle.data = call;
	http->handle_count++;
	todo_add(call);
}

enum err http_start(struct http *http, const struct http_request *request,
                    const struct http_handlers *handlers, struct http_call **out, struct why *why)
{
	assert(handlers->done != NULL);
	assert(handlers->body != NULL || request->body_size_max != 0);
	*out = NULL;
	if (http->freeing) {
		why_set(why, "the HTTP client is closing");
		return ERR_CONFLICT;
	}
	if (http->call_count >= HTTP_CALLS_MAX) {
		why_set(why, "%d HTTP calls are under way already", HTTP_CALLS_MAX);
		return ERR_LIMIT;
	}
	struct http_call *call = call_new(http, request, handlers);
	if (call == NULL) {
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	enum err err = call_setup(call, request, why);
	if (err != ERR_OK) {
		curl_easy_cleanup(call->easy);
		curl_slist_free_all(call->headers);
		curl_slist_free_all(call->connect_to);
		free(call);
		return err;
	}
	call_enter(http, call);
	*out = call;
	return ERR_OK;
}

void http_cancel(struct http_call *call)
{
	if (call->state == CALL_TOLD)
		return;
	assert(call->state != CALL_CANCELLED); /* it was gone */
	call->state = CALL_CANCELLED;
	todo_add(call);
}

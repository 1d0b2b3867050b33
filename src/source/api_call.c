#include "api_call.h"

#include "headers.h"
#include "warning.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define JSON "application/json"

/* The call is over; whoever is told may begin another. */
static void tell(struct api_call *call, enum err err, unsigned status, struct bytes body,
                 const struct why *why)
{
	call->call = NULL;
	buf_free(&call->body);
	free(call->url);
	call->url = NULL;
	call->done(call->arg, err, status, body, why);
}

static void failed_say(uv_timer_t *timer)
{
	struct api_call *call = timer->data;
	struct why why = call->why;
	kube_auth_cancel(&call->wait);
	tell(call, call->failed, 0, (struct bytes){NULL, 0}, &why);
}

static void fail_soon(struct api_call *call, enum err err)
{
	call->failed = err;
	(void)uv_timer_start(&call->timer, failed_say, 0, 0);
}

static void credentials_ask(struct api_call *call)
{
	uint64_t now = uv_now(call->loop);
	uint64_t left = call->deadline_ms > now ? call->deadline_ms - now : 0;
	call->failed = ERR_AGAIN;
	why_set(&call->why, "no credentials in time");
	(void)uv_timer_start(&call->timer, failed_say, left, 0);
	kube_auth_get(call->auth, &call->wait);
}

/* As many as a head has room for. */
static void warnings_tell(struct api_call *call, const struct http_response *response)
{
	char text[WARNING_TEXT_SIZE];
	struct bytes value = http_header(response, "Warning", 0);
	for (size_t i = 1; value.data != NULL; i++) {
		while (warning_take(&value, text))
			call->warned(call->arg, text);
		value = http_header(response, "Warning", i);
	}
}

static void call_done(void *arg, enum err err, const struct http_response *response,
                      const struct why *why)
{
	struct api_call *call = arg;
	call->call = NULL;
	if (err == ERR_OK && response->status == 401) {
		kube_auth_refused(call->auth, call->generation);
		if (!call->again) {
			call->again = true;
			credentials_ask(call);
			return;
		}
	}
	if (err == ERR_OK && call->warned != NULL)
		warnings_tell(call, response);
	tell(call, err, response->status, response->body, why);
}

static enum err http_begin(struct api_call *call, const struct kube_credentials *credentials,
                           const struct headers *headers)
{
	const struct kube_access *access = call->access;
	uint64_t now = uv_now(call->loop);
	/* Of a call that is sent at all, as its credentials came in time. */
	uint32_t left = call->deadline_ms > now ? (uint32_t)(call->deadline_ms - now) : 1;
	const struct http_request request = {
		.method = call->method,
		.url = call->url,
		.headers = headers->list,
		.header_count = headers->count,
		.body = buf_bytes(&call->body),
		.tls = {.ca = credentials->ca,
	            .certificate = credentials->cert,
	            .key = credentials->key,
	            .server_name = access->tls_server_name,
	            .insecure = access->insecure},
		.proxy = access->proxy_url,
		.connect_timeout_ms = left,
		.total_timeout_ms = left,
		.body_size_max = API_OBJECT_SIZE_MAX,
	};
	const struct http_handlers handlers = {.done = call_done, .arg = call};
	return http_start(call->http, &request, &handlers, &call->call, &call->why);
}

static void credentials_came(void *arg, enum err err, const struct kube_credentials *credentials,
                             const struct why *why)
{
	struct api_call *call = arg;
	struct headers *headers = NULL;
	const char *type = call->content_type != NULL ? call->content_type : JSON;
	(void)uv_timer_stop(&call->timer);
	if (err == ERR_OK) {
		call->generation = credentials->generation;
		headers = malloc(sizeof *headers);
		why_set(&call->why, "no memory for a request");
		err = headers == NULL ? ERR_NOMEM : ERR_OK;
	} else {
		call->why = *why;
	}
	if (err == ERR_OK)
		err = headers_fill(headers, JSON, call->body.size != 0 ? type : NULL, call->access,
		                   credentials, &call->why);
	if (err == ERR_OK)
		err = http_begin(call, credentials, headers);
	headers_free(headers);
	if (err != ERR_OK)
		fail_soon(call, err);
}

void api_call_init(struct api_call *call)
{
	(void)uv_timer_init(call->loop, &call->timer);
	call->timer.data = call;
	call->wait = (struct kube_wait){.done = credentials_came, .arg = call};
	buf_init(&call->body, API_OBJECT_SIZE_MAX);
}

void api_call_cancel(struct api_call *call)
{
	(void)uv_timer_stop(&call->timer);
	kube_auth_cancel(&call->wait);
	if (call->call != NULL)
		http_cancel(call->call);
	call->call = NULL;
	buf_free(&call->body);
	free(call->url);
	call->url = NULL;
}

void api_call_start(struct api_call *call, const char *method, const char *url, struct bytes body,
                    uint32_t timeout_ms)
{
	assert(call->call == NULL && call->url == NULL);
	call->method = method;
	call->again = false;
	call->deadline_ms = uv_now(call->loop) + timeout_ms;
	call->url = strdup(url);
	why_set(&call->why, "no memory for a request");
	enum err err = call->url == NULL ? ERR_NOMEM : buf_add(&call->body, body);
	if (err != ERR_OK)
		fail_soon(call, err);
	else
		credentials_ask(call);
}

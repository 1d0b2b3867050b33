#include "client.h"

#include "headers.h"

#include "fedns/log.h"
#include "fedns/told.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* A page of a list that makes no progress for so long, or takes so long in all. */
#define LIST_IDLE_MS  30000
#define LIST_TOTAL_MS 300000

#define ACCEPT      "application/json"
#define ACCEPT_META "application/json;as=%s;g=meta.k8s.io;v=v1"
#define ACCEPT_SIZE 128

struct feed {
	struct client *client;
	const struct resource *resource;
	const struct sink *sink;
	struct reflector *reflector;
	feed_told *told;
	void *arg;
	uv_timer_t timer;
	struct kube_wait wait;
	struct http_call *call;
	uint64_t generation; /* of the credentials of the call at hand */
	struct reflector_request request;
	enum reflector_trouble said; /* in the log */
	struct told reasons;         /* of it, likewise */
	bool synced_said, in_sight;
	bool plain; /* the list at hand is asked for without gzip */
};

struct client {
	struct client_setup setup;
	struct kube_auth *auth;
	struct feed *feeds[FEEDS_MAX];
	size_t feed_count;
	unsigned closing; /* handles that aren't closed yet */
	bool freed;
};

static void feed_next(struct feed *feed);

static int64_t now_ms(const struct feed *feed)
{
	return (int64_t)uv_now(feed->client->setup.loop);
}

/* --- what the log hears ------------------------------------------------------------------- */

/* Is there another trouble than was said, or another reason for the same? */
static bool is_news(struct feed *feed, const struct reflector_state *state)
{
	bool other = feed->said != state->trouble;
	if (state->trouble == TROUBLE_NONE)
		told_forget(&feed->reasons);
	else if (told_is_news(&feed->reasons, state->why.text, now_ms(feed)))
		other = true;
	return other;
}

/* One line a change, however long it lasts. */
static void trouble_say(struct feed *feed)
{
	const struct reflector_state *state = reflector_state(feed->reflector);
	const struct client_setup *setup = &feed->client->setup;
	bool news = is_news(feed, state);
	if (feed->in_sight != reflector_in_sight(state) || news)
		setup->sighted(setup->arg);
	feed->in_sight = reflector_in_sight(state);
	if (state->synced && !feed->synced_said)
		log_write(setup->log, LOG_INFO, "source", "%s: %s: synced", setup->name,
		          feed->resource->path);
	feed->synced_said = state->synced;
	if (!news)
		return;
	feed->said = state->trouble;
	if (state->trouble == TROUBLE_NONE)
		log_write(setup->log, LOG_INFO, "source", "%s: %s: in sight again", setup->name,
		          feed->resource->path);
	else
		log_write(setup->log, LOG_WARN, "source", "%s: out of sight, what it said stays: %s",
		          setup->name, state->why.text);
}

/* --- one call ----------------------------------------------------------------------------- */

/* The call is over in one way or another, and the reflector knows. */
static void call_over(struct feed *feed)
{
	feed->call = NULL;
	if (reflector_refused(feed->reflector)) {
		kube_auth_refused(feed->client->auth, feed->generation);
		reflector_hurry(feed->reflector);
	}
	trouble_say(feed);
	if (feed->told != NULL)
		feed->told(feed->arg, feed);
	feed_next(feed);
}

/* Retry-After in whole seconds; a date there means nothing to us, as to client-go. */
static unsigned retry_after_s(const struct http_response *response)
{
	uint64_t seconds;
	struct bytes value = http_header(response, "Retry-After", 0);
	return bytes_number(value, UINT32_MAX, &seconds) ? (unsigned)seconds : 0;
}

static void head_came(void *arg, const struct http_response *response)
{
	struct feed *feed = arg;
	reflector_head(feed->reflector, response->status, retry_after_s(response), now_ms(feed));
	trouble_say(feed);
}

static bool body_came(void *arg, struct bytes more)
{
	struct feed *feed = arg;
	return reflector_body(feed->reflector, more, now_ms(feed));
}

static void call_done(void *arg, enum err err, const struct http_response *response,
                      const struct why *why)
{
	struct feed *feed = arg;
	/* What broke off may be gzip as libcurl can't read it: of several members, as proxies make. */
	if (err != ERR_OK && response->status == 200 && feed->request.want == WANT_LIST)
		feed->plain = true;
	reflector_end(feed->reflector, err, why, now_ms(feed));
	call_over(feed);
}

static enum err headers_set(struct headers *headers, const struct feed *feed,
                            const struct kube_credentials *credentials, struct why *why)
{
	char accept[ACCEPT_SIZE];
	(void)snprintf(accept, sizeof accept, feed->resource->metadata_only ? ACCEPT_META : ACCEPT,
	               feed->request.want == WANT_LIST ? "PartialObjectMetadataList"
	                                               : "PartialObjectMetadata");
	return headers_fill(headers, accept, NULL, feed->client->setup.access, credentials, why);
}

static enum err call_start(struct feed *feed, const struct kube_credentials *credentials,
                           struct headers *headers, struct why *why)
{
	const struct kube_access *access = feed->client->setup.access;
	bool watch = feed->request.want == WANT_WATCH;
	char url[HTTP_URL_SIZE_MAX];
	int size = snprintf(url, sizeof url, "%s%s", access->server, feed->request.path);
	if (size < 0 || (size_t)size >= sizeof url) {
		why_set(why, "a URL of more than %d octets", HTTP_URL_SIZE_MAX);
		return ERR_LIMIT;
	}
	if (watch)
		feed->plain = false; /* the list is whole */
	enum err err = headers_set(headers, feed, credentials, why);
	if (err != ERR_OK)
		return err;
	const struct http_request request = {
		.url = url,
		.headers = headers->list,
		.header_count = headers->count,
		.tls = {.ca = credentials->ca,
	            .certificate = credentials->cert,
	            .key = credentials->key,
	            .server_name = access->tls_server_name,
	            .insecure = access->insecure},
		.proxy = access->proxy_url,
		.gzip = !watch && !feed->plain && !access->disable_compression,
		.own_connection = watch,
		.idle_timeout_ms = watch ? (uint32_t)feed->request.idle_ms : LIST_IDLE_MS,
		.total_timeout_ms = watch ? 0 : LIST_TOTAL_MS,
	};
	const struct http_handlers handlers = {head_came, body_came, call_done, feed};
	return http_start(feed->client->setup.http, &request, &handlers, &feed->call, why);
}

/* What is at fault where a request can't be made of good credentials. */
static enum reflector_trouble unsent_trouble(enum err err)
{
	if (err == ERR_NOMEM)
		return TROUBLE_MEMORY;
	return err == ERR_INVALID || err == ERR_LIMIT ? TROUBLE_CONTENT : TROUBLE_CONNECT;
}

static void credentials_came(void *arg, enum err err, const struct kube_credentials *credentials,
                             const struct why *why)
{
	struct feed *feed = arg;
	struct why failed = {{0}};
	enum reflector_trouble trouble = err == ERR_NOMEM ? TROUBLE_MEMORY : TROUBLE_CREDENTIALS;
	if (err == ERR_OK) {
		struct headers *headers = malloc(sizeof *headers);
		feed->generation = credentials->generation;
		why_set(&failed, "no memory for a request");
		err = headers == NULL ? ERR_NOMEM : call_start(feed, credentials, headers, &failed);
		headers_free(headers);
		if (err == ERR_OK)
			return; /* call_done() goes on */
		trouble = unsent_trouble(err);
		why = &failed;
	}
	reflector_unsent(feed->reflector, trouble, why, now_ms(feed));
	call_over(feed);
}

static void timer_fired(uv_timer_t *timer)
{
	feed_next(timer->data);
}

static void feed_next(struct feed *feed)
{
	if (feed->client->freed)
		return;
	int64_t now = now_ms(feed);
	reflector_next(feed->reflector, now, &feed->request);
	if (feed->request.want != WANT_WAIT) {
		kube_auth_get(feed->client->auth, &feed->wait);
		return;
	}
	trouble_say(feed); /* of what could not be asked */
	int64_t wait = feed->request.at_ms > now ? feed->request.at_ms - now : 1;
	(void)uv_timer_start(&feed->timer, timer_fired, (uint64_t)wait, 0);
}

/* --- life --------------------------------------------------------------------------------- */

enum err client_new(const struct client_setup *setup, struct client **out, struct why *why)
{
	struct client *client = calloc(1, sizeof *client);
	*out = NULL;
	if (client == NULL) {
		kube_access_free(setup->access);
		why_set(why, "no memory");
		return ERR_NOMEM;
	}
	client->setup = *setup;
	const struct kube_auth_setup auth = {setup->loop,   setup->access,  setup->log,
	                                     setup->now_ms, setup->now_arg, setup->spawner};
	enum err err = kube_auth_new(&auth, &client->auth, why);
	if (err == ERR_OK) {
		*out = client;
		return ERR_OK;
	}
	kube_access_free(setup->access);
	free(client);
	return err;
}

static void client_release(struct client *client)
{
	for (size_t i = 0; i < client->feed_count; i++)
		free(client->feeds[i]);
	kube_access_free(client->setup.access);
	free(client);
}

static void timer_closed(uv_handle_t *handle)
{
	struct feed *feed = handle->data;
	struct client *client = feed->client;
	if (--client->closing == 0)
		client_release(client);
}

void client_free(struct client *client)
{
	if (client == NULL)
		return;
	client->freed = true;
	for (size_t i = 0; i < client->feed_count; i++) {
		struct feed *feed = client->feeds[i];
		kube_auth_cancel(&feed->wait);
		if (feed->call != NULL)
			http_cancel(feed->call);
		feed->call = NULL;
		/* Now, and not with the handles: whoever owns the sinks may go next. */
		reflector_free(feed->reflector);
		feed->reflector = NULL;
	}
	kube_auth_free(client->auth);
	client->closing = (unsigned)client->feed_count;
	if (client->closing == 0) {
		client_release(client);
		return;
	}
	for (size_t i = 0; i < client->feed_count; i++)
		uv_close((uv_handle_t *)&client->feeds[i]->timer, timer_closed);
}

enum err client_add(struct client *client, const struct resource *resource, const struct sink *sink,
                    feed_told *told, void *arg, struct feed **out, struct why *why)
{
	assert(client->feed_count < FEEDS_MAX);
	struct feed *feed = calloc(1, sizeof *feed);
	*out = NULL;
	if (feed != NULL)
		feed->reflector =
			reflector_new(resource, sink,
		                  client->setup.random + client->feed_count * UINT64_C(0x9e3779b97f4a7c15));
	if (feed == NULL || feed->reflector == NULL) {
		free(feed);
		why_set(why, "no memory");
		return ERR_NOMEM;
	}
	feed->client = client;
	feed->resource = resource;
	feed->sink = sink;
	feed->told = told;
	feed->arg = arg;
	feed->wait = (struct kube_wait){.done = credentials_came, .arg = feed};
	(void)uv_timer_init(client->setup.loop, &feed->timer);
	feed->timer.data = feed;
	client->feeds[client->feed_count++] = feed;
	(void)uv_timer_start(&feed->timer, timer_fired, 0, 0);
	*out = feed;
	return ERR_OK;
}

enum err feed_replace(struct feed *feed, const struct resource *resource, int64_t wait_ms)
{
	struct reflector *next = reflector_new(resource, feed->sink, uv_hrtime());
	if (next == NULL)
		return ERR_NOMEM;
	reflector_wait(next, now_ms(feed) + wait_ms);
	reflector_free(feed->reflector);
	feed->reflector = next;
	feed->resource = resource;
	feed->said = TROUBLE_NONE;
	return ERR_OK;
}

const struct reflector_state *feed_state(const struct feed *feed)
{
	return reflector_state(feed->reflector);
}

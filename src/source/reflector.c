/* Calls: what to ask, and what becomes of the reply. */
#include "reflector_internal.h"

#include "fedns/source.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* timeoutSeconds of a watch, from and below, as client-go asks. */
#define WATCH_S_MIN 300
#define WATCH_S_MAX 600
/* Three bookmark periods; a server that sends none ends the watch itself. */
#define IDLE_BOOKMARKS_MS 180000
#define IDLE_SPARE_MS     30000
/* A wrong cache would stay wrong: a list now and then mends it. */
#define RELIST_MS_MIN (INT64_C(54) * 60000)
#define RELIST_MS_MAX (INT64_C(66) * 60000)
/* A list that goes on for ever ends here; one of all that we would keep has 2,000 pages. */
#define LIST_PAGES_MAX 10000
/* Octets of the body of a "no": a Status is far below. */
#define REFUSAL_SIZE_MAX 65536

struct reflector *reflector_new(const struct resource *resource, const struct sink *sink,
                                uint64_t random)
{
	struct reflector *reflector = calloc(1, sizeof *reflector);
	if (reflector == NULL)
		return NULL;
	reflector->resource = resource;
	reflector->sink = sink;
	reflector->backoff.random = reflector->expired.random = random;
	reflector->list_wanted = true;
	nodes_init(&reflector->nodes);
	buf_init(&reflector->body, PAGE_SIZE_MAX);
	splitter_init(&reflector->splitter);
	return reflector;
}

void reflector_free(struct reflector *reflector)
{
	if (reflector == NULL)
		return;
	list_drop(reflector);
	splitter_clear(&reflector->splitter);
	buf_free(&reflector->body);
	nodes_clear(&reflector->nodes);
	free(reflector);
}

const struct reflector_state *reflector_state(const struct reflector *reflector)
{
	return &reflector->state;
}

/* --- what to ask -------------------------------------------------------------------------- */

/* A query's value: everything but letters, digits and "-._~" as %XX (RFC 3986 section 2).
 * ERR_LIMIT: `room` is too small. */
static enum err value_put(const char *text, char *out, size_t room)
{
	static const char HEX[] = "0123456789ABCDEF";
	size_t size = 0;
	for (; *text != '\0'; text++) {
		uint8_t octet = (uint8_t)*text, lower = octet_lower(octet);
		if (size + 4 > room)
			return ERR_LIMIT;
		if ((lower >= 'a' && lower <= 'z') || (octet >= '0' && octet <= '9') ||
		    strchr("-._~", octet) != NULL) {
			out[size++] = (char)octet;
			continue;
		}
		out[size++] = '%';
		out[size++] = HEX[octet >> 4];
		out[size++] = HEX[octet & 15];
	}
	out[size] = '\0';
	return ERR_OK;
}

/* Append "&KEY=VALUE" to the text of REQUEST_TEXT_SIZE octets. ERR_LIMIT: it is too long. */
static enum err parameter_add(char *path, const char *key, const char *value, struct why *why)
{
	size_t at = strlen(path), room = REQUEST_TEXT_SIZE - at;
	int size = snprintf(path + at, room, "&%s=", key);
	enum err err = ERR_LIMIT;
	if (size > 0 && (size_t)size < room)
		err = value_put(value, path + at + size, room - (size_t)size);
	if (err != ERR_OK)
		why_set(why, "%s of %zu octets makes the URL too long", key, strlen(value));
	return err;
}

static enum err selector_add(const struct reflector *reflector, char *path, struct why *why)
{
	const char *selector = reflector->resource->label_selector;
	return selector == NULL ? ERR_OK : parameter_add(path, "labelSelector", selector, why);
}

/* No resourceVersion: the most recent state there is. */
static enum err list_ask(struct reflector *reflector, struct reflector_request *out,
                         struct why *why)
{
	out->want = WANT_LIST;
	reflector->call = CALL_LIST;
	(void)snprintf(out->path, sizeof out->path, "%s?limit=%d", reflector->resource->path,
	               reflector->unpaged ? 0 : PAGE_OBJECTS);
	enum err err = selector_add(reflector, out->path, why);
	if (err != ERR_OK)
		return err;
	if (reflector->list_begun)
		return parameter_add(out->path, "continue", reflector->continue_token, why);
	reflector->state.lists++;
	reflector->list_begun = true;
	reflector->pages = 0;
	reflector->sink->list_begin(reflector->sink->arg);
	return ERR_OK;
}

static enum err watch_ask(struct reflector *reflector, int64_t now_ms,
                          struct reflector_request *out, struct why *why)
{
	out->want = WANT_WATCH;
	reflector->call = CALL_WATCH;
	reflector->state.watches++;
	reflector->watch_begin_ms = now_ms;
	reflector->watch_events = 0;
	reflector->failed = false;
	splitter_reset(&reflector->splitter);
	uint64_t timeout_s = backoff_random(&reflector->backoff, WATCH_S_MIN, WATCH_S_MAX);
	(void)snprintf(out->path, sizeof out->path, "%s?watch=1&timeoutSeconds=%" PRIu64 "%s",
	               reflector->resource->path, timeout_s,
	               reflector->resource->bookmarks ? "&allowWatchBookmarks=true" : "");
	out->idle_ms = reflector->bookmarks_seen ? IDLE_BOOKMARKS_MS : timeout_s * 1000 + IDLE_SPARE_MS;
	enum err err = selector_add(reflector, out->path, why);
	return err == ERR_OK ? parameter_add(out->path, "resourceVersion", reflector->version, why)
	                     : err;
}

void reflector_next(struct reflector *reflector, int64_t now_ms, struct reflector_request *out)
{
	assert(reflector->call == CALL_NONE);
	out->want = WANT_WAIT;
	out->at_ms = reflector->not_before_ms;
	if (now_ms < reflector->not_before_ms)
		return;
	reflector->status = reflector->retry_after_s = 0;
	buf_free(&reflector->body);
	if (!reflector->list_wanted && now_ms >= reflector->relist_ms)
		reflector->list_wanted = true;
	struct why why = {{0}};
	enum err err = reflector->list_wanted ? list_ask(reflector, out, &why)
	                                      : watch_ask(reflector, now_ms, out, &why);
	if (err == ERR_OK)
		return;
	content_bad(reflector, err, &why, now_ms);
	reflector->call = CALL_NONE;
	out->want = WANT_WAIT;
	out->at_ms = reflector->not_before_ms;
}

/* --- lists -------------------------------------------------------------------------------- */

static enum err page_take(struct reflector *reflector, struct list_head *head, struct why *why)
{
	struct bytes page = buf_bytes(&reflector->body);
	enum err err =
		list_head_read(page, reflector->resource->list_kind, &reflector->nodes, head, why);
	return err == ERR_OK ? walk_objects(page, &reflector->nobody, reflector->sink->listed,
	                                    reflector->sink->arg, why)
	                     : err;
}

/* The last page was taken: what is listed comes into force, and is watched from its version. */
static enum err list_finish(struct reflector *reflector, int64_t now_ms, struct why *why)
{
	enum err err = reflector->sink->list_done(reflector->sink->arg, why);
	if (err != ERR_OK)
		return err;
	reflector->list_begun = reflector->list_wanted = reflector->unpaged = false;
	reflector->list_restarts = 0;
	reflector->state.synced = true;
	memcpy(reflector->version, reflector->list_version, sizeof reflector->version);
	reflector->relist_ms =
		now_ms + (int64_t)backoff_random(&reflector->backoff, RELIST_MS_MIN, RELIST_MS_MAX);
	return ERR_OK;
}

static void page_end(struct reflector *reflector, int64_t now_ms)
{
	struct list_head head;
	struct why why = {{0}};
	bool first = reflector->continue_token[0] == '\0';
	enum err err = page_take(reflector, &head, &why);
	if (err == ERR_OK && ++reflector->pages > LIST_PAGES_MAX) {
		why_set(&why, "a list of more than %d pages", LIST_PAGES_MAX);
		err = ERR_LIMIT;
	}
	if (err == ERR_OK) {
		/* Of pages that differ the first one's version counts: older is safe, events repeat. */
		if (first)
			memcpy(reflector->list_version, head.version, sizeof reflector->list_version);
		memcpy(reflector->continue_token, head.continue_token, sizeof head.continue_token);
		trouble_none(reflector, now_ms);
		if (head.continue_token[0] == '\0')
			err = list_finish(reflector, now_ms, &why);
	}
	if (err != ERR_OK)
		content_bad(reflector, err, &why, now_ms);
	buf_free(&reflector->body);
}

/* --- the driver's side -------------------------------------------------------------------- */

void reflector_head(struct reflector *reflector, unsigned status, unsigned retry_after_s,
                    int64_t now_ms)
{
	assert(reflector->call != CALL_NONE);
	reflector->status = status;
	reflector->retry_after_s = retry_after_s;
	if (reflector->call != CALL_WATCH || status != 200)
		return;
	reflector->state.watching = true;
	trouble_none(reflector, now_ms);
}

bool reflector_body(struct reflector *reflector, struct bytes octets, int64_t now_ms)
{
	if (reflector->call == CALL_WATCH && reflector->status == 200)
		return watch_body(reflector, octets, now_ms);
	if (reflector->status != 200 && reflector->body.size + octets.size > REFUSAL_SIZE_MAX)
		return true; /* its beginning says enough */
	struct why why = {{0}};
	enum err err = buf_add(&reflector->body, octets);
	if (err == ERR_OK)
		return true;
	why_set(&why, err == ERR_LIMIT ? "a page of more than 64 MiB" : "no memory for a page");
	content_bad(reflector, err, &why, now_ms);
	return false;
}

/* The reply said no; its body may be a Status. */
static void refusal_end(struct reflector *reflector, int64_t now_ms)
{
	struct status_read said = {.code = 0};
	struct why unheard;
	if (nodes_read_whole(&reflector->nodes, buf_bytes(&reflector->body), &unheard) == ERR_OK)
		(void)status_read(&reflector->nodes, &said);
	refuse(reflector, reflector->status, reflector->retry_after_s, &said, now_ms);
}

static void call_lost(struct reflector *reflector, const struct why *why, int64_t now_ms)
{
	struct why full = *why;
	why_wrap(&full, "%s %s", call_text(reflector), reflector->resource->path);
	if (reflector->call == CALL_WATCH && reflector->status == 200) {
		watch_end(reflector, &full, now_ms);
		return;
	}
	trouble_set(reflector, TROUBLE_CONNECT, &full);
	wait_backoff(reflector, now_ms);
	list_again(reflector);
}

void reflector_end(struct reflector *reflector, enum err err, const struct why *why, int64_t now_ms)
{
	assert(reflector->call != CALL_NONE);
	struct why ended = {{0}};
	why_set(&ended, "watch %s: it ended as soon as it began", reflector->resource->path);
	bool watch = reflector->call == CALL_WATCH;
	/* What ended the call from our side has been dealt with. */
	bool over = watch ? reflector->failed : !reflector->list_begun;
	if (over)
		;
	else if (err != ERR_OK)
		call_lost(reflector, why, now_ms);
	else if (reflector->status != 200)
		refusal_end(reflector, now_ms);
	else if (watch)
		watch_end(reflector, &ended, now_ms);
	else
		page_end(reflector, now_ms);
	reflector->state.watching = false;
	reflector->call = CALL_NONE;
	splitter_reset(&reflector->splitter);
	buf_free(&reflector->body);
}

void reflector_wait(struct reflector *reflector, int64_t at_ms)
{
	if (reflector->not_before_ms < at_ms)
		reflector->not_before_ms = at_ms;
}

void reflector_hurry(struct reflector *reflector)
{
	if (reflector->refused && !reflector->hurried)
		reflector->not_before_ms = 0;
	reflector->hurried = true;
	reflector->refused = false;
}

bool reflector_refused(const struct reflector *reflector)
{
	return reflector->refused;
}

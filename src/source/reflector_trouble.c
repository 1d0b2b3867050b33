/* What goes wrong, and how long it keeps us away. */
#include "reflector_internal.h"

#include <assert.h>

/* A collection that we may not read, or that isn't served, hardly changes within a minute: but a
 * server that has just started refuses everybody until it has read its own rules, for some seconds.
 */
#define DENIED_WAIT_MS 60000
#define DENIALS_SOON   4
/* However long a server asks us to stay away. */
#define RETRY_AFTER_MAX_S 600
/* A list whose continue token expired begins anew so often, and then without pages. */
#define LIST_RESTARTS_MAX 3
/* A server that forgets the version of the list it has just given is not asked for lists all the
 * time; one that was restarted again meanwhile is no such server. */
#define EXPIRY_PACE_MS 10000

const char *trouble_text(enum reflector_trouble trouble)
{
	static const char *const WORDS[TROUBLES] = {[TROUBLE_NONE] = "none",
	                                            [TROUBLE_CONNECT] = "connect",
	                                            [TROUBLE_CREDENTIALS] = "credentials",
	                                            [TROUBLE_UNAUTHORIZED] = "unauthorized",
	                                            [TROUBLE_FORBIDDEN] = "forbidden",
	                                            [TROUBLE_NOT_FOUND] = "not_found",
	                                            [TROUBLE_BUSY] = "busy",
	                                            [TROUBLE_EXPIRED] = "expired",
	                                            [TROUBLE_SERVER] = "server",
	                                            [TROUBLE_CONTENT] = "content",
	                                            [TROUBLE_MEMORY] = "memory"};
	assert(trouble < TROUBLES);
	return WORDS[trouble];
}

void trouble_set(struct reflector *reflector, enum reflector_trouble trouble, const struct why *why)
{
	reflector->state.trouble = trouble;
	reflector->state.why = *why;
	reflector->state.errors++;
	reflector->state.errors_by[trouble]++;
	reflector->failed = true;
}

void wait_backoff(struct reflector *reflector, int64_t now_ms)
{
	reflector->not_before_ms = now_ms + backoff_after(&reflector->backoff, now_ms);
}

void trouble_none(struct reflector *reflector, int64_t now_ms)
{
	reflector->state.trouble = TROUBLE_NONE;
	reflector->state.why.text[0] = '\0';
	reflector->state.heard_ms = now_ms;
	reflector->refused = reflector->hurried = false;
	reflector->denials = 0;
}

static enum reflector_trouble trouble_of(unsigned status)
{
	switch (status) {
	case 401:
		return TROUBLE_UNAUTHORIZED;
	case 403:
		return TROUBLE_FORBIDDEN;
	case 404:
		return TROUBLE_NOT_FOUND;
	case 410:
		return TROUBLE_EXPIRED;
	case 429:
		return TROUBLE_BUSY;
	default:
		return TROUBLE_SERVER;
	}
}

/* How long a "no" of `status` keeps us away. */
static void refusal_wait(struct reflector *reflector, unsigned status, unsigned retry_after_s,
                         int64_t now_ms)
{
	wait_backoff(reflector, now_ms);
	int64_t asked_ms = 0;
	if ((status == 403 || status == 404) && ++reflector->denials > DENIALS_SOON)
		asked_ms = DENIED_WAIT_MS;
	else if (status == 429 || status >= 500)
		asked_ms =
			(int64_t)1000 * (retry_after_s < RETRY_AFTER_MAX_S ? retry_after_s : RETRY_AFTER_MAX_S);
	if (reflector->not_before_ms < now_ms + asked_ms)
		reflector->not_before_ms = now_ms + asked_ms;
	reflector->refused = status == 401;
}

const char *call_text(const struct reflector *reflector)
{
	return reflector->call == CALL_LIST ? "list" : "watch";
}

void watch_pace(struct reflector *reflector, int64_t now_ms)
{
	if (now_ms - reflector->watch_begin_ms >= WATCH_SHORT_MS)
		reflector->quick = 0;
	else if (++reflector->quick > 1)
		reflector_wait(reflector, reflector->watch_begin_ms + WATCH_SHORT_MS);
}

/* A list whose token expired begins anew; a watch whose version did begins with a list. */
static void expired(struct reflector *reflector, const struct why *why, int64_t now_ms)
{
	bool again = true;
	if (reflector->call == CALL_LIST) {
		again =
			reflector->continue_token[0] != '\0' && reflector->list_restarts <= LIST_RESTARTS_MAX;
		reflector->unpaged = ++reflector->list_restarts > LIST_RESTARTS_MAX;
	} else {
		again = reflector->watch_events != 0 || reflector->expired_ms == 0 ||
		        now_ms - reflector->expired_ms >= EXPIRY_PACE_MS;
		reflector->expired_ms = now_ms;
		watch_pace(reflector, now_ms);
	}
	reflector->list_wanted = true;
	list_drop(reflector);
	reflector->failed = true;
	if (again)
		return;
	trouble_set(reflector, TROUBLE_EXPIRED, why);
	reflector_wait(reflector, now_ms + backoff_after(&reflector->expired, now_ms));
}

void refuse(struct reflector *reflector, unsigned status, unsigned retry_after_s,
            const struct status_read *said, int64_t now_ms)
{
	struct why why;
	why_set(&why, "%s %s: HTTP %u%s%s%s%s", call_text(reflector), reflector->resource->path, status,
	        said->reason[0] != '\0' ? ": " : "", said->reason, said->message[0] != '\0' ? ": " : "",
	        said->message);
	if (status == 410) {
		expired(reflector, &why, now_ms);
		return;
	}
	trouble_set(reflector, trouble_of(status), &why);
	refusal_wait(reflector, status,
	             retry_after_s > said->retry_after_s ? retry_after_s : said->retry_after_s, now_ms);
	list_again(reflector);
}

void content_bad(struct reflector *reflector, enum err err, const struct why *why, int64_t now_ms)
{
	struct why full = *why;
	why_wrap(&full, "%s %s", call_text(reflector), reflector->resource->path);
	trouble_set(reflector, err == ERR_NOMEM ? TROUBLE_MEMORY : TROUBLE_CONTENT, &full);
	reflector->list_wanted = true;
	list_again(reflector);
	wait_backoff(reflector, now_ms);
}

void reflector_unsent(struct reflector *reflector, enum reflector_trouble trouble,
                      const struct why *why, int64_t now_ms)
{
	assert(reflector->call != CALL_NONE);
	struct why full = *why;
	why_wrap(&full, "%s %s", call_text(reflector), reflector->resource->path);
	trouble_set(reflector, trouble, &full);
	wait_backoff(reflector, now_ms);
	list_again(reflector);
	reflector->call = CALL_NONE;
}

void list_again(struct reflector *reflector)
{
	reflector->unpaged = false;
	reflector->list_restarts = 0;
	list_drop(reflector);
}

void list_drop(struct reflector *reflector)
{
	if (reflector->list_begun)
		reflector->sink->list_dropped(reflector->sink->arg);
	reflector->list_begun = false;
	reflector->continue_token[0] = '\0';
}

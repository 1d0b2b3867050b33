/* Quotas and back-off: when a call may start. */
#include "provider_internal.h"

#include <stdio.h>
#include <string.h>

/* A rest of so long gives calls that may come at once; the provider counts by the second. */
#define BURST_S        0.25
#define PAUSE_FIRST_MS 500
#define PAUSE_MAX_MS   60000
#define HURRY_MS       1000

struct api_facts {
	const char *action;
	unsigned per_second; /* of an account */
};

/* What the provider says of an account's quota. DescribeDomainInfo and UpdateDomainRecordRemark
 * stand in no list: as their neighbours. */
static const struct api_facts FACTS[APIS] = {
	[API_DOMAIN] = {"DescribeDomainInfo", 100},      [API_LIST] = {"DescribeDomainRecords", 100},
	[API_NAME] = {"DescribeSubDomainRecords", 300},  [API_ADD] = {"AddDomainRecord", 60},
	[API_UPDATE] = {"UpdateDomainRecord", 60},       [API_DELETE] = {"DeleteDomainRecord", 60},
	[API_REMARK] = {"UpdateDomainRecordRemark", 60},
};

const char *api_action(enum api api)
{
	return FACTS[api].action;
}

void calls_init(struct provider *provider)
{
	for (size_t i = 0; i < APIS; i++) {
		struct bucket *bucket = &provider->buckets[i];
		bucket->per_second = FACTS[i].per_second * provider->policy.share_percent / 100.0;
		bucket->room = bucket->per_second * BURST_S;
		if (bucket->room < 1)
			bucket->room = 1;
		bucket->at_ms = provider_loop_ms(provider);
	}
}

static void wake_in(struct provider *provider, int64_t ms)
{
	uint64_t wait = (uint64_t)(ms < 1 ? 1 : ms);
	if (uv_is_active((uv_handle_t *)&provider->timer) &&
	    uv_timer_get_due_in(&provider->timer) <= wait)
		return;
	(void)uv_timer_start(&provider->timer, provider->timer.timer_cb, wait, 0);
}

void calls_wake_at(struct provider *provider, int64_t at_ms)
{
	wake_in(provider, at_ms - provider_loop_ms(provider));
}

bool call_ready(struct provider *provider, enum api api, unsigned others)
{
	int64_t now_ms = provider_loop_ms(provider);
	int64_t wait_ms = bucket_look(&provider->buckets[api], others + 1, now_ms);
	if (wait_ms != 0)
		wake_in(provider, wait_ms);
	return wait_ms == 0;
}

bool call_allowed(struct provider *provider, enum api api)
{
	int64_t now_ms = provider_loop_ms(provider);
	if (now_ms < provider->pause_until_ms) {
		wake_in(provider, provider->pause_until_ms - now_ms);
		return false;
	}
	int64_t wait_ms = bucket_take(&provider->buckets[api], now_ms);
	if (wait_ms != 0)
		wake_in(provider, wait_ms);
	return wait_ms == 0;
}

enum err call_start(struct provider *provider, enum api api, const struct alidns_param *params,
                    size_t count, alidns_done *done, void *arg, struct alidns_call **out,
                    struct why *why)
{
	return alidns_call(provider->alidns, FACTS[api].action, params, count, done, arg, out, why);
}

void calls_hurry(struct provider *provider)
{
	int64_t soon_ms = provider_loop_ms(provider) + HURRY_MS;
	if (!provider->throttled && provider->pause_until_ms > soon_ms)
		provider->pause_until_ms = soon_ms;
}

static struct call_count *count_row(struct provider *provider, const char *action, const char *code)
{
	for (size_t i = 0; i < provider->call_count; i++) {
		struct call_count *row = &provider->calls[i];
		if (row->action == action && strcmp(row->code, code) == 0)
			return row;
	}
	if (provider->call_count == CALL_COUNTS_MAX)
		return NULL;
	struct call_count *row = &provider->calls[provider->call_count++];
	row->action = action;
	(void)snprintf(row->code, sizeof row->code, "%s", code);
	return row;
}

static void back_off_set(struct provider *provider, unsigned failures, uint32_t pause_ms)
{
	provider->failures = failures;
	provider->pause_ms = pause_ms;
}

void calls_rest(struct provider *provider)
{
	back_off_set(provider, 0, 0);
}

/* Codes come from outside: beyond so many rows they are one. */
#define ROWS_FOR_CODES (CALL_COUNTS_MAX - APIS)

void call_counted(struct provider *provider, enum api api, const struct alidns_reply *reply)
{
	const char *code = reply->class == ALIDNS_DONE ? "OK"
	                   : reply->code[0] != '\0'    ? reply->code
	                                               : "lost";
	char cut[sizeof provider->calls[0].code];
	(void)snprintf(cut, sizeof cut, "%s", code);
	if (provider->call_count >= ROWS_FOR_CODES)
		(void)snprintf(cut, sizeof cut, "other");
	struct call_count *row = count_row(provider, FACTS[api].action, cut);
	if (row != NULL)
		row->count++;
	provider->throttled = reply->class == ALIDNS_THROTTLED || reply->class == ALIDNS_BUSY;
	if (reply->class != ALIDNS_DONE)
		return;
	if (api == API_DOMAIN || api == API_LIST)
		back_off_set(provider, provider->read_failures, provider->read_pause_ms);
	else if (api != API_NAME)
		back_off_set(provider, 0, 0);
}

void calls_pause(struct provider *provider, uint32_t min_ms)
{
	int64_t now_ms = provider_loop_ms(provider);
	if (now_ms < provider->pause_until_ms) /* the calls beside it failed of the same */
		return;
	uint32_t pause_ms = provider->pause_ms == 0 ? PAUSE_FIRST_MS : 2 * provider->pause_ms;
	if (pause_ms < min_ms)
		pause_ms = min_ms;
	if (pause_ms > PAUSE_MAX_MS)
		pause_ms = PAUSE_MAX_MS;
	provider->pause_ms = pause_ms;
	provider->failures++;
	/* replicas that were turned away together don't come back together */
	provider->random = hash_bytes(bytes_of("pause"), provider->random);
	uint32_t jitter_ms = (uint32_t)(provider->random % (pause_ms / 4 + 1));
	provider->pause_until_ms = now_ms + pause_ms + jitter_ms;
}

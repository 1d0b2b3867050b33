#include "provider_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINT_DEFAULT "https://alidns.aliyuncs.com"
#define EXPOSED          "%s holds a secret, and others than its owner may read it: chmod 600"

/* --- what all files of it use ------------------------------------------------------------- */

void provider_log(const struct provider *provider, enum log_level level, const char *fmt, ...)
{
	char text[LOG_LINE_SIZE];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	log_write(provider->setup.log, level, "provider", "%s", text);
}

int64_t provider_loop_ms(const struct provider *provider)
{
	return (int64_t)uv_now(provider->setup.loop);
}

int64_t provider_wall_ms(const struct provider *provider)
{
	return provider->setup.now_ms(provider->setup.arg);
}

bool provider_may_write(const struct provider *provider)
{
	return provider->setup.may_write == NULL || provider->setup.may_write(provider->setup.arg);
}

bool provider_may_call(const struct provider *provider)
{
	return provider->policy.dry_run || provider_may_write(provider);
}

static bool may_send(void *arg)
{
	return provider_may_call(arg);
}

void provider_changed(struct provider *provider)
{
	if (provider->setup.changed != NULL)
		provider->setup.changed(provider->setup.arg);
}

static void timer_fired(uv_timer_t *timer)
{
	struct provider *provider = timer->data;
	if (!provider->closing)
		pass_move(provider);
}

void provider_move_soon(struct provider *provider)
{
	if (!provider->closing)
		(void)uv_timer_start(&provider->move, timer_fired, 0, 0);
}

/* --- its life ----------------------------------------------------------------------------- */

static void name_to_text(const struct name *name, char *text, size_t size)
{
	char full[NAME_TEXT_SIZE];
	name_text(name_bytes(name), full);
	(void)snprintf(text, size, "%.*s", (int)(strlen(full) - 1), full);
}

static void scope_to_text(struct provider *provider)
{
	char full[NAME_TEXT_SIZE];
	name_text(name_bytes(&provider->policy.scope), full);
	size_t size = strlen(full), domain = strlen(provider->domain_text) + 2; /* its dots */
	if (size > domain)
		(void)snprintf(provider->scope_text, sizeof provider->scope_text, "%.*s",
		               (int)(size - domain), full);
}

/* Of the domains that the file names, the longest one that holds the zone; it names none: the zone
 * itself. */
static enum err domain_choose(struct provider *provider, struct why *why)
{
	const struct alidns_file *file = &provider->file;
	const struct name *zone = &provider->policy.zone;
	struct name best = {.size = 0};
	for (size_t i = 0; i < file->zone_count; i++) {
		struct name name;
		enum err err = name_parse(bytes_of(file->zones[i]), &name, why);
		if (err != ERR_OK) {
			why_wrap(why, "%s: zones", provider->policy.file);
			return err;
		}
		if (name_at_or_below(zone, &name) && name.size > best.size)
			best = name;
	}
	char text[NAME_TEXT_SIZE];
	name_text(name_bytes(zone), text);
	if (file->zone_count != 0 && best.size == 0) {
		why_set(why, "%s: none of the zones holds %s: name the domain that does",
		        provider->policy.file, text);
		return ERR_INVALID;
	}
	provider->domain = best.size != 0 ? best : *zone;
	if (strlen(text) > sizeof provider->domain_text) {
		why_set(why, "%s is no domain that can be hosted", text);
		return ERR_INVALID;
	}
	name_to_text(&provider->domain, provider->domain_text, sizeof provider->domain_text);
	scope_to_text(provider);
	return ERR_OK;
}

/* It is configuration: that it can't be read is a mistake in that. */
static enum err file_take(struct provider *provider, struct why *why)
{
	enum err err = ERR_OK;
	if (provider->policy.file != NULL)
		err = alidns_file_load(provider->policy.file, &provider->file, why);
	if (err == ERR_OK)
		err = domain_choose(provider, why);
	return err == ERR_OK || err == ERR_NOMEM ? err : ERR_INVALID;
}

enum err provider_check(const struct provider_policy *policy, bool *exposed, struct why *why)
{
	assert(policy != NULL && exposed != NULL && why != NULL);
	*exposed = false;
	struct provider *provider = calloc(1, sizeof *provider);
	if (provider == NULL) {
		why_set(why, "no memory for the provider");
		return ERR_NOMEM;
	}
	provider->policy = *policy;
	enum err err = file_take(provider, why);
	*exposed = provider->file.exposed;
	alidns_file_free(&provider->file);
	free(provider);
	return err;
}

static const char *environment(const char *name)
{
	return getenv(name);
}

static enum err client_make(struct provider *provider, struct why *why)
{
	const struct provider_setup *setup = &provider->setup;
	struct credentials_setup chain = {.loop = setup->loop,
	                                  .file =
	                                      provider->policy.file == NULL ? NULL : &provider->file,
	                                  .env = environment,
	                                  .now_ms = setup->now_ms,
	                                  .now_arg = setup->arg};
	enum err err = http_new(setup->loop, &provider->http, why);
	if (err != ERR_OK)
		return err;
	chain.http = provider->http;
	err = credentials_new(&chain, &provider->credentials, why);
	if (err != ERR_OK)
		return err;
	struct alidns_setup client = {
		.loop = setup->loop,
		.http = provider->http,
		.credentials = provider->credentials,
		.endpoint = provider->file.endpoint != NULL ? provider->file.endpoint : ENDPOINT_DEFAULT,
		.signature = provider->policy.signature,
		.now_ms = setup->now_ms,
		.now_arg = setup->arg,
		.may_send = may_send,
		.send_arg = provider};
	return alidns_new(&client, &provider->alidns, why);
}

/* What was noted while it asked. */
static void arrival_changed(void *arg)
{
	struct provider *provider = arg;
	if (provider->phase == PROVIDER_AT_REST && provider->want != NULL && !provider->closing)
		arrival_begin(provider->arrival, provider->want, provider_loop_ms(provider));
	provider_changed(provider);
}

static enum err arrival_make(struct provider *provider, struct why *why)
{
	const struct provider_setup *setup = &provider->setup;
	const struct arrival_setup asked = {.loop = setup->loop,
	                                    .log = setup->log,
	                                    .domain = &provider->domain,
	                                    .servers = setup->verify_servers,
	                                    .server_count = setup->verify_server_count,
	                                    .resolvers = setup->resolvers,
	                                    .resolver_count = setup->resolver_count,
	                                    .changed = arrival_changed,
	                                    .arg = provider};
	return arrival_new(&asked, &provider->arrival, why);
}

static enum err provider_init(struct provider *provider, struct why *why)
{
	const struct provider_setup *setup = &provider->setup;
	enum err err = ERR_OK;
	int error = uv_random(NULL, NULL, &provider->seed, sizeof provider->seed, 0, NULL);
	if (error != 0) {
		why_set(why, "no random octets: %s", uv_strerror(error));
		return ERR_IO;
	}
	if (provider->owner == NULL || (setup->policy->file != NULL && provider->file_path == NULL)) {
		why_set(why, "no memory for the provider");
		err = ERR_NOMEM;
	}
	if (err == ERR_OK)
		err = file_take(provider, why);
	if (err == ERR_OK && provider->file.exposed)
		provider_log(provider, LOG_WARN, EXPOSED, provider->policy.file);
	if (err == ERR_OK)
		(void)snprintf(provider->mark, sizeof provider->mark, "fedns:%s", provider->owner);
	if (err == ERR_OK)
		err = journal_open(setup->state_dir, provider->policy.owner, provider->domain_text,
		                   provider->policy.dry_run, &provider->journal, why);
	if (err == ERR_OK)
		err = client_make(provider, why);
	if (err == ERR_OK && !provider->policy.dry_run)
		err = arrival_make(provider, why);
	return err;
}

enum err provider_new(const struct provider_setup *setup, struct provider **out, struct why *why)
{
	assert(setup != NULL && setup->policy != NULL && out != NULL && why != NULL);
	*out = NULL;
	struct provider *provider = calloc(1, sizeof *provider);
	if (provider == NULL) {
		why_set(why, "no memory for the provider");
		return ERR_NOMEM;
	}
	provider->setup = *setup;
	provider->policy = *setup->policy;
	provider->owner = strdup(setup->policy->owner);
	provider->file_path = setup->policy->file == NULL ? NULL : strdup(setup->policy->file);
	provider->policy.owner = provider->owner;
	provider->policy.file = provider->file_path;
	provider->random = uv_hrtime();
	for (size_t i = 0; i < PROVIDER_FLIGHTS_MAX; i++)
		provider->flights[i].provider = provider;
	(void)uv_timer_init(setup->loop, &provider->timer);
	(void)uv_timer_init(setup->loop, &provider->move);
	provider->timer.data = provider->move.data = provider;
	provider->timer.timer_cb = timer_fired;
	calls_init(provider);
	enum err err = provider_init(provider, why);
	if (err == ERR_OK)
		*out = provider;
	else
		provider_free(provider);
	return err;
}

static void timer_closed(uv_handle_t *handle)
{
	struct provider *provider = handle->data;
	if (!uv_is_closing((uv_handle_t *)&provider->timer)) {
		uv_close((uv_handle_t *)&provider->timer, timer_closed);
		return;
	}
	free(provider);
}

void provider_free(struct provider *provider)
{
	if (provider == NULL)
		return;
	provider->closing = true;
	for (size_t i = 0; i < PROVIDER_FLIGHTS_MAX; i++)
		flight_end(&provider->flights[i]);
	if (provider->read_call != NULL)
		alidns_cancel(provider->read_call);
	alidns_free(provider->alidns);
	credentials_free(provider->credentials);
	http_free(provider->http);
	journal_close(provider->journal);
	arrival_free(provider->arrival);
	have_drop(provider);
	record_list_free(provider->want);
	record_list_free(provider->wanted);
	record_list_free(provider->next_want);
	hash_set_clear(&provider->lost);
	hash_set_clear(&provider->notes_said);
	refusals_forget(provider);
	free(provider->owner);
	free(provider->file_path);
	alidns_file_free(&provider->file);
	uv_close((uv_handle_t *)&provider->move, timer_closed);
}

/* --- what others tell it ------------------------------------------------------------------ */

size_t provider_stop(struct provider *provider)
{
	provider->stopping = true;
	provider_move_soon(provider);
	return flights_used(provider);
}

void provider_want(struct provider *provider, struct record_list *want, bool whole)
{
	assert(provider != NULL && want != NULL);
	record_list_sort(want);
	record_list_free(provider->next_want);
	provider->next_want = want;
	provider->next_whole = whole;
	calls_hurry(provider);
	if (provider->change_ms == 0)
		provider->change_ms = provider_loop_ms(provider);
	provider_move_soon(provider);
}

const struct name *provider_domain(const struct provider *provider)
{
	return &provider->domain;
}

void provider_lead_changed(struct provider *provider)
{
	provider_move_soon(provider);
}

size_t provider_approve(struct provider *provider)
{
	size_t held = provider->plan == NULL ? 0 : plan_counts(provider->plan)->held;
	if (held == 0)
		return 0;
	provider->approved = held;
	provider->again = true;
	provider_log(provider, LOG_INFO, "%s: %zu deletions approved", provider->domain_text, held);
	provider_move_soon(provider);
	return held;
}

/* --- what it tells ------------------------------------------------------------------------ */

/* Before the next plan says so, nothing is at rest. */
static enum provider_phase phase_told(const struct provider *provider)
{
	bool more = provider->again || provider->next_want != NULL;
	return provider->phase == PROVIDER_AT_REST && more ? PROVIDER_APPLIES : provider->phase;
}

void provider_state(const struct provider *provider, struct provider_state *out)
{
	assert(provider != NULL && out != NULL);
	*out = (struct provider_state){
		.phase = phase_told(provider),
		.domain = provider->domain_text,
		.edition = provider->edition,
		.edition_known = provider->edition_known,
		.records = provider->have == NULL ? 0 : record_list_count(provider->have),
		.pending = provider->phase == PROVIDER_APPLIES ? provider->pending : 0,
		.done = provider->done,
		.refused = provider->refused.count,
		.last_success_ms = provider->last_success_ms,
		.failures = provider->failures,
		.trouble = provider->trouble.text,
		.lasting = provider->lasting,
		.leader = provider_may_write(provider),
	};
	out->arrival.took_ms = -1;
	out->arrival.disagreement = "";
	if (provider->arrival != NULL)
		arrival_state(provider->arrival, &out->arrival);
	if (provider->plan != NULL)
		out->counts = *plan_counts(provider->plan);
	out->held = out->counts.held;
	memcpy(out->changes, provider->changes, sizeof out->changes);
}

bool provider_calls(const struct provider *provider, size_t i, const char **action,
                    const char **code, uint64_t *count)
{
	if (i >= provider->call_count)
		return false;
	*action = provider->calls[i].action;
	*code = provider->calls[i].code;
	*count = provider->calls[i].count;
	return true;
}

const struct record_list *provider_wanted(const struct provider *provider)
{
	return provider->wanted != NULL ? provider->wanted : provider->want;
}

void provider_doubt(struct provider *provider)
{
	provider->read_at_ms = 0;
}

const struct plan *provider_plan(const struct provider *provider, const struct record_list **have,
                                 const struct record_list **want)
{
	*have = provider->have;
	*want = provider_wanted(provider);
	return provider->plan;
}

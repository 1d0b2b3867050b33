/* One name's steps at the provider, one after the other.
 *
 *     ADD --> REMARK --> the next step, or the end
 *     UPDATE, DELETE, REMARK (of a record that is there) --> likewise
 *     an answer lost, or not what was known --> LOOK: the name's records are read again; the end
 */
#include "flight.h"

#include <stdio.h>
#include <string.h>

#define SERIAL_MS      60000 /* one call at a time, once the provider has asked for that */
#define BUSY_MS        2000
#define BUSY_LASTING   3 /* failures in a row */
#define TRIES_MAX      4 /* of one act in a row, before the name is looked at again */
#define LOOK_PAGES_MAX 10

static void act_set(struct flight *flight)
{
	static const enum act FIRST[] = {
		[STEP_MARK] = ACT_REMARK,
		[STEP_UPDATE] = ACT_UPDATE,
		[STEP_ADD] = ACT_ADD,
		[STEP_DELETE] = ACT_DELETE,
	};
	flight->act = FIRST[flight_step(flight)->kind];
	flight->tries = 0;
}

void flight_begin(struct flight *flight, const struct plan_name *name)
{
	struct provider *provider = flight->provider;
	*flight = (struct flight){.provider = provider,
	                          .used = true,
	                          .step = name->first,
	                          .steps_end = name->first + name->count};
	act_set(flight);
}

void flight_end(struct flight *flight)
{
	if (flight->call != NULL)
		alidns_cancel(flight->call);
	record_list_free(flight->seen);
	*flight = (struct flight){.provider = flight->provider};
}

size_t flights_used(const struct provider *provider)
{
	size_t used = 0;
	for (size_t i = 0; i < PROVIDER_FLIGHTS_MAX; i++)
		used += provider->flights[i].used;
	return used;
}

/* --- what is known of the records now ------------------------------------------------------ */

/* `want` is at the provider, with this id and mark. */
static void came_add(struct flight *flight, const struct record *want, struct bytes id,
                     enum mark mark, uint8_t holds)
{
	struct provider *provider = flight->provider;
	struct why why = {{0}};
	struct record record = *want;
	arrival_note(provider->arrival, want);
	record.id = id;
	record.ttl_s = plan_ttl(provider->plan, want);
	record.mark = (uint8_t)mark;
	record.holds = holds;
	if (record_list_add(provider->came, &record, &why) != ERR_OK)
		provider_doubt(provider);
}

static void step_say(const struct flight *flight, const char *action, const struct record *record,
                     const char *id, const char *request_id)
{
	char type[16];
	struct provider *provider = flight->provider;
	type_text(record->type, type);
	provider_log(provider, LOG_INFO, "%s: %s %.*s %s %.*s, record %s, request %s",
	             provider->domain_text, action, BYTES_ARG(record->rr), type,
	             BYTES_ARG(record->value), id, request_id);
	struct record told = *record;
	told.id = bytes_of(id);
	journal_done(provider->journal, action, &told, request_id, provider_wall_ms(provider));
}

/* --- acts done ---------------------------------------------------------------------------- */

static void step_next(struct flight *flight)
{
	struct provider *provider = flight->provider;
	provider->changes[flight_step(flight)->kind]++;
	provider->done++;
	if (provider->pending > 0)
		provider->pending--;
	if (++flight->step == flight->steps_end)
		flight_end(flight);
	else
		act_set(flight);
}

/* Nothing more can be planned on what was known of this name: read, and plan again. */
static void look(struct flight *flight)
{
	flight->act = ACT_LOOK;
	flight->tries = 0;
	flight->page = 1;
	record_list_free(flight->seen);
	flight->seen = NULL;
}

/* The record may have been added, whatever the answer says: where a kept connection breaks, libcurl
 * sends a call a second time, and the answer is that of the second. */
static void maybe_added(struct flight *flight)
{
	struct provider *provider = flight->provider;
	if (flight->act == ACT_ADD &&
	    hash_set_add(&provider->lost, record_hash(flight_want(flight), provider->seed)) != ERR_OK)
		provider_doubt(provider);
}

/* It may have been done, or not. */
static void answer_lost(struct flight *flight)
{
	maybe_added(flight);
	if (flight->act != ACT_LOOK)
		look(flight);
}

static void record_refused(struct flight *flight, const struct alidns_reply *reply);

/* What is said of a record doesn't fit what is listed: look, but not without end, for what is said
 * may never fit. */
static void look_or_refuse(struct flight *flight, const struct alidns_reply *reply)
{
	struct provider *provider = flight->provider;
	uint64_t hash = record_hash(flight_subject(flight), provider->seed);
	size_t i = 0;
	while (i < PUZZLES_MAX && hash_set_has(&provider->puzzles[i], hash))
		i++;
	if (i == PUZZLES_MAX) {
		record_refused(flight, reply);
		return;
	}
	if (hash_set_add(&provider->puzzles[i], hash) != ERR_OK)
		provider_doubt(provider);
	look(flight);
}

static void added(struct flight *flight, const struct alidns_reply *reply)
{
	const char *id = alidns_read_id(reply->body);
	if (id == NULL || strlen(id) >= RECORD_ID_SIZE) {
		maybe_added(flight);
		look_or_refuse(flight, reply);
		return;
	}
	(void)snprintf(flight->id, sizeof flight->id, "%s", id);
	step_say(flight, "add", flight_want(flight), id, reply->request_id);
	flight->act = ACT_REMARK;
	flight->tries = 0;
}

static void marked(struct flight *flight, const struct alidns_reply *reply)
{
	if (flight_step(flight)->kind == STEP_MARK) {
		struct record *have = flight_have(flight);
		char id[RECORD_ID_SIZE];
		record_id_text(have->id, id);
		have->mark = MARK_OURS;
		step_say(flight, "mark", have, id, reply->request_id);
	} else {
		/* its line in the log says "add" already */
		struct record added = *flight_want(flight);
		added.id = bytes_of(flight->id);
		journal_done(flight->provider->journal, "mark", &added, reply->request_id,
		             provider_wall_ms(flight->provider));
		came_add(flight, flight_want(flight), added.id, MARK_OURS, 0);
	}
	step_next(flight);
}

static void updated(struct flight *flight, const struct alidns_reply *reply)
{
	struct record *have = flight_have(flight);
	char id[RECORD_ID_SIZE];
	record_id_text(have->id, id);
	step_say(flight, "update", flight_want(flight), id, reply->request_id);
	arrival_note(flight->provider->arrival, have);
	have->holds |= HOLD_GONE;
	came_add(flight, flight_want(flight), bytes_of(id), MARK_OURS, 0);
	step_next(flight);
}

static void deleted(struct flight *flight, const struct alidns_reply *reply)
{
	struct record *have = flight_have(flight);
	char id[RECORD_ID_SIZE];
	record_id_text(have->id, id);
	step_say(flight, "delete", have, id, reply->request_id);
	arrival_note(flight->provider->arrival, have);
	have->holds |= HOLD_GONE;
	step_next(flight);
}

static void look_ended(struct flight *flight)
{
	struct provider *provider = flight->provider;
	struct bytes rr = flight_subject(flight)->rr;
	struct why why = {{0}};
	size_t count = record_list_count(flight->seen);
	enum err err = ERR_OK;
	have_forget(provider, rr);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		struct record *record = record_list_at(flight->seen, i);
		record_own(provider, record);
		if (bytes_equal(record->rr, rr))
			err = record_list_add(provider->came, record, &why);
	}
	provider->again = true;
	if (err != ERR_OK)
		provider_doubt(provider);
	flight_end(flight);
}

/* One name can't be read: read all. After a pause, for it may be so without end. */
static void look_failed(struct flight *flight, const char *why)
{
	struct provider *provider = flight->provider;
	calls_pause(provider, 0);
	call_troubled_why(provider, API_NAME, why);
	provider_doubt(provider);
	provider->again = true;
	flight_end(flight);
}

static void looked(struct flight *flight, const struct alidns_reply *reply)
{
	struct provider *provider = flight->provider;
	struct why why = {{0}};
	size_t total = 0;
	why_set(&why, "no memory for a name's records");
	if (flight->seen == NULL)
		flight->seen = record_list_new();
	enum err err = flight->seen == NULL ? ERR_NOMEM
	                                    : alidns_read_records(reply->body, provider->owner,
	                                                          flight->seen, &total, &why);
	bool last = flight->page * LOOK_PAGE_SIZE >= total;
	if (err == ERR_OK && last && record_list_count(flight->seen) < total) {
		err = ERR_AGAIN; /* what is missing may be in the way */
		why_set(&why, "there are %zu records, and %zu are listed", total,
		        record_list_count(flight->seen));
	}
	if (err != ERR_OK)
		look_failed(flight, why.text);
	else if (!last && flight->page < LOOK_PAGES_MAX)
		flight->page++;
	else
		look_ended(flight);
}

static void act_done(struct flight *flight, const struct alidns_reply *reply)
{
	switch (flight->act) {
	case ACT_ADD:
		added(flight, reply);
		break;
	case ACT_REMARK:
		marked(flight, reply);
		break;
	case ACT_UPDATE:
		updated(flight, reply);
		break;
	case ACT_DELETE:
		deleted(flight, reply);
		break;
	default:
		looked(flight, reply);
		break;
	}
}

/* --- acts refused ------------------------------------------------------------------------- */

static bool same_content(const struct record *a, const struct record *b)
{
	return a->type == b->type && bytes_equal(a->value, b->value);
}

static void refuse(struct provider *provider, const struct record *want)
{
	if (hash_set_add(&provider->refused, record_hash(want, provider->seed)) != ERR_OK)
		provider_doubt(provider);
}

/* The provider doesn't take this record: the others go on without it, and what is there stays. */
static void record_refused(struct flight *flight, const struct alidns_reply *reply)
{
	struct provider *provider = flight->provider;
	const struct record *record = flight_subject(flight);
	char type[16];
	type_text(record->type, type);
	provider_log(provider, LOG_WARN,
	             "%s: %.*s %s %.*s is refused and left out until the next full comparison: %s: %s",
	             provider->domain_text, BYTES_ARG(record->rr), type, BYTES_ARG(record->value),
	             reply->code, reply->message);
	bool add = flight_step(flight)->kind == STEP_ADD;
	if (!add)
		flight_have(flight)->holds |= HOLD_REFUSED; /* it stays as it is */
	if (flight->act == ACT_REMARK && add)
		came_add(flight, record, bytes_of(flight->id), MARK_PENDING, HOLD_REFUSED);
	else if (add || (flight->act == ACT_UPDATE && !same_content(flight_have(flight), record)))
		refuse(provider, record);
	provider->again = true;
	flight_end(flight);
}

/* Such a record is there already. Whose is it? Ours, if a call for it failed before, to us or to
 * who was us before; else somebody was faster. */
static void record_exists(struct flight *flight, const struct alidns_reply *reply)
{
	struct provider *provider = flight->provider;
	if (flight->act == ACT_ADD &&
	    !hash_set_has(&provider->lost, record_hash(flight_want(flight), provider->seed)) &&
	    !journal_inherited(provider->journal, flight_want(flight)))
		journal_disown(provider->journal, flight_want(flight), provider_wall_ms(provider));
	look_or_refuse(flight, reply);
}

static bool about_a_record(enum alidns_class class)
{
	return class == ALIDNS_GONE || class == ALIDNS_EXISTS || class == ALIDNS_RECORD;
}

static void act_failed(struct flight *flight, const struct alidns_reply *reply)
{
	struct provider *provider = flight->provider;
	flight->tries++;
	if (flight->act == ACT_LOOK && about_a_record(reply->class)) {
		look_failed(flight, reply->code);
		return;
	}
	switch (reply->class) {
	case ALIDNS_CLOCK:
	case ALIDNS_AGAIN:
	case ALIDNS_THROTTLED:
		if (reply->class != ALIDNS_CLOCK || flight->tries > 1)
			calls_pause(provider, reply->wait_ms);
		call_troubled(provider, flight_api(flight), reply);
		maybe_added(flight);
		break;
	case ALIDNS_BUSY:
		maybe_added(flight);
		provider->serial_until_ms = provider_loop_ms(provider) + SERIAL_MS;
		calls_pause(provider, BUSY_MS);
		if (provider->failures >= BUSY_LASTING) /* it is nothing special */
			call_troubled(provider, flight_api(flight), reply);
		break;
	case ALIDNS_LOST:
		calls_pause(provider, 0);
		call_troubled(provider, flight_api(flight), reply);
		answer_lost(flight);
		break;
	case ALIDNS_GONE:
		if (flight->act == ACT_DELETE)
			deleted(flight, reply);
		else
			look_or_refuse(flight, reply);
		break;
	case ALIDNS_EXISTS:
		record_exists(flight, reply);
		break;
	case ALIDNS_RECORD:
		record_refused(flight, reply);
		break;
	default:
		pass_failed(provider, api_action(flight_api(flight)), reply);
		break;
	}
}

static void call_done(void *arg, const struct alidns_reply *reply)
{
	struct flight *flight = arg;
	struct provider *provider = flight->provider;
	flight->call = NULL;
	call_counted(provider, flight_api(flight), reply);
	if (reply->class == ALIDNS_DONE)
		act_done(flight, reply);
	else
		act_failed(flight, reply);
	provider_move_soon(provider);
	provider_changed(provider);
}

/* --- acts begun --------------------------------------------------------------------------- */

void flight_move(struct flight *flight)
{
	struct provider *provider = flight->provider;
	struct why why = {{0}};
	if (flight->call != NULL)
		return;
	if (flight->tries > TRIES_MAX && flight->act != ACT_LOOK)
		look(flight);
	if (!provider_may_write(provider))
		return; /* pass_move() sees to it */
	if (!call_allowed(provider, flight_api(flight)))
		return;
	if (flight_call(flight, call_done, &why) != ERR_OK)
		pass_failed_why(provider, api_action(flight_api(flight)), why.text);
}

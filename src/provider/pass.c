/* A pass: read, plan, apply, until a plan has no steps. */
#include "provider_internal.h"

#include <string.h>

/* Lines about conflicts, drift and the like at a time; how many more there are is one more. */
#define NOTES_SAID_MAX 20

/* --- planning ----------------------------------------------------------------------------- */

static enum err wanted_filter(struct provider *provider, struct why *why)
{
	record_list_free(provider->wanted);
	provider->wanted = NULL;
	if (provider->refused.count == 0)
		return ERR_OK;
	provider->wanted = record_list_new();
	why_set(why, "no memory for what is wanted");
	if (provider->wanted == NULL)
		return ERR_NOMEM;
	enum err err = ERR_OK;
	size_t count = record_list_count(provider->want);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		const struct record *record = record_list_at(provider->want, i);
		if (!hash_set_has(&provider->refused, record_hash(record, provider->seed)))
			err = record_list_add(provider->wanted, record, why);
	}
	if (err == ERR_OK)
		record_list_sort(provider->wanted);
	return err;
}

static uint64_t note_hash(const struct provider *provider, const struct plan_note *note)
{
	const struct record_list *want = provider_wanted(provider);
	uint64_t parts[] = {(uint64_t)note->kind, 0, 0};
	if (note->have != PLAN_NONE)
		parts[1] = record_hash(record_list_at(provider->have, note->have), provider->seed);
	if (note->want != PLAN_NONE)
		parts[2] = record_hash(record_list_at(want, note->want), provider->seed);
	return hash_bytes((struct bytes){(const uint8_t *)parts, sizeof parts}, provider->seed);
}

static void note_say(const struct provider *provider, const struct plan_note *note)
{
	char text[WHY_TEXT_SIZE];
	plan_note_text(provider->plan, note, text, sizeof text);
	provider_log(provider, LOG_WARN, "%s: %s", provider->domain_text, text);
}

/* Those that the plan before hadn't. */
static void notes_say(struct provider *provider)
{
	size_t count, news = 0;
	struct hash_set now = {.count = 0};
	const struct plan_note *notes = plan_notes(provider->plan, &count);
	for (size_t i = 0; i < count; i++) {
		uint64_t hash = note_hash(provider, &notes[i]);
		bool said = hash_set_has(&provider->notes_said, hash) || hash_set_has(&now, hash);
		if (!said && news++ < NOTES_SAID_MAX)
			note_say(provider, &notes[i]);
		/* without memory it is said again */
		enum err err = hash_set_add(&now, hash);
		(void)err;
	}
	if (news > NOTES_SAID_MAX)
		provider_log(provider, LOG_WARN, "%s: and %zu more like these; `fedns plan` lists them",
		             provider->domain_text, news - NOTES_SAID_MAX);
	hash_set_clear(&provider->notes_said);
	provider->notes_said = now;
}

static void counts_say(struct provider *provider)
{
	const struct plan_counts *counts = plan_counts(provider->plan);
	if (counts->raised != 0 && !provider->raised_said) {
		provider->raised_said = true;
		provider_log(provider, LOG_WARN,
		             "%s: the smallest TTL of edition %s is %u s: %zu records have that instead",
		             provider->domain_text, provider->edition.edition, provider->edition.ttl_min_s,
		             counts->raised);
	}
	if (record_list_count(provider->want) == 0 && counts->ours != 0)
		provider_log(
			provider, LOG_WARN,
			"%s: nothing is wanted, so nothing is deleted: %zu records of ours stay; delete "
			"them by hand if that is meant",
			provider->domain_text, counts->ours);
	if (counts->held != provider->held_said && counts->held != 0)
		provider_log(provider, LOG_ERROR,
		             "%s: %zu of %zu records would be deleted, more than max_delete (%u%%): they "
		             "stay until `fedns approve`",
		             provider->domain_text, counts->held, counts->ours,
		             provider->policy.max_delete_percent);
	provider->held_said = counts->held;
	if (provider->policy.dry_run ||
	    counts->adds + counts->updates + counts->deletes + counts->marks != 0)
		provider_log(provider, LOG_INFO,
		             "%s: %zu to add, %zu to update, %zu to delete, %zu to mark; %zu unchanged%s",
		             provider->domain_text, counts->adds, counts->updates, counts->deletes,
		             counts->marks, counts->unchanged,
		             provider->policy.dry_run ? " (dry_run: nothing is done)" : "");
}

static enum err intentions_write(struct provider *provider, struct why *why)
{
	size_t count;
	const struct plan_step *steps = plan_steps(provider->plan, &count);
	const struct record_list *want = provider_wanted(provider);
	enum err err = ERR_OK;
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		if (steps[i].kind == STEP_ADD)
			err = journal_intend(provider->journal, record_list_at(want, steps[i].want),
			                     provider_wall_ms(provider), why);
	}
	return err == ERR_OK ? journal_sync(provider->journal, why) : err;
}

static enum err plan_renew(struct provider *provider, struct why *why)
{
	plan_free(provider->plan);
	provider->plan = NULL;
	enum err err = have_settle(provider, why);
	if (err == ERR_OK)
		err = wanted_filter(provider, why);
	if (err != ERR_OK)
		return err;
	struct plan_ask ask = {
		.have = provider->have,
		.want = provider_wanted(provider),
		.whole = provider->whole,
		.adopt = provider->policy.adopt,
		.limits = {.ttl_min_s = provider->edition.ttl_min_s,
	               .levels_max = provider->edition.levels_max,
	               .same_max = provider->edition.same_max},
		.max_delete_percent = provider->approved != 0 ? 100 : provider->policy.max_delete_percent,
	};
	err = plan_make(&ask, &provider->plan, why);
	if (err != ERR_OK || plan_counts(provider->plan)->deletes <= provider->approved ||
	    provider->approved == 0)
		return err;
	/* more than was approved: it is another plan than was seen */
	provider->approved = 0;
	plan_free(provider->plan);
	provider->plan = NULL;
	ask.max_delete_percent = provider->policy.max_delete_percent;
	return plan_make(&ask, &provider->plan, why);
}

/* While a disk is full each pass comes upon it. */
static void journal_say(struct provider *provider)
{
	const char *trouble = journal_trouble(provider->journal);
	if (trouble == NULL)
		told_forget(&provider->told_journal);
	else if (told_is_news(&provider->told_journal, trouble, provider_loop_ms(provider)))
		provider_log(provider, LOG_WARN, "%s", trouble);
}

static void pass_end(struct provider *provider)
{
	provider->phase = PROVIDER_AT_REST;
	provider->approved = 0;
	if (!provider->policy.dry_run)
		journal_settle(provider->journal, provider->have, provider_wall_ms(provider));
	journal_say(provider);
	hash_set_clear(&provider->lost);
	trouble_over(provider);
	calls_rest(provider);
	if (!provider->policy.dry_run)
		provider->last_success_ms = provider_wall_ms(provider);
	if (provider->arrival != NULL)
		arrival_begin(provider->arrival, provider->want, provider->change_ms);
	provider->change_ms = 0;
	provider_changed(provider);
}

static void want_take(struct provider *provider)
{
	if (provider->next_want == NULL)
		return;
	plan_free(provider->plan); /* it points into what goes */
	provider->plan = NULL;
	record_list_free(provider->want);
	provider->want = provider->next_want;
	provider->whole = provider->next_whole;
	provider->next_want = NULL;
}

static void plan_begin(struct provider *provider)
{
	struct why why = {{0}};
	provider->again = false;
	want_take(provider);
	enum err err = plan_renew(provider, &why);
	if (err == ERR_OK) {
		notes_say(provider);
		counts_say(provider);
		if (!provider->policy.dry_run)
			err = intentions_write(provider, &why);
	}
	if (err != ERR_OK) {
		pass_failed_why(provider, "plan", why.text);
		return;
	}
	size_t names;
	(void)plan_names(provider->plan, &names);
	(void)plan_steps(provider->plan, &provider->pending);
	provider->done = 0;
	memset(provider->next, 0, sizeof provider->next);
	if (names == 0 || provider->policy.dry_run) {
		pass_end(provider);
		return;
	}
	provider->phase = PROVIDER_APPLIES;
	provider_changed(provider);
}

/* --- applying ----------------------------------------------------------------------------- */

static void flights_end(struct provider *provider)
{
	for (size_t i = 0; i < PROVIDER_FLIGHTS_MAX; i++)
		flight_end(&provider->flights[i]);
}

static bool any_call(const struct provider *provider)
{
	for (size_t i = 0; i < PROVIDER_FLIGHTS_MAX; i++) {
		if (provider->flights[i].call != NULL)
			return true;
	}
	return false;
}

/* The next name whose first step is of `kind`; NULL: all have been begun. */
static const struct plan_name *name_next(struct provider *provider, enum step_kind kind)
{
	size_t count, step_count;
	const struct plan_name *names = plan_names(provider->plan, &count);
	const struct plan_step *steps = plan_steps(provider->plan, &step_count);
	uint32_t *next = &provider->next[kind];
	while (*next < count && steps[names[*next].first].kind != kind)
		(*next)++;
	return *next < count ? &names[*next] : NULL;
}

static bool any_name(struct provider *provider)
{
	for (int kind = 0; kind < STEP_KINDS; kind++) {
		if (name_next(provider, (enum step_kind)kind) != NULL)
			return true;
	}
	return false;
}

static unsigned waiting(const struct provider *provider, enum act act)
{
	unsigned count = 0;
	for (size_t i = 0; i < PROVIDER_FLIGHTS_MAX; i++) {
		const struct flight *flight = &provider->flights[i];
		count += flight->used && flight->call == NULL && flight->act == act;
	}
	return count;
}

/* Each kind of call has a quota of its own: a name that would have to wait for one that is used up
 * takes no place from those that needn't. What changes comes first, what goes last. */
static bool flight_fill(struct provider *provider, struct flight *flight)
{
	static const struct {
		enum step_kind kind;
		enum act act;
		enum api api;
	} ORDER[STEP_KINDS] = {
		{STEP_UPDATE, ACT_UPDATE, API_UPDATE},
		{STEP_MARK, ACT_REMARK, API_REMARK},
		{STEP_ADD, ACT_ADD, API_ADD},
		{STEP_DELETE, ACT_DELETE, API_DELETE},
	};
	for (size_t i = 0; i < STEP_KINDS; i++) {
		const struct plan_name *name = name_next(provider, ORDER[i].kind);
		if (name == NULL || !call_ready(provider, ORDER[i].api, waiting(provider, ORDER[i].act)))
			continue;
		provider->next[ORDER[i].kind]++;
		flight_begin(flight, name);
		return true;
	}
	return false;
}

static void flights_fill(struct provider *provider)
{
	bool serial = provider_loop_ms(provider) < provider->serial_until_ms;
	size_t most = serial ? 1 : PROVIDER_FLIGHTS_MAX;
	for (size_t i = 0; i < most; i++) {
		if (!provider->flights[i].used && !flight_fill(provider, &provider->flights[i]))
			return;
	}
}

/* Of a domain that takes one call at a time, names begun before are ended one after the other. */
static void flights_move(struct provider *provider)
{
	bool serial = provider_loop_ms(provider) < provider->serial_until_ms;
	for (size_t i = 0; i < PROVIDER_FLIGHTS_MAX && provider->phase == PROVIDER_APPLIES; i++) {
		if (serial && any_call(provider))
			return;
		if (provider->flights[i].used)
			flight_move(&provider->flights[i]);
	}
}

static void apply_move(struct provider *provider)
{
	bool stop = provider->next_want != NULL || provider->stopping || !provider_may_write(provider);
	if (!stop)
		flights_fill(provider);
	flights_move(provider);
	if (provider->phase != PROVIDER_APPLIES)
		return;
	if (!provider_may_write(provider) && !any_call(provider)) {
		flights_end(provider);
		have_drop(provider); /* whoever may write now changes it */
		provider->phase = PROVIDER_WAITS;
		provider_changed(provider);
		return;
	}
	if (flights_used(provider) != 0 || (!stop && any_name(provider)))
		return;
	provider->phase = PROVIDER_AT_REST;
	provider->again = true; /* until a plan has no steps */
	provider_move_soon(provider);
}

/* --- the whole ---------------------------------------------------------------------------- */

void pass_move(struct provider *provider)
{
	int64_t now_ms = provider_loop_ms(provider);
	if (provider->phase == PROVIDER_APPLIES) {
		apply_move(provider);
		return;
	}
	if (provider->stopping || (provider->want == NULL && provider->next_want == NULL))
		return;
	if (provider->phase == PROVIDER_TROUBLED && now_ms < provider->pause_until_ms) {
		calls_wake_at(provider, provider->pause_until_ms);
		return;
	}
	if (!provider_may_call(provider)) {
		if (provider->read_call != NULL)
			return; /* its end comes back here */
		provider->phase = PROVIDER_WAITS;
		have_drop(provider);
		return;
	}
	if (provider->phase == PROVIDER_READS) {
		read_move(provider);
		return;
	}
	if (provider->have == NULL || now_ms >= provider->read_at_ms)
		read_move(provider);
	else if (provider->again || provider->next_want != NULL)
		plan_begin(provider);
	if (provider->phase == PROVIDER_APPLIES)
		apply_move(provider);
	else if (provider->phase == PROVIDER_AT_REST)
		calls_wake_at(provider, provider->read_at_ms);
}

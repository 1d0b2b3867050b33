/* The domain and its records, as they are at the provider now. */
#include "provider_internal.h"
#include "record_list.h"

#include <stdio.h>

/* A list that grows while it is read ends, too. */
#define PAGES_MAX ((PLAN_RECORDS_MAX / ALIDNS_PAGE_SIZE) + 1)

void have_drop(struct provider *provider)
{
	plan_free(provider->plan);
	provider->plan = NULL;
	record_list_free(provider->have);
	record_list_free(provider->came);
	provider->have = provider->came = NULL;
}

void refusals_forget(struct provider *provider)
{
	hash_set_clear(&provider->refused);
	for (size_t i = 0; i < PUZZLES_MAX; i++)
		hash_set_clear(&provider->puzzles[i]);
}

static bool in_scope(const struct provider *provider, struct bytes rr)
{
	struct bytes scope = bytes_of(provider->scope_text);
	if (rr.size <= scope.size)
		return scope.size == 0 || bytes_equal_nocase(rr, scope);
	struct bytes end = {rr.data + rr.size - scope.size, scope.size};
	return scope.size == 0 || (end.data[-1] == '.' && bytes_equal_nocase(end, scope));
}

void record_own(const struct provider *provider, struct record *record)
{
	if (record->mark == MARK_OURS && !in_scope(provider, record->rr))
		record->mark = MARK_OTHER;
	if (record->mark == MARK_NONE && record->holds == 0 &&
	    journal_intended(provider->journal, record))
		record->mark = MARK_PENDING;
}

/* --- keeping step ------------------------------------------------------------------------- */

static void list_forget(struct record_list *list, struct bytes rr)
{
	size_t count = list == NULL ? 0 : record_list_count(list);
	for (size_t i = 0; i < count; i++) {
		struct record *record = record_list_at(list, i);
		if (bytes_equal(record->rr, rr))
			record->holds |= HOLD_GONE;
	}
}

void have_forget(struct provider *provider, struct bytes rr)
{
	list_forget(provider->have, rr);
	list_forget(provider->came, rr);
}

static enum err list_append(struct record_list *to, const struct record_list *from, struct why *why)
{
	enum err err = ERR_OK;
	size_t count = from == NULL ? 0 : record_list_count(from);
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		const struct record *record = record_list_at(from, i);
		if ((record->holds & HOLD_GONE) == 0)
			err = record_list_add(to, record, why);
	}
	return err;
}

/* A record that moved from page to page while they were read is there twice. */
static void twice_drop(struct record_list *list)
{
	size_t count = record_list_count(list);
	for (size_t i = 1; i < count; i++) {
		const struct record *before = record_list_at(list, i - 1);
		struct record *record = record_list_at(list, i);
		if (bytes_equal(before->id, record->id))
			record->holds |= HOLD_GONE;
	}
}

static enum err list_renew(struct record_list **list, const struct record_list *more,
                           struct why *why)
{
	struct record_list *fresh = record_list_new();
	enum err err = ERR_NOMEM;
	why_set(why, "no memory for the provider's records");
	if (fresh != NULL)
		err = list_append(fresh, *list, why);
	if (err == ERR_OK)
		err = list_append(fresh, more, why);
	if (err != ERR_OK) {
		record_list_free(fresh);
		return err;
	}
	record_list_sort(fresh);
	record_list_free(*list);
	*list = fresh;
	return ERR_OK;
}

enum err have_settle(struct provider *provider, struct why *why)
{
	enum err err = list_renew(&provider->have, provider->came, why);
	if (err != ERR_OK)
		return err;
	record_list_free(provider->came);
	provider->came = record_list_new();
	if (provider->came != NULL)
		return ERR_OK;
	why_set(why, "no memory for the provider's records");
	return ERR_NOMEM;
}

/* --- what a dead replica has left ---------------------------------------------------------- */

/* Its last adds are no older than this; a Lease is taken over within 20 s. As much is between the
 * clocks. */
#define HEIR_MS   (10 * 60 * 1000)
#define HEIRS_MAX 64 /* it had PROVIDER_FLIGHTS_MAX under way */

static bool is_wanted(const struct provider *provider, const struct record *record)
{
	const struct record_list *want =
		provider->next_want != NULL ? provider->next_want : provider->want;
	size_t count = want == NULL ? 0 : record_list_count(want);
	for (size_t i = 0; i < count; i++) {
		const struct record *other = record_list_at(want, i);
		if (bytes_equal(other->rr, record->rr) && record_content_compare(other, record) == 0)
			return true;
	}
	return false;
}

/* A replica that was killed between an Add and its remark leaves a record that nobody's mark is on,
 * and its journal is out of reach. One that was made just now, and says what is wanted to the
 * letter, is taken for that: when the lease has come to us, and never later, for somebody might
 * make such a record by hand. */
static void heirs_own(struct provider *provider)
{
	size_t count = record_list_count(provider->have), looked = 0;
	int64_t since_ms = provider_wall_ms(provider) - HEIR_MS;
	for (size_t i = 0; i < count && looked < HEIRS_MAX; i++) {
		struct record *record = record_list_at(provider->have, i);
		if (record->mark != MARK_NONE || record->holds != 0 || record->created_ms < since_ms)
			continue;
		looked++;
		if (is_wanted(provider, record))
			record->mark = MARK_PENDING;
	}
}

/* --- all of them --------------------------------------------------------------------------- */

/* A list is read again so often, where it isn't as long as it says. Then it may be the count that
 * is wrong, or somebody changes the records all the time. */
#define REREADS_MAX 2

static enum err pages_begin(struct provider *provider, struct why *why)
{
	have_drop(provider);
	provider->page = 1;
	provider->page_total = 0;
	provider->total_moved = false;
	provider->came = record_list_new();
	if (provider->came != NULL)
		return ERR_OK;
	why_set(why, "no memory for the provider's records");
	return ERR_NOMEM;
}

/* What a part of a list lacks may be somebody else's: it would look as if its name were free. So
 * does what slips from a page to one that was read before, because another record has gone. */
static bool all_there(struct provider *provider)
{
	size_t count = record_list_count(provider->have);
	if (count == provider->page_total && !provider->total_moved)
		return true;
	if (provider->rereads++ < REREADS_MAX)
		return false;
	if (count != provider->page_total)
		provider_log(provider, LOG_WARN,
		             "%s: the provider says that there are %zu records, and lists %zu, again and "
		             "again: what it doesn't list may be in the way",
		             provider->domain_text, provider->page_total, count);
	return true;
}

static enum err all_read(struct provider *provider, struct why *why)
{
	record_list_sort(provider->came);
	twice_drop(provider->came);
	enum err err = have_settle(provider, why);
	if (err != ERR_OK)
		return err;
	if (!all_there(provider))
		return pages_begin(provider, why);
	size_t count = record_list_count(provider->have);
	for (size_t i = 0; i < count; i++)
		record_own(provider, record_list_at(provider->have, i));
	if (provider->heir)
		heirs_own(provider);
	provider->heir = false;
	refusals_forget(provider);
	provider->read_at_ms = provider_loop_ms(provider) + provider->policy.interval_ms;
	provider->again = true;
	hash_set_clear(&provider->notes_said);
	provider->phase = PROVIDER_AT_REST;
	return ERR_OK;
}

/* After so many failures in a row the whole begins anew. */
#define READ_TRIES_MAX 4

static void read_failed(struct provider *provider, enum api api, const struct alidns_reply *reply)
{
	bool passes = reply->class == ALIDNS_CLOCK || reply->class == ALIDNS_THROTTLED ||
	              reply->class == ALIDNS_BUSY || reply->class == ALIDNS_AGAIN ||
	              reply->class == ALIDNS_LOST;
	if (!passes || provider->failures - provider->read_failures >= READ_TRIES_MAX) {
		pass_failed(provider, api_action(api), reply);
		return;
	}
	calls_pause(provider, reply->wait_ms);
	call_troubled(provider, api, reply);
	provider_move_soon(provider);
}

static void page_done(void *arg, const struct alidns_reply *reply)
{
	struct provider *provider = arg;
	struct why why = {{0}};
	provider->read_call = NULL;
	call_counted(provider, API_LIST, reply);
	if (reply->class != ALIDNS_DONE) {
		read_failed(provider, API_LIST, reply);
		return;
	}
	size_t before = provider->page_total;
	enum err err = alidns_read_records(reply->body, provider->owner, provider->came,
	                                   &provider->page_total, &why);
	provider->total_moved |= provider->page > 1 && provider->page_total != before;
	bool more = provider->page * ALIDNS_PAGE_SIZE < provider->page_total;
	if (err == ERR_OK && more && provider->page == PAGES_MAX) {
		why_set(&why, "the domain has more than %d records", PLAN_RECORDS_MAX);
		err = ERR_LIMIT;
	}
	if (err == ERR_OK && more)
		provider->page++;
	else if (err == ERR_OK)
		err = all_read(provider, &why);
	if (err != ERR_OK)
		pass_failed_why(provider, api_action(API_LIST), why.text);
	provider_move_soon(provider);
}

static void page_ask(struct provider *provider)
{
	char number[16], size[16];
	struct why why = {{0}};
	if (!call_allowed(provider, API_LIST))
		return;
	(void)snprintf(number, sizeof number, "%zu", provider->page);
	(void)snprintf(size, sizeof size, "%d", ALIDNS_PAGE_SIZE);
	struct alidns_param params[] = {{"DomainName", bytes_of(provider->domain_text)},
	                                {"PageNumber", bytes_of(number)},
	                                {"PageSize", bytes_of(size)}};
	if (call_start(provider, API_LIST, params, sizeof params / sizeof params[0], page_done,
	               provider, &provider->read_call, &why) != ERR_OK)
		pass_failed_why(provider, api_action(API_LIST), why.text);
}

/* --- the domain --------------------------------------------------------------------------- */

/* The federation guide's own words of what a domain must have. */
static void guide_check(struct provider *provider)
{
	const struct alidns_domain *edition = &provider->edition;
	if (provider->guide_said || (edition->ttl_min_s < 180 && edition->levels_max >= 7))
		return;
	provider->guide_said = true;
	provider_log(provider, LOG_WARN,
	             "%s: edition %s has a minimum TTL of %u s and %u levels of names; the federation "
	             "guide asks for one whose minimum TTL is under 180 s, with 7 levels: until then "
	             "changes reach clients later, and deeper names are left out",
	             provider->domain_text, edition->edition, edition->ttl_min_s, edition->levels_max);
}

static void domain_done(void *arg, const struct alidns_reply *reply)
{
	struct provider *provider = arg;
	struct why why = {{0}};
	provider->read_call = NULL;
	call_counted(provider, API_DOMAIN, reply);
	if (reply->class != ALIDNS_DONE) {
		read_failed(provider, API_DOMAIN, reply);
		return;
	}
	enum err err = alidns_read_domain(reply->body, &provider->edition, &why);
	if (err == ERR_OK)
		err = pages_begin(provider, &why);
	if (err != ERR_OK) {
		pass_failed_why(provider, api_action(API_DOMAIN), why.text);
		return;
	}
	provider->edition_known = true;
	if (provider->arrival != NULL)
		arrival_servers(provider->arrival, provider->edition.servers[0],
		                sizeof provider->edition.servers[0], provider->edition.server_count);
	guide_check(provider);
	provider_move_soon(provider);
}

static void domain_ask(struct provider *provider)
{
	struct why why = {{0}};
	if (!call_allowed(provider, API_DOMAIN))
		return;
	struct alidns_param params[] = {{"DomainName", bytes_of(provider->domain_text)},
	                                {"NeedDetailAttributes", bytes_of("true")}};
	if (call_start(provider, API_DOMAIN, params, sizeof params / sizeof params[0], domain_done,
	               provider, &provider->read_call, &why) != ERR_OK)
		pass_failed_why(provider, api_action(API_DOMAIN), why.text);
}

void read_move(struct provider *provider)
{
	if (provider->read_call != NULL)
		return;
	if (provider->phase != PROVIDER_READS) {
		provider->heir |= provider->setup.replicas && provider->phase == PROVIDER_WAITS;
		have_drop(provider);
		provider->phase = PROVIDER_READS;
		provider->read_failures = provider->failures;
		provider->read_pause_ms = provider->pause_ms;
		provider->page = 0;
		provider->rereads = 0;
	}
	if (provider->page == 0)
		domain_ask(provider);
	else
		page_ask(provider);
}

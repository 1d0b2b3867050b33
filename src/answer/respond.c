/* The answer path: one query in, one reply out; no allocation, no lock, no system call. Read it
 * from bottom to top. */
#include "asked.h"
#include "chaos.h"
#include "cookie.h"
#include "task.h"

static void glue_put(const struct task *task)
{
	const struct fixed *fixed = task->root->fixed;
	for (size_t i = 0; i < fixed->glue_count; i++) {
		if (reply_room(task->reply) < fixed->glue[i].size)
			return; /* glue is a courtesy here: no TC for it (RFC 2181 section 9) */
		(void)block_put(task, &fixed->glue[i]);
		task->reply->additionals = (uint16_t)(task->reply->additionals + fixed->glue[i].count);
	}
}

/* The apex and the name servers' names. */
static void own_answer(const struct task *task, const struct node *node)
{
	const struct own_set *sets = &task->root->fixed->own[node->set_first];
	for (size_t i = 0; i < node->set_count; i++) {
		if (sets[i].type != task->request->type && task->request->type != TYPE_ANY)
			continue;
		if (!block_put(task, &sets[i].block))
			return;
		task->reply->answers = sets[i].block.count;
		if (sets[i].type == TYPE_NS)
			glue_put(task);
		return;
	}
	negative_put(task);
}

static enum dns_rcode refuse(const struct task *task, enum dns_rcode rcode, enum edns_error error)
{
	task->reply->edns.error = error;
	return rcode;
}

static void error_set(const struct task *task, enum edns_error error, uint8_t reason,
                      const char *level)
{
	struct edns_reply *edns = &task->reply->edns;
	edns->error = error;
	edns->reason = reason_text(reason);
	edns->level = level;
}

/* Why the answer is not what the name itself lists: nothing serves, or the first level on the way
 * up that climbs. */
__attribute__((cold)) static void climb_tell(const struct task *task, const struct lookup *found)
{
	const struct entry *entry = found->entry;
	uint16_t place = found->place;
	if (entry->all_down) {
		error_set(task, ERROR_OTHER, REASON_ALL_DOWN, NULL);
		return;
	}
	const struct entry_climb *climb = entry_climb_find(entry, place);
	while (climb == NULL && place != 0 && entry_rung_find(entry, place) == NULL) {
		place = task->root->fixed->places[place].parent;
		climb = entry_climb_find(entry, place);
	}
	if (climb != NULL)
		error_set(task, ERROR_OTHER, climb->reason,
		          level_text(task->root->fixed->tails[place].level));
}

static enum dns_rcode zone_answer(const struct task *task)
{
	struct lookup found;
	/* Most questions are for names that exist: these are not asked whether they lie in the zone. */
	root_lookup(task->root, &task->request->qname, &found);
	if (found.found == FOUND_NOTHING &&
	    !name_at_or_below(&task->request->qname.name, &task->root->fixed->policy.zone.zone))
		return refuse(task, RCODE_REFUSED, ERROR_NOT_AUTHORITATIVE);

	task->reply->authoritative = true;
	switch (found.found) {
	case FOUND_LADDER:
		ladder_answer(task, &found);
		if (found.entry->climbs)
			climb_tell(task, &found);
		break;
	case FOUND_PORT:
		port_answer(task, &found);
		if (found.entry->climbs)
			climb_tell(task, &found);
		break;
	case FOUND_OWN:
		own_answer(task, found.node);
		break;
	case FOUND_EMPTY:
	case FOUND_NOTHING:
		negative_put(task);
		break;
	}
	enum dns_rcode rcode = found.found == FOUND_NOTHING ? RCODE_NXDOMAIN : RCODE_NOERROR;
	if (task->root->stale)
		error_set(task, rcode == RCODE_NXDOMAIN ? ERROR_STALE_NXDOMAIN : ERROR_STALE, REASON_STALE,
		          NULL);
	return rcode;
}

static bool allowed(const struct answer_policy *policy, const struct address *client)
{
	for (size_t i = 0; i < policy->allow_count; i++) {
		if (prefix_holds(&policy->allow[i], client))
			return true;
	}
	return false;
}

/* Types of questions only (RFC 6895 section 3.1), but for ANY, which has an answer. */
static enum dns_rcode type_judge(uint16_t type)
{
	if (type == TYPE_AXFR || type == TYPE_IXFR)
		return RCODE_REFUSED;
	if (type == TYPE_OPT) /* RFC 6891 section 6.1.1: never asked for */
		return RCODE_FORMERR;
	return type >= TYPE_META_FIRST && type < TYPE_ANY ? RCODE_NOTIMP : RCODE_NOERROR;
}

/* RFC 7873 section 5.2.3: who knows cookies must show a good one, if that is wanted. TCP has its
 * own proof. */
static bool cookie_lacks(const struct task *task, const struct query *query)
{
	const struct cookie_policy *cookies = &task->root->fixed->policy.cookies;
	const struct bytes sent = task->request->edns.cookie;
	return cookies->required && !query->tcp && sent.size != 0 && cookies->secret_count != 0 &&
	       !cookie_valid(cookies, sent, &query->client, query->now_s);
}

static enum dns_rcode judge(const struct task *task, const struct query *query)
{
	const struct request *request = task->request;
	if (!task->root->ready) /* no state yet: not ours to say what exists */
		return refuse(task, RCODE_SERVFAIL, ERROR_NOT_READY);
	if (!allowed(&task->root->fixed->policy, &query->client))
		return refuse(task, RCODE_REFUSED, ERROR_PROHIBITED);
	if (cookie_lacks(task, query))
		return RCODE_BADCOOKIE;
	if (!request->has_question)
		return RCODE_NOERROR; /* it came for the cookie alone */
	if (request->class == CLASS_CH)
		return chaos_answer(&task->root->fixed->policy.identity, request, task->reply);
	if (request->class != CLASS_IN)
		return RCODE_REFUSED;
	enum dns_rcode rcode = type_judge(request->type);
	return rcode == RCODE_NOERROR ? zone_answer(task) : rcode;
}

/* What the reply's OPT will say, whatever the answer is. `cookie` is where a cookie is made. */
static struct edns_reply edns_offer(const struct root *root, const struct query *query,
                                    const struct edns *asked, uint8_t cookie[COOKIE_SIZE])
{
	struct edns_reply offer = {.udp_size = UDP_SIZE_DEFAULT, .error = ERROR_NONE};
	if (query->tcp)
		offer.keepalive_100ms = query->keepalive_100ms;
	if (!root->ready)
		return offer;
	const struct answer_policy *policy = &root->fixed->policy;
	offer.udp_size = policy->udp_size;
	if (asked->nsid && !policy->identity.hide && allowed(policy, &query->client))
		offer.identity = bytes_of(policy->identity.id);
	if (asked->cookie.size != 0 && policy->cookies.secret_count != 0) {
		cookie_make(&policy->cookies, asked->cookie.data, &query->client, query->now_s, cookie);
		offer.cookie = cookie;
	}
	return offer;
}

size_t respond(const struct root *root, struct answer_counters *counters, const struct query *query,
               uint8_t *out, size_t room)
{
	/* RFC 1035 section 4.1.1, and a loop breaker: responses are never answered. */
	if (query->size < HEADER_SIZE || (query->data[2] & 0x80) != 0) {
		counters->dropped[query->size < HEADER_SIZE ? ANSWER_DROP_SHORT : ANSWER_DROP_RESPONSE]++;
		return 0;
	}
	uint8_t cookie[COOKIE_SIZE];
	struct request request;
	struct reply reply;
	const struct task task = {root, &request, &reply, counters->queries};

	enum dns_rcode rcode = request_parse(query, &request);
	const struct edns_reply offer = edns_offer(root, query, &request.edns, cookie);
	reply_begin(&reply, query, &request, &offer, out, room);
	if (rcode == RCODE_NOERROR)
		rcode = judge(&task, query);

	counters->queries++;
	counters->asked[query->tcp][query->client.family == 6][asked_type_of(request.type)]++;
	counters->rcodes[rcode]++;
	counters->truncated += reply.truncated;
	return reply_end(&reply, &request, rcode);
}

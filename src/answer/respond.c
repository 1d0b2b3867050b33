/* The answer path: one query in, one reply out; no allocation, no lock, no system call. Read it
 * from bottom to top. */
#include "chaos.h"
#include "cookie.h"
#include "reply.h"
#include "root.h"

#include <assert.h>
#include <string.h>

/* One question being answered. */
struct task {
	const struct root *root;
	const struct request *request;
	struct reply *reply;
	uint64_t turn; /* one more each time: the address to begin with */
};

/* Offset in the message of the question's last `size` octets. */
static size_t question_tail(const struct task *task, size_t size)
{
	return HEADER_SIZE + task->request->qname.name.size - size;
}

static size_t zone_at(const struct task *task)
{
	return question_tail(task, task->root->fixed->policy.zone.zone.size);
}

static bool block_put(const struct task *task, const struct block *block)
{
	uint8_t *at = reply_take(task->reply, block->size);
	if (at != NULL)
		block_copy(block, at, zone_at(task), task->root->serial);
	return at != NULL;
}

/* NXDOMAIN and NODATA carry the SOA (RFC 2308 section 2). */
static void negative_put(const struct task *task)
{
	if (block_put(task, &task->root->fixed->negative))
		task->reply->authorities = 1;
}

static uint8_t *rr_put(uint8_t *at, size_t owner_at, uint16_t type, uint32_t ttl_s, uint16_t size)
{
	wire_put_u16(at, (uint16_t)(POINTER_BITS | owner_at));
	wire_put_u16(at + 2, type);
	wire_put_u16(at + 4, CLASS_IN);
	wire_put_u32(at + 6, ttl_s);
	wire_put_u16(at + 10, size);
	return at + 2 + RR_FIXED_SIZE;
}

/* One family of a rung as an RRset, whole or not at all. */
static void addresses_put(const struct task *task, const struct entry *entry,
                          const struct entry_rung *rung, size_t owner_at, uint16_t type)
{
	size_t size = type == TYPE_A ? V4_SIZE : V6_SIZE;
	uint16_t count = type == TYPE_A ? rung->v4_count : rung->v6_count;
	const uint8_t *octets = (const uint8_t *)entry + rung->at;
	if (type == TYPE_AAAA)
		octets += (size_t)rung->v4_count * V4_SIZE;

	uint8_t *at = reply_take(task->reply, count * (2 + RR_FIXED_SIZE + size));
	if (at == NULL)
		return;
	/* Clients that take the first one are spread. Mixed, for many ask for A and AAAA in turn. */
	size_t first = (size_t)(task->turn * UINT64_C(0x9e3779b97f4a7c15) >> 32) % count;
	for (size_t i = 0; i < count; i++) {
		at = rr_put(at, owner_at, type, rung->ttl_s, (uint16_t)size);
		memcpy(at, octets + (first + i < count ? first + i : first + i - count) * size, size);
		at += size;
	}
	task->reply->answers = (uint16_t)(task->reply->answers + count);
}

/*
 * A CNAME to the name one level up: SVC.NS.FED.svc in full, then a pointer to REGION.SUFFIX or
 * SUFFIX, on which the question ends as well. Returns the target's offset, 0 where it did not fit.
 */
static size_t cname_put(const struct task *task, const struct entry *entry, size_t owner_at,
                        uint16_t parent)
{
	const struct fixed *fixed = task->root->fixed;
	struct bytes key = entry_key(entry);
	size_t rest = fixed->places[parent].tail_size - fixed->head_size;
	size_t size = key.size + fixed->head_size + 2;
	uint8_t *at = reply_take(task->reply, 2 + RR_FIXED_SIZE + size);
	if (at == NULL)
		return 0;
	at = rr_put(at, owner_at, TYPE_CNAME, entry->ttl_s, (uint16_t)size);
	size_t target_at = (size_t)(at - task->reply->data);
	memcpy(at, key.data, key.size);
	memcpy(at + key.size, fixed->head, fixed->head_size);
	wire_put_u16(at + size - 2, (uint16_t)(POINTER_BITS | question_tail(task, rest)));
	task->reply->answers++;
	return target_at;
}

/* RFC 8482 section 4.1: ANY is answered with one RRset of those that are there. */
static uint16_t rung_type(const struct entry_rung *rung, uint16_t qtype)
{
	if (qtype == TYPE_ANY)
		return rung->v4_count != 0 ? TYPE_A : TYPE_AAAA;
	return qtype;
}

static bool rung_has(const struct entry_rung *rung, uint16_t type)
{
	return (type == TYPE_A && rung->v4_count != 0) || (type == TYPE_AAAA && rung->v6_count != 0);
}

/* The ladder (rule 4): addresses of this level, or CNAMEs up to the first level that has any (RFC
 * 1034 section 4.3.2). */
static void ladder_answer(const struct task *task, const struct lookup *found)
{
	const struct entry *entry = found->entry;
	const uint16_t qtype = task->request->type;
	size_t owner_at = HEADER_SIZE;
	uint16_t place = found->place;
	const struct entry_rung *rung = entry_rung_find(entry, place);

	while (rung == NULL && place != 0) {
		place = task->root->fixed->places[place].parent;
		if (!entry->flatten) {
			owner_at = cname_put(task, entry, owner_at, place);
			if (owner_at == 0 || qtype == TYPE_CNAME || qtype == TYPE_ANY)
				return; /* truncated, or the CNAME alone was asked for */
		}
		rung = entry_rung_find(entry, place);
	}
	uint16_t type = rung == NULL ? 0 : rung_type(rung, qtype);
	if (rung != NULL && rung_has(rung, type))
		addresses_put(task, entry, rung, owner_at, type);
	else
		negative_put(task);
}

static void glue_put(const struct task *task)
{
	const struct fixed *fixed = task->root->fixed;
	for (size_t i = 0; i < fixed->glue_count; i++) {
		if (task->reply->limit - task->reply->size < fixed->glue[i].size)
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
		if (block_put(task, &sets[i].block))
			task->reply->answers = sets[i].block.count;
		if (sets[i].type == TYPE_NS)
			glue_put(task);
		return;
	}
	negative_put(task);
}

static enum dns_rcode zone_answer(const struct task *task)
{
	struct lookup found;
	/* Most questions are for names that exist: these are not asked whether they lie in the zone. */
	root_lookup(task->root, &task->request->qname, &found);
	if (found.found == FOUND_NOTHING &&
	    !name_at_or_below(&task->request->qname.name, &task->root->fixed->policy.zone.zone))
		return RCODE_REFUSED;

	task->reply->authoritative = true;
	switch (found.found) {
	case FOUND_LADDER:
		ladder_answer(task, &found);
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
		task->reply->edns.error = rcode == RCODE_NXDOMAIN ? ERROR_STALE_NXDOMAIN : ERROR_STALE;
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

static enum dns_rcode refuse(const struct task *task, enum dns_rcode rcode, enum edns_error error)
{
	task->reply->edns.error = error;
	return rcode;
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
		counters->dropped++;
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
	counters->rcodes[rcode]++;
	counters->truncated += reply.truncated;
	return reply_end(&reply, &request, rcode);
}

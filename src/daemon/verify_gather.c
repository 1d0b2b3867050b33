/* From the parent down: who serves the zone above, what these say of ours, where our name servers
 * are, what each of them says. A round of questions a step. */
#include "verify_gather.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct name verify_target_of(const struct ask_rr *rr)
{
	struct name name = {.size = 0};
	if (rr->rdata.size >= 1 && rr->rdata.size <= NAME_SIZE_MAX) {
		name.size = (uint8_t)rr->rdata.size;
		memcpy(name.octets, rr->rdata.data, rr->rdata.size);
	}
	return name;
}

bool verify_address_of(const struct ask_rr *rr, struct address *out)
{
	bool v4 = rr->type == TYPE_A && rr->rdata.size == V4_SIZE;
	if (!v4 && (rr->type != TYPE_AAAA || rr->rdata.size != V6_SIZE))
		return false;
	*out = (struct address){.family = v4 ? 4 : 6};
	memcpy(out->octets, rr->rdata.data, rr->rdata.size);
	return true;
}

void verify_answer_take(struct verify_answer *answer, const struct ask_reply *reply)
{
	struct why why;
	why_set(&why, "%s", reply->answered ? "" : reply->why);
	*answer = (struct verify_answer){.asked = true,
	                                 .answered = reply->answered,
	                                 .aa = reply->answered && reply->aa,
	                                 .rcode = reply->rcode};
	memcpy(answer->why, why.text, sizeof answer->why);
}

void verify_ns_take(struct verify_names *names, const struct ask_reply *reply,
                    enum ask_section section, const struct name *owner)
{
	for (size_t i = 0; i < reply->rr_count[section]; i++) {
		const struct ask_rr *rr = &reply->rrs[section][i];
		struct name target = verify_target_of(rr);
		if (rr->type == TYPE_NS && name_equal(&rr->owner, owner) && target.size != 0)
			verify_names_add(names, &target);
	}
}

void verify_host_address_add(struct gathering *gathering, struct verify_host *host,
                             const struct address *address)
{
	if (verify_address_among(host->addresses, host->address_count, address))
		return;
	if (host->address_count == VERIFY_ADDRESSES_MAX)
		gathering->facts->cut = true;
	else
		host->addresses[host->address_count++] = *address;
}

/* --- which zone is it, and which is above ---------------------------------------------------- */

static void apex_took(void *subject, size_t index, const struct ask_reply *reply)
{
	struct gathering *gathering = subject;
	(void)index;
	if (!reply->answered) {
		why_set(&gathering->why, "%s", reply->why);
		return;
	}
	if (reply->rcode != RCODE_NOERROR && reply->rcode != RCODE_NXDOMAIN)
		why_set(&gathering->why, "the resolver answers with RCODE %u", reply->rcode);
	for (size_t section = ASK_ANSWER; section <= ASK_AUTHORITY; section++) {
		for (size_t i = 0; i < reply->rr_count[section]; i++) {
			if (reply->rrs[section][i].type == TYPE_SOA)
				gathering->apex = reply->rrs[section][i].owner;
		}
	}
}

/* The zone that `name` is in: its SOA comes with the answer, or with the no (RFC 2308). */
static enum err apex_find(struct gathering *gathering, const struct name *name, struct name *out,
                          struct why *why)
{
	struct name at = *name;
	*out = (struct name){.size = 0};
	for (;;) {
		gathering->apex.size = 0;
		gathering->why.text[0] = '\0';
		const struct errand_to to = {apex_took, gathering, 0};
		rounds_look_up(gathering->rounds, &at, TYPE_SOA, to);
		rounds_wait(gathering->rounds);
		if (gathering->apex.size != 0 && name_at_or_below(name, &gathering->apex)) {
			*out = gathering->apex;
			return ERR_OK;
		}
		if (gathering->why.text[0] != '\0') {
			*why = gathering->why;
			why_wrap(why, "the zone that %.200s is in", verify_text(name).text);
			return ERR_IO;
		}
		if (at.octets[0] == 0)
			break;
		size_t label = 1 + (size_t)at.octets[0];
		at.size = (uint8_t)(at.size - label);
		memmove(at.octets, at.octets + label, at.size);
	}
	why_set(why, "no zone is found that %.200s is in", verify_text(name).text);
	return ERR_MISSING;
}

/* A provider may host a zone above ours, without a cut between the two. */
static void zone_find(struct gathering *gathering)
{
	struct verify_facts *facts = gathering->facts;
	struct why why = {{0}};
	struct name apex;
	facts->zone = facts->policy->zone;
	if (facts->hosted && apex_find(gathering, &facts->zone, &apex, &why) == ERR_OK && apex.size > 1)
		facts->zone = apex;
}

static enum err parent_find(struct gathering *gathering, struct why *why)
{
	struct verify_facts *facts = gathering->facts;
	const struct name *zone = &facts->zone;
	if (zone->size == 1) {
		why_set(why, "the root has no parent that could delegate it");
		return ERR_INVALID;
	}
	if (gathering->ask->parent != NULL) {
		facts->parent = *gathering->ask->parent;
		if (name_at_or_below(zone, &facts->parent) && !name_equal(zone, &facts->parent))
			return ERR_OK;
		why_set(why, "the parent %.200s is not above the zone %.200s",
		        verify_text(&facts->parent).text, verify_text(zone).text);
		return ERR_INVALID;
	}
	struct name above = {.size = (uint8_t)(zone->size - 1 - zone->octets[0])};
	memcpy(above.octets, zone->octets + 1 + zone->octets[0], above.size);
	return apex_find(gathering, &above, &facts->parent, why);
}

/* --- the parent's servers -------------------------------------------------------------------- */

static void naming_took(void *subject, size_t index, const struct ask_reply *reply)
{
	struct gathering *gathering = subject;
	(void)index;
	if (!reply->answered)
		why_set(&gathering->why, "%s", reply->why);
	verify_ns_take(&gathering->naming, reply, ASK_ANSWER, &gathering->facts->parent);
}

/* The addresses that the resolver has for a host, and whether it is an alias. */
static void host_took(void *subject, size_t index, const struct ask_reply *reply)
{
	const struct looking *looking = (const struct looking *)subject + index;
	struct verify_host *host = looking->host;
	host->looked_up |= reply->answered && reply->rcode != RCODE_SERVFAIL;
	for (size_t i = 0; i < reply->rr_count[ASK_ANSWER]; i++) {
		const struct ask_rr *rr = &reply->rrs[ASK_ANSWER][i];
		struct address address;
		if (rr->type == TYPE_CNAME && name_equal(&rr->owner, &host->name))
			host->alias = true;
		if (looking->keep && verify_address_of(rr, &address))
			verify_host_address_add(looking->gathering, host, &address);
	}
}

void verify_look_up(struct looking *all, size_t index)
{
	const struct errand_to to = {host_took, all, index};
	struct rounds *rounds = all[index].gathering->rounds;
	rounds_look_up(rounds, &all[index].host->name, TYPE_A, to);
	rounds_look_up(rounds, &all[index].host->name, TYPE_AAAA, to);
}

static void parent_seats_fill(struct gathering *gathering)
{
	struct verify_facts *facts = gathering->facts;
	for (size_t i = 0; i < gathering->naming.count; i++) {
		const struct verify_host *host = &gathering->above[i];
		for (size_t j = 0; j < host->address_count; j++) {
			struct verify_parent *parent = &facts->parents[facts->parent_count++];
			parent->server = host->name;
			parent->at.address = host->addresses[j];
			parent->at.port = gathering->ask->port != 0 ? gathering->ask->port : VERIFY_PORT_DNS;
			parent->no_route = !ask_route(&parent->at.address);
		}
	}
}

static enum err parents_find(struct gathering *gathering, struct why *why)
{
	struct verify_facts *facts = gathering->facts;
	struct looking looking[VERIFY_SERVERS_MAX];
	const struct errand_to to = {naming_took, gathering, 0};
	why_set(&gathering->why, "the resolver knows none");
	rounds_look_up(gathering->rounds, &facts->parent, TYPE_NS, to);
	rounds_wait(gathering->rounds);
	for (size_t i = 0; i < gathering->naming.count; i++) {
		gathering->above[i] = (struct verify_host){.name = gathering->naming.names[i]};
		looking[i] = (struct looking){gathering, &gathering->above[i], true};
		verify_look_up(looking, i);
	}
	rounds_wait(gathering->rounds);
	facts->cut |= gathering->naming.cut;
	parent_seats_fill(gathering);
	if (facts->parent_count != 0)
		return ERR_OK;
	*why = gathering->why;
	if (gathering->naming.count != 0)
		why_set(why, "none of them has an address");
	why_wrap(why, "the name servers of the parent %.200s", verify_text(&facts->parent).text);
	return ERR_IO;
}

static void glue_take(struct verify_parent *parent, const struct ask_reply *reply)
{
	for (size_t i = 0; i < reply->rr_count[ASK_ADDITIONAL]; i++) {
		const struct ask_rr *rr = &reply->rrs[ASK_ADDITIONAL][i];
		struct address address;
		for (size_t j = 0; j < parent->ns.count && parent->glue_count < VERIFY_SEATS_MAX; j++) {
			if (name_equal(&parent->ns.names[j], &rr->owner) && verify_address_of(rr, &address))
				parent->glue[parent->glue_count++] = (struct verify_glue){(uint8_t)j, address};
		}
	}
}

static void delegation_took(void *subject, size_t index, const struct ask_reply *reply)
{
	struct verify_facts *facts = subject;
	struct verify_parent *parent = &facts->parents[index];
	verify_answer_take(&parent->answer, reply);
	verify_ns_take(&parent->ns, reply, ASK_ANSWER, &facts->zone);
	if (parent->ns.count == 0) {
		verify_ns_take(&parent->ns, reply, ASK_AUTHORITY, &facts->zone);
		parent->referral = parent->ns.count != 0;
	}
	glue_take(parent, reply);
	facts->cut |= parent->ns.cut;
}

static void delegation_ask(struct gathering *gathering)
{
	struct verify_facts *facts = gathering->facts;
	for (size_t i = 0; i < facts->parent_count; i++) {
		const struct verify_parent *parent = &facts->parents[i];
		const struct errand_to to = {delegation_took, facts, i};
		if (!parent->no_route)
			rounds_ask(gathering->rounds, &parent->at, &facts->zone, TYPE_NS, false, to);
	}
	rounds_wait(gathering->rounds);
}

enum err verify_gather(const struct verify_ask *ask, struct verify_facts *facts, struct why *why)
{
	assert(ask->sample_count <= VERIFY_SAMPLES_MAX);
	struct gathering gathering = {.ask = ask, .facts = facts};
	gathering.above = calloc(VERIFY_SERVERS_MAX, sizeof *gathering.above);
	if (gathering.above == NULL) {
		why_set(why, "no memory for the servers");
		return ERR_NOMEM;
	}
	enum err err = rounds_new(ask->config->resolvers, ask->config->resolver_count, VERIFY_MS,
	                          &gathering.rounds, why);
	if (err == ERR_OK) {
		zone_find(&gathering);
		err = parent_find(&gathering, why);
	}
	if (err == ERR_OK)
		err = parents_find(&gathering, why);
	if (err == ERR_OK) {
		delegation_ask(&gathering);
		err = verify_gather_seats(&gathering, why);
	}
	rounds_free(gathering.rounds);
	free(gathering.above);
	return err;
}

/* From facts to findings: what the parent says of our zone. */
#include "verify_facts.h"

#include <assert.h>
#include <stdio.h>

struct verify_text verify_text(const struct name *name)
{
	struct verify_text text = {.text = ""};
	name_text(name_bytes(name), text.text);
	return text;
}

bool verify_names_have(const struct verify_names *names, const struct name *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (name_equal(&names->names[i], name))
			return true;
	}
	return false;
}

void verify_names_add(struct verify_names *names, const struct name *name)
{
	if (verify_names_have(names, name))
		return;
	if (names->count == VERIFY_SERVERS_MAX)
		names->cut = true;
	else
		names->names[names->count++] = *name;
}

bool verify_address_among(const struct address *addresses, size_t count,
                          const struct address *address)
{
	for (size_t i = 0; i < count; i++) {
		if (address_compare(&addresses[i], address) == 0)
			return true;
	}
	return false;
}

const struct nameserver *verify_nameserver(const struct verify_facts *facts,
                                           const struct name *name)
{
	for (size_t i = 0; i < facts->policy->nameserver_count; i++) {
		if (name_equal(&facts->policy->nameservers[i].name, name))
			return &facts->policy->nameservers[i];
	}
	return NULL;
}

bool verify_answer_good(const struct verify_answer *answer)
{
	return answer->answered && answer->rcode == RCODE_NOERROR && answer->aa;
}

void verify_blame(struct verify_judging *judging, enum severity severity, const char *reason,
                  const char *fmt, ...)
{
	va_list args;
	judging->finding = (struct verify_finding){.severity = severity, .reason = reason};
	va_start(args, fmt);
	(void)vsnprintf(judging->finding.text, sizeof judging->finding.text, fmt, args);
	va_end(args);
}

void verify_mend(struct verify_judging *judging, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(judging->finding.mend, sizeof judging->finding.mend, fmt, args);
	va_end(args);
	judging->take(judging->arg, &judging->finding);
}

/* --- the parent's servers themselves --------------------------------------------------------- */

/* Has it told whether there is a delegation? */
static bool parent_spoke(const struct verify_parent *parent)
{
	return parent->answer.answered &&
	       (parent->answer.rcode == RCODE_NOERROR || parent->answer.rcode == RCODE_NXDOMAIN);
}

static bool parent_delegates(const struct verify_parent *parent)
{
	return parent_spoke(parent) && parent->ns.count != 0;
}

static void parent_judge(struct verify_judging *judging, const struct verify_parent *parent)
{
	char at[ASK_SERVER_TEXT_SIZE];
	ask_server_text(&parent->at, at);
	if (parent->no_route || parent_spoke(parent))
		return;
	if (!parent->answer.answered)
		verify_blame(judging, SEVERITY_WARNING, "parent-silent",
		             "%.150s, a name server of the parent %.100s, does not answer: %.150s",
		             verify_text(&parent->server).text, verify_text(&judging->facts->parent).text,
		             parent->answer.why);
	else
		verify_blame(judging, SEVERITY_WARNING, "parent-lame",
		             "%.150s (%s), a name server of the parent %.100s, answers with RCODE %u",
		             verify_text(&parent->server).text, at,
		             verify_text(&judging->facts->parent).text, parent->answer.rcode);
	verify_mend(judging, "it is not yours to mend, unless the parent is: tell who runs it");
}

struct count {
	size_t asked, delegating, referring;
};

static struct count parents_count(const struct verify_facts *facts)
{
	struct count count = {0, 0, 0};
	for (size_t i = 0; i < facts->parent_count; i++) {
		const struct verify_parent *parent = &facts->parents[i];
		count.asked += parent_spoke(parent);
		count.delegating += parent_delegates(parent);
		count.referring += parent_delegates(parent) && parent->referral;
	}
	return count;
}

/* --- the NS set ------------------------------------------------------------------------------ */

static void delegation_judge(struct verify_judging *judging, const struct count *count)
{
	const struct verify_facts *facts = judging->facts;
	if (count->asked == 0) {
		verify_blame(judging, SEVERITY_ERROR, "parent-unreachable",
		             "no name server of the parent %.200s has told whether it delegates %.200s",
		             verify_text(&facts->parent).text, verify_text(&facts->zone).text);
		verify_mend(judging, "run this where the parent's name servers can be reached");
	} else if (count->delegating < count->asked) {
		verify_blame(judging, SEVERITY_ERROR, "no-delegation",
		             "the parent %.200s does not delegate %.200s (%zu of its %zu servers asked)",
		             verify_text(&facts->parent).text, verify_text(&facts->zone).text,
		             count->asked - count->delegating, count->asked);
		verify_mend(judging, "add NS records of %.200s to the zone %.200s, one a name server",
		            verify_text(&facts->zone).text, verify_text(&facts->parent).text);
	}
}

static void missing_judge(struct verify_judging *judging, const struct verify_host *host,
                          const struct count *count)
{
	const struct verify_facts *facts = judging->facts;
	size_t lacking = 0;
	for (size_t i = 0; i < facts->parent_count; i++) {
		const struct verify_parent *parent = &facts->parents[i];
		lacking += parent_delegates(parent) && !verify_names_have(&parent->ns, &host->name);
	}
	if (lacking == 0)
		return;
	verify_blame(judging, SEVERITY_ERROR, "ns-missing-at-parent",
	             "the parent %.100s does not name %.200s as a name server of %.100s (%zu of its "
	             "%zu servers asked)",
	             verify_text(&facts->parent).text, verify_text(&host->name).text,
	             verify_text(&facts->zone).text, lacking, count->delegating);
	verify_mend(judging, "add \"%.150s NS %.200s\" to the parent%s", verify_text(&facts->zone).text,
	            verify_text(&host->name).text,
	            host->wanted ? ", or leave it out of `nameservers`" : "");
}

static void extra_judge(struct verify_judging *judging, const struct verify_host *host)
{
	const struct verify_facts *facts = judging->facts;
	verify_blame(judging, SEVERITY_ERROR, "ns-extra-at-parent",
	             "the parent %.100s names %.200s as a name server of %.100s, and the configuration "
	             "does not",
	             verify_text(&facts->parent).text, verify_text(&host->name).text,
	             verify_text(&facts->zone).text);
	verify_mend(judging, "take \"%.150s NS %.200s\" out of the parent, or add it to `nameservers`",
	            verify_text(&facts->zone).text, verify_text(&host->name).text);
}

/* --- glue ------------------------------------------------------------------------------------ */

static bool glue_has(const struct verify_parent *parent, const struct name *name,
                     const struct address *address)
{
	for (size_t i = 0; i < parent->glue_count; i++) {
		const struct verify_glue *glue = &parent->glue[i];
		if (name_equal(&parent->ns.names[glue->name], name) &&
		    address_compare(&glue->address, address) == 0)
			return true;
	}
	return false;
}

static void glue_missing_judge(struct verify_judging *judging, const struct nameserver *server,
                               const struct address *address, const struct count *count)
{
	const struct verify_facts *facts = judging->facts;
	char text[ADDRESS_TEXT_SIZE];
	size_t lacking = 0;
	for (size_t i = 0; i < facts->parent_count; i++) {
		const struct verify_parent *parent = &facts->parents[i];
		lacking += parent_delegates(parent) && parent->referral &&
		           verify_names_have(&parent->ns, &server->name) &&
		           !glue_has(parent, &server->name, address);
	}
	if (lacking == 0)
		return;
	const char *type = address->family == 4 ? "A" : "AAAA";
	address_text(address, text);
	verify_blame(judging, SEVERITY_ERROR, "glue-missing",
	             "the parent %.100s has no glue %s for %.200s (%zu of its %zu servers asked)",
	             verify_text(&facts->parent).text, text, verify_text(&server->name).text, lacking,
	             count->referring);
	verify_mend(judging, "add \"%.200s %s %s\" to the parent, beside the NS record",
	            verify_text(&server->name).text, type, text);
}

/* Addresses of `server` that the parent alone has, each once. */
static void glue_wrong_judge(struct verify_judging *judging, const struct nameserver *server)
{
	const struct verify_facts *facts = judging->facts;
	struct address told[VERIFY_ADDRESSES_MAX];
	size_t told_count = 0;
	for (size_t i = 0; i < facts->parent_count; i++) {
		const struct verify_parent *parent = &facts->parents[i];
		for (size_t j = 0; j < parent->glue_count; j++) {
			const struct address *address = &parent->glue[j].address;
			char text[ADDRESS_TEXT_SIZE];
			if (!name_equal(&parent->ns.names[parent->glue[j].name], &server->name) ||
			    verify_address_among(server->addresses, server->address_count, address) ||
			    verify_address_among(told, told_count, address) ||
			    told_count == VERIFY_ADDRESSES_MAX)
				continue;
			told[told_count++] = *address;
			address_text(address, text);
			verify_blame(judging, SEVERITY_ERROR, "glue-wrong",
			             "the parent %.100s says that %.200s is at %s, and the configuration does "
			             "not",
			             verify_text(&facts->parent).text, verify_text(&server->name).text, text);
			verify_mend(judging,
			            "take \"%.200s %s %s\" out of the parent, or add it to `nameservers`",
			            verify_text(&server->name).text, address->family == 4 ? "A" : "AAAA", text);
		}
	}
}

/* Only of names within the zone: others are found without our parent's help. */
static void glue_judge(struct verify_judging *judging, const struct count *count)
{
	const struct verify_facts *facts = judging->facts;
	for (size_t i = 0; i < facts->policy->nameserver_count; i++) {
		const struct nameserver *server = &facts->policy->nameservers[i];
		if (!name_at_or_below(&server->name, &facts->zone))
			continue;
		for (size_t j = 0; j < server->address_count; j++)
			glue_missing_judge(judging, server, &server->addresses[j], count);
		glue_wrong_judge(judging, server);
	}
}

/* --- names ----------------------------------------------------------------------------------- */

static void host_judge(struct verify_judging *judging, const struct verify_host *host)
{
	if (host->name.size == 0)
		return;
	if (host->alias) {
		verify_blame(judging, SEVERITY_ERROR, "ns-alias",
		             "the name server %.200s is an alias (CNAME), which resolvers need not follow "
		             "(RFC 2181 section 10.3)",
		             verify_text(&host->name).text);
		verify_mend(judging, "give %.200s A and AAAA records of its own, or name its target in NS",
		            verify_text(&host->name).text);
	} else if (host->address_count == 0) {
		verify_blame(judging, SEVERITY_ERROR, "ns-without-address",
		             "no address of the name server %.200s is to be found%s",
		             verify_text(&host->name).text,
		             host->looked_up ? "" : ", and the resolver did not answer");
		verify_mend(judging, "give %.200s A or AAAA records%s", verify_text(&host->name).text,
		            name_at_or_below(&host->name, &judging->facts->zone)
		                ? " in `nameservers` and at the parent"
		                : " where it lies");
	}
}

void verify_judge(const struct verify_facts *facts, verify_take *take, void *arg)
{
	struct verify_judging judging = {.facts = facts, .take = take, .arg = arg};
	const struct count count = parents_count(facts);
	assert(take != NULL && facts->zone.size != 0 && facts->parent.size != 0);
	for (size_t i = 0; i < facts->parent_count; i++)
		parent_judge(&judging, &facts->parents[i]);
	delegation_judge(&judging, &count);
	for (size_t i = 0; i < facts->host_count && count.delegating != 0; i++) {
		const struct verify_host *host = &facts->hosts[i];
		if (host->wanted || (facts->hosted && host->delegated))
			missing_judge(&judging, host, &count);
		else if (host->delegated)
			extra_judge(&judging, host);
	}
	if (!facts->hosted && count.referring != 0)
		glue_judge(&judging, &count);
	for (size_t i = 0; i < facts->host_count; i++)
		host_judge(&judging, &facts->hosts[i]);
	verify_judge_seats(&judging);
	if (facts->cut) {
		verify_blame(&judging, SEVERITY_WARNING, "too-many",
		             "there are more than %d name servers, or more than %d addresses of one",
		             VERIFY_SERVERS_MAX, VERIFY_ADDRESSES_MAX);
		verify_mend(&judging, "the rest was not looked at: name fewer");
	}
}

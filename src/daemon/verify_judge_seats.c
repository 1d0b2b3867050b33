/* From facts to findings: what our name servers say, one by one and together. */
#include "verify_facts.h"

#include <stdio.h>

/* "the name server NAME (ADDRESS:PORT)" */
#define SEAT_TEXT_SIZE (NAME_TEXT_SIZE + ASK_SERVER_TEXT_SIZE + 48)
/* What of it a sentence has room for. */
#define SEAT "%.220s"

static const char *kind(const struct verify_facts *facts, const struct verify_seat *seat)
{
	if (seat->responder)
		return "this configuration's own responder";
	return facts->hosted ? "the provider's server" : "the name server";
}

static void seat_text(const struct verify_facts *facts, const struct verify_seat *seat,
                      char text[SEAT_TEXT_SIZE])
{
	const struct verify_host *host = &facts->hosts[seat->host];
	char at[ASK_SERVER_TEXT_SIZE];
	ask_server_text(&seat->at, at);
	if (host->name.size == 0)
		(void)snprintf(text, SEAT_TEXT_SIZE, "%s %s", kind(facts, seat), at);
	else
		(void)snprintf(text, SEAT_TEXT_SIZE, "%s %.120s (%s)", kind(facts, seat),
		               verify_text(&host->name).text, at);
}

/* --- does it answer? ------------------------------------------------------------------------- */

const struct name *verify_seat_zone(const struct verify_facts *facts,
                                    const struct verify_seat *seat)
{
	return seat->responder ? &facts->policy->zone : &facts->zone;
}

bool verify_seat_spoke(const struct verify_seat *seat)
{
	for (size_t i = 0; i < VERIFY_QUESTIONS; i++) {
		if (seat->answers[i].answered)
			return true;
	}
	return false;
}

static void silence_judge(struct verify_judging *judging, const struct verify_seat *seat)
{
	const struct verify_answer *udp = &seat->answers[VERIFY_SOA_UDP];
	const struct verify_answer *tcp = &seat->answers[VERIFY_SOA_TCP];
	char text[SEAT_TEXT_SIZE];
	seat_text(judging->facts, seat, text);
	if (!udp->answered && !tcp->answered) {
		verify_blame(judging, SEVERITY_ERROR, "server-silent",
		             SEAT " answers neither over UDP nor over TCP: %.120s", text, udp->why);
		verify_mend(judging, "start it, or open port %u of its machine for UDP and TCP",
		            seat->at.port);
	} else if (!udp->answered) {
		verify_blame(judging, SEVERITY_ERROR, "no-udp", SEAT " does not answer over UDP: %.120s",
		             text, udp->why);
		verify_mend(judging, "open UDP port %u of its machine", seat->at.port);
	} else if (!tcp->answered) {
		verify_blame(judging, SEVERITY_ERROR, "no-tcp", SEAT " does not answer over TCP: %.120s",
		             text, tcp->why);
		verify_mend(judging,
		            "open TCP port %u of its machine: large answers come by no other way (RFC "
		            "7766)",
		            seat->at.port);
	}
}

/* It answers, but not for our zone. Said once, whatever the transport. */
static void lame_judge(struct verify_judging *judging, const struct verify_seat *seat)
{
	const struct verify_answer *answer = &seat->answers[VERIFY_SOA_UDP];
	bool udp = answer->answered && !seat->has_serial[0];
	char text[SEAT_TEXT_SIZE], rcode[RCODE_TEXT_SIZE];
	if (!udp) {
		answer = &seat->answers[VERIFY_SOA_TCP];
		if (!answer->answered || seat->has_serial[1])
			return;
	}
	seat_text(judging->facts, seat, text);
	(void)rcode_text(answer->rcode, rcode);
	verify_blame(judging, SEVERITY_ERROR, "lame",
	             SEAT " is not authoritative for %.120s: it answers %s%s over %s", text,
	             verify_text(verify_seat_zone(judging->facts, seat)).text, rcode,
	             answer->rcode == RCODE_NOERROR && !answer->aa ? " without AA"
	             : answer->rcode == RCODE_NOERROR              ? " without a SOA"
	                                                           : "",
	             udp ? "UDP" : "TCP");
	verify_mend(judging, seat->responder
	                         ? "it runs by another configuration: start it by this one"
	                         : "let it serve the zone, or take it out of the NS records");
}

/* --- does it say the same? ------------------------------------------------------------------- */

static bool is_expected(const struct verify_facts *facts, const struct verify_host *host)
{
	return facts->hosted ? host->delegated : host->wanted;
}

static void ns_blame(struct verify_judging *judging, const struct verify_seat *seat,
                     const struct name *name, bool missing)
{
	char text[SEAT_TEXT_SIZE];
	seat_text(judging->facts, seat, text);
	const char *other = judging->facts->hosted ? "the parent" : "the configuration";
	verify_blame(judging, SEVERITY_ERROR, missing ? "ns-missing-at-server" : "ns-extra-at-server",
	             SEAT " %s %.120s in its NS set, and %s %s", text,
	             missing ? "does not have" : "has", verify_text(name).text, other,
	             missing ? "has" : "does not");
	if (judging->facts->hosted)
		verify_mend(judging, "make the NS records of the zone and of its parent equal");
	else
		verify_mend(
			judging,
			"give all replicas the same `nameservers`, and let them reload (`fedns reload`)");
}

static void ns_judge(struct verify_judging *judging, const struct verify_seat *seat)
{
	const struct verify_facts *facts = judging->facts;
	bool any = false; /* without a delegation there is nothing to compare with */
	if (facts->hosted && seat->responder)
		return; /* the provider's NS set is not ours */
	if (!verify_answer_good(&seat->answers[VERIFY_NS]))
		return;
	for (size_t i = 0; i < facts->host_count; i++) {
		const struct verify_host *host = &facts->hosts[i];
		if (!is_expected(facts, host))
			continue;
		any = true;
		if (!verify_names_have(&seat->ns, &host->name))
			ns_blame(judging, seat, &host->name, true);
	}
	for (size_t i = 0; i < seat->ns.count && any; i++) {
		bool found = false;
		for (size_t j = 0; j < facts->host_count && !found; j++)
			found = is_expected(facts, &facts->hosts[j]) &&
			        name_equal(&facts->hosts[j].name, &seat->ns.names[i]);
		if (!found)
			ns_blame(judging, seat, &seat->ns.names[i], false);
	}
}

static void ttl_judge(struct verify_judging *judging, const struct verify_seat *seat)
{
	const struct verify_facts *facts = judging->facts;
	char text[SEAT_TEXT_SIZE];
	if ((facts->hosted && !seat->responder) || (!seat->has_serial[0] && !seat->has_serial[1]) ||
	    seat->soa_ttl_s == facts->policy->ttl_s)
		return;
	seat_text(facts, seat, text);
	verify_blame(judging, SEVERITY_WARNING, "ttl-differs",
	             SEAT " answers with a TTL of %u s, and `ttl` is %u", text, seat->soa_ttl_s,
	             facts->policy->ttl_s);
	verify_mend(judging, "let it reload its configuration (`fedns reload`)");
}

static void samples_judge(struct verify_judging *judging, const struct verify_seat *seat)
{
	const struct verify_facts *facts = judging->facts;
	char text[SEAT_TEXT_SIZE], type[16];
	seat_text(facts, seat, text);
	for (size_t i = 0; i < facts->sample_count; i++) {
		const struct verify_sample *sample = &facts->samples[i];
		if ((seat->samples_wrong >> i & 1) == 0)
			continue;
		type_text(sample->type, type);
		verify_blame(judging, SEVERITY_ERROR, "record-differs",
		             SEAT " answers for %.180s %s otherwise than the state "
		                  "wants",
		             text, verify_text(&sample->owner).text, type);
		verify_mend(judging,
		            seat->responder
		                ? "see `fedns status` for how old its state is"
		                : "see what `fedns plan` would change; a change takes its TTL to arrive");
	}
	if (seat->samples_silent != 0) {
		verify_blame(judging, SEVERITY_WARNING, "record-unanswered",
		             SEAT " left %d of %zu sample questions unanswered", text,
		             __builtin_popcount(seat->samples_silent), facts->sample_count);
		verify_mend(judging, "try again");
	}
}

/* --- all together ---------------------------------------------------------------------------- */

/* A provider numbers the zone in its own way. */
static bool counts_serials(const struct verify_facts *facts, const struct verify_seat *seat)
{
	return !facts->hosted || !seat->responder;
}

/* The first serial that differs from `serial`, or NULL. */
static const struct verify_seat *other_serial(const struct verify_facts *facts, uint32_t serial,
                                              uint32_t *other)
{
	for (size_t i = 0; i < facts->seat_count; i++) {
		const struct verify_seat *seat = &facts->seats[i];
		for (size_t j = 0; j < 2 && counts_serials(facts, seat); j++) {
			if (seat->has_serial[j] && seat->serials[j] != serial) {
				*other = seat->serials[j];
				return seat;
			}
		}
	}
	return NULL;
}

static void serials_judge(struct verify_judging *judging)
{
	const struct verify_facts *facts = judging->facts;
	const struct verify_seat *first = NULL;
	uint32_t serial = 0, other = 0;
	char here[SEAT_TEXT_SIZE], there[SEAT_TEXT_SIZE];
	for (size_t i = 0; i < facts->seat_count && first == NULL; i++) {
		const struct verify_seat *seat = &facts->seats[i];
		if (counts_serials(facts, seat) && (seat->has_serial[0] || seat->has_serial[1])) {
			first = seat;
			serial = seat->serials[seat->has_serial[0] ? 0 : 1];
		}
	}
	const struct verify_seat *second = first == NULL ? NULL : other_serial(facts, serial, &other);
	if (second == NULL)
		return;
	seat_text(facts, first, here);
	seat_text(facts, second, there);
	/* Replicas of fedns number their changes each by its own clock: it is a hint, not a proof. */
	verify_blame(judging, facts->hosted ? SEVERITY_ERROR : SEVERITY_WARNING, "serial-differs",
	             "the serials differ: %.200s has %u, %.200s has %u", here, serial, there, other);
	if (facts->hosted)
		verify_mend(judging, "wait for the provider to bring the change to all its servers");
	else
		verify_mend(judging,
		            "replicas of fedns count each for itself: compare what `fedns status` "
		            "and `fedns records` say at both; another kind of server must transfer "
		            "the zone anew");
}

static void routes_judge(struct verify_judging *judging)
{
	const struct verify_facts *facts = judging->facts;
	size_t lacking = 0;
	for (size_t i = 0; i < facts->seat_count; i++)
		lacking += facts->seats[i].no_route;
	if (lacking == 0)
		return;
	verify_blame(judging, lacking == facts->seat_count ? SEVERITY_ERROR : SEVERITY_WARNING,
	             "no-route", "this machine has no way to %zu of %zu addresses of name servers",
	             lacking, facts->seat_count);
	verify_mend(judging, "run this where IPv4 and IPv6 both lead out");
}

void verify_judge_seats(struct verify_judging *judging)
{
	const struct verify_facts *facts = judging->facts;
	for (size_t i = 0; i < facts->seat_count; i++) {
		const struct verify_seat *seat = &facts->seats[i];
		/* Where this runs, the responder need not. */
		if (seat->no_route || (seat->responder && !verify_seat_spoke(seat)))
			continue;
		silence_judge(judging, seat);
		lame_judge(judging, seat);
		ns_judge(judging, seat);
		ttl_judge(judging, seat);
		samples_judge(judging, seat);
	}
	serials_judge(judging);
	routes_judge(judging);
}

/* verify_judge: facts in, findings out. A right delegation, and what each deviation from it is
 * called. */
#include "check.h"

#include "verify_facts.h"

#include <stdlib.h>
#include <string.h>

#define REASONS_MAX 16

struct bed {
	struct zone_policy policy;
	struct verify_facts facts;
	struct verify_parent parents[2];
	struct verify_seat seats[3];
	struct verify_finding findings[REASONS_MAX];
	size_t finding_count;
};

static struct name name_of(const char *text)
{
	struct name name;
	struct why why;
	assert_int_equal(name_parse(bytes_of(text), &name, &why), ERR_OK);
	return name;
}

static struct address address_of(const char *text)
{
	struct address address;
	struct why why;
	assert_int_equal(address_parse(bytes_of(text), &address, &why), ERR_OK);
	return address;
}

static const char *const SERVERS[] = {"ns1.z.test.", "ns2.z.test."};
static const char *const ADDRESSES[] = {"192.0.2.1", "2001:db8::2"};

static void good_answer(struct verify_answer *answer)
{
	*answer = (struct verify_answer){.asked = true, .answered = true, .aa = true};
}

static void parent_add(struct bed *bed)
{
	struct verify_parent *parent = &bed->parents[bed->facts.parent_count++];
	parent->server = name_of("a.nic.test.");
	parent->at = (struct ask_server){address_of("198.51.100.1"), 53};
	parent->answer = (struct verify_answer){.asked = true, .answered = true};
	parent->referral = true;
	for (size_t i = 0; i < 2; i++) {
		struct name name = name_of(SERVERS[i]);
		verify_names_add(&parent->ns, &name);
		parent->glue[parent->glue_count++] =
			(struct verify_glue){(uint8_t)i, address_of(ADDRESSES[i])};
	}
}

static void server_add(struct bed *bed, size_t i)
{
	struct verify_facts *facts = &bed->facts;
	struct nameserver *server = &bed->policy.nameservers[bed->policy.nameserver_count++];
	server->name = name_of(SERVERS[i]);
	server->addresses[server->address_count++] = address_of(ADDRESSES[i]);
	facts->hosts[facts->host_count++] = (struct verify_host){
		.name = server->name,
		.wanted = true,
		.delegated = true,
		.addresses = {server->addresses[0]},
		.address_count = 1,
	};
	struct verify_seat *seat = &bed->seats[facts->seat_count++];
	seat->host = i;
	seat->at = (struct ask_server){server->addresses[0], 53};
	for (size_t j = 0; j < VERIFY_QUESTIONS; j++)
		good_answer(&seat->answers[j]);
	seat->has_serial[0] = seat->has_serial[1] = true;
	seat->serials[0] = seat->serials[1] = 7;
	seat->soa_ttl_s = 180;
	for (size_t j = 0; j < 2; j++) {
		struct name name = name_of(SERVERS[j]);
		verify_names_add(&seat->ns, &name);
	}
}

/* Two servers of ours, two of the parent's, all of one mind. */
static struct bed *bed_new(void)
{
	struct bed *bed = calloc(1, sizeof *bed);
	assert_non_null(bed);
	bed->policy.zone = name_of("z.test.");
	bed->policy.ttl_s = 180;
	bed->facts.policy = &bed->policy;
	bed->facts.zone = bed->policy.zone;
	bed->facts.parent = name_of("test.");
	bed->facts.parents = bed->parents;
	bed->facts.seats = bed->seats;
	for (size_t i = 0; i < 2; i++) {
		parent_add(bed);
		server_add(bed, i);
	}
	return bed;
}

/* --- deviations ------------------------------------------------------------------------------ */

static void nothing(struct bed *bed)
{
	(void)bed;
}

static void ns_lost_at_one(struct bed *bed)
{
	bed->facts.parents[1].ns.count = 1;
	bed->facts.parents[1].glue_count = 1;
}

static void ns_more(struct bed *bed)
{
	bed->facts.hosts[bed->facts.host_count++] = (struct verify_host){
		.name = name_of("ns9.other."), .delegated = true, .looked_up = true, .address_count = 1};
}

static void glue_lost(struct bed *bed)
{
	bed->facts.parents[0].glue_count = 1;
}

static void glue_stray(struct bed *bed)
{
	for (size_t i = 0; i < 2; i++) {
		struct verify_parent *parent = &bed->facts.parents[i];
		parent->glue[parent->glue_count++] = (struct verify_glue){1, address_of("192.0.2.99")};
	}
}

/* The parent's server has our zone, too: its answer is no referral, and has no glue. */
static void parent_serves_the_zone(struct bed *bed)
{
	for (size_t i = 0; i < 2; i++) {
		bed->facts.parents[i].referral = false;
		bed->facts.parents[i].glue_count = 0;
	}
}

static void parent_nxdomain(struct bed *bed)
{
	for (size_t i = 0; i < 2; i++) {
		bed->facts.parents[i].ns.count = bed->facts.parents[i].glue_count = 0;
		bed->facts.parents[i].answer.rcode = RCODE_NXDOMAIN;
		bed->facts.hosts[i].delegated = false;
	}
}

static void one_parent_silent(struct bed *bed)
{
	struct verify_parent *parent = &bed->facts.parents[0];
	parent->answer = (struct verify_answer){.asked = true, .why = "no answer within 3 s"};
	parent->ns.count = parent->glue_count = 0;
}

static void parents_refuse(struct bed *bed)
{
	for (size_t i = 0; i < 2; i++) {
		bed->facts.parents[i].answer.rcode = RCODE_REFUSED;
		bed->facts.parents[i].ns.count = bed->facts.parents[i].glue_count = 0;
	}
}

static void parent_unroutable(struct bed *bed)
{
	struct verify_parent *parent = &bed->facts.parents[0];
	*parent = (struct verify_parent){.server = parent->server, .at = parent->at, .no_route = true};
}

static void alias(struct bed *bed)
{
	bed->facts.hosts[0].alias = true;
}

static void nowhere(struct bed *bed)
{
	bed->facts.hosts[1].address_count = 0;
	bed->facts.seat_count = 1;
}

static void udp_silent(struct bed *bed)
{
	bed->facts.seats[0].answers[VERIFY_SOA_UDP].answered = false;
	bed->facts.seats[0].has_serial[0] = false;
}

static void tcp_silent(struct bed *bed)
{
	bed->facts.seats[0].answers[VERIFY_SOA_TCP].answered = false;
	bed->facts.seats[0].has_serial[1] = false;
}

static void both_silent(struct bed *bed)
{
	udp_silent(bed);
	tcp_silent(bed);
	bed->facts.seats[0].answers[VERIFY_NS].answered = false;
	bed->facts.seats[0].ns.count = 0;
}

static void lame(struct bed *bed)
{
	for (size_t i = 0; i < VERIFY_QUESTIONS; i++)
		bed->facts.seats[1].answers[i].aa = false;
	bed->facts.seats[1].has_serial[0] = bed->facts.seats[1].has_serial[1] = false;
}

static void lame_by_tcp(struct bed *bed)
{
	bed->facts.seats[1].answers[VERIFY_SOA_TCP].rcode = RCODE_SERVFAIL;
	bed->facts.seats[1].has_serial[1] = false;
}

static void other_ns(struct bed *bed)
{
	bed->facts.seats[0].ns.names[1] = name_of("ns9.z.test.");
}

static void other_serial(struct bed *bed)
{
	bed->facts.seats[1].serials[1] = 8;
}

static void hosted_other_serial(struct bed *bed)
{
	bed->facts.hosted = true;
	other_serial(bed);
}

static void hosted_glue_is_not_ours(struct bed *bed)
{
	bed->facts.hosted = true;
	glue_stray(bed);
	bed->facts.seats[0].soa_ttl_s = 600;
}

static void other_ttl(struct bed *bed)
{
	bed->facts.seats[0].soa_ttl_s = 60;
}

static void unroutable(struct bed *bed)
{
	struct verify_seat *seat = &bed->facts.seats[1];
	*seat = (struct verify_seat){.host = 1, .at = seat->at, .no_route = true};
}

/* This configuration's own: it need not run where this does, but what runs must be it. */
static struct verify_seat *responder_add(struct bed *bed)
{
	struct verify_facts *facts = &bed->facts;
	struct verify_seat *seat = &bed->seats[facts->seat_count++];
	*seat = bed->seats[0];
	seat->host = facts->host_count;
	seat->responder = true;
	seat->at = (struct ask_server){address_of("127.0.0.1"), 5300};
	facts->hosts[facts->host_count++] = (struct verify_host){.address_count = 1};
	return seat;
}

static void responder_good(struct bed *bed)
{
	(void)responder_add(bed);
}

static void responder_silent(struct bed *bed)
{
	struct verify_seat *seat = responder_add(bed);
	*seat = (struct verify_seat){.host = seat->host, .at = seat->at, .responder = true};
}

static void responder_lame(struct bed *bed)
{
	struct verify_seat *seat = responder_add(bed);
	seat->has_serial[0] = seat->has_serial[1] = false;
	for (size_t i = 0; i < VERIFY_QUESTIONS; i++)
		seat->answers[i].rcode = RCODE_REFUSED;
}

static void hosted_responder_counts_for_itself(struct bed *bed)
{
	struct verify_seat *seat = responder_add(bed);
	seat->serials[0] = seat->serials[1] = 9;
	seat->ns.count = 1;
	bed->facts.hosted = true;
}

static void more_than_fits(struct bed *bed)
{
	bed->facts.cut = true;
}

static void finding_keep(void *arg, const struct verify_finding *finding)
{
	struct bed *bed = arg;
	assert_true(bed->finding_count < REASONS_MAX);
	bed->findings[bed->finding_count++] = *finding;
}

static void each_deviation_has_its_word(void **state)
{
	(void)state;
	const struct {
		void (*deviate)(struct bed *bed);
		const char *findings, *part;
	} cases[] = {
		{nothing, "", ""},
		{ns_lost_at_one, "error ns-missing-at-parent,", "(1 of its 2 servers asked)"},
		{ns_more, "error ns-extra-at-parent,", "ns9.other."},
		{glue_lost, "error glue-missing,", "no glue 2001:db8::2 for ns2.z.test. (1 of its 2"},
		{glue_stray, "error glue-wrong,", "says that ns2.z.test. is at 192.0.2.99"},
		{parent_serves_the_zone, "", ""},
		{parent_nxdomain, "error no-delegation,", "test. does not delegate z.test. (2 of its 2"},
		{one_parent_silent, "warning parent-silent,", "no answer within 3 s"},
		{parents_refuse, "warning parent-lame,warning parent-lame,error parent-unreachable,", ""},
		{parent_unroutable, "", ""},
		{alias, "error ns-alias,", "ns1.z.test. is an alias"},
		{nowhere, "error ns-without-address,", "ns2.z.test."},
		{udp_silent, "error no-udp,", "ns1.z.test. (192.0.2.1:53)"},
		{tcp_silent, "error no-tcp,", "ns1.z.test. (192.0.2.1:53)"},
		{both_silent, "error server-silent,", "neither over UDP nor over TCP"},
		{lame, "error lame,",
	     "ns2.z.test. ([2001:db8::2]:53) is not authoritative for z.test.: it "
	     "answers NOERROR without AA over UDP"},
		{lame_by_tcp, "error lame,", "it answers SERVFAIL over TCP"},
		{other_ns, "error ns-missing-at-server,error ns-extra-at-server,", ""},
		{other_serial, "warning serial-differs,",
	     "has 7, the name server ns2.z.test. ([2001:db8::2]:53) has 8"},
		{hosted_other_serial, "error serial-differs,", ""},
		{hosted_glue_is_not_ours, "", ""},
		{other_ttl, "warning ttl-differs,", "a TTL of 60 s, and `ttl` is 180"},
		{unroutable, "warning no-route,", "no way to 1 of 2"},
		{responder_good, "", ""},
		{responder_silent, "", ""},
		{responder_lame, "error lame,", "own responder 127.0.0.1:5300 is not authoritative"},
		{hosted_responder_counts_for_itself, "", ""},
		{more_than_fits, "warning too-many,", "more than 16 name servers"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bed *bed = bed_new();
		char said[512] = "";
		size_t used = 0;
		cases[i].deviate(bed);
		verify_judge(&bed->facts, finding_keep, bed);
		for (size_t j = 0; j < bed->finding_count; j++) {
			const struct verify_finding *finding = &bed->findings[j];
			used += (size_t)snprintf(said + used, sizeof said - used, "%s %s,",
			                         finding->severity == SEVERITY_ERROR ? "error" : "warning",
			                         finding->reason);
			assert_true(finding->text[0] != '\0' && finding->mend[0] != '\0');
		}
		if (strcmp(said, cases[i].findings) != 0)
			fail_msg("%zu: %s", i, said);
		if (cases[i].part[0] != '\0' && strstr(bed->findings[0].text, cases[i].part) == NULL)
			fail_msg("%zu: %s", i, bed->findings[0].text);
		free(bed);
	}
}

/* --- samples --------------------------------------------------------------------------------- */

static struct ask_rr rr_of(const char *owner, uint16_t type, const void *rdata, size_t size)
{
	return (struct ask_rr){name_of(owner), type, 60, {rdata, size}};
}

static void samples_are_compared_as_sets(void **state)
{
	(void)state;
	const struct verify_sample addresses = {
		.owner = name_of("s.z.test."),
		.type = TYPE_A,
		.addresses = {address_of("192.0.2.1"), address_of("192.0.2.2")},
		.address_count = 2};
	const struct verify_sample alias_of = {
		.owner = name_of("s.z.test."), .type = TYPE_CNAME, .target = name_of("t.z.test.")};
	const uint8_t one[] = {192, 0, 2, 1}, two[] = {192, 0, 2, 2}, three[] = {192, 0, 2, 3};
	struct name t = name_of("t.z.test."), u = name_of("u.z.test.");
	const struct ask_rr a[] = {rr_of("s.z.test.", TYPE_A, two, 4),
	                           rr_of("s.z.test.", TYPE_A, one, 4),
	                           rr_of("s.z.test.", TYPE_A, three, 4)};
	const struct ask_rr cname[] = {rr_of("s.z.test.", TYPE_CNAME, t.octets, t.size),
	                               rr_of("t.z.test.", TYPE_A, one, 4),
	                               rr_of("s.z.test.", TYPE_CNAME, u.octets, u.size)};
	const struct {
		const struct verify_sample *sample;
		const struct ask_rr *rrs;
		size_t count;
		uint16_t rcode;
		bool is;
	} cases[] = {
		{&addresses, a, 2, 0, true},     {&addresses, a, 1, 0, false},
		{&addresses, a, 3, 0, false},    {&addresses, a, 0, 0, false},
		{&addresses, a, 0, 3, false},    {&addresses, cname, 2, 0, false},
		{&alias_of, cname, 1, 0, true},  {&alias_of, cname, 2, 0, true},
		{&alias_of, cname, 3, 0, false}, {&alias_of, cname + 2, 1, 0, false},
		{&alias_of, a, 1, 0, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct ask_reply reply = {.answered = true,
		                                .rcode = cases[i].rcode,
		                                .rrs = {cases[i].rrs, NULL, NULL},
		                                .rr_count = {cases[i].count, 0, 0}};
		if (verify_sample_is(cases[i].sample, &reply) != cases[i].is)
			fail_msg("%zu", i);
	}
}

static void samples_that_differ_are_named(void **state)
{
	(void)state;
	const struct verify_sample samples[] = {{.owner = name_of("s.z.test."), .type = TYPE_A},
	                                        {.owner = name_of("t.z.test."), .type = TYPE_CNAME}};
	struct bed *bed = bed_new();
	bed->facts.hosted = true;
	bed->facts.samples = samples;
	bed->facts.sample_count = 2;
	bed->facts.seats[0].samples_wrong = 2;
	bed->facts.seats[1].samples_silent = 3;
	verify_judge(&bed->facts, finding_keep, bed);
	assert_int_equal(bed->finding_count, 2);
	assert_string_equal(bed->findings[0].reason, "record-differs");
	assert_non_null(strstr(bed->findings[0].text, "t.z.test. CNAME"));
	assert_string_equal(bed->findings[1].reason, "record-unanswered");
	assert_non_null(strstr(bed->findings[1].text, "2 of 2"));
	free(bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_deviation_has_its_word),
		cmocka_unit_test(samples_are_compared_as_sets),
		cmocka_unit_test(samples_that_differ_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Our name servers: which they are, where they are, and what each of them says. */
#include "fedns/sockaddr.h"
#include "verify_gather.h"

/* --- which, and where
 * ----------------------------------------------------------------------------- */

static struct verify_host *host_add(struct verify_facts *facts, const struct name *name)
{
	for (size_t i = 0; i < facts->host_count; i++) {
		if (name->size != 0 && name_equal(&facts->hosts[i].name, name))
			return &facts->hosts[i];
	}
	if (facts->host_count == VERIFY_HOSTS_MAX) {
		facts->cut = true;
		return NULL;
	}
	struct verify_host *host = &facts->hosts[facts->host_count++];
	*host = (struct verify_host){.name = *name};
	return host;
}

static void hosts_name(struct verify_facts *facts)
{
	struct verify_host *host;
	for (size_t i = 0; i < facts->policy->nameserver_count && !facts->hosted; i++) {
		if ((host = host_add(facts, &facts->policy->nameservers[i].name)) != NULL)
			host->wanted = true;
	}
	for (size_t i = 0; i < facts->parent_count; i++) {
		const struct verify_names *ns = &facts->parents[i].ns;
		for (size_t j = 0; j < ns->count; j++) {
			if ((host = host_add(facts, &ns->names[j])) != NULL)
				host->delegated = true;
		}
	}
}

static void glue_adopt(struct gathering *gathering, struct verify_host *host)
{
	const struct verify_facts *facts = gathering->facts;
	for (size_t i = 0; i < facts->parent_count; i++) {
		const struct verify_parent *parent = &facts->parents[i];
		for (size_t j = 0; j < parent->glue_count; j++) {
			if (name_equal(&parent->ns.names[parent->glue[j].name], &host->name))
				verify_host_address_add(gathering, host, &parent->glue[j].address);
		}
	}
}

/* A name in the zone is where the configuration has it, else where the glue has it; only others are
 * a resolver's to find. What it says of ours is waited for later: it may have to ask servers that
 * don't answer. */
static void host_place(struct gathering *gathering, struct verify_host *host)
{
	const struct verify_facts *facts = gathering->facts;
	const struct nameserver *server = facts->hosted ? NULL : verify_nameserver(facts, &host->name);
	if (!name_at_or_below(&host->name, &facts->zone))
		return;
	for (size_t i = 0; server != NULL && i < server->address_count; i++)
		verify_host_address_add(gathering, host, &server->addresses[i]);
	if (host->address_count == 0)
		glue_adopt(gathering, host);
}

static void hosts_find(struct gathering *gathering, struct looking looking[VERIFY_HOSTS_MAX],
                       bool of_zone)
{
	struct verify_facts *facts = gathering->facts;
	for (size_t i = 0; i < facts->host_count; i++) {
		struct verify_host *host = &facts->hosts[i];
		if (host->name.size == 0 || name_at_or_below(&host->name, &facts->zone) != of_zone)
			continue;
		looking[i] = (struct looking){gathering, host, !of_zone};
		verify_look_up(looking, i);
	}
}

static void seat_add(struct gathering *gathering, size_t host, const struct ask_server *at)
{
	struct verify_facts *facts = gathering->facts;
	if (facts->seat_count == VERIFY_SEATS_MAX) {
		facts->cut = true;
		return;
	}
	struct verify_seat *seat = &facts->seats[facts->seat_count++];
	seat->host = host;
	seat->at = *at;
	seat->no_route = !ask_route(&at->address);
}

static void seats_of_hosts(struct gathering *gathering)
{
	const struct verify_facts *facts = gathering->facts;
	uint16_t port = gathering->ask->port != 0 ? gathering->ask->port : VERIFY_PORT_DNS;
	for (size_t i = 0; i < facts->host_count; i++) {
		for (size_t j = 0; j < facts->hosts[i].address_count; j++) {
			const struct ask_server at = {facts->hosts[i].addresses[j], port};
			seat_add(gathering, i, &at);
		}
	}
}

/* In the place of those that the delegation names: addresses without names. */
static enum err seats_of_texts(struct gathering *gathering, struct why *why)
{
	const struct verify_ask *ask = gathering->ask;
	const struct name none = {.size = 0};
	for (size_t i = 0; i < ask->server_count; i++) {
		struct ask_server at;
		enum err err = ask_server_parse(ask->servers[i], &at, why);
		if (err != ERR_OK)
			return err;
		struct verify_host *host = host_add(gathering->facts, &none);
		if (host == NULL)
			return ERR_OK;
		host->addresses[host->address_count++] = at.address;
		seat_add(gathering, gathering->facts->host_count - 1, &at);
	}
	return ERR_OK;
}

/* Who listens at any address is found at this machine's own. */
static void any_resolve(struct address *address)
{
	static const struct address ANY[] = {{.family = 4}, {.family = 6}};
	static const struct address OWN[] = {{4, {127, 0, 0, 1}}, {6, {[V6_SIZE - 1] = 1}}};
	for (size_t i = 0; i < sizeof ANY / sizeof ANY[0]; i++) {
		if (address_compare(address, &ANY[i]) == 0)
			*address = OWN[i];
	}
}

static bool endpoint_place(const struct endpoint *endpoint, struct ask_server *out)
{
	const struct sockaddr *at = (const struct sockaddr *)&endpoint->address;
	*out = (struct ask_server){.port = sockaddr_port(at)};
	sockaddr_address(at, &out->address);
	any_resolve(&out->address);
	return out->port != 0 && ask_local(&out->address);
}

static bool seat_is_at(const struct verify_facts *facts, const struct ask_server *at)
{
	for (size_t i = 0; i < facts->seat_count; i++) {
		const struct ask_server *other = &facts->seats[i].at;
		if (other->port == at->port && address_compare(&other->address, &at->address) == 0)
			return true;
	}
	return false;
}

/* This responder, if it runs on this machine and isn't asked as a name server anyway. */
static void seats_of_listen(struct gathering *gathering)
{
	const struct config *config = gathering->ask->config;
	struct verify_facts *facts = gathering->facts;
	const struct name none = {.size = 0};
	for (size_t i = 0; i < config->listen_count; i++) {
		struct ask_server at;
		if (!endpoint_place(&config->listen[i], &at) || seat_is_at(facts, &at) ||
		    facts->seat_count == VERIFY_SEATS_MAX || facts->host_count == VERIFY_HOSTS_MAX)
			continue;
		struct verify_host *host = host_add(facts, &none);
		host->addresses[host->address_count++] = at.address;
		seat_add(gathering, facts->host_count - 1, &at);
		facts->seats[facts->seat_count - 1].responder = true;
	}
}

/* --- what they say --------------------------------------------------------------------------- */

/* The last five fields of a SOA are 32 bits each, the serial the first of them. */
#define SOA_NUMBERS_SIZE 20

static void soa_take(struct verify_seat *seat, size_t by, const struct name *zone,
                     const struct ask_reply *reply)
{
	for (size_t i = 0; i < reply->rr_count[ASK_ANSWER]; i++) {
		const struct ask_rr *rr = &reply->rrs[ASK_ANSWER][i];
		if (rr->type != TYPE_SOA || !name_equal(&rr->owner, zone) ||
		    rr->rdata.size < SOA_NUMBERS_SIZE)
			continue;
		const uint8_t *at = rr->rdata.data + rr->rdata.size - SOA_NUMBERS_SIZE;
		seat->has_serial[by] = verify_answer_good(&seat->answers[by]);
		seat->serials[by] =
			(uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | (uint32_t)at[3];
		seat->soa_ttl_s = rr->ttl_s;
	}
}

static void soa_udp_took(void *subject, size_t index, const struct ask_reply *reply)
{
	struct verify_facts *facts = subject;
	struct verify_seat *seat = &facts->seats[index];
	verify_answer_take(&seat->answers[VERIFY_SOA_UDP], reply);
	soa_take(seat, VERIFY_SOA_UDP, verify_seat_zone(facts, seat), reply);
}

static void soa_tcp_took(void *subject, size_t index, const struct ask_reply *reply)
{
	struct verify_facts *facts = subject;
	struct verify_seat *seat = &facts->seats[index];
	verify_answer_take(&seat->answers[VERIFY_SOA_TCP], reply);
	soa_take(seat, VERIFY_SOA_TCP, verify_seat_zone(facts, seat), reply);
}

static void ns_took(void *subject, size_t index, const struct ask_reply *reply)
{
	struct verify_facts *facts = subject;
	struct verify_seat *seat = &facts->seats[index];
	verify_answer_take(&seat->answers[VERIFY_NS], reply);
	verify_ns_take(&seat->ns, reply, ASK_ANSWER, verify_seat_zone(facts, seat));
}

static void sample_took(void *subject, size_t index, const struct ask_reply *reply)
{
	struct verify_facts *facts = subject;
	struct verify_seat *seat = &facts->seats[index / VERIFY_SAMPLES_MAX];
	size_t at = index % VERIFY_SAMPLES_MAX;
	uint32_t bit = (uint32_t)1 << at;
	if (!reply->answered)
		seat->samples_silent |= bit;
	else if (!verify_sample_is(&facts->samples[at], reply))
		seat->samples_wrong |= bit;
}

bool verify_sample_is(const struct verify_sample *sample, const struct ask_reply *reply)
{
	size_t found = 0;
	if (reply->rcode != RCODE_NOERROR)
		return false;
	for (size_t i = 0; i < reply->rr_count[ASK_ANSWER]; i++) {
		const struct ask_rr *rr = &reply->rrs[ASK_ANSWER][i];
		struct address address;
		if (rr->type != sample->type || !name_equal(&rr->owner, &sample->owner))
			continue; /* what a CNAME leads to is another sample's */
		if (rr->type == TYPE_CNAME) {
			struct name target = verify_target_of(rr);
			if (!name_equal(&target, &sample->target))
				return false;
		} else if (!verify_address_of(rr, &address) ||
		           !verify_address_among(sample->addresses, sample->address_count, &address)) {
			return false;
		}
		found++;
	}
	return found == (sample->type == TYPE_CNAME ? 1 : sample->address_count);
}

static void seat_ask(struct gathering *gathering, size_t index)
{
	struct verify_facts *facts = gathering->facts;
	const struct ask_server *at = &facts->seats[index].at;
	const struct name *zone = verify_seat_zone(facts, &facts->seats[index]);
	struct rounds *rounds = gathering->rounds;
	const struct errand_to soa_udp = {soa_udp_took, facts, index};
	const struct errand_to soa_tcp = {soa_tcp_took, facts, index};
	const struct errand_to ns = {ns_took, facts, index};
	rounds_ask(rounds, at, zone, TYPE_SOA, false, soa_udp);
	rounds_ask(rounds, at, zone, TYPE_SOA, true, soa_tcp);
	rounds_ask(rounds, at, zone, TYPE_NS, false, ns);
	for (size_t i = 0; i < facts->sample_count; i++) {
		const struct verify_sample *sample = &facts->samples[i];
		const struct errand_to to = {sample_took, facts, index * VERIFY_SAMPLES_MAX + i};
		rounds_ask(rounds, at, &sample->owner, sample->type, false, to);
	}
}

enum err verify_gather_seats(struct gathering *gathering, struct why *why)
{
	struct verify_facts *facts = gathering->facts;
	struct looking looking[VERIFY_HOSTS_MAX];
	hosts_name(facts);
	hosts_find(gathering, looking, false);
	rounds_wait(gathering->rounds);
	for (size_t i = 0; i < facts->host_count; i++)
		host_place(gathering, &facts->hosts[i]);
	if (gathering->ask->server_count == 0) {
		seats_of_hosts(gathering);
	} else {
		enum err err = seats_of_texts(gathering, why);
		if (err != ERR_OK)
			return err;
	}
	seats_of_listen(gathering);
	hosts_find(gathering, looking, true);
	for (size_t i = 0; i < facts->seat_count; i++) {
		if (!facts->seats[i].no_route)
			seat_ask(gathering, i);
	}
	rounds_wait(gathering->rounds);
	return ERR_OK;
}

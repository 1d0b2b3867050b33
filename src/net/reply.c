#include "reply.h"

#include <assert.h>
#include <ldns/ldns.h>
#include <string.h>

/* Resolvers give up at 8 to 16 CNAMEs themselves; a longer chain is a mistake or an attack. */
#define CHAIN_MAX 16

/* RFC 2181 section 8: a TTL with its top bit set counts as zero. */
static uint32_t rr_ttl_s(const ldns_rr *rr)
{
	uint32_t ttl_s = ldns_rr_ttl(rr);
	return ttl_s <= INT32_MAX ? ttl_s : 0;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static bool rr_is(const ldns_rr *rr, ldns_rr_type type, const ldns_rdf *owner)
{
	return ldns_rr_get_type(rr) == type && ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN &&
	       (owner == NULL || ldns_dname_compare(ldns_rr_owner(rr), owner) == 0);
}

static const ldns_rr *rr_find(const ldns_rr_list *list, ldns_rr_type type, const ldns_rdf *owner)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		if (rr_is(rr, type, owner))
			return rr;
	}
	return NULL;
}

static void addresses_take(const ldns_rr_list *list, const ldns_rdf *owner, uint8_t family,
                           struct reply *out)
{
	ldns_rr_type type = family == 4 ? LDNS_RR_TYPE_A : LDNS_RR_TYPE_AAAA;
	size_t size = address_size(family);
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		if (!rr_is(rr, type, owner) || ldns_rr_rd_count(rr) != 1)
			continue;
		const ldns_rdf *rdf = ldns_rr_rdf(rr, 0);
		if (ldns_rdf_size(rdf) != size || out->address_count == RESOLVED_ADDRESSES_MAX)
			continue;
		struct address *address = &out->addresses[out->address_count++];
		*address = (struct address){.family = family};
		memcpy(address->octets, ldns_rdf_data(rdf), size);
		out->ttl_s = smaller(out->ttl_s, rr_ttl_s(rr));
	}
}

/* Go from `host` along the CNAMEs to the addresses, if the message has any. */
static enum err chain_follow(const ldns_rr_list *answer, const ldns_rdf *host, uint8_t family,
                             struct reply *out, struct why *why)
{
	const ldns_rdf *owner = host;
	for (unsigned hops = 0; hops <= CHAIN_MAX; hops++) {
		addresses_take(answer, owner, family, out);
		const ldns_rr *cname = rr_find(answer, LDNS_RR_TYPE_CNAME, owner);
		if (out->address_count != 0 || cname == NULL || ldns_rr_rd_count(cname) != 1)
			return ERR_OK;
		out->ttl_s = smaller(out->ttl_s, rr_ttl_s(cname));
		owner = ldns_rr_rdf(cname, 0);
	}
	why_set(why, "more than %d CNAMEs in a row", CHAIN_MAX);
	return ERR_INVALID;
}

/* RFC 2308 section 5: a negative answer lives for the lesser of the SOA's TTL and its MINIMUM;
 * without SOA not at all. */
static uint32_t negative_ttl_s(const ldns_rr_list *authority)
{
	const ldns_rr *soa = rr_find(authority, LDNS_RR_TYPE_SOA, NULL);
	if (soa == NULL || ldns_rr_rd_count(soa) != 7)
		return 0;
	return smaller(rr_ttl_s(soa), ldns_rdf2native_int32(ldns_rr_rdf(soa, 6)));
}

static enum err packet_read(const ldns_pkt *packet, const ldns_rdf *host, uint8_t family,
                            struct reply *out, struct why *why)
{
	ldns_pkt_rcode rcode = ldns_pkt_get_rcode(packet);
	if (!ldns_pkt_qr(packet)) {
		why_set(why, "the reply is a question");
		return ERR_INVALID;
	}
	if (rcode != LDNS_RCODE_NOERROR && rcode != LDNS_RCODE_NXDOMAIN) {
		const ldns_lookup_table *word = ldns_lookup_by_id(ldns_rcodes, (int)rcode);
		why_set(why, "the server answered %s", word != NULL ? word->name : "an unknown RCODE");
		return ERR_INVALID;
	}
	out->ttl_s = INT32_MAX;
	enum err err = chain_follow(ldns_pkt_answer(packet), host, family, out, why);
	if (err != ERR_OK)
		return err;
	if (rcode == LDNS_RCODE_NOERROR && out->address_count != 0) {
		out->status = RESOLVED_ADDRESSES;
		return ERR_OK;
	}
	/* RFC 2308 section 2.2: with NS and without SOA it is a referral, not NODATA. */
	const ldns_rr_list *authority = ldns_pkt_authority(packet);
	if (rcode == LDNS_RCODE_NOERROR && rr_find(authority, LDNS_RR_TYPE_SOA, NULL) == NULL &&
	    rr_find(authority, LDNS_RR_TYPE_NS, NULL) != NULL) {
		why_set(why, "the server answered a referral: it does not resolve for us");
		return ERR_INVALID;
	}
	out->status = rcode == LDNS_RCODE_NXDOMAIN ? RESOLVED_NONAME : RESOLVED_NODATA;
	out->ttl_s = smaller(out->ttl_s, negative_ttl_s(authority));
	return ERR_OK;
}

enum err reply_read(struct bytes message, const struct name *host, uint8_t family,
                    struct reply *out, struct why *why)
{
	assert((family == 4 || family == 6) && host->size != 0);
	ldns_pkt *packet = NULL;
	ldns_rdf *owner = ldns_dname_new_frm_data(host->size, host->octets);
	out->status = RESOLVED_FAILED;
	out->address_count = 0;
	out->ttl_s = 0;
	enum err err = ERR_INVALID;
	if (owner == NULL) {
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	ldns_status status = ldns_wire2pkt(&packet, message.data, message.size);
	if (status == LDNS_STATUS_OK)
		err = packet_read(packet, owner, family, out, why);
	else
		why_set(why, "the reply is not a DNS message: %s", ldns_get_errorstr_by_id(status));
	if (err != ERR_OK) {
		out->address_count = 0;
		out->ttl_s = 0;
	} else if (out->status != RESOLVED_ADDRESSES) {
		out->address_count = 0;
	}
	ldns_pkt_free(packet);
	ldns_rdf_deep_free(owner);
	return err;
}

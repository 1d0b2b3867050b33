/* The zone's own records: SOA, NS, and the addresses of its name servers. */
#include "fedns/compile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* For secondaries of a zone that changes within seconds; RFC 1912 section 2.2 gives the
 * proportions. */
enum { SOA_REFRESH_S = 3600, SOA_RETRY_S = 600, SOA_EXPIRE_S = 1209600 };

/* RFC 1035 section 3.3.13: two names and five 32-bit numbers. */
#define SOA_SIZE_MAX (2 * NAME_SIZE_MAX + 5 * 4)

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
	return at + 4;
}

static uint8_t *put_name(uint8_t *at, const struct name *name)
{
	memcpy(at, name->octets, name->size);
	return at + name->size;
}

static enum err soa_take(const struct zone_policy *policy, uint32_t serial, rrset_taker *take,
                         void *arg, struct why *why)
{
	uint8_t octets[SOA_SIZE_MAX];
	uint8_t *at = put_name(octets, &policy->nameservers[0].name);
	at = put_name(at, &policy->contact);
	at = put_u32(at, serial);
	at = put_u32(at, SOA_REFRESH_S);
	at = put_u32(at, SOA_RETRY_S);
	at = put_u32(at, SOA_EXPIRE_S);
	at = put_u32(at, policy->negative_ttl_s);

	const struct bytes rdata = {octets, (size_t)(at - octets)};
	const struct rrset set = {name_bytes(&policy->zone), TYPE_SOA, 1, policy->ttl_s, &rdata};
	return take(arg, &set, why);
}

static int rdata_compare(const void *left, const void *right)
{
	return bytes_compare(*(const struct bytes *)left, *(const struct bytes *)right);
}

static enum err ns_take(const struct zone_policy *policy, rrset_taker *take, void *arg,
                        struct why *why)
{
	struct bytes rdata[NAMESERVERS_MAX];
	for (size_t i = 0; i < policy->nameserver_count; i++)
		rdata[i] = name_bytes(&policy->nameservers[i].name);
	qsort(rdata, policy->nameserver_count, sizeof rdata[0], rdata_compare);
	const struct rrset set = {name_bytes(&policy->zone), TYPE_NS,
	                          (uint16_t)policy->nameserver_count, policy->ttl_s, rdata};
	return take(arg, &set, why);
}

static enum err glue_take(const struct zone_policy *policy, const struct nameserver *server,
                          uint8_t family, rrset_taker *take, void *arg, struct why *why)
{
	struct bytes rdata[NAMESERVER_ADDRESSES_MAX];
	uint16_t count = 0;
	for (size_t i = 0; i < server->address_count; i++) {
		if (server->addresses[i].family == family)
			rdata[count++] = (struct bytes){server->addresses[i].octets, address_size(family)};
	}
	if (count == 0)
		return ERR_OK;
	qsort(rdata, count, sizeof rdata[0], rdata_compare);
	const struct rrset set = {name_bytes(&server->name), family == 4 ? TYPE_A : TYPE_AAAA, count,
	                          policy->ttl_s, rdata};
	return take(arg, &set, why);
}

enum err apex_rrsets(const struct zone_policy *policy, uint32_t serial, rrset_taker *take,
                     void *arg, struct why *why)
{
	assert(policy->nameserver_count >= 1 && policy->nameserver_count <= NAMESERVERS_MAX);
	enum err err = soa_take(policy, serial, take, arg, why);
	if (err == ERR_OK)
		err = ns_take(policy, take, arg, why);
	for (size_t i = 0; err == ERR_OK && i < policy->nameserver_count; i++) {
		const struct nameserver *server = &policy->nameservers[i];
		if (!name_at_or_below(&server->name, &policy->zone))
			continue; /* not ours to say (RFC 2181 section 5.4.1) */
		err = glue_take(policy, server, 4, take, arg, why);
		if (err == ERR_OK)
			err = glue_take(policy, server, 6, take, arg, why);
	}
	return err;
}

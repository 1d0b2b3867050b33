/* One growing run of octets holds all RRsets, an array of offsets is what gets sorted: at 600,000
 * records some 60 MB. */
#include "records.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Before each RRset in the run; what follows: the owner, then per RR a 16-bit size in our own order
 * and the RDATA. */
struct head {
	uint32_t ttl_s;
	uint16_t type, count;
	uint8_t owner_size;
};

struct records {
	struct buf octets;
	uint32_t *at; /* [count] of each RRset in `octets` */
	size_t count, room;
};

/* --- all of a model ----------------------------------------------------------------------- */

enum err records_walk(const struct model *model, const struct zone_policy *policy, uint32_t serial,
                      struct findings *findings, rrset_taker *take, void *arg, struct why *why)
{
	enum err err = apex_rrsets(policy, serial, take, arg, why);
	return err == ERR_OK ? model_rrsets(model, policy, findings, take, arg, why) : err;
}

/* --- the store ---------------------------------------------------------------------------- */

struct records *records_new(void)
{
	struct records *records = calloc(1, sizeof *records);
	if (records != NULL)
		buf_init(&records->octets, RECORDS_SIZE_MAX);
	return records;
}

void records_free(struct records *records)
{
	if (records == NULL)
		return;
	buf_free(&records->octets);
	free(records->at);
	free(records);
}

static enum err index_grow(struct records *records)
{
	if (records->count < records->room)
		return ERR_OK;
	size_t room = records->room == 0 ? 1024 : records->room * 2;
	uint32_t *at = realloc(records->at, room * sizeof *at);
	if (at == NULL)
		return ERR_NOMEM;
	records->at = at;
	records->room = room;
	return ERR_OK;
}

static enum err rrset_copy(struct buf *octets, const struct rrset *set)
{
	struct head head = {.ttl_s = set->ttl_s,
	                    .type = set->type,
	                    .count = set->count,
	                    .owner_size = (uint8_t)set->owner.size};
	enum err err = buf_add(octets, (struct bytes){(const uint8_t *)&head, sizeof head});
	if (err == ERR_OK)
		err = buf_add(octets, set->owner);
	for (uint16_t i = 0; i < set->count && err == ERR_OK; i++) {
		uint16_t size = (uint16_t)set->rdata[i].size;
		err = buf_add(octets, (struct bytes){(const uint8_t *)&size, sizeof size});
		if (err == ERR_OK)
			err = buf_add(octets, set->rdata[i]);
	}
	return err;
}

enum err records_take(void *arg, const struct rrset *set, struct why *why)
{
	struct records *records = arg;
	size_t at = records->octets.size;
	enum err err = index_grow(records);
	if (err == ERR_OK)
		err = rrset_copy(&records->octets, set);
	if (err != ERR_OK) {
		why_set(why, err == ERR_LIMIT ? "the zone is above 4 GiB" : "no memory for the zone");
		return err;
	}
	records->at[records->count++] = (uint32_t)at;
	return ERR_OK;
}

static struct head head_at(const struct records *records, uint32_t at)
{
	struct head head;
	memcpy(&head, records->octets.data + at, sizeof head);
	return head;
}

static int set_compare(const void *left, const void *right, void *arg)
{
	const struct records *records = arg;
	uint32_t a_at, b_at;
	memcpy(&a_at, left, sizeof a_at);
	memcpy(&b_at, right, sizeof b_at);
	struct head a = head_at(records, a_at), b = head_at(records, b_at);
	if ((a.type == TYPE_SOA) != (b.type == TYPE_SOA))
		return a.type == TYPE_SOA ? -1 : 1;
	int order = name_compare((struct bytes){records->octets.data + a_at + sizeof a, a.owner_size},
	                         (struct bytes){records->octets.data + b_at + sizeof b, b.owner_size});
	return order != 0 ? order : (a.type > b.type) - (a.type < b.type);
}

static enum err set_hand(const struct records *records, uint32_t at, struct bytes *rdata,
                         rrset_taker *take, void *arg, struct why *why)
{
	struct head head = head_at(records, at);
	const uint8_t *octets = records->octets.data + at + sizeof head;
	struct rrset set = {.owner = {octets, head.owner_size},
	                    .type = head.type,
	                    .count = head.count,
	                    .ttl_s = head.ttl_s,
	                    .rdata = rdata};
	octets += head.owner_size;
	for (uint16_t i = 0; i < head.count; i++) {
		uint16_t size;
		memcpy(&size, octets, sizeof size);
		rdata[i] = (struct bytes){octets + sizeof size, size};
		octets += sizeof size + size;
	}
	return take(arg, &set, why);
}

enum err records_sorted(struct records *records, rrset_taker *take, void *arg, struct why *why)
{
	assert(records != NULL && take != NULL);
	if (records->count == 0)
		return ERR_OK;
	qsort_r(records->at, records->count, sizeof records->at[0], set_compare, records);
	struct bytes *rdata = calloc(UINT16_MAX, sizeof *rdata); /* as many as a `count` can say */
	if (rdata == NULL) {
		why_set(why, "no memory for the zone");
		return ERR_NOMEM;
	}
	enum err err = ERR_OK;
	for (size_t i = 0; i < records->count && err == ERR_OK; i++)
		err = set_hand(records, records->at[i], rdata, take, arg, why);
	free(rdata);
	return err;
}

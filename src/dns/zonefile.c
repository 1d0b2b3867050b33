#include "fedns/dns.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>

/* RFC 1035 section 3.2.1: RDLENGTH has 16 bits. */
#define RDATA_SIZE_MAX 65535

/* First size of ldns's text buffer: addresses and most records fit. */
#define TEXT_SIZE_MIN 128

static const char *mnemonic(uint16_t type)
{
	switch (type) { /* ldns's table has no meta types */
	case TYPE_IXFR:
		return "IXFR";
	case TYPE_AXFR:
		return "AXFR";
	case TYPE_ANY:
		return "ANY";
	default: {
		const ldns_rr_descriptor *known = ldns_rr_descript(type);
		return known == NULL ? NULL : known->_name;
	}
	}
}

void type_text(uint16_t type, char *text)
{
	const char *word = mnemonic(type);
	if (word != NULL)
		(void)snprintf(text, 16, "%s", word);
	else
		(void)snprintf(text, 16, "TYPE%u", type);
}

static enum err fail_ldns(ldns_status status, struct why *why)
{
	why_set(why, "%s", ldns_get_errorstr_by_id(status));
	return status == LDNS_STATUS_MEM_ERR ? ERR_NOMEM : ERR_INVALID;
}

static enum err fail_out(enum err err, struct why *why)
{
	if (err == ERR_LIMIT)
		why_set(why, "the text is longer than its buffer may grow");
	else if (err != ERR_OK)
		why_set(why, "out of memory");
	return err;
}

/* Did ldns understand each octet of `rdata`? It takes what it needs, and says nothing of what is
 * missing or left over. A compressed name counts as a different size here, too: a pointer is 2
 * octets, and no name is. */
static bool rdata_is_whole(const ldns_rr *rr, struct bytes rdata)
{
	const ldns_rr_descriptor *known = ldns_rr_descript((uint16_t)ldns_rr_get_type(rr));
	if (known != NULL && ldns_rr_rd_count(rr) < ldns_rr_descriptor_minimum(known))
		return false;
	size_t size = 0;
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
		size += ldns_rdf_size(ldns_rr_rdf(rr, i));
	return size == rdata.size;
}

/* Split `rdata` into the fields of its type; they are added to `rr`. */
static enum err fields_read(ldns_rr *rr, struct bytes rdata, struct why *why)
{
	/* ldns reads RDATA with its RDLENGTH before it. */
	size_t size = 2 + rdata.size;
	uint8_t *wire = malloc(size);
	if (wire == NULL)
		return fail_out(ERR_NOMEM, why);
	ldns_write_uint16(wire, (uint16_t)rdata.size);
	if (rdata.size > 0)
		memcpy(wire + 2, rdata.data, rdata.size);
	size_t at = 0;
	ldns_status status = ldns_wire2rdf(rr, wire, size, &at);
	free(wire);
	if (status != LDNS_STATUS_OK)
		return fail_ldns(status, why);
	if (!rdata_is_whole(rr, rdata)) {
		why_set(why, "the octets don't fill the type's fields exactly");
		return ERR_INVALID;
	}
	return ERR_OK;
}

static enum err field_write(const ldns_rdf *field, ldns_buffer *scratch, struct buf *out,
                            struct why *why)
{
	/*
	 * Names by our own hand: ldns leaves `"`, `@` and `$` bare, which a master file reads as more.
	 */
	if (ldns_rdf_get_type(field) == LDNS_RDF_TYPE_DNAME) {
		char text[NAME_TEXT_SIZE];
		name_text((struct bytes){ldns_rdf_data(field), ldns_rdf_size(field)}, text);
		return fail_out(buf_add(out, bytes_of(text)), why);
	}
	ldns_buffer_clear(scratch);
	ldns_status status = ldns_rdf2buffer_str(scratch, field);
	if (status != LDNS_STATUS_OK)
		return fail_ldns(status, why);
	struct bytes text = {ldns_buffer_begin(scratch), ldns_buffer_position(scratch)};
	return fail_out(buf_add(out, text), why);
}

static enum err fields_write(const ldns_rr *rr, struct buf *out, struct why *why)
{
	size_t count = ldns_rr_rd_count(rr);
	if (count == 0) /* RFC 3597 section 5 */
		return fail_out(buf_add(out, bytes_of("\\# 0")), why);
	ldns_buffer *scratch = ldns_buffer_new(TEXT_SIZE_MIN);
	if (scratch == NULL)
		return fail_out(ERR_NOMEM, why);
	enum err err = ERR_OK;
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		if (i > 0)
			err = fail_out(buf_add(out, bytes_of(" ")), why);
		if (err == ERR_OK)
			err = field_write(ldns_rr_rdf(rr, i), scratch, out, why);
	}
	ldns_buffer_free(scratch);
	return err;
}

static enum err rdata_write(uint16_t type, struct bytes rdata, struct buf *out, struct why *why)
{
	if (rdata.size > RDATA_SIZE_MAX) {
		why_set(why, "%zu octets, above %d", rdata.size, RDATA_SIZE_MAX);
		return ERR_INVALID;
	}
	ldns_rr *rr = ldns_rr_new();
	if (rr == NULL)
		return fail_out(ERR_NOMEM, why);
	ldns_rr_set_type(rr, (ldns_rr_type)type);
	enum err err = fields_read(rr, rdata, why);
	if (err == ERR_OK)
		err = fields_write(rr, out, why);
	ldns_rr_free(rr);
	return err;
}

/* "OWNER TYPE RDATA 2 of 3: ..." around what went wrong. */
static void blame(const struct rrset *set, size_t i, struct why *why)
{
	char owner[NAME_TEXT_SIZE];
	char type[16];
	name_text(set->owner, owner);
	type_text(set->type, type);
	why_wrap(why, "%.300s %s RDATA %zu of %u", owner, type, i + 1, set->count);
}

enum err rdata_text(const struct rrset *set, size_t i, struct buf *out, struct why *why)
{
	assert(i < set->count);
	size_t size = out->size;
	enum err err = rdata_write(set->type, set->rdata[i], out, why);
	if (err != ERR_OK) {
		out->size = size; /* all or nothing */
		blame(set, i, why);
	}
	return err;
}

enum err rrset_text(const struct rrset *set, size_t i, struct buf *out, struct why *why)
{
	assert(i < set->count);
	char owner[NAME_TEXT_SIZE];
	char type[16];
	name_text(set->owner, owner);
	type_text(set->type, type);
	size_t size = out->size;
	enum err err =
		fail_out(buf_printf(out, "%s %lu IN %s ", owner, (unsigned long)set->ttl_s, type), why);
	if (err == ERR_OK)
		err = rdata_write(set->type, set->rdata[i], out, why);
	if (err == ERR_OK)
		err = fail_out(buf_add(out, bytes_of("\n")), why);
	if (err != ERR_OK) {
		out->size = size;
		blame(set, i, why);
	}
	return err;
}

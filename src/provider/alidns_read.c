/* What good answers say. Fields are found by their names, and taken as text or as what they are
 * documented to be: the API has changed its mind about that before. */
#include "fedns/alidns.h"
#include "fedns/utf8.h"

#include <stdio.h>
#include <string.h>

#define MARK_PREFIX "fedns:"
/* The API's own where an answer doesn't say one. */
#define TTL_DEFAULT_S 600
#define TTL_MAX_S     86400
/* The API takes 511 octets of text from us. */
#define VALUE_SIZE_MAX 2048

/* --- fields ------------------------------------------------------------------------------- */

static struct bytes text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return (struct bytes){(const uint8_t *)json_string_value(value), json_string_length(value)};
}

static bool number_of(const json_t *object, const char *key, uint64_t max, uint64_t *out)
{
	const json_t *value = json_object_get(object, key);
	json_int_t number = json_integer_value(value); /* 0 where it is none */
	*out = 0;
	if (json_is_string(value))
		return bytes_number(text_of(object, key), max, out);
	if (!json_is_integer(value) || number < 0 || (uint64_t)number > max)
		return false;
	*out = (uint64_t)number;
	return true;
}

/* true, "true", 1, "1" */
static bool is_true(const json_t *object, const char *key)
{
	uint64_t number;
	return json_is_true(json_object_get(object, key)) ||
	       bytes_equal_nocase(text_of(object, key), bytes_of("true")) ||
	       (number_of(object, key, 1, &number) && number == 1);
}

static bool is_text(struct bytes text, const char *word)
{
	return bytes_equal_nocase(text, bytes_of(word));
}

/* --- records ------------------------------------------------------------------------------ */

static uint8_t mark_of(const json_t *json, const char *owner)
{
	const struct bytes remark = text_of(json, "Remark"), prefix = bytes_of(MARK_PREFIX);
	if (remark.size == 0)
		return MARK_NONE;
	if (remark.size < prefix.size || memcmp(remark.data, prefix.data, prefix.size) != 0)
		return MARK_OTHER;
	const struct bytes name = {remark.data + prefix.size, remark.size - prefix.size};
	return bytes_equal(name, bytes_of(owner)) ? MARK_OURS : MARK_OTHER;
}

static uint8_t holds_of(const json_t *json)
{
	const struct bytes line = text_of(json, "Line"), status = text_of(json, "Status");
	uint64_t weight;
	unsigned holds = 0;
	if (line.size != 0 && !is_text(line, "default"))
		holds |= HOLD_LINE;
	if (status.size != 0 && !is_text(status, "enable"))
		holds |= HOLD_DISABLED;
	if (is_true(json, "Locked"))
		holds |= HOLD_LOCKED;
	if (is_true(json, "LbaStatus") ||
	    (number_of(json, "Weight", UINT32_MAX, &weight) && weight != 1))
		holds |= HOLD_WEIGHTED;
	return (uint8_t)holds;
}

/* A RecordId that is a number, as text in `room`. */
static struct bytes id_of(const json_t *json, char room[24])
{
	uint64_t number;
	struct bytes text = text_of(json, "RecordId");
	if (text.size != 0 || !number_of(json, "RecordId", INT64_MAX, &number))
		return text;
	(void)snprintf(room, 24, "%llu", (unsigned long long)number);
	return bytes_of(room);
}

/* What can't be without: a record that has no id or no name is not understood, nor then is the
 * page. */
static bool record_fine(const json_t *json)
{
	char room[24];
	const struct bytes id = id_of(json, room);
	return json_is_object(json) && id.size != 0 && id.size <= ALIDNS_ID_SIZE_MAX &&
	       json_is_string(json_object_get(json, "RR"));
}

static enum err record_read(const json_t *json, const char *owner, struct record_list *out,
                            struct why *why)
{
	char id[24];
	uint64_t ttl_s, created_ms;
	struct record record = {
		.id = id_of(json, id),
		.rr = text_of(json, "RR"),
		.value = text_of(json, "Value"),
		.ttl_s = TTL_DEFAULT_S,
		.type = record_type_of(text_of(json, "Type")),
		.mark = mark_of(json, owner),
		.holds = holds_of(json),
	};
	if (number_of(json, "TTL", UINT32_MAX, &ttl_s))
		record.ttl_s = (uint32_t)ttl_s;
	if (number_of(json, "CreateTimestamp", INT64_MAX, &created_ms))
		record.created_ms = (int64_t)created_ms;
	/* Nothing of ours is as long; where it is cut doesn't matter to who leaves it alone. */
	if (record.value.size > VALUE_SIZE_MAX) {
		record.value.size = VALUE_SIZE_MAX;
		record.type = 0;
	}
	/* What has no content is nothing that fedns could compare, or would have made. */
	if (record.value.size == 0)
		record.type = 0;
	return record_list_add(out, &record, why);
}

enum err alidns_read_records(const json_t *body, const char *owner, struct record_list *out,
                             size_t *total, struct why *why)
{
	uint64_t number;
	const json_t *records = json_object_get(json_object_get(body, "DomainRecords"), "Record");
	*total = 0;
	if (!json_is_array(records) || !number_of(body, "TotalCount", UINT32_MAX, &number)) {
		why_set(why, "no DomainRecords with a TotalCount in the answer");
		return ERR_INVALID;
	}
	size_t count = json_array_size(records);
	for (size_t i = 0; i < count; i++) {
		if (record_fine(json_array_get(records, i)))
			continue;
		why_set(why, "record %zu of the page has no good RecordId or no RR", i + 1);
		return ERR_INVALID;
	}
	*total = (size_t)number;
	for (size_t i = 0; i < count; i++) {
		enum err err = record_read(json_array_get(records, i), owner, out, why);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

const char *alidns_read_id(const json_t *body)
{
	const char *id = json_string_value(json_object_get(body, "RecordId"));
	return id != NULL && id[0] != '\0' ? id : NULL;
}

/* --- the domain --------------------------------------------------------------------------- */

struct edition {
	const char *code; /* VersionCode */
	uint32_t ttl_min_s;
	unsigned levels_max, same_max;
};

/* Where the vendor's pages differ (90 or 100 of the same, 10 levels or 20) the larger one stands
 * here: what the API then refuses is said, while what we leave out would be missing for nothing. */
static const struct edition EDITIONS[] = {
	{"mianfei", 600, 5, 10},
	{"version_personal", 600, 20, 100},
	{"version_enterprise_basic", 60, 20, 100},
	{"version_enterprise_advanced", 1, 20, 100},
	/* one that we don't know: the TTL that all take, and no limit that we could name */
	{NULL, TTL_DEFAULT_S, 0, 0},
};

static const struct edition *edition_of(struct bytes code)
{
	const struct edition *edition = EDITIONS;
	while (edition->code != NULL && !is_text(code, edition->code))
		edition++;
	return edition;
}

/* Text of a host, without the final dot; what is no text of a host is passed over. */
static void server_read(const json_t *json, struct alidns_domain *out)
{
	const size_t room = sizeof out->servers[0];
	struct bytes text = {(const uint8_t *)json_string_value(json), json_string_length(json)};
	if (text.size != 0 && text.data[text.size - 1] == '.')
		text.size--;
	if (text.size == 0 || text.size >= room || out->server_count == ALIDNS_SERVERS_MAX)
		return;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] <= 0x20 || text.data[i] >= 0x7f)
			return;
	}
	(void)snprintf(out->servers[out->server_count++], room, "%.*s", BYTES_ARG(text));
}

enum err alidns_read_domain(const json_t *body, struct alidns_domain *out, struct why *why)
{
	const struct bytes code = text_of(body, "VersionCode");
	const json_t *servers = json_object_get(json_object_get(body, "DnsServers"), "DnsServer");
	uint64_t ttl_s;
	memset(out, 0, sizeof *out);
	bool ttl_said = number_of(body, "MinTtl", TTL_MAX_S, &ttl_s) && ttl_s != 0;
	if (code.size == 0 && !ttl_said && !json_is_array(servers)) {
		why_set(why, "no VersionCode, MinTtl or DnsServers in the answer");
		return ERR_INVALID;
	}
	const struct edition *edition = edition_of(code);
	(void)snprintf(out->edition, sizeof out->edition, "%.*s", BYTES_ARG(code));
	utf8_clean(out->edition);
	out->ttl_min_s = ttl_said ? (uint32_t)ttl_s : edition->ttl_min_s;
	out->levels_max = edition->levels_max;
	out->same_max = edition->same_max;
	for (size_t i = 0; i < json_array_size(servers); i++)
		server_read(json_array_get(servers, i), out);
	return ERR_OK;
}

/* Any octets as a response of Alibaba Cloud DNS, head and body: what is told of it is plain text
 * within its bounds, and records that are read are whole. */
#include "fuzz.h"

#include "alidns_reply.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void check(bool good)
{
	if (!good)
		abort();
}

/* Printable, and ended within its room. */
static void text_check(const char *text, size_t room, bool ascii)
{
	size_t size = strnlen(text, room);
	check(size < room);
	for (size_t i = 0; i < size; i++) {
		unsigned char octet = (unsigned char)text[i];
		check(octet >= 0x20 && octet != 0x7f && (!ascii || octet < 0x80));
	}
}

/* Head and body, as HTTP parts them, and the three digits behind "HTTP/1.1 ". */
static struct http_response response_of(const uint8_t *data, size_t size)
{
	const uint8_t *end = size != 0 ? memmem(data, size, "\r\n\r\n", 4) : NULL;
	struct http_response response = {.status = 200, .body = {data, size}};
	if (end == NULL)
		return response;
	size_t head_size = (size_t)(end - data) + 4;
	response.head = (struct bytes){data, head_size};
	response.body = (struct bytes){data + head_size, size - head_size};
	uint64_t status;
	if (head_size > 12 && bytes_number((struct bytes){data + 9, 3}, 999, &status))
		response.status = (unsigned)status;
	return response;
}

static void records_check(const json_t *body)
{
	struct record_list *records = record_list_new();
	struct why why = {{0}};
	size_t total;
	check(records != NULL);
	enum err err = alidns_read_records(body, "prod", records, &total, &why);
	check((err == ERR_OK) == (why.text[0] == '\0'));
	check(err != ERR_INVALID || record_list_count(records) + total == 0);
	for (size_t i = 0; i < record_list_count(records); i++) {
		const struct record *record = record_list_at(records, i);
		check(record->id.size != 0 && record->rr.size != 0);
		check(record->mark == MARK_NONE || record->mark == MARK_OURS || record->mark == MARK_OTHER);
	}
	record_list_free(records);
}

static void domain_check(const json_t *body)
{
	struct alidns_domain domain;
	struct why why = {{0}};
	enum err err = alidns_read_domain(body, &domain, &why);
	check((err == ERR_OK) == (why.text[0] == '\0'));
	if (err != ERR_OK)
		return;
	check(domain.ttl_min_s != 0 && domain.server_count <= ALIDNS_SERVERS_MAX);
	text_check(domain.edition, sizeof domain.edition, false);
	for (size_t i = 0; i < domain.server_count; i++)
		text_check(domain.servers[i], sizeof domain.servers[i], true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct http_response response = response_of(data, size);
	struct answer answer;
	answer_read(&response, &answer);
	text_check(answer.code, sizeof answer.code, true);
	text_check(answer.request_id, sizeof answer.request_id, true);
	text_check(answer.message, sizeof answer.message, false);
	check(answer.reply.wait_ms <= REPLY_WAIT_MS_MAX);
	check((answer.reply.class == ALIDNS_DONE) == (answer.reply.body != NULL));
	check(answer.reply.class != ALIDNS_DONE || answer.code[0] == '\0');
	if (answer.reply.body != NULL) {
		const char *id = alidns_read_id(answer.reply.body);
		check(id == NULL || id[0] != '\0');
		records_check(answer.reply.body);
		domain_check(answer.reply.body);
	}
	answer_clear(&answer);
	return 0;
}

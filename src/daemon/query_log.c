#include "query_log.h"

#include "fedns/dns.h"

#include <stdio.h>
#include <string.h>

#define HEADER_SIZE     12
#define ANSWERS_AT      6 /* ANCOUNT, NSCOUNT and ARCOUNT follow each other */
#define TYPE_CLASS_SIZE 4
#define OPT_TTL_AT      5 /* of an OPT: behind the root label, type and class */

/* The question of a reply that was noted. */
struct asked {
	bool known; /* false: the reply has none, or what was asked can't be read */
	struct name name;
	uint16_t type;
	size_t end; /* offset behind it */
};

static uint16_t get_16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* The name at HEADER_SIZE, folded. Returns the offset behind it; 0: there is no whole one. */
static size_t name_take(const struct query_note *note, struct name *out)
{
	size_t at = HEADER_SIZE;
	while (at < note->head_size && at - HEADER_SIZE < NAME_SIZE_MAX) {
		size_t label = note->head[at];
		size_t next = at + 1 + label;
		if (label > LABEL_SIZE_MAX || next > note->head_size || next - HEADER_SIZE > NAME_SIZE_MAX)
			return 0;
		if (label == 0) {
			out->size = (uint8_t)(next - HEADER_SIZE);
			/* Lengths of labels are no capital letters: 'A' is 65. */
			for (size_t i = 0; i < out->size; i++)
				out->octets[i] = octet_lower(note->head[HEADER_SIZE + i]);
			return next;
		}
		at = next;
	}
	return 0;
}

static void asked_read(const struct query_note *note, struct asked *out)
{
	*out = (struct asked){.known = false};
	if (note->head_size < HEADER_SIZE || get_16(note->head + 4) != 1)
		return;
	size_t at = name_take(note, &out->name);
	if (at == 0 || at + TYPE_CLASS_SIZE > note->head_size)
		return;
	out->known = true;
	out->type = get_16(note->head + at);
	out->end = at + TYPE_CLASS_SIZE;
}

/* The upper bits of an extended RCODE stand in the OPT record (RFC 6891 section 6.1.3). Replies
 * that have any carry nothing else behind the question. */
static unsigned rcode_of(const struct query_note *note, const struct asked *asked)
{
	if (note->head_size < HEADER_SIZE)
		return 0;
	unsigned rcode = note->head[3] & 0x0f;
	const uint8_t *counts = note->head + ANSWERS_AT;
	size_t at = asked->known ? asked->end : HEADER_SIZE;
	bool only_opt = get_16(counts) == 0 && get_16(counts + 2) == 0 && get_16(counts + 4) == 1;
	if (!only_opt || at + OPT_TTL_AT >= note->head_size || get_16(note->head + at + 1) != TYPE_OPT)
		return rcode;
	return (unsigned)note->head[at + OPT_TTL_AT] << 4 | rcode;
}

static void client_text(const struct address *client, char *text, size_t size)
{
	struct address network = *client;
	char address[ADDRESS_TEXT_SIZE];
	unsigned bits = client->family == 4 ? QUERY_CLIENT_BITS_V4 : QUERY_CLIENT_BITS_V6;
	memset(network.octets + bits / 8, 0, sizeof network.octets - bits / 8);
	address_text(&network, address);
	(void)snprintf(text, size, "%s/%u", address, bits);
}

void query_note_write(const struct log *log, const struct query_note *note)
{
	struct asked asked;
	char client[ADDRESS_TEXT_SIZE + 8], name[NAME_TEXT_SIZE] = "-", type[16] = "-";
	char rcode[RCODE_TEXT_SIZE];
	asked_read(note, &asked);
	if (asked.known) {
		name_text(name_bytes(&asked.name), name);
		type_text(asked.type, type);
	}
	(void)rcode_text(rcode_of(note, &asked), rcode);
	client_text(&note->client, client, sizeof client);
	const struct log_field fields[] = {
		{.key = "client", .text = client},
		{.key = "name", .text = name},
		{.key = "type", .text = type},
		{.key = "rcode", .text = rcode},
		{.key = "size", .number = note->size},
		{.key = "transport", .text = note->tcp ? "tcp" : "udp"},
	};
	log_event(log, LOG_INFO, "query", "answered", fields, sizeof fields / sizeof fields[0]);
}

void query_log_write(const struct log *log, struct crew *crew)
{
	struct query_note note;
	for (size_t i = 0; i < QUERY_LINES_MAX && crew_query_notes(crew, &note, 1) == 1; i++)
		query_note_write(log, &note);
}

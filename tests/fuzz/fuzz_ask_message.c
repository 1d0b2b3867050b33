/* Any octets as a name server's answer: read whole or refused with a sentence, and what is handed
 * over is sound. The first octet chooses the question. */
#include "fuzz.h"

#include "ask_message.h"

#include <stdlib.h>
#include <string.h>

static void check(bool good)
{
	if (!good)
		abort();
}

static void name_check(struct bytes name)
{
	size_t at = 0;
	while (at < name.size && name.data[at] != 0) {
		check(name.data[at] <= LABEL_SIZE_MAX);
		at += 1 + (size_t)name.data[at];
	}
	check(at + 1 == name.size && name.size <= NAME_SIZE_MAX);
}

static void rr_check(const struct ask_rr *rr)
{
	name_check(name_bytes(&rr->owner));
	check(rr->type != TYPE_OPT && rr->ttl_s <= INT32_MAX);
	if (rr->type == TYPE_A)
		check(rr->rdata.size == V4_SIZE);
	if (rr->type == TYPE_AAAA)
		check(rr->rdata.size == V6_SIZE);
	if (rr->type == TYPE_NS || rr->type == TYPE_CNAME)
		name_check(rr->rdata);
	if (rr->type == TYPE_SOA)
		check(rr->rdata.size >= 22 && rr->rdata.size <= 2 * NAME_SIZE_MAX + 20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t TYPES[] = {TYPE_NS, TYPE_SOA, TYPE_A, TYPE_AAAA};
	static const struct name NAME = {9, {7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0}};
	struct ask_message message;
	struct why why = {{0}};
	if (size == 0)
		return 0;
	/* In memory of its own, so that ASan sees a read beyond it. */
	uint8_t *copy = malloc(size);
	check(copy != NULL);
	memcpy(copy, data + 1, size - 1);
	enum err err =
		ask_message_read((struct bytes){copy, size - 1}, &NAME, TYPES[data[0] & 3], &message, &why);
	free(copy);
	check((err == ERR_OK) == (why.text[0] == '\0'));
	size_t count = 0;
	for (size_t i = 0; i < ASK_SECTIONS; i++)
		count += message.rr_count[i];
	check(count <= ASK_RRS_MAX && (err == ERR_OK || count == 0));
	for (size_t i = 0; i < count; i++)
		rr_check(&message.rrs[i]);
	ask_message_clear(&message);
	return 0;
}

/* external-dns says by a TXT record what it owns: at the name itself, or, since a CNAME tolerates
 * nothing beside it, at a name with the record's type before it ("cname-www" for "www"). */
#include "plan_internal.h"

#include <stdlib.h>

static bool begins_with(struct bytes text, const char *prefix)
{
	struct bytes want = bytes_of(prefix);
	return text.size >= want.size && bytes_equal_nocase((struct bytes){text.data, want.size}, want);
}

static bool is_claim(const struct record *record)
{
	return record->type == TYPE_TXT && !is_ours(record) &&
	       begins_with(record->value, "heritage=external-dns");
}

/* The name that `rr` speaks of beside itself. */
static bool claimed_name(struct bytes rr, struct bytes *out)
{
	static const char *const PREFIXES[] = {"a-", "aaaa-", "cname-", "ns-", "srv-", "txt-", "mx-"};
	for (size_t i = 0; i < sizeof PREFIXES / sizeof PREFIXES[0]; i++) {
		size_t size = bytes_of(PREFIXES[i]).size;
		if (begins_with(rr, PREFIXES[i]) && rr.size > size) {
			*out = (struct bytes){rr.data + size, rr.size - size};
			return true;
		}
	}
	return false;
}

static int claim_compare(const void *left, const void *right)
{
	const struct claim *a = left, *b = right;
	int order = bytes_compare(a->rr, b->rr);
	return order != 0 ? order : (a->have > b->have) - (a->have < b->have);
}

enum err claims_find(const struct record_list *have, struct claim **out, size_t *count)
{
	size_t records = record_list_count(have), found = 0;
	for (size_t i = 0; i < records; i++)
		found += is_claim(record_list_at(have, i));
	*count = 0;
	*out = malloc((2 * found + 1) * sizeof **out);
	if (*out == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < records; i++) {
		const struct record *record = record_list_at(have, i);
		if (!is_claim(record))
			continue;
		(*out)[(*count)++] = (struct claim){record->rr, (uint32_t)i};
		struct bytes name;
		if (claimed_name(record->rr, &name))
			(*out)[(*count)++] = (struct claim){name, (uint32_t)i};
	}
	qsort(*out, *count, sizeof **out, claim_compare);
	return ERR_OK;
}

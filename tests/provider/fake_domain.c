#include "fake_domain.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

#define TYPE_MX 15

static bool is_address(uint16_t type)
{
	return type == TYPE_A || type == TYPE_AAAA;
}

/* The tables of the vendor's pages, read for two types in an order of their own. */
static bool conflict_one_way(uint16_t a, uint16_t b, bool apex)
{
	if (a == TYPE_CNAME && apex)
		return b != TYPE_NS && b != TYPE_MX && b != TYPE_TXT && b != TYPE_CNAME;
	if (a == TYPE_CNAME)
		return true;
	if (a == TYPE_NS)
		return !apex && b != TYPE_NS;
	return a == 0 && (is_address(b) || b == 0);
}

bool fake_conflict(uint16_t a, uint16_t b, bool apex)
{
	return conflict_one_way(a, b, apex) || conflict_one_way(b, a, apex);
}

static unsigned labels_of(const char *rr)
{
	unsigned labels = strcmp(rr, "@") != 0;
	for (; *rr != '\0'; rr++)
		labels += *rr == '.';
	return labels;
}

/* Would the provider take `next` beside all but the record `except`? One more of a type counts, one
 * that keeps its type doesn't. */
static const char *refusal(const struct fake_domain *domain, const struct fake_record *next,
                           unsigned except, bool keeps_type)
{
	unsigned same = 1;
	bool apex = strcmp(next->rr, "@") == 0;
	for (size_t i = 0; i < FAKE_RECORDS_MAX; i++) {
		const struct fake_record *other = &domain->records[i];
		if (other->id == 0 || other->id == except || strcmp(other->rr, next->rr) != 0 ||
		    ((other->holds ^ next->holds) & HOLD_LINE) != 0)
			continue;
		if (other->type == next->type && strcmp(other->value, next->value) == 0)
			return "DomainRecordDuplicate";
		if (fake_conflict(other->type, next->type, apex))
			return "DomainRecordConflict";
		same += other->type == next->type;
	}
	if (domain->limits.same_max != 0 && same > domain->limits.same_max && !keeps_type)
		return "QuotaExceeded.Record";
	if (domain->limits.levels_max != 0 && labels_of(next->rr) > domain->limits.levels_max)
		return "QuotaExceeded.SubDomain";
	if (next->ttl_s < domain->limits.ttl_min_s)
		return "QuotaExceeded.TTL";
	return NULL;
}

const char *fake_add(struct fake_domain *domain, const struct fake_record *record)
{
	const char *code = refusal(domain, record, 0, false);
	if (code != NULL)
		return code;
	size_t i = 0;
	while (domain->records[i].id != 0) {
		i++;
		assert_true(i < FAKE_RECORDS_MAX);
	}
	domain->records[i] = *record;
	domain->records[i].id = ++domain->last_id;
	return NULL;
}

static void text_copy(struct bytes from, char to[FAKE_TEXT_SIZE])
{
	assert_true(from.size < FAKE_TEXT_SIZE);
	(void)snprintf(to, FAKE_TEXT_SIZE, "%.*s", BYTES_ARG(from));
}

static void content_copy(const struct plan *plan, const struct record *want,
                         struct fake_record *out)
{
	text_copy(want->rr, out->rr);
	text_copy(want->value, out->value);
	out->type = want->type;
	out->ttl_s = plan_ttl(plan, want);
}

static struct fake_record *find(struct fake_domain *domain, struct bytes id)
{
	for (size_t i = 0; i < FAKE_RECORDS_MAX; i++) {
		char text[16];
		(void)snprintf(text, sizeof text, "%u", domain->records[i].id);
		if (domain->records[i].id != 0 && bytes_equal(bytes_of(text), id))
			return &domain->records[i];
	}
	return NULL;
}

static const char *add(struct fake_domain *domain, const struct plan *plan,
                       const struct record *want, bool remark)
{
	struct fake_record record = {.mark = remark ? MARK_OURS : MARK_PENDING};
	content_copy(plan, want, &record);
	return fake_add(domain, &record);
}

static const char *update(struct fake_domain *domain, const struct plan *plan,
                          const struct record *want, struct fake_record *record)
{
	struct fake_record next = *record;
	assert_int_equal(record->mark, MARK_OURS);
	content_copy(plan, want, &next);
	if (next.type == record->type && next.ttl_s == record->ttl_s &&
	    strcmp(next.value, record->value) == 0)
		return "DomainRecordDuplicate";
	assert_string_equal(next.rr, record->rr);
	const char *code = refusal(domain, &next, record->id, next.type == record->type);
	if (code == NULL)
		*record = next;
	return code;
}

const char *fake_apply(struct fake_domain *domain, const struct plan_bed *bed,
                       const struct plan *plan, const struct plan_step *step, bool remark)
{
	if (step->kind == STEP_ADD)
		return add(domain, plan, record_list_at(bed->want, step->want), remark);
	struct fake_record *record = find(domain, record_list_at(bed->have, step->have)->id);
	if (record == NULL)
		return "DomainRecordNotBelongToUser";
	assert_int_equal(record->holds, 0);
	switch (step->kind) {
	case STEP_MARK:
		assert_true(record->mark == MARK_PENDING || (domain->adopt && record->mark == MARK_NONE));
		record->mark = MARK_OURS;
		return NULL;
	case STEP_UPDATE:
		return update(domain, plan, record_list_at(bed->want, step->want), record);
	default:
		assert_true(record->mark == MARK_OURS || record->mark == MARK_PENDING);
		record->id = 0;
		return NULL;
	}
}

size_t fake_count_at(const struct fake_domain *domain, struct bytes rr)
{
	size_t count = 0;
	for (size_t i = 0; i < FAKE_RECORDS_MAX; i++)
		count += domain->records[i].id != 0 && bytes_equal(bytes_of(domain->records[i].rr), rr);
	return count;
}

void fake_list(const struct fake_domain *domain, struct record_list *have)
{
	struct why why;
	for (size_t i = 0; i < FAKE_RECORDS_MAX; i++) {
		const struct fake_record *record = &domain->records[i];
		char id[16];
		(void)snprintf(id, sizeof id, "%u", record->id);
		const struct record copy = {.id = bytes_of(id),
		                            .rr = bytes_of(record->rr),
		                            .value = bytes_of(record->value),
		                            .ttl_s = record->ttl_s,
		                            .type = record->type,
		                            .mark = (uint8_t)record->mark,
		                            .holds = (uint8_t)record->holds};
		if (record->id != 0)
			assert_int_equal(record_list_add(have, &copy, &why), ERR_OK);
	}
}

/* Any texts as records of a provider, any octets as RRsets: folding what is folded changes nothing,
 * and whatever the plan is, it touches only what is ours and keeps its own rules.
 *
 * The first octet says what is asked. Each line then is a record: "h" (at the provider), "w"
 * (wanted) or "r" (an RRset, names and RDATA as they are), an octet each for type, mark and holds,
 * a name, a blank, a value.
 */
#include "fuzz.h"

#include "fedns/plan.h"

#include <stdlib.h>
#include <string.h>

static const uint16_t TYPES[] = {TYPE_A,   TYPE_AAAA, TYPE_CNAME, TYPE_NS, TYPE_SRV,
                                 TYPE_TXT, 15,        257,        0,       TYPE_SOA};

static void check(bool good)
{
	if (!good)
		abort();
}

static void folding_check(struct record_list *list, struct why *why)
{
	struct record_list *again = record_list_new();
	check(again != NULL);
	const struct record *kept = record_list_at(list, record_list_count(list) - 1);
	if (record_list_add(again, kept, why) == ERR_OK) {
		const struct record *folded = record_list_at(again, 0);
		check(bytes_equal(kept->rr, folded->rr));
		check(bytes_equal(kept->value, folded->value));
	}
	record_list_free(again);
}

static void rrset_add(struct record_list *want, uint16_t type, struct bytes owner,
                      struct bytes rdata)
{
	struct name domain;
	struct why why;
	check(name_parse(bytes_of("e"), &domain, &why) == ERR_OK);
	const struct rrset set = {
		.owner = owner, .type = type, .count = 1, .ttl_s = 180, .rdata = &rdata};
	size_t before = record_list_count(want);
	enum err err = record_list_add_rrset(want, &domain, &set, &why);
	check(record_list_count(want) == before + (err == ERR_OK));
	if (err == ERR_OK) /* the provider's text is folded already */
		folding_check(want, &why);
}

static void line_take(struct record_list *have, struct record_list *want, struct bytes line)
{
	const uint8_t *blank = line.size < 4 ? NULL : memchr(line.data + 4, ' ', line.size - 4);
	if (blank == NULL)
		return;
	size_t rr_size = (size_t)(blank - line.data) - 4;
	struct record record = {.id = {line.data, 1},
	                        .rr = {line.data + 4, rr_size},
	                        .value = {blank + 1, line.size - rr_size - 5},
	                        .type = TYPES[line.data[1] % (sizeof TYPES / sizeof TYPES[0])],
	                        .mark = line.data[2] % 4,
	                        .holds = line.data[3] % 16,
	                        .ttl_s = line.data[3] / 16};
	struct why why;
	if (line.data[0] == 'r') {
		rrset_add(want, record.type, record.rr, record.value);
		return;
	}
	if (record.type == TYPE_SOA)
		record.type = 0;
	struct record_list *list = line.data[0] == 'h' ? have : want;
	if (record_list_add(list, &record, &why) == ERR_OK)
		folding_check(list, &why);
}

static struct bytes step_rr(const struct plan_ask *ask, const struct plan_step *step)
{
	return step->have != PLAN_NONE ? record_list_at(ask->have, step->have)->rr
	                               : record_list_at(ask->want, step->want)->rr;
}

static void step_check(const struct plan_ask *ask, const struct plan_step *step)
{
	check((step->have == PLAN_NONE) == (step->kind == STEP_ADD));
	check((step->want == PLAN_NONE) == (step->kind == STEP_MARK || step->kind == STEP_DELETE));
	check(step->kind != STEP_DELETE || ask->whole);
	if (step->have == PLAN_NONE)
		return;
	const struct record *have = record_list_at(ask->have, step->have);
	check(have->holds == 0 && have->mark != MARK_OTHER);
	check(have->mark != MARK_NONE || (ask->adopt && step->kind != STEP_DELETE));
}

static void plan_check(const struct plan_ask *ask, const struct plan *plan)
{
	size_t name_count, step_count, note_count, next = 0;
	const struct plan_name *names = plan_names(plan, &name_count);
	const struct plan_step *steps = plan_steps(plan, &step_count);
	const struct plan_note *notes = plan_notes(plan, &note_count);
	for (size_t i = 0; i < name_count; i++) {
		check(names[i].first == next && names[i].count > 0);
		for (; next < names[i].first + names[i].count; next++) {
			step_check(ask, &steps[next]);
			check(bytes_equal(step_rr(ask, &steps[next]), step_rr(ask, &steps[names[i].first])));
		}
	}
	check(next == step_count);
	for (size_t i = 0; i < note_count; i++) {
		char text[WHY_TEXT_SIZE];
		plan_note_text(plan, &notes[i], text, sizeof text);
		check(text[0] != '\0' || notes[i].have != PLAN_NONE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct record_list *have = record_list_new(), *want = record_list_new();
	check(have != NULL && want != NULL);
	for (size_t at = 1; at < size;) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t line = end == NULL ? size - at : (size_t)(end - data) - at;
		line_take(have, want, (struct bytes){data + at, line});
		at += line + 1;
	}
	record_list_sort(have);
	record_list_sort(want);
	const struct plan_ask ask = {.have = have,
	                             .want = want,
	                             .whole = (data[0] & 1) != 0,
	                             .adopt = (data[0] & 2) != 0,
	                             .limits = {.ttl_min_s = (data[0] & 4) != 0 ? 5 : 0,
	                                        .levels_max = (data[0] & 8) != 0 ? 2 : 0,
	                                        .same_max = (data[0] & 16) != 0 ? 2 : 0},
	                             .max_delete_percent = (data[0] & 32) != 0 ? 100 : 25};
	struct plan *plan;
	struct why why;
	check(plan_make(&ask, &plan, &why) == ERR_OK);
	plan_check(&ask, plan);
	plan_free(plan);
	record_list_free(have);
	record_list_free(want);
	return 0;
}

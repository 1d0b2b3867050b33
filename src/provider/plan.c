/* The walk over both lists, name by name, and the plan that comes of it.
 *
 * Linear in the records of both lists, but for the sorting of external-dns's claims. Memory: what
 * is touched of the draft is of the size of the changes.
 */
#include "plan_internal.h"

#include <stdlib.h>

void draft_step(struct draft *draft, enum step_kind kind, uint32_t have, uint32_t want)
{
	draft->steps[draft->step_count++] = (struct plan_step){kind, have, want};
}

void draft_update(struct draft *draft, uint32_t have, uint32_t want)
{
	if (have_at(draft, have)->mark != MARK_OURS)
		draft_step(draft, STEP_MARK, have, PLAN_NONE);
	draft_step(draft, STEP_UPDATE, have, want);
}

void draft_note(struct draft *draft, enum note_kind kind, uint32_t have, uint32_t want)
{
	draft->plan->notes[draft->plan->note_count++] = (struct plan_note){kind, have, want};
}

uint32_t plan_ttl(const struct plan *plan, const struct record *want)
{
	uint32_t least = plan->ask.limits.ttl_min_s;
	return want->ttl_s < least ? least : want->ttl_s;
}

static void draft_close(struct draft *draft)
{
	free(draft->names);
	free(draft->steps);
	free(draft->ours);
	free(draft->left_have);
	free(draft->spare_have);
	free(draft->wants);
	free(draft->met);
	free(draft->left_want);
	free(draft->spare_want);
}

/* False: no memory; what there is is the caller's to close. */
static bool draft_open(struct draft *draft, size_t haves, size_t wants)
{
	/* One more, for no list is too short to have memory. */
	draft->names = malloc((haves + wants + 1) * sizeof *draft->names);
	draft->steps = malloc((2 * haves + wants + 1) * sizeof *draft->steps);
	draft->ours = malloc((haves + 1) * sizeof *draft->ours);
	draft->left_have = malloc((haves + 1) * sizeof *draft->left_have);
	draft->spare_have = malloc((haves + 1) * sizeof *draft->spare_have);
	draft->wants = malloc((wants + 1) * sizeof *draft->wants);
	draft->met = malloc((wants + 1) * sizeof *draft->met);
	draft->left_want = malloc((wants + 1) * sizeof *draft->left_want);
	draft->spare_want = malloc((wants + 1) * sizeof *draft->spare_want);
	/* A record at the provider drifts, a name is left alone, a wanted record is left out: at most
	 * once each, and each name has a record. */
	draft->plan->notes = malloc((2 * haves + 2 * wants + 1) * sizeof *draft->plan->notes);
	return draft->names != NULL && draft->steps != NULL && draft->ours != NULL &&
	       draft->left_have != NULL && draft->spare_have != NULL && draft->wants != NULL &&
	       draft->met != NULL && draft->left_want != NULL && draft->spare_want != NULL &&
	       draft->plan->notes != NULL;
}

/* The steps from `first` on are those of a name. */
static void name_close(struct draft *draft, size_t first)
{
	size_t kinds[STEP_KINDS] = {0};
	for (size_t i = first; i < draft->step_count; i++)
		kinds[draft->steps[i].kind]++;
	enum turn turn = TURN_DELETE;
	if (kinds[STEP_MARK] + kinds[STEP_UPDATE] > 0)
		turn = TURN_CHANGE;
	else if (kinds[STEP_ADD] > 0)
		turn = TURN_ADD;
	if (draft->step_count > first)
		draft->names[draft->name_count++] =
			(struct draft_name){(uint32_t)first, (uint32_t)(draft->step_count - first),
		                        (uint32_t)kinds[STEP_DELETE], turn};
}

static uint32_t name_end(const struct record_list *records, uint32_t from, struct bytes rr)
{
	size_t count = record_list_count(records);
	while (from < count && bytes_equal(record_list_at(records, from)->rr, rr))
		from++;
	return from;
}

/* The name that comes first in what is left of both lists. */
static struct bytes name_next(const struct plan_ask *ask, uint32_t have, uint32_t want)
{
	if (have == record_list_count(ask->have))
		return record_list_at(ask->want, want)->rr;
	if (want == record_list_count(ask->want))
		return record_list_at(ask->have, have)->rr;
	struct bytes a = record_list_at(ask->have, have)->rr, b = record_list_at(ask->want, want)->rr;
	return bytes_compare(a, b) <= 0 ? a : b;
}

static void walk(struct draft *draft, const struct claim *claims, size_t claim_count)
{
	const struct plan_ask *ask = &draft->plan->ask;
	size_t claim = 0, haves = record_list_count(ask->have), wants = record_list_count(ask->want);
	for (uint32_t have = 0, want = 0; have < haves || want < wants;) {
		struct bytes rr = name_next(ask, have, want);
		while (claim < claim_count && bytes_compare(claims[claim].rr, rr) < 0)
			claim++;
		bool claimed = claim < claim_count && bytes_equal(claims[claim].rr, rr);
		const struct site site = {.draft = draft,
		                          .rr = rr,
		                          .apex = bytes_equal(rr, bytes_of("@")),
		                          .have = have,
		                          .have_end = name_end(ask->have, have, rr),
		                          .want = want,
		                          .want_end = name_end(ask->want, want, rr),
		                          .claim = claimed ? claims[claim].have : PLAN_NONE};
		size_t first = draft->step_count;
		site_plan(&site);
		name_close(draft, first);
		have = site.have_end;
		want = site.want_end;
	}
}

/* Are more of our records to go than may go unasked? */
static bool too_many_deletes(const struct draft *draft, size_t *deletes)
{
	*deletes = 0;
	for (size_t i = 0; i < draft->name_count; i++)
		*deletes += draft->names[i].deletes;
	return *deletes * 100 > draft->plan->ask.max_delete_percent * draft->plan->counts.ours;
}

static void name_copy(struct plan *plan, const struct draft *draft, const struct draft_name *name)
{
	plan->names[plan->name_count++] = (struct plan_name){(uint32_t)plan->step_count, name->count};
	for (size_t i = 0; i < name->count; i++) {
		const struct plan_step *step = &draft->steps[name->first + i];
		plan->steps[plan->step_count++] = *step;
		plan->counts.marks += step->kind == STEP_MARK;
		plan->counts.updates += step->kind == STEP_UPDATE;
		plan->counts.adds += step->kind == STEP_ADD;
		plan->counts.deletes += step->kind == STEP_DELETE;
	}
}

/* The draft's names in the order in which they are to be worked on; without those that lose records
 * where too many would. */
static enum err arrange(struct draft *draft)
{
	struct plan *plan = draft->plan;
	size_t deletes;
	bool hold = too_many_deletes(draft, &deletes);
	plan->names = malloc((draft->name_count + 1) * sizeof *plan->names);
	plan->steps = malloc((draft->step_count + 1) * sizeof *plan->steps);
	if (plan->names == NULL || plan->steps == NULL)
		return ERR_NOMEM;
	for (enum turn turn = TURN_CHANGE; turn < TURNS; turn++) {
		for (size_t i = 0; i < draft->name_count; i++) {
			const struct draft_name *name = &draft->names[i];
			if (name->turn == turn && !(hold && name->deletes > 0))
				name_copy(plan, draft, name);
		}
	}
	plan->counts.held = hold ? deletes : 0;
	return ERR_OK;
}

/* What was made for the worst case is given back. */
static void notes_shrink(struct plan *plan)
{
	struct plan_note *notes = realloc(plan->notes, (plan->note_count + 1) * sizeof *notes);
	if (notes != NULL)
		plan->notes = notes;
}

enum err plan_make(const struct plan_ask *ask, struct plan **out, struct why *why)
{
	*out = NULL;
	struct claim *claims = NULL;
	size_t claim_count, haves = record_list_count(ask->have), wants = record_list_count(ask->want);
	struct plan *plan = calloc(1, sizeof *plan);
	struct draft draft = {.plan = plan, .may_delete = ask->whole && wants > 0};
	enum err err = plan == NULL ? ERR_NOMEM : claims_find(ask->have, &claims, &claim_count);
	if (err == ERR_OK) {
		plan->ask = *ask;
		err = draft_open(&draft, haves, wants) ? ERR_OK : ERR_NOMEM;
	}
	if (err == ERR_OK) {
		walk(&draft, claims, claim_count);
		err = arrange(&draft);
	}
	draft_close(&draft);
	free(claims);
	if (err != ERR_OK) {
		plan_free(plan);
		why_set(why, "no memory for a plan over %zu records", haves + wants);
		return err;
	}
	notes_shrink(plan);
	*out = plan;
	return ERR_OK;
}

void plan_free(struct plan *plan)
{
	if (plan == NULL)
		return;
	free(plan->names);
	free(plan->steps);
	free(plan->notes);
	free(plan);
}

const struct plan_counts *plan_counts(const struct plan *plan)
{
	return &plan->counts;
}

const struct plan_name *plan_names(const struct plan *plan, size_t *count)
{
	*count = plan->name_count;
	return plan->names;
}

const struct plan_step *plan_steps(const struct plan *plan, size_t *count)
{
	*count = plan->step_count;
	return plan->steps;
}

const struct plan_note *plan_notes(const struct plan *plan, size_t *count)
{
	*count = plan->note_count;
	return plan->notes;
}

/* plan_internal: a plan while it is made. plan.c walks the names, plan_name.c decides what of one
 * name is ours and wanted, plan_swap.c brings the one into the other. */
#ifndef FEDNS_PROVIDER_PLAN_INTERNAL_H
#define FEDNS_PROVIDER_PLAN_INTERNAL_H

#include "conflict.h"
#include "fedns/plan.h"

struct plan {
	struct plan_ask ask;
	struct plan_counts counts;
	struct plan_name *names;
	struct plan_step *steps;
	struct plan_note *notes;
	size_t name_count, step_count, note_count;
};

/** In which order names are to be worked on. */
enum turn {
	TURN_CHANGE, /* what is answered now is wrong: it can't wait */
	TURN_ADD,
	TURN_DELETE,
	TURNS,
};

struct draft_name {
	uint32_t first, count; /* steps of the draft */
	uint32_t deletes;
	uint32_t turn; /* enum turn */
};

/** All arrays are made as large as they can get before the walk, so that nothing fails in it. What
 * isn't touched costs no memory. */
struct draft {
	struct plan *plan;
	bool may_delete;
	struct draft_name *names; /* [have + want] */
	struct plan_step *steps;  /* [2 have + want] */
	size_t name_count, step_count, note_count;
	/* scratch for one name at a time: indices of records */
	uint32_t *ours, *left_have, *spare_have;        /* [have] */
	uint32_t *wants, *met, *left_want, *spare_want; /* [want] */
};

/** Indices of records of one name, by type and value. */
struct indices {
	uint32_t *at;
	size_t count;
};

/** One name, its records in both lists. */
struct site {
	struct draft *draft;
	struct bytes rr;
	bool apex;
	uint32_t have, have_end, want, want_end;
	uint32_t claim; /* external-dns's TXT record, of this name or another; PLAN_NONE */
};

static inline const struct record *have_at(const struct draft *draft, uint32_t i)
{
	return record_list_at(draft->plan->ask.have, i);
}

static inline const struct record *want_at(const struct draft *draft, uint32_t i)
{
	return record_list_at(draft->plan->ask.want, i);
}

static inline bool is_ours(const struct record *record)
{
	return record->mark == MARK_OURS || record->mark == MARK_PENDING;
}

void draft_step(struct draft *draft, enum step_kind kind, uint32_t have, uint32_t want);
/** Make `have` into `want`, and ours before that where it isn't marked yet. */
void draft_update(struct draft *draft, uint32_t have, uint32_t want);
void draft_note(struct draft *draft, enum note_kind kind, uint32_t have, uint32_t want);

/** Steps, notes and counts of one name. */
void site_plan(const struct site *site);

/** What of `left_want` can stand beside `left_have` is added; nothing else is done. */
void swap_add(const struct site *site, struct indices left_have, struct indices left_want);
/** The steps that make `left_have` into `left_want`. Both lists are used up, and
 * the draft's `wants`. */
void swap_plan(const struct site *site, struct indices left_have, struct indices left_want);

/** A name that external-dns owns. */
struct claim {
	struct bytes rr;
	uint32_t have; /* its TXT record */
};

/** All that external-dns claims in `have`, sorted, the caller's to free. ERR_NOMEM. */
MUST_CHECK enum err claims_find(const struct record_list *have, struct claim **out, size_t *count);

#endif

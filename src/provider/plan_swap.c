/* Records of ours that aren't wanted become wanted ones that aren't there, by as few calls as the
 * conflict rules allow. */
#include "plan_internal.h"

#include <string.h>

/** The records, by whether they are in each other's way. */
struct sides {
	struct indices way;  /* of ours: each conflicts with something wanted */
	struct indices rest; /* of ours */
	struct indices late; /* wanted: each must wait until `way` is gone */
	struct indices soon; /* wanted */
};

static enum kind kind_of_have(const struct draft *draft, uint32_t i)
{
	return kind_of(have_at(draft, i)->type);
}

static enum kind kind_of_want(const struct draft *draft, uint32_t i)
{
	return kind_of(want_at(draft, i)->type);
}

typedef enum kind kind_getter(const struct draft *draft, uint32_t i);

/* What conflicts with any of `all`. */
static unsigned conflicts_of_all(const struct site *site, struct indices all, kind_getter *get)
{
	unsigned conflicts = 0;
	for (size_t i = 0; i < all.count; i++)
		conflicts |= conflicts_of(get(site->draft, all.at[i]), site->apex);
	return conflicts;
}

/* Move those of `all` whose kind is in `kinds` to `spare`; the others stay, in their order. */
static struct indices part(const struct site *site, struct indices *all, unsigned kinds,
                           kind_getter *get, uint32_t *spare)
{
	struct indices out = {spare, 0};
	size_t kept = 0;
	for (size_t i = 0; i < all->count; i++) {
		uint32_t index = all->at[i];
		if ((get(site->draft, index) & kinds) != 0)
			out.at[out.count++] = index;
		else
			all->at[kept++] = index;
	}
	all->count = kept;
	return out;
}

static struct sides sides_part(const struct site *site, struct indices left_have,
                               struct indices left_want)
{
	unsigned of_have = conflicts_of_all(site, left_have, kind_of_have);
	unsigned of_want = conflicts_of_all(site, left_want, kind_of_want);
	struct sides sides = {.rest = left_have, .soon = left_want};
	sides.way = part(site, &sides.rest, of_want, kind_of_have, site->draft->spare_have);
	sides.late = part(site, &sides.soon, of_have, kind_of_want, site->draft->spare_want);
	return sides;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Those in the way, but the last, that can become something that they aren't in the way of. */
static size_t soon_pairs(const struct sides *sides)
{
	return sides->way.count == 0 ? 0 : least(sides->way.count - 1, sides->soon.count);
}

void swap_add(const struct site *site, struct indices left_have, struct indices left_want)
{
	unsigned refused = conflicts_of_all(site, left_have, kind_of_have);
	for (size_t i = 0; i < left_want.count; i++) {
		if ((kind_of_want(site->draft, left_want.at[i]) & refused) == 0)
			draft_step(site->draft, STEP_ADD, PLAN_NONE, left_want.at[i]);
	}
}

/* Drop the first `count`. */
static void skip(struct indices *all, size_t count)
{
	all->at += count;
	all->count -= count;
}

/* Delete up to `count` that still lack our mark: to delete one takes a call less than to keep it.
 * They go first, or for a moment there might be more of their type than the edition allows. */
static void unmarked_delete(struct draft *draft, struct indices *have, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < have->count; i++) {
		if (count > 0 && have_at(draft, have->at[i])->mark != MARK_OURS) {
			draft_step(draft, STEP_DELETE, have->at[i], PLAN_NONE);
			count--;
		} else {
			have->at[kept++] = have->at[i];
		}
	}
	have->count = kept;
}

/* Records that aren't in each other's way: those of one type are paired first, so that what people
 * see at the provider changes least. New values come before old ones go. */
static void plain_plan(struct draft *draft, struct indices have, struct indices want)
{
	size_t i = 0, j = 0, other_have = 0, other_want = 0;
	if (have.count > want.count)
		unmarked_delete(draft, &have, have.count - want.count);
	while (i < have.count && j < want.count) {
		uint16_t old = have_at(draft, have.at[i])->type, new = want_at(draft, want.at[j])->type;
		if (old == new)
			draft_update(draft, have.at[i++], want.at[j++]);
		else if (old < new)
			have.at[other_have++] = have.at[i++];
		else
			want.at[other_want++] = want.at[j++];
	}
	while (i < have.count)
		have.at[other_have++] = have.at[i++];
	while (j < want.count)
		want.at[other_want++] = want.at[j++];

	size_t pairs = least(other_have, other_want);
	for (size_t k = 0; k < pairs; k++)
		draft_update(draft, have.at[k], want.at[k]);
	for (size_t k = pairs; k < other_want; k++)
		draft_step(draft, STEP_ADD, PLAN_NONE, want.at[k]);
	for (size_t k = pairs; k < other_have; k++)
		draft_step(draft, STEP_DELETE, have.at[k], PLAN_NONE);
}

/* What is in the way goes, but for one: that becomes what it was in the way of, so that the name is
 * never without a record for longer than a call takes. */
static void way_clear(struct draft *draft, struct sides *sides)
{
	size_t pairs = soon_pairs(sides), last = sides->way.count - 1;
	for (size_t i = 0; i < pairs; i++)
		draft_update(draft, sides->way.at[i], sides->soon.at[i]);
	for (size_t i = pairs; i < last; i++)
		draft_step(draft, STEP_DELETE, sides->way.at[i], PLAN_NONE);
	draft_update(draft, sides->way.at[last], sides->late.at[0]);
	skip(&sides->soon, pairs);
	skip(&sides->late, 1);
}

/* One list of both. It need not be sorted: no record that is left has the type of a late one, for
 * then it couldn't have stood beside what was in the way. */
static struct indices join(struct indices a, struct indices b, uint32_t *out)
{
	memcpy(out, a.at, a.count * sizeof *out);
	memcpy(out + a.count, b.at, b.count * sizeof *out);
	return (struct indices){out, a.count + b.count};
}

void swap_plan(const struct site *site, struct indices left_have, struct indices left_want)
{
	struct draft *draft = site->draft;
	struct sides sides = sides_part(site, left_have, left_want);
	if (sides.way.count == 0) {
		plain_plan(draft, left_have, left_want);
		return;
	}
	way_clear(draft, &sides);
	plain_plan(draft, sides.rest, join(sides.soon, sides.late, draft->wants));
}

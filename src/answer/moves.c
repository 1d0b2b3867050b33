#include "moves.h"

bool moves_comparable(const struct root *before, const struct root *after)
{
	const struct fixed *old = before->fixed, *new = after->fixed;
	if (old == new)
		return true;
	if (old == NULL || old->place_count != new->place_count)
		return false;
	for (size_t i = 0; i < old->place_count; i++) {
		if (!name_equal(&old->tails[i].name, &new->tails[i].name))
			return false;
	}
	return true;
}

/* Had it addresses of its own to lose, or does it have them again? What stands on the global level
 * while nothing serves is there for want of better. */
static bool stands(const struct entry *entry, uint16_t place)
{
	return entry_rung_find(entry, place) != NULL && (place != 0 || !entry->all_down);
}

static size_t climb_count(const struct entry *entry)
{
	return entry->climbs ? entry_climbs(entry)->count : 0;
}

/* Those of `one` that stand in `other`. Returns whether there are any. */
static bool climbs_count(const struct fixed *fixed, const struct entry *one,
                         const struct entry *other, uint64_t counts[LEVEL_COUNT][REASONS])
{
	bool any = false;
	for (size_t i = 0; i < climb_count(one); i++) {
		const struct entry_climb *climb = &entry_climbs(one)->at[i];
		if (entry_climb_find(other, climb->place) != NULL || !stands(other, climb->place))
			continue;
		counts[fixed->tails[climb->place].level][climb->reason]++;
		any = true;
	}
	return any;
}

void moves_note(struct zone_moves *moves, const struct fixed *fixed, const struct entry *before,
                const struct entry *after, uint32_t id)
{
	uint64_t back[LEVEL_COUNT][REASONS] = {{0}};
	bool any = climbs_count(fixed, after, before, moves->levels.failovers);
	if (!after->all_down) /* else it is there for want of better */
		any |= climbs_count(fixed, before, after, back);
	for (size_t level = 0; level < LEVEL_COUNT; level++) {
		for (size_t reason = 0; reason < REASONS; reason++)
			moves->levels.failbacks[level] += back[level][reason];
	}
	if (any && moves->services++ == 0)
		moves->service = id;
}

void counters_add(struct zone_counters *to, const struct zone_counters *more)
{
	for (size_t level = 0; level < LEVEL_COUNT; level++) {
		to->failbacks[level] += more->failbacks[level];
		for (size_t reason = 0; reason < REASONS; reason++)
			to->failovers[level][reason] += more->failovers[level][reason];
	}
}

void zone_moves_add(struct zone_moves *to, const struct zone_moves *more)
{
	if (to->services == 0)
		to->service = more->service;
	to->services += more->services;
	counters_add(&to->levels, &more->levels);
}

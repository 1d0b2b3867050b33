/* One name: what there is ours, what of the wanted is there already, and whether the rest may be
 * brought there. */
#include "plan_internal.h"
#include "record_list.h"

/** What is found out about a name on the way. */
struct found {
	struct indices ours;      /* that may be changed: not held, adopted ones too */
	struct indices wants;     /* each content once */
	uint32_t *met;            /* [wants.count] the record that says the same; PLAN_NONE */
	unsigned kinds;           /* of `wants` */
	uint32_t conflict, equal; /* others' records; PLAN_NONE */
	bool deep;
};

/* What is of another line is another record: it is in nobody's way. */
static bool is_here(const struct record *record)
{
	return (record->holds & HOLD_LINE) == 0;
}

static void wants_collect(const struct site *site, struct found *found)
{
	struct draft *draft = site->draft;
	for (uint32_t i = site->want; i < site->want_end; i++) {
		const struct record *want = want_at(draft, i);
		draft->plan->counts.raised += want->ttl_s < draft->plan->ask.limits.ttl_min_s;
		if (i > site->want && record_content_compare(want_at(draft, i - 1), want) == 0)
			continue;
		found->met[found->wants.count] = PLAN_NONE;
		found->wants.at[found->wants.count++] = i;
		found->kinds |= kind_of(want->type);
	}
}

/* Is some of what is wanted in the way of the rest? Then whoever wants it is wrong. */
static bool wants_clash(const struct site *site, const struct found *found)
{
	unsigned others = 0; /* kinds that came before */
	for (size_t i = 0; i < found->wants.count; i++) {
		enum kind kind = kind_of(want_at(site->draft, found->wants.at[i])->type);
		if ((conflicts_of(kind, site->apex) & others) != 0)
			return true;
		others |= kind;
	}
	return false;
}

/* Somebody else's record whose content isn't wanted: does it make the name theirs? */
static bool is_in_the_way(const struct site *site, const struct found *found,
                          const struct record *record)
{
	const unsigned claiming = KIND_ADDRESS | KIND_CNAME | KIND_OWN;
	enum kind kind = kind_of(record->type);
	/* The name servers of the domain itself stand beside anything. */
	bool claims = (kind & claiming) != 0 || (kind == KIND_NS && !site->apex);
	return claims || (conflicts_of(kind, site->apex) & found->kinds) != 0;
}

/* `met`: what is there already of the wanted that the record says; NULL: none is wanted. */
static void others_take(const struct site *site, struct found *found, uint32_t i,
                        const uint32_t *met)
{
	const struct record *record = have_at(site->draft, i);
	bool wanted = met != NULL;
	bool free_to_take =
		wanted && *met == PLAN_NONE && record->mark == MARK_NONE && record->holds == 0;
	if (found->wants.count == 0)
		return;
	if (free_to_take && site->draft->plan->ask.adopt)
		found->ours.at[found->ours.count++] = i;
	else if (free_to_take && found->equal == PLAN_NONE)
		found->equal = i;
	else if (!free_to_take && found->conflict == PLAN_NONE &&
	         (wanted || is_in_the_way(site, found, record)))
		found->conflict = i;
}

static void ours_take(const struct site *site, struct found *found, uint32_t i)
{
	const struct record *record = have_at(site->draft, i);
	site->draft->plan->counts.ours++;
	if (record->holds == 0) {
		found->ours.at[found->ours.count++] = i;
		return;
	}
	site->draft->plan->counts.drift++;
	draft_note(site->draft, NOTE_DRIFT, i, PLAN_NONE);
}

/* Both lists are sorted, so one walk over both finds what says the same. */
static void haves_collect(const struct site *site, struct found *found)
{
	size_t at = 0;
	for (uint32_t i = site->have; i < site->have_end; i++) {
		const struct record *record = have_at(site->draft, i);
		int order = 1;
		while (at < found->wants.count &&
		       (order = record_content_compare(want_at(site->draft, found->wants.at[at]), record)) <
		           0)
			at++;
		bool wanted = at < found->wants.count && order == 0;
		if (is_ours(record))
			ours_take(site, found, i);
		else if (is_here(record))
			others_take(site, found, i, wanted ? &found->met[at] : NULL);
		bool adopted = found->ours.count > 0 && found->ours.at[found->ours.count - 1] == i;
		if (wanted && is_here(record) && (is_ours(record) || adopted) &&
		    found->met[at] == PLAN_NONE)
			found->met[at] = i;
	}
}

/* Does a record stay, whatever is wanted? */
static bool is_fixed(const struct site *site, const struct record *record)
{
	return !is_ours(record) || record->holds != 0 || !site->draft->may_delete;
}

/* Records of `type` that stay whatever we do, and count as ours do. */
static size_t fixed_count(const struct site *site, const struct found *found, uint16_t type)
{
	size_t count = 0;
	for (uint32_t i = site->have; i < site->have_end; i++) {
		const struct record *record = have_at(site->draft, i);
		count += record->type == type && is_here(record) && is_fixed(site, record);
	}
	for (size_t i = 0; i < found->wants.count; i++) {
		if (found->met[i] == PLAN_NONE || have_at(site->draft, found->met[i])->type != type)
			continue;
		count -= is_fixed(site, have_at(site->draft, found->met[i])); /* counted as wanted */
	}
	return count;
}

/* How many of type `type`, of `count` wanted from `from` on, may be added. */
static size_t room_for(const struct site *site, const struct found *found, size_t from,
                       size_t count, uint16_t type)
{
	unsigned most = site->draft->plan->ask.limits.same_max;
	if (most == 0)
		return SIZE_MAX;
	size_t used = fixed_count(site, found, type);
	for (size_t i = from; i < from + count; i++)
		used += found->met[i] != PLAN_NONE;
	return used < most ? most - used : 0;
}

static size_t same_type_count(const struct site *site, const struct found *found, size_t from)
{
	uint16_t type = want_at(site->draft, found->wants.at[from])->type;
	size_t end = from;
	while (end < found->wants.count && want_at(site->draft, found->wants.at[end])->type == type)
		end++;
	return end - from;
}

/* `*told`: the name, or the name and type, has its note already. */
static void leave_out(const struct site *site, const struct found *found, uint32_t want, bool *told)
{
	site->draft->plan->counts.left_out++;
	if (!*told)
		draft_note(site->draft, found->deep ? NOTE_DEEP : NOTE_MANY, PLAN_NONE, want);
	*told = true;
}

/* The wanted records that aren't there, as far as the edition allows them. */
static struct indices missing_collect(const struct site *site, const struct found *found)
{
	struct indices left = {site->draft->left_want, 0};
	bool told = false;
	for (size_t from = 0, count; from < found->wants.count; from += count) {
		count = same_type_count(site, found, from);
		uint16_t type = want_at(site->draft, found->wants.at[from])->type;
		size_t room = found->deep ? 0 : room_for(site, found, from, count, type);
		told = told && found->deep;
		for (size_t i = from; i < from + count; i++) {
			if (found->met[i] != PLAN_NONE)
				continue;
			if (room > 0)
				left.at[left.count++] = found->wants.at[i];
			else
				leave_out(site, found, found->wants.at[i], &told);
			room -= room > 0;
		}
	}
	return left;
}

/* Those of ours that say nothing that is wanted. `met` is in the order of the records, too. */
static struct indices unwanted_collect(const struct site *site, const struct found *found)
{
	struct indices left = {site->draft->left_have, 0};
	size_t at = 0;
	for (size_t i = 0; i < found->ours.count; i++) {
		while (at < found->wants.count &&
		       (found->met[at] == PLAN_NONE || found->met[at] < found->ours.at[i]))
			at++;
		if (at == found->wants.count || found->met[at] != found->ours.at[i])
			left.at[left.count++] = found->ours.at[i];
	}
	return left;
}

/* A record of ours that somebody holds stays: is it in the way of what is missing? */
static bool held_in_the_way(const struct site *site, struct indices missing)
{
	unsigned kinds = 0;
	for (size_t i = 0; i < missing.count; i++)
		kinds |= kind_of(want_at(site->draft, missing.at[i])->type);
	for (uint32_t i = site->have; i < site->have_end; i++) {
		const struct record *record = have_at(site->draft, i);
		if (is_ours(record) && record->holds != 0 && is_here(record) &&
		    (conflicts_of(kind_of(record->type), site->apex) & kinds) != 0)
			return true;
	}
	return false;
}

/* What is there and wanted: perhaps not yet marked as ours, perhaps of another TTL. */
static void met_plan(const struct site *site, const struct found *found)
{
	struct draft *draft = site->draft;
	for (size_t i = 0; i < found->wants.count; i++) {
		uint32_t have = found->met[i], want = found->wants.at[i];
		if (have == PLAN_NONE ||
		    (is_ours(have_at(draft, have)) && have_at(draft, have)->holds != 0))
			continue;
		/* A name too deep for the edition would be refused. */
		bool differs = !found->deep &&
		               have_at(draft, have)->ttl_s != plan_ttl(draft->plan, want_at(draft, want));
		if (differs) {
			draft_update(draft, have, want);
			continue;
		}
		if (have_at(draft, have)->mark != MARK_OURS)
			draft_step(draft, STEP_MARK, have, PLAN_NONE);
		draft->plan->counts.unchanged++;
	}
}

static bool is_deep(const struct site *site)
{
	unsigned most = site->draft->plan->ask.limits.levels_max;
	size_t levels = site->apex ? 0 : 1;
	for (size_t i = 0; i < site->rr.size; i++)
		levels += site->rr.data[i] == '.';
	return most != 0 && levels > most;
}

/* Is the name somebody else's? Says whose. */
static bool left_alone(const struct site *site, const struct found *found)
{
	struct draft *draft = site->draft;
	uint32_t want = found->wants.count > 0 ? found->wants.at[0] : PLAN_NONE;
	if (site->claim != PLAN_NONE && want != PLAN_NONE)
		draft_note(draft, NOTE_EXTERNAL_DNS, site->claim, want);
	else if (site->claim != PLAN_NONE && found->ours.count > 0)
		draft_note(draft, NOTE_EXTERNAL_DNS, found->ours.at[0], PLAN_NONE);
	else if (found->conflict != PLAN_NONE || wants_clash(site, found))
		draft_note(draft, NOTE_CONFLICT, found->conflict, want);
	else if (found->equal != PLAN_NONE)
		draft_note(draft, NOTE_EQUAL, found->equal, want);
	else
		return false;
	draft->plan->counts.conflicts++;
	return true;
}

void site_plan(const struct site *site)
{
	struct draft *draft = site->draft;
	struct found found = {.ours = {draft->ours, 0},
	                      .wants = {draft->wants, 0},
	                      .met = draft->met,
	                      .conflict = PLAN_NONE,
	                      .equal = PLAN_NONE,
	                      .deep = is_deep(site)};
	wants_collect(site, &found);
	haves_collect(site, &found);
	if (left_alone(site, &found))
		return;
	struct indices missing = missing_collect(site, &found);
	struct indices unwanted = unwanted_collect(site, &found);
	if (held_in_the_way(site, missing))
		return;
	met_plan(site, &found);
	/* A record that becomes another one is gone as much as one that is deleted. */
	if (draft->may_delete)
		swap_plan(site, unwanted, missing); /* from here on what was found is gone */
	else
		swap_add(site, unwanted, missing);
}

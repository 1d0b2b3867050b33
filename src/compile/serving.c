/* Which addresses serve, where something is known against one: verdicts of health, clusters that
 * are withdrawn. */
#include "compiler.h"

#include <stdlib.h>

/* --- each address ------------------------------------------------------------------------- */

/** Of one cluster. */
struct verdicts {
	const struct verdict *at;
	size_t count;
};

static struct verdicts verdicts_of(const struct verdict *verdicts, size_t count, uint16_t cluster)
{
	size_t from = 0, to;
	while (from < count && verdicts[from].cluster < cluster)
		from++;
	for (to = from; to < count && verdicts[to].cluster == cluster;)
		to++;
	/* no verdicts at all are a null pointer, which nothing may be added to */
	return (struct verdicts){from == to ? NULL : &verdicts[from], to - from};
}

static const struct verdict *verdict_find(const struct verdicts *verdicts, const uint8_t *octets,
                                          size_t size)
{
	struct address address = {.family = size == V4_SIZE ? 4 : 6};
	memcpy(address.octets, octets, size);
	size_t low = 0, high = verdicts->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = address_compare(&verdicts->at[middle].address, &address);
		if (order == 0)
			return &verdicts->at[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* That it is on its way back changes no record, so it must not change what is said of them. */
static uint8_t steady_reason(uint8_t reason)
{
	return reason == REASON_RISING || reason == REASON_HOLD ? REASON_PROBE_BAD : reason;
}

static struct item item_of(const struct part *part, const struct verdicts *verdicts,
                           const uint8_t *octets, size_t size)
{
	const struct verdict *verdict = verdict_find(verdicts, octets, size);
	struct item item = {.octets = octets,
	                    .out_ms = part->withdrawn_at_ms,
	                    .size = (uint8_t)size,
	                    .exact = true,
	                    .reason = REASON_NOT_READY,
	                    .unsteady = verdict != NULL && verdict->unsteady};
	if (verdict != NULL && verdict->forced)
		item.out_ms = 0;
	if (verdict == NULL || !verdict->out)
		return item;
	int64_t since_ms = verdict->since_ms > 0 ? verdict->since_ms : 1; /* 0 is "it serves" */
	if (item.out_ms == 0 || since_ms < item.out_ms) { /* of both the earlier one counts */
		item.out_ms = since_ms;
		item.exact = false;
		item.reason = steady_reason(verdict->reason);
	}
	return item;
}

static void set_judge(struct compiler *compiler, struct part *part, const struct verdicts *verdicts,
                      const struct address_set *set)
{
	struct item *to = compiler->items;
	for (size_t i = 0; i < set->v4_count; i++)
		to[part->item_to++] = item_of(part, verdicts, set->v4 + V4_SIZE * i, V4_SIZE);
	for (size_t i = 0; i < set->v6_count; i++)
		to[part->item_to++] = item_of(part, verdicts, set->v6 + V6_SIZE * i, V6_SIZE);
}

static void part_judge(struct compiler *compiler, const struct model *model, struct part *part,
                       const struct verdicts *verdicts)
{
	set_judge(compiler, part, verdicts, &part->ingress.direct);
	for (uint16_t i = 0; i < part->ingress.host_count; i++) {
		struct host_view host;
		if (model_host(model, part->ingress.hosts[i], &host))
			set_judge(compiler, part, verdicts, &host.addresses);
	}
	assert(part->item_to - part->item_from == part->v4_count + part->v6_count);
}

/* --- all of them -------------------------------------------------------------------------- */

static enum err items_reserve(struct compiler *compiler, size_t count, struct why *why)
{
	if (count <= compiler->item_room)
		return ERR_OK;
	struct item *items = realloc(compiler->items, count * sizeof items[0]);
	if (items == NULL) {
		why_set(why, "no memory for %zu addresses", count);
		return ERR_NOMEM;
	}
	compiler->items = items;
	compiler->item_room = count;
	return ERR_OK;
}

/* Did `item` go out after `last` (NULL: nobody has)? A verdict's before a withdrawal of the same
 * moment. */
static bool is_later(const struct item *item, const struct item *last)
{
	return last == NULL || item->out_ms > last->out_ms ||
	       (item->out_ms == last->out_ms && !item->exact);
}

/* The item that went out last. NULL: one serves, or there is none. */
static const struct item *last_out(const struct compiler *compiler, size_t count)
{
	const struct item *last = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct item *item = &compiler->items[i];
		if (item->out_ms == 0)
			return NULL;
		if (is_later(item, last))
			last = item;
	}
	return last;
}

/* Did both go out together? Probes come to know it one after the other, within the window; clusters
 * are withdrawn at their very moment. Whoever was ordered out before that was no part of it. */
static bool together(const struct item *item, const struct item *last, int64_t window_ms)
{
	bool ordered = item->reason == REASON_DRAINED || item->reason == REASON_FORCED_DOWN;
	if (ordered || (item->exact && last->exact))
		return item->out_ms == last->out_ms;
	return last->out_ms - item->out_ms <= window_ms;
}

/*
 * What does not serve leaves, unless the rest has no address at all (rule 9). Then `all_down` says
 * who stays: with ALL_DOWN_LAST those that went out last, for they were the last healthy set.
 */
static void items_select(struct compiler *compiler, size_t count, enum all_down all_down,
                         int64_t window_ms)
{
	const struct item *last = last_out(compiler, count);
	compiler->all_down = last != NULL;
	for (size_t i = 0; i < count; i++) {
		struct item *item = &compiler->items[i];
		if (last == NULL)
			item->kept = item->out_ms == 0;
		else
			item->kept = all_down == ALL_DOWN_ALL ||
			             (all_down == ALL_DOWN_LAST && together(item, last, window_ms));
	}
}

enum err items_judge(struct compiler *compiler, const struct model *model,
                     const struct zone_policy *policy, enum all_down all_down,
                     const struct verdict *verdicts, size_t verdict_count, struct why *why)
{
	size_t count = 0;
	for (size_t i = 0; i < compiler->part_count; i++)
		count += compiler->parts[i].v4_count + compiler->parts[i].v6_count;
	enum err err = items_reserve(compiler, count, why);
	if (err != ERR_OK)
		return err;
	size_t at = 0;
	for (size_t i = 0; i < compiler->part_count; i++) {
		struct part *part = &compiler->parts[i];
		part->item_from = part->item_to = at;
		const struct verdicts own = verdicts_of(verdicts, verdict_count, part->ingress.cluster);
		part_judge(compiler, model, part, &own);
		at = part->item_to;
	}
	items_select(compiler, count, all_down, policy->last_window_ms);
	return ERR_OK;
}

/* --- at one place ------------------------------------------------------------------------- */

void items_put(struct compiler *compiler, const struct standing *standing, size_t size, bool listed)
{
	for (size_t i = standing->from; i < standing->to; i++) {
		const struct part *part = &compiler->parts[compiler->pairs[i].part];
		for (size_t j = part->item_from; j < part->item_to; j++) {
			const struct item *item = &compiler->items[j];
			if (item->size == size && (listed || item->kept))
				octets_add(compiler, item->octets, size);
		}
	}
}

bool items_unsteady(const struct compiler *compiler, const struct standing *standing)
{
	for (size_t i = standing->from; i < standing->to; i++) {
		const struct part *part = &compiler->parts[compiler->pairs[i].part];
		for (size_t j = part->item_from; j < part->item_to; j++) {
			if (compiler->items[j].unsteady)
				return true;
		}
	}
	return false;
}

/* Fewer than min_healthy? Not where all that are listed serve: there nothing is the matter. */
static bool too_few(const struct min_healthy *least, size_t listed, size_t serving)
{
	size_t wanted = least->count != 0 ? least->count : (listed * least->percent + 99) / 100;
	return serving < listed && serving < wanted;
}

enum reason items_reason(const struct compiler *compiler, const struct standing *standing)
{
	const struct item *last = NULL;
	for (size_t i = standing->from; i < standing->to; i++) {
		const struct part *part = &compiler->parts[compiler->pairs[i].part];
		for (size_t j = part->item_from; j < part->item_to; j++) {
			const struct item *item = &compiler->items[j];
			if (item->out_ms != 0 && is_later(item, last))
				last = item;
		}
	}
	return last != NULL ? (enum reason)last->reason : REASON_NONE;
}

enum reason rung_weakness(struct compiler *compiler, const struct zone_policy *policy,
                          const struct standing *standing, const struct rung *rung)
{
	size_t v4 = rung->addresses.v4_count, v6 = rung->addresses.v6_count;
	if (standing->place == 0) {
		compiler->global_v4 = v4;
		compiler->global_v6 = v6;
		return REASON_NONE;
	}
	/* Levels hold what those below them hold: an equal count is the same set. */
	if (compiler->all_down || v4 + v6 == compiler->global_v4 + compiler->global_v6)
		return REASON_NONE;
	/* One family lost here must not be NODATA while it serves elsewhere. */
	bool lost = (standing->listed_v4 > 0 && v4 == 0 && compiler->global_v4 > 0) ||
	            (standing->listed_v6 > 0 && v6 == 0 && compiler->global_v6 > 0);
	if (too_few(&policy->min_healthy, standing->listed_v4 + standing->listed_v6, v4 + v6))
		return REASON_MIN_HEALTHY;
	return lost ? REASON_ONE_FAMILY : REASON_NONE;
}

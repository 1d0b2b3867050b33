/* plan_bed: records, what is asked of a plan, and plans, as text.
 *
 *     have ID NAME TYPE TTL MARK VALUE    a record at the provider. MARK: ours, none, other or
 * pending, and "+line", "+disabled", "+locked", "+weighted" behind it. TYPE "OWN": one of the
 * provider's own want NAME TYPE TTL VALUE option NAME VALUE                   whole, adopt (yes,
 * no); ttl_min, levels_max, same_max, max_delete (numbers)
 *
 * and a plan, a line a step in their order, names apart by a blank line, then the notes:
 *
 *     mark ID
 *     update ID NAME TYPE TTL VALUE
 *     add NAME TYPE TTL VALUE
 *     delete ID
 *     note KIND ID | note KIND NAME TYPE VALUE
 */
#ifndef FEDNS_TESTS_PROVIDER_PLAN_BED_H
#define FEDNS_TESTS_PROVIDER_PLAN_BED_H

#include "fedns/plan.h"

struct plan_bed {
	struct record_list *have, *want;
	struct plan_ask ask; /* of both lists; as of a synced model, with nothing held */
};

void bed_init(struct plan_bed *bed);
void bed_clear(struct plan_bed *bed);

/** Take one of the lines above. Fails the test where it is none; an error of the lists is handed
 * up. */
MUST_CHECK enum err bed_try(struct plan_bed *bed, const char *line);
/** The same of several lines, all of which must be taken. */
void bed_take(struct plan_bed *bed, const char *lines);

/** Sort both lists and plan; the caller's. */
struct plan *bed_plan(struct plan_bed *bed);

/** Steps and notes, or the counts that aren't 0 ("counts adds=1 ..."), as text; the caller's. */
char *plan_text(const struct plan_bed *bed, const struct plan *plan);
char *counts_text(const struct plan *plan);
/** "NAME TYPE TTL VALUE" into `text`. */
void record_text(const struct record *record, uint32_t ttl_s, char *text, size_t size);

#endif

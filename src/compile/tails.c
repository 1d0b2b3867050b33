/* The tails of all places: what stands behind SVC.NS there. */
#include "fedns/compile.h"

#include <assert.h>
#include <stdio.h>

/* FED.svc.ZONE.REGION.SUFFIX, built from the right; false where it would pass 255 octets. */
static bool tail_build(const struct place *place, const struct zone_policy *policy,
                       struct name *out)
{
	const struct bytes federation = {policy->federation, policy->federation_size};
	*out = policy->suffix;
	return (place->level < LEVEL_REGION || name_prepend(out, place->region) == ERR_OK) &&
	       (place->level < LEVEL_ZONE || name_prepend(out, place->zone) == ERR_OK) &&
	       name_prepend(out, bytes_of("svc")) == ERR_OK && name_prepend(out, federation) == ERR_OK;
}

static void left_out(const struct place *place, struct findings *findings)
{
	char where[2 * LABEL_SIZE_MAX + 32] = "the global level";
	if (place->level == LEVEL_ZONE)
		(void)snprintf(where, sizeof where, "zone \"%.*s\" of region \"%.*s\"",
		               BYTES_ARG(place->zone), BYTES_ARG(place->region));
	else if (place->level == LEVEL_REGION)
		(void)snprintf(where, sizeof where, "region \"%.*s\"", BYTES_ARG(place->region));
	findings_add(findings, SEVERITY_WARNING, FINDING_NAME_SIZE,
	             "%s: names there would pass 253 octets; they are left out", where);
}

size_t compile_tails(const struct model *model, const struct zone_policy *policy,
                     struct findings *findings, struct tail *out)
{
	size_t count;
	const struct place *places = model_places(model, &count);
	assert(count >= 1 && count <= PLACES_MAX);

	for (size_t i = 0; i < count; i++) {
		out[i].level = places[i].level;
		out[i].parent = places[i].parent;
		if (tail_build(&places[i], policy, &out[i].name))
			continue;
		out[i].name.size = 0;
		left_out(&places[i], findings);
	}
	return count;
}

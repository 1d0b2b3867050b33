/* The tails of all places: what stands behind SVC.NS there; and which names they are part of. */
#include "fedns/compile.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

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

/* Does `label` stand at `at`, behind its length octet? */
static bool label_at(const struct name *name, size_t at, struct bytes label)
{
	return name->octets[at] == label.size &&
	       memcmp(name->octets + at + 1, label.data, label.size) == 0;
}

bool ladder_has(const struct zone_policy *policy, const struct name *name)
{
	const struct bytes federation = {policy->federation, policy->federation_size};
	size_t starts[NAME_SIZE_MAX], count = 0; /* of the labels before the suffix */
	if (!name_at_or_below(name, &policy->suffix))
		return false;
	for (size_t at = 0; at + policy->suffix.size < name->size; at += 1 + (size_t)name->octets[at])
		starts[count++] = at;
	for (size_t between = 0; between < LEVEL_COUNT && between + 2 <= count; between++) {
		if (label_at(name, starts[count - between - 1], bytes_of("svc")) &&
		    label_at(name, starts[count - between - 2], federation))
			return true;
	}
	return false;
}

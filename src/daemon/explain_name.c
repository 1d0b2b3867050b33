#include "explain_name.h"

#include "fedns/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A name has at most 127 labels (RFC 1035 section 2.3.4). */
#define LABELS_MAX 127
/* Known regions or zones that a sentence names. */
#define KNOWN_MAX 8

struct labels {
	struct bytes at[LABELS_MAX];
	size_t count;
};

/* Those of the first `size` octets of `name`; returns how many. */
static size_t labels_split(const struct name *name, size_t size, struct labels *out)
{
	out->count = 0;
	for (size_t at = 0; at < size && out->count < LABELS_MAX; at += (size_t)name->octets[at] + 1)
		out->at[out->count++] = (struct bytes){name->octets + at + 1, name->octets[at]};
	return out->count;
}

/* "_PORT._PROTO" in front is of the same service. */
static void port_strip(struct labels *labels)
{
	if (labels->count <= 2 || labels->at[0].data[0] != '_' || labels->at[1].data[0] != '_')
		return;
	labels->count -= 2;
	memmove(labels->at, labels->at + 2, labels->count * sizeof labels->at[0]);
}

static uint8_t label_take(struct bytes label, uint8_t *out)
{
	for (size_t i = 0; i < label.size; i++)
		out[i] = octet_lower(label.data[i]);
	return (uint8_t)label.size;
}

static bool tail_fits(const struct name *name, const struct tail *tail, struct explain_name *out)
{
	struct labels labels;
	if (tail->name.size == 0 || !name_at_or_below(name, &tail->name))
		return false;
	(void)labels_split(name, (size_t)name->size - tail->name.size, &labels);
	port_strip(&labels);
	if (labels.count != 2)
		return false;
	out->service_size = label_take(labels.at[0], out->service);
	out->namespace_size = label_take(labels.at[1], out->namespace);
	return true;
}

/* --- why for none ------------------------------------------------------------------------- */

static void known_add(char *text, size_t size, size_t *count, struct bytes label)
{
	size_t used = strlen(text);
	if ((*count)++ < KNOWN_MAX)
		(void)snprintf(text + used, size - used, "%s%.*s", *count == 1 ? "" : ", ",
		               BYTES_ARG(label));
	else if (*count == KNOWN_MAX + 1)
		(void)snprintf(text + used, size - used, ", ...");
}

static bool region_find(const struct model *model, struct bytes region, uint16_t *out,
                        struct why *why)
{
	char known[KNOWN_MAX * (LABEL_SIZE_MAX + 2) + 8] = "";
	size_t count, named = 0;
	const struct place *places = model_places(model, &count);
	for (size_t i = 0; i < count; i++) {
		if (places[i].level != LEVEL_REGION)
			continue;
		*out = (uint16_t)i;
		if (bytes_equal_nocase(places[i].region, region))
			return true;
		known_add(known, sizeof known, &named, places[i].region);
	}
	why_set(why, "there is no region \"%.*s\": %s%s", BYTES_ARG(region),
	        named == 0 ? "no cluster has one" : "known are ", known);
	return false;
}

static void zone_missing(const struct model *model, uint16_t region, struct bytes zone,
                         struct why *why)
{
	char known[KNOWN_MAX * (LABEL_SIZE_MAX + 2) + 8] = "";
	size_t count, named = 0;
	const struct place *places = model_places(model, &count);
	for (size_t i = 0; i < count; i++) {
		if (places[i].level == LEVEL_ZONE && places[i].parent == region)
			known_add(known, sizeof known, &named, places[i].zone);
	}
	why_set(why, "there is no zone \"%.*s\" in region \"%.*s\": %s%s", BYTES_ARG(zone),
	        BYTES_ARG(places[region].region),
	        named == 0 ? "no cluster there has one" : "known are ", known);
}

/* The place's labels, behind FED.svc, are [at..]. */
static void place_explain(const struct model *model, const struct labels *labels, size_t at,
                          struct why *why)
{
	uint16_t region;
	size_t count = labels->count - at;
	if (count > 2) {
		why_set(why, "behind \"svc\" stand a zone and a region at most");
		return;
	}
	if (count != 0 && !region_find(model, labels->at[labels->count - 1], &region, why))
		return;
	if (count == 2)
		zone_missing(model, region, labels->at[at], why);
	else
		why_set(why, "it would have more than 253 octets, so it is left out");
}

static bool is_place(const struct model *model, const struct labels *labels, size_t at)
{
	size_t count, wanted = labels->count - at;
	const struct place *places = model_places(model, &count);
	for (size_t i = 0; i < count; i++) {
		if ((size_t)places[i].level != wanted)
			continue;
		if ((wanted < 1 || bytes_equal_nocase(places[i].region, labels->at[labels->count - 1])) &&
		    (wanted < 2 || bytes_equal_nocase(places[i].zone, labels->at[at])))
			return true;
	}
	return false;
}

static void shape_explain(const struct zone_policy *policy, size_t before, struct why *why)
{
	if (before < 2)
		why_set(why,
		        "it stands above the services: their names are SERVICE.NAMESPACE.%.*s.svc "
		        "and a place",
		        policy->federation_size, (const char *)policy->federation);
	else
		why_set(why, "nothing stands below a service's name but its named ports, "
		             "_PORT._PROTOCOL");
}

static void below_suffix_explain(const struct model *model, const struct zone_policy *policy,
                                 struct labels *labels, struct why *why)
{
	const struct bytes federation = {policy->federation, policy->federation_size};
	size_t at = 0;
	port_strip(labels);
	while (at + 1 < labels->count && !(bytes_equal_nocase(labels->at[at], federation) &&
	                                   bytes_equal_nocase(labels->at[at + 1], bytes_of("svc"))))
		at++;
	if (at + 1 < labels->count) {
		if (!is_place(model, labels, at + 2))
			place_explain(model, labels, at + 2, why);
		else if (at == 2)
			why_set(why, "it would have more than 253 octets, so it is left out");
		else
			shape_explain(policy, at, why);
	} else if (labels->count >= 4 && bytes_equal_nocase(labels->at[3], bytes_of("svc"))) {
		why_set(why, "the federation is \"%.*s\", not \"%.*s\"", BYTES_ARG(federation),
		        BYTES_ARG(labels->at[2]));
	} else {
		why_set(why, "names of services are SERVICE.NAMESPACE.%.*s.svc and a place",
		        BYTES_ARG(federation));
	}
}

static void none_explain(const struct model *model, const struct zone_policy *policy,
                         const struct name *name, struct why *why)
{
	struct labels labels;
	char text[NAME_TEXT_SIZE];
	if (!name_at_or_below(name, &policy->zone)) {
		name_text(name_bytes(&policy->zone), text);
		why_set(why, "it is not in the zone %s", text);
	} else if (name->size == policy->zone.size) {
		why_set(why, "it is the zone itself, which has SOA and NS and no addresses");
	} else if (!name_at_or_below(name, &policy->suffix)) {
		name_text(name_bytes(&policy->suffix), text);
		why_set(why, "names of services are below %s", text);
	} else {
		(void)labels_split(name, (size_t)name->size - policy->suffix.size, &labels);
		below_suffix_explain(model, policy, &labels, why);
	}
	name_text(name_bytes(name), text);
	why_wrap(why, "%s stands for no service", text);
}

enum err explain_name_read(const struct model *model, const struct zone_policy *policy,
                           const char *text, struct explain_name *out, struct why *why)
{
	struct name name;
	struct findings nobody = {.report = NULL};
	*out = (struct explain_name){.place = 0};
	enum err err = name_parse(bytes_of(text), &name, why);
	if (err != ERR_OK)
		return ERR_INVALID;
	struct tail *tails = calloc(PLACES_MAX, sizeof *tails);
	if (tails == NULL) {
		why_set(why, "no memory for the names of places");
		return ERR_NOMEM;
	}
	bool found = false;
	size_t count = compile_tails(model, policy, &nobody, tails);
	for (size_t i = 0; i < count && !found; i++) {
		out->place = (uint16_t)i;
		found = tail_fits(&name, &tails[i], out);
	}
	free(tails);
	if (found)
		return ERR_OK;
	none_explain(model, policy, &name, why);
	return ERR_MISSING;
}

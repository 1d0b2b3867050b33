/* What a lookup of a host name gave. */
#include "model_internal.h"

#include <stdlib.h>
#include <string.h>

/** What is kept of one answer, in network order. */
struct kept {
	uint8_t octets[ADDRESSES_MAX * V6_SIZE];
	size_t count;
	size_t size; /* octets of one address */
};

static bool kept_has(const struct kept *kept, const uint8_t *octets)
{
	for (size_t i = 0; i < kept->count; i++)
		if (memcmp(kept->octets + i * kept->size, octets, kept->size) == 0)
			return true;
	return false;
}

/** Insert in order. */
static void kept_add(struct kept *kept, const uint8_t *octets)
{
	size_t at = kept->count;
	while (at > 0 && memcmp(kept->octets + (at - 1) * kept->size, octets, kept->size) > 0)
		at--;
	uint8_t *to = kept->octets + at * kept->size;
	memmove(to + kept->size, to, (kept->count - at) * kept->size);
	memcpy(to, octets, kept->size);
	kept->count++;
}

static void addresses_keep(const struct host *host, const struct address *addresses, size_t count,
                           struct findings *findings, struct kept *kept)
{
	char text[NAME_TEXT_SIZE];
	name_text(name_bytes(&host->name), text);
	for (size_t i = 0; i < count; i++) {
		struct why why = {{0}};
		assert(addresses[i].family == (kept->size == V4_SIZE ? 4 : 6));
		if (address_publishable(&addresses[i], &why) != ERR_OK) {
			findings_add(findings, SEVERITY_WARNING, FINDING_ADDRESS, "host %s: %s; it is left out",
			             text, why.text);
		} else if (kept_has(kept, addresses[i].octets)) {
			continue;
		} else if (kept->count == ADDRESSES_MAX) {
			findings_add(findings, SEVERITY_WARNING, FINDING_LIMIT,
			             "host %s: more than %d addresses; the first ones count", text,
			             ADDRESSES_MAX);
			return;
		} else {
			kept_add(kept, addresses[i].octets);
		}
	}
}

/** Replace the addresses of one family. ERR_NOMEM: as before. */
static enum err host_set(struct host *host, const struct kept *kept)
{
	bool is_v4 = kept->size == V4_SIZE;
	size_t old_v4_size = (size_t)V4_SIZE * host->v4_count,
		   old_v6_size = (size_t)V6_SIZE * host->v6_count;
	size_t v4_size = is_v4 ? kept->count * V4_SIZE : old_v4_size;
	size_t v6_size = is_v4 ? old_v6_size : kept->count * V6_SIZE;
	uint8_t *octets = NULL;
	if (v4_size + v6_size > 0) {
		octets = malloc(v4_size + v6_size);
		if (octets == NULL)
			return ERR_NOMEM;
		if (v4_size > 0)
			memcpy(octets, is_v4 ? kept->octets : host->octets, v4_size);
		if (v6_size > 0)
			memcpy(octets + v4_size, is_v4 ? host->octets + old_v4_size : kept->octets, v6_size);
	}
	free(host->octets);
	host->octets = octets;
	host->v4_count = (uint8_t)(v4_size / V4_SIZE);
	host->v6_count = (uint8_t)(v6_size / V6_SIZE);
	return ERR_OK;
}

static bool host_has(const struct host *host, const struct kept *kept)
{
	size_t count = kept->size == V4_SIZE ? host->v4_count : host->v6_count;
	if (count != kept->count)
		return false;
	if (count == 0)
		return true; /* perhaps there are no octets at all */
	const uint8_t *octets =
		kept->size == V4_SIZE ? host->octets : host->octets + (size_t)V4_SIZE * host->v4_count;
	return memcmp(octets, kept->octets, count * kept->size) == 0;
}

enum err model_host_resolved(struct model *model, const struct name *name, uint8_t family,
                             const struct address *addresses, size_t count,
                             struct findings *findings, struct why *why)
{
	assert(family == 4 || family == 6);
	struct host *host = host_named(model, name);
	if (host == NULL)
		return ERR_OK;
	struct kept kept = {.count = 0, .size = address_size(family)};
	addresses_keep(host, addresses, count, findings, &kept);
	if (!host_has(host, &kept)) {
		if (host_set(host, &kept) != ERR_OK) {
			why_set(why, "no memory for the addresses of a host");
			return ERR_NOMEM;
		}
		host_changed(model, host);
	}
	host->resolved = true;
	return ERR_OK;
}

/* Where a member cluster is, by the labels of its nodes. */
#include "origin.h"

#include <string.h>

/* Regions of one cluster's nodes: more than one is a mistake already. */
#define REGIONS_MAX 16

struct tally {
	const struct origin *origin;
	struct bytes regions[REGIONS_MAX];
	unsigned counts[REGIONS_MAX], region_count;
	struct bytes *zones;
	size_t zone_count;
	struct bytes region; /* of the second round */
};

static void node_take(const struct origin *origin, struct bytes key, struct bytes *region,
                      struct bytes *zone)
{
	struct bytes value = catalog_get(origin->parts[PART_NODES], key);
	const uint8_t *end = memchr(value.data, 0, value.size);
	size_t size = (size_t)(end - value.data);
	*region = (struct bytes){value.data, size};
	*zone = (struct bytes){end + 1, value.size - size - 1};
}

static void region_count(void *arg, struct bytes key)
{
	struct tally *tally = arg;
	struct bytes region, zone;
	node_take(tally->origin, key, &region, &zone);
	unsigned i = 0;
	while (i < tally->region_count && !bytes_equal(tally->regions[i], region))
		i++;
	if (i == REGIONS_MAX)
		return;
	if (i == tally->region_count) {
		tally->regions[i] = region;
		tally->counts[i] = 0;
		tally->region_count++;
	}
	tally->counts[i]++;
}

static void zone_collect(void *arg, struct bytes key)
{
	struct tally *tally = arg;
	struct bytes region, zone;
	node_take(tally->origin, key, &region, &zone);
	if (zone.size == 0 || !bytes_equal(region, tally->region) ||
	    tally->zone_count == ZONES_READ_MAX)
		return;
	for (size_t i = 0; i < tally->zone_count; i++) {
		if (bytes_equal(tally->zones[i], zone))
			return;
	}
	tally->zones[tally->zone_count++] = zone;
}

/* Of two regions with as many nodes the first by name: it must not change from time to time. */
static bool better(const struct tally *tally, unsigned i, unsigned best)
{
	if (tally->counts[i] != tally->counts[best])
		return tally->counts[i] > tally->counts[best];
	return bytes_compare(tally->regions[i], tally->regions[best]) < 0;
}

void origin_place(const struct origin *origin, struct bytes *zones, struct cluster_seen *out)
{
	struct tally tally = {.origin = origin, .zones = zones};
	catalog_each(origin->parts[PART_NODES], region_count, &tally);
	if (tally.region_count == 0)
		return;
	unsigned best = 0;
	for (unsigned i = 1; i < tally.region_count; i++) {
		if (better(&tally, i, best))
			best = i;
	}
	tally.region = tally.regions[best];
	catalog_each(origin->parts[PART_NODES], zone_collect, &tally);
	out->region = tally.region;
	out->zones = zones;
	out->zone_count = tally.zone_count;
}

/* Places in their fixed order: the global level, regions by label, zones by (region, zone). */
#include "model_internal.h"

#include <stdlib.h>
#include <string.h>

const char *level_text(enum level level)
{
	static const char *const WORDS[LEVEL_COUNT] = {
		[LEVEL_GLOBAL] = "global", [LEVEL_REGION] = "region", [LEVEL_ZONE] = "zone"};
	return WORDS[level];
}

static int place_compare(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	if (a->level != b->level)
		return a->level < b->level ? -1 : 1;
	int order = bytes_compare(a->region, b->region);
	return order != 0 ? order : bytes_compare(a->zone, b->zone);
}

static bool place_equal(const struct place *a, const struct place *b)
{
	return place_compare(a, b) == 0;
}

/** Every rung that some cluster stands on, labels borrowed, unsorted; the global level first. NULL:
 * no memory. */
static struct place *collect(const struct outlook *outlooks, size_t count, size_t *out_count)
{
	size_t room = 1;
	for (size_t i = 0; i < count; i++)
		room += 1 + outlooks[i].zone_count;
	struct place *places = malloc(room * sizeof places[0]);
	if (places == NULL)
		return NULL;
	size_t used = 0;
	places[used++] = (struct place){.level = LEVEL_GLOBAL};
	for (size_t i = 0; i < count; i++) {
		if (outlooks[i].region.size == 0)
			continue;
		places[used++] = (struct place){.level = LEVEL_REGION, .region = outlooks[i].region};
		for (size_t j = 0; j < outlooks[i].zone_count; j++)
			places[used++] = (struct place){
				.level = LEVEL_ZONE, .region = outlooks[i].region, .zone = outlooks[i].zones[j]};
	}
	*out_count = used;
	return places;
}

static size_t unique(struct place *places, size_t count)
{
	size_t kept = 1;
	for (size_t i = 1; i < count; i++)
		if (!place_equal(&places[kept - 1], &places[i]))
			places[kept++] = places[i];
	return kept;
}

static uint16_t place_id(const struct place *places, size_t count, const struct place *key)
{
	const struct place *found = bsearch(key, places, count, sizeof places[0], place_compare);
	assert(found != NULL);
	return (uint16_t)(found - places);
}

static struct bytes copy(struct bytes label, uint8_t **at)
{
	struct bytes copied = {*at, label.size};
	if (label.size != 0)
		memcpy(*at, label.data, label.size);
	*at += label.size;
	return copied;
}

/** One block for all: struct atlas | places | standings | zones | octets of labels. */
static struct atlas *atlas_alloc(const struct place *places, size_t place_count,
                                 const struct outlook *outlooks, size_t count)
{
	size_t zones = 0, octets = 0;
	for (size_t i = 0; i < count; i++)
		zones += outlooks[i].zone_count;
	for (size_t i = 0; i < place_count; i++)
		octets += places[i].region.size + places[i].zone.size;
	struct atlas *atlas =
		malloc(sizeof *atlas + place_count * sizeof(struct place) +
	           count * sizeof(struct standing) + zones * sizeof(uint16_t) + octets);
	if (atlas == NULL)
		return NULL;
	atlas->place_count = place_count;
	atlas->standing_count = count;
	atlas->places = (struct place *)(atlas + 1);
	atlas->standings = (struct standing *)(atlas->places + place_count);
	atlas->zones = (uint16_t *)(atlas->standings + count);
	uint8_t *at = (uint8_t *)(atlas->zones + zones);
	for (size_t i = 0; i < place_count; i++) {
		atlas->places[i] = places[i];
		atlas->places[i].region = copy(places[i].region, &at);
		atlas->places[i].zone = copy(places[i].zone, &at);
	}
	return atlas;
}

static void parents_set(struct atlas *atlas)
{
	for (size_t i = 0; i < atlas->place_count; i++) {
		struct place *place = &atlas->places[i];
		const struct place region = {.level = LEVEL_REGION, .region = place->region};
		place->parent =
			place->level == LEVEL_ZONE ? place_id(atlas->places, atlas->place_count, &region) : 0;
	}
}

static void standings_set(struct atlas *atlas, const struct outlook *outlooks)
{
	uint32_t used = 0;
	for (size_t i = 0; i < atlas->standing_count; i++) {
		const struct outlook *outlook = &outlooks[i];
		struct standing *standing = &atlas->standings[i];
		*standing = (struct standing){.zones_at = used};
		if (outlook->region.size == 0)
			continue;
		struct place key = {.level = LEVEL_REGION, .region = outlook->region};
		standing->region = place_id(atlas->places, atlas->place_count, &key);
		standing->zone_count = (uint16_t)outlook->zone_count;
		key.level = LEVEL_ZONE;
		for (size_t j = 0; j < outlook->zone_count; j++) {
			key.zone = outlook->zones[j];
			atlas->zones[used++] = place_id(atlas->places, atlas->place_count, &key);
		}
	}
}

struct atlas *atlas_new(const struct outlook *outlooks, size_t count)
{
	size_t place_count = 0;
	struct place *places = collect(outlooks, count, &place_count);
	if (places == NULL)
		return NULL;
	qsort(places, place_count, sizeof places[0], place_compare);
	place_count = unique(places, place_count);
	assert(place_count <= PLACES_MAX);
	struct atlas *atlas = atlas_alloc(places, place_count, outlooks, count);
	free(places);
	if (atlas == NULL)
		return NULL;
	parents_set(atlas);
	standings_set(atlas, outlooks);
	return atlas;
}

struct standing atlas_standing(const struct atlas *atlas, size_t cluster)
{
	return cluster < atlas->standing_count ? atlas->standings[cluster] : (struct standing){0};
}

bool atlas_equal(const struct atlas *a, const struct atlas *b)
{
	if (a->place_count != b->place_count)
		return false;
	for (size_t i = 0; i < a->place_count; i++)
		if (!place_equal(&a->places[i], &b->places[i]))
			return false;
	size_t count = a->standing_count > b->standing_count ? a->standing_count : b->standing_count;
	for (size_t i = 0; i < count; i++) {
		struct standing of_a = atlas_standing(a, i), of_b = atlas_standing(b, i);
		if (of_a.region != of_b.region || of_a.zone_count != of_b.zone_count)
			return false;
		if (memcmp(a->zones + of_a.zones_at, b->zones + of_b.zones_at,
		           of_a.zone_count * sizeof a->zones[0]) != 0)
			return false;
	}
	return true;
}

const struct place *model_places(const struct model *model, size_t *count)
{
	*count = model->atlas->place_count;
	return model->atlas->places;
}

#include "bed.h"

#include "fedns/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX   256
#define ENTRIES_MAX 1200

static void note(void *arg, const struct finding *finding)
{
	struct bed *bed = arg;
	bed->finding_count++;
	int written =
		snprintf(bed->notes + bed->notes_size, sizeof bed->notes - bed->notes_size,
	             "%s %s %s:%u: %s\n", finding->severity == SEVERITY_ERROR ? "error" : "warning",
	             finding_reason_text(finding->reason), finding->file == NULL ? "" : finding->file,
	             finding->line, finding->text);
	if (written > 0 && (size_t)written < sizeof bed->notes - bed->notes_size)
		bed->notes_size += (size_t)written;
}

void bed_init(struct bed *bed)
{
	*bed = (struct bed){.now_ms = 1000000};
	bed->findings = (struct findings){.report = note, .arg = bed};
	bed->model = model_new(7);
	assert_non_null(bed->model);
}

void bed_clear(struct bed *bed)
{
	model_free(bed->model);
	bed->model = NULL;
}

const char *bed_notes(struct bed *bed)
{
	static char taken[BED_NOTES_SIZE];
	memcpy(taken, bed->notes, bed->notes_size);
	taken[bed->notes_size] = '\0';
	bed->notes_size = 0;
	bed->finding_count = 0;
	return taken;
}

/** The next run of `text` up to a character of `ends`; `*text` moves behind it. */
static struct bytes word(const char **text, const char *ends)
{
	size_t size = strcspn(*text, ends);
	struct bytes run = {(const uint8_t *)*text, size};
	*text += size + ((*text)[size] != '\0');
	return run;
}

/** "REGION: ZONE ZONE" */
static struct bytes place_read(const char *place, struct bytes *zones, size_t *zone_count)
{
	struct bytes region = word(&place, ":");
	*zone_count = 0;
	while (*place != '\0') {
		struct bytes zone = word(&place, " ");
		assert_true(*zone_count < ITEMS_MAX);
		if (zone.size > 0)
			zones[(*zone_count)++] = zone;
	}
	return region;
}

enum err bed_try_cluster(struct bed *bed, const char *name, const char *place, enum ready ready,
                         int64_t since_ms)
{
	static struct bytes zones[ITEMS_MAX];
	struct cluster_seen seen = {
		.name = bytes_of(name), .zones = zones, .ready = ready, .ready_since_ms = since_ms};
	seen.region = place_read(place, zones, &seen.zone_count);
	return model_stage_cluster(bed->model, &seen, &bed->findings, &bed->why);
}

void bed_ready(struct bed *bed, const char *name, const char *place, enum ready ready,
               int64_t since_ms)
{
	assert_int_equal(bed_try_cluster(bed, name, place, ready, since_ms), ERR_OK);
}

void bed_cluster(struct bed *bed, const char *name, const char *place)
{
	bed_ready(bed, name, place, READY_TRUE, 0);
}

void bed_cluster_gone(struct bed *bed, const char *name)
{
	assert_int_equal(model_stage_cluster_gone(bed->model, bytes_of(name), &bed->why), ERR_OK);
}

/** Items of all ingresses of one call. */
struct items {
	struct address addresses[ENTRIES_MAX];
	struct name hosts[ENTRIES_MAX];
	size_t address_count, host_count;
};

static void item_read(struct items *items, struct bytes text, struct ingress_seen *ingress)
{
	struct why why;
	assert_true(items->address_count < ENTRIES_MAX && items->host_count < ENTRIES_MAX);
	if (address_parse(text, &items->addresses[items->address_count], &why) == ERR_OK) {
		items->address_count++;
		ingress->address_count++;
		return;
	}
	assert_int_equal(name_parse(text, &items->hosts[items->host_count++], &why), ERR_OK);
	ingress->host_count++;
}

static size_t ingresses_read(struct items *items, const char *text, struct ingress_seen *out)
{
	size_t count = 0;
	while (*text != '\0') {
		struct bytes entry = word(&text, " ");
		char copy[16384];
		assert_true(entry.size < sizeof copy && count < ENTRIES_MAX);
		memcpy(copy, entry.data, entry.size);
		copy[entry.size] = '\0';
		const char *at = copy;
		size_t name_size = word(&at, "=").size;
		out[count] = (struct ingress_seen){
			.cluster = {entry.data, name_size},
			.addresses = &items->addresses[items->address_count],
			.hosts = &items->hosts[items->host_count],
		};
		while (*at != '\0')
			item_read(items, word(&at, ","), &out[count]);
		count++;
	}
	return count;
}

static void key_read(const char *key, struct bytes *namespace, struct bytes *name)
{
	*namespace = word(&key, "/");
	*name = bytes_of(key);
}

enum err bed_try_service(struct bed *bed, const char *key, const char *ingresses)
{
	static struct items items;
	static struct ingress_seen seen_ingresses[ENTRIES_MAX];
	struct service_seen seen = {.ingresses = seen_ingresses};
	items.address_count = items.host_count = 0;
	key_read(key, &seen.namespace, &seen.name);
	seen.ingress_count = ingresses_read(&items, ingresses, seen_ingresses);
	return model_stage_service(bed->model, &seen, &bed->findings, &bed->why);
}

void bed_service(struct bed *bed, const char *key, const char *ingresses)
{
	assert_int_equal(bed_try_service(bed, key, ingresses), ERR_OK);
}

void bed_service_gone(struct bed *bed, const char *key)
{
	struct bytes namespace, name;
	key_read(key, &namespace, &name);
	assert_int_equal(model_stage_service_gone(bed->model, namespace, name, &bed->why), ERR_OK);
}

enum err bed_try_commit(struct bed *bed, enum commit how)
{
	return model_commit(bed->model, how, bed->now_ms, &bed->findings, &bed->why);
}

void bed_commit(struct bed *bed)
{
	assert_int_equal(bed_try_commit(bed, COMMIT_CHANGES), ERR_OK);
}

void bed_replace(struct bed *bed)
{
	assert_int_equal(bed_try_commit(bed, COMMIT_REPLACE), ERR_OK);
}

enum err bed_try_policy(struct bed *bed, const char *topology, int64_t grace_ms)
{
	static struct bytes zones[CLUSTERS_MAX + 1][ITEMS_MAX];
	static struct topology all[CLUSTERS_MAX + 1];
	static char places[CLUSTERS_MAX + 1][64];
	size_t count = 0;
	for (; *topology != '\0'; count++) {
		assert_true(count <= CLUSTERS_MAX);
		all[count] = (struct topology){.cluster = word(&topology, "="), .zones = zones[count]};
		struct bytes place = word(&topology, ";");
		(void)snprintf(places[count], sizeof places[count], "%.*s", BYTES_ARG(place));
		all[count].has_region = place.size > 0 && place.data[0] != ':';
		all[count].has_zones = strchr(places[count], ':') != NULL;
		all[count].region = place_read(places[count], zones[count], &all[count].zone_count);
	}
	struct model_policy policy = {all, count, grace_ms};
	return model_set_policy(bed->model, &policy, bed->now_ms, &bed->findings, &bed->why);
}

void bed_policy(struct bed *bed, const char *topology, int64_t grace_ms)
{
	assert_int_equal(bed_try_policy(bed, topology, grace_ms), ERR_OK);
}

enum err bed_try_resolved(struct bed *bed, const char *host, uint8_t family, const char *addresses)
{
	static struct address read[ENTRIES_MAX];
	struct name name;
	size_t count = 0;
	assert_int_equal(name_parse(bytes_of(host), &name, &bed->why), ERR_OK);
	while (*addresses != '\0') {
		assert_true(count < ENTRIES_MAX);
		assert_int_equal(address_parse(word(&addresses, ","), &read[count++], &bed->why), ERR_OK);
	}
	return model_host_resolved(bed->model, &name, family, read, count, &bed->findings, &bed->why);
}

void bed_resolved(struct bed *bed, const char *host, uint8_t family, const char *addresses)
{
	assert_int_equal(bed_try_resolved(bed, host, family, addresses), ERR_OK);
}

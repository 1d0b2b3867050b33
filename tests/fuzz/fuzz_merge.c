/* Any octets as what an API server says of services, endpoints, nodes and clusters, down to the
 * model: never a crash; and when a member is no more, nothing of it is left. */
#include "fuzz.h"
#include "merge.h"
#include "replies.h"

static const struct resource MEMBER[ORIGIN_PARTS] = {
	[PART_SERVICES] = {.path = "/s", .kind = "Service", .list_kind = "ServiceList"},
	[PART_ENDPOINTS] = {.path = "/e", .kind = "EndpointSlice", .list_kind = "EndpointSliceList"},
	[PART_NODES] = {.path = "/n",
                    .kind = "PartialObjectMetadata",
                    .list_kind = "PartialObjectMetadataList",
                    .metadata_only = true},
};
static const struct resource ENDPOINTS = {
	.path = "/e", .kind = "Endpoints", .list_kind = "EndpointsList"};
static const struct resource FEDERATION[ORIGIN_PARTS] = {
	[PART_SERVICES] = {.path = "/s", .kind = "Service", .list_kind = "ServiceList"},
	[PART_CLUSTERS] = {.path = "/c", .kind = "Cluster", .list_kind = "ClusterList"},
};

struct bed {
	struct model *model;
	struct findings nobody;
	struct merge merge;
	struct origin *origin;
	struct reflector *reflectors[ORIGIN_PARTS]; /* NULL: not a part of this kind */
	int64_t now_ms;
};

/* The first octet says what kind of server it is. */
static void bed_make(struct bed *bed, unsigned how)
{
	struct why why;
	bool federation = how % 2 == 1, core = how / 2 % 2 == 1;
	*bed = (struct bed){.model = model_new(1), .now_ms = 1000};
	check(bed->model != NULL);
	check(merge_init(&bed->merge, bed->model, &bed->nobody, 50, &why) == ERR_OK);
	check(merge_add(&bed->merge, federation ? ORIGIN_FEDERATION : ORIGIN_MEMBER, "a", &bed->origin,
	                &why) == ERR_OK);
	bed->origin->endpoints_v1 = core;
	for (unsigned i = 0; i < ORIGIN_PARTS; i++) {
		const struct resource *resource = federation ? &FEDERATION[i] : &MEMBER[i];
		if (bed->origin->parts[i] == NULL)
			continue;
		if (i == PART_ENDPOINTS && core)
			resource = &ENDPOINTS;
		bed->reflectors[i] = reflector_new(resource, &bed->origin->sinks[i], 7);
		check(bed->reflectors[i] != NULL);
	}
}

static void bed_settle(struct bed *bed)
{
	bool committed;
	struct why why;
	check(merge_settle(&bed->merge, bed->now_ms, &committed, &why) == ERR_OK);
}

static void bed_free(struct bed *bed)
{
	for (unsigned i = 0; i < ORIGIN_PARTS; i++)
		reflector_free(bed->reflectors[i]);
	if (bed->origin->kind == ORIGIN_MEMBER) { /* a federation never leaves */
		merge_remove(&bed->merge, bed->origin);
		bed_settle(bed);
		check(model_service_count(bed->model) == 0 && merge_held(&bed->merge) == 0);
	}
	merge_clear(&bed->merge);
	model_free(bed->model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bed bed;
	struct reply reply;
	if (size == 0)
		return 0;
	struct bytes input = {data + 1, size - 1};
	bed_make(&bed, data[0]);
	while (reply_next(&input, &reply)) {
		if (bed.reflectors[reply.part] == NULL)
			continue;
		reply_give(bed.reflectors[reply.part], &reply, false, &bed.now_ms);
		bed_settle(&bed);
	}
	bed_free(&bed);
	return 0;
}

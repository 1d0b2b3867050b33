/* bed: a model that the tests of this room feed with a line and read as text. */
#ifndef FEDNS_TESTS_MODEL_BED_H
#define FEDNS_TESTS_MODEL_BED_H

#include "fedns/model.h"

#include "check.h"

#define BED_NOTES_SIZE 16384

struct bed {
	struct model *model;
	struct findings findings;
	int64_t now_ms;
	struct why why;
	unsigned finding_count;
	size_t notes_size;
	char notes[BED_NOTES_SIZE]; /* findings since bed_notes(): "error|warning REASON FILE:LINE:
	                               TEXT\n" */
};

/** At time 1,000,000 ms, grace 60 s. */
void bed_init(struct bed *bed);
void bed_clear(struct bed *bed);
/** Findings since the last call; borrowed until the next one. */
const char *bed_notes(struct bed *bed);

/* The bare calls give back what the model said; the others assert success. Places: "REGION: ZONE
 * ZONE", "" is neither. */
enum err bed_try_cluster(struct bed *bed, const char *name, const char *place, enum ready ready,
                         int64_t since_ms);
void bed_cluster(struct bed *bed, const char *name, const char *place);
void bed_ready(struct bed *bed, const char *name, const char *place, enum ready ready,
               int64_t since_ms);
void bed_cluster_gone(struct bed *bed, const char *name);
/** `key` is "NAMESPACE/NAME"; `ingresses` is "CLUSTER=ITEM,ITEM CLUSTER= ...", items addresses or
 * host names; "": none. */
enum err bed_try_service(struct bed *bed, const char *key, const char *ingresses);
void bed_service(struct bed *bed, const char *key, const char *ingresses);
void bed_service_gone(struct bed *bed, const char *key);
enum err bed_try_commit(struct bed *bed, enum commit how);
void bed_commit(struct bed *bed);
void bed_replace(struct bed *bed);
/** `topology` is "CLUSTER=PLACE;CLUSTER=PLACE"; a place without ":" overrides the region alone, one
 * that begins with ":" the zones alone. */
enum err bed_try_policy(struct bed *bed, const char *topology, int64_t grace_ms);
void bed_policy(struct bed *bed, const char *topology, int64_t grace_ms);
enum err bed_try_resolved(struct bed *bed, const char *host, uint8_t family, const char *addresses);
void bed_resolved(struct bed *bed, const char *host, uint8_t family, const char *addresses);

/** What changed since the last call, taken: "everything", or the services by name, "NAMESPACE/NAME
 * ...", "#ID" for those that are gone; "" nothing. */
const char *bed_changes(struct bed *bed);

/** The whole model as sorted lines, ids left out. Malloc'd. */
char *bed_dump(const struct model *model);
/** The lines of the dump that begin with `prefix`, joined by "; ". Borrowed until the next call. */
const char *bed_lines(struct bed *bed, const char *prefix);

#endif

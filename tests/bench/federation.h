/* federation: many services in two clusters, a third cluster that lists nothing, published: what
 * the bench programs stand on. */
#ifndef FEDNS_BENCH_FEDERATION_H
#define FEDNS_BENCH_FEDERATION_H

#include "fedns/answer.h"

struct federation {
	struct model *model;
	struct zone *zone;
	struct findings findings;
	struct why why;
};

/** Exit with a sentence unless `err` is ERR_OK. */
void must(enum err err, const struct why *why);
int64_t now_ns(void);

/** `services` services svc-NNNNNN in namespaces ns-0 to ns-999, one address in each of the clusters
 * of regions r0 and r1. */
void federation_open(struct federation *federation, unsigned services);
void federation_close(struct federation *federation);
/** Stage service `n` with addresses that depend on `version`. */
void federation_stage(struct federation *federation, unsigned n, unsigned version);
/** Commit what was staged and publish it. */
void federation_publish(struct federation *federation, enum commit how);

#endif

/* annotation: the ingress annotation of Federation v1, from text to what the model wants. */
#ifndef FEDNS_SOURCE_ANNOTATION_H
#define FEDNS_SOURCE_ANNOTATION_H

#include "fedns/findings.h"
#include "fedns/model.h"
#include "node.h"

/* Of one service, entries of one cluster counted apart: as many as the model keeps in all. */
#define ANNOTATION_ENTRIES_MAX   (INGRESSES_MAX * ADDRESSES_MAX)
#define ANNOTATION_ADDRESSES_MAX (INGRESSES_MAX * ADDRESSES_MAX)
#define ANNOTATION_HOSTS_MAX     (INGRESSES_MAX * ADDRESSES_MAX)

/** What one annotation lists. About 2 MiB, so it is allocated once and reused. */
struct annotation {
	struct nodes nodes; /* holds the cluster names */
	size_t entry_count, address_count, host_count;
	struct ingress_seen entries[ANNOTATION_ENTRIES_MAX];
	struct address addresses[ANNOTATION_ADDRESSES_MAX];
	struct name hosts[ANNOTATION_HOSTS_MAX];
};

MUST_CHECK struct annotation *annotation_new(void);
void annotation_free(struct annotation *annotation);

/**
 * Read the annotation `text` of service NAMESPACE/NAME. What is bad in it is a finding and left
 * out; `entries` holds the rest, valid until the next read or the end of `text`. ERR_NOMEM: it is
 * empty.
 */
MUST_CHECK enum err annotation_read(struct annotation *annotation, struct bytes text,
                                    struct bytes namespace, struct bytes name,
                                    struct findings *findings, struct why *why);

/**
 * As if an annotation listed `cluster` alone, with the items that stand in node `items` of `nodes`
 * (an array; else none): a load balancer's status has the same form.
 */
void annotation_set(struct annotation *annotation, const struct nodes *nodes, uint32_t items,
                    struct bytes cluster, struct bytes namespace, struct bytes name,
                    struct findings *findings);

#endif

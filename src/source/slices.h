/* slices: how many endpoints each service of a cluster has, by EndpointSlices or Endpoints.
 *
 * Only numbers are kept: 16 octets a slice beside the service's key. Slices are found by the label
 * of their service; one whose label is changed by hand leaves its old numbers until the next list.
 */
#ifndef FEDNS_SOURCE_SLICES_H
#define FEDNS_SOURCE_SLICES_H

#include "catalog.h"
#include "walk.h"

/** Names a slice's service. */
#define SERVICE_LABEL "kubernetes.io/service-name"
/** Slices of one service: 100,000 endpoints at 100 each, and mirrored ones. Further ones don't
 * count: see slices_fit(). */
#define SLICES_MAX 2048

/** Of one service; sums over its slices. */
struct endpoint_counts {
	uint32_t ready;    /* conditions.ready, nil is true */
	uint32_t serving;  /* serving and not terminating, whatever `ready` says */
	uint32_t draining; /* serving and terminating */
	bool any;          /* is there a slice at all? */
};

/** What one EndpointSlice or Endpoints object says. */
struct slice_seen {
	uint8_t key[CATALOG_KEY_SIZE_MAX]; /* of its service: NAMESPACE/NAME */
	size_t key_size;                   /* 0: it counts for no service */
	uint64_t name_hash;                /* 64 bits under a secret seed tell slices apart */
	struct endpoint_counts counts;
};

/** Read an EndpointSlice (discovery.k8s.io). One of addressType FQDN, or of no service, counts for
 * none. `seed` is secret, and the same for all of a catalog. */
void slice_read(const struct object *object, uint64_t seed, struct slice_seen *out);
/** Read a core v1 Endpoints. */
void endpoints_read(const struct object *object, uint64_t seed, struct slice_seen *out);

/** Is there room for this slice among those of its service, in force or (`listed`) in the list
 * under way? One that doesn't fit is passed over by the functions below. */
bool slices_fit(const struct catalog *slices, const struct slice_seen *seen, bool listed);
/** Let `slices` hold what was seen, or (`gone`) forget it. `*moved`: did the service's numbers
 * change? ERR_NOMEM, ERR_LIMIT of the catalog: as before. */
MUST_CHECK enum err slices_set(struct catalog *slices, const struct slice_seen *seen, bool gone,
                               bool *moved);
/** The same within a list. */
MUST_CHECK enum err slices_list_add(struct catalog *slices, const struct slice_seen *seen);
/** The numbers of the service `key`. */
struct endpoint_counts slices_counts(const struct catalog *slices, struct bytes key);

#endif

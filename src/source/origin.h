/* origin: what one API server says, kept apart from what others say.
 *
 *     reflectors --> [origin.h] --changed keys--> merge.c --> model
 *
 * A Federation v1 API server tells clusters and, by their annotation, where each service is. A
 * member cluster tells its own services, how many endpoints they have, and by its nodes where it
 * is.
 */
#ifndef FEDNS_SOURCE_ORIGIN_H
#define FEDNS_SOURCE_ORIGIN_H

#include "decode.h"
#include "reflector.h"
#include "slices.h"

struct merge;
struct unpacked;

enum origin_kind { ORIGIN_FEDERATION, ORIGIN_MEMBER };

/** What an origin is asked for; of a federation the first two, of a member all but the clusters. */
enum origin_part {
	PART_SERVICES,
	PART_CLUSTERS,
	PART_ENDPOINTS,
	PART_NODES,
	ORIGIN_PARTS /* how many */
};

struct origin {
	enum origin_kind kind;
	char *name; /* member: its cluster's; federation: "federation" */
	struct merge *merge;
	struct catalog *parts[ORIGIN_PARTS]; /* values: see origin.c; NULL: not of this kind */
	bool synced[ORIGIN_PARTS];           /* a list was whole once, or will never be */
	bool endpoints_v1;                   /* PART_ENDPOINTS is of core Endpoints */
	bool told;                           /* merge.c knows that it is synced */
	struct sink sinks[ORIGIN_PARTS];
	struct part {
		struct origin *origin;
		enum origin_part part;
	} args[ORIGIN_PARTS]; /* of the sinks */
};

/** NULL: no memory. */
MUST_CHECK struct origin *origin_new(enum origin_kind kind, const char *name, struct merge *merge,
                                     uint64_t seed);
void origin_free(struct origin *origin);

/** Is everything known that its services' health hangs on? */
bool origin_synced(const struct origin *origin);
/** The part isn't to be had (forbidden, not served): do without. Nodes alone may be missing. */
void origin_give_up(struct origin *origin, enum origin_part part);

/** Append what this origin says of service `key` to `out`. False: it has no such service. */
bool origin_service(const struct origin *origin, struct bytes key, struct unpacked *out);

/** A cluster as the federation tells it; false: there is none of that name. Borrowed until the
 * catalog changes; zones into `zones[ZONES_READ_MAX]`. */
bool origin_cluster(const struct origin *origin, struct bytes name, struct bytes *zones,
                    struct cluster_seen *out);

/**
 * Where a member is, by its nodes: the region that most of them name, and every zone that is named
 * with it. Empty: they don't say. Borrowed as above.
 */
void origin_place(const struct origin *origin, struct bytes *zones, struct cluster_seen *out);

#endif

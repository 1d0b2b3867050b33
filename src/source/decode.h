/* decode: API objects to staged model events. */
#ifndef FEDNS_SOURCE_DECODE_H
#define FEDNS_SOURCE_DECODE_H

#include "annotation.h"
#include "fedns/source.h"
#include "ports.h"
#include "seen.h"
#include "walk.h"

/* The group of our own kinds, in the last-known-good file. */
#define FEDNS_API "fedns.io/v1"
/* What Federation v1 writes and we read. */
#define ANNOTATION_INGRESSES "federation.kubernetes.io/service-ingresses"

/* Zones of one cluster as given, repeats included; the model keeps ZONES_MAX different ones. */
#define ZONES_READ_MAX (4 * ZONES_MAX)

/* Which kinds a walk stages. */
enum decode_part { DECODE_ALL, DECODE_CLUSTERS, DECODE_SERVICES };

/** One text being decoded. Set up by decoder_init(), ended by decoder_clear(). */
struct decoder {
	struct model *model;
	struct findings *findings;
	struct annotation *annotation;
	struct port ports[PORTS_READ_MAX];  /* of the service at hand */
	struct bytes zones[ZONES_READ_MAX]; /* of the cluster at hand */
	struct seen seen;
	enum decode_part part;
};

MUST_CHECK enum err decoder_init(struct decoder *decoder, struct model *model,
                                 struct findings *findings, struct why *why);
void decoder_clear(struct decoder *decoder);

/** An object_taker whose `arg` is a decoder. */
MUST_CHECK enum err decoder_take(void *decoder, const struct object *object, struct why *why);

/** The object's metadata.name; empty, with a finding, where it has none that can be used. */
struct bytes object_name(const struct object *object, const char *kind, struct findings *findings);

/** cluster.c, service.c: stage one object of that kind. What makes no sense is a finding and left
 * out. */
MUST_CHECK enum err cluster_take(struct decoder *decoder, const struct object *object,
                                 struct why *why);
MUST_CHECK enum err service_take(struct decoder *decoder, const struct object *object,
                                 struct why *why);

/**
 * service.c, cluster.c: the same without staging. A `name` of size 0: it can't be used, and that
 * was reported; no ingresses: it has no names. All borrowed from `object` and `decoder`, until the
 * next read.
 */
MUST_CHECK enum err service_decode(struct decoder *decoder, const struct object *object,
                                   struct service_seen *out, struct why *why);
/** The same of a Service in the cluster `member` itself: its load balancer's addresses are what the
 * cluster lists. */
MUST_CHECK enum err service_decode_member(struct decoder *decoder, const struct object *object,
                                          struct bytes member, struct service_seen *out,
                                          struct why *why);
void cluster_decode(struct decoder *decoder, const struct object *object, struct cluster_seen *out);

#endif

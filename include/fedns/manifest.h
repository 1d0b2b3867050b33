/* manifest: the objects of Kubernetes that a fedns in a cluster consists of: those of
 * conf/kubernetes, which the program has with it, filled in.
 *
 * base.h, kube_apply.h --> [manifest.h] --> cli (`fedns init`)
 *
 * Values go into trees, never into text: none of them can be read as anything but a value.
 */
#ifndef FEDNS_MANIFEST_H
#define FEDNS_MANIFEST_H

#include "fedns/base.h"
#include "fedns/kube_apply.h"

#define MANIFEST_NAMESPACE                                                                         \
	"fedns" /* of the files; of another, the ClusterRoleBinding bears its name */
#define MANIFEST_OBJECTS_MAX     16
#define MANIFEST_REPLICAS_MAX    100
#define MANIFEST_IMAGE_SIZE_MAX  1024               /* octets of its name */
#define MANIFEST_SECRET_SIZE_MAX ((size_t)64 << 10) /* octets of alidns.yaml */
#define MANIFEST_SIZE_MAX        ((size_t)4 << 20)  /* octets of all objects as text */

/** The folders of conf/kubernetes/overlays. */
enum manifest_overlay { MANIFEST_DELEGATED, MANIFEST_PUSH, MANIFEST_ACK };

/** "delegated", "push" or "ack". False: it is none of them. */
bool manifest_overlay_named(const char *name, enum manifest_overlay *out);

/** What is filled in. All borrowed; texts are UTF-8. */
struct manifest_ask {
	enum manifest_overlay overlay;
	const char *namespace;
	const char *image;
	const char *cluster; /* what the cluster that fedns runs in is called */
	const char *federation, *zone;
	unsigned replicas;
	/** "NAME" or "NAME=ADDRESS,ADDRESS" each: the zone's name servers. */
	const char *const *nameservers;
	size_t nameserver_count;
	struct bytes alidns; /* alidns.yaml; empty: no Secret, and the vendor's chain of credentials */
};

struct manifest;

/** ERR_INVALID: a value that can't be what it is to be, with its flag; ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err manifest_make(const struct manifest_ask *ask, struct manifest **out,
                                  struct why *why);
/** NULL is fine. */
void manifest_free(struct manifest *manifest);

/** In the order in which they are to be made. */
size_t manifest_count(const struct manifest *manifest);
/** Borrowed. */
const struct kube_object *manifest_object(const struct manifest *manifest, size_t i);
/** What the object is for: a clause. */
const char *manifest_purpose(const struct manifest *manifest, size_t i);
/** Append all, as a stream of YAML documents. ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err manifest_yaml(const struct manifest *manifest, struct buf *out,
                                  struct why *why);

#endif

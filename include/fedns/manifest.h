/* manifest: the objects of Kubernetes that a fedns in a cluster consists of: those of
 * conf/kubernetes, which the program has with it, filled in.
 *
 * model.h, kube_apply.h --> [manifest.h] --> cli (`fedns init`)
 *
 * Values go into trees, never into text: none of them can be read as anything but a value.
 */
#ifndef FEDNS_MANIFEST_H
#define FEDNS_MANIFEST_H

#include "fedns/base.h"
#include "fedns/kube_apply.h"
#include "fedns/model.h"

struct region;

/* Of the files; of another, the ClusterRoleBinding bears its name. */
#define MANIFEST_NAMESPACE       "fedns"
#define MANIFEST_OBJECTS_MAX     16
#define MANIFEST_REPLICAS_MAX    100
#define MANIFEST_IMAGE_SIZE_MAX  1024               /* octets of its name */
#define MANIFEST_SECRET_SIZE_MAX ((size_t)64 << 10) /* octets of alidns.yaml */
#define MANIFEST_SIZE_MAX        ((size_t)4 << 20)  /* octets of all objects as text */
/* Octets of the members' kubeconfig: an API server takes Secrets of 1 MiB. */
#define MANIFEST_MEMBERS_SIZE_MAX ((size_t)512 << 10)
#define MANIFEST_OPTIONAL_MAX     4 /* objects that one ask makes and another doesn't */

/** The folders of conf/kubernetes/overlays. */
enum manifest_overlay { MANIFEST_DELEGATED, MANIFEST_PUSH, MANIFEST_ACK };

/** "delegated", "push" or "ack". False: it is none of them. */
bool manifest_overlay_named(const char *name, enum manifest_overlay *out);

/** A kubeconfig, each of whose contexts is a member cluster of the same name. */
struct manifest_members {
	struct buf octets; /* the file as it is; a secret */
	const char *names[CLUSTERS_MAX];
	size_t count;
	struct region *memory; /* of the names */
};

/** Read one. ERR_INVALID, ERR_LIMIT: there is no context, one can't be a cluster's name, or
 * works with this machine's files or commands alone; ERR_IO, ERR_NOMEM, and errors of
 * kubeconfig_load(). `out` is to be freed either way. */
MUST_CHECK enum err manifest_members_load(const char *path, struct manifest_members *out,
                                          struct why *why);
/** Secrets are overwritten. */
void manifest_members_free(struct manifest_members *members);

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
	const struct manifest_members *members; /* beside `cluster`; NULL: none */
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
/** Those that another ask for the same namespace would have made, and this one hasn't: into `out`,
 * without their text, in the order in which they can go. Borrowed from the manifest. */
size_t manifest_unwanted(const struct manifest *manifest,
                         struct kube_object out[MANIFEST_OPTIONAL_MAX]);
/** Append all, as a stream of YAML documents. ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err manifest_yaml(const struct manifest *manifest, struct buf *out,
                                  struct why *why);

#endif

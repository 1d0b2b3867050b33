/* kube_apply: objects brought to an API server by server-side apply: made where they are missing,
 * changed where they differ, what others say in them left as it is.
 *
 * base.h, log.h --> [kube_apply.h] --> daemon, cli (`fedns init`)
 */
#ifndef FEDNS_KUBE_APPLY_H
#define FEDNS_KUBE_APPLY_H

#include "fedns/base.h"
#include "fedns/log.h"

#define KUBE_APPLY_CALL_MS 30000 /* one call; an object takes two, a sought one one */

/** All borrowed. Names are those of Kubernetes: kube_apply() puts them into a URL. */
struct kube_object {
	const char *api_version, *kind;
	const char *namespace; /* NULL: it belongs to none */
	const char *name;
	struct bytes text; /* the whole object, JSON */
};

enum kube_applied { KUBE_CREATED, KUBE_CONFIGURED, KUBE_UNCHANGED };

struct kube_apply_setup {
	const char *kubeconfig; /* a file; NULL: as kubectl finds one */
	const char *context;    /* NULL: the current one */
	const char *const *exec_allow;
	size_t exec_allow_count;
	const struct log *log;
	const char *manager; /* who the fields belong to from now on */
	bool force;          /* take fields that another manager has changed */
	/** Object `i` is there. */
	void (*told)(void *arg, size_t i, enum kube_applied what);
	/** The API server took object `i`, or didn't, and warns of something in it. NULL: not told. */
	void (*warned)(void *arg, size_t i, const char *text);
	/** Objects that are looked for when all is done, and no more: without their text. */
	const struct kube_object *sought;
	size_t sought_count;
	/** Object `i` of those sought is there. What the API server doesn't show isn't told of. */
	void (*found)(void *arg, size_t i);
	void *arg;
};

/**
 * One after the other; blocks. ERR_INVALID (an object of a kind or name that isn't known here),
 * errors of kubeconfig_load() and kube_auth_get(), ERR_CONFLICT (another manager has a field, and
 * `force` isn't set), ERR_IO (not reached, or refused): those that were told are done, the others
 * are not, and `why` names the first of them.
 */
MUST_CHECK enum err kube_apply(const struct kube_apply_setup *setup,
                               const struct kube_object *objects, size_t count, struct why *why);

#endif

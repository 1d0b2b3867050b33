/* kube: live state from Kubernetes API servers into the model: the one of a Federation v1, or those
 * of the member clusters themselves.
 *
 * model.h, http.h, kubeconfig.h --> [kube.h] --> daemon
 *
 * Losing sight of an API server takes nothing away; only what it says does (rule 9).
 */
#ifndef FEDNS_KUBE_H
#define FEDNS_KUBE_H

#include "fedns/base.h"
#include "fedns/findings.h"
#include "fedns/http.h"
#include "fedns/log.h"
#include "fedns/model.h"

#include <uv.h>

#define KUBE_MEMBERS_MAX CLUSTERS_MAX
/** Octets of a cluster's name, as of an object of Kubernetes. */
#define KUBE_NAME_SIZE_MAX 253
/** Octets of a label selector: three times as many in a URL, where all must be escaped. */
#define KUBE_SELECTOR_SIZE_MAX 1024

/** Where one API server is found. */
struct kube_member {
	const char *name;       /* of the cluster; of a federation's server: "federation" */
	const char *kubeconfig; /* a file; NULL: as kubectl finds one */
	const char *context;    /* NULL: the current one */
	bool in_cluster;        /* by the service account of our own pod instead */
};

struct kube_setup {
	uv_loop_t *loop;
	struct model *model;       /* may hold a last-known-good state */
	const struct log *log;     /* outlives the source */
	struct findings *findings; /* likewise */
	bool federation;           /* a Federation v1 API server: one member */
	/* of services, of 1..KUBE_SELECTOR_SIZE_MAX octets; NULL: all; copied, as the next two are */
	const char *label_selector;
	const char *const *namespaces; /* of services */
	size_t namespace_count;        /* 0: all */
	const char *const *exec_allow; /* commands that kubeconfigs may name */
	size_t exec_allow_count;
	const struct spawner *spawner; /* runs them; NULL: this process does */
	unsigned max_withdraw_percent; /* of all addresses in a minute, before it needs an approval */
	int64_t (*now_ms)(void *arg);  /* the wall clock */
	void *now_arg;
	/** What was told is in the model now. On the loop. */
	void (*changed)(void *arg);
	/** An API server came into sight, went out of it, or is in other trouble. */
	void (*sighted)(void *arg);
	void *arg;
};

/** May a cluster have this name? It must be one that an object of Kubernetes may have (RFC 1123:
 * labels of a-z, 0-9 and "-", with dots between). ERR_INVALID: `why` says what to give instead, and
 * not the name, which may hold anything. */
MUST_CHECK enum err kube_name_check(const char *name, struct why *why);

struct kube;

/** ERR_NOMEM, ERR_IO. Nothing is asked yet. */
MUST_CHECK enum err kube_new(const struct kube_setup *setup, struct kube **out, struct why *why);
/** End; handles close on the loop, which must run until they have. NULL is fine. */
void kube_free(struct kube *kube);

/**
 * Watch one more API server. ERR_INVALID by kube_name_check(), ERR_CONFLICT (a member of that name
 * is there), ERR_LIMIT, ERR_NOMEM: it is not a member. Errors of kubeconfig_load(): neither, unless
 * `keep` says that it was configured and may have been known before; then it is a member out of
 * sight, and its kubeconfig is tried again from time to time.
 */
MUST_CHECK enum err kube_join(struct kube *kube, const struct kube_member *member, bool keep,
                              struct why *why);
/** Watch it no more: what it said is withdrawn at once. ERR_MISSING. */
MUST_CHECK enum err kube_unjoin(struct kube *kube, const char *name, struct why *why);
/** All members that were configured have joined: what the model holds of other clusters goes. */
void kube_begin(struct kube *kube);
/** Let go what is held back. */
void kube_approve(struct kube *kube);
/** Another max_withdraw_percent. What is held already waits on. */
void kube_set_max_withdraw(struct kube *kube, unsigned percent);

/** What can be told of one API server; texts borrowed until the loop's next turn. */
struct kube_state {
	const char *name, *server;
	bool synced;          /* its lists were whole once */
	bool in_sight;        /* and nothing has gone wrong since with any of them */
	int64_t heard_ago_ms; /* since it last said anything good; -1: never */
	const char *trouble; /* "none", "connect", "credentials", ...; of the first part that has any */
	const char *why;     /* its sentence; empty: none */
	uint64_t lists, watches, events, errors;
	size_t services; /* with names, that it tells of */
};

/** How many API servers there are. */
size_t kube_count(const struct kube *kube);
void kube_state(const struct kube *kube, size_t i, struct kube_state *out);
/** Failures of API server `i` since it joined, by the `reason`-th word of its troubles; false:
 * there are no more words. */
bool kube_errors(const struct kube *kube, size_t i, size_t reason, const char **word,
                 uint64_t *count);
/** When the first of what setup.changed() tells of was heard, by uv_hrtime(); 0: never. */
uint64_t kube_heard_ns(const struct kube *kube);
/** Has every API server told all it has? */
bool kube_synced(const struct kube *kube);
/** Has any? */
bool kube_any_synced(const struct kube *kube);
/** Services whose withdrawal waits for kube_approve(). */
size_t kube_held(const struct kube *kube);

#endif

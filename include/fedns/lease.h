/* lease: who of several replicas may push: a coordination.k8s.io/v1 Lease, held as client-go holds
 * it (package leaderelection), so that mixed fleets agree.
 *
 * http.h, kubeconfig.h --> [lease.h] --> daemon
 */
#ifndef FEDNS_LEASE_H
#define FEDNS_LEASE_H

#include "fedns/base.h"
#include "fedns/http.h"
#include "fedns/log.h"

#define LEASE_DURATION_MS       15000
#define LEASE_RENEW_DEADLINE_MS 10000
#define LEASE_RETRY_MS          2000

struct lease;

struct lease_setup {
	uv_loop_t *loop;
	const struct log *log;  /* outlives the lease */
	const char *kubeconfig; /* a file; NULL: as kubectl finds one */
	const char *context;    /* NULL: the current one */
	bool in_cluster;        /* by the pod's service account instead */
	const char *const *exec_allow;
	size_t exec_allow_count;
	const struct spawner *spawner; /* runs commands; NULL: this process does */
	const char *namespace, *name;  /* of the Lease */
	int64_t (*now_ms)(void *arg);  /* the wall clock, for the times written; never compared */
	void *now_arg;
	/** We hold it from now on, or no longer. On the loop, never from within a call. */
	void (*changed)(void *arg, bool leader);
	void *arg;
};

/** Begins to try at the loop's next turn, as "HOST_UUID", another one each time. Errors of
 * kubeconfig_load(); ERR_INVALID also where namespace or name are none, ERR_IO where there are no
 * random octets. Texts copied. */
MUST_CHECK enum err lease_new(const struct lease_setup *setup, struct lease **out, struct why *why);
/** May a call at the provider start now? We hold it, and the renew deadline, counted from when the
 * last renewal was sent, has not passed by a monotonic clock that counts the machine's sleep too,
 * whatever the loop has been told yet. */
bool lease_held(const struct lease *lease);
/** Who holds it as last seen; "": nobody, or not known. Borrowed until the loop's next turn. */
const char *lease_holder(const struct lease *lease);
/** Its leaseTransitions as last seen: an epoch. */
uint32_t lease_transitions(const struct lease *lease);
/** Give it back, if held, so that another replica can take it at once; `done` is called on the loop
 * when that is over, or after LEASE_RETRY_MS, and after `changed` if there was a change. No pushes
 * may be under way; lease_held() is false from now on. Once only, and it is not tried for again. */
void lease_release(struct lease *lease, void (*done)(void *arg), void *arg);
/** End, without giving anything back. Handles close on the loop. NULL is fine. */
void lease_free(struct lease *lease);

#endif

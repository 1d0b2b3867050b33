/* kube_auth: the credentials of an access as they are now. Some change while the program runs:
 * token files are rotated, commands print tokens that expire, certificates are renewed.
 *
 * kubeconfig.h --> [kube_auth.h] --> whoever speaks to an API server
 *
 * For each request: kube_auth_get(), send what it gives, and tell kube_auth_refused() of a 401
 * (then get and try once more). All on one loop and thread.
 */
#ifndef FEDNS_KUBE_AUTH_H
#define FEDNS_KUBE_AUTH_H

#include "fedns/kubeconfig.h"
#include "fedns/log.h"
#include "fedns/spawner.h"

#include <uv.h>

/** A token file is read again when it was read this long ago; kubelet rotates with minutes to
 * spare. */
#define KUBE_TOKEN_PERIOD_MS ((int64_t)60 * 1000)
/** Likewise files with certificates and keys; client-go's period. */
#define KUBE_PEM_PERIOD_MS ((int64_t)5 * 60 * 1000)
/** A command that takes longer is killed: those of the clouds take seconds, and nobody is asked. */
#define KUBE_EXEC_TIMEOUT_MS 60000
/** Octets that a command may print. */
#define KUBE_EXEC_OUTPUT_MAX ((size_t)256 << 10)

struct kube_auth_setup {
	uv_loop_t *loop;
	const struct kube_access *access; /* outlives the kube_auth */
	const struct log *log; /* likewise; warnings, and at level debug what commands complain */
	int64_t (*now_ms)(void *arg); /* the wall clock, ms since 1970: tokens expire by it */
	void *now_arg;
	const struct spawner *spawner; /* runs the commands; NULL: this process does */
};

struct kube_auth;

/** ERR_NOMEM. Reads and runs nothing yet. */
MUST_CHECK enum err kube_auth_new(const struct kube_auth_setup *setup, struct kube_auth **out,
                                  struct why *why);
/** End: who waits is forgotten, not called; a command that runs is killed. Handles close on the
 * loop, which must run until they have. NULL is fine. */
void kube_auth_free(struct kube_auth *auth);

/** All borrowed for the call. */
struct kube_credentials {
	const char *authorization; /* the header's value; NULL: no such header */
	struct bytes cert, key;    /* PEM of the client certificate; both or none */
	struct bytes ca;         /* PEM; empty: the system's roots, or nothing where access->insecure */
	uint64_t generation;     /* another number: something is different */
	uint64_t tls_generation; /* another number: cert, key or ca are, open new connections */
};

/** `credentials` is NULL on error, `why` says which file or command is to blame. */
typedef void kube_auth_done(void *arg, enum err err, const struct kube_credentials *credentials,
                            const struct why *why);

/** One who waits. The caller's memory, which must stay until it was called or cancelled. */
struct kube_wait {
	kube_auth_done *done;           /* set by the caller */
	void *arg;                      /* likewise */
	struct kube_wait *next, **link; /* kube_auth's */
};

/**
 * Call wait->done once, on the loop, never from within this call: with what there is, after the
 * files that are due were read, or after the command ran if it must. It runs once for all who wait.
 * A file that can't be read or is bad leaves the last good one in use, with a warning in the log.
 * Errors: ERR_INVALID, ERR_IO, ERR_MISSING, ERR_LIMIT (bad files and commands), ERR_AGAIN (the
 * command took too long), ERR_NOMEM. Nothing is tried again by itself: ask again after a pause.
 */
void kube_auth_get(struct kube_auth *auth, struct kube_wait *wait);
/** Forget `wait`, which need not be waiting any more (zeroed or called is fine). */
void kube_auth_cancel(struct kube_wait *wait);

/** The server said 401 to the credentials of `generation`: if they are still the newest, the next
 * get reads the files and runs the command anew. */
void kube_auth_refused(struct kube_auth *auth, uint64_t generation);

#endif

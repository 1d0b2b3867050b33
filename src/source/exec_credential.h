/* exec_credential: what we tell a command that prints credentials, and what it tells us
 * (client.authentication.k8s.io, the type ExecCredential). */
#ifndef FEDNS_SOURCE_EXEC_CREDENTIAL_H
#define FEDNS_SOURCE_EXEC_CREDENTIAL_H

#include "fedns/kubeconfig.h"
#include "secret.h"

/** Octets of the question: the cluster's certificates in base64 are nearly all of it. */
#define EXEC_INFO_SIZE_MAX (2 * KUBE_PEM_SIZE_MAX)

/** Append the value of KUBERNETES_EXEC_INFO. ERR_NOMEM, ERR_LIMIT. */
MUST_CHECK enum err exec_info_write(const struct kube_access *access, struct buf *out);

/** Zeroed is none; ended by exec_credential_clear(). */
struct exec_credential {
	struct secret token, cert, key; /* a token, certificate and key, or all */
	int64_t expires_ms;             /* since 1970; INT64_MAX: never */
};

/** Read the answer. ERR_INVALID: `why` quotes nothing of it. ERR_NOMEM. `*out` is none on error. */
MUST_CHECK enum err exec_credential_read(struct bytes text, const char *api_version,
                                         struct exec_credential *out, struct why *why);
void exec_credential_clear(struct exec_credential *credential);

#endif

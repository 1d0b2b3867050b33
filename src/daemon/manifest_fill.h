/* manifest_fill: values into the trees of objects. False: no memory. */
#ifndef FEDNS_DAEMON_MANIFEST_FILL_H
#define FEDNS_DAEMON_MANIFEST_FILL_H

#include "fedns/manifest.h"

#include <jansson.h>

/** The key of the members' Secret, and so the file in the folder of fedns.yaml. */
#define MANIFEST_MEMBERS_FILE "kubeconfig"

/** Are the values what they are to be? All but those that the configuration's own check judges.
 * ERR_INVALID. */
MUST_CHECK enum err fill_check(const struct manifest_ask *ask, struct why *why);

/** Wherever an object names its namespace, or that of an account. */
MUST_CHECK bool fill_namespace(json_t *tree, const char *namespace);

/** `tree` is fedns.yaml. ERR_INVALID, ERR_NOMEM. */
MUST_CHECK enum err fill_config(json_t *tree, const struct manifest_ask *ask, struct why *why);

/** Another `config` or key makes other pods: they read them once. */
MUST_CHECK bool fill_deployment(json_t *tree, const struct manifest_ask *ask, struct bytes config);

#endif

/* kubeconfig_parts: what each kind of entry means for an access; one file a kind. */
#ifndef FEDNS_SOURCE_KUBECONFIG_PARTS_H
#define FEDNS_SOURCE_KUBECONFIG_PARTS_H

#include "kube_fields.h"

/** Fill `fields->access` by the entry. Errors as of kubeconfig_load(). */
MUST_CHECK enum err cluster_read(const struct kube_fields *fields);
MUST_CHECK enum err user_read(const struct kube_fields *fields, const struct kubeconfig_ask *ask);
/** `fields` is the mapping `exec` of a user. */
MUST_CHECK enum err exec_read(const struct kube_fields *fields, const struct kubeconfig_ask *ask);

/** An access without anything in it yet. ERR_NOMEM. */
MUST_CHECK enum err access_new(struct kube_access **out, struct why *why);

/** kubeconfig_load() of files that have been read, with `read` for the files that they name. */
MUST_CHECK enum err access_read(const struct kube_files *files, const struct kubeconfig_ask *ask,
                                file_reader *read, struct kube_access **out, struct why *why);

#endif

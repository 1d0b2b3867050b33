/* kube_files: the kubeconfig files that count, and what stands in them. */
#ifndef FEDNS_SOURCE_KUBE_FILES_H
#define FEDNS_SOURCE_KUBE_FILES_H

#include "fedns/kubeconfig.h"

struct kube_file {
	const char *path; /* as it was given */
	const struct yaml_node *root;
};

/** Several files as one: of entries with the same name the first file's counts, whole. */
struct kube_files {
	struct region *region; /* of all below; holds secrets */
	struct kube_file list[KUBECONFIG_FILES_MAX];
	size_t count;
};

/** No files yet. ERR_NOMEM. Ended by kube_files_clear(), after an error too. */
MUST_CHECK enum err kube_files_init(struct kube_files *files, struct why *why);
void kube_files_clear(struct kube_files *files);

/** Read `file`; NULL: those of the environment, see kubeconfig_load(). */
MUST_CHECK enum err kube_files_read(struct kube_files *files, const char *file, struct why *why);
/** Add `text`, which `path` holds. */
MUST_CHECK enum err kube_files_add(struct kube_files *files, const char *path, struct bytes text,
                                   struct why *why);

/** The three lists of entries with names. */
enum kube_list { KUBE_CLUSTERS, KUBE_CONTEXTS, KUBE_USERS, KUBE_LISTS /* how many */ };

/** "clusters" and "cluster". */
const char *kube_list_text(enum kube_list list);
const char *kube_entry_text(enum kube_list list);

/** One entry of a list. */
struct kube_entry {
	const struct kube_file *file;
	const struct yaml_node *node; /* what it says; NULL: nothing */
	const char *name;
	unsigned line;
};

/** The entry `name`. False: there is none. */
bool kube_files_find(const struct kube_files *files, enum kube_list list, const char *name,
                     struct kube_entry *out);

/** current-context. NULL: no file sets it. */
const char *kube_files_current(const struct kube_files *files);

/** The paths, and the contexts' names, with commas between, for sentences. What doesn't fit is cut.
 */
void kube_files_paths(const struct kube_files *files, char *text, size_t size);
void kube_files_contexts(const struct kube_files *files, char *text, size_t size);

#endif

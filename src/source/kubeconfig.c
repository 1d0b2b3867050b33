#include "fedns/kubeconfig.h"

#include "fedns/source.h"
#include "kubeconfig_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* Octets of a list of names in a sentence. */
#define NAMES_SIZE 192

enum err access_new(struct kube_access **out, struct why *why)
{
	struct region *memory = region_new();
	struct kube_access *access = memory == NULL ? NULL : region_alloc(memory, sizeof *access);
	*out = access;
	if (access != NULL) {
		access->memory = memory;
		return ERR_OK;
	}
	region_free(memory);
	why_set(why, "no memory for a kubeconfig");
	return ERR_NOMEM;
}

void kube_access_free(struct kube_access *access)
{
	if (access != NULL)
		region_wipe(access->memory);
}

static enum err context_find(const struct kube_files *files, const char *wanted,
                             struct kube_entry *out, struct why *why)
{
	char paths[NAMES_SIZE], contexts[NAMES_SIZE];
	const char *name = wanted != NULL ? wanted : kube_files_current(files);
	if (name != NULL && kube_files_find(files, KUBE_CONTEXTS, name, out))
		return ERR_OK;
	kube_files_paths(files, paths, sizeof paths);
	kube_files_contexts(files, contexts, sizeof contexts);
	const char *there = contexts[0] == '\0' ? "none" : contexts;
	if (name == NULL)
		why_set(why, "%s: no current-context: name one of the contexts (%s)", paths, there);
	else
		why_set(why, "%s: context \"%s\" is not in contexts (%s)", paths, name, there);
	return ERR_MISSING;
}

/* The entry that the context names by its own key "cluster" or "user". `*found` is false where it
 * names none. */
static enum err named_find(const struct kube_fields *context, const struct kube_files *files,
                           enum kube_list list, struct kube_entry *out, bool *found)
{
	const char *key = kube_entry_text(list), *name;
	enum err err = field_text(context, key, &name);
	*found = err == ERR_OK && name != NULL && kube_files_find(files, list, name, out);
	if (err != ERR_OK || name == NULL || *found)
		return err;
	(void)fields_bad(context, key, "%s \"%s\" is not in %s", key, name, kube_list_text(list));
	return ERR_MISSING;
}

static enum err origin_set(struct kube_access *access, const struct kube_entry *context,
                           struct why *why)
{
	char *origin = NULL;
	if (asprintf(&origin, "%s: context \"%s\"", context->file->path, context->name) >= 0) {
		access->origin = region_text(access->memory, bytes_of(origin));
		free(origin);
	}
	if (access->origin != NULL)
		return ERR_OK;
	why_set(why, "no memory for a kubeconfig");
	return ERR_NOMEM;
}

/* The user first: whether there is a client certificate decides about a server without a scheme. */
static enum err entries_read(const struct kube_fields *context, const struct kube_files *files,
                             const struct kubeconfig_ask *ask)
{
	struct kube_access *access = context->access;
	struct kube_fields user = *context, cluster = *context;
	bool has_user, has_cluster;
	user.list = KUBE_USERS;
	cluster.list = KUBE_CLUSTERS;
	enum err err = named_find(context, files, KUBE_CLUSTERS, &cluster.entry, &has_cluster);
	if (err == ERR_OK && !has_cluster)
		return fields_bad(context, NULL, "cluster is missing");
	if (err == ERR_OK)
		err = named_find(context, files, KUBE_USERS, &user.entry, &has_user);
	if (err == ERR_OK)
		err = field_text(context, "cluster", &access->cluster);
	if (err == ERR_OK)
		err = field_text(context, "user", &access->user);
	if (err == ERR_OK && has_user)
		err = user_read(&user, ask);
	return err == ERR_OK ? cluster_read(&cluster) : err;
}

enum err access_read(const struct kube_files *files, const struct kubeconfig_ask *ask,
                     file_reader *read, struct kube_access **out, struct why *why)
{
	struct kube_fields context = {.list = KUBE_CONTEXTS, .prefix = "", .read = read, .why = why};
	*out = NULL;
	enum err err = context_find(files, ask->context, &context.entry, why);
	if (err == ERR_OK)
		err = access_new(&context.access, why);
	if (err == ERR_OK)
		err = fields_check(&context);
	if (err == ERR_OK)
		err = origin_set(context.access, &context.entry, why);
	if (err == ERR_OK)
		err = entries_read(&context, files, ask);
	if (err == ERR_OK) {
		if (context.access->user == NULL)
			context.access->user = "";
		*out = context.access;
		return ERR_OK;
	}
	kube_access_free(context.access);
	return err;
}

enum err kubeconfig_load(const struct kubeconfig_ask *ask, struct kube_access **out,
                         struct why *why)
{
	assert(ask != NULL && out != NULL && why != NULL);
	struct kube_files files;
	*out = NULL;
	enum err err = kube_files_init(&files, why);
	if (err == ERR_OK)
		err = kube_files_read(&files, ask->file, why);
	if (err == ERR_OK)
		err = access_read(&files, ask, file_read, out, why);
	kube_files_clear(&files);
	return err;
}

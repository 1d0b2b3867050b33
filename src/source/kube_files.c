#include "kube_files.h"

#include "fedns/source.h"
#include "secret.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const LISTS[] = {"clusters", "contexts", "users"};
static const char *const ENTRIES[] = {"cluster", "context", "user"};

const char *kube_list_text(enum kube_list list)
{
	assert(list < KUBE_LISTS);
	return LISTS[list];
}

const char *kube_entry_text(enum kube_list list)
{
	assert(list < KUBE_LISTS);
	return ENTRIES[list];
}

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory for a kubeconfig");
	return ERR_NOMEM;
}

enum err kube_files_init(struct kube_files *files, struct why *why)
{
	*files = (struct kube_files){.region = region_new()};
	return files->region != NULL ? ERR_OK : no_memory(why);
}

void kube_files_clear(struct kube_files *files)
{
	region_wipe(files->region);
	*files = (struct kube_files){.region = NULL};
}

/* --- one file ----------------------------------------------------------------------------- */

/* The name of an entry; an entry that isn't a mapping has none. Never NULL: Go takes a missing name
 * for an empty one. */
static struct bytes entry_name(const struct yaml_node *entry)
{
	const struct yaml_node *name = yaml_member(entry, "name");
	if (name == NULL || name->kind != YAML_SCALAR || yaml_is_null(name))
		return bytes_of("");
	return name->text;
}

static enum err file_bad(const char *path, unsigned line, struct why *why)
{
	why_wrap(why, line != 0 ? "%s:%u" : "%s", path, line);
	return ERR_INVALID;
}

/* Names are sought and compared one by one: a list has YAML_ENTRIES_MAX entries at most. */
static enum err list_check(const struct yaml_node *root, enum kube_list list, const char *path,
                           struct why *why)
{
	const struct yaml_node *entries = yaml_member(root, LISTS[list]);
	if (entries == NULL || yaml_is_null(entries))
		return ERR_OK;
	if (entries->kind != YAML_LIST) {
		why_set(why, "%s must be a list", LISTS[list]);
		return file_bad(path, entries->line, why);
	}
	for (const struct yaml_node *entry = entries->first; entry != NULL; entry = entry->next) {
		if (entry->kind != YAML_MAP) {
			why_set(why, "an entry of %s must be a mapping with name and %s", LISTS[list],
			        ENTRIES[list]);
			return file_bad(path, entry->line, why);
		}
		struct bytes name = entry_name(entry);
		for (const struct yaml_node *old = entries->first; old != entry; old = old->next) {
			if (!bytes_equal(entry_name(old), name))
				continue;
			why_set(why, "%s \"%.*s\" is here a second time; the first is in line %u",
			        ENTRIES[list], BYTES_ARG(name), old->line);
			return file_bad(path, entry->line, why);
		}
	}
	return ERR_OK;
}

/* What says that this is something else. A missing kind or version is fine, as for kubectl. */
static enum err head_check(const struct yaml_node *root, const char *path, struct why *why)
{
	static const char *const HEAD[][2] = {{"kind", "Config"}, {"apiVersion", "v1"}};
	if (root->kind != YAML_MAP) {
		why_set(why, "not a kubeconfig: it must be a mapping with clusters, contexts and users");
		return file_bad(path, root->line, why);
	}
	for (size_t i = 0; i < sizeof HEAD / sizeof HEAD[0]; i++) {
		const struct yaml_node *node = yaml_member(root, HEAD[i][0]);
		if (node == NULL || yaml_is_null(node) || bytes_equal(node->text, bytes_of(HEAD[i][1])))
			continue;
		why_set(why, "not a kubeconfig: its %s is \"%.*s\", not %s", HEAD[i][0],
		        BYTES_ARG(node->text), HEAD[i][1]);
		return file_bad(path, node->line, why);
	}
	const struct yaml_node *current = yaml_member(root, "current-context");
	if (current == NULL || current->kind == YAML_SCALAR)
		return ERR_OK;
	why_set(why, "current-context must be the name of a context");
	return file_bad(path, current->line, why);
}

enum err kube_files_add(struct kube_files *files, const char *path, struct bytes text,
                        struct why *why)
{
	const struct yaml_limits limits = {.text_max = KUBECONFIG_TEXT_MAX,
	                                   .aliased_nodes_max = KUBECONFIG_VALUES_MAX};
	if (files->count == KUBECONFIG_FILES_MAX) {
		why_set(why, "more than %d kubeconfig files", KUBECONFIG_FILES_MAX);
		return ERR_LIMIT;
	}
	struct yaml_node *root;
	unsigned line;
	enum err err = yaml_read(text, &limits, files->region, &root, &line, why);
	if (err == ERR_INVALID)
		return file_bad(path, line, why);
	if (err == ERR_OK)
		err = head_check(root, path, why);
	for (enum kube_list list = 0; list < KUBE_LISTS && err == ERR_OK; list++)
		err = list_check(root, list, path, why);
	if (err != ERR_OK)
		return err;
	const char *copy = region_text(files->region, bytes_of(path));
	if (copy == NULL)
		return no_memory(why);
	files->list[files->count++] = (struct kube_file){copy, root};
	return ERR_OK;
}

/* --- which files -------------------------------------------------------------------------- */

static enum err file_add(struct kube_files *files, const char *path, struct why *why)
{
	struct buf text;
	enum err err = file_read(path, KUBECONFIG_SIZE_MAX, &text, why);
	if (err != ERR_OK)
		return err;
	err = kube_files_add(files, path, buf_bytes(&text), why);
	buf_wipe(&text);
	return err;
}

static bool is_missing(const char *path)
{
	struct stat status;
	return stat(path, &status) != 0 && errno == ENOENT;
}

/* Has this very path been read already? */
static bool is_known(const struct kube_files *files, const char *path)
{
	for (size_t i = 0; i < files->count; i++) {
		if (strcmp(files->list[i].path, path) == 0)
			return true;
	}
	return false;
}

/* As kubectl: empty parts, duplicates and files that aren't there are passed over. */
static enum err listed_read(struct kube_files *files, const char *listed, struct why *why)
{
	char *paths = strdup(listed);
	if (paths == NULL)
		return no_memory(why);
	enum err err = ERR_OK;
	char *rest = paths;
	for (char *path; err == ERR_OK && (path = strsep(&rest, ":")) != NULL;) {
		if (*path != '\0' && !is_known(files, path) && !is_missing(path))
			err = file_add(files, path, why);
	}
	free(paths);
	if (err == ERR_OK && files->count == 0) {
		why_set(why, "none of the files that $KUBECONFIG lists is there: %s", listed);
		return ERR_MISSING;
	}
	return err;
}

static enum err home_read(struct kube_files *files, struct why *why)
{
	const char *home = getenv("HOME");
	char *path = NULL;
	if (home == NULL || *home == '\0') {
		why_set(why, "no kubeconfig: name a file, or set $KUBECONFIG or $HOME");
		return ERR_MISSING;
	}
	if (asprintf(&path, "%s/.kube/config", home) < 0)
		return no_memory(why);
	enum err err = ERR_MISSING;
	if (is_missing(path))
		why_set(why, "no kubeconfig: %s is not there; name a file, or set $KUBECONFIG", path);
	else
		err = file_add(files, path, why);
	free(path);
	return err;
}

enum err kube_files_read(struct kube_files *files, const char *file, struct why *why)
{
	const char *listed = getenv("KUBECONFIG");
	if (file != NULL && is_missing(file)) {
		why_set(why, "%s: there is no such file", file);
		return ERR_MISSING;
	}
	if (file != NULL)
		return file_add(files, file, why);
	return listed != NULL && *listed != '\0' ? listed_read(files, listed, why)
	                                         : home_read(files, why);
}

/* --- what stands in them ------------------------------------------------------------------ */

static const struct yaml_node *entries_first(const struct kube_file *file, enum kube_list list)
{
	const struct yaml_node *entries = yaml_member(file->root, LISTS[list]);
	return entries == NULL ? NULL : entries->first;
}

bool kube_files_find(const struct kube_files *files, enum kube_list list, const char *name,
                     struct kube_entry *out)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct yaml_node *entry = entries_first(&files->list[i], list);
		while (entry != NULL && !bytes_equal(entry_name(entry), bytes_of(name)))
			entry = entry->next;
		if (entry == NULL)
			continue;
		const struct yaml_node *node = yaml_member(entry, ENTRIES[list]);
		if (node != NULL && yaml_is_null(node))
			node = NULL;
		*out = (struct kube_entry){&files->list[i], node, name, entry->line};
		return true;
	}
	return false;
}

const char *kube_files_current(const struct kube_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct yaml_node *current = yaml_member(files->list[i].root, "current-context");
		if (current != NULL && !yaml_is_null(current) && current->text.size != 0)
			return (const char *)current->text.data;
	}
	return NULL;
}

static void append(char *text, size_t size, struct bytes more)
{
	size_t used = strlen(text);
	(void)snprintf(text + used, size - used, "%s%.*s", used == 0 ? "" : ", ", BYTES_ARG(more));
}

void kube_files_paths(const struct kube_files *files, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < files->count; i++)
		append(text, size, bytes_of(files->list[i].path));
}

void kube_files_contexts(const struct kube_files *files, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < files->count; i++) {
		const struct yaml_node *entry = entries_first(&files->list[i], KUBE_CONTEXTS);
		for (; entry != NULL; entry = entry->next)
			append(text, size, entry_name(entry));
	}
}

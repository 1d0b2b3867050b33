#include "members.h"

#include "kept.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct members {
	char *path;     /* NULL: nothing is kept */
	json_t *joined; /* [{"name", "kubeconfig", "context", "inCluster"}] */
	json_t *left;   /* ["NAME"] */
};

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory for the list of members");
	return ERR_NOMEM;
}

/* --- the file ----------------------------------------------------------------------------- */

static bool is_member(const json_t *member)
{
	const char *name = json_string_value(json_object_get(member, "name"));
	struct why unheard;
	return name != NULL && kube_name_check(name, &unheard) == ERR_OK;
}

/* Take the two lists out of what the file holds. */
static enum err lists_take(struct members *members, const json_t *root, struct why *why)
{
	json_t *joined = json_object_get(root, "joined"), *left = json_object_get(root, "left");
	bool good = json_is_array(joined) && json_is_array(left);
	for (size_t i = 0; good && i < json_array_size(joined); i++)
		good = is_member(json_array_get(joined, i));
	for (size_t i = 0; good && i < json_array_size(left); i++)
		good = json_is_string(json_array_get(left, i));
	if (!good) {
		why_set(why, "not a list of members that fedns wrote; mend it or remove it");
		return ERR_INVALID;
	}
	members->joined = json_incref(joined);
	members->left = json_incref(left);
	return ERR_OK;
}

static enum err file_take(struct members *members, struct why *why)
{
	json_t *root;
	enum err err = kept_read(members->path, MEMBERS_SIZE_MAX, &root, why);
	if (err != ERR_OK || root == NULL)
		return err;
	err = lists_take(members, root, why);
	json_decref(root);
	if (err != ERR_OK)
		why_wrap(why, "%s", members->path);
	return err;
}

static enum err lists_write(const struct members *members, json_t *joined, json_t *left,
                            struct why *why)
{
	json_t *root = json_pack("{s:O, s:O}", "joined", joined, "left", left);
	if (root == NULL)
		return no_memory(why);
	enum err err = kept_write(members->path, MEMBERS_SIZE_MAX, root, why);
	json_decref(root);
	if (err == ERR_LIMIT)
		why_set(why,
		        "the list of who joined would have more than %zu octets: give shorter names of "
		        "files and contexts, or list clusters in the configuration",
		        MEMBERS_SIZE_MAX);
	return err;
}

/* --- the door ----------------------------------------------------------------------------- */

enum err members_open(const char *dir, struct members **out, struct why *why)
{
	struct members *members = calloc(1, sizeof *members);
	char path[PATH_MAX];
	*out = NULL;
	if (members == NULL)
		return no_memory(why);
	enum err err = ERR_OK;
	if (dir != NULL) {
		(void)snprintf(path, sizeof path, "%s/" MEMBERS_FILE, dir);
		members->path = strdup(path);
		err = members->path == NULL ? no_memory(why) : ERR_OK;
	}
	if (err == ERR_OK && dir != NULL)
		err = file_take(members, why);
	if (err == ERR_OK && members->joined == NULL) {
		members->joined = json_array();
		members->left = json_array();
		if (members->joined == NULL || members->left == NULL)
			err = no_memory(why);
	}
	if (err == ERR_OK)
		*out = members;
	else
		members_free(members);
	return err;
}

void members_free(struct members *members)
{
	if (members == NULL)
		return;
	json_decref(members->joined);
	json_decref(members->left);
	free(members->path);
	free(members);
}

size_t members_count(const struct members *members)
{
	return json_array_size(members->joined);
}

void members_at(const struct members *members, size_t i, struct kube_member *out)
{
	const json_t *member = json_array_get(members->joined, i);
	*out = (struct kube_member){
		.name = json_string_value(json_object_get(member, "name")),
		.kubeconfig = json_string_value(json_object_get(member, "kubeconfig")),
		.context = json_string_value(json_object_get(member, "context")),
		.in_cluster = json_is_true(json_object_get(member, "inCluster")),
	};
}

bool members_left(const struct members *members, const char *name)
{
	for (size_t i = 0; i < json_array_size(members->left); i++) {
		if (strcmp(json_string_value(json_array_get(members->left, i)), name) == 0)
			return true;
	}
	return false;
}

/* Copies of both lists without `name`. */
static enum err lists_without(const struct members *members, const char *name, json_t **joined,
                              json_t **left, struct why *why)
{
	bool good = true;
	*joined = json_array();
	*left = json_array();
	for (size_t i = 0; i < json_array_size(members->joined); i++) {
		json_t *member = json_array_get(members->joined, i);
		if (strcmp(json_string_value(json_object_get(member, "name")), name) != 0)
			good &= json_array_append(*joined, member) == 0;
	}
	for (size_t i = 0; i < json_array_size(members->left); i++) {
		json_t *gone = json_array_get(members->left, i);
		if (strcmp(json_string_value(gone), name) != 0)
			good &= json_array_append(*left, gone) == 0;
	}
	return good && *joined != NULL && *left != NULL ? ERR_OK : no_memory(why);
}

/* Write the lists, then let them be in force. */
static enum err lists_set(struct members *members, enum err err, json_t *joined, json_t *left,
                          struct why *why)
{
	if (err == ERR_OK && members->path == NULL) {
		why_set(why, "\"state_dir\" is not given: there is no place to keep who joined or left");
		err = ERR_MISSING;
	}
	if (err == ERR_OK)
		err = lists_write(members, joined, left, why);
	if (err != ERR_OK) {
		json_decref(joined);
		json_decref(left);
		return err;
	}
	json_decref(members->joined);
	json_decref(members->left);
	members->joined = joined;
	members->left = left;
	return ERR_OK;
}

enum err members_join(struct members *members, const struct kube_member *member, bool configured,
                      struct why *why)
{
	json_t *joined, *left;
	enum err err = lists_without(members, member->name, &joined, &left, why);
	if (err == ERR_OK && !configured &&
	    json_array_append_new(joined,
	                          json_pack("{s:s, s:s?, s:s?, s:b}", "name", member->name,
	                                    "kubeconfig", member->kubeconfig, "context",
	                                    member->context, "inCluster", member->in_cluster)) != 0)
		err = no_memory(why);
	return lists_set(members, err, joined, left, why);
}

enum err members_leave(struct members *members, const char *name, bool configured, struct why *why)
{
	json_t *joined, *left;
	enum err err = lists_without(members, name, &joined, &left, why);
	if (err == ERR_OK && configured && json_array_append_new(left, json_string(name)) != 0)
		err = no_memory(why);
	return lists_set(members, err, joined, left, why);
}

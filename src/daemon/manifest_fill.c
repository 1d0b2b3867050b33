#include "manifest_fill.h"

#include "fedns/config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LABEL_SIZE_MAX 63

static enum err bad(struct why *why, const char *flag, const char *what)
{
	why_set(why, "%s: %s", flag, what);
	return ERR_INVALID;
}

/* Printable ASCII without blanks. */
static bool is_word(const char *text, size_t size_max)
{
	size_t size = strlen(text);
	if (size == 0 || size > size_max)
		return false;
	for (const char *at = text; *at != '\0'; at++) {
		if (*at <= ' ' || *at > '~')
			return false;
	}
	return true;
}

enum err fill_check(const struct manifest_ask *ask, struct why *why)
{
	struct why unused;
	if (strcmp(ask->namespace, "default") == 0 || strncmp(ask->namespace, "kube-", 5) == 0)
		return bad(why, "--namespace",
		           "give one of fedns' own: its rights are made narrow, for all that is in it");
	if (kube_name_check(ask->namespace, &unused) != ERR_OK || strchr(ask->namespace, '.') != NULL ||
	    strlen(ask->namespace) > LABEL_SIZE_MAX)
		return bad(why, "--namespace",
		           "give 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at "
		           "each end");
	if (!is_word(ask->image, MANIFEST_IMAGE_SIZE_MAX))
		return bad(why, "--image", "give the name of an image, without blanks");
	if (kube_name_check(ask->cluster, &unused) != ERR_OK)
		return bad(why, "--cluster-name",
		           "give the host cluster a name of lower-case letters, digits, hyphens and dots; "
		           "without this flag it is that of the context");
	if (ask->replicas == 0 || ask->replicas > MANIFEST_REPLICAS_MAX)
		return bad(why, "--replicas", "give a number from 1 to 100");
	if (ask->nameserver_count > NAMESERVERS_MAX)
		return bad(why, "--nameserver", "it is given too often");
	for (size_t i = 0; i < ask->nameserver_count; i++) {
		if (!is_word(ask->nameservers[i], CONFIG_TEXT_MAX))
			return bad(why, "--nameserver", "give NAME or NAME=ADDRESS,ADDRESS");
	}
	if (ask->alidns.size > MANIFEST_SECRET_SIZE_MAX)
		return bad(why, "--dns-provider-config", "the file is too large for a Secret of this kind");
	return ERR_OK;
}

static bool text_set(json_t *object, const char *key, const char *value)
{
	return json_object_set_new(object, key, json_string(value)) == 0;
}

/* It belongs to no namespace: another fedns in the cluster has another. */
static bool binding_name(json_t *metadata, const char *namespace)
{
	const char *name = json_string_value(json_object_get(metadata, "name"));
	if (strcmp(namespace, MANIFEST_NAMESPACE) == 0)
		return true;
	return json_object_set_new(metadata, "name", json_sprintf("%s-%s", name, namespace)) == 0;
}

bool fill_namespace(json_t *tree, const char *namespace)
{
	json_t *metadata = json_object_get(tree, "metadata");
	const char *kind = json_string_value(json_object_get(tree, "kind"));
	size_t i;
	json_t *subject;
	assert(json_is_object(metadata) && kind != NULL);
	bool good = true;
	if (strcmp(kind, "Namespace") == 0)
		good = text_set(metadata, "name", namespace);
	if (strcmp(kind, "ClusterRoleBinding") == 0)
		good = binding_name(metadata, namespace);
	if (json_object_get(metadata, "namespace") != NULL)
		good = text_set(metadata, "namespace", namespace) && good;
	json_array_foreach(json_object_get(tree, "subjects"), i, subject)
	{
		good = text_set(subject, "namespace", namespace) && good;
	}
	return good;
}

/* --- fedns.yaml --------------------------------------------------------------------------- */

/* "NAME=ADDRESS,ADDRESS" */
static json_t *nameserver_tree(const char *text)
{
	size_t size = strcspn(text, "=");
	json_t *tree = json_pack("{s:s%}", "name", text, size);
	if (text[size] == '\0')
		return tree;
	json_t *addresses = json_array();
	if (json_object_set(tree, "addresses", addresses) != 0) {
		json_decref(addresses);
		json_decref(tree);
		return NULL;
	}
	json_decref(addresses);
	bool good = true;
	for (const char *at = text + size; *at != '\0' && good; at += size) {
		at++;
		size = strcspn(at, ",");
		good = json_array_append_new(addresses, json_stringn(at, size)) == 0;
	}
	if (good)
		return tree;
	json_decref(tree);
	return NULL;
}

static bool nameservers_fill(json_t *tree, const struct manifest_ask *ask)
{
	/* those that the file has are examples */
	(void)json_object_del(tree, "nameservers");
	if (ask->nameserver_count == 0)
		return true;
	json_t *list = json_array();
	bool good = json_object_set(tree, "nameservers", list) == 0;
	for (size_t i = 0; i < ask->nameserver_count && good; i++)
		good = json_array_append_new(list, nameserver_tree(ask->nameservers[i])) == 0;
	json_decref(list);
	return good;
}

/* The contexts of the members' kubeconfig, behind the host cluster. */
static bool members_fill(json_t *clusters, const struct manifest_ask *ask)
{
	bool good = true;
	for (size_t i = 0; ask->members != NULL && i < ask->members->count && good; i++) {
		const char *name = ask->members->names[i];
		good =
			json_array_append_new(clusters, json_pack("{s:s, s:s, s:s}", "name", name, "kubeconfig",
		                                              MANIFEST_MEMBERS_FILE, "context", name)) == 0;
	}
	return good;
}

static bool push_fill(json_t *tree, const struct manifest_ask *ask)
{
	if (ask->overlay == MANIFEST_DELEGATED)
		return true;
	json_t *alidns = json_object_get(json_object_get(tree, "provider"), "alidns");
	json_t *lease = json_object_get(tree, "lease");
	assert(json_is_object(alidns) && json_is_object(lease));
	if (ask->alidns.size == 0)
		(void)json_object_del(alidns, "config");
	return text_set(lease, "namespace", ask->namespace);
}

enum err fill_config(json_t *tree, const struct manifest_ask *ask, struct why *why)
{
	json_t *clusters = json_object_get(json_object_get(tree, "source"), "clusters");
	assert(json_is_array(clusters) && json_array_size(clusters) == 1);
	if (text_set(tree, "federation", ask->federation) && text_set(tree, "zone", ask->zone) &&
	    text_set(json_array_get(clusters, 0), "name", ask->cluster) &&
	    members_fill(clusters, ask) && nameservers_fill(tree, ask) && push_fill(tree, ask))
		return ERR_OK;
	why_set(why, "no memory for the configuration, or a value of it is no UTF-8");
	return ERR_NOMEM;
}

/* --- Deployment --------------------------------------------------------------------------- */

bool fill_deployment(json_t *tree, const struct manifest_ask *ask, struct bytes config)
{
	char mark[2 * 16 + 1];
	struct bytes members = {NULL, 0};
	if (ask->members != NULL)
		members = buf_bytes(&ask->members->octets);
	json_t *spec = json_object_get(tree, "spec");
	json_t *template = json_object_get(spec, "template");
	json_t *containers = json_object_get(json_object_get(template, "spec"), "containers");
	json_t *metadata = json_object_get(template, "metadata");
	assert(json_is_object(metadata) && json_array_size(containers) == 1);
	(void)snprintf(mark, sizeof mark, "%016" PRIx64 "%016" PRIx64, hash_bytes(config, 0),
	               hash_bytes(ask->alidns, 1) ^ hash_bytes(members, 2));
	return fill_namespace(tree, ask->namespace) &&
	       json_object_set_new(spec, "replicas", json_integer(ask->replicas)) == 0 &&
	       text_set(json_array_get(containers, 0), "image", ask->image) &&
	       json_object_set_new(metadata, "annotations",
	                           json_pack("{s:s}", "fedns.io/config", mark)) == 0;
}

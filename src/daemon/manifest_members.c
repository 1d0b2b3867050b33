/* The kubeconfig by which pods reach the other members: one that says everything itself. */
#include "fedns/kube.h"
#include "fedns/kubeconfig.h"
#include "fedns/manifest.h"
#include "fedns/source.h"
#include "fedns/yaml.h"

#include <string.h>

static const char NO_FILE[] =
	"names a file, which a pod hasn't: `kubectl config view --raw --flatten` writes certificates "
	"and keys into the kubeconfig; a token goes into `token`";
static const char NO_COMMAND[] =
	"gets its credentials by a command, which a pod hasn't: give it the token of an account of "
	"fedns' own";
static const char NO_NAME[] =
	"is to be what the cluster is called: lower-case letters, digits, hyphens and dots; see "
	"`kubectl config rename-context`";

static enum err bad(struct why *why, const char *kind, const char *name, const char *what)
{
	why_set(why, "%s \"%s\" %s", kind, name, what);
	return ERR_INVALID;
}

/* Does it work where this machine's files are not? */
static enum err context_check(const char *path, const char *name, struct why *why)
{
	struct why unused;
	struct kube_access *access;
	const struct kubeconfig_ask ask = {.file = path, .context = name};
	if (kube_name_check(name, &unused) != ERR_OK)
		return bad(why, "context", name, NO_NAME);
	enum err err = kubeconfig_load(&ask, &access, why);
	if (err != ERR_OK)
		return err;
	if (access->ca.file != NULL || access->cert.file != NULL || access->key.file != NULL ||
	    access->credential == KUBE_TOKEN_FILE)
		err = bad(why, "context", name, NO_FILE);
	kube_access_free(access);
	return err;
}

/* The text at `key`; "": there is none. */
static const char *text_at(const struct yaml_node *map, const char *key)
{
	const struct yaml_node *node = yaml_member(map, key);
	return node != NULL && node->kind == YAML_SCALAR ? (const char *)node->text.data : "";
}

/* Of contexts or users, whatever they are: kubeconfig_load() is the judge of that. */
static const struct yaml_node *entries(const struct yaml_node *root, const char *key)
{
	const struct yaml_node *list = yaml_member(root, key);
	return list != NULL && list->kind == YAML_LIST ? list->first : NULL;
}

static enum err users_check(const struct yaml_node *root, struct why *why)
{
	for (const struct yaml_node *user = entries(root, "users"); user != NULL; user = user->next) {
		if (yaml_member(yaml_member(user, "user"), "exec") != NULL)
			return bad(why, "user", text_at(user, "name"), NO_COMMAND);
	}
	return ERR_OK;
}

static enum err names_read(const struct yaml_node *root, const char *path,
                           struct manifest_members *out, struct why *why)
{
	enum err err = users_check(root, why);
	const struct yaml_node *context = entries(root, "contexts");
	for (; context != NULL && err == ERR_OK; context = context->next) {
		if (out->count == CLUSTERS_MAX) {
			why_set(why, "more than %d contexts", CLUSTERS_MAX);
			return ERR_LIMIT;
		}
		out->names[out->count] = text_at(context, "name");
		err = context_check(path, out->names[out->count++], why);
	}
	if (err == ERR_OK && out->count == 0) {
		why_set(why, "there are no contexts in it: each is to be a member cluster");
		return ERR_INVALID;
	}
	return err;
}

enum err manifest_members_load(const char *path, struct manifest_members *out, struct why *why)
{
	unsigned line = 0;
	struct yaml_node *root;
	const struct yaml_limits limits = {.text_max = KUBECONFIG_TEXT_MAX};
	*out = (struct manifest_members){.memory = region_new()};
	buf_init(&out->octets, MANIFEST_MEMBERS_SIZE_MAX);
	why_set(why, "no memory for a kubeconfig");
	if (out->memory == NULL)
		return ERR_NOMEM;
	enum err err = file_read(path, MANIFEST_MEMBERS_SIZE_MAX, &out->octets, why);
	if (err != ERR_OK)
		return err;
	err = yaml_read(buf_bytes(&out->octets), &limits, out->memory, &root, &line, why);
	if (err == ERR_INVALID && line != 0)
		why_wrap(why, "line %u", line);
	if (err == ERR_OK)
		err = names_read(root, path, out, why);
	if (err == ERR_OK)
		why->text[0] = '\0';
	else if (strncmp(why->text, path, strlen(path)) != 0)
		why_wrap(why, "%s", path);
	return err;
}

void manifest_members_free(struct manifest_members *members)
{
	if (members->octets.data != NULL)
		explicit_bzero(members->octets.data, members->octets.size);
	buf_free(&members->octets);
	region_wipe(members->memory);
}

/* The objects of conf/kubernetes, one after the other, with what an operator asked for. */
#include "fedns/manifest.h"

#include "config_load.h"
#include "fedns/base64.h"
#include "manifest_fill.h"
#include "manifest_templates.h"
#include "manifest_tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* As base/deployment.yaml mounts them. */
#define ALIDNS_SECRET  "fedns-alidns"
#define MEMBERS_SECRET "fedns-members"

struct manifest {
	json_t *trees[MANIFEST_OBJECTS_MAX];
	char *texts[MANIFEST_OBJECTS_MAX];
	struct kube_object objects[MANIFEST_OBJECTS_MAX];
	size_t count;
};

static const char *const OVERLAYS[] = {
	[MANIFEST_DELEGATED] = "delegated", [MANIFEST_PUSH] = "push", [MANIFEST_ACK] = "ack"};

bool manifest_overlay_named(const char *name, enum manifest_overlay *out)
{
	for (size_t i = 0; i < sizeof OVERLAYS / sizeof OVERLAYS[0]; i++) {
		*out = (enum manifest_overlay)i;
		if (strcmp(OVERLAYS[i], name) == 0)
			return true;
	}
	return false;
}

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory for the objects");
	return ERR_NOMEM;
}

/* --- objects ------------------------------------------------------------------------------ */

static const char *text_at(const json_t *tree, const char *key)
{
	return json_string_value(json_object_get(tree, key));
}

/* Takes `tree` over, NULL too. */
static enum err object_add(struct manifest *manifest, json_t *tree, struct why *why)
{
	assert(manifest->count < MANIFEST_OBJECTS_MAX);
	char *text = tree != NULL ? json_dumps(tree, JSON_COMPACT) : NULL;
	if (text == NULL) {
		json_decref(tree);
		return no_memory(why);
	}
	const json_t *metadata = json_object_get(tree, "metadata");
	manifest->trees[manifest->count] = tree;
	manifest->texts[manifest->count] = text;
	manifest->objects[manifest->count++] =
		(struct kube_object){.api_version = text_at(tree, "apiVersion"),
	                         .kind = text_at(tree, "kind"),
	                         .namespace = text_at(metadata, "namespace"),
	                         .name = text_at(metadata, "name"),
	                         .text = bytes_of(text)};
	return ERR_OK;
}

/* All that are asked for stand in CMakeLists.txt. */
static struct bytes template_text(const char *path)
{
	size_t i = 0;
	while (i < MANIFEST_TEMPLATE_COUNT && strcmp(MANIFEST_TEMPLATES[i].path, path) != 0)
		i++;
	assert(i < MANIFEST_TEMPLATE_COUNT);
	return MANIFEST_TEMPLATES[i].text;
}

/* The text up to the line "---", which is taken off with it. */
static struct bytes document_take(struct bytes *rest)
{
	static const char LINE[] = "\n---\n";
	const size_t size = sizeof LINE - 1;
	struct bytes taken = *rest;
	const uint8_t *end = memmem(rest->data, rest->size, LINE, size);
	if (end == NULL) {
		*rest = (struct bytes){NULL, 0};
		return taken;
	}
	taken.size = (size_t)(end - taken.data) + 1;
	*rest = (struct bytes){end + size, rest->size - taken.size - size + 1};
	return taken;
}

static enum err template_read(const char *path, json_t **out, struct why *why)
{
	enum err err = tree_read(template_text(path), out, why);
	if (err != ERR_OK)
		why_wrap(why, "%s", path);
	return err;
}

/* All objects of a file, of which none differs but by its namespace. */
static enum err file_add(struct manifest *manifest, const char *path,
                         const struct manifest_ask *ask, struct why *why)
{
	struct bytes rest = template_text(path);
	enum err err = ERR_OK;
	while (rest.size != 0 && err == ERR_OK) {
		json_t *tree;
		err = tree_read(document_take(&rest), &tree, why);
		if (err == ERR_OK && !fill_namespace(tree, ask->namespace)) {
			json_decref(tree);
			err = no_memory(why);
		}
		if (err == ERR_OK)
			err = object_add(manifest, tree, why);
		else
			why_wrap(why, "%s", path);
	}
	return err;
}

/* --- those that the ask changes ----------------------------------------------------------- */

static void complaint_take(void *arg, const struct finding *finding)
{
	struct why *why = arg;
	if (finding->severity == SEVERITY_ERROR && why->text[0] == '\0')
		why_set(why, "%s", finding->text);
}

/* What would stop the pods is said here and now. */
static enum err config_check(struct bytes text, struct why *why)
{
	struct why complaint = {{0}};
	struct findings findings = {.report = complaint_take, .arg = &complaint};
	const struct config_flags flags = {.file = "/etc/fedns/fedns.yaml"};
	struct config *config;
	enum err err = config_load_text(&flags, text, &findings, &config, why);
	if (err == ERR_INVALID && complaint.text[0] != '\0')
		why_set(why, "the configuration would be refused: %s", complaint.text);
	config_free(config);
	return err;
}

/* fedns.yaml, into `out`. */
static enum err config_make(const struct manifest_ask *ask, struct buf *out, struct why *why)
{
	const char *path = ask->overlay == MANIFEST_DELEGATED ? "overlays/delegated/fedns.yaml"
	                                                      : "overlays/push/fedns.yaml";
	json_t *tree;
	enum err err = template_read(path, &tree, why);
	if (err != ERR_OK)
		return err;
	err = fill_config(tree, ask, why);
	if (err == ERR_OK && tree_write(tree, out) != ERR_OK)
		err = no_memory(why);
	json_decref(tree);
	return err == ERR_OK ? config_check(buf_bytes(out), why) : err;
}

static enum err config_add(struct manifest *manifest, const struct manifest_ask *ask,
                           struct bytes config, struct why *why)
{
	return object_add(manifest,
	                  json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:{s:s%}}", "apiVersion", "v1",
	                            "kind", "ConfigMap", "metadata", "name", "fedns", "namespace",
	                            ask->namespace, "labels", "app.kubernetes.io/name", "fedns", "data",
	                            "fedns.yaml", (const char *)config.data, config.size),
	                  why);
}

/* The Secret `name`, with a file `key` in it. */
static enum err secret_add(struct manifest *manifest, const struct manifest_ask *ask,
                           const char *name, const char *key, struct bytes octets, struct why *why)
{
	const size_t size = BASE64_TEXT_SIZE(octets.size);
	char *text = malloc(size);
	if (text == NULL)
		return no_memory(why);
	base64_encode(octets, text);
	enum err err = object_add(
		manifest,
		json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:{s:s}}", "apiVersion", "v1", "kind",
	              "Secret", "type", "Opaque", "metadata", "name", name, "namespace", ask->namespace,
	              "labels", "app.kubernetes.io/name", "fedns", "data", key, text),
		why);
	explicit_bzero(text, size);
	free(text);
	return err;
}

static enum err service_add(struct manifest *manifest, const struct manifest_ask *ask,
                            struct why *why)
{
	json_t *tree = NULL, *patch = NULL;
	enum err err = template_read("base/service.yaml", &tree, why);
	if (err == ERR_OK && ask->overlay == MANIFEST_ACK)
		err = template_read("overlays/ack/load-balancer.yaml", &patch, why);
	if (err == ERR_OK && patch != NULL && json_object_update_recursive(tree, patch) != 0)
		err = no_memory(why);
	if (err == ERR_OK && !fill_namespace(tree, ask->namespace))
		err = no_memory(why);
	json_decref(patch);
	if (err == ERR_OK)
		return object_add(manifest, tree, why);
	json_decref(tree);
	return err;
}

static enum err deployment_add(struct manifest *manifest, const struct manifest_ask *ask,
                               struct bytes config, struct why *why)
{
	json_t *tree;
	enum err err = template_read("base/deployment.yaml", &tree, why);
	if (err == ERR_OK && !fill_deployment(tree, ask, config))
		err = no_memory(why);
	if (err == ERR_OK)
		return object_add(manifest, tree, why);
	json_decref(tree);
	return err;
}

/* --- all of them -------------------------------------------------------------------------- */

static enum err all_add(struct manifest *manifest, const struct manifest_ask *ask,
                        struct bytes config, struct why *why)
{
	enum err err = file_add(manifest, "account/account.yaml", ask, why);
	if (err == ERR_OK)
		err = file_add(manifest, "components/member/rbac.yaml", ask, why);
	if (err == ERR_OK && ask->overlay != MANIFEST_DELEGATED)
		err = file_add(manifest, "components/lease/lease.yaml", ask, why);
	if (err == ERR_OK)
		err = config_add(manifest, ask, config, why);
	if (err == ERR_OK && ask->alidns.size != 0)
		err = secret_add(manifest, ask, ALIDNS_SECRET, "alidns.yaml", ask->alidns, why);
	if (err == ERR_OK && ask->members != NULL)
		err = secret_add(manifest, ask, MEMBERS_SECRET, MANIFEST_MEMBERS_FILE,
		                 buf_bytes(&ask->members->octets), why);
	if (err == ERR_OK)
		err = service_add(manifest, ask, why);
	if (err == ERR_OK)
		err = deployment_add(manifest, ask, config, why);
	if (err == ERR_OK)
		err = file_add(manifest, "base/disruption.yaml", ask, why);
	return err == ERR_OK ? file_add(manifest, "base/network.yaml", ask, why) : err;
}

enum err manifest_make(const struct manifest_ask *ask, struct manifest **out, struct why *why)
{
	struct buf config;
	struct manifest *manifest = calloc(1, sizeof *manifest);
	*out = NULL;
	if (manifest == NULL)
		return no_memory(why);
	buf_init(&config, CONFIG_SIZE_MAX);
	enum err err = fill_check(ask, why);
	if (err == ERR_OK)
		err = config_make(ask, &config, why);
	if (err == ERR_OK)
		err = all_add(manifest, ask, buf_bytes(&config), why);
	buf_free(&config);
	if (err == ERR_OK)
		*out = manifest;
	else
		manifest_free(manifest);
	return err;
}

void manifest_free(struct manifest *manifest)
{
	if (manifest == NULL)
		return;
	for (size_t i = 0; i < manifest->count; i++) {
		json_decref(manifest->trees[i]);
		free(manifest->texts[i]);
	}
	free(manifest);
}

size_t manifest_count(const struct manifest *manifest)
{
	return manifest->count;
}

const struct kube_object *manifest_object(const struct manifest *manifest, size_t i)
{
	assert(i < manifest->count);
	return &manifest->objects[i];
}

const char *manifest_purpose(const struct manifest *manifest, size_t i)
{
	static const char *const PURPOSES[][2] = {
		{"Namespace", "where all of it lives, and nothing that needs more rights"},
		{"ServiceAccount", "whom the API servers know fedns as"},
		{"ClusterRole", "may look at services, their endpoints, and nodes"},
		{"ClusterRoleBinding", "gives that to fedns"},
		{"Role", "may hold the lease, so that one replica pushes"},
		{"RoleBinding", "gives that to fedns"},
		{"ConfigMap", "its configuration, fedns.yaml"},
		{"Secret", "the provider's key, alidns.yaml"},
		{"Service", "its load balancer, UDP and TCP 53"},
		{"Deployment", "the replicas"},
		{"PodDisruptionBudget", "one may go at a time"},
		{"NetworkPolicy", "who may speak with them"},
	};
	const char *kind = manifest_object(manifest, i)->kind;
	if (strcmp(manifest_object(manifest, i)->name, MEMBERS_SECRET) == 0)
		return "how the other members are reached, kubeconfig";
	for (size_t at = 0; at < sizeof PURPOSES / sizeof PURPOSES[0]; at++) {
		if (strcmp(PURPOSES[at][0], kind) == 0)
			return PURPOSES[at][1];
	}
	return "";
}

static bool is_made(const struct manifest *manifest, const struct kube_object *object)
{
	for (size_t i = 0; i < manifest->count; i++) {
		const struct kube_object *made = &manifest->objects[i];
		if (strcmp(made->kind, object->kind) == 0 && strcmp(made->name, object->name) == 0)
			return true;
	}
	return false;
}

size_t manifest_unwanted(const struct manifest *manifest,
                         struct kube_object out[MANIFEST_OPTIONAL_MAX])
{
	static const struct kube_object OPTIONAL[MANIFEST_OPTIONAL_MAX] = {
		{.api_version = "rbac.authorization.k8s.io/v1",
	     .kind = "RoleBinding",
	     .name = "fedns-lease"},
		{.api_version = "rbac.authorization.k8s.io/v1", .kind = "Role", .name = "fedns-lease"},
		{.api_version = "v1", .kind = "Secret", .name = ALIDNS_SECRET},
		{.api_version = "v1", .kind = "Secret", .name = MEMBERS_SECRET},
	};
	size_t count = 0;
	for (size_t i = 0; i < MANIFEST_OPTIONAL_MAX; i++) {
		if (is_made(manifest, &OPTIONAL[i]))
			continue;
		out[count] = OPTIONAL[i];
		/* the first is the namespace itself */
		out[count++].namespace = manifest->objects[0].name;
	}
	return count;
}

enum err manifest_yaml(const struct manifest *manifest, struct buf *out, struct why *why)
{
	for (size_t i = 0; i < manifest->count; i++) {
		enum err err = i == 0 ? ERR_OK : buf_add(out, bytes_of("---\n"));
		if (err == ERR_OK)
			err = tree_write(manifest->trees[i], out);
		if (err == ERR_LIMIT)
			why_set(why, "the objects have more than %zu octets in all", out->size_max);
		if (err != ERR_OK)
			return err == ERR_LIMIT ? err : no_memory(why);
	}
	return ERR_OK;
}

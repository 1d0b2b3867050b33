/* The objects of a fedns in a cluster: which there are, what is filled in, and that a value is
 * never more than a value. */
#include "fedns/manifest.h"

#include "check.h"
#include "manifest_tree.h"

#include <string.h>

static const struct manifest_ask GOOD = {
	.overlay = MANIFEST_PUSH,
	.namespace = "fedns",
	.image = "fedns:1",
	.cluster = "hangzhou",
	.federation = "fed",
	.zone = "spacexnice.xyz.",
	.replicas = 2,
	.alidns = {(const uint8_t *)"[Global]\n", 9},
};

static struct manifest *made(const struct manifest_ask *ask)
{
	struct why why = {{0}};
	struct manifest *manifest;
	enum err err = manifest_make(ask, &manifest, &why);
	assert_string_equal(why.text, "");
	assert_int_equal(err, ERR_OK);
	return manifest;
}

/* The object of a kind, as a tree; the caller's. */
static json_t *tree_of(const struct manifest *manifest, const char *kind)
{
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const struct kube_object *object = manifest_object(manifest, i);
		if (strcmp(object->kind, kind) == 0)
			return json_loadb((const char *)object->text.data, object->text.size, 0, NULL);
	}
	return NULL;
}

static void kinds_are(const struct manifest *manifest, const char *expected)
{
	char kinds[512] = "";
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		size_t used = strlen(kinds);
		(void)snprintf(kinds + used, sizeof kinds - used, "%s ",
		               manifest_object(manifest, i)->kind);
		assert_true(manifest_purpose(manifest, i)[0] != '\0');
	}
	assert_string_equal(kinds, expected);
}

static void overlays_have_their_objects(void **state)
{
	(void)state;
	static const char PUSH[] =
		"Namespace ServiceAccount ClusterRole ClusterRoleBinding Role RoleBinding ConfigMap Secret "
		"Service Deployment PodDisruptionBudget NetworkPolicy ";
	struct manifest_ask ask = GOOD;
	struct manifest *manifest = made(&ask);
	kinds_are(manifest, PUSH);
	manifest_free(manifest);

	ask.overlay = MANIFEST_ACK;
	manifest = made(&ask);
	kinds_are(manifest, PUSH);
	json_t *service = tree_of(manifest, "Service");
	const json_t *metadata = json_object_get(service, "metadata");
	assert_true(json_object_size(json_object_get(metadata, "annotations")) > 3);
	/* the patch has changed nothing else */
	assert_int_equal(json_array_size(json_object_get(json_object_get(service, "spec"), "ports")),
	                 2);
	json_decref(service);
	manifest_free(manifest);

	ask.overlay = MANIFEST_DELEGATED;
	ask.alidns = (struct bytes){NULL, 0};
	manifest = made(&ask);
	kinds_are(manifest, "Namespace ServiceAccount ClusterRole ClusterRoleBinding ConfigMap Service "
	                    "Deployment PodDisruptionBudget NetworkPolicy ");
	manifest_free(manifest);
	manifest_free(NULL);
}

static void overlays_are_named(void **state)
{
	(void)state;
	enum manifest_overlay overlay;
	assert_true(manifest_overlay_named("ack", &overlay));
	assert_int_equal(overlay, MANIFEST_ACK);
	assert_true(manifest_overlay_named("delegated", &overlay));
	assert_int_equal(overlay, MANIFEST_DELEGATED);
	assert_false(manifest_overlay_named("", &overlay));
	assert_false(manifest_overlay_named("Push", &overlay));
}

static void the_stream_says_what_the_objects_say(void **state)
{
	(void)state;
	struct why why = {{0}};
	struct buf text;
	struct manifest *manifest = made(&GOOD);
	buf_init(&text, MANIFEST_SIZE_MAX);
	assert_int_equal(manifest_yaml(manifest, &text, &why), ERR_OK);
	const char *at = (const char *)text.data, *end = at + text.size;
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const char *stop = memmem(at, (size_t)(end - at), "\n---\n", 5);
		size_t size = stop != NULL ? (size_t)(stop - at) + 1 : (size_t)(end - at);
		json_t *read;
		struct bytes object = manifest_object(manifest, i)->text;
		json_t *kept = json_loadb((const char *)object.data, object.size, 0, NULL);
		assert_int_equal(tree_read((struct bytes){(const uint8_t *)at, size}, &read, &why), ERR_OK);
		assert_true(json_equal(read, kept));
		json_decref(read);
		json_decref(kept);
		at = stop != NULL ? stop + 5 : end;
	}
	assert_ptr_equal(at, end);
	buf_free(&text);

	buf_init(&text, 100);
	assert_int_equal(manifest_yaml(manifest, &text, &why), ERR_LIMIT);
	assert_string_equal(why.text, "the objects have more than 100 octets in all");
	buf_free(&text);
	manifest_free(manifest);
}

/* "KIND/NAME ..." of those that are needed no more. */
static void unwanted_are(const struct manifest_ask *ask, const char *expected)
{
	char text[256] = "";
	struct kube_object objects[MANIFEST_OPTIONAL_MAX];
	struct manifest *manifest = made(ask);
	size_t count = manifest_unwanted(manifest, objects);
	for (size_t i = 0; i < count; i++) {
		size_t used = strlen(text);
		assert_string_equal(objects[i].namespace, ask->namespace);
		(void)snprintf(text + used, sizeof text - used, "%s/%s ", objects[i].kind, objects[i].name);
	}
	assert_string_equal(text, expected);
	manifest_free(manifest);
}

static void what_another_ask_made_is_known(void **state)
{
	(void)state;
	struct manifest_members members = {.names = {"beijing"}, .count = 1};
	struct manifest_ask ask = GOOD;
	ask.namespace = "dns";
	unwanted_are(&ask, "Secret/fedns-members ");
	ask.members = &members;
	unwanted_are(&ask, "");
	ask.alidns.size = 0;
	unwanted_are(&ask, "Secret/fedns-alidns ");
	ask.members = NULL;
	ask.overlay = MANIFEST_DELEGATED;
	unwanted_are(&ask, "RoleBinding/fedns-lease Role/fedns-lease Secret/fedns-alidns "
	                   "Secret/fedns-members ");
}

static const char *at_path(json_t *tree, const char *const *path)
{
	for (; *path != NULL; path++)
		tree = json_is_array(tree) ? json_array_get(tree, 0) : json_object_get(tree, *path);
	return json_string_value(tree);
}

static void values_come_where_they_belong(void **state)
{
	(void)state;
	static const char *const IMAGE[] = {"spec", "template", "spec", "containers",
	                                    "0",    "image",    NULL};
	static const char *const SUBJECT[] = {"subjects", "0", "namespace", NULL};
	static const char *const BINDING[] = {"metadata", "name", NULL};
	static const char *const NAME[] = {"metadata", "name", NULL};
	struct manifest_ask ask = GOOD;
	ask.namespace = "dns";
	ask.image = "registry.example:5000/x@sha256:0";
	struct manifest *manifest = made(&ask);
	const struct {
		const char *kind;
		const char *const *path;
		const char *value;
	} cases[] = {
		{"Deployment", IMAGE, ask.image},
		{"ClusterRoleBinding", SUBJECT, "dns"},
		{"ClusterRoleBinding", BINDING, "fedns-member-dns"},
		{"ClusterRole", NAME, "fedns-member"},
		{"Namespace", NAME, "dns"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		json_t *tree = tree_of(manifest, cases[i].kind);
		assert_string_equal(at_path(tree, cases[i].path), cases[i].value);
		json_decref(tree);
	}
	manifest_free(manifest);
}

static void refused(const struct manifest_ask *ask, const char *sentence)
{
	struct why why = {{0}};
	struct manifest *manifest;
	assert_int_equal(manifest_make(ask, &manifest, &why), ERR_INVALID);
	assert_null(manifest);
	assert_non_null(strstr(why.text, sentence));
}

static void bad_values_are_refused(void **state)
{
	(void)state;
	static const char *const NAMESPACES[] = {
		"",        "-",
		"A",       "a.b",
		"a b",     "a\nb",
		"a/b",     "ä",
		"default", "kube-system",
		"kube-x",  "0123456789012345678901234567890123456789012345678901234567890123"};
	static const char *const IMAGES[] = {"", "a b", "a\n", "\x7f", "\xff"};
	static const char *const SERVERS[] = {"", "ns1.example. =192.0.2.1", "a\nb"};
	static const char *const BAD_SERVERS[] = {"=", "x..y",
	                                          "ns1.spacexnice.xyz=", "ns1.spacexnice.xyz=x",
	                                          "ns1.spacexnice.xyz=192.0.2.1,"};
	struct manifest_ask ask;
	for (size_t i = 0; i < sizeof NAMESPACES / sizeof NAMESPACES[0]; i++) {
		ask = GOOD;
		ask.namespace = NAMESPACES[i];
		refused(&ask, "--namespace: ");
	}
	for (size_t i = 0; i < sizeof IMAGES / sizeof IMAGES[0]; i++) {
		ask = GOOD;
		ask.image = IMAGES[i];
		refused(&ask, "--image: ");
	}
	ask = GOOD;
	ask.nameserver_count = 1;
	for (size_t i = 0; i < sizeof SERVERS / sizeof SERVERS[0]; i++) {
		ask.nameservers = &SERVERS[i];
		refused(&ask, "--nameserver: ");
	}
	for (size_t i = 0; i < sizeof BAD_SERVERS / sizeof BAD_SERVERS[0]; i++) {
		ask.nameservers = &BAD_SERVERS[i];
		refused(&ask, "the configuration would be refused: ");
	}
	ask = GOOD;
	ask.cluster = "user@cluster";
	refused(&ask, "--cluster-name: ");
	ask = GOOD;
	ask.replicas = 0;
	refused(&ask, "--replicas: ");
	ask.replicas = MANIFEST_REPLICAS_MAX + 1;
	refused(&ask, "--replicas: ");
	ask = GOOD;
	ask.zone = "x..y";
	refused(&ask, "the configuration would be refused: ");
	ask = GOOD;
	ask.alidns.size = MANIFEST_SECRET_SIZE_MAX + 1;
	refused(&ask, "--dns-provider-config: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlays_have_their_objects),
		cmocka_unit_test(overlays_are_named),
		cmocka_unit_test(the_stream_says_what_the_objects_say),
		cmocka_unit_test(what_another_ask_made_is_known),
		cmocka_unit_test(values_come_where_they_belong),
		cmocka_unit_test(bad_values_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

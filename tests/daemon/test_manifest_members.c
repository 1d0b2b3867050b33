/* The kubeconfig of the members: what a pod can do with it is taken, all else is refused by name.
 */
#include "fedns/manifest.h"

#include "check.h"
#include "source/folder.h"

#include <stdio.h>
#include <string.h>

#define REST                                                                                       \
	"clusters: [{name: k, cluster: {server: \"https://192.0.2.1\"}}]\n"                            \
	"users: [{name: u, user: {token: testtoken}}]\n"
#define CONTEXT(name) "{name: " name ", context: {cluster: k, user: u}}"

static enum err loaded(const char *text, struct manifest_members *members, struct why *why)
{
	struct folder folder;
	folder_make(&folder);
	folder_write(&folder, "members", text);
	*why = (struct why){{0}};
	enum err err = manifest_members_load(folder_path(&folder, "members"), members, why);
	assert_int_equal(err != ERR_OK, why->text[0] != '\0');
	if (err != ERR_OK && strstr(why->text, "/members") == NULL)
		fail_msg("no file is named: %s", why->text);
	folder_remove(&folder);
	return err;
}

static void contexts_are_members(void **state)
{
	(void)state;
	static const char TEXT[] =
		"contexts: [" CONTEXT("beijing") ", " CONTEXT("shanghai.example") "]\n" REST;
	struct why why;
	struct manifest_members members;
	assert_int_equal(loaded(TEXT, &members, &why), ERR_OK);
	assert_int_equal(members.count, 2);
	assert_string_equal(members.names[0], "beijing");
	assert_string_equal(members.names[1], "shanghai.example");
	assert_true(bytes_equal(buf_bytes(&members.octets), bytes_of(TEXT)));
	manifest_members_free(&members);
}

static void what_no_pod_can_use_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *sentence;
	} CASES[] = {
		{"", "no contexts"},
		{"contexts: []\n", "no contexts"},
		{"contexts: x\n", "no contexts"},
		{"contexts: [x\n", "line "},
		{"contexts: [" CONTEXT("User@k") "]\n" REST,
	     "context \"User@k\" is to be what the cluster"},
		{"contexts: [{context: {cluster: k}}]\n" REST, "context \"\" is to be"},
		{"contexts: [" CONTEXT("a") ", " CONTEXT("a") "]\n" REST, "\"a\""},
		{"contexts: [{name: a, context: {cluster: x}}]\n" REST, "\"x\" is not in clusters"},
		{"contexts: [{name: a, context: {cluster: k, user: x}}]\n" REST, "\"x\" is not in users"},
		{"contexts: [" CONTEXT("a") "]\nclusters: [{name: k, cluster: {server: \"https://x\"}}]\n"
	                                "users: [{name: u, user: {tokenFile: x}}]\n",
	     "context \"a\" names a file"},
		{"contexts: [" CONTEXT(
			 "a") "]\nclusters: [{name: k, cluster: {server: \"https://x\"}}]\n"
	              "users: [{name: u, user: {exec: {apiVersion: x, command: y}}}]\n",
	     "user \"u\" gets its credentials by a command"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct why why;
		struct manifest_members members;
		assert_int_not_equal(loaded(CASES[i].text, &members, &why), ERR_OK);
		if (strstr(why.text, CASES[i].sentence) == NULL)
			fail_msg("%zu: %s", i, why.text);
		manifest_members_free(&members);
	}
}

static void as_many_as_clusters_may_be(void **state)
{
	(void)state;
	static char text[64 * (CLUSTERS_MAX + 2)];
	size_t used = (size_t)snprintf(text, sizeof text, REST "contexts:\n");
	struct why why;
	struct manifest_members members;
	for (int i = 0; i <= CLUSTERS_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "- " CONTEXT("c%d") "\n", i);
	assert_int_equal(loaded(text, &members, &why), ERR_LIMIT);
	assert_non_null(strstr(why.text, "more than 100 contexts"));
	manifest_members_free(&members);
	assert_int_equal(manifest_members_load("/nonexistent", &members, &why), ERR_IO);
	manifest_members_free(&members);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contexts_are_members),
		cmocka_unit_test(what_no_pod_can_use_is_refused),
		cmocka_unit_test(as_many_as_clusters_may_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

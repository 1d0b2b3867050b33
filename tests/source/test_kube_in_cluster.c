/* kube_in_cluster: what a pod's environment and folder give, and what is said where they don't. */
#include "fedns/kubeconfig.h"

#include "fedns/source.h"

#include "folder.h"

#define PEM_DIR TESTS_DIR "/source/kubeconfig/pem"

static void set(const char *name, const char *value)
{
	assert_int_equal(value == NULL ? unsetenv(name) : setenv(name, value, 1), 0);
}

static void account_make(struct folder *folder)
{
	struct buf ca;
	struct why why;
	folder_make(folder);
	folder_write(folder, "token", "t\n");
	assert_int_equal(file_read(PEM_DIR "/ca.crt", KUBE_PEM_SIZE_MAX, &ca, &why), ERR_OK);
	char *text = strndup((const char *)ca.data, ca.size);
	folder_write(folder, "ca.crt", text);
	free(text);
	buf_free(&ca);
}

static void servers_of_the_environment(void **state)
{
	(void)state;
	static const struct {
		const char *host, *port;
		enum err err;
		const char *says; /* the server, or a part of the sentence */
	} cases[] = {
		{"10.0.0.1", "443", ERR_OK, "https://10.0.0.1:443"},
		{"fd00::1", "6443", ERR_OK, "https://[fd00::1]:6443"},
		{"kubernetes.default.svc", "443", ERR_OK, "https://kubernetes.default.svc:443"},
		{NULL, "443", ERR_MISSING, "this is no pod"},
		{"10.0.0.1", NULL, ERR_MISSING, "this is no pod"},
		{"", "443", ERR_MISSING, "this is no pod"},
		{"10.0.0.1", "0", ERR_INVALID, "KUBERNETES_SERVICE_PORT is \"0\""},
		{"10.0.0.1", "x", ERR_INVALID, "not a port"},
		{"a/b", "443", ERR_INVALID, "not a host"},
	};
	struct folder folder;
	account_make(&folder);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct kube_access *access;
		struct why why = {{0}};
		set("KUBERNETES_SERVICE_HOST", cases[i].host);
		set("KUBERNETES_SERVICE_PORT", cases[i].port);
		assert_int_equal(kube_in_cluster(folder.path, &access, &why), cases[i].err);
		const char *said = access != NULL ? access->server : why.text;
		if (strstr(said, cases[i].says) == NULL)
			fail_msg("\"%s\", not \"%s\"", said, cases[i].says);
		if (access != NULL) {
			assert_int_equal(access->credential, KUBE_TOKEN_FILE);
			assert_string_equal(access->token_file, folder_path(&folder, "token"));
			assert_true(access->ca.octets.size != 0);
		}
		kube_access_free(access);
	}
	folder_remove(&folder);
}

static void a_pod_without_service_account(void **state)
{
	(void)state;
	struct kube_access *access;
	struct why why = {{0}};
	struct folder folder;
	account_make(&folder);
	set("KUBERNETES_SERVICE_HOST", "10.0.0.1");
	set("KUBERNETES_SERVICE_PORT", "443");
	folder_write(&folder, "ca.crt", "nothing\n");
	assert_int_equal(kube_in_cluster(folder.path, &access, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "ca.crt: no certificate in it"));
	assert_int_equal(unlink(folder_path(&folder, "token")), 0);
	assert_int_equal(kube_in_cluster(folder.path, &access, &why), ERR_MISSING);
	assert_non_null(strstr(why.text, "the pod needs a service account, mounted"));
	folder_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_of_the_environment),
		cmocka_unit_test(a_pod_without_service_account),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

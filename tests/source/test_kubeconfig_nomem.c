/* Memory that runs out while a kubeconfig is read, or while credentials are made of one: an error,
 * and nothing lost. */
#include "fedns/kubeconfig.h"

#include "exec_credential.h"

#include "check.h"
#include "nomem.h"

#include <string.h>
#include <unistd.h>

static enum err load(struct why *why)
{
	static const char *const ALLOW[] = {"fedns-test-plugin"};
	const struct kubeconfig_ask ask = {
		.file = "config", .exec_allow = ALLOW, .exec_allow_count = 1};
	struct kube_access *access;
	enum err err = kubeconfig_load(&ask, &access, why);
	assert_int_equal(access != NULL, err == ERR_OK);
	struct buf info;
	buf_init(&info, EXEC_INFO_SIZE_MAX);
	if (err == ERR_OK && access->credential == KUBE_EXEC) {
		err = exec_info_write(access, &info);
		if (err != ERR_OK)
			why_set(why, "no memory");
	}
	buf_free(&info);
	kube_access_free(access);
	return err;
}

static enum err answer(struct why *why)
{
	static const char TEXT[] = "{\"kind\":\"ExecCredential\",\"status\":{\"token\":\"\\u0041\"},"
							   "\"apiVersion\":\"v\"}";
	struct exec_credential credential;
	enum err err = exec_credential_read(bytes_of(TEXT), "v", &credential, why);
	exec_credential_clear(&credential);
	return err;
}

static void each_fails(enum err does(struct why *why))
{
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		struct why why = {{0}};
		nomem_fail_at(n);
		enum err err = does(&why);
		failed = nomem_failed();
		nomem_fail_at(0);
		if (err != (failed ? ERR_NOMEM : ERR_OK))
			fail_msg("allocation %zu: error %d, %s", n, (int)err, why.text);
		assert_int_equal(why.text[0] != '\0', failed);
		assert_true(n < 10000);
	}
}

static void every_failing_allocation_is_an_error(void **state)
{
	(void)state;
	static const char *const CASES[] = {"cluster-with-every-key", "client-certificate-from-data",
	                                    "impersonation", "exec-by-name", "token-and-file"};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		assert_int_equal(chdir(TESTS_DIR "/source/kubeconfig"), 0);
		assert_int_equal(chdir(CASES[i]), 0);
		each_fails(load);
	}
	each_fails(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_failing_allocation_is_an_error)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Memory that runs out: whichever allocation fails, nothing is lost and it is said. */
#include "credentials_bed.h"

#include "nomem.h"

static void a_file_that_finds_no_memory(void **state)
{
	(void)state;
	struct folder folder;
	folder_make(&folder);
	folder_write(&folder, "alidns.yaml",
	             "[Global]\naccess-key-id = testid\naccess-key-secret = testsecret\n");
	for (size_t n = 1;; n++) {
		struct alidns_file file;
		struct why why = {{0}};
		nomem_fail_at(n);
		enum err err = alidns_file_load(folder_path(&folder, "alidns.yaml"), &file, &why);
		bool failed = nomem_failed();
		nomem_fail_at(0);
		assert_int_equal(err, failed ? ERR_NOMEM : ERR_OK);
		assert_int_equal(why.text[0] != '\0', failed);
		alidns_file_free(&file);
		if (!failed) {
			assert_true(n > 1);
			break;
		}
	}
	folder_remove(&folder);
}

static void credentials_that_find_no_memory(void **state)
{
	(void)state;
	struct bed bed;
	struct credentials *credentials;
	struct why why = {{0}};
	bed_make(&bed);
	nomem_fail_at(1);
	assert_int_equal(credentials_new(&bed.credentials->setup, &credentials, &why), ERR_NOMEM);
	assert_true(nomem_failed());
	assert_null(credentials);
	assert_string_equal(why.text, "no memory for credentials");
	bed_end(&bed);
}

/* From the request that is signed to the call that sends it. */
static void a_role_that_finds_no_memory(void **state)
{
	(void)state;
	for (size_t n = 1;; n++) {
		struct bed bed;
		struct said said;
		bed_make(&bed);
		bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "testid");
		bed_setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testsecret");
		bed.file.role_arn = "acs:ram::1:role/dns";
		bed_route(&bed, "/", 200, STS_KEYS("role", IN_AN_HOUR));
		ask(&bed, &said);
		nomem_fail_at(n);
		chain_walk(bed.credentials, false); /* without the loop: the server has its memory */
		bool failed = nomem_failed();
		nomem_fail_at(0);
		while (said.calls == 0)
			bed_turn(&bed);
		if (said.err != ERR_OK)
			assert_non_null(strstr(said.why, "memory"));
		assert_tells_no_secret(said.why);
		bed_end(&bed);
		if (!failed) {
			assert_int_equal(said.err, ERR_OK);
			assert_true(n > 3);
			break;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_finds_no_memory),
		cmocka_unit_test(credentials_that_find_no_memory),
		cmocka_unit_test(a_role_that_finds_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* kube_name: what a cluster may be called, and that nothing else joins. */
#include "rig.h"

#include "fedns/kube.h"

static const char LONGEST[] = "a23456789.123456789.123456789.123456789.123456789."
							  "123456789.123456789.123456789.123456789.123456789."
							  "123456789.123456789.123456789.123456789.123456789."
							  "123456789.123456789.123456789.123456789.123456789."
							  "123456789.123456789.123456789.123456789.123456789."
							  "abc";
static const char *const BAD[] = {
	"",   "b b", "b/c", "b\xc3\xa9", "B",    "b_c",  "-b",
	"b-", ".b",  "b.",  "b..c",      "b.-c", "b\nc", "b\x7f",
};

static void names_of_kubernetes_are_fine(void **state)
{
	(void)state;
	static const char *const GOOD[] = {"a", "0", "cn-beijing", "a.b-c.d", "a--b", LONGEST};
	struct why why;
	assert_int_equal(strlen(LONGEST), KUBE_NAME_SIZE_MAX);
	for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++)
		assert_int_equal(kube_name_check(GOOD[i], &why), ERR_OK);
}

static void other_names_are_not(void **state)
{
	(void)state;
	char longer[sizeof LONGEST + 1];
	struct why why;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		assert_int_equal(kube_name_check(BAD[i], &why), ERR_INVALID);
	(void)snprintf(longer, sizeof longer, "%sd", LONGEST);
	assert_int_equal(kube_name_check(longer, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "give the cluster a name of 1 to 253 "));
}

static int64_t now(void *arg)
{
	(void)arg;
	return RIG_NOW_MS;
}

static void nobody(void *arg)
{
	(void)arg;
}

static void nobody_joins_by_another_name(void **state)
{
	(void)state;
	struct rig rig;
	uv_loop_t loop;
	struct kube *kube;
	const struct log log = {.level = LOG_ERROR, .fd = 2};
	rig_init(&rig);
	assert_int_equal(uv_loop_init(&loop), 0);
	const struct kube_setup setup = {.loop = &loop,
	                                 .model = rig.model,
	                                 .log = &log,
	                                 .findings = &rig.findings,
	                                 .max_withdraw_percent = 50,
	                                 .now_ms = now,
	                                 .changed = nobody,
	                                 .sighted = nobody};
	assert_int_equal(kube_new(&setup, &kube, &rig.why), ERR_OK);
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		const struct kube_member member = {.name = BAD[i], .kubeconfig = "/nowhere"};
		assert_int_equal(kube_join(kube, &member, true, &rig.why), ERR_INVALID);
		assert_int_equal(kube_count(kube), 0);
	}
	kube_free(kube);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	rig_clear(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_kubernetes_are_fine),
		cmocka_unit_test(other_names_are_not),
		cmocka_unit_test(nobody_joins_by_another_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

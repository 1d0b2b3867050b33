/* `join` and `unjoin`: which names are taken from whoever asks. */
#include "control_commands.h"
#include "daemon_internal.h"

#include "check.h"

#include <string.h>

typedef enum err beginning(void *daemon, json_t *arguments, void **out, struct why *why);

/* Begin with this name; what comes of it, and `*why`. */
static enum err begin_by(beginning *begin, const char *name, struct why *why)
{
	static char source; /* there is one, and nobody asks it yet */
	const struct config config = {.source = CONFIG_CLUSTERS};
	struct daemon daemon = {.kube = (struct kube *)&source, .config = (struct config *)&config};
	json_t *arguments = json_pack("{s:s?}", "name", name);
	void *job;
	assert_non_null(arguments);
	enum err err = begin(&daemon, arguments, &job, why);
	assert_int_equal(job != NULL, err == ERR_OK);
	if (job != NULL)
		control_members_end(job);
	json_decref(arguments);
	return err;
}

static void a_cluster_joins_by_a_name_of_kubernetes_alone(void **state)
{
	(void)state;
	static char longer[1001];
	struct why why = {{0}};
	memset(longer, 'a', sizeof longer - 1);
	assert_int_equal(begin_by(control_join_begin, "cn-beijing", &why), ERR_OK);
	assert_int_equal(begin_by(control_join_begin, "b b/\xc3\xa9", &why), ERR_INVALID);
	assert_int_equal(begin_by(control_join_begin, longer, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "give the cluster a name of"));
	assert_int_equal(begin_by(control_join_begin, NULL, &why), ERR_INVALID);
	assert_string_equal(why.text, "give the name of a cluster");
}

/* That there is no such cluster is said where clusters are looked for. */
static void any_name_may_be_asked_to_leave(void **state)
{
	(void)state;
	struct why why = {{0}};
	assert_int_equal(begin_by(control_unjoin_begin, "b b", &why), ERR_OK);
	assert_int_equal(begin_by(control_unjoin_begin, "", &why), ERR_INVALID);
}

/* A state file holds nothing back: that is an answer, and no refusal. */
static void there_may_be_nothing_to_approve(void **state)
{
	(void)state;
	struct why why = {{0}};
	struct config config = {.source = CONFIG_FILE};
	struct daemon daemon = {.config = &config};
	json_t *arguments = json_object();
	void *job;
	assert_non_null(arguments);
	assert_int_equal(control_approve_begin(&daemon, arguments, &job, &why), ERR_OK);
	assert_non_null(job);
	control_members_end(job);
	assert_int_equal(control_join_begin(&daemon, arguments, &job, &why), ERR_CONFLICT);
	json_decref(arguments);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cluster_joins_by_a_name_of_kubernetes_alone),
		cmocka_unit_test(any_name_may_be_asked_to_leave),
		cmocka_unit_test(there_may_be_nothing_to_approve),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

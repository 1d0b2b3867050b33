/* Memory that runs out at any moment: the model is as before, nothing leaks, and the same works
 * when there is memory again. */
#include "bed.h"
#include "nomem.h"

#include <stdlib.h>
#include <string.h>

#define ALLOCATIONS_MAX 1000 /* no operation below takes as many */

static void base(struct bed *bed)
{
	bed_init(bed);
	bed_policy(bed, "hangzhou=:b", 60000);
	bed_cluster(bed, "hangzhou", "cn-hangzhou: cn-hangzhou-b");
	bed_cluster(bed, "beijing", "cn-beijing: cn-beijing-a");
	bed_service(bed, "default/nginx", "hangzhou=120.55.149.69,lb.example shanghai=139.196.70.146");
	bed_service(bed, "default/web", "beijing=192.0.2.1,2001:db8::1");
	bed_service(bed, "default/keep", "beijing=192.0.2.1,lb.example");
	bed_commit(bed);
	bed_resolved(bed, "lb.example", 4, "192.0.2.8");
	(void)bed_changes(bed);
	bed->findings.file = "state.json";
}

/** The first thing that fails ends it, as a caller would. */
static enum err stage_all(struct bed *bed)
{
	static const char *const SERVICES[][2] = {
		{"default/web", "beijing=192.0.2.2,lb.example,new.example"},
		{"other/new", "fourth=192.0.2.3,new.example fourth=new2.example"},
		{"other/new", "fourth=192.0.2.4,lb.example"},
		{"third/n1", "beijing=lb.example"},
		{"third/n2", "beijing=lb.example"},
		{"third/n3", "beijing=lb.example"},
		{"third/n4", "beijing=lb.example"},
		{"third/longer", "beijing=lb.example"},
		{"fifth/a", "sixth=lb.example"},
		{"fifth/b", "seventh=lb.example"},
		{"fifth/b", ""},
		{"default/keep", "beijing=192.0.2.1,lb.example"},
	};
	enum err err = bed_try_cluster(bed, "third", "eu: a b", READY_FALSE, 1);
	if (err == ERR_OK)
		err = bed_try_cluster(bed, "beijing", "", READY_FALSE, 1);
	for (size_t i = 0; err == ERR_OK && i < sizeof SERVICES / sizeof SERVICES[0]; i++)
		err = bed_try_service(bed, SERVICES[i][0], SERVICES[i][1]);
	if (err == ERR_OK)
		err =
			model_stage_service_gone(bed->model, bytes_of("default"), bytes_of("nginx"), &bed->why);
	if (err == ERR_OK)
		err = model_stage_cluster_gone(bed->model, bytes_of("hangzhou"), &bed->why);
	return err;
}

static enum err all_or_nothing(struct bed *bed, enum commit how)
{
	enum err err = stage_all(bed);
	if (err != ERR_OK) {
		model_rollback(bed->model);
		return err;
	}
	return bed_try_commit(bed, how);
}

static void a_change_set_comes_whole_or_not_at_all(void **state)
{
	(void)state;
	for (int how = COMMIT_CHANGES; how <= COMMIT_REPLACE; how++) {
		struct bed bed;
		base(&bed);
		char *before = bed_dump(bed.model);
		uint64_t revision = model_hosts_revision(bed.model);
		size_t n = 1;
		for (;; n++) {
			assert_true(n < ALLOCATIONS_MAX);
			bed.why.text[0] = '\0';
			nomem_fail_at(n);
			enum err err = all_or_nothing(&bed, (enum commit)how);
			bool failed = nomem_failed();
			nomem_fail_at(0);
			if (err == ERR_OK && !failed)
				break;
			/* No memory for the list of changes is no failure: everything counts as changed. */
			assert_int_equal(err, ERR_NOMEM);
			assert_non_null(strstr(bed.why.text, "no memory"));
			char *after = bed_dump(bed.model);
			assert_string_equal(before, after);
			free(after);
			assert_string_equal(bed_changes(&bed), "");
			assert_int_equal(model_hosts_revision(bed.model), revision);
		}
		assert_true(n > 30);
		assert_string_equal(bed_changes(&bed), "everything");
		struct bed fresh;
		base(&fresh);
		assert_int_equal(all_or_nothing(&fresh, (enum commit)how), ERR_OK);
		char *have = bed_dump(bed.model), *want = bed_dump(fresh.model);
		assert_string_equal(have, want);
		free(have);
		free(want);
		free(before);
		bed_clear(&fresh);
		bed_clear(&bed);
	}
}

static void without_memory_for_the_list_everything_changed(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed_service(&bed, "default/web", "beijing=192.0.2.2");
	nomem_fail_at(1);
	enum err err = bed_try_commit(&bed, COMMIT_CHANGES);
	assert_true(nomem_failed());
	nomem_fail_at(0);
	assert_int_equal(err, ERR_OK);
	assert_string_equal(bed_changes(&bed), "everything");
	bed_clear(&bed);
}

static void a_policy_comes_whole_or_not_at_all(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	char *before = bed_dump(bed.model);
	size_t n = 1;
	for (;; n++) {
		assert_true(n < ALLOCATIONS_MAX);
		nomem_fail_at(n);
		enum err err = bed_try_policy(&bed, "shanghai=cn-shanghai:a b;hangzhou=x:y;fresh=z", 1000);
		nomem_fail_at(0);
		if (err == ERR_OK)
			break;
		assert_int_equal(err, ERR_NOMEM);
		char *after = bed_dump(bed.model);
		assert_string_equal(before, after);
		free(after);
		assert_string_equal(bed_changes(&bed), "");
	}
	assert_true(n > 5);
	assert_string_equal(bed_changes(&bed), "everything");
	free(before);
	bed_clear(&bed);
}

static void an_answer_comes_whole_or_not_at_all(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	nomem_fail_at(1);
	enum err err = bed_try_resolved(&bed, "lb.example", 6, "2001:db8::1");
	nomem_fail_at(0);
	assert_int_equal(err, ERR_NOMEM);
	assert_string_equal(bed_lines(&bed, "host "), "host lb.example. resolved 192.0.2.8");
	assert_string_equal(bed_changes(&bed), "");
	bed_clear(&bed);
}

static void verdicts_come_whole_or_not_at_all(void **state)
{
	(void)state;
	const struct verdict verdicts[] = {{1, {4, {192, 0, 2, 1}}, true, false, false, 5, 0},
	                                   {0, {4, {192, 0, 2, 2}}, true, false, false, 5, 0}};
	struct bed bed;
	base(&bed);
	char *before = bed_dump(bed.model);
	size_t n = 1;
	for (;; n++) {
		assert_true(n < ALLOCATIONS_MAX);
		nomem_fail_at(n);
		enum err err = model_set_verdicts(bed.model, 0, verdicts, 2, &bed.why);
		bool failed = nomem_failed();
		nomem_fail_at(0);
		if (err == ERR_OK && !failed)
			break;
		assert_int_equal(err, ERR_NOMEM);
		assert_non_null(strstr(bed.why.text, "no memory"));
		char *after = bed_dump(bed.model);
		assert_string_equal(before, after);
		free(after);
		assert_string_equal(bed_changes(&bed), "");
	}
	assert_int_equal(n, 3); /* the table, which stays; the block */
	assert_string_equal(bed_changes(&bed), "default/nginx");
	free(before);
	bed_clear(&bed);
}

static void a_model_is_made_whole_or_not_at_all(void **state)
{
	(void)state;
	for (size_t n = 1;; n++) {
		nomem_fail_at(n);
		struct model *model = model_new(1);
		bool failed = nomem_failed();
		nomem_fail_at(0);
		assert_int_equal(model == NULL, failed);
		model_free(model);
		if (!failed)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_set_comes_whole_or_not_at_all),
		cmocka_unit_test(without_memory_for_the_list_everything_changed),
		cmocka_unit_test(a_policy_comes_whole_or_not_at_all),
		cmocka_unit_test(an_answer_comes_whole_or_not_at_all),
		cmocka_unit_test(verdicts_come_whole_or_not_at_all),
		cmocka_unit_test(a_model_is_made_whole_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

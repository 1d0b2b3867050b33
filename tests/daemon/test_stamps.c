/* Who follows is told of each change once, and of a whole list where names have gone. */
#include "stamps.h"

#include "model/bed.h"

#include "check.h"

struct rig {
	struct bed bed;
	struct stamps stamps;
};

static int rig_init(void **state)
{
	static struct rig rig;
	rig = (struct rig){.stamps = {.now = 0}};
	bed_init(&rig.bed);
	bed_cluster(&rig.bed, "hangzhou", "cn-hangzhou: cn-hangzhou-b");
	bed_service(&rig.bed, "default/a", "hangzhou=192.0.2.1");
	bed_service(&rig.bed, "default/b", "hangzhou=192.0.2.2");
	bed_commit(&rig.bed);
	*state = &rig;
	return 0;
}

static int rig_clear(void **state)
{
	struct rig *rig = *state;
	stamps_free(&rig->stamps);
	bed_clear(&rig->bed);
	return 0;
}

/* As a publish does. */
static uint32_t publish(struct rig *rig)
{
	stamps_take(&rig->stamps, rig->bed.model);
	model_changes_taken(rig->bed.model);
	return rig->stamps.now;
}

static unsigned newer_count(const struct rig *rig, uint32_t since)
{
	unsigned count = 0;
	for (uint32_t id = 0; id < model_service_limit(rig->bed.model); id++)
		count += stamps_newer(&rig->stamps, id, since);
	return count;
}

static void a_change_is_of_its_service_alone(void **state)
{
	struct rig *rig = *state;
	uint32_t begun = publish(rig);
	assert_false(stamps_need_all(&rig->stamps, begun));
	assert_int_equal(newer_count(rig, begun), 0);
	bed_service(&rig->bed, "default/b", "hangzhou=192.0.2.3");
	bed_commit(&rig->bed);
	uint32_t changed = publish(rig);
	assert_true(changed > begun);
	assert_false(stamps_need_all(&rig->stamps, begun));
	assert_int_equal(newer_count(rig, begun), 1);
	assert_int_equal(newer_count(rig, changed), 0);
}

static void nothing_changed_is_no_change(void **state)
{
	struct rig *rig = *state;
	uint32_t begun = publish(rig);
	assert_int_equal(publish(rig), begun);
}

static void a_service_that_is_gone_needs_the_whole_list(void **state)
{
	struct rig *rig = *state;
	uint32_t begun = publish(rig);
	bed_service_gone(&rig->bed, "default/a");
	bed_commit(&rig->bed);
	uint32_t gone = publish(rig);
	assert_true(stamps_need_all(&rig->stamps, begun));
	assert_false(stamps_need_all(&rig->stamps, gone));
}

/* The id of who went may be another's at once. */
static void a_name_in_anothers_place_needs_the_whole_list(void **state)
{
	struct rig *rig = *state;
	uint32_t begun = publish(rig);
	bed_service_gone(&rig->bed, "default/a");
	bed_commit(&rig->bed);
	bed_service(&rig->bed, "default/c", "hangzhou=192.0.2.1");
	bed_commit(&rig->bed);
	uint32_t after = publish(rig);
	assert_true(stamps_need_all(&rig->stamps, begun));
	assert_false(stamps_need_all(&rig->stamps, after));
}

static void a_new_service_does_not(void **state)
{
	struct rig *rig = *state;
	uint32_t begun = publish(rig);
	bed_service(&rig->bed, "default/c", "hangzhou=192.0.2.9");
	bed_commit(&rig->bed);
	(void)publish(rig);
	assert_false(stamps_need_all(&rig->stamps, begun));
	assert_int_equal(newer_count(rig, begun), 1);
}

static void places_that_move_need_the_whole_list(void **state)
{
	struct rig *rig = *state;
	uint32_t begun = publish(rig);
	bed_cluster(&rig->bed, "beijing", "cn-beijing: cn-beijing-a");
	bed_commit(&rig->bed);
	(void)publish(rig);
	assert_true(stamps_need_all(&rig->stamps, begun));
}

static void who_knows_more_than_there_was_needs_the_whole_list(void **state)
{
	struct rig *rig = *state;
	assert_true(stamps_need_all(&rig->stamps, publish(rig) + 1));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, rig_init, rig_clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_change_is_of_its_service_alone),
		TEST(nothing_changed_is_no_change),
		TEST(a_service_that_is_gone_needs_the_whole_list),
		TEST(a_name_in_anothers_place_needs_the_whole_list),
		TEST(a_new_service_does_not),
		TEST(places_that_move_need_the_whole_list),
		TEST(who_knows_more_than_there_was_needs_the_whole_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* members: who joined and who left is there after a restart, and what is written can be read. */
#include "members.h"

#include "check.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct kept {
	char dir[32], file[64];
	struct members *members;
	struct why why;
};

static void kept_open(struct kept *kept)
{
	if (members_open(kept->dir, &kept->members, &kept->why) != ERR_OK)
		fail_msg("%s", kept->why.text);
}

static void kept_make(struct kept *kept)
{
	*kept = (struct kept){.dir = "/tmp/fedns-test-XXXXXX"};
	assert_non_null(mkdtemp(kept->dir));
	(void)snprintf(kept->file, sizeof kept->file, "%s/" MEMBERS_FILE, kept->dir);
	kept_open(kept);
}

static void kept_end(struct kept *kept)
{
	members_free(kept->members);
	(void)unlink(kept->file);
	assert_int_equal(rmdir(kept->dir), 0);
}

static void restart(struct kept *kept)
{
	members_free(kept->members);
	kept_open(kept);
}

static void who_joined_and_left_is_there_after_a_restart(void **state)
{
	(void)state;
	struct kept kept;
	struct kube_member member = {.name = "a", .kubeconfig = "/k", .context = "c"};
	kept_make(&kept);
	assert_int_equal(members_join(kept.members, &member, false, &kept.why), ERR_OK);
	assert_int_equal(members_leave(kept.members, "b", true, &kept.why), ERR_OK);
	restart(&kept);
	assert_int_equal(members_count(kept.members), 1);
	members_at(kept.members, 0, &member);
	assert_string_equal(member.name, "a");
	assert_string_equal(member.kubeconfig, "/k");
	assert_string_equal(member.context, "c");
	assert_true(members_left(kept.members, "b"));
	kept_end(&kept);
}

/* Refused when it is asked for, and not at the next start. */
static void the_file_never_outgrows_what_is_read(void **state)
{
	(void)state;
	static char path[MEMBERS_SIZE_MAX];
	struct kept kept;
	const struct kube_member small = {.name = "a"}, large = {.name = "b", .kubeconfig = path};
	kept_make(&kept);
	memset(path, 'k', sizeof path - 1);
	assert_int_equal(members_join(kept.members, &small, false, &kept.why), ERR_OK);
	assert_int_equal(members_join(kept.members, &large, false, &kept.why), ERR_LIMIT);
	assert_non_null(strstr(kept.why.text, "more than 1048576 octets"));
	assert_int_equal(members_count(kept.members), 1);
	restart(&kept);
	assert_int_equal(members_count(kept.members), 1);
	path[sizeof path - 1024] = '\0'; /* room for what stands around it */
	assert_int_equal(members_join(kept.members, &large, false, &kept.why), ERR_OK);
	restart(&kept);
	assert_int_equal(members_count(kept.members), 2);
	kept_end(&kept);
}

static void a_name_that_nobody_joined_by_is_told(void **state)
{
	(void)state;
	struct kept kept;
	kept_make(&kept);
	FILE *file = fopen(kept.file, "w");
	assert_non_null(file);
	assert_true(fputs("{\"joined\": [{\"name\": \"b b\"}], \"left\": []}", file) >= 0);
	assert_int_equal(fclose(file), 0);
	struct members *members;
	assert_int_equal(members_open(kept.dir, &members, &kept.why), ERR_INVALID);
	assert_null(members);
	assert_non_null(strstr(kept.why.text, "not a list of members that fedns wrote"));
	kept_end(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_joined_and_left_is_there_after_a_restart),
		cmocka_unit_test(the_file_never_outgrows_what_is_read),
		cmocka_unit_test(a_name_that_nobody_joined_by_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

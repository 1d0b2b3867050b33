/* privileges: the state directory, and becoming somebody else for good. */
#include "privileges.h"

#include "check.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void makes_the_directory_and_takes_one_that_is_there(void **state)
{
	(void)state;
	char base[] = "/tmp/fedns-test-XXXXXX", dir[64];
	struct why why = {{0}};
	struct stat made;
	assert_non_null(mkdtemp(base));
	(void)snprintf(dir, sizeof dir, "%s/state", base);
	mode_t mask = umask(022);
	assert_int_equal(state_dir_make(dir, NULL, &why), ERR_OK);
	(void)umask(mask);
	assert_int_equal(stat(dir, &made), 0);
	assert_int_equal(made.st_mode & 0777, 0750);
	assert_int_equal(state_dir_make(dir, NULL, &why), ERR_OK);
	(void)rmdir(dir);
	(void)rmdir(base);
}

/* What is at DIR before, and what root makes of it for nobody. */
static void gives_away_only_what_nobody_misses(void **state)
{
	(void)state;
	enum kind { MISSING, EMPTY, FULL, LINK };
	static const struct {
		enum kind kind;
		uid_t owner;
		bool good;
		const char *why;
	} CASES[] = {
		{MISSING, 0, true, ""},
		{EMPTY, 0, true, ""},
		{FULL, 0, false, "`chown -R nobody "},
		{EMPTY, 1, false, "`chown -R nobody "},
		{FULL, UINT32_MAX, true, ""}, /* nobody's own */
		{LINK, 0, false, "it is a symbolic link; name the directory itself"},
	};
	const struct passwd *entry = getpwnam("nobody");
	if (geteuid() != 0 || entry == NULL)
		skip();
	uid_t nobody = entry->pw_uid;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		char base[] = "/tmp/fedns-test-XXXXXX", dir[64], at[64], inner[96];
		struct why why = {{0}};
		struct stat there;
		uid_t owner = CASES[i].owner == UINT32_MAX ? nobody : CASES[i].owner;
		assert_non_null(mkdtemp(base));
		(void)snprintf(dir, sizeof dir, "%s/state", base);
		(void)snprintf(at, sizeof at, "%s/%s", base, CASES[i].kind == LINK ? "real" : "state");
		(void)snprintf(inner, sizeof inner, "%s/inner", at);
		if (CASES[i].kind != MISSING) {
			assert_int_equal(mkdir(at, 0750), 0);
			assert_int_equal(chown(at, owner, 0), 0);
		}
		if (CASES[i].kind == FULL)
			assert_int_equal(mkdir(inner, 0700), 0);
		if (CASES[i].kind == LINK)
			assert_int_equal(symlink(at, dir), 0);
		enum err err = state_dir_make(dir, "nobody", &why);
		assert_int_equal(err, CASES[i].good ? ERR_OK : ERR_CONFLICT);
		assert_non_null(strstr(why.text, CASES[i].why));
		assert_int_equal(stat(at, &there), 0);
		assert_int_equal(there.st_uid, CASES[i].good ? nobody : owner);
		(void)rmdir(inner);
		(void)unlink(dir);
		(void)rmdir(at);
		assert_int_equal(rmdir(base), 0);
	}
}

static void an_unknown_user_leaves_no_directory_behind(void **state)
{
	(void)state;
	struct why why = {{0}};
	if (geteuid() != 0)
		skip();
	char base[] = "/tmp/fedns-test-XXXXXX", dir[64];
	assert_non_null(mkdtemp(base));
	(void)snprintf(dir, sizeof dir, "%s/state", base);
	assert_int_equal(state_dir_make(dir, "no-such-user-here", &why), ERR_MISSING);
	assert_int_equal(rmdir(base), 0);
}

static void says_why_there_can_be_no_directory(void **state)
{
	(void)state;
	struct why why = {{0}};
	assert_int_equal(state_dir_make("/nonexistent/a/b", NULL, &why), ERR_IO);
	assert_string_equal(why.text, "state_dir /nonexistent/a/b: No such file or directory");
	assert_int_equal(state_dir_make("/dev/null", NULL, &why), ERR_IO);
	assert_non_null(strstr(why.text, "/dev/null: Not a directory"));
}

static void refuses_a_user_that_is_not_there(void **state)
{
	(void)state;
	struct why why = {{0}};
	assert_int_equal(privileges_drop("no-such-user-here", &why), ERR_MISSING);
	assert_string_equal(why.text, "user \"no-such-user-here\": there is none of this name");
}

/* In a process of its own: there is no way back, which is the point. */
static void becomes_somebody_else_for_good(void **state)
{
	(void)state;
	const struct passwd *nobody = getpwnam("nobody");
	if (geteuid() != 0 || nobody == NULL)
		skip();
	uid_t uid = nobody->pw_uid;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct why why;
		bool good =
			privileges_drop("nobody", &why) == ERR_OK && geteuid() == uid && getuid() == uid;
		good = good && setresuid(0, 0, 0) != 0;
		good = good && privileges_drop("nobody", &why) == ERR_OK;     /* being it already is fine */
		good = good && privileges_drop("root", &why) == ERR_CONFLICT; /* but nothing more */
		_exit(good ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_the_directory_and_takes_one_that_is_there),
		cmocka_unit_test(gives_away_only_what_nobody_misses),
		cmocka_unit_test(an_unknown_user_leaves_no_directory_behind),
		cmocka_unit_test(says_why_there_can_be_no_directory),
		cmocka_unit_test(refuses_a_user_that_is_not_there),
		cmocka_unit_test(becomes_somebody_else_for_good),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
